"""The corpus' memory of its own work."""

import threading
from datetime import datetime, timedelta

import pytest

from corpus.ledger import Audit, HourCoverage, Ledger, SourceState
from corpus.store import Corpus

HOUR = timedelta(hours=1)


def test_slot_is_claimed_once(corpus: Corpus, now: datetime) -> None:
    """Of several that want a slot one gets it; other slots and jobs are free."""
    run = corpus.ledger.claim("collect", now, now=now, source="masto")
    assert run is not None
    assert (run.job, run.source, run.slot_at, run.state) == ("collect", "masto", now, "running")
    assert corpus.ledger.claim("collect", now, now=now + HOUR) is None
    assert corpus.ledger.claim("digest", now, now=now) is not None
    assert corpus.ledger.claim("collect", now + HOUR, now=now) is not None
    assert corpus.ledger.last_slot("collect") == now + HOUR
    assert corpus.ledger.last_slot("sweep") is None


@pytest.mark.fault("F12", how="four threads race for ten slots")
def test_racing_threads_claim_each_slot_once(corpus: Corpus, now: datetime) -> None:
    """Four racing schedulers fire each slot exactly once."""
    slots = [now + HOUR * number for number in range(10)]
    won: list[datetime] = []

    def race() -> None:
        won.extend(slot for slot in slots if corpus.ledger.claim("collect", slot, now=now))

    threads = [threading.Thread(target=race) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == slots


def test_runs_are_remembered(corpus: Corpus, now: datetime) -> None:
    """A run's end, counts and problem are kept; unscheduled runs are as many as are started."""
    first = corpus.ledger.start("import", now=now)
    second = corpus.ledger.start("import", now=now)
    ended = corpus.ledger.finish(first, state="partly", now=now + HOUR, counts={"rejected": 3}, problem="three refused")
    assert corpus.ledger.runs() == [second, ended]
    assert corpus.ledger.runs(job="import", limit=1) == [second]
    assert corpus.ledger.runs(job="collect") == []


def test_source_state_is_the_latest(corpus: Corpus, now: datetime) -> None:
    """A source's state is what was said last."""
    assert corpus.ledger.source_state("x") is None
    for state in (
        SourceState(source="x", state="ok", since_at=now, last_success_at=now),
        SourceState(source="x", state="rate_limited", since_at=now, resume_at=now + HOUR, problem="429"),
        SourceState(source="masto", state="empty", since_at=now),
    ):
        corpus.ledger.set_source_state(state)
    state = corpus.ledger.source_state("x")
    assert state is not None
    assert (state.state, state.resume_at, state.problem, state.last_success_at) == (
        "rate_limited",
        now + HOUR,
        "429",
        None,
    )
    assert [state.source for state in corpus.ledger.source_states()] == ["masto", "x"]


def test_covered_hour_is_never_called_missed(corpus: Corpus, now: datetime) -> None:
    """An hour once collected, or found empty, stays so; a missed one may be collected later."""
    said = (
        [("covered", 3), ("failed", 0)],
        [("empty", 0), ("failed", 0)],
        [("failed", 0), ("covered", 2)],
        [("covered", 3), ("empty", 0)],
        [("empty", 0), ("covered", 1)],
        [("failed", 0), ("rate_limited", 0)],
    )
    for index, states in enumerate(said):
        for state, posts in states:
            corpus.ledger.cover([HourCoverage(source="x", hour_at=now + HOUR * index, state=state, posts=posts)])  # type: ignore[arg-type] # literals
    found = corpus.ledger.coverage(now, now + 6 * HOUR)
    assert [(hour.state, hour.posts) for hour in found] == [
        ("covered", 3),
        ("empty", 0),
        ("covered", 2),
        ("covered", 3),
        ("covered", 1),
        ("rate_limited", 0),
    ]
    assert [hour.hour_at for hour in corpus.ledger.coverage(now + HOUR, now + 2 * HOUR)] == [now + HOUR]


def test_audit_is_newest_first(corpus: Corpus, now: datetime) -> None:
    """Who did what is kept, newest first."""
    corpus.ledger.audit(at=now, who="MK", what="approved", subject="2026-W47")
    corpus.ledger.audit(at=now + HOUR, who="MK", what="exported", subject="csv")
    assert corpus.ledger.audits(limit=1) == [Audit(at=now + HOUR, who="MK", what="exported", subject="csv")]
    assert len(corpus.ledger.audits()) == 2


def test_facts_are_remembered(corpus: Corpus, now: datetime) -> None:
    """A fact is any JSON; the last one put is the one got."""
    assert corpus.facts.get("budget") is None
    corpus.facts.put("budget", {"x": [1, 2.5, None, "ä"]}, now=now)
    assert corpus.facts.get("budget") == {"x": [1, 2.5, None, "ä"]}
    corpus.facts.put("budget", 0, now=now)
    assert corpus.facts.get("budget") == 0


def test_facts_change_by_what_they_are(corpus: Corpus, now: datetime) -> None:
    """A turn gets the fact, None at first, and leaves another; what it says is told; a failed one is undone."""
    assert corpus.facts.change("visits", lambda fact: ({"n": 1}, fact), now=now) is None
    assert corpus.facts.change("visits", lambda fact: ({"n": fact["n"] + 1}, fact["n"]), now=now) == 1
    with pytest.raises(KeyError):
        corpus.facts.change("visits", lambda fact: fact["none"], now=now)
    assert corpus.facts.get("visits") == {"n": 2}


@pytest.mark.control("F12")
def test_claim_that_asks_nobody_is_noticed(corpus: Corpus, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger that gives a slot to whoever comes fires it four times, and the same race shows it."""
    monkeypatch.setattr(Ledger, "claim", lambda self, job, _slot, *, now: self.start(job, now=now))
    with pytest.raises(AssertionError):
        test_racing_threads_claim_each_slot_once(corpus, now)
