"""A history of counted weeks, opened in little memory: the same answers as from the posts themselves. Pure.

Two things depend on the whole window and are therefore never kept with a week. **Parts** of compounds are learnt anew
from the words of all its weeks. **Pruned** is what can never matter: pairs of words that a single post of the window
holds, none of the week that is asked about. No test looks at terms of fewer than three voices, nothing else at pairs.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from programme.week import Week
from trends.compounds import in_parts, parts_of, words_alone
from trends.count import CountedWeek, Utterance, count_week, voices
from trends.packed import Numbers, Packed, unpack
from trends.window import TrendSettings, Window, weeks_before, window_of

Fetch = Callable[[Sequence[int]], Sequence[Utterance]]
"""Our ids of posts to the posts, in the order of the ids."""
Spoken = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Numbers of terms in a language, sorted, and the posts of each."""
Parts = Mapping[tuple[str, str], str]
_LANGUAGES = 1 << 16
"""More than there are: a word and its language are one number."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def open_kept(
    now: Iterable[Utterance],
    week: Week,
    kept: Mapping[Week, bytes],
    covered: Callable[[Week], bool],
    settings: TrendSettings,
    *,
    asked: Iterable[str],
    fetch: Fetch,
) -> Window:
    """Return a week beside its history, of which only the counts are at hand.

    Args:
        now: posts of the week.
        week: the week.
        kept: by week what ``pack`` made of it; of each week before that has a post.
        covered: whether enough was collected in a week to compare with it.
        settings: how far back the history reaches.
        asked: terms that somebody asks for by name, which are therefore not pruned.
        fetch: gives posts of the history, where one must be looked at.
    """
    held, before = list(now), [each for each in weeks_before(week, settings) if each in kept]
    wanted = {each for each in before if covered(each)}
    names = _Names(_often(kept, before, {*asked, *chain.from_iterable(each.terms for each in held)}))
    opened: dict[Week, _Base] = {}
    spoken: list[Spoken] = []
    for each in before:
        base = names.open(unpack(kept[each]))
        spoken.append(base.spoken())
        if each in wanted:
            opened[each] = base
    alone = words_alone(held)
    names.number(term for _, term in alone)
    alone.update(names.alone(spoken))
    parts = parts_of(alone)
    numbered = names.numbered(parts)
    this_week = count_week(week, (in_parts(one, parts) for one in held))

    def counted(each: Week) -> CountedWeek:
        return opened[each].with_parts(each, names, numbered, fetch) if each in opened else count_week(each, ())

    window = window_of(
        counted, this_week, held={*before, *([week] if held else [])}, covered=covered, settings=settings
    )
    return replace(window, summed=_totals(names, window.history))


def _totals(names: "_Names", history: Iterable[CountedWeek]) -> Mapping[str, int]:
    """Return the voices of each term in a history of kept weeks."""
    totals = np.zeros(len(names.terms), np.int64)
    for week in history:
        if isinstance(week, KeptWeek):
            totals[week.index.terms] += week.index.heard
    used = np.flatnonzero(totals)
    return {names.terms[number]: n for number, n in zip(used.tolist(), totals[used].tolist(), strict=True)}


def _often(kept: Mapping[Week, bytes], weeks: Sequence[Week], asked: Collection[str]) -> NDArray[np.int64]:
    """Return hashes of the pairs that are not pruned, sorted.

    Where two pairs have one hash, both may stay: a hash only ever keeps too much, so that results do not depend on it.
    """
    wanted = np.fromiter(map(hash, asked), np.int64, len(asked))
    each_week: list[NDArray[np.int64]] = [wanted, wanted]
    for week in weeks:
        packed = unpack(kept[week])
        hashes = np.fromiter(map(hash, packed.pairs), np.int64, len(packed.pairs))
        several = packed.numbers(packed.sizes)[len(packed.words) :] > 1
        each_week += [hashes, hashes[several]]
    found, times = np.unique(np.concatenate(each_week), return_counts=True)
    return found[times > 1]


class _Names:
    """Terms and languages, each with its number in this window."""

    def __init__(self, often: NDArray[np.int64]) -> None:
        self.terms: list[str] = []
        self.numbers: dict[str, int] = {}
        self.languages: list[str] = []
        self._language: dict[str, int] = {}
        self._often = often

    def number(self, terms: Iterable[str]) -> list[int]:
        """Return the numbers of terms, new ones where they had none."""
        found = []
        for term in terms:
            known = self.numbers.get(term)
            if known is None:
                known = self.numbers[term] = len(self.terms)
                self.terms.append(term)
            found.append(known)
        return found

    def language(self, code: str) -> int:
        """Return the number of a language."""
        if code not in self._language:
            self._language[code] = len(self.languages)
            self.languages.append(code)
        return self._language[code]

    def alone(self, spoken: Sequence[Spoken]) -> dict[tuple[str, str], int]:
        """Return by language and word the posts of all weeks."""
        if not spoken:
            return {}
        is_word = np.fromiter((" " not in term for term in self.terms), bool, len(self.terms))
        both = np.concatenate([found for found, _ in spoken])
        found, place = np.unique(both, return_inverse=True)
        posts = np.bincount(place, np.concatenate([times for _, times in spoken])).astype(np.int64)
        words = is_word[found // _LANGUAGES]
        return {
            (self.languages[lang], self.terms[number]): n
            for number, lang, n in zip(
                (found[words] // _LANGUAGES).tolist(),
                (found[words] % _LANGUAGES).tolist(),
                posts[words].tolist(),
                strict=True,
            )
        }

    def numbered(self, parts: Parts) -> tuple[NDArray[np.int64], Numbers]:
        """Return words with their language, sorted, and the part of each."""
        by_word = sorted(
            (self.numbers[word] * _LANGUAGES + self._language[lang], self.numbers[part])
            for (lang, word), part in parts.items()
            if lang in self._language
        )
        return np.array([word for word, _ in by_word], np.int64), np.array([part for _, part in by_word], np.int32)

    def open(self, packed: Packed) -> "_Base":
        """Return a week without the pairs that are pruned."""
        hashes = np.fromiter(map(hash, packed.pairs), np.int64, len(packed.pairs))
        stays = _within(hashes, self._often)
        keep = np.concatenate([np.ones(len(packed.words), bool), stays])
        pairs = (packed.pairs[i] for i in np.flatnonzero(stays).tolist())
        numbers = np.array(self.number(chain(packed.words, pairs)), np.int32)
        sizes = packed.numbers(packed.sizes)
        order = np.argsort(numbers, kind="stable")
        posts = packed.numbers(packed.posts)[np.repeat(keep, sizes)]
        sizes, heard = sizes[keep], packed.numbers(packed.heard)[keep]
        by_term = np.argsort(np.repeat(numbers, sizes), kind="stable")
        languages = np.array([self.language(code) for code in packed.langs], np.int64)
        return _Base(
            ids=np.frombuffer(packed.ids, "<i8"),
            times=np.frombuffer(packed.times, "<i8"),
            writers=packed.numbers(packed.writers),
            texts=packed.numbers(packed.texts),
            voices=packed.voices,
            terms=numbers[order],
            sizes=sizes[order],
            heard=heard[order],
            posts=posts[by_term].astype(np.int32),
            lang=languages[np.frombuffer(packed.lang, "<u2")].astype(np.int64),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Base:
    """A week as it was counted, before parts of compounds are learnt."""

    ids: NDArray[np.int64]
    times: NDArray[np.int64]
    writers: Numbers
    texts: Numbers
    voices: int
    terms: Numbers
    """Sorted."""
    sizes: Numbers
    heard: Numbers
    posts: Numbers
    """Term after term, each oldest first."""
    lang: NDArray[np.int64]
    """Of each post."""

    def spoken(self) -> Spoken:
        """Return by term and language the number of posts."""
        found, times = np.unique(self._in_languages(), return_counts=True)
        return found, times

    def _in_languages(self) -> NDArray[np.int64]:
        return np.repeat(self.terms, self.sizes).astype(np.int64) * _LANGUAGES + self.lang[self.posts]

    def with_parts(
        self, week: Week, names: _Names, parts: tuple[NDArray[np.int64], Numbers], fetch: Fetch
    ) -> "KeptWeek":
        """Return the week with the parts of its compounds counted."""
        count = len(self.lang)
        words, part_of = parts
        spoken = self._in_languages()
        is_compound = _within(spoken, words)
        added = part_of[np.searchsorted(words, spoken[is_compound])] if len(words) else np.zeros(0, np.int32)
        both = np.concatenate([np.repeat(self.terms, self.sizes), added]).astype(np.int64) * count
        found = _once(both + np.concatenate([self.posts, self.posts[is_compound]]))
        terms, sizes = np.unique(found // max(1, count), return_counts=True)
        posts = (found % max(1, count)).astype(np.int32)
        ends = np.cumsum(sizes)
        heard = np.zeros(len(terms), np.int32)
        at = np.searchsorted(terms, self.terms)
        heard[at] = self.heard
        before = np.zeros(len(terms), np.int64)
        before[at] = self.sizes
        for i in np.flatnonzero(before != sizes).tolist():
            about = posts[ends[i] - sizes[i] : ends[i]]
            heard[i] = voices(self.writers[about].tolist(), self.texts[about].tolist())
        return KeptWeek(
            week=week,
            voices=self.voices,
            posts=count,
            index=_Index(names=names, terms=terms.astype(np.int32), ends=ends, about=posts, heard=heard),
            ids=self.ids,
            times=self.times,
            writers=self.writers,
            texts=self.texts,
            fetch=fetch,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Index:
    """Posts and voices of each term of a week."""

    names: _Names
    terms: Numbers
    """Sorted."""
    ends: NDArray[np.int64]
    about: Numbers
    heard: Numbers

    def at(self, term: str) -> int | None:
        """Return the place of a term; None where nobody used it."""
        number = self.names.numbers.get(term)
        if number is None:
            return None
        # As wide as the array: another width would copy all of it at each look.
        i = int(np.searchsorted(self.terms, np.int32(number)))
        return i if i < len(self.terms) and self.terms[i] == number else None

    def posts(self, i: int) -> list[int]:
        """Return the posts of the term at a place."""
        found: list[int] = self.about[self.ends[i - 1] if i else 0 : self.ends[i]].tolist()
        return found

    def spelt(self) -> list[str]:
        """Return all terms, in the order of their places."""
        return [self.names.terms[number] for number in self.terms.tolist()]


@dataclass(frozen=True, slots=True)
class _Positions(Mapping[str, Sequence[int]]):
    index: _Index

    def __getitem__(self, term: str) -> Sequence[int]:
        i = self.index.at(term)
        if i is None:
            raise KeyError(term)
        return self.index.posts(i)

    def __iter__(self) -> Iterator[str]:
        return iter(self.index.spelt())

    def __len__(self) -> int:
        return len(self.index.terms)


@dataclass(frozen=True, slots=True)
class _Voices(Mapping[str, int]):
    index: _Index

    def __getitem__(self, term: str) -> int:
        i = self.index.at(term)
        if i is None:
            raise KeyError(term)
        return int(self.index.heard[i])

    def __iter__(self) -> Iterator[str]:
        return iter(self.index.spelt())

    def __len__(self) -> int:
        return len(self.index.terms)

    def items(self) -> Any:  # noqa: ANN401 - pairs, at once: the view of the base class looks each term up
        return dict(zip(self.index.spelt(), self.index.heard.tolist(), strict=True)).items()


@dataclass(frozen=True, kw_only=True)
class KeptWeek:
    """A week of the history of which only the counts are at hand."""

    week: Week
    voices: int
    posts: int
    index: _Index
    ids: NDArray[np.int64]
    times: NDArray[np.int64]
    writers: Numbers
    texts: Numbers
    fetch: Fetch

    @cached_property
    def positions(self) -> Mapping[str, Sequence[int]]:
        """Posts with a term."""
        return _Positions(self.index)

    @cached_property
    def voices_by_term(self) -> Mapping[str, int]:
        """Voices of each term."""
        return _Voices(self.index)

    def voices_of(self, positions: Sequence[int]) -> int:
        """Return how many voices some of the week's posts have."""
        at = np.array(positions, np.int64)
        return voices(self.writers[at].tolist(), self.texts[at].tolist())

    def about(self, terms: Iterable[str]) -> list[int]:
        """Return the positions of the posts with any of the terms, in order."""
        return sorted({i for term in terms for i in self.positions.get(term, ())})

    def said(self, positions: Sequence[int]) -> list[Utterance]:
        """Return some of the week's posts, read anew."""
        return list(self.fetch(self.ids[np.array(positions, np.int64)].tolist())) if len(positions) else []

    def first_at(self, positions: Sequence[int]) -> datetime:
        """Return when the earliest of some posts, at least one, was written."""
        return _EPOCH + timedelta(microseconds=int(self.times[np.array(positions, np.int64)].min()))

    def repeated(self, positions: Sequence[int]) -> set[str]:
        """Return the terms that more than one of some posts hold."""
        chosen = np.zeros(self.posts + 1, np.int64)
        chosen[np.array(positions, np.int64)] = 1
        sums = np.concatenate([[0], np.cumsum(chosen[self.index.about])])
        begins = np.concatenate([[0], self.index.ends[:-1]])
        times = sums[self.index.ends] - sums[begins]
        return {self.index.names.terms[number] for number in self.index.terms[times > 1].tolist()}


def _once(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the distinct values, sorted: three times as fast as ``numpy.unique``, which hashes."""
    ordered = np.sort(values)
    return ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])] if len(ordered) else ordered


def _within(values: NDArray[np.int64], among: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which values stand in a sorted array."""
    if not len(among):
        return np.zeros(len(values), bool)
    at = np.minimum(np.searchsorted(among, values), len(among) - 1)
    found: NDArray[np.bool_] = among[at] == values
    return found
