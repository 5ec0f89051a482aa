"""Addresses from which mails came back."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from corpus.addresses import Returned
from corpus.issues import StoredIssue
from corpus.rendering import Rendering
from corpus.store import Corpus
from programme.types import Recipient

ANNA = "Anna@kunta.example"
WEEKS = ("2026-W45", "2026-W46", "2026-W47")
HOUR = timedelta(hours=1)


@pytest.fixture
def mailed(corpus: Corpus, now: datetime) -> Corpus:
    """A corpus with three issues that Anna's server took."""
    for week in WEEKS:
        corpus.issues.save_draft(
            StoredIssue(key=week, state="draft", numbers={}, drafted_at=now, corpus_fingerprint="f", model=None)
        )
        rendering = Rendering(issue=week, language="fi", role="reader", subject="s", text="t", html="h")
        corpus.issues.approve(
            week, [rendering], [Recipient(address=ANNA, language="fi", role="reader")], who="MK", now=now
        )
        corpus.issues.open_delivery(week, ANNA, message_id=f"<{week}@kunta.example>", now=now)
        corpus.issues.close_delivery(week, ANNA, state="sent", reason=None, now=now)
    return corpus


def returned(week: str, report: str = "", **changes: object) -> Returned:
    """Return Anna's mail of a week as it came back."""
    plain = Returned(
        report=report or f"r {week}", issue=week, recipient=ANNA, status="5.1.1", said="550 no such user", is_hard=True
    )
    return replace(plain, **changes)


def test_mail_is_known_by_its_message_id(mailed: Corpus) -> None:
    """A report on a mail that we did not send is nobody's."""
    assert mailed.addresses.issue_of("<2026-W46@kunta.example>") == ("2026-W46", ANNA)
    assert mailed.addresses.issue_of("<forged@kunta.example>") is None


def test_two_issues_that_come_back_suspend(mailed: Corpus, now: datetime) -> None:
    """The first is a warning, the second suspends, and each delivery says truly that it was refused."""
    addresses = mailed.addresses
    assert addresses.note(returned("2026-W45"), now=now) == "noted"
    assert addresses.suspended() == {}
    assert addresses.note(returned("2026-W46"), now=now + HOUR) == "suspended"
    assert addresses.suspended()["anna@kunta.example"].since_at == now + HOUR
    states = [mailed.issues.deliveries(week)[0].state for week in WEEKS]
    assert states == ["refused", "refused", "sent"]
    assert "550 no such user" in (mailed.issues.deliveries("2026-W45")[0].reason or "")


def test_one_issue_counts_once(mailed: Corpus, now: datetime) -> None:
    """The same report again, or a second report on the same issue, is no second issue."""
    assert mailed.addresses.note(returned("2026-W45"), now=now) == "noted"
    assert mailed.addresses.note(returned("2026-W45"), now=now) == "known"
    assert mailed.addresses.note(returned("2026-W45", "another report"), now=now) == "noted"
    assert mailed.addresses.returned(ANNA) == 1


def test_soft_reports_suspend_nobody(mailed: Corpus, now: datetime) -> None:
    """What may arrive another time is noted, and the delivery stays as it was."""
    for week in WEEKS:
        assert mailed.addresses.note(returned(week, is_hard=False, status="5.2.2"), now=now) == "noted"
    assert mailed.addresses.suspended() == {}
    assert {mailed.issues.deliveries(week)[0].state for week in WEEKS} == {"sent"}


def test_resumed_address_begins_anew(mailed: Corpus, now: datetime) -> None:
    """What came back before a person decided counts no more; resuming who is active does nothing."""
    for week in WEEKS[:2]:
        mailed.addresses.note(returned(week), now=now)
    assert mailed.addresses.resume("anna@KUNTA.example", who="MK", now=now + HOUR)
    assert not mailed.addresses.resume(ANNA, who="MK", now=now + HOUR)
    assert mailed.addresses.suspended() == {}
    assert mailed.addresses.note(returned("2026-W47"), now=now + 2 * HOUR) == "noted"
    assert mailed.addresses.returned(ANNA) == 1
