"""Mails that cannot be written: nothing is written to anybody, the draft says why, and people are told."""

from pathlib import Path
from typing import Any

import pytest

from tests.runtime.conftest import Command

LONG = f'gloss = {{ fi = "a", sv = "{"mycket långt " * 10_000}", en = "a" }}\ndescription'
"""A line under a theme's name that fits in no mail."""


def mails(house: Path) -> list[str]:
    """Return the subjects and recipients of the mails so far."""
    return sorted(path.read_text(errors="replace") for path in (house / "mail").glob("*.eml"))


@pytest.mark.everything
def test_failure_is_told_and_nothing_goes_out(
    kuntakaiku: Command, configured: Path, archive: Path, house: Path
) -> None:
    """The numbers are kept, `show` says why there is no mail, approving is refused; editors hear of it and its end."""
    programme = (configured / "programme.toml").read_text(encoding="utf-8")
    (configured / "programme.toml").write_text(programme.replace("description", LONG), encoding="utf-8")
    kuntakaiku("import", str(archive))
    drafted = kuntakaiku("digest", "draft", "--week", "2026-W47", "--json")
    assert drafted.exit == 0
    assert "bytes in sv even at its shortest" in drafted.json["problem"]
    assert "Shorten the names and glosses" in kuntakaiku("digest", "show", "--week", "2026-W47").out
    refused = kuntakaiku("digest", "approve", "--week", "2026-W47")
    assert (refused.exit, "Shorten" in refused.err) == (1, True)
    state: dict[str, Any] = kuntakaiku("digest", "show", "--week", "2026-W47", "--json").json
    assert (state["state"], state["deliveries"]) == ("draft", [])
    kuntakaiku("run", "--once")
    (told,) = mails(house)
    assert "editor@example.org" in told
    (configured / "programme.toml").write_text(programme, encoding="utf-8")
    assert kuntakaiku("digest", "draft", "--week", "2026-W47", "--json").json["problem"] is None
    kuntakaiku("run", "--once")
    assert len(mails(house)) == 2
    assert kuntakaiku("digest", "approve", "--week", "2026-W47").exit == 0
