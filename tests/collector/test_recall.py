"""What a network can still give of a gap, and what was done about it: by real rounds after the machine was off."""

from dataclasses import replace
from datetime import timedelta

import pytest

from collector.backfill import backfill_span
from collector.coverage import SourceCoverage, coverage_report
from collector.recall import RECALLS, Recall, Standing, recall_of, remedies
from collector.source import Archived
from collector.sources import SOURCES
from collector.sources.x import XSource
from tests.collector.conftest import Bench
from tests.collector.fake_feed import FakeFeed
from tests.collector.fake_wire import START
from tests.collector.fake_x import FakeX

HOUR = timedelta(hours=1)
OFF = Standing(is_enabled=True, state="ok", last_success_at=START - timedelta(days=3))


def covered(bench: Bench, days: int) -> SourceCoverage:
    """Return what the report says of the last days."""
    now = bench.clock()
    return coverage_report(bench.corpus, [bench.settings], now - timedelta(days=days), now, now).sources[0]


def left_alone(bench: Bench, days: int) -> None:
    """Let a source be collected for a day, then the machine be off for some, while a post is written every six hours.

    X knows what time it is: recent search shows the last seven days only.
    """
    bench.collect()
    for _ in range(days * 4):
        bench.clock.pass_by(hours=6)
        bench.network.publish(1)
    if isinstance(bench.network, FakeX):
        # The ids of the fake are two hours older than its posts.
        bench.network.window_start = bench.clock() - timedelta(days=7, hours=2)


def test_declared_reach_is_that_of_the_sources(bench: Bench) -> None:
    """What is said of a network agrees with how its source reads: the window, and whether it has an archive."""
    source, recall = bench.source(), recall_of(bench.settings.network)
    assert (recall.window, recall.usd_a_post is not None) == (source.reach, isinstance(source, Archived))
    assert RECALLS.keys() <= SOURCES.keys()


def test_three_days_off_are_refilled_by_the_next_round(bench: Bench) -> None:
    """Before the round the gap is refillable; after it the posts are there, and it is told when that was done."""
    left_alone(bench, 3)
    (gap,) = covered(bench, 2).gaps
    assert (gap.state, gap.remedy.is_refillable) == ("off", True)
    assert bench.collect().complete
    assert bench.stored() == bench.network.truth
    found = covered(bench, 2)
    assert (found.hours_missing, found.gaps) == (0, ())
    assert [(was.was, was.at) for was in found.refilled] == [("off", bench.clock())]


def test_nine_days_off_leave_two_days_to_the_archive(x_bench: Bench) -> None:
    """What X's recent search no longer shows stays listed, with the command that fills it and what that costs."""
    fake = x_bench.network
    assert isinstance(fake, FakeX)
    x_bench.collect()
    x_bench.clock.pass_by(hours=1)
    fake.publish(4)
    x_bench.collect()
    left_alone(x_bench, 9)
    before = covered(x_bench, 9)
    assert [(gap.remedy.way, gap.to_at - gap.from_at) for gap in before.gaps] == [
        ("backfill", timedelta(days=2)),
        ("next_round", timedelta(days=7)),
    ]
    assert before.gaps[1].remedy.until == x_bench.clock()
    x_bench.collect()
    (gap,) = covered(x_bench, 9).gaps
    assert (gap.remedy.way, gap.to_at - gap.from_at, gap.remedy.until) == ("backfill", timedelta(days=2), None)
    assert gap.command == "kuntakaiku backfill x --since 2026-11-20T09:00:00Z --until 2026-11-22T09:00:00Z"
    assert gap.usd == pytest.approx(gap.posts * 0.015)
    assert gap.posts > 0
    source = x_bench.source()
    assert isinstance(source, XSource)
    fake.window_start = None
    backfill_span(
        source,
        x_bench.corpus,
        gap.from_at,
        gap.to_at,
        clock=x_bench.clock,
        rest=x_bench.clock.rest,
        data_directory=x_bench.directory,
    )
    found = covered(x_bench, 9)
    assert (found.gaps, found.refilled[0].to_at - found.refilled[0].from_at) == ((), timedelta(days=9) - 2 * HOUR)
    assert x_bench.stored() == fake.truth


def test_feed_that_dropped_entries_has_lost_the_hours_before(feed_bench: Bench) -> None:
    """When the oldest entry of a feed is younger than all that was seen, what lay between is lost for good."""
    fake = feed_bench.network
    assert isinstance(fake, FakeFeed)
    fake.publish(1)
    feed_bench.collect()
    left_alone(feed_bench, 3)
    del fake.entries[4:]  # the document holds the last day
    feed_bench.collect()
    (gap,) = covered(feed_bench, 3).gaps
    assert (gap.remedy.way, gap.remedy.is_refillable) == ("lost", False)
    assert timedelta(days=2) < gap.to_at - gap.from_at < timedelta(days=2, hours=7)


def test_trouble_that_was_mended_is_told_as_refilled(bench: Bench) -> None:
    """Hours in which the network failed and that a later round reached keep what they were."""
    bench.collect()
    bench.clock.pass_by(hours=1)
    bench.collect("503", "503", "503")
    bench.clock.pass_by(hours=1)
    (gap,) = (gap for gap in covered(bench, 1).gaps if gap.state == "failed")
    assert gap.remedy.way == "mend"
    bench.collect()
    assert [was.was for was in covered(bench, 1).refilled] == ["failed"]


@pytest.mark.parametrize(
    ("standing", "way"),
    [
        pytest.param(replace(OFF, is_enabled=False), "switch_on", id="switched off"),
        pytest.param(replace(OFF, state="refused"), "mend", id="refused"),
        pytest.param(replace(OFF, state="rate_limited"), "next_round", id="rate limited"),
        pytest.param(replace(OFF, last_success_at=None), "next_round", id="never read"),
        pytest.param(replace(OFF, last_success_at=START), "lost", id="read since"),
    ],
)
def test_way_depends_on_how_the_source_stands(standing: Standing, way: str) -> None:
    """A person must act where a source is off or in trouble; what a later round did not get is gone."""
    (found,) = remedies(Recall(), standing, START - 5 * HOUR, START - 2 * HOUR, START)
    assert (found.way, found.until) == (way, None)
