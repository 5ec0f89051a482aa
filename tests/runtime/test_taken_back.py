"""What was taken back between draft, approval and sending is not mailed."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from corpus.changes import Bury
from corpus.store import Corpus
from tests.collector.fake_wire import Clock
from tests.collector.fake_x import BEARER, FakeX
from tests.runtime.conftest import TEXTS, Command

WEEK = ("--week", "2026-W47")
LATER = "2026-11-23T08:00:00Z"
DEADLINE = "2026-11-23T12:00:00Z"


def shown(house: Path) -> list[tuple[str, str]]:
    """Return network and id of the posts that the issue shows."""
    with Corpus.open(f"sqlite:///{house / 'kuntakaiku.db'}") as corpus:
        issue = corpus.issues.get("2026-W47")
        assert issue is not None
        items = [item["post"] for section in issue.numbers["sections"] for item in section["items"]]
    keys = [tuple(key.split(":", 1)) for key in items]
    assert keys
    return keys  # type: ignore[return-value]  # pairs


def bury(house: Path, network: str, native_id: str, at: str) -> None:
    """Take a post back."""
    instant = datetime.fromisoformat(at)
    with Corpus.open(f"sqlite:///{house / 'kuntakaiku.db'}") as corpus:
        corpus.posts.apply([Bury(network, native_id, "deleted", instant)], source="masto", now=instant)


@pytest.mark.usefixtures("configured")
def test_approval_is_void_when_a_shown_post_is_taken_back(kuntakaiku: Command, archive: Path, house: Path) -> None:
    """An approved issue whose mails show a post that is gone is not sent; approved again it does without the post."""
    kuntakaiku("import", str(archive))
    kuntakaiku("digest", "draft", *WEEK)
    kuntakaiku("digest", "approve", *WEEK)
    network, native_id = shown(house)[0]
    bury(house, network, native_id, LATER)
    refused = kuntakaiku("digest", "send", *WEEK, now=LATER)
    assert (refused.exit, "approve the issue again" in refused.err) == (1, True)
    assert not list((house / "mail").glob("*.eml"))
    kuntakaiku("digest", "approve", *WEEK, now=LATER)
    assert kuntakaiku("digest", "send", *WEEK, now=LATER).exit == 0
    link = f"@kirjoittaja{native_id}/{native_id}"
    assert not any(link in path.read_text("utf-8") for path in (house / "mail").glob("*.eml"))


@pytest.mark.usefixtures("configured")
def test_post_that_no_mail_shows_voids_nothing(kuntakaiku: Command, archive: Path, house: Path) -> None:
    """A deletion elsewhere in the corpus leaves an approval alone, and so does one that was known when it was given."""
    kuntakaiku("import", str(archive))
    kuntakaiku("digest", "draft", *WEEK)
    network, native_id = shown(house)[0]
    bury(house, network, native_id, "2026-11-23T05:00:00Z")
    kuntakaiku("digest", "approve", *WEEK)
    bury(house, "mastodon", "1", LATER)  # of three weeks ago
    assert kuntakaiku("digest", "send", *WEEK, now=LATER).exit == 0


@pytest.fixture
def fake(configured: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeX]:
    """X on loopback with a week's posts, a source that reads it, and mails that leave by themselves."""
    monkeypatch.setenv("KUNTAKAIKU_X_BEARER_TOKEN", BEARER)
    (configured / "delivery.toml").write_text(
        'sender = "Kooste <kooste@example.org>"\ndraft = "mon 07:00"\nauto_send = "mon 12:00"\n'
    )
    with FakeX(Clock(datetime(2026, 11, 18, 8, tzinfo=UTC))) as network:
        for number, words in enumerate(TEXTS):
            text = f"{words} #pieniohjelma"
            network.publish(1, hashtag="pieniohjelma", text=text, author_id=str(100 + number))
            network.clock.pass_by(hours=1)
        (configured / "sources.toml").write_text(
            f'[[source]]\nname = "x"\nnetwork = "x"\nenabled = true\nbase_url = "{network.url}"\n'
            "government_use_attested = true\ntimeout = 2\n"
        )
        yield network


def test_schedule_looks_the_shown_posts_up_before_it_sends(kuntakaiku: Command, fake: FakeX, house: Path) -> None:
    """At the deadline the posts that the mails show are looked up, however lately they were seen; one is gone."""
    drafted = kuntakaiku("run", "--once", "--json")
    assert {job["job"]: job["state"] for job in drafted.json["jobs"]} == {"collect x": "done", "digest draft": "done"}
    network, native_id = shown(house)[0]
    assert network == "x"
    fake.hidden = {native_id: "resource-not-found"}
    sent = kuntakaiku("run", "--once", "--json", now=DEADLINE)
    assert "done" in {job["state"] for job in sent.json["jobs"] if "auto-send" in job["job"]}, json.dumps(sent.json)
    mails = [path.read_text("utf-8") for path in (house / "mail").glob("*.eml")]
    assert mails
    assert not any(f"/{native_id}" in mail for mail in mails)
