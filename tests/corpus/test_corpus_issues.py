"""The issues of the digest as stored, and the outbox."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from corpus.issues import Delivery, IssueStateError, StoredIssue
from corpus.rendering import Rendering
from corpus.store import Corpus
from programme.errors import KuntakaikuError
from programme.types import Recipient
from programme.week import Week

WEEK = "2026-W47"
HOUR = timedelta(hours=1)
READERS = (
    Recipient(address="aino@kunta.example", language="fi", role="reader"),
    Recipient(address="sven@kommun.example", language="sv", role="editor"),
)
RENDERINGS = (
    Rendering(
        issue=WEEK,
        language="fi",
        role="reader",
        subject="Viikko 47",
        text="t",
        html="<p>ä</p>",
        charts={"c": b"\x89PNG"},
    ),
    Rendering(issue=WEEK, language="sv", role="editor", subject="Vecka 47", text="t", html="<p>å</p>"),
)


@pytest.fixture
def approved(corpus: Corpus, now: datetime) -> Corpus:
    """A corpus with one approved issue."""
    corpus.issues.save_draft(draft(now))
    corpus.issues.approve(WEEK, RENDERINGS, READERS, who="MK", now=now)
    return corpus


def draft(now: datetime, **numbers: int) -> StoredIssue:
    """Return a draft."""
    return StoredIssue(key=WEEK, state="draft", numbers=numbers, drafted_at=now, corpus_fingerprint="f", model="m1")


def states(corpus: Corpus) -> list[str]:
    """Return the states of the deliveries, by recipient."""
    return [delivery.state for delivery in corpus.issues.deliveries(WEEK)]


def test_draft_is_replaced_until_approved(corpus: Corpus, now: datetime) -> None:
    """A new draft replaces the old one; an approved issue is not drafted again."""
    assert corpus.issues.get(WEEK) is None
    corpus.issues.save_draft(draft(now, posts=1))
    corpus.issues.save_draft(draft(now + HOUR, posts=2))
    assert corpus.issues.all() == [draft(now + HOUR, posts=2)]
    corpus.issues.approve(WEEK, RENDERINGS, READERS, who="MK", now=now)
    with pytest.raises(IssueStateError, match="approved already"):
        corpus.issues.save_draft(draft(now, posts=3))
    issue = corpus.issues.get(WEEK)
    assert issue is not None
    assert (issue.state, issue.numbers, issue.approved_by, issue.approved_at) == ("approved", {"posts": 2}, "MK", now)


def test_approval_freezes_bytes_and_opens_one_delivery_each(approved: Corpus) -> None:
    """Approval keeps each rendering with its hash, and one pending delivery for each recipient."""
    assert approved.issues.renderings(WEEK) == [replace(r, sha256=r.digest()) for r in RENDERINGS]
    assert approved.issues.deliveries(WEEK) == [
        Delivery(issue=WEEK, recipient=r.address, language=r.language, role=r.role, state="pending") for r in READERS
    ]
    assert [audit.what for audit in approved.ledger.audits()] == ["approved"]


def test_trend_note_lives_beside_digests_and_is_none(approved: Corpus, now: datetime) -> None:
    """It is approved and delivered like an issue; whoever asks for digests, or for the archive, does not meet it."""
    key = "trend-note-2026-W44--2026-W47"
    note = replace(draft(now), key=key)
    approved.issues.save_draft(note)
    assert approved.issues.all(notes=True) == [note]
    assert [issue.key for issue in approved.issues.all()] == [WEEK]
    frozen = [replace(one, issue=key, role="editor") for one in RENDERINGS]
    approved.issues.approve(key, frozen, READERS[1:], who="MK", now=now)
    assert approved.issues.open_delivery(key, "sven@kommun.example", message_id="<1@k.example>", now=now)
    assert approved.addresses.issue_of("<1@k.example>") == (key, "sven@kommun.example")
    assert approved.archive.listed("fi") == []
    assert states(approved) == ["pending", "pending"]
    found = approved.issues.newest(Week(year=2026, number=47))
    assert found
    assert found.key == WEEK


def test_unknown_or_approved_issue_is_not_approved(approved: Corpus, now: datetime) -> None:
    """Only a draft can be approved."""
    for key, word in ((WEEK, "is approved"), ("2026-W01", "does not exist")):
        with pytest.raises(IssueStateError, match=word):
            approved.issues.approve(key, RENDERINGS, READERS, who="MK", now=now)
    assert len(approved.issues.renderings(WEEK)) == 2


def test_changed_bytes_are_noticed(approved: Corpus) -> None:
    """Bytes that are not those approved are not handed out."""
    with approved.database.writing() as connection:
        approved.database.run(connection, "UPDATE renderings SET subject = 'x' WHERE language = 'sv'")
    with pytest.raises(KuntakaikuError, match="not what was approved"):
        approved.issues.renderings(WEEK)


def test_delivery_is_opened_once(approved: Corpus, now: datetime) -> None:
    """A delivery is claimed before sending, by one sender only, and closed after."""
    address = READERS[0].address
    assert approved.issues.open_delivery(WEEK, address, message_id="<1>", now=now)
    assert not approved.issues.open_delivery(WEEK, address, message_id="<2>", now=now)
    assert [delivery.recipient for delivery in approved.issues.due(WEEK, now)] == [READERS[1].address]
    approved.issues.close_delivery(WEEK, address, state="sent", reason=None, now=now)
    assert not approved.issues.open_delivery(WEEK, address, message_id="<3>", now=now)
    sent = approved.issues.deliveries(WEEK)[0]
    assert (sent.state, sent.message_id, sent.attempts, sent.opened_at, sent.closed_at) == ("sent", "<1>", 1, now, now)
    assert not approved.issues.open_delivery(WEEK, "nobody@x.example", message_id="<4>", now=now)
    approved.issues.mark_sent(WEEK, now)
    issue = approved.issues.get(WEEK)
    assert issue is not None
    assert (issue.state, issue.sent_at) == ("sent", now)


def test_deferred_delivery_waits(approved: Corpus, now: datetime) -> None:
    """A deferred delivery is due again when its time has come."""
    address = READERS[0].address
    approved.issues.open_delivery(WEEK, address, message_id="<1>", now=now)
    approved.issues.close_delivery(WEEK, address, state="deferred", reason="451", now=now, next_try_at=now + HOUR)
    assert len(approved.issues.due(WEEK, now)) == 1
    assert len(approved.issues.due(WEEK, now + HOUR)) == 2
    assert approved.issues.open_delivery(WEEK, address, message_id="<1>", now=now + HOUR)
    assert approved.issues.deliveries(WEEK)[0].attempts == 2


def test_delivery_of_a_dead_sender_is_in_doubt(approved: Corpus, now: datetime) -> None:
    """What was opened and never closed is parked for a person, who settles it."""
    address = READERS[0].address
    approved.issues.open_delivery(WEEK, address, message_id="<1>", now=now)
    assert approved.issues.recover(WEEK, now + HOUR) == 1
    assert states(approved) == ["in_doubt", "pending"]
    assert not approved.issues.open_delivery(WEEK, address, message_id="<2>", now=now)
    assert approved.issues.recover(WEEK, now + HOUR) == 0
    assert approved.issues.settle_delivery(WEEK, address, state="sent", who="MK", now=now)
    assert not approved.issues.settle_delivery(WEEK, address, state="sent", who="MK", now=now)
    assert states(approved) == ["sent", "pending"]


def test_approval_is_withdrawn_only_before_sending(approved: Corpus, now: datetime) -> None:
    """An approved issue becomes a draft again, as long as nobody was sent it."""
    approved.issues.void_approval(WEEK, who="MK", now=now)
    issue = approved.issues.get(WEEK)
    assert issue is not None
    assert (issue.state, issue.approved_by) == ("draft", None)
    assert approved.issues.deliveries(WEEK) == approved.issues.renderings(WEEK) == []
    approved.issues.approve(WEEK, RENDERINGS, READERS, who="MK", now=now)
    approved.issues.open_delivery(WEEK, READERS[0].address, message_id="<1>", now=now)
    with pytest.raises(IssueStateError, match="is sending"):
        approved.issues.void_approval(WEEK, who="MK", now=now)


def test_one_sender_at_a_time(corpus: Corpus, database_url: str) -> None:
    """Only one process holds the lock of an issue; another issue's is free, and it is free again after."""
    with Corpus.open(database_url) as other:
        with (
            corpus.issues.lock_sending(WEEK) as held,
            other.issues.lock_sending(WEEK) as second,
            other.issues.lock_sending("2026-W48") as third,
        ):
            assert (held, second, third) == (True, False, True)
        with other.issues.lock_sending(WEEK) as later:
            assert later


def test_lock_dies_with_its_process(corpus: Corpus, database_url: str) -> None:
    """A sender that is killed leaves no lock behind."""
    code = """
import os, sys
from corpus.store import Corpus
lock = Corpus.open(sys.argv[1]).issues.lock_sending("2026-W47")
print(lock.__enter__(), flush=True)
os.kill(os.getpid(), 9)
"""
    root = str(Path(__file__).parents[2])
    killed = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code, database_url],
        env=os.environ | {"PYTHONPATH": root},
        capture_output=True,
        check=False,
    )
    assert (killed.stdout.strip(), killed.returncode) == (b"True", -9)
    with corpus.issues.lock_sending(WEEK) as held:
        assert held


def test_corpus_in_memory_has_one_sender() -> None:
    """Nobody else can see a corpus in memory, so its lock is always free."""
    with Corpus.open("sqlite://") as corpus, corpus.issues.lock_sending(WEEK) as held:
        assert held
