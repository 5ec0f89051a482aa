"""What the network counts and we lack: asked once a day, told by the coverage report."""

from datetime import timedelta

import pytest

from collector.collect import collect_sources
from collector.coverage import coverage_report
from collector.misses import count_network
from collector.sources.x import XSource
from tests.collector.conftest import Bench
from tests.collector.fake_wire import RESET_AFTER, START
from tests.collector.fake_x import FakeX


@pytest.fixture
def fake(x_bench: Bench) -> FakeX:
    """X on loopback."""
    assert isinstance(x_bench.network, FakeX)
    return x_bench.network


def count(bench: Bench, *faults: str) -> bool:
    """Ask for counts; the first answers go wrong."""
    bench.network.faults.extend(faults)
    source = bench.source()
    assert isinstance(source, XSource)
    told = count_network(source, bench.corpus, clock=bench.clock, rest=bench.clock.rest)
    bench.network.faults.clear()
    return told


def missed(bench: Bench) -> int | None:
    """Return what the report of the last two days says."""
    now = bench.clock()
    report = coverage_report(bench.corpus, [bench.settings], now - timedelta(days=2), now, now)
    told = report.sources[0].missed
    return told.posts if told and told.by != "pace" else None


def test_missed_posts_are_estimated(x_bench: Bench, fake: FakeX) -> None:
    """Posts that X counts and the search did not bring are told; before the first count nothing is claimed."""
    assert missed(x_bench) is None
    fake.publish(5)
    hidden = fake.posts[:2]
    fake.posts[:2] = []
    x_bench.collect()
    fake.posts[:0] = hidden
    x_bench.clock.pass_by(hours=2)
    assert count(x_bench)
    assert missed(x_bench) == 2


def test_answers_by_thread_hide_no_miss(x_bench: Bench, fake: FakeX) -> None:
    """What came in by a thread is not among what X counts, and makes up for nothing."""
    metrics = {"retweet_count": 0, "like_count": 0, "reply_count": 2}
    (root,) = fake.publish(1, public_metrics=metrics)
    fake.publish(2, conversation_id=root, entities={}, text="Vastaus")
    x_bench.clock.pass_by(hours=2)
    (found,) = collect_sources(
        [x_bench.settings],
        x_bench.corpus,
        programme=x_bench.programme,
        secrets=x_bench.secrets.get,
        clock=x_bench.clock,
        rest=x_bench.clock.rest,
        data_directory=x_bench.directory,
    )
    assert found.threads is not None
    assert (found.inserted, found.threads.inserted) == (1, 2)
    fake.publish(1, created_at=(START + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%S.000Z"))
    x_bench.clock.pass_by(hours=24)
    assert count(x_bench)
    assert missed(x_bench) == 1


def test_counts_are_asked_for_once_a_day(x_bench: Bench, fake: FakeX) -> None:
    """Counts cost money: one request a day, and hours that X no longer counts are remembered."""
    fake.publish(1)
    x_bench.clock.pass_by(hours=2)
    assert [count(x_bench), count(x_bench)] == [True, False]
    assert len(fake.asked) == 1
    x_bench.clock.pass_by(days=8)
    assert count(x_bench)
    hours = x_bench.corpus.facts.get("counts of x")["hours"]
    assert hours[START.isoformat()] == 1
    assert missed(x_bench) == 0


def test_trouble_with_counts_is_left_to_a_later_round(x_bench: Bench, fake: FakeX) -> None:
    """A limit stores nothing, holds for the source's next round, and the counts are asked for again."""
    x_bench.collect()
    assert not count(x_bench, "429 reset")
    assert missed(x_bench) is None
    assert x_bench.collect().resume_at == START + RESET_AFTER
    x_bench.clock.pass_by(minutes=15)
    assert count(x_bench)
    assert fake.too_early == []
