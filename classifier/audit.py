"""How good the classifier really is: a sample drawn at random each week, and what can be said from it, pure.

Each week is a stratum of its own: it counts by its posts, however many of them were labelled. Intervals of shares are
Wilson's (E. B. Wilson, *Probable Inference*, 1927) at Kish's effective sample size; those of F1 are percentiles over
samples drawn again within each week.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from math import sqrt
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from language.text import text_hash
from programme.types import NONE, UNSURE

ENOUGH = 50
"""Random labels before which no percentage is told."""
_Z = 1.96
_DRAWS = 1_000
_INTERVAL = (2.5, 97.5)

T = TypeVar("T")
Weights = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One post of the sample: what a person said, and what the classifier had said."""

    week: str
    right: str
    """A slug or ``none``."""
    guessed: str
    """A slug, ``none`` or ``unsure``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeAudit:
    """How well one theme, or none of them, is found in the sample."""

    n: int
    """Posts that people put there."""
    precision: float | None
    recall: float | None
    f1: Share | None
    """None where neither people nor the classifier put a post there."""


def sample_of(texts: Iterable[tuple[T, str]], n: int, *, week: str) -> list[T]:
    """Return the first ``n`` of a week's texts in an order by lot that is always the same.

    It depends on each text alone: a late post takes its own place and moves nobody else's, and copies share one.
    """
    found: dict[bytes, T] = {}
    for one, text in texts:
        found.setdefault(blake2b(text_hash(text), digest_size=16, person=week.encode()[:16]).digest(), one)
    return [found[lot] for lot in sorted(found)[:n]]


def share_right(answers: Sequence[Answer], sizes: Mapping[str, int]) -> Share | None:
    """Return which share of all posts the classifier has right; None where nothing was answered.

    What it leaves unclear is not right.

    Args:
        answers: of the sample.
        sizes: texts of each week, from which the sample was drawn.
    """
    if not answers:
        return None
    weights = _weights(answers, sizes)
    is_right = np.array([one.right == one.guessed for one in answers], dtype=np.float64)
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    value = float((weights * is_right).sum() / weights.sum())
    low, high = wilson(value, effective)
    return Share(value=value, low=low, high=high)


def wilson(share: float, n: float) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share of ``n``."""
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * sqrt(share * (1 - share) / n + _Z**2 / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def by_theme(
    answers: Sequence[Answer], sizes: Mapping[str, int], slugs: Sequence[str], *, seed: int
) -> dict[str, ThemeAudit]:
    """Return how well each theme, and none of them, is found."""
    weights = _weights(answers, sizes)
    chance = np.random.default_rng(seed)
    weeks = np.array([one.week for one in answers])
    strata = [np.flatnonzero(weeks == week) for week in dict.fromkeys(weeks.tolist())]
    drawn = [
        np.concatenate([stratum[chance.integers(len(stratum), size=len(stratum))] for stratum in strata])
        for _ in range(_DRAWS if answers else 0)
    ]
    return {slug: _theme(answers, weights, drawn, slug) for slug in (*slugs, NONE)}


def _theme(answers: Sequence[Answer], weights: Weights, drawn: Sequence[NDArray[np.intp]], slug: str) -> ThemeAudit:
    there = np.array([one.right == slug for one in answers], dtype=bool)
    said = np.array([one.guessed == slug for one in answers], dtype=bool)
    value = _f1(weights, there, said)
    f1 = None
    if value is not None:
        again = [one for rows in drawn if (one := _f1(weights[rows], there[rows], said[rows])) is not None]
        low, high = (float(bound) for bound in np.percentile(again, _INTERVAL))
        f1 = Share(value=value, low=low, high=high)
    return ThemeAudit(
        n=int(there.sum()),
        precision=_ratio(weights, there & said, said),
        recall=_ratio(weights, there & said, there),
        f1=f1,
    )


def _f1(weights: Weights, there: NDArray[np.bool_], said: NDArray[np.bool_]) -> float | None:
    both = float(weights[there].sum() + weights[said].sum())
    return 2 * float(weights[there & said].sum()) / both if both else None


def _ratio(weights: Weights, part: NDArray[np.bool_], whole: NDArray[np.bool_]) -> float | None:
    total = float(weights[whole].sum())
    return float(weights[part].sum()) / total if total else None


def _weights(answers: Sequence[Answer], sizes: Mapping[str, int]) -> Weights:
    """Return how many of its week's posts each answer stands for."""
    drawn: dict[str, int] = {}
    for one in answers:
        drawn[one.week] = drawn.get(one.week, 0) + 1
    return np.array([max(sizes.get(one.week, 0), drawn[one.week]) / drawn[one.week] for one in answers])


def unclear(answers: Iterable[Answer]) -> int:
    """Return how many of the sample the classifier left unclear."""
    return sum(one.guessed == UNSURE for one in answers)
