"""One week beside its history, and the test of every term of the week. Pure."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from programme.week import Week
from trends.compounds import with_parts
from trends.count import CountedWeek, Utterance, WeekCounts, by_weeks, count_week
from trends.surprise import surprise

LEAST_VOICES = 3
LEAST_RATIO = 2.0
KINDRED_WEIGHT = 0.5
"""Of a p-value whose posts share more than the term. Weights keep a test's promise, doi.org/10.1093/biomet/93.3.509.

Measured on planted headlines: five voices among 100 posts were found 63 of 80 times instead of 58; 64 share a word.
"""
_LIKE_WORDS = 5
"""Letters at the beginning by which words are taken for forms or compounds of one."""
SAME_SEASON = range(50, 55)
"""Weeks back that are the same season of the year before: 52 ± 2."""
YEAR = 52
"""Weeks of history with which something yearly could have been seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendSettings:
    """How careful the notes are; the defaults are the measured ones."""

    alpha: float = 0.3
    """Chance notes risked a week before calibration; a calibration replaces it by the project's own."""
    weeks: int = 52
    """Most weeks of history that a week is compared with."""
    least_weeks: int = 4
    """Fewest covered weeks of history with which anything is said."""
    least_weeks_for_new: int = 8
    """Fewest covered weeks of history after which a topic may be called new."""
    stop_share: float = 0.03
    """Share of the history's voices above which a term is everyday speech."""
    most: int = 5
    """Topics printed, and as many on the watch list."""
    watch_factor: float = 20.0
    """How much more chance the watch list accepts than the notes."""
    least_copies: int = 3
    """Accounts, or copies by one account, from which a spread text is told of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestedTerm:
    """A term of the week with what the test says of it."""

    term: str
    y: int
    """Voices of the week."""
    total: int
    """Voices of the history."""
    p: float
    weighed: float
    """What is held against the threshold: ``p``, or half of it where the posts share more than the term."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """A week and the covered weeks that it is compared with."""

    now: WeekCounts
    history: tuple[CountedWeek, ...]
    """Covered weeks only, oldest first: weeks without collection have no exposure, they are not zeros."""
    settings: TrendSettings
    year_ago: tuple[CountedWeek, ...] | None = None
    """Covered weeks of the same season a year before; None where the history does not reach so far."""

    summed: Mapping[str, int] | None = None
    """Voices of each term in the history, where they are known already."""

    @cached_property
    def totals(self) -> Mapping[str, int]:
        """Voices of each term in the history."""
        if self.summed is not None:
            return self.summed
        totals: Counter[str] = Counter()
        for counts in self.history:
            totals.update(counts.voices_by_term)
        return totals

    @cached_property
    def voices(self) -> int:
        """Voices of the history."""
        return sum(counts.voices for counts in self.history)

    @cached_property
    def everyday(self) -> frozenset[str]:
        """Terms of everyday speech, by the history alone: what is frequent only this week is no everyday speech."""
        limit = max(self.settings.stop_share * self.voices, LEAST_VOICES**2)
        frequent = [term for term, total in self.totals.items() if total > limit]
        return frozenset(
            term
            for term in frequent
            if 2 * sum(term in counts.voices_by_term for counts in self.history) >= len(self.history)
        )

    @cached_property
    def looked_at(self) -> int:
        """Number of terms that could have stood out, which the threshold allows for."""
        now = self.now.voices_by_term
        both = sum(total + now.get(term, 0) >= LEAST_VOICES for term, total in self.totals.items())
        only_now = sum(y >= LEAST_VOICES and term not in self.totals for term, y in now.items())
        return max(1, both + only_now - len(self.everyday))

    def weekly(self, term: str) -> list[int]:
        """Return a term's voices in each week of the history."""
        return [counts.voices_by_term.get(term, 0) for counts in self.history]

    def test(self, y: int, weekly: Sequence[int]) -> float | None:
        """Return how surprising ``y`` voices are after these weeks; None where they are too few or no rise."""
        return rise(y, weekly, voices_now=self.now.voices, voices_before=self.voices)

    def tested(self, most_p: float) -> Iterator[TestedTerm]:
        """Yield the week's terms that rose by an accident at most as likely as ``most_p``, weighed."""
        for term, y in self.now.voices_by_term.items():
            if y < LEAST_VOICES or term in self.everyday:
                continue
            p = self.test(y, self.weekly(term))
            if p is not None and p * KINDRED_WEIGHT <= most_p:
                positions = self.now.positions[term]
                said = [(self.now.texts[i], self.now.utterances[i].terms) for i in positions]
                weighed = p * KINDRED_WEIGHT if are_kindred(said, term, self.everyday) else p
                if weighed <= most_p:
                    yield TestedTerm(term=term, y=y, total=self.totals.get(term, 0), p=p, weighed=weighed)


def are_kindred(said: Iterable[tuple[int, Sequence[str]]], term: str, everyday: Collection[str]) -> bool:
    """Return whether two different texts share more than a term: a topic has more words than one, chance seldom.

    Args:
        said: of each post with the term, the number of its text and its terms.
        term: what they share anyway; terms made of its words, and their compounds, do not count.
        everyday: terms that do not count either.
    """
    begin = {word[:_LIKE_WORDS] for word in term.split(" ")}
    first_text: dict[str, int] = {}
    return any(
        first_text.setdefault(other, text) != text
        for text, terms in said
        for other in terms
        if other not in everyday and begin.isdisjoint(word[:_LIKE_WORDS] for word in other.split(" "))
    )


def rise(y: int, weekly: Sequence[int], *, voices_now: int, voices_before: int) -> float | None:
    """Return how surprising a rise to ``y`` voices is; None where they are fewer than three or no doubling.

    The week's share of the exposure is by weeks, or by the other voices where those are more this week: a busy week
    brings more of everything, and a quiet one must not make what stayed the same look like a rise.
    """
    total = sum(weekly)
    if y < LEAST_VOICES:
        return None
    share = 1 / (1 + len(weekly))
    others_now, others_before = voices_now - y, voices_before - total
    if others_before > 0:
        share = max(share, others_now / (others_now + others_before))
    if y * (1 - share) < LEAST_RATIO * total * share:
        return None
    return surprise(y, weekly, share)


def open_window(
    utterances: Iterable[Utterance], week: Week, covered: Callable[[Week], bool], settings: TrendSettings
) -> Window:
    """Return the week beside the covered weeks of the history, which begins with the first post that we hold."""
    by_week = by_weeks(with_parts(utterances))
    return window_of(
        lambda each: count_week(each, by_week.get(each, ())),
        count_week(week, by_week.get(week, ())),
        held=by_week,
        covered=covered,
        settings=settings,
    )


def weeks_before(week: Week, settings: TrendSettings) -> list[Week]:
    """Return the weeks that may be looked at beside a week, oldest first."""
    return week.before(max(settings.weeks, SAME_SEASON.stop - 1))


def window_of(
    counted: Callable[[Week], CountedWeek],
    now: WeekCounts,
    *,
    held: Collection[Week],
    covered: Callable[[Week], bool],
    settings: TrendSettings,
) -> Window:
    """Return a week beside the covered weeks of its history.

    Args:
        counted: gives what is counted of a week; asked for covered weeks only.
        now: the week itself.
        held: the weeks of which there are posts.
        covered: whether enough was collected in a week to compare with it.
        settings: how far back the history reaches.
    """
    week, before = now.week, weeks_before(now.week, settings)
    first = min((each for each in before if each in held), default=week)
    history = [counted(each) for each in before if each >= first and covered(each)]
    season = {week.plus(-weeks_back) for weeks_back in SAME_SEASON}
    reaches = first <= week.plus(-YEAR)
    return Window(
        now=now,
        history=tuple(counts for counts in history if counts.week >= week.plus(-settings.weeks)),
        settings=settings,
        year_ago=tuple(counts for counts in history if counts.week in season) if reaches else None,
    )
