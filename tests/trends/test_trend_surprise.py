"""The statistics against scipy, which scikit-learn brings, and against what they promise."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trends.surprise import (
    beta_below,
    beta_quantile,
    binomial_tail,
    dispersion,
    fewest_for,
    negative_binomial_tail,
    rate_ratio,
    ratio_of_note,
    surprise,
)

stats = pytest.importorskip("scipy.stats", reason="scipy comes with scikit-learn")


@settings(max_examples=80, deadline=None)
@given(n=st.integers(0, 5000), y=st.integers(-1, 5001), share=st.floats(0.0005, 0.9995))
def test_binomial_tail_is_exact(n: int, y: int, share: float) -> None:
    """The tail agrees with scipy's, at any size and on both sides of the mean."""
    assert binomial_tail(y, n, share) == pytest.approx(stats.binom.sf(y - 1, n, share), rel=1e-8, abs=1e-12)


@pytest.mark.parametrize(("share", "expected"), [(0.0, 0.0), (1.0, 1.0)], ids=["never", "always"])
def test_binomial_tail_at_certainty(share: float, expected: float) -> None:
    """Where a thing happens never or always, so says the tail."""
    assert binomial_tail(1, 3, share) == expected


@settings(max_examples=60, deadline=None)
@given(y=st.integers(0, 300), mean=st.floats(0.1, 100), excess=st.floats(0.01, 5))
def test_negative_binomial_tail_is_exact(y: int, mean: float, excess: float) -> None:
    """The tail agrees with scipy's to far below any threshold."""
    size = 1 / excess
    expected = stats.nbinom.sf(y - 1, size, size / (size + mean))
    assert negative_binomial_tail(y, mean, excess) == pytest.approx(expected, abs=1e-10)


@settings(max_examples=60, deadline=None)
@given(x=st.floats(-0.5, 1.5), a=st.floats(0.5, 2000), b=st.floats(0.5, 2000))
def test_beta_below_is_exact(x: float, a: float, b: float) -> None:
    """The incomplete beta function agrees with scipy's."""
    assert beta_below(x, a, b) == pytest.approx(stats.beta.cdf(x, a, b), abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(probability=st.floats(0.001, 0.999), a=st.floats(0.5, 500), b=st.floats(0.5, 500))
def test_beta_quantile_undoes_beta_below(probability: float, a: float, b: float) -> None:
    """The quantile is the point below which the given probability lies."""
    assert beta_below(beta_quantile(probability, a, b), a, b) == pytest.approx(probability, abs=1e-6)


def test_steady_dense_term_needs_no_dispersion() -> None:
    """A term whose weeks vary no more than chance is tested by the exact test alone."""
    assert surprise(9, [3] * 12, 1 / 13) == binomial_tail(9, 45, 1 / 13)


def test_restless_dense_term_surprises_less() -> None:
    """A term that had high weeks before is less surprising than its mean alone says."""
    restless = [0, 0, 0, 18, 0, 0, 0, 18, 0, 0, 0, 0]
    assert surprise(15, restless, 1 / 13) > 100 * binomial_tail(15, 51, 1 / 13)


def test_rare_term_is_tested_exactly() -> None:
    """Below thirty voices no dispersion is measured: the exact conditional test holds."""
    assert surprise(4, [0, 2, 0, 0], 1 / 5) == binomial_tail(4, 6, 1 / 5)


@pytest.mark.parametrize("weekly", [[], [5], [0, 0, 0]], ids=["none", "one", "silent"])
def test_no_dispersion_without_variance(weekly: list[int]) -> None:
    """Too few weeks, or only silent ones, show no excess over chance."""
    assert dispersion(weekly) == 0


def test_never_written_before_has_a_lower_end_only() -> None:
    """Where nobody wrote before, the ratio is unknown, and its lower end is above one."""
    ratio = rate_ratio(4, 0, 26)
    assert ratio.value is None
    assert ratio.high is None
    assert ratio.low > 1


@pytest.mark.parametrize("true_ratio", [2.0, 4.0, 8.0], ids=str)
def test_interval_holds_the_true_ratio(true_ratio: float) -> None:
    """At least nine of ten 95 % intervals hold the true ratio of the rates, and nearly all do."""
    chance = Random(5)
    held: Counter[bool] = Counter()
    for _ in range(80):
        total, y = _poisson(chance, 52 * 0.9), _poisson(chance, 0.9 * true_ratio)
        ratio = rate_ratio(y, total, 52)
        held[ratio.low <= true_ratio <= (ratio.high or true_ratio)] += 1
    assert held[True] >= 0.92 * 80


def test_fewest_is_the_first_that_passes() -> None:
    """One voice fewer would not pass."""
    least = fewest_for(1e-4, 5, 1 / 27, least=3)
    assert binomial_tail(least, least + 5, 1 / 27) <= 1e-4 < binomial_tail(least - 1, least + 4, 1 / 27)


def _poisson(chance: Random, mean: float) -> int:
    """Draw the number of events in a span in which ``mean`` are expected."""
    events, at = 0, chance.expovariate(1)
    while at < mean:
        events, at = events + 1, at + chance.expovariate(1)
    return events


@settings(max_examples=60, deadline=None)
@given(y=st.integers(3, 60), total=st.integers(0, 200), weeks=st.integers(4, 52), least=st.integers(3, 60))
def test_interval_of_a_note_reaches_lower_and_never_below_no_rise(y: int, total: int, weeks: int, least: int) -> None:
    """What is told because it was high has the same upper end, a lower end no higher, and excludes no rise at most."""
    plain = rate_ratio(y, total, weeks)
    told = ratio_of_note(y, total, weeks, passes=lambda count: count >= least)
    assert (told.value, told.high) == (plain.value, plain.high)
    assert min(1.0, plain.low) <= told.low + 1e-9 <= plain.low + 2e-9


def test_interval_of_a_note_holds_where_the_plain_one_does_not() -> None:
    """Of topics that truly doubled the lucky ones become notes; their intervals hold the truth still."""
    chance, weeks, rate, least = Random(7), 26, 2, 9
    held, plain_held, notes = 0, 0, 0
    for _ in range(1500):
        y = sum(chance.random() < 2 * rate / 60 for _ in range(60))
        total = rate * weeks
        if y >= least:
            notes += 1
            plain_held += rate_ratio(y, total, weeks).low <= 2
            held += ratio_of_note(y, total, weeks, passes=lambda count: count >= least).low <= 2
    assert notes > 10
    assert plain_held / notes < 0.9 < held / notes
