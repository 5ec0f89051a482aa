// What three checkers find in mails for Outlook, Gmail and Apple Mail. Takes [{name, html}] and tells
// [{mail, finding, family, tool, said}], each once a mail; `family` is "any" where no program is blamed.
import { readFileSync } from "node:fs";
import { auditEmail } from "@emailens/engine";
import { doIUseEmail } from "@jsx-email/doiuse-email";
import { caniemail } from "caniemail";

const clients = ["outlook.*", "gmail.*", "apple-mail.*"];
const family = (client) => /^(outlook|gmail|apple-mail)/.exec(client)?.[1];
const named = (title) => title.replaceAll("`", "").replace(/ (property|keyword)$/, "").trim();

// A contrast or a size that is allowed allows no other one.
const exact = (rule, message) =>
  /contrast|small-text$/.test(rule) ? `${rule} ${/[\d.]+(:1|px)/.exec(message)?.[0]}` : rule;

function* byDoIUse(html) {
  const { errors = [], warnings = [], notes = [] } = doIUseEmail(html, { emailClients: clients });
  for (const said of [...errors, ...warnings, ...notes]) {
    const [, title, client] = /`([^`]*(?:`<[^`]*)?)`[^`]*`([a-z-]+\.[a-z-]+)`/.exec(said) ?? [null, said, "any"];
    yield { finding: named(title), family: family(client) ?? "any", tool: "doiuse-email", said };
  }
}

function* byCanIEmail(html) {
  const { issues } = caniemail({ clients, html });
  for (const found of Object.values(issues))
    for (const [client, features] of found)
      for (const { title, notes = [] } of features)
        yield { finding: named(title), family: family(client) ?? "any", tool: "caniemail", said: notes.join(" ") };
}

function* byEmailens(html) {
  const { compatibility, ...audits } = auditEmail(html, {});
  for (const { client, property, message } of compatibility.warnings)
    if (family(client)) yield { finding: named(property), family: family(client), tool: "emailens", said: message };
  for (const audit of Object.values(audits))
    for (const { rule, severity, message } of audit?.issues ?? [])
      yield { finding: exact(rule ?? severity, message), family: "any", tool: "emailens", said: message };
}

const findings = [];
for (const { name, html } of JSON.parse(readFileSync(0, "utf-8"))) {
  const seen = new Set();
  for (const each of [byDoIUse, byCanIEmail, byEmailens])
    for (const one of each(html)) {
      const key = `${one.finding} ${one.family}`;
      if (!seen.has(key)) findings.push({ mail: name, ...one });
      seen.add(key);
    }
}
process.stdout.write(JSON.stringify(findings));
