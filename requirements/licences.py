"""Writes docs/licences.md: under which licence each locked package stands, as its own metadata says.

``python requirements/licences.py`` writes the page; ``--check`` says whether it is as it should be.
"""

import re
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

HOUSE = Path(__file__).parents[1]
PAGE = HOUSE / "docs" / "licences.md"
READ = {
    "appnope": "BSD-2-Clause",
    "colorama": "BSD-3-Clause",
    "httpx2-jsfetch": "BSD-3-Clause",
    "scipy": "BSD-3-Clause",
    "skops": "MIT",
}
"""Licences read by a person: of what is installed on other machines only, or whose metadata holds a text or no name."""
_ALLOWED = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python|MPL|Mozilla|Unlicense|HPND|CC0|Zlib|LGPL|Lesser|Artistic|Public Domain|CNRI|ZPL",
    re.IGNORECASE,
)
"""Families that go together with Apache-2.0 in a program that is installed beside them; copyleft of files is kept by
leaving the files as they are."""
_SPOKEN = re.compile(r"\s+(?:AND|OR|WITH)\s+|[()/,;]", re.IGNORECASE)
_SHORT = 80
_HEAD = """# Licences of what the program stands on

Kuntakaiku itself is licensed under [Apache-2.0](../LICENSE). This page is written by `make licences` from the locks and
the packages' own metadata; a test fails where a package is missing or its licence does not go together with ours.
Nothing of these packages is copied into this repository, but for htmx in [console/static](../console/static), with its
own notice (0BSD). `make sbom` writes a bill of materials (CycloneDX) with versions and hashes.

| package | licence | needed by |
|---|---|---|
"""


def names(lock: str) -> list[str]:
    """Return the packages of a lock file."""
    return re.findall(r"(?m)^([A-Za-z0-9._-]+?)(?:\[[^\]]*\])?==", (HOUSE / "requirements" / lock).read_text("utf-8"))


def licence_of(name: str) -> str | None:
    """Return the licence of a package by its metadata, else as a person read it; None where it is not here."""
    if name in READ:
        return READ[name]
    try:
        said = metadata(name)
    except PackageNotFoundError:
        return None
    for field in ("License-Expression", "License"):
        line = (said.get(field) or "").strip()
        if line and line != "UNKNOWN" and len(line) <= _SHORT and "\n" not in line:
            return line
    kinds = [one.rpartition(" :: ")[2] for one in said.get_all("Classifier", []) if one.startswith("License ::")]
    return ", ".join(kind for kind in kinds if kind != "OSI Approved") or None


def is_compatible(licence: str) -> bool:
    """Return whether every part of a licence, or one of its alternatives, goes together with Apache-2.0."""
    if " OR " in licence or "," in licence:
        return _ALLOWED.search(licence) is not None
    return all(_ALLOWED.search(part) for part in _SPOKEN.split(licence) if part.strip())


def rows() -> dict[str, tuple[str | None, str]]:
    """Return each package with its licence and who needs it."""
    base = set(names("base.lock"))
    return {
        name: (licence_of(name), "the program" if name in base else "extras, tests and checks")
        for name in sorted(base | set(names("dev.lock")))
    }


def main() -> int:
    """Write the page, or look at it; return 1 where something is wrong."""
    found = rows()
    missing = [name for name, (licence, _) in found.items() if licence is None]
    refused = [f"{name}: {licence}" for name, (licence, _) in found.items() if licence and not is_compatible(licence)]
    page = _HEAD + "".join(f"| {name} | {licence} | {by} |\n" for name, (licence, by) in found.items())
    stale = "--check" in sys.argv and PAGE.read_text("utf-8") != page
    for problem in (
        *(f"no licence known: {name}" for name in missing),
        *refused,
        *(["docs/licences.md is old"] * stale),
    ):
        print(problem)
    if not (missing or refused or "--check" in sys.argv):
        PAGE.write_text(page, "utf-8")
    return int(bool(missing or refused or stale))


if __name__ == "__main__":
    sys.exit(main())
