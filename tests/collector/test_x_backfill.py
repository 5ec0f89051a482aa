"""Backfill of X: page by page from the archive, resumable, within the budget."""

from dataclasses import replace
from datetime import timedelta

import pytest

from collector.backfill import backfill_span
from collector.round import Round
from collector.sources.x import XSource, open_source
from collector.x_account import XAccount
from tests.collector.conftest import Bench
from tests.collector.fake_x import FakeX


@pytest.fixture
def fake(x_bench: Bench) -> FakeX:
    """The network behind ``x_bench``, with 25 posts, one an hour, older than recent search."""
    assert isinstance(x_bench.network, FakeX)
    now = x_bench.clock.now
    for hour in range(25):
        x_bench.clock.now = now - timedelta(days=60) + timedelta(hours=hour)
        x_bench.network.publish(1)
    x_bench.clock.now = now
    return x_bench.network


def source(bench: Bench) -> XSource:
    """Return the source with its account."""
    found = open_source(bench.settings, bench.programme, bench.secrets.get)
    found.keep_account(bench.corpus.facts)
    return found


def backfill(bench: Bench, *faults: str) -> Round:
    """Fill the 61st to the 58th day before."""
    bench.network.faults.extend(faults)
    end = bench.clock.now.replace(minute=0, second=0, microsecond=0) - timedelta(days=58)
    found = backfill_span(
        source(bench),
        bench.corpus,
        end - timedelta(days=3),
        end,
        clock=bench.clock,
        rest=bench.clock.rest,
        data_directory=bench.directory,
    )
    bench.network.faults.clear()
    bench.clock.pass_by(minutes=1)
    return found


def test_whole_span_is_stored_and_its_hours_covered(x_bench: Bench, fake: FakeX) -> None:
    """All of the span comes from the archive, 500 a page and one request a second; its hours are covered."""
    found = backfill(x_bench)
    assert (found.state, found.inserted, found.complete) == ("ok", 25, True)
    assert x_bench.stored() == fake.truth
    assert {(asked.path, asked.params["max_results"]) for asked in fake.asked} == {("/2/tweets/search/all", "500")}
    gaps = [later.at - asked.at for asked, later in zip(fake.asked, fake.asked[1:], strict=False)]
    assert gaps == [timedelta(seconds=1)] * 2
    start = x_bench.clock.now - timedelta(days=70)
    hours = x_bench.corpus.ledger.coverage(start, x_bench.clock.now)
    assert (len(hours), sum(hour.posts for hour in hours)) == (72, 25)
    assert {hour.state for hour in hours} == {"covered", "empty"}
    assert x_bench.corpus.ledger.watermark("x") is None


def test_stopped_backfill_goes_on_after_its_last_page(x_bench: Bench, fake: FakeX) -> None:
    """What a fault or a kill cut off comes with the same command, and nothing stored is read twice but one second."""
    found = backfill(x_bench, "ok", "503", "503", "503")
    assert (found.state, found.inserted, found.complete) == ("failing", 10, False)
    before = len(fake.asked)
    found = backfill(x_bench)
    assert (found.inserted, found.skipped, found.complete) == (15, 1, True)
    assert len(fake.asked) - before == 2
    again = backfill(x_bench)
    assert (again.state, again.complete, len(fake.asked) - before) == ("empty", True, 2)
    assert XAccount("x", None, x_bench.corpus.facts).spent(x_bench.clock()) == fake.billed


def test_several_queries_are_all_read(x_bench: Bench, fake: FakeX) -> None:
    """A stop between two queries leaves the second to be read."""
    hashtags = ("tulevaisuudenkunta", *(f"kuntatunniste{n:03}" for n in range(30)))
    x_bench.programme = replace(x_bench.programme, hashtags=hashtags)
    fake.posts[3]["entities"] = {"hashtags": [{"tag": "kuntatunniste029"}]}
    assert backfill(x_bench, "ok", "ok", "ok", "503", "503", "503").inserted == 24
    before = len(fake.asked)
    found = backfill(x_bench)
    assert (found.inserted, found.complete, len(fake.asked) - before) == (1, True, 1)


def test_budget_stops_a_backfill(x_bench: Bench, fake: FakeX) -> None:
    """A backfill pauses before the budget is exceeded, and the rounds of the source rest with it."""
    x_bench.settings = replace(x_bench.settings, monthly_budget_usd=0.2)
    found = backfill(x_bench)
    assert (found.state, found.complete, found.inserted) == ("paused", False, 10)
    assert fake.billed <= 200
    state = x_bench.corpus.ledger.source_state("x")
    assert state is not None
    assert (state.state, state.resume_at) == ("paused", found.resume_at)


def test_429_keeps_the_rounds_away_too(x_bench: Bench, fake: FakeX) -> None:
    """A time that X names to a backfill is kept by the source's rounds; where it names none they rest a minute."""
    assert fake.billed == 0
    found = backfill(x_bench, "429 reset")
    assert found.state == "rate_limited"
    assert "nothing was asked" in (x_bench.collect().problem or "")
    x_bench.clock.pass_by(minutes=15)
    began_at = x_bench.clock()
    assert backfill(x_bench, "429").resume_at == began_at + timedelta(minutes=1)
    assert fake.too_early == []


def test_refusal_names_no_time(x_bench: Bench, fake: FakeX) -> None:
    """Where a person must act nothing is paused."""
    assert fake.billed == 0
    assert (backfill(x_bench, "403").state, x_bench.corpus.ledger.source_state("x")) == ("refused", None)


def test_estimate_counts_posts_and_price(x_bench: Bench, fake: FakeX) -> None:
    """The archive's posts of the span are counted, at a post and a writer each, for half a cent."""
    x_bench.settings = replace(x_bench.settings, monthly_budget_usd=1)
    now = x_bench.clock()
    found = source(x_bench).estimate(now - timedelta(days=61), now - timedelta(days=58), x_bench.patience())
    assert (found.posts, found.usd, found.left_usd, fake.billed) == (25, 0.375, 0.995, 5)


def test_kill_between_pages_loses_and_doubles_nothing(x_bench: Bench, fake: FakeX) -> None:
    """A backfill that dies after a page goes on after it."""
    x_bench.network.faults.extend(["ok"])

    class Killed(BaseException):
        pass

    def die(_: float) -> None:
        raise Killed

    end = x_bench.clock.now.replace(minute=0) - timedelta(days=58)
    with pytest.raises(Killed):
        backfill_span(
            source(x_bench),
            x_bench.corpus,
            end - timedelta(days=3),
            end,
            clock=x_bench.clock,
            rest=die,
            data_directory=x_bench.directory,
        )
    assert len(x_bench.stored()) == 10
    assert backfill(x_bench).complete
    assert x_bench.stored() == fake.truth
