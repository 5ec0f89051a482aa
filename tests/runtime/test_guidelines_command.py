"""Guidelines as people meet them: printed, checked, and remembered by labels."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]
"""Runs a command and returns what it said: exit, out, err, json."""
GUIDELINE = """
[fi]
inclusion = ["Puistojen hoito."]
exclusion = ["Pysäkit."]
borderline = [{ text = "Bussi ajoi puistoon.", theme = "buses", why = "Ydin on bussi." }]
"""


@pytest.mark.everything
def test_guidelines_are_printed_in_each_language(kuntakaiku: Command) -> None:
    """The shipped pages come in three languages, with version and a word that the examples are invented."""
    for language, words in (("fi", "Esimerkit on keksitty"), ("sv", "påhittade"), ("en", "invented")):
        told = kuntakaiku("guidelines", "--language", language)
        assert told.exit == 0
        assert words in told.out
    one = kuntakaiku("guidelines", "--theme", "operating-models", "--json").json
    assert list(one["themes"]) == ["operating-models"]
    assert one["version"]
    assert kuntakaiku("guidelines", "--theme", "parks").exit == 2
    assert kuntakaiku("guidelines", "--language", "xx").exit == 2


def test_labels_remember_the_version(kuntakaiku: Command, configured: Path, archive: Path, house: Path) -> None:
    """A line of the queue carries the version in force, and the label that it becomes keeps it."""
    kuntakaiku("import", str(archive))
    assert kuntakaiku("guidelines").exit == 0
    assert kuntakaiku("queue", "--n", "1", "--json").json["posts"][0]["guideline"] is None
    (configured / "guidelines").mkdir()
    (configured / "guidelines" / "parks.toml").write_text(GUIDELINE, "utf-8")
    version = kuntakaiku("guidelines", "--json").json["version"]
    post = kuntakaiku("queue", "--n", "1", "--json").json["posts"][0]
    assert post["guideline"] == version
    (house / "labels.jsonl").write_text(json.dumps(post | {"theme": "parks", "by": "EK", "at": "2026-11-22T08:00:00Z"}))
    assert kuntakaiku("labels", "import", str(house / "labels.jsonl")).exit == 0
    kuntakaiku("labels", "export", str(house / "out.jsonl"))
    assert json.loads((house / "out.jsonl").read_text("utf-8"))["guideline"] == version


def test_check_names_missing_languages_and_faults(kuntakaiku: Command, configured: Path) -> None:
    """What is missing or not used is told and no fault; a file whose name is a slip of the pen is one, and exit 2."""
    (configured / "guidelines").mkdir()
    (configured / "guidelines" / "parks.toml").write_text(GUIDELINE, "utf-8")
    told = kuntakaiku("check", "--json")
    assert told.exit == 0
    assert told.json["missing_guidelines"] == {"parks": ["sv", "en"], "buses": ["fi", "sv", "en"]}
    assert "guidelines/parks.toml: lacks sv, en" in kuntakaiku("check").out
    (configured / "guidelines" / "trams.toml").write_text(GUIDELINE, "utf-8")
    unused = "guidelines/trams.toml: not used, the programme has no such theme"
    assert unused in kuntakaiku("check", "--json").json["warnings"]
    (configured / "guidelines" / "busses.toml").write_text(GUIDELINE, "utf-8")
    broken = kuntakaiku("check")
    assert broken.exit == 2
    assert "guidelines/busses.toml" in broken.out
    assert unused in broken.out
