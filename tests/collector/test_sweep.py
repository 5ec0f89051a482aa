"""Edits and deletions are followed within a day, wherever the network can be asked by ids."""

from dataclasses import replace
from datetime import timedelta

import pytest

from collector.sources.x import XSource
from collector.sweep import JOB, Swept, standing
from corpus.changes import decide
from tests.collector.conftest import Bench
from tests.collector.fake_wire import RESET_AFTER, START
from tests.collector.fake_x import FakeX


@pytest.fixture
def fake(x_bench: Bench) -> FakeX:
    """X on loopback."""
    assert isinstance(x_bench.network, FakeX)
    return x_bench.network


def collected(bench: Bench, fake: FakeX, count: int) -> list[str]:
    """Publish and collect posts, and let more than a day pass."""
    ids = fake.publish(count)
    bench.collect()
    bench.clock.pass_by(hours=25)
    fake.asked.clear()
    return ids


def text_of(bench: Bench, native_id: str) -> str | None:
    """Return the text that the corpus has of a post."""
    found = bench.corpus.posts.by_native_id("x", native_id)
    assert found is not None
    return found.stored.post.text


def test_deletions_and_edits_are_followed(x_bench: Bench, fake: FakeX) -> None:
    """After a day a deleted post is a tombstone without text and payload, and an edited one has its new text."""
    same, deleted, edited = collected(x_bench, fake, 3)
    fake.hidden = {deleted: "resource-not-found"}
    fake.posts[2] |= {"text": "Korjattu #tulevaisuudenkunta"}
    found = x_bench.sweep()
    assert found == Swept(source="x", state="ok", looked_at=3, updated=1, buried=1)
    assert (text_of(x_bench, deleted), text_of(x_bench, edited)) == (None, "Korjattu #tulevaisuudenkunta")
    assert text_of(x_bench, same) is not None
    assert x_bench.corpus.posts.payload("x", deleted) is None
    assert x_bench.corpus.verify() == []
    (run,) = x_bench.corpus.ledger.runs(job=JOB, limit=5)
    assert (run.state, run.counts["buried"]) == ("done", 1)


def test_post_is_looked_up_once_a_day(x_bench: Bench, fake: FakeX) -> None:
    """What was seen within a day, or lies behind the network's window, costs no request."""
    collected(x_bench, fake, 2)
    assert x_bench.sweep().looked_at == 2
    asked = len(fake.asked)
    assert x_bench.sweep().state == "empty"
    x_bench.clock.pass_by(days=7)
    assert x_bench.sweep().state == "empty"
    assert len(fake.asked) == asked


def test_requests_are_bounded_and_the_rest_comes_later(
    x_bench: Bench, fake: FakeX, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sweep asks no more than it may, those unseen for longest first; nought switches it off."""
    monkeypatch.setattr(XSource, "most_at_once", 2)
    collected(x_bench, fake, 5)
    x_bench.settings = replace(x_bench.settings, sweep_requests=0)
    assert x_bench.sweep().looked_at == 0
    x_bench.settings = replace(x_bench.settings, sweep_requests=2)
    found = x_bench.sweep()
    assert (found.looked_at, found.left, found.complete) == (4, 1, False)
    found = x_bench.sweep()
    assert (found.looked_at, found.left, found.complete) == (1, 0, True)


@pytest.mark.parametrize("others", [0, 1], ids=["alone", "among others"])
def test_what_is_not_judged_is_asked_again_after_a_day(x_bench: Bench, fake: FakeX, others: int) -> None:
    """A post of which X says nothing clear stays as it is, and costs no request until a day later."""
    strange, *_ = collected(x_bench, fake, 1 + others)
    fake.hidden = {strange: "resource-unavailable"}
    assert x_bench.sweep() == Swept(source="x", state="ok", looked_at=1 + others, unjudged=1)
    assert text_of(x_bench, strange) is not None
    asked = len(fake.asked)
    x_bench.clock.pass_by(hours=23)
    assert x_bench.sweep().state == "empty"
    assert len(fake.asked) == asked
    fake.hidden = {strange: "resource-not-found"}
    x_bench.clock.pass_by(hours=2)
    assert x_bench.sweep().buried == 1


def test_what_is_never_judged_holds_up_no_other(x_bench: Bench, fake: FakeX, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many posts without judgement as a sweep may ask for do not keep a deletion behind them from being followed."""
    monkeypatch.setattr(XSource, "most_at_once", 2)
    ids = collected(x_bench, fake, 3)
    x_bench.settings = replace(x_bench.settings, sweep_requests=1)
    fake.hidden = dict.fromkeys(ids[:2], "resource-unavailable") | {ids[2]: "resource-not-found"}
    assert x_bench.sweep().unjudged == 2
    assert x_bench.sweep().buried == 1


def test_named_time_holds_for_a_source_that_was_never_collected(x_bench: Bench, fake: FakeX) -> None:
    """A limit that a sweep meets after an import, before any round, is kept by what comes next."""
    fake.publish(1)
    (page,) = x_bench.source().fetch(None, x_bench.patience())
    x_bench.corpus.posts.apply(decide(page.posts, {}, x_bench.clock()), source="archive", now=x_bench.clock())
    x_bench.clock.pass_by(hours=25)
    assert x_bench.sweep("429 reset").state == "rate_limited"
    assert "rests" in (x_bench.sweep().problem or "")
    assert x_bench.collect().state == "rate_limited"
    assert fake.too_early == []


def test_trouble_is_told_and_the_named_time_kept(x_bench: Bench, fake: FakeX) -> None:
    """A limit ends the sweep, holds for the source's next round and is kept by the next sweep."""
    collected(x_bench, fake, 1)
    found = x_bench.sweep("429 reset")
    assert (found.state, found.complete, standing([found])) == ("rate_limited", False, "failed")
    asked = len(fake.asked)
    assert "rests" in (x_bench.sweep().problem or "")
    assert x_bench.collect().resume_at == START + timedelta(hours=25) + RESET_AFTER
    assert len(fake.asked) == asked
    x_bench.clock.pass_by(minutes=15)
    assert x_bench.sweep().complete
    assert fake.too_early == []


def test_standing_of_several_sources() -> None:
    """Done where all are, partly where some are or something was looked at, else failed."""
    done = Swept(source="a", state="ok", looked_at=1)
    part, none = replace(done, left=1), replace(done, looked_at=0, problem="x")
    assert [standing(one) for one in ([], [done], [done, none], [part], [none])] == [
        "done",
        "done",
        "partly",
        "partly",
        "failed",
    ]
