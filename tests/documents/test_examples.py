"""What the documents tell people to type is what the command line takes, and their pictures are small."""

import re
import shlex
from pathlib import Path

import pytest

from runtime.cli import VERBS, run

HOUSE = Path(__file__).resolve().parents[2]
PAGES = [HOUSE / "README.md", *sorted((HOUSE / "docs").rglob("*.md"))]
_OF_ALL = {"--config", "--database", "--data", "--now"}
_CALL = re.compile(r"^ {4,}(?:sudo .*|\S*/)?kuntakaiku (\S.*)$|`(?:\S*/)?kuntakaiku ([a-z].*?)`", re.MULTILINE)


def _examples() -> list[tuple[str, str]]:
    found = {
        " ".join((block or inline).split()): page.name
        for page in PAGES
        for block, inline in _CALL.findall(page.read_text(encoding="utf-8"))
    }
    return sorted((said, page) for said, page in found.items() if VERBS.keys() & set(said.split()))


@pytest.mark.parametrize(("said", "page"), _examples(), ids=lambda part: part.replace(" ", "_"))
def test_every_example_is_taken_by_the_command_line(said: str, page: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A verb, subverb or option that a document shows exists."""
    words = shlex.split(re.sub(r"[>|].*", "", said))
    asked = [word for at, word in enumerate(words) if not ({word, *words[max(at - 1, 0) : at]} & _OF_ALL)]
    code = run([*asked, "--help"])
    assert (code, page) == (0, page), capsys.readouterr().err


def test_there_are_examples() -> None:
    """The documents show every verb, so that the test above means something."""
    shown = {word for said, _ in _examples() for word in said.split()}
    assert shown >= VERBS.keys()


@pytest.mark.parametrize("picture", sorted((HOUSE / "docs" / "pictures").glob("*.png")), ids=lambda path: path.name)
def test_pictures_are_small_and_shown(picture: Path) -> None:
    """A picture is under 250 kB, and some page shows it."""
    assert picture.stat().st_size < 250_000
    assert any(f"{picture.name})" in page.read_text(encoding="utf-8") for page in PAGES)
