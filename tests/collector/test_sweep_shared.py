"""What a sweep promises of every network that can be asked for posts by their ids."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.source import Seeing
from collector.sweep import AGAIN
from corpus.post import Post
from tests.collector.conftest import Bench
from tests.collector.fake_wire import RESET_AFTER

pytestmark = pytest.mark.everything

PASSING = ("503", "502", "html", "empty", "truncated", "broken", "rst", "list")
DRIP = pytest.param("drip")
"""It takes as long as a round may wait."""
LASTING = (*PASSING, "slow", DRIP, "away", "429", "nonsense", "400", "401", "403", "404", "410", "422", "451")


def collected(bench: Bench, count: int) -> list[str]:
    """Publish and collect posts, and let more than a day pass."""
    ids: list[str] = bench.network.publish(count)
    assert bench.collect().inserted == count
    bench.clock.pass_by(hours=25)
    bench.network.asked.clear()
    return ids


def known(bench: Bench) -> Mapping[str, Post]:
    """Return what the corpus holds, by native id."""
    return {found.stored.post.native_id: found.stored.post for found in bench.corpus.posts.all_classified()}


def living(bench: Bench) -> set[str]:
    """Return the native ids whose text the corpus has."""
    return {native_id for native_id, post in known(bench).items() if post.gone is None and post.text}


def until_complete(bench: Bench) -> None:
    """Sweep until nothing is left, and once more after what was left out may be asked for again."""
    for _ in range(2):
        for _ in range(40):
            if bench.sweep().complete:
                break
            bench.clock.pass_by(minutes=20)
        bench.clock.pass_by(seconds=AGAIN.total_seconds() + 60)


def test_every_network_that_sees_is_tested_here(bench: Bench) -> None:
    """Whoever can be asked by ids has a network on loopback that retracts posts."""
    assert isinstance(bench.source(), Seeing) == hasattr(bench.network, "retract")


def test_what_is_the_same_stays_and_is_seen(seeing_bench: Bench) -> None:
    """Posts that are as they were are judged, changed in nothing, and left alone for a day."""
    ids = collected(seeing_bench, 12)
    before = known(seeing_bench)
    found = seeing_bench.sweep()
    assert (found.looked_at, found.updated, found.buried, found.unjudged, found.complete) == (12, 0, 0, 0, True)
    assert known(seeing_bench) == before
    assert len(seeing_bench.network.asked) == 1
    assert seeing_bench.sweep().state == "empty"
    assert (len(seeing_bench.network.asked), living(seeing_bench)) == (1, set(ids))


def test_deletion_leaves_a_tombstone_and_nothing_else_does(seeing_bench: Bench) -> None:
    """What its author took away is a tombstone at the latest an hour after it was missed; the others stay."""
    first, *others = collected(seeing_bench, 3)
    seeing_bench.network.retract(first)
    until_complete(seeing_bench)
    assert (known(seeing_bench)[first].gone, living(seeing_bench)) == ("deleted", set(others))
    assert seeing_bench.corpus.posts.payload(seeing_bench.network.network, first) is None


def test_edit_becomes_the_text(seeing_bench: Bench) -> None:
    """A text that was changed after it was collected is the new one."""
    first, _ = collected(seeing_bench, 2)
    seeing_bench.network.amend(first, "Korjattu teksti")
    assert seeing_bench.sweep().updated == 1
    assert known(seeing_bench)[first].text == "Korjattu teksti"


@pytest.mark.parametrize("fault", PASSING)
def test_passing_fault_is_tried_again(seeing_bench: Bench, fault: str) -> None:
    """A fault that passes within seconds costs one more request and buries nothing."""
    ids = collected(seeing_bench, 3)
    found = seeing_bench.sweep(fault)
    assert (found.looked_at, found.unjudged, found.complete) == (3, 0, True)
    assert living(seeing_bench) == set(ids)


@pytest.mark.parametrize("fault", LASTING)
def test_no_fault_buries_a_post(seeing_bench: Bench, fault: str) -> None:
    """Whatever a network answers for hours to every question, no post is taken for gone; then all are seen."""
    ids = collected(seeing_bench, 3)
    for _ in range(3):
        seeing_bench.sweep(*[fault] * 60)
        seeing_bench.clock.pass_by(hours=2)
    assert living(seeing_bench) == set(ids)
    seeing_bench.clock.pass_by(hours=25)
    found = seeing_bench.sweep()
    assert (found.buried, found.unjudged, living(seeing_bench)) == (0, 0, set(ids))


@pytest.mark.parametrize("fault", ["429 reset", "last"])
def test_named_time_is_kept(seeing_bench: Bench, fault: str) -> None:
    """A time that the network names ends the sweep and holds for the source's next round and sweep."""
    collected(seeing_bench, 3)
    seeing_bench.sweep(fault)
    asked = len(seeing_bench.network.asked)
    assert asked == 1
    assert "rests" in (seeing_bench.sweep().problem or "")
    assert seeing_bench.collect().resume_at == seeing_bench.clock() + RESET_AFTER
    assert len(seeing_bench.network.asked) == asked
    seeing_bench.clock.pass_by(minutes=15)
    assert seeing_bench.sweep().complete
    assert seeing_bench.network.too_early == []


def test_requests_are_bounded_and_the_rest_comes_later(seeing_bench: Bench) -> None:
    """A sweep asks no more than it may, and at most once more to be sure of its server; the next goes on to the end."""
    ids = collected(seeing_bench, 120)
    for native_id in ids[::7]:
        seeing_bench.network.retract(native_id)
    seeing_bench.settings = replace(seeing_bench.settings, sweep_requests=1)
    for _ in range(60):
        before = len(seeing_bench.network.asked)
        found = seeing_bench.sweep()
        assert len(seeing_bench.network.asked) - before <= 2
        seeing_bench.clock.pass_by(minutes=90)
        if found.complete and living(seeing_bench) == set(ids) - set(ids[::7]):
            return
    raise AssertionError("the sweeps do not come to an end")


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    retracted=st.sets(st.integers(0, 11)),
    faults=st.lists(
        st.sampled_from(["ok", *PASSING, "429 soon", "429 reset", "429", "last", "401", "403"]), max_size=8
    ),
)
def test_in_the_end_the_corpus_holds_what_is_there(seeing_bench: Bench, retracted: set[int], faults: list[str]) -> None:
    """Whatever goes wrong on the way, exactly what was taken away is gone, and no named time was ignored."""
    ids = collected(seeing_bench, 12)
    before = living(seeing_bench) - set(ids)
    for number in retracted:
        seeing_bench.network.retract(ids[number])
    seeing_bench.sweep(*faults)
    seeing_bench.clock.pass_by(hours=25)
    until_complete(seeing_bench)
    there = {native_id for number, native_id in enumerate(ids) if number not in retracted}
    assert living(seeing_bench) == there | before
    assert seeing_bench.network.too_early == []
