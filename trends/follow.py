"""What coordinators follow, counted week by week whether or not it stands out. Pure."""

from collections.abc import Iterable, Sequence

from programme.types import UNSURE
from trends.count import CountedWeek
from trends.decided import Decided, Follow
from trends.note import weekly_of
from trends.report import Change, FollowedWeek
from trends.surprise import binomial_tail, dispersion, negative_binomial_tail
from trends.terms import Reader
from trends.window import LEAST_RATIO, Window

BY_CHANCE = 0.05
"""Chance that anything followed is told to move in a week in which nothing happens."""
_USUAL_WEEKS = 8
_LEAST_WEEKS = 3
"""Covered weeks without which nothing is called usual."""

Alternatives = tuple[tuple[str, ...], ...]
"""Terms of which a post has all of one row."""


def followed_weeks(
    window: Window, reader: Reader, languages: Sequence[str], decided: Decided, *, comparable: bool
) -> tuple[FollowedWeek, ...]:
    """Return what is followed with its counts of the week, in the order in which it was taken up.

    Whether it moves is asked by the topics' own test, in both directions. Since it was named beforehand, the level is
    shared by all that is followed and not by all terms of the week.

    Args:
        window: the week and its history.
        reader: what made the terms.
        languages: in which followed words are read.
        decided: tells what is followed, and which topics are parts of one.
        comparable: whether the week was collected and has a history to be compared with.
    """
    level = BY_CHANCE / (2 * max(1, len(decided.follows)))
    return tuple(
        _week(window, one, alternatives_of(one, reader, languages, decided), level if comparable else None)
        for one in decided.follows
    )


def alternatives_of(follow: Follow, reader: Reader, languages: Iterable[str], decided: Decided) -> Alternatives:
    """Return by which terms what is followed is found: a topic by any of its own, words by all of one alternative.

    Words are read in every language, since nobody says in which they were given; a comma parts alternatives.
    """
    if follow.words is None:
        parts = [known.terms for known in decided.known if decided.head(known.key) == decided.head(follow.key)]
        return tuple((term,) for term in dict.fromkeys([*follow.terms, *(term for terms in parts for term in terms)]))
    # What is no subject in one of the languages is none: the Finnish "and" is a word like any other in English.
    parts_read = (
        " ".join(token.surface for token in reader.tokens(part, UNSURE) if token.lemma)
        for part in follow.words.split(",")
    )
    read = (tuple(dict.fromkeys(reader.lemmas(part, language))) for part in parts_read for language in languages)
    return tuple(dict.fromkeys(terms for terms in read if terms))


def _week(window: Window, follow: Follow, alternatives: Alternatives, level: float | None) -> FollowedWeek:
    positions = _positions(window.now, alternatives)
    y = window.now.voices_of(positions)
    weekly = tuple(counts.voices_of(_positions(counts, alternatives)) for counts in window.history)
    recent = weekly[-_USUAL_WEEKS:]
    usual = recent if level is not None and len(recent) >= _LEAST_WEEKS else ()
    change: Change = "unknown"
    p: float | None = None
    if level is not None:
        change, p = _change(window, y, weekly, level)
    return FollowedWeek(
        key=follow.key,
        label=follow.label if follow.words is None else {UNSURE: follow.words},
        is_topic=follow.words is None,
        posts=len({window.now.texts[i] for i in positions}),
        writers=y,
        weekly=weekly_of(y, weekly, window),
        low=min(usual, default=None),
        high=max(usual, default=None),
        change=change,
        p=p,
    )


def _positions(counts: CountedWeek, alternatives: Alternatives) -> list[int]:
    found: set[int] = set()
    for terms in alternatives:
        found |= set.intersection(*(set(counts.positions.get(term, ())) for term in terms))
    return sorted(found)


def _change(window: Window, y: int, weekly: Sequence[int], level: float) -> tuple[Change, float]:
    """Return whether the voices rose or fell by more than chance, and how surprising the likelier of both is."""
    more, fewer = window.test(y, weekly), _fall(window, y, weekly)
    if more is not None and more <= level:
        return "more", more
    if fewer is not None and fewer <= level:
        return "fewer", fewer
    return "usual", min(more if more is not None else 1.0, fewer if fewer is not None else 1.0)


def _fall(window: Window, y: int, weekly: Sequence[int]) -> float | None:
    """Return how surprising a fall to ``y`` voices is; None where it is no halving. A quiet week is no fall."""
    total = sum(weekly)
    share = 1 / (1 + len(weekly))
    others_now, others_before = window.now.voices - y, window.voices - total
    if others_before > 0:
        share = min(share, others_now / (others_now + others_before))
    expected = total * share / (1 - share)
    if not expected or y * LEAST_RATIO > expected:
        return None
    exact = binomial_tail(total, total + y, 1 - share)
    excess = dispersion(weekly)
    return max(exact, 1 - negative_binomial_tail(y + 1, expected, excess)) if excess else exact
