/* Keys and focus. Every page works without this file. */
"use strict";

// "/" goes to the search, as the key beside its label says.
document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof Element && event.target.closest("input, textarea, select");
  const search = document.getElementById("q");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey && search) {
    event.preventDefault();
    search.focus();
    search.select();
  }
});

// In the review, a key presses the button that names it, unless somebody writes or has switched the keys off.
const answer = document.getElementById("answer");
let sent = false;
if (answer) {
  answer.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();  // the second of two quick presses would answer a post that nobody has seen
    sent = true;
  });
  addEventListener("pageshow", () => { sent = false; });
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element && event.target.closest("input, textarea, select");
    if (typing || event.repeat || event.ctrlKey || event.metaKey || event.altKey || !("keys" in answer.dataset)) return;
    const button = answer.querySelector(`[aria-keyshortcuts="${CSS.escape(event.key)}"]`);
    if (!button) return;
    event.preventDefault();
    if (event.key === "?") document.getElementById("h-keys").focus();
    else button.click();
  });
  // After an answer the next post is read from its heading, and what was saved is said once it can be heard.
  const said = document.getElementById("said");
  if (new URLSearchParams(location.search).has("done")) {
    const words = said.textContent;
    said.textContent = "";
    document.getElementById("h-post").focus({ preventScroll: true });
    setTimeout(() => { said.textContent = words; }, 150);
  }
}

// What a form did is said once the new page can be heard.
const told = document.getElementById("told");
if (told) setTimeout(() => { told.replaceChildren(told.textContent); }, 150);

// A discussion that was put beside the list is read from its heading, as after a whole new page.
document.addEventListener("htmx:afterSettle", () => {
  const heading = document.getElementById("h-thread");
  if (heading) {
    document.title = `${heading.textContent.trim()} – Kuntakaiku`;
    heading.focus({ preventScroll: true });
    heading.closest("section").scrollIntoView({ block: "start" });
  }
});

// Without an answer from the server, the link's own address is opened.
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => {
    const link = event.target.closest("a[href]");
    if (link) location.assign(link.href);
  });
}
