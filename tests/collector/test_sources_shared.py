"""What every source promises; a new line in the registry is tested by these without another word."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.collect import Bounds
from tests.collector.conftest import Bench
from tests.collector.fake_wire import RESET_AFTER

PASSING = ("503", "502", "html", "empty", "truncated", "broken", "rst", "list")
DRIP = pytest.param("drip", marks=pytest.mark.everything)
"""It takes as long as a request may last, on every source."""


def test_first_round_stores_everything(bench: Bench) -> None:
    """A first round over several pages stores every post and says that it reached the end."""
    bench.network.publish(25)
    found = bench.collect()
    assert (found.state, found.inserted, found.complete) == ("ok", 25, True)
    assert bench.stored() == bench.network.truth


def test_same_page_twice_changes_nothing(bench: Bench) -> None:
    """Collecting an unchanged page again inserts, updates and buries nothing."""
    bench.network.publish(5)
    bench.collect()
    bench.clock.pass_by(minutes=15)
    found = bench.collect()
    assert (found.state, found.inserted, found.updated, found.buried) == ("empty", 0, 0, 0)


def test_nothing_new_costs_one_request(bench: Bench) -> None:
    """A round in which nothing is new asks once."""
    bench.network.publish(25)
    bench.collect()
    bench.clock.pass_by(minutes=15)
    before = len(bench.network.asked)
    found = bench.collect()
    assert (len(bench.network.asked) - before, found.complete) == (1, True)


def test_only_new_posts_are_asked_for(bench: Bench) -> None:
    """A later round brings what was published since, and only that is inserted."""
    bench.network.publish(12)
    bench.collect()
    bench.clock.pass_by(minutes=15)
    bench.network.publish(3)
    assert bench.collect().inserted == 3
    assert bench.stored() == bench.network.truth


def test_watermark_moves_only_when_complete(paged_bench: Bench) -> None:
    """A round that stops after two of three pages keeps its posts and leaves the watermark where it was."""
    paged_bench.network.publish(25)
    found = paged_bench.collect(bounds=Bounds(pages=2))
    assert (found.complete, found.inserted) == (False, 20)
    assert paged_bench.corpus.ledger.watermark(paged_bench.settings.name) is None
    assert paged_bench.collect().complete
    assert paged_bench.corpus.ledger.watermark(paged_bench.settings.name) is not None
    assert paged_bench.stored() == paged_bench.network.truth


def test_stopped_round_goes_on_below_without_a_gap(paged_bench: Bench) -> None:
    """Posts that a stopped round did not reach come with the next, together with those published meanwhile."""
    paged_bench.network.publish(35)
    paged_bench.collect(bounds=Bounds(pages=1))
    paged_bench.clock.pass_by(minutes=15)
    paged_bench.network.publish(15)
    before = len(paged_bench.network.asked)
    assert paged_bench.collect().complete
    assert paged_bench.stored() == paged_bench.network.truth
    # Two pages of new posts and three of the 25 that were left; timelines may add an empty page to each.
    assert len(paged_bench.network.asked) - before <= 7


@pytest.mark.parametrize("fault", PASSING)
def test_passing_fault_is_tried_again(bench: Bench, fault: str) -> None:
    """A fault that passes within seconds costs one more request and loses nothing."""
    bench.network.publish(3)
    found = bench.collect(fault)
    assert (found.state, found.inserted, found.complete) == ("ok", 3, True)
    assert sum(bench.clock.rested) <= 30


@pytest.mark.parametrize("fault", [*PASSING, "slow", DRIP, "away", "loop"])
def test_lasting_fault_ends_the_round(bench: Bench, fault: str) -> None:
    """A fault that stays ends the round after three requests, says who, what and what next, and stores no page."""
    bench.network.publish(3)
    before = len(bench.network.asked)
    found = bench.collect(*[fault] * 20)
    assert (found.state, found.complete, bench.stored()) == ("failing", False, set())
    assert found.problem is not None
    assert found.problem.startswith(f"Source {bench.settings.name!r}: ")
    assert found.problem.endswith("The next round tries again.")
    if fault != "loop":  # each of the three follows three redirects
        assert len(bench.network.asked) - before == 3
    assert bench.collect().inserted == 3


def test_answer_too_large_is_given_up(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer beyond all measure is not read to its end."""
    module, name = bench.network.cap
    monkeypatch.setattr(f"{module}.{name}", 500)
    bench.network.publish(9)
    assert bench.collect().state == "failing"


def test_next_page_failing_keeps_the_first(paged_bench: Bench) -> None:
    """When the second page fails, the first is stored and the next round brings the rest."""
    paged_bench.network.publish(25)
    found = paged_bench.collect("ok", "503", "503", "503")
    assert (found.state, found.inserted, found.complete) == ("failing", 10, False)
    assert paged_bench.collect().inserted == 15
    assert paged_bench.stored() == paged_bench.network.truth


def test_named_time_is_kept(bench: Bench) -> None:
    """After a 429 with a reset time nothing is asked before it, and the round in between says so."""
    bench.network.publish(3)
    found = bench.collect("429 reset")
    assert (found.state, found.resume_at) == ("rate_limited", bench.clock() + RESET_AFTER)
    asked = len(bench.network.asked)
    bench.clock.pass_by(minutes=14)
    resting = bench.collect()
    assert (resting.state, resting.complete, resting.resume_at) == ("rate_limited", False, found.resume_at)
    assert "nothing was asked" in (resting.problem or "")
    assert len(bench.network.asked) == asked
    bench.clock.pass_by(minutes=1)
    assert bench.collect().inserted == 3
    assert bench.network.too_early == []


def test_short_named_time_is_waited_for(bench: Bench) -> None:
    """A reset within the round's allowance is waited for, and the round goes on."""
    bench.network.publish(3)
    found = bench.collect("429 soon")
    assert (found.state, found.inserted, found.complete) == ("ok", 3, True)
    assert bench.clock.rested == [10.0]
    assert bench.network.too_early == []


def test_last_allowed_request_is_the_last(paged_bench: Bench) -> None:
    """When an answer says that no more are allowed, the round stops there although pages are left."""
    paged_bench.network.publish(25)
    found = paged_bench.collect("last")
    assert (found.state, found.inserted, found.complete) == ("rate_limited", 10, False)
    assert found.resume_at == paged_bench.clock() + RESET_AFTER
    paged_bench.clock.pass_by(minutes=16)
    assert paged_bench.collect().complete
    assert paged_bench.stored() == paged_bench.network.truth
    assert paged_bench.network.too_early == []


@pytest.mark.parametrize("fault", ["last truncated", "last broken"])
def test_time_named_by_a_damaged_answer_is_kept(bench: Bench, fault: str) -> None:
    """An answer whose body is of no use is asked for again, but not before the time that its headers name."""
    bench.network.publish(3)
    found = bench.collect(fault, "ok")
    assert (found.state, found.resume_at) == ("failing", bench.clock() + RESET_AFTER)
    assert (len(bench.network.asked), bench.stored()) == (1, set())
    bench.clock.pass_by(minutes=16)
    assert bench.collect().inserted == 3
    assert bench.network.too_early == []


def test_answer_in_another_charset_is_asked_for_again(paged_bench: Bench) -> None:
    """An answer that is not UTF-8 was damaged on its way: its posts are not rejected one by one and forgotten."""
    paged_bench.network.publish(3)
    found = paged_bench.collect("latin-1")
    assert (found.inserted, found.rejected, found.complete) == (3, 0, True)


@pytest.mark.parametrize("fault", ["429", "nonsense"])
def test_pauses_grow_where_no_time_is_named(bench: Bench, fault: str) -> None:
    """A 429 without a usable header costs one request a round, and each pause is twice the last, up to 15 minutes."""
    pauses = []
    for _ in range(6):
        before = len(bench.network.asked)
        found = bench.collect(*[fault] * 5)
        assert (found.state, len(bench.network.asked) - before) == ("rate_limited", 1)
        assert found.resume_at is not None
        pauses.append((found.resume_at - bench.clock()).total_seconds() / 60)
        bench.clock.now = found.resume_at
    assert pauses == [1, 2, 4, 8, 15, 15]
    assert bench.collect().complete


@pytest.mark.parametrize("status", ["401", "403", "404"])
def test_refusal_names_its_remedy(bench: Bench, status: str) -> None:
    """What only a person can change is asked once, told with its remedy, and asked again in the next round."""
    bench.network.publish(1)
    before = len(bench.network.asked)
    found = bench.collect(*[status] * 5)
    assert (found.state, found.resume_at, len(bench.network.asked) - before) == ("refused", None, 1)
    assert re.search(rf"\({status}.*\)\. [A-Z]", found.problem or "")
    assert bench.collect().inserted == 1


def test_rejected_records_are_kept_aside(bench: Bench) -> None:
    """A record without a time is kept aside with its reason, the others are stored, and it is not asked for again."""
    bench.network.publish(2)
    bench.network.publish(1, created_at=None)
    bench.network.publish(1, created_at="2026-11-23T08:00:00.000Z")
    found = bench.collect()
    assert (found.inserted, found.rejected, found.complete) == (2, 2, True)
    kept = (bench.directory / "rejects" / f"{bench.settings.name}.jsonl").read_text("utf-8")
    assert "created_at is missing" in kept
    assert "more than a day ahead" in kept
    assert bench.collect().rejected == 0


def test_second_hashtag_is_read_too(bench: Bench) -> None:
    """Every hashtag of the programme is read, and a post under two of them is one post."""
    from dataclasses import replace

    bench.programme = replace(bench.programme, hashtags=("tulevaisuudenkunta", "framtidenskommun"))
    bench.network.publish(2)
    bench.network.publish(2, hashtag="FramtidensKommun")
    assert bench.collect().inserted == 4
    assert bench.collect().inserted == 0


def test_secrets_stay_out_of_words_and_logs(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """Neither a log line, at any level, nor a round's words hold a token."""
    caplog.set_level("DEBUG")
    bench.network.publish(1)
    words = [str(bench.collect(fault)) for fault in ("ok", "401", "503", "rst")]
    assert not any(secret in told for secret in bench.secrets.values() for told in (caplog.text, *words))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rounds=st.lists(
        st.tuples(
            st.integers(0, 30),
            st.lists(
                st.sampled_from(["ok", "503", "rst", "truncated", "429 reset", "429 soon", "429", "last"]), max_size=6
            ),
            st.integers(1, 3),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_stopped_run_skips_nothing(bench: Bench, rounds: list[tuple[int, list[str], int]]) -> None:
    """Whatever goes wrong and wherever rounds stop, in the end the corpus holds the truth, and no time was ignored."""
    for count, faults, pages in rounds:
        bench.network.publish(count)
        bench.collect(*faults, bounds=Bounds(pages=pages))
        bench.clock.pass_by(minutes=20)
    for _ in range(3):
        if bench.collect().complete:
            break
        bench.clock.pass_by(minutes=20)
    assert bench.stored() == bench.network.truth
    assert bench.network.too_early == []
    bench.clock.pass_by(hours=1)
