"""What coordinators decided on topics, in both databases."""

from dataclasses import replace
from datetime import datetime

from corpus.decisions import Decision
from corpus.store import Corpus


def test_log_keeps_what_was_decided_in_order(corpus: Corpus, now: datetime) -> None:
    """Every decision comes back as it was taken, after those before it."""
    renamed = Decision(
        kind="rename", topic="a1", terms={"a1": ("sote", "sote uudistus")}, label={"fi": "Sote"}, who="MK", at=now
    )
    merged = Decision(kind="merge", topic="a1", other="b2", terms={"b2": ("vård",)}, who="AL", at=now)
    followed = Decision(kind="follow", topic="c3", label={"unsure": "tuulivoima, vindkraft"}, who="AL", at=now)
    for decision in (renamed, merged, followed):
        corpus.decisions.add(decision)
    stored = corpus.decisions.all()
    assert [replace(one, number=0) for one in stored] == [renamed, merged, followed]
    assert stored[0].number < stored[1].number


def test_log_can_be_read_as_it_stood(corpus: Corpus, now: datetime) -> None:
    """Up to a number, later decisions are not there; 0 is before the first."""
    for kind in ("dismiss", "restore"):
        corpus.decisions.add(Decision(kind=kind, topic="a1", terms={"a1": ("sote",)}, who="MK", at=now))
    first, _ = corpus.decisions.all()
    assert corpus.decisions.all(up_to=first.number) == (first,)
    assert corpus.decisions.all(up_to=0) == ()


def test_each_decision_is_audited(corpus: Corpus, now: datetime) -> None:
    """Who decided what on which topic, and when, stands in the audit log."""
    corpus.decisions.add(Decision(kind="merge", topic="a1", other="b2", who="MK", at=now))
    rows = corpus.database.query("SELECT who, what, subject FROM audits")
    assert [tuple(row) for row in rows] == [("MK", "topics merge", "a1 b2")]
