"""An issue from draft to delivery, by the command line."""

import email
import email.policy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]
"""Runs a command and returns what it said: exit, out, err, json."""

WEEK = ("--week", "2026-W47")


@pytest.mark.usefixtures("configured")
def test_draft_approve_send_delivers_each_language_once(kuntakaiku: Command, archive: Path, house: Path) -> None:
    """Each recipient gets the issue in the own language, as files where no server is configured, and only once."""
    kuntakaiku("import", str(archive))
    drafted = kuntakaiku("digest", "draft", *WEEK, "--json").json
    assert set(drafted["subjects"]) == {"fi", "sv", "en"}
    assert kuntakaiku("digest", "send", *WEEK).exit == 1
    approved = kuntakaiku("digest", "approve", *WEEK, "--json").json
    assert [one["state"] for one in approved["deliveries"]] == ["pending", "pending"]
    sent = kuntakaiku("digest", "send", *WEEK, "--json")
    assert sent.exit == 0
    assert {one["recipient"]: one["state"] for one in sent.json["deliveries"]} == {
        "editor@example.org": "sent",
        "reader@example.org": "sent",
    }
    mails = [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for path in (house / "mail").glob("*.eml")
    ]
    assert sorted(str(mail["Subject"]) for mail in mails) == sorted(drafted["subjects"][code] for code in ("fi", "sv"))
    assert kuntakaiku("digest", "send", *WEEK).exit == 0
    assert len(list((house / "mail").glob("*.eml"))) == 2


@pytest.mark.usefixtures("configured")
def test_preview_writes_every_language_and_length(kuntakaiku: Command, archive: Path, house: Path) -> None:
    """Six pages with their plain-text twins, and no slot left open in them."""
    kuntakaiku("import", str(archive))
    kuntakaiku("digest", "draft", *WEEK)
    pages = kuntakaiku("digest", "preview", *WEEK, "--out", str(house / "look"), "--json").json["pages"]
    assert len(pages) == 6
    assert all("%%" not in Path(page).read_text("utf-8") for page in pages)
    assert len(list((house / "look").glob("*.txt"))) == 6


@pytest.mark.usefixtures("configured")
def test_issue_that_nobody_drafted_is_told(kuntakaiku: Command) -> None:
    """Showing or approving nothing says what to do."""
    told = kuntakaiku("digest", "approve", *WEEK)
    assert told.exit == 2
    assert "digest draft" in told.err


def test_refused_connection_defers_everybody(kuntakaiku: Command, configured: Path, archive: Path) -> None:
    """Without a mail server that answers, each delivery is deferred with the reason, and the exit is 3."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    smtp = f'smtp = {{ host = "127.0.0.1", port = {port}, security = "none", auth = "none" }}'
    (configured / "delivery.toml").write_text(f'sender = "Kooste <kooste@example.org>"\n{smtp}\n')
    kuntakaiku("import", str(archive))
    kuntakaiku("digest", "draft", *WEEK)
    kuntakaiku("digest", "approve", *WEEK)
    sent = kuntakaiku("digest", "send", *WEEK, "--json")
    assert sent.exit == 3
    assert [one["state"] for one in sent.json["deliveries"]] == ["deferred", "deferred"]
    assert all(one["reason"] for one in sent.json["deliveries"])


@pytest.mark.usefixtures("configured")
def test_quiet_week_and_failed_collection_speak_differently(kuntakaiku: Command, house: Path, archive: Path) -> None:
    """No posts while the collection worked is not the same news as no posts since it failed."""
    from datetime import timedelta

    from corpus.ledger import HourCoverage
    from corpus.store import Corpus
    from programme.week import Week, zone_named

    sources = '[[source]]\nname = "masto"\nnetwork = "mastodon"\nenabled = true\nbase_url = "http://127.0.0.1:9"\n'
    (house / "config" / "sources.toml").write_text(sources)
    subjects = {}
    for state in ("empty", "failed"):
        data = house / state
        data.mkdir()
        (data / "lemmas").symlink_to(house / "lemmas")
        kuntakaiku("import", str(archive), "--data", str(data))
        week = Week.named("2026-W48")
        start_at = week.start_at(zone_named("Europe/Helsinki"))
        hours = [
            HourCoverage(source="masto", hour_at=start_at + timedelta(hours=n), state=state, posts=0)  # type: ignore[arg-type]
            for n in range(168)
        ]
        with Corpus.open(f"sqlite:///{data / 'kuntakaiku.db'}") as corpus:
            corpus.ledger.cover(hours)
        told = kuntakaiku(
            "digest", "draft", "--week", "2026-W48", "--json", "--data", str(data), now="2026-11-30T06:00:00Z"
        )
        subjects[state] = told.json["subjects"]
    assert all(subjects["empty"][code] != subjects["failed"][code] for code in ("fi", "sv", "en"))
    assert "hiljainen" in subjects["empty"]["fi"]
    assert "katko" in subjects["failed"]["fi"]
