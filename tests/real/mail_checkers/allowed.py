"""The findings that may stay, and the page that tells of them: ``python -m tests.real.mail_checkers.allowed``."""

import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[2] / "docs" / "mail-programs.md"
FAMILIES = {"outlook": "Outlook", "gmail": "Gmail", "apple-mail": "Apple Mail", "any": "any"}
_HEAD = """# What mail programs leave out

Written from `tests/real/mail_checkers/allowed.toml` by `python -m tests.real.mail_checkers.allowed`.

`make test-all` gives the demonstration's digest in three languages and both lengths, a trend note and a correction, as
they arrive, to three checkers: [doiuse-email](https://www.npmjs.com/package/@jsx-email/doiuse-email),
[caniemail](https://www.npmjs.com/package/caniemail) (both by the tables of [Can I email](https://www.caniemail.com))
and [emailens](https://www.npmjs.com/package/@emailens/engine). They judge by names, not by what depends on them:
`display` is found though only `none` fails. Whatever they find in Outlook, Gmail or Apple Mail stands here, with why
it may stay and what its reader sees instead. A finding that is not here fails the test, and so does a line here that
nothing has any more.

"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """Findings that may stay for one reason."""

    findings: tuple[tuple[str, str], ...]
    """Name of each, and the family of programs in which it is found; ``any`` where no program is blamed."""
    why: str
    instead: str
    """What the reader sees."""


def allowed() -> list[Allowed]:
    """Return the list."""
    with (HERE / "allowed.toml").open("rb") as file:
        entries = tomllib.load(file)["allowed"]
    return [
        Allowed(
            findings=tuple((name, family) for name, families in one["findings"].items() for family in families),
            why=one["why"],
            instead=one["instead"],
        )
        for one in entries
    ]


def page() -> str:
    """Return the page."""
    return _HEAD + "| found | in | why it may stay | what the reader sees |\n|---|---|---|---|\n" + "".join(_rows())


def _rows() -> Iterator[str]:
    for one in allowed():
        by_name: dict[str, list[str]] = {}
        for name, family in one.findings:
            by_name.setdefault(name, []).append(FAMILIES[family])
        where: dict[str, list[str]] = {}
        for name, families in by_name.items():
            where.setdefault(", ".join(families), []).append(f"`{name}`")
        named = "; ".join(", ".join(names) for names in where.values())
        yield f"| {named} | {'; '.join(where)} | {one.why} | {one.instead} |\n"


if __name__ == "__main__":
    sys.stdout.write(f"{PAGE.write_text(page(), encoding='utf-8')} letters\n")
