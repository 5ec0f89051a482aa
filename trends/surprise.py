"""How surprising a count is: exact tests and intervals in plain Python, so that nothing heavy is loaded for them.

The counts are voices: ``y`` in the week, ``Y`` in the history. If a term keeps its rate, each of its ``y + Y`` voices
falls into the week with the week's share of the exposure, whatever the rate is: a conditional binomial test
(Przyborowski and Wilenski 1940, https://doi.org/10.2307/2332612).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, inf, lgamma, log, log1p
from statistics import fmean, variance

DENSE = 30
"""Voices in the history from which a term's own dispersion can be measured."""
_TINY = 1e-300
_EPSILON = 1e-14
_HALVINGS = 45


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """How many times its usual rate a term reached, with an interval."""

    value: float | None
    """None where the history has no voice."""
    low: float
    high: float | None
    """None where the history has no voice."""


def binomial_tail(y: int, n: int, share: float) -> float:
    """Return the probability of ``y`` or more of ``n`` where each comes with probability ``share``."""
    if y <= 0 or share >= 1:
        return 1.0
    if y > n or share <= 0:
        return 0.0
    if y <= n * share:
        # Below the mean the terms grow at first: sum the few that are missing instead.
        return max(0.0, 1.0 - _upward(n - y + 1, n, 1 - share))
    return min(1.0, _upward(y, n, share))


def negative_binomial_tail(y: int, mean: float, dispersion: float) -> float:
    """Return the probability of ``y`` or more where counts have this mean and variance ``mean + dispersion * mean²``.

    Exact to about 1e-13, which is far below any threshold in use.
    """
    if y <= 0:
        return 1.0
    size = 1 / dispersion
    log_stay, log_go = -log1p(mean * dispersion), log(mean) - log(mean + size)
    at = size * log_stay
    below = 0.0
    for k in range(y):
        below += exp(at)
        at += log(size + k) - log(k + 1) + log_go
    return max(0.0, 1.0 - below)


def dispersion(weekly: Sequence[int]) -> float:
    """Return the excess of weekly counts over chance, at least 0: their variance is ``mean + dispersion * mean²``."""
    mean = fmean(weekly) if weekly else 0.0
    if mean == 0 or len(weekly) < 2:  # noqa: PLR2004 -- a variance needs two values
        return 0.0
    return max(0.0, (variance(weekly, mean) - mean) / mean**2)


def surprise(y: int, weekly: Sequence[int], share: float) -> float:
    """Return the probability that a term which keeps its rate has ``y`` or more voices in the week.

    Args:
        y: the week's voices.
        weekly: voices of each covered week of the history.
        share: the week's share of the whole exposure, the week included.
    """
    total = sum(weekly)
    exact = binomial_tail(y, y + total, share)
    if total < DENSE or not 0 < share < 1:
        return exact
    excess = dispersion(weekly)
    if excess == 0:
        return exact
    expected = total * share / (1 - share)
    return max(exact, negative_binomial_tail(y, expected, excess))


def fewest_for(threshold: float, total: int, share: float, *, least: int) -> int:
    """Return the fewest voices of a week, at least ``least``, that are as surprising as ``threshold``."""
    y = least
    while binomial_tail(y, y + total, share) > threshold:
        y += 1
    return y


def rate_ratio(y: int, total: int, weeks: int, *, level: float = 0.95) -> Ratio:
    """Return the week's rate against that of ``weeks`` weeks with ``total`` voices, with its Jeffreys interval.

    Where nobody wrote before, the lower end is one-sided. See https://doi.org/10.1214/ss/1009213286, section 4.3.
    """
    tail = (1 - level) / 2 if total else 1 - level
    low = _odds(beta_quantile(tail, y + 0.5, total + 0.5)) * weeks
    if not total:
        return Ratio(value=None, low=low, high=None)
    high = _odds(beta_quantile(1 - tail, y + 0.5, total + 0.5)) * weeks
    return Ratio(value=y * weeks / total, low=low, high=high)


def ratio_of_note(y: int, total: int, weeks: int, *, passes: Callable[[int], bool], level: float = 0.95) -> Ratio:
    """Return the ratio of what is told only because it was high, with an interval that allows for that.

    Of equally strong topics those become notes that chance favours this week, so that the plain interval lies too high.
    The lower end is taken from the binomial law among the counts that become a note (mid-p;
    https://doi.org/10.1093/biostatistics/kxm028), and is 1 at least, which loses nothing that rose at all.

    Args:
        y: voices of the week.
        total: of the history.
        weeks: of the history.
        passes: whether that many of the ``y + total`` voices in the week would have made a note.
        level: of the interval.
    """
    plain, n = rate_ratio(y, total, weeks, level=level), y + total
    least = next((count for count in range(1, y + 1) if passes(count)), None)
    if least is None:
        return plain
    tail = (1 - level) / 2 if total else 1 - level

    def above(share: float) -> float:
        among = binomial_tail(least, n, share)
        both = binomial_tail(y, n, share) + binomial_tail(y + 1, n, share)
        return both / (2 * among) if among else 0.0

    low, high = 1 / (1 + weeks), plain.low / (plain.low + weeks)
    if low >= high or above(low) >= tail:
        return Ratio(value=plain.value, low=min(1.0, plain.low), high=plain.high)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if above(middle) < tail else (low, middle)
    return Ratio(value=plain.value, low=_odds(low) * weeks, high=plain.high)


def beta_quantile(probability: float, a: float, b: float) -> float:
    """Return the value below which a Beta(a, b) variable lies with the given probability."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if beta_below(middle, a, b) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def beta_below(x: float, a: float, b: float) -> float:
    """Return the probability that a Beta(a, b) variable is at most ``x``: the regularised incomplete beta function.

    By its continued fraction, https://dlmf.nist.gov/8.17.E22.
    """
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _continued_fraction(x, a, b) / a
    return 1.0 - front * _continued_fraction(1 - x, b, a) / b


def _upward(y: int, n: int, share: float) -> float:
    """Sum the binomial probabilities from ``y`` on, which lies at or above the mean, so that they only fall."""
    odds = share / (1 - share)
    term = exp(lgamma(n + 1) - lgamma(y + 1) - lgamma(n - y + 1) + y * log(share) + (n - y) * log1p(-share))
    total = term
    for k in range(y, n):
        term *= (n - k) / (k + 1) * odds
        total += term
        if term < total * _EPSILON:
            break
    return total


def _continued_fraction(x: float, a: float, b: float) -> float:
    """Evaluate by Lentz's method; converges within the square root of the larger parameter, a few steps at most."""
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    value = d
    step, change = 0, inf
    while abs(change - 1) > _EPSILON and step < 10 * (a + b + 100) ** 0.5:
        step += 1
        for factor in (
            step * (b - step) * x / ((a + 2 * step - 1) * (a + 2 * step)),
            -(a + step) * (a + b + step) * x / ((a + 2 * step) * (a + 2 * step + 1)),
        ):
            d = 1 / _away_from_zero(1 + factor * d)
            c = _away_from_zero(1 + factor / c)
            change = c * d
            value *= change
    return value


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def _odds(share: float) -> float:
    return share / (1 - share) if share < 1 else inf
