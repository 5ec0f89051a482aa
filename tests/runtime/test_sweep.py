"""`sweep` as its user meets it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.collector.fake_wire import Clock
from tests.collector.fake_x import BEARER, FakeX
from tests.runtime.conftest import Command

FIRST, LATER = "2026-11-20T08:00:00Z", "2026-11-21T10:00:00Z"


@pytest.fixture
def fake(configured: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeX]:
    """X on loopback with two posts."""
    monkeypatch.setenv("KUNTAKAIKU_X_BEARER_TOKEN", BEARER)
    with FakeX(Clock(datetime(2026, 11, 20, 8, tzinfo=UTC))) as network:
        for _ in range(2):
            network.publish(1, hashtag="pieniohjelma")
        (configured / "sources.toml").write_text(
            f'[[source]]\nname = "x"\nnetwork = "x"\nenabled = true\nbase_url = "{network.url}"\n'
            "government_use_attested = true\ntimeout = 2\n"
            '[[source]]\nname = "blog"\nnetwork = "feed"\nenabled = true\nbase_url = "http://127.0.0.1:1/"\n'
        )
        yield network


def test_deleted_post_is_buried(kuntakaiku: Command, fake: FakeX) -> None:
    """A day later a sweep buries what is gone; a source that cannot be asked by ids is left out."""
    assert kuntakaiku("--now", FIRST, "collect", "--source", "x").exit == 0
    fake.hidden = {fake.posts[0]["id"]: "resource-not-found"}
    told = kuntakaiku("--now", LATER, "sweep", "--json")
    assert told.exit == 0
    (run,) = told.json["runs"]
    assert (run["source"], run["looked_at"], run["buried"], run["complete"]) == ("x", 2, 1, True)
    assert "x: empty, 0 looked up" in kuntakaiku("--now", LATER, "sweep", "--source", "x").out


@pytest.mark.everything
def test_trouble_and_misuse_have_their_codes(kuntakaiku: Command, fake: FakeX) -> None:
    """A network that does not answer is exit 1; an unknown source exit 2; having none to ask is no fault."""
    kuntakaiku("--now", FIRST, "collect", "--source", "x")
    fake.faults.extend(["503"] * 3)
    failed = kuntakaiku("--now", LATER, "sweep")
    assert (failed.exit, "out of order (503)" in failed.out) == (1, True)
    assert kuntakaiku("sweep", "--source", "none").exit == 2
    nothing = kuntakaiku("sweep", "--source", "blog")
    assert (nothing.exit, "can be asked by ids" in nothing.out) == (0, True)


def test_source_that_cannot_be_opened_is_told(
    kuntakaiku: Command, fake: FakeX, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source without a reader is told, and stops no other."""
    kuntakaiku("--now", FIRST, "collect", "--source", "x")
    monkeypatch.setattr("collector.sources.SOURCES", {"x": "collector.sources.x"})
    told = kuntakaiku("--now", LATER, "sweep", "--json")
    assert told.exit == 3
    assert [run["state"] for run in told.json["runs"]] == ["ok", "refused"]
    assert len(fake.posts) == 2


@pytest.mark.everything  # the wait is a real one
def test_every_post_ever_is_held_against_the_list_of_x(kuntakaiku: Command, fake: FakeX) -> None:
    """--all hands every post in as one job, waits for it at most half a minute, and buries what X lists as gone."""
    kuntakaiku("--now", FIRST, "collect", "--source", "x")
    fake.jobs.reasons = {fake.posts[0]["id"]: "deactivated"}
    fake.jobs.takes_looks = 0
    told = kuntakaiku("--now", "2027-06-01T08:00:00Z", "sweep", "--all", "--json")
    assert told.exit == 0
    (run,) = told.json["runs"]
    assert (run["looked_at"], run["buried"], run["reasons"], run["complete"]) == (2, 1, {"deactivated": 1}, True)
    assert "1 handed in, 0 buried" in kuntakaiku("--now", "2027-06-01T09:00:00Z", "sweep", "--all").out
