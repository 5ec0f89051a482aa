"""`rehydrate` as its user meets it: ids out of one corpus, the same posts into another."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from collector.sources.x import XSource
from programme.errors import MisuseError
from runtime.jobs.rehydrate import read_ids
from tests.collector.fake_bluesky import HANDLE, PASSWORD, FakeBluesky
from tests.collector.fake_wire import Clock
from tests.collector.fake_x import BEARER, FakeX
from tests.runtime.conftest import Command

NOW = "2026-11-20T08:00:00Z"
LATER = "2026-11-22T08:00:00Z"
Fakes = tuple[FakeX, FakeBluesky]


@pytest.fixture
def fakes(configured: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fakes]:
    """X with five posts and Bluesky with three, on loopback."""
    monkeypatch.setenv("KUNTAKAIKU_X_BEARER_TOKEN", BEARER)
    monkeypatch.setenv("KUNTAKAIKU_TOKEN_SKY", PASSWORD)
    with ExitStack() as stack:
        clock = Clock(datetime(2026, 11, 20, 8, tzinfo=UTC))
        x, sky = stack.enter_context(FakeX(clock)), stack.enter_context(FakeBluesky(clock))
        for _ in range(5):
            x.publish(1, hashtag="pieniohjelma")
        for _ in range(3):
            sky.publish(1, hashtag="pieniohjelma")
        (configured / "sources.toml").write_text(
            f'[[source]]\nname = "x"\nnetwork = "x"\nenabled = true\nbase_url = "{x.url}"\n'
            "government_use_attested = true\ntimeout = 2\nmonthly_budget_usd = 5\n"
            f'[[source]]\nname = "sky"\nnetwork = "bluesky"\nenabled = true\nbase_url = "{sky.url}"\n'
            f'timeout = 2\noptions = {{ handle = "{HANDLE}" }}\n'
        )
        yield x, sky


def exported(kuntakaiku: Command, house: Path, *options: str) -> list[dict[str, Any]]:
    """Return the posts of a corpus without what tells when they came."""
    out = house / "all.jsonl"
    kuntakaiku("--now", NOW, *options, "export", "--format", "jsonl", "--out", str(out))
    posts = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    return [{name: value for name, value in post.items() if name != "collected_at"} for post in posts]


def ids_of(kuntakaiku: Command, house: Path) -> Path:
    """Collect and export the ids."""
    assert kuntakaiku("--now", NOW, "collect").exit == 0
    out = house / "ids.txt"
    kuntakaiku("--now", NOW, "export", "--format", "ids", "--out", str(out))
    return out


def test_ids_become_the_same_posts_again(kuntakaiku: Command, fakes: Fakes, house: Path) -> None:
    """Ids of two networks, read into an empty database, are the posts that they came from; the price is told first."""
    ids = ids_of(kuntakaiku, house)
    other = ("--database", str(house / "other.db"))
    told = kuntakaiku("--now", NOW, *other, "rehydrate", str(ids), "--yes", "--json")
    assert told.exit == 0
    assert (told.json["inserted"], told.json["gone"], told.json["unknown"], told.json["left"]) == (8, 0, 0, 0)
    assert told.json["estimate"]["x"]["usd"] == pytest.approx(0.075)
    assert "x: 5 posts, at most $0.08" in told.err
    assert {run["source"] for run in told.json["runs"]} == {"x", "sky"}
    assert exported(kuntakaiku, house, *other) == exported(kuntakaiku, house)
    asked = len(fakes[0].asked)
    again = kuntakaiku("--now", NOW, *other, "rehydrate", str(ids), "--json")
    assert (again.exit, again.json["skipped"], len(fakes[0].asked)) == (0, 8, asked)


def test_what_is_gone_and_what_is_not_told_are_counted(kuntakaiku: Command, fakes: Fakes, house: Path) -> None:
    """What a network says is gone is buried where it is known; of what it does not judge nothing is claimed."""
    ids = ids_of(kuntakaiku, house)
    x, sky = fakes
    gone, unclear = x.posts[0]["id"], x.posts[1]["id"]
    x.hidden = {gone: "resource-not-found", unclear: "resource-unavailable"}
    x.posts[2]["text"] = "Korjattu #pieniohjelma"
    lines = [*ids.read_text("utf-8").splitlines(), f"x:{10**17}"]
    ids.write_text("\n".join(lines), "utf-8")
    told = kuntakaiku("--now", LATER, "rehydrate", str(ids), "--yes", "--json")
    assert {name: told.json[name] for name in ("inserted", "updated", "skipped", "gone", "unknown")} == {
        "inserted": 0,
        "updated": 1,
        "skipped": 5,
        "gone": 2,
        "unknown": 1,
    }
    found = {post["native_id"]: post for post in exported(kuntakaiku, house)}
    assert (found[gone]["gone"], found[gone]["text"]) == ("deleted", None)
    assert found[unclear]["text"] is not None
    assert sky.posts


def test_nothing_is_paid_unasked(kuntakaiku: Command, fakes: Fakes, house: Path) -> None:
    """Without a terminal and without --yes the price is told and nothing is asked of any network."""
    ids = house / "ids.txt"
    ids.write_text("x:123\n", "utf-8")
    told = kuntakaiku("rehydrate", str(ids), "--json")
    assert (told.exit, told.json["runs"], told.json["estimate"]["x"]["posts"]) == (2, [], 1)
    assert told.json["error"]["remedy"] == "Add --yes to read them."
    assert "Add --yes" in kuntakaiku("rehydrate", str(ids)).err
    assert fakes[0].asked == []


def test_a_stopped_one_goes_on_with_the_rest(
    kuntakaiku: Command, fakes: Fakes, house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A limit of the network is exit 3 with what is left; the same command reads only that."""
    monkeypatch.setattr(XSource, "most_at_once", 2)
    x, _ = fakes
    ids = house / "ids.txt"
    ids.write_text("\n".join(f"x:{post['id']}" for post in x.posts), "utf-8")
    x.faults.extend(["ok", "429 reset"])
    told = kuntakaiku("--now", NOW, "rehydrate", str(ids), "--yes", "--json")
    assert (told.exit, told.json["inserted"], told.json["left"]) == (3, 2, 3)
    resting = kuntakaiku("--now", NOW, "rehydrate", str(ids), "--yes")
    assert (resting.exit, "rests" in resting.out) == (3, True)
    x.not_before = None
    told = kuntakaiku("--now", "2026-11-20T08:20:00Z", "rehydrate", str(ids), "--yes", "--json")
    assert (told.exit, told.json["inserted"], told.json["skipped"], told.json["left"]) == (0, 3, 2, 0)
    assert x.billed <= 5 * 15 * 2


@pytest.mark.usefixtures("fakes")
def test_ids_of_no_use_are_told(kuntakaiku: Command, house: Path) -> None:
    """A missing file and a line that names nothing are misuse; a network that nobody can be asked for is left."""
    assert kuntakaiku("rehydrate", str(house / "none.txt")).exit == 2
    (house / "bad.txt").write_bytes(b"\xff\xfe")
    assert kuntakaiku("rehydrate", str(house / "bad.txt")).exit == 2
    (house / "ids.txt").write_text("some words\n", "utf-8")
    assert "Line 1" in kuntakaiku("rehydrate", str(house / "ids.txt")).err
    (house / "ids.txt").write_text("lemmy:https://lemmy.example/post/1\n", "utf-8")
    told = kuntakaiku("rehydrate", str(house / "ids.txt"))
    assert (told.exit, "can be asked by ids" in told.out) == (1, True)


def test_lines_are_read_in_each_form() -> None:
    """With a colon, with a tab, alone where the form of the id tells the network, and by the option otherwise."""
    at = "at://did:plc:abc/app.bsky.feed.post/3k"
    lines = ["\ufeff# ids", "x:1", "x\t2", "3", at, f"bluesky\t{at}", ""]
    assert read_ids(lines, None) == {"x": ["1", "2", "3"], "bluesky": [at, at]}
    assert read_ids(["https://a.example/1"], "mastodon") == {"mastodon": ["https://a.example/1"]}
    with pytest.raises(MisuseError, match="Line 2"):
        read_ids(["1", "https://a.example/1"], None)
