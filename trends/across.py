"""Topics of different languages that are one: joined on strong evidence only. Pure.

What people share across languages are addresses, discussions, names and places; words seldom. Each kind of evidence has
a weight, and two topics are joined from ``ENOUGH`` on: a sign that chance brings easily never suffices alone.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations

from corpus.canonical import canonical_link
from language.places import named_places
from programme.types import UNSURE
from trends.cognates import are_cognates
from trends.count import CountedWeek, Utterance
from trends.joining import Groups
from trends.terms import Reader
from trends.topics import Topic, together
from trends.translations import Translations
from trends.window import LEAST_RATIO, Window

ENOUGH = 2
_STRONG, _WEAK = 2, 1
_LEAST = 2
"""Voices of each topic that must share a sign: one person's word for it is none."""
_MOST_WATCHED = 20
_RECENT_WEEKS = 4
_MOST_READ = 2000
"""Posts of a week in which places are looked for."""
_USED_TOGETHER = 3
"""Posts and discussions in which two words met, from which they are taken for one meaning."""

Vocabulary = Mapping[str, frozenset[str]]
"""Term to what the programme's own vocabulary means by it, in any language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signs:
    """What a topic's posts hold beside words, each with the voices that share it."""

    topic: Topic
    language: str
    links: Mapping[str, int]
    discussions: Mapping[str, int]
    places: Mapping[str, int]
    words: Mapping[str, int]
    meanings: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Across:
    """Finds the topics of a week that are one in several languages."""

    window: Window
    reader: Reader
    vocabulary: Vocabulary = field(default_factory=dict)
    apart: Sequence[frozenset[str]] = ()
    """Terms that a coordinator parted: topics that both hold some of one set are never joined."""

    def joined(self, notes: Sequence[Topic], watched: Sequence[Topic]) -> tuple[list[Topic], list[Topic]]:
        """Return notes and watch list with those joined that are one; what joins a note leaves the watch list.

        Of one language a joined topic has one part at most: what unites two topics of one language is for
        ``trends.topics`` to see, not for a third between them.
        """
        topics = [*notes, *watched[:_MOST_WATCHED]]
        signs = [self._signs(topic) for topic in topics]
        groups, spoken = Groups(len(topics)), [{each.language} for each in signs]
        why: dict[int, set[str]] = {}
        for i, j in combinations(range(len(topics)), 2):
            first, second = groups.first(i), groups.first(j)
            if first == second or spoken[first] & spoken[second] or not self._may_join(signs[i], signs[j]):
                continue
            found = dict(self._evidence(signs[i], signs[j]))
            if sum(found.values()) >= ENOUGH:
                groups.join(i, j)
                head = groups.first(i)
                spoken[head] = spoken[first] | spoken[second]
                why[head] = why.get(first, set()) | why.get(second, set()) | found.keys()
        return self._parted(topics, groups.firsts(), why, len(notes), watched[_MOST_WATCHED:])

    def _parted(
        self,
        topics: Sequence[Topic],
        heads: Sequence[int],
        why: Mapping[int, set[str]],
        notes: int,
        rest: Iterable[Topic],
    ) -> tuple[list[Topic], list[Topic]]:
        found: tuple[list[Topic], list[Topic]] = ([], [])
        for head in dict.fromkeys(heads):
            parts = [topics[i] for i, each in enumerate(heads) if each == head]
            topic = together(parts, self.window)
            # The head is the smallest position, so a note where any part is one.
            found[head >= notes].append(replace(topic, joined=tuple(sorted(why.get(head, ())))))
        return (sorted(found[0], key=lambda one: (one.p, -one.y, one.terms)), [*found[1], *rest])

    def _may_join(self, one: _Signs, other: _Signs) -> bool:
        mine, theirs = set(one.topic.terms), set(other.topic.terms)
        return UNSURE not in (one.language, other.language) and not any(
            mine & terms and theirs & terms for terms in self.apart
        )

    def _signs(self, topic: Topic) -> _Signs:
        posts = [self.window.now.utterances[i] for i in topic.positions]
        languages = Counter(post.lang for post in posts)
        language, most = max(languages.items(), key=lambda item: (item[1], item[0]))
        return _Signs(
            topic=topic,
            language=language if 2 * most > len(posts) else UNSURE,
            links=self._shared(topic, links_of),
            discussions=self._shared(topic, lambda post: (post.discussion,) if post.discussion else ()),
            places=self._shared(topic, places_of),
            words=self._shared(topic, lambda post: [term for term in post.terms if " " not in term]),
            meanings=frozenset(meaning for term in topic.terms for meaning in self.vocabulary.get(term, ())),
        )

    def _shared(self, topic: Topic, of: Callable[[Utterance], Iterable[str]]) -> dict[str, int]:
        """Return what at least two of the topic's voices share, with their number."""
        return _voices_by(self.window.now, topic.positions, of, _LEAST)

    def _evidence(self, one: _Signs, other: _Signs) -> Iterator[tuple[str, int]]:
        """Yield each kind of evidence that two topics are one, with its weight."""
        links = one.links.keys() & other.links.keys()
        if links and links - self._usual_links:
            yield "link", _STRONG
        if one.discussions.keys() & other.discussions.keys():
            yield "discussion", _STRONG
        if any(self._is_theirs(word, one, other) for word in _by_half(one, other, one.words, other.words)):
            yield "word", _STRONG
        places = _by_half(one, other, one.places, other.places)
        if places:
            yield "place", _STRONG if any(self._has_risen(place, one, other) for place in places) else _WEAK
        pairs = [(a, b) for a in one.topic.terms for b in other.topic.terms]
        cognates = {a for a, b in pairs if are_cognates(a, b)}
        if cognates:
            yield "cognate", min(_STRONG, len(cognates))
        if one.meanings & other.meanings:
            yield "vocabulary", _WEAK
        if self._rows(one) & self._rows(other):
            yield "translation", _STRONG
        if any(self._were_used_together(a, b) for a, b in pairs):
            yield "used together", _STRONG

    @cached_property
    def _translations(self) -> Translations:
        return Translations.read(self.reader)

    def _rows(self, one: _Signs) -> frozenset[int]:
        return frozenset(row for term in one.topic.terms for row in self._translations.of(term, one.language))

    @cached_property
    def _usual_links(self) -> frozenset[str]:
        """Addresses that posts of the last weeks link anyway: the programme's own pages say nothing of a topic."""
        recent = self.window.history[-_RECENT_WEEKS:]
        return frozenset(
            link for counts in recent for post in counts.said(range(counts.posts)) for link in links_of(post)
        )

    def _is_theirs(self, word: str, one: _Signs, other: _Signs) -> bool:
        """Return whether a word, like a name or a hashtag, belongs to the two: usual neither elsewhere nor before."""
        if word in self.window.everyday:
            return False
        here = self._voices(word, one, other)
        now = self.window.now.voices_by_term.get(word, 0)
        usual = self.window.totals.get(word, 0) / max(1, len(self.window.history))
        return 2 * here >= now and here >= LEAST_RATIO * usual

    def _voices(self, word: str, one: _Signs, other: _Signs) -> int:
        both = set(one.topic.positions) | set(other.topic.positions)
        return self.window.now.voices_of(sorted(both.intersection(self.window.now.positions.get(word, ()))))

    def _has_risen(self, place: str, one: _Signs, other: _Signs) -> bool:
        """Return whether a place is named by the two topics above all, and was named half as often before at most."""
        here = one.places[place] + other.places[place]
        usual = sum(week.get(place, 0) for week in self._places_before) / max(1, len(self._places_before))
        return 2 * here >= self._places_now.get(place, 0) and here >= LEAST_RATIO * usual

    @cached_property
    def _places_now(self) -> Mapping[str, int]:
        return _voices_by(self.window.now, range(min(_MOST_READ, self.window.now.posts)), places_of, 1)

    @cached_property
    def _places_before(self) -> Sequence[Mapping[str, int]]:
        return [
            _voices_by(counts, range(min(_MOST_READ, counts.posts)), places_of, 1)
            for counts in self.window.history[-_RECENT_WEEKS:]
        ]

    def _were_used_together(self, one: str, other: str) -> bool:
        """Return whether two words met often before: in bilingual posts, or in one discussion."""
        mine, theirs, both = 0, 0, 0
        for counts in self.window.history:
            ones, others = self._units(counts, one), self._units(counts, other)
            mine, theirs, both = mine + len(ones), theirs + len(others), both + len(ones & others)
        return both >= _USED_TOGETHER and 2 * both >= min(mine, theirs)

    def _units(self, counts: CountedWeek, term: str) -> set[str]:
        posts = counts.said(counts.positions.get(term, ()))
        return {post.discussion or ":".join(post.key) for post in posts}


def _voices_by(
    counts: CountedWeek, positions: Sequence[int], of: Callable[[Utterance], Iterable[str]], least: int
) -> dict[str, int]:
    by_sign: dict[str, list[int]] = {}
    for i, post in zip(positions, counts.said(positions), strict=True):
        for sign in of(post):
            by_sign.setdefault(sign, []).append(i)
    return {sign: voices for sign, found in by_sign.items() if (voices := counts.voices_of(found)) >= least}


def _by_half(one: _Signs, other: _Signs, mine: Mapping[str, int], theirs: Mapping[str, int]) -> list[str]:
    """Return the signs that half of the voices of each topic share."""
    return [
        sign
        for sign, voices in mine.items()
        if 2 * voices >= one.topic.y and 2 * theirs.get(sign, 0) >= other.topic.y and sign in theirs
    ]


def links_of(post: Utterance) -> list[str]:
    """Return the canonical forms of a post's links."""
    return [link for address in post.links if (link := canonical_link(address))]


def places_of(post: Utterance) -> list[str]:
    """Return codes of the municipalities that a post names, alike in every language."""
    lang = None if post.lang == UNSURE else post.lang
    return [code for kind, code in named_places(post.text, lang) if kind == "municipality"]
