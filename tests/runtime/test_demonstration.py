"""The demonstration, from the archive to the export."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]
"""Runs a command and returns what it said: exit, out, err, json."""


@pytest.mark.everything
def test_demonstration_runs_twice_and_leaves_a_working_house(
    kuntakaiku: Command, house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second run replaces the first; what it leaves answers every other command."""
    place = house / "demo"
    first = kuntakaiku("demo", str(place), "--json")
    assert first.exit == 0
    assert {one["state"] for one in first.json["digest"]["deliveries"]} == {"sent"}
    again = kuntakaiku("demo", str(place))
    assert again.exit == 0
    assert "This is a demonstration" in again.out
    mails = list((place / "mail").glob("*.eml"))
    assert len(mails) == 2 * len(first.json["digest"]["deliveries"])
    assert {path.name for path in (place / "export").iterdir()} == {
        "corpus.csv",
        "corpus.jsonl",
        "corpus.xlsx",
        "research.csv",
    }
    at = ("--config", str(place / "config"), "--data", str(place))
    assert kuntakaiku(*at, "check").exit == 0
    assert kuntakaiku(*at, "stats", "--json").json["posts"] > 600
    trends = kuntakaiku(*at, "trends", "--week", "2026-W47")
    assert "1. “" in trends.out
    report = kuntakaiku(*at, "trends", "--week", "2026-W47", "--json").json
    keys = {"topic", "theme", "state", "posts", "writers", "baseline", "ratio", "ratio_low", "ratio_high"}
    assert all(keys | {"first_seen_at", "examples", "languages"} <= set(trend) for trend in report["trends"])
    assert all(set(post) == {"network", "native_id"} for trend in report["trends"] for post in trend["examples"])
    monkeypatch.setattr("runtime.jobs.train._POOL", 200)  # sentence vectors of them all take half a minute
    assert kuntakaiku(*at, "run", "--once").exit == 0


def test_demonstration_leaves_other_directories_alone(kuntakaiku: Command, house: Path) -> None:
    """A directory that holds something else is refused, and nothing in it is touched."""
    (house / "mine").mkdir()
    (house / "mine" / "letter.txt").write_text("dear")
    assert kuntakaiku("demo", str(house / "mine")).exit == 2
    assert [path.name for path in (house / "mine").iterdir()] == ["letter.txt"]
