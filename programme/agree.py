"""What the parts of a configuration must agree on: seen on the raw tables, so that one fault hides no other."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from ipaddress import ip_address
from pathlib import Path

from programme import values
from programme.faults import Fault, correction, dotted
from programme.networks import NETWORKS
from programme.toml_file import Document

Documents = Mapping[str, Document]
"""The files that could be read, by name."""
Table = Mapping[str, object]
_SECRET = re.compile(r"passw|secret|token|bearer|api_?key|access_?key|private_?key|credential|pseudonym", re.IGNORECASE)


def disagreements(documents: Documents, directory: Path) -> Iterator[Fault]:
    """Yield what is wrong between keys, tables and files that each look right alone."""
    programme = documents.get("programme.toml", {})
    yield from _programme(programme)
    yield from _sources(documents.get("sources.toml", {}))
    yield from _delivery(documents.get("delivery.toml", {}), directory)
    known = reading_languages(programme) if "programme.toml" in documents else ()
    yield from _recipients(documents.get("recipients.toml", {}), known)
    yield from _site(documents.get("site.toml", {}))


def secrets(documents: Documents) -> Iterator[tuple[Fault, tuple[str | int, ...]]]:
    """Yield a fault, and its place, for each key that holds what belongs into the environment; never its value."""
    for file, document in documents.items():
        for place in _secret_places(document):
            fault = Fault(
                file=file,
                key=dotted(place),
                problem="a secret stands in a file",
                remedy=f"remove it, change it where it came from, and set {_variable(file, document, place)}",
            )
            yield fault, place


def reading_languages(programme: Document) -> tuple[str, ...]:
    """Return the programme's languages; without a list, those of its names in order of appearance."""
    own = _table(programme, "programme")
    listed = own.get("languages")
    if isinstance(listed, list) and listed:
        return tuple(dict.fromkeys(code for code in listed if isinstance(code, str)))
    names = [_table(own, "name"), *(_table(theme, "name") for _, theme in _tables(programme, "theme"))]
    return tuple(dict.fromkeys(code for name in names for code in name)) or ("en",)


def slug_of(table: Table, fallback: str) -> str:
    """Return a table's slug, else one made of its first name, else the fallback."""
    given = table.get("slug")
    if isinstance(given, str):
        return given
    names = [name for name in _table(table, "name").values() if isinstance(name, str)]
    return next(filter(None, map(values.slugify, names)), fallback)


def _programme(programme: Document) -> Iterator[Fault]:
    file = "programme.toml"
    themes = _tables(programme, "theme")
    slugs = {slug_of(theme, f"theme-{number}") for number, theme in themes}
    for kind in ("theme", "project", "phenomenon"):
        tables = _tables(programme, kind)
        made = [(f"{kind}[{n}].slug", slug_of(table, f"{kind}-{n}")) for n, table in tables]
        yield from _twice(file, made, "the slug", "give each its own slug")
    for language in reading_languages(programme):
        names = [(f"theme[{n}].name.{language}", _table(theme, "name").get(language)) for n, theme in themes]
        folded = [(key, name.casefold().strip()) for key, name in names if isinstance(name, str)]
        yield from _twice(file, folded, "the name", "give each theme its own name")
    for number, theme in themes:
        yield from _theme(file, f"theme[{number}]", theme)
    for number, project in _tables(programme, "project"):
        named = project.get("themes")
        for at, slug in enumerate(named if isinstance(named, list) else [], 1):
            if isinstance(slug, str) and slug not in slugs:
                key = f"project[{number}].themes[{at}]"
                yield _fault(file, key, f"no theme has the slug {values.shown(slug)}", correction(slug, slugs or {"…"}))


def _theme(file: str, key: str, theme: Table) -> Iterator[Fault]:
    if not theme.get("description") and not any(_table(theme, "seed_words").values()):
        remedy = 'add description = { fi = "…" } or seed_words = { fi = ["…"] }'
        yield _fault(file, key, "it has neither a description nor seed words, so nothing could belong to it", remedy)
    start, end = theme.get("valid_from"), theme.get("valid_to")
    if isinstance(start, date) and isinstance(end, date) and type(start) is type(end) and start > end:
        yield _fault(file, f"{key}.valid_from", f"{start} is later than valid_to, {end}", "exchange or correct them")


def _sources(sources: Document) -> Iterator[Fault]:
    file, key = "sources.toml", "source[{}].{}".format
    tables = _tables(sources, "source")
    names = [(n, name) for n, table in tables if isinstance(name := table.get("name", table.get("network")), str)]
    folded = [(key(n, "name"), name.casefold()) for n, name in names]
    yield from _twice(file, folded, "the name", "give each source its own name")
    variables: dict[str, str] = {}
    for n, name in names:
        other = variables.setdefault(values.secret_name(name), name)
        if other.casefold() != name.casefold():
            problem = f"{values.shown(name)} and {values.shown(other)} would share one token in the environment"
            yield _fault(file, key(n, "name"), problem, "choose names that differ in letters or digits")
    for n, table in tables:
        network = table.get("network")
        example = NETWORKS.get(network, "") if isinstance(network, str) else ""
        if example and "base_url" not in table:
            yield _fault(file, key(n, "base_url"), "it is missing", f'add the address, like base_url = "{example}"')
        if "stream" in table and network != "bluesky":
            yield _fault(file, key(n, "stream"), "only Bluesky is read by a stream", "remove it")


def _delivery(delivery: Document, directory: Path) -> Iterator[Fault]:
    file = "delivery.toml"
    smtp, bounces = delivery.get("smtp"), delivery.get("bounces")
    if isinstance(smtp, dict):
        if "sender" not in delivery:
            problem = "a mail server is set, but nobody to send from"
            yield _fault(file, "sender", problem, 'add sender = "Name <address>"')
        yield from _server(smtp, "smtp", directory, logs_in=smtp.get("auth", "none") != "none")
    if isinstance(bounces, dict):
        yield from _server(bounces, "bounces", directory, logs_in=True)


def _server(table: Document, key: str, directory: Path, *, logs_in: bool) -> Iterator[Fault]:
    file = "delivery.toml"
    if table.get("security") == "none" and logs_in and not _is_loopback(table.get("host")):
        yield _fault(file, f"{key}.security", "the password would cross an open line", 'write "starttls" or "tls"')
    ca_file = table.get("ca_file")
    if isinstance(ca_file, str) and ca_file and not (directory / ca_file).is_file():
        remedy = "write its path, from this directory on or absolute"
        yield _fault(file, f"{key}.ca_file", "there is no such file", remedy)


def _recipients(recipients: Document, languages: tuple[str, ...]) -> Iterator[Fault]:
    file = "recipients.toml"
    tables = _tables(recipients, "recipient")
    texts = [(f"recipient[{n}].address", table.get("address")) for n, table in tables]
    seen: dict[str, str] = {}
    for key, text in texts:
        if isinstance(text, str) and seen.setdefault(text.strip().casefold(), key) != key:
            # The address itself is not quoted: faults end up in logs.
            first = seen[text.strip().casefold()]
            yield _fault(file, key, f"the same address stands in {first}", "remove one of the two")
    for n, table in tables:
        language = table.get("language")
        if languages and isinstance(language, str) and language not in languages:
            problem = f"the programme is not read in {values.shown(language)}"
            yield _fault(file, f"recipient[{n}].language", problem, correction(language, languages))


def _site(site: Document) -> Iterator[Fault]:
    oidc = _table(site, "oidc")
    if site.get("login") == "oidc":
        for key, example in (("issuer", "https://login.kunta.example"), ("client_id", "kuntakaiku")):
            if not oidc.get(key):
                yield _fault("site.toml", f"oidc.{key}", "the login needs it", f'add {key} = "{example}" under [oidc]')


def _twice(file: str, texts: list[tuple[str, str]], what: str, remedy: str) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for key, text in texts:
        if seen.setdefault(text, key) != key:
            yield _fault(file, key, f"{what} {values.shown(text)} stands already in {seen[text]}", remedy)


def _is_loopback(host: object) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(str(host).strip("[]")).is_loopback
    except ValueError:
        return False


def _secret_places(value: object, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            # A list of words under a language, or a table, is no secret; what lies within may be.
            if _SECRET.search(name) and isinstance(inner, str | int | float) and not isinstance(inner, bool):
                yield (*place, name)
            else:
                yield from _secret_places(inner, (*place, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _secret_places(inner, (*place, number))


def _variable(file: str, document: Document, place: tuple[str | int, ...]) -> str:
    name = str(place[-1]).casefold()
    if "pseudonym" in name:
        return "KUNTAKAIKU_PSEUDONYM_KEY in the environment"
    if file == "delivery.toml":
        inside = {"bounces": "IMAP_PASSWORD", "dkim": "DKIM_KEY"}
        return f"KUNTAKAIKU_{inside.get(str(place[0]), 'SMTP_PASSWORD')} in the environment"
    if file == "sources.toml":
        return f"{_source_variable(document, place)} in the environment"
    if "oidc" in place:
        return "KUNTAKAIKU_OIDC_CLIENT_SECRET in the environment"
    return "KUNTAKAIKU_SECRET_KEY in the environment" if file == "site.toml" else "it in the environment"


def _source_variable(document: Document, place: tuple[str | int, ...]) -> str:
    number = next((step for step in place if isinstance(step, int)), None)
    table = dict(_tables(document, "source")).get(number + 1, {}) if number is not None else {}
    if table.get("network") == "x":
        return "KUNTAKAIKU_X_BEARER_TOKEN"
    name = table.get("name", table.get("network"))
    return f"KUNTAKAIKU_TOKEN_{values.secret_name(name) if isinstance(name, str) else '<SOURCE NAME>'}"


def _tables(document: Table, name: str) -> list[tuple[int, Table]]:
    """Return the tables of a list with their numbers from one."""
    listed = document.get(name)
    return [(n, item) for n, item in enumerate(listed, 1) if isinstance(item, dict)] if isinstance(listed, list) else []


def _table(table: Table, name: str) -> Table:
    found = table.get(name)
    return found if isinstance(found, dict) else {}


def _fault(file: str, key: str, problem: str, remedy: str) -> Fault:
    return Fault(file=file, key=key, problem=problem, remedy=remedy)
