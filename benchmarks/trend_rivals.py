"""Common rules for trends, each in a few lines, over post counts of a week and of the weeks before it.

They look at the terms that Kuntakaiku looks at, and their finds are merged into topics as its own are, so that only the
rules differ. BERTrend's rule (https://arxiv.org/abs/2411.05930) is applied to terms in place of its topic model's
clusters. pyMABED is not among them: no registry offers it, and its source needs a patch for pandas 2.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from math import exp, lgamma, log

from trends.topics import merged
from trends.window import TestedTerm, Window

LEAST = 3
Rule = Callable[[int, Sequence[int]], bool]
_DECAY = 0.01
_DAYS = 7


def ratio_rule(y: int, weekly: Sequence[int]) -> bool:
    """Three times as usual: what dashboards call a trend."""
    return y >= 3 * max(sum(weekly) / len(weekly), 1e-9)


def z_rule(y: int, weekly: Sequence[int]) -> bool:
    """Three standard deviations above the mean."""
    mean = sum(weekly) / len(weekly)
    deviation = (sum((each - mean) ** 2 for each in weekly) / (len(weekly) - 1)) ** 0.5
    return y >= mean + 3 * max(deviation, 0.5)


def poisson_rule(y: int, weekly: Sequence[int]) -> bool:
    """Uncorrected p < 0.01 by Poisson's law."""
    mean = max(sum(weekly), 0.5) / len(weekly)
    term, below = exp(-mean), 0.0
    for n in range(y):
        below += term
        term *= mean / (n + 1)
    return 1 - below < 0.01


RULES: dict[str, Rule] = {"ratio>=3": ratio_rule, "z>=3": z_rule, "poisson p<.01": poisson_rule}
RIVALS = (*RULES, "kleinberg", "bertrend")


def kleinberg(counts: Sequence[int], posts: Sequence[int], *, scale: float = 3.0, gamma: float = 1.0) -> bool:
    """Return whether the cheapest sequence of two states ends in the bursting one (Kleinberg 2003, batched arrivals).

    Args:
        counts: posts with the term, the week last.
        posts: all posts of these weeks.
        scale: rate of the burst against the usual one.
        gamma: cost of entering the burst, in units of the logarithm of the weeks.
    """
    usual = sum(counts) / sum(posts)
    rates = (usual, min(0.9999, scale * usual))
    enter = gamma * log(len(counts))
    costs = [0.0, enter]
    for count, n in zip(counts, posts, strict=True):
        paid = [-_log_binomial(count, n, rate) for rate in rates]
        costs = [min(costs) + paid[0], min(costs[0] + enter, costs[1]) + paid[1]]
    return costs[1] < costs[0]


@cache
def _log_binomial(k: int, n: int, share: float) -> float:
    if not 0 < share < 1:
        return 0.0
    chosen = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    return chosen + k * log(share) + (n - k) * log(1 - share)


def bertrend(series: Mapping[str, Sequence[int]]) -> set[str]:
    """Return the terms that become a weak or a strong signal in the last week.

    A term's popularity is its posts until now, fading by ``exp(-0.01 days²)`` where a week brings fewer than three.
    Below the tenth percentile of all popularities it is noise; up to the median a weak signal where it rises; above it
    a strong one.
    """
    before, now = _popularities(series, 1), _popularities(series, 0)
    return {term for term in now if _signal(term, now, before) and not _signal(term, before, _popularities(series, 2))}


def _popularities(series: Mapping[str, Sequence[int]], back: int) -> dict[str, float]:
    found = {}
    for term, counts in series.items():
        popularity, silent = 0.0, 0
        for count in counts[: len(counts) - back]:
            silent = 0 if count >= LEAST else silent + 1
            popularity = popularity + count if count >= LEAST else popularity * exp(-_DECAY * (silent * _DAYS) ** 2)
        if popularity > 1e-3:
            found[term] = popularity
    return found


def _signal(term: str, now: Mapping[str, float], before: Mapping[str, float]) -> bool:
    if term not in now:
        return False
    ordered = sorted(now.values())
    low, middle = ordered[len(ordered) // 10], ordered[len(ordered) // 2]
    popularity = now[term]
    return popularity > middle or (popularity > low and popularity > before.get(term, 0.0))


def rival_notes(opened: Window, rule: str) -> list[list[int]]:
    """Return the posts of each note of a rule, merged as ours are."""
    positions = opened.now.positions
    asked = [term for term, posts in positions.items() if len(posts) >= LEAST and term not in opened.everyday]
    if rule == "bertrend":
        risen = bertrend(_series(opened))
        passing = [term for term in asked if term in risen]
    elif rule == "kleinberg":
        sizes = [len(counts.utterances) for counts in (*opened.history, opened.now)]
        passing = [term for term in asked if kleinberg([*_before(opened, term), len(positions[term])], sizes)]
    else:
        passing = [term for term in asked if RULES[rule](len(positions[term]), _before(opened, term))]
    found = [
        TestedTerm(term=term, y=(y := len(positions[term])), total=0, p=1 / (1 + y), weighed=0.0) for term in passing
    ]
    return [sorted({i for t in group for i in positions[t.term]}) for group in merged(found, positions)]


def _before(opened: Window, term: str) -> list[int]:
    return [len(counts.positions.get(term, ())) for counts in opened.history]


def _series(opened: Window) -> dict[str, list[int]]:
    """Return the weekly posts of each term that has three in some week."""
    weeks = (*opened.history, opened.now)
    seen = Counter(term for counts in weeks for term, posts in counts.positions.items() if len(posts) >= LEAST)
    return {
        term: [len(counts.positions.get(term, ())) for counts in weeks] for term in seen if term not in opened.everyday
    }
