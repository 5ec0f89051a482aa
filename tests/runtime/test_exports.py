"""`exports` as its user meets it, and what a sweep says of them."""

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
        network.publish(1, hashtag="pieniohjelma")
        network.publish(1, hashtag="pieniohjelma")
        (configured / "sources.toml").write_text(
            f'[[source]]\nname = "x"\nnetwork = "x"\nenabled = true\nbase_url = "{network.url}"\n'
            "government_use_attested = true\ntimeout = 2\n"
        )
        yield network


def test_who_must_be_told_is_listed_until_they_are(kuntakaiku: Command, fake: FakeX, house: Path) -> None:
    """An export to a person is listed; a sweep that buries a post of it says so; once told, nothing is left to tell."""
    assert "Nothing was exported" in kuntakaiku("exports").out
    kuntakaiku("--now", FIRST, "collect")
    done = kuntakaiku(
        *("--now", FIRST, "export", "--format", "jsonl", "--out", str(house / "a.jsonl"), "--json"),
        *("--for", "Tutkija", "--plan", "kuntakieli", "--accept-terms"),
    )
    assert (done.json["export"], done.json["posts"], done.json["gone"]) == (1, 2, {})
    (listed,) = kuntakaiku("exports", "--json").json["exports"]
    assert (listed["person"], listed["posts"], listed["sha256"]) == ("Tutkija", 2, done.json["sha256"])
    assert "Tutkija" in kuntakaiku("exports").out
    assert "Nothing must be removed" in kuntakaiku("exports", "recall").out
    gone = fake.posts[0]["id"]
    fake.hidden = {gone: "resource-not-found"}
    swept = kuntakaiku("--now", LATER, "sweep")
    assert "export 1 (Tutkija, kuntakieli): 1 post to remove" in swept.out
    (recall,) = kuntakaiku("exports", "recall", "--json").json["recalls"]
    assert recall == {
        "export": 1,
        "person": "Tutkija",
        "plan": "kuntakieli",
        "posts": [{"network": "x", "native_id": gone, "why": "deleted"}],
    }
    checks = {check["name"]: check for check in kuntakaiku("doctor", "--json").json["checks"]}
    assert (checks["exports"]["ok"], "1 post to remove" in checks["exports"]["detail"]) == (False, True)
    assert f"x:{gone} deleted" in kuntakaiku("exports", "recall").out
    assert kuntakaiku("exports", "told", "2").exit == 2
    assert "1 posts of export 1" in kuntakaiku("exports", "told", "1").out
    assert kuntakaiku("exports", "recall", "--json").json == {"recalls": []}
    assert kuntakaiku("--now", LATER, "sweep", "--json").json["recalls"] == []
