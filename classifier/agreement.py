"""How far people agree who judged the same posts without one another, pure.

Krippendorff's alpha for nominal data, any number of people and gaps (K. Krippendorff, *Content Analysis*, 4th ed.,
2019, ch. 12), and Cohen's kappa for each two (J. Cohen, *A coefficient of agreement for nominal scales*, 1960). 1 is
perfect agreement, 0 what chance alone would bring. Intervals are percentiles over resampled posts.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from math import nan

import numpy as np

_DRAWS = 1_000
_INTERVAL = (2.5, 97.5)

Unit = tuple[str, ...]
"""What the people said who judged one post."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One person's word on one post."""

    post: str
    """Any key."""
    by: str
    at: datetime
    theme: str
    """A theme's slug or ``none``; ``unsure`` is no judgement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficient:
    """A coefficient of agreement with its 95 % interval; None where it is not defined."""

    posts: int
    """Judged by at least two people."""
    value: float | None
    """None: nobody judged the same post, or everybody said the same of all posts, so that chance has no measure."""
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two people who judged the same posts."""

    people: tuple[str, str]
    agreement: float
    """Share of these posts of which they said the same."""
    kappa: Coefficient


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far people agree."""

    people: tuple[str, ...]
    alpha: Coefficient
    per_theme: Mapping[str, Coefficient]
    """Alpha of each theme against all others, and of ``none``."""
    pairs: tuple[Pair, ...]
    disagreements: Mapping[str, Mapping[str, str]]
    """By post, what each person said of it; only where they differ."""
    unsure: int
    """Judgements left out, in which a person could not tell."""


def agreement(judgements: Iterable[Judgement], *, unsure: str, seed: int) -> Agreement:
    """Return how far people agree; each person's last word on a post counts.

    Args:
        judgements: in any order.
        unsure: the theme by which a person says that they cannot tell.
        seed: of the resampling.
    """
    words, left_out = _last_words(judgements, unsure)
    twice = {post: said for post, said in sorted(words.items()) if len(said) > 1}
    units = [tuple(said[by] for by in sorted(said)) for said in twice.values()]
    themes = sorted({theme for unit in units for theme in unit})
    people = sorted({by for said in words.values() for by in said})
    return Agreement(
        people=tuple(people),
        alpha=_with_interval(units, alpha, seed),
        per_theme={theme: _with_interval(_against_all(units, theme), alpha, seed) for theme in themes},
        pairs=tuple(_pairs(twice, people, seed)),
        disagreements={post: dict(sorted(said.items())) for post, said in twice.items() if len(set(said.values())) > 1},
        unsure=left_out,
    )


def alpha(units: Sequence[Unit]) -> float:
    """Return Krippendorff's alpha of nominal data; NaN where it is not defined.

    Args:
        units: what was said of each post, by two people or more.
    """
    paired = [unit for unit in units if len(unit) > 1]
    totals = Counter(theme for unit in paired for theme in unit)
    n = totals.total()
    expected = n * n - sum(count * count for count in totals.values())
    if not expected:
        return nan
    observed = sum(_disagreement(unit) for unit in paired)
    return 1 - (n - 1) * observed / expected


def kappa(units: Sequence[Unit]) -> float:
    """Return Cohen's kappa of two people; NaN where it is not defined.

    Args:
        units: what the first and the second said of each post.
    """
    n = len(units)
    first, second = (Counter(unit[place] for unit in units) for place in (0, 1))
    by_chance = sum(count * second[theme] for theme, count in first.items())
    if n * n == by_chance:
        return nan
    return (n * sum(one == other for one, other in units) - by_chance) / (n * n - by_chance)


def _disagreement(unit: Unit) -> float:
    """Return the pairs that differ, each way, weighted so that each judgement counts once."""
    m = len(unit)
    return (m * m - sum(count * count for count in Counter(unit).values())) / (m - 1)


def _last_words(judgements: Iterable[Judgement], unsure: str) -> tuple[dict[str, dict[str, str]], int]:
    last: dict[tuple[str, str], Judgement] = {}
    for one in judgements:
        before = last.get((one.post, one.by))
        if before is None or (before.at, before.theme) < (one.at, one.theme):
            last[one.post, one.by] = one
    words: dict[str, dict[str, str]] = defaultdict(dict)
    for one in last.values():
        if one.theme != unsure:
            words[one.post][one.by] = one.theme
    return words, sum(one.theme == unsure for one in last.values())


def _against_all(units: Sequence[Unit], theme: str) -> list[Unit]:
    return [tuple(theme if said == theme else "" for said in unit) for unit in units]


def _pairs(twice: Mapping[str, Mapping[str, str]], people: Sequence[str], seed: int) -> Iterable[Pair]:
    for one, other in combinations(people, 2):
        units = [(said[one], said[other]) for said in twice.values() if one in said and other in said]
        if units:
            same = sum(first == second for first, second in units) / len(units)
            yield Pair(people=(one, other), agreement=same, kappa=_with_interval(units, kappa, seed))


def _with_interval(units: Sequence[Unit], measure: Callable[[Sequence[Unit]], float], seed: int) -> Coefficient:
    value = measure(units) if units else nan
    if np.isnan(value):
        return Coefficient(posts=len(units), value=None, low=None, high=None)
    chance = np.random.default_rng(seed)
    drawn = [measure([units[i] for i in chance.integers(len(units), size=len(units))]) for _ in range(_DRAWS)]
    low, high = np.nanpercentile(drawn, _INTERVAL)
    return Coefficient(posts=len(units), value=value, low=float(low), high=float(high))
