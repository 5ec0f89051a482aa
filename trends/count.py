"""Who wrote of what in which week: posts joined to voices, voices counted by term. Pure, and blind to arrival order.

A week is always counted from its posts, never by adding or subtracting counts: late posts, deletions and new labels
need no correction, and two halves of a week give the same counts as the whole.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from programme.week import Week
from trends.copies import copy_groups
from trends.joining import Groups

PostKey = tuple[str, str]
"""Network and native id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """A post as the counts see it."""

    key: PostKey
    week: Week
    created_at: datetime
    account: PostKey | None
    """Network and native id of its author; None where unknown."""
    repost_of: PostKey | None
    text: str
    """Of a repost without a text of its own: the original's."""
    terms: tuple[str, ...]
    lang: str
    """``unsure`` where nobody knows."""
    theme: str | None
    links: tuple[str, ...] = ()
    """As written."""
    discussion: str | None = None
    written: int | None = None
    """How many of its terms, the first ones, stand in the text itself; None: all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekCounts:
    """One week's posts, and what is counted of them."""

    week: Week
    utterances: tuple[Utterance, ...]
    """Oldest first; the other fields speak of them by position."""
    writers: tuple[int, ...]
    """Number of each post's writer; a repost has a writer of its own, since it says nothing new of its author's."""
    texts: tuple[int, ...]
    """Number of each post's text: near-identical texts, and reposts with their original, share it."""
    positions: Mapping[str, tuple[int, ...]]
    """Posts with a term."""
    voices_by_term: Mapping[str, int]
    voices: int
    """Of the whole week."""

    @property
    def posts(self) -> int:
        """Number of posts."""
        return len(self.utterances)

    def said(self, positions: Iterable[int]) -> list[Utterance]:
        """Return some of the week's posts."""
        return [self.utterances[i] for i in positions]

    def first_at(self, positions: Sequence[int]) -> datetime:
        """Return when the earliest of some posts, at least one, was written."""
        return min(self.utterances[i].created_at for i in positions)

    def repeated(self, positions: Iterable[int]) -> set[str]:
        """Return the terms that more than one of some posts hold."""
        times = Counter(term for i in positions for term in self.utterances[i].terms)
        return {term for term, posts in times.items() if posts > 1}

    def voices_of(self, positions: Sequence[int]) -> int:
        """Return how many voices some of the week's posts have: one person or one text counts once."""
        return voices([self.writers[i] for i in positions], [self.texts[i] for i in positions])

    def about(self, terms: Iterable[str]) -> list[int]:
        """Return the positions of the posts with any of the terms, in order."""
        return sorted({i for term in terms for i in self.positions.get(term, ())})


class CountedWeek(Protocol):
    """What is asked of a week of the history, whether its posts are at hand or only what was counted of them."""

    @property
    def week(self) -> Week:
        """Which week."""

    @property
    def voices(self) -> int:
        """Of the whole week."""

    @property
    def posts(self) -> int:
        """Number of posts."""

    @property
    def positions(self) -> Mapping[str, Sequence[int]]:
        """Posts with a term."""

    @property
    def voices_by_term(self) -> Mapping[str, int]:
        """Voices of each term."""

    def voices_of(self, positions: Sequence[int]) -> int:
        """Return how many voices some posts have."""

    def about(self, terms: Iterable[str]) -> list[int]:
        """Return the positions of the posts with any of the terms, in order."""

    def said(self, positions: Sequence[int]) -> list[Utterance]:
        """Return some of the week's posts."""

    def first_at(self, positions: Sequence[int]) -> datetime:
        """Return when the earliest of some posts, at least one, was written."""

    def repeated(self, positions: Sequence[int]) -> set[str]:
        """Return the terms that more than one of some posts hold."""


def count_week(week: Week, utterances: Iterable[Utterance]) -> WeekCounts:
    """Return the counts of one week from its posts, which may come in any order and more than once."""
    once = {utterance.key: utterance for utterance in utterances}
    ordered = sorted(once.values(), key=lambda utterance: (utterance.created_at, utterance.key))
    writers, texts = writers_of(ordered), texts_of(ordered)
    positions: defaultdict[str, list[int]] = defaultdict(list)
    for i, utterance in enumerate(ordered):
        for term in utterance.terms:
            positions[term].append(i)
    unlike_any_other = _unlike_any_other(writers, texts)
    return WeekCounts(
        week=week,
        utterances=tuple(ordered),
        writers=writers,
        texts=texts,
        positions={term: tuple(found) for term, found in positions.items()},
        voices_by_term={term: _voices_at(found, writers, texts, unlike_any_other) for term, found in positions.items()},
        voices=voices(writers, texts),
    )


def voices(writers: Sequence[int], texts: Sequence[int]) -> int:
    """Return the number of groups that remain when posts sharing a writer or a text are joined."""
    if len(writers) < 2:  # noqa: PLR2004 -- nothing to join
        return len(writers)
    distinct_writers, distinct_texts = len(set(writers)), len(set(texts))
    if min(distinct_writers, distinct_texts) == 1 or len(writers) in (distinct_writers, distinct_texts):
        return min(distinct_writers, distinct_texts)
    groups = Groups(len(writers))
    for numbers in (writers, texts):
        first: dict[int, int] = {}
        for i, number in enumerate(numbers):
            groups.join(i, first.setdefault(number, i))
    return len(set(groups.firsts()))


def _voices_at(positions: Sequence[int], writers: Sequence[int], texts: Sequence[int], alone: Sequence[bool]) -> int:
    """Count voices quickly: posts that share nothing with any other post of the week need no joining."""
    if len(positions) == 1:
        return 1
    shared = [i for i in positions if not alone[i]]
    return len(positions) - len(shared) + voices([writers[i] for i in shared], [texts[i] for i in shared])


def _unlike_any_other(writers: Sequence[int], texts: Sequence[int]) -> list[bool]:
    by_writer, by_text = Counter(writers), Counter(texts)
    return [by_writer[writer] == 1 == by_text[text] for writer, text in zip(writers, texts, strict=True)]


def writers_of(utterances: Sequence[Utterance]) -> tuple[int, ...]:
    """Number the writers: an unknown one, and one who only reposts, stands alone."""
    numbers: dict[object, int] = {}
    return tuple(
        numbers.setdefault(
            ("post", utterance.key)
            if utterance.account is None or utterance.repost_of
            else ("account", utterance.account),
            len(numbers),
        )
        for utterance in utterances
    )


def texts_of(utterances: Sequence[Utterance]) -> tuple[int, ...]:
    """Number the texts: by likeness, then reposts joined with their original and with one another."""
    # By what was written: parts of compounds are learnt from other weeks, which must not change what is a copy.
    likeness = copy_groups([utterance.terms[: utterance.written] for utterance in utterances])
    groups = Groups(len(utterances))
    first: dict[PostKey, int] = {}
    for i, utterance in enumerate(utterances):
        groups.join(i, likeness[i])
        for key in (utterance.key, utterance.repost_of):
            if key is not None:
                groups.join(i, first.setdefault(key, i))
    return tuple(groups.firsts())


def by_weeks(utterances: Iterable[Utterance]) -> dict[Week, list[Utterance]]:
    """Return the posts by their week."""
    found: defaultdict[Week, list[Utterance]] = defaultdict(list)
    for utterance in utterances:
        found[utterance.week].append(utterance)
    return dict(found)
