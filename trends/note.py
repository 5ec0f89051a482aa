"""What is told of a topic: its state, its figures and telling posts. Pure."""

from collections import Counter
from collections.abc import Callable, Sequence

from trends.count import Utterance, WeekCounts
from trends.naming import labels
from trends.report import Copies, State, Trend
from trends.surprise import Ratio, binomial_tail, rate_ratio, ratio_of_note
from trends.terms import Reader
from trends.topics import Topic
from trends.window import KINDRED_WEIGHT, LEAST_RATIO, LEAST_VOICES, Window

_SILENT_WEEKS = 8
"""Covered weeks without a voice after which a topic is back."""
_SHARED_TERMS = 2
"""With one, the name of a country matched a car race and a world cup."""
_MOST_COMPARED = 200
"""Posts of a topic among which the telling ones are looked for, since all are compared with all."""
_EXAMPLES = 3


def trend_of(topic: Topic, window: Window, reader: Reader, *, key: str, threshold: float | None = None) -> Trend:
    """Return the note on a topic.

    Args:
        topic: what stood out.
        window: the week and its history.
        reader: what made the terms; it finds the forms in which people wrote them.
        key: identity of the topic over weeks.
        threshold: by which it stood out; None where it stood out before and is written of less now, perhaps no more.
    """
    posts = [window.now.utterances[i] for i in topic.positions]
    before = [(counts, found) for counts in window.history if (found := counts.about(topic.terms))]
    total, weeks = sum(topic.weekly), len(window.history)
    ratio = _ratio(topic, weeks, threshold)
    spoken = posts or [post for counts, found in before for post in counts.said(found)]
    label = labels(topic.terms, spoken, reader)
    by_account = Counter(post.account or post.key for post in posts)
    return Trend(
        topic=next(iter(label.values())),
        label=label,
        terms=topic.terms,
        theme=_theme(posts),
        state="fading" if threshold is None else _state(topic, window),
        posts=len({window.now.texts[i] for i in topic.positions}),
        writers=topic.y,
        baseline=total / weeks,
        ratio=ratio.value,
        ratio_low=ratio.low,
        ratio_high=ratio.high,
        first_seen_at=min(
            [*(counts.first_at(found) for counts, found in before), *(post.created_at for post in posts)]
        ),
        example_ids=tuple(window.now.utterances[i].key for i in telling(window.now, topic.positions)),
        languages=dict(Counter(sorted(post.lang for post in posts)).most_common()),
        largest_share=max(by_account.values(), default=0) / max(1, len(posts)),
        weekly=weekly_of(topic.y, topic.weekly, window),
        key=key,
        p=topic.p,
        post_ids=frozenset(post.key for post in posts),
        joined_by=topic.joined,
        recurrence_known=window.year_ago is not None,
    )


def _ratio(topic: Topic, weeks: int, threshold: float | None) -> Ratio:
    total = sum(topic.weekly)
    if threshold is None:
        return rate_ratio(topic.y, total, weeks)
    n, share, most = topic.y + total, 1 / (1 + weeks), max(threshold / KINDRED_WEIGHT, topic.p)

    def passes(count: int) -> bool:
        doubled = count * (1 - share) >= LEAST_RATIO * (n - count) * share
        return count >= LEAST_VOICES and doubled and binomial_tail(count, n, share) <= most

    return ratio_of_note(topic.y, total, weeks, passes=passes)


def telling(counts: WeekCounts, positions: Sequence[int]) -> list[int]:
    """Return up to three posts by different writers: the most central, then central ones unlike those chosen.

    Maximal marginal relevance, https://doi.org/10.1145/290941.291025, over shared terms.
    """
    candidates = list(positions[:_MOST_COMPARED])
    terms = {i: frozenset(counts.utterances[i].terms) for i in candidates}
    centrality = {i: sum(_alike(terms[i], terms[j]) for j in candidates) / len(candidates) for i in candidates}
    chosen: list[int] = []
    while candidates and len(chosen) < _EXAMPLES:
        best = max(candidates, key=_worth(centrality, terms, tuple(chosen)))
        chosen.append(best)
        candidates = [
            i for i in candidates if counts.writers[i] != counts.writers[best] and counts.texts[i] != counts.texts[best]
        ]
    return chosen


def copies_in(counts: WeekCounts, least: int) -> tuple[Copies, ...]:
    """Return the texts that at least so many accounts spread, or one account so many times; most accounts first."""
    by_text: dict[int, list[Utterance]] = {}
    for text, utterance in zip(counts.texts, counts.utterances, strict=True):
        by_text.setdefault(text, []).append(utterance)
    found = (
        Copies(text_id=posts[0].key, accounts=len({post.account or post.key for post in posts}), posts=len(posts))
        for posts in by_text.values()
        if len(posts) >= least
    )
    return tuple(sorted(found, key=lambda copies: (-copies.accounts, -copies.posts, copies.text_id)))


def _worth(
    centrality: dict[int, float], terms: dict[int, frozenset[str]], chosen: tuple[int, ...]
) -> Callable[[int], tuple[float, int]]:
    def worth(i: int) -> tuple[float, int]:
        return centrality[i] - max((_alike(terms[i], terms[j]) for j in chosen), default=0.0), -i

    return worth


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    together = len(one | other)
    return len(one & other) / together if together else 0.0


def _theme(posts: Sequence[Utterance]) -> str | None:
    """Return the theme of at least half of the posts."""
    themes = Counter(post.theme for post in posts if post.theme is not None)
    most = sorted(themes.items(), key=lambda item: (-item[1], item[0]))
    return most[0][0] if most and 2 * most[0][1] >= len(posts) else None


def _state(topic: Topic, window: Window) -> State:
    if not sum(topic.weekly):
        enough = len(window.history) >= window.settings.least_weeks_for_new
        return "new" if enough else "growing"
    if _recurs(topic, window):
        return "recurring"
    recent = topic.weekly[-_SILENT_WEEKS:]
    return "growing" if any(recent) or len(topic.weekly) <= _SILENT_WEEKS else "back"


def _recurs(topic: Topic, window: Window) -> bool:
    """Return whether people wrote of it in the same season a year before, well above the rest of the year."""
    season = [counts for counts in window.year_ago or () if counts.voices_of(counts.about(topic.terms)) >= LEAST_VOICES]
    if not season:
        return False
    weeks = {counts.week for counts in window.year_ago or ()}
    rest = [y for counts, y in zip(window.history, topic.weekly, strict=True) if counts.week not in weeks]
    usual = sum(rest) / len(rest) if rest else 0.0
    now = window.now.repeated(topic.positions)
    return any(
        counts.voices_of(positions := counts.about(topic.terms)) >= LEAST_RATIO * usual
        and len(now & counts.repeated(positions)) >= _SHARED_TERMS
        for counts in season
    )


def weekly_of(y: int, weekly: Sequence[int], window: Window) -> tuple[int | None, ...]:
    """Return the voices of each week from the first of the history to this one; None where nothing was collected.

    Args:
        y: of this week.
        weekly: of the covered weeks of the history.
        window: the week and its history.
    """
    known = {counts.week: voices for counts, voices in zip(window.history, weekly, strict=True)}
    first = min(known, default=window.now.week)
    weeks = (window.now.week.monday - first.monday).days // 7
    return (*(known.get(week) for week in window.now.week.before(weeks)), y)
