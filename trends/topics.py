"""Terms that are written in the same posts are one topic. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from trends.surprise import binomial_tail
from trends.window import KINDRED_WEIGHT, TestedTerm, Window

_RECENT_WEEKS = 4
_FALL_BY_CHANCE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What people wrote of, by the terms that stood out together."""

    terms: tuple[str, ...]
    """Strongest first."""
    positions: tuple[int, ...]
    """Its posts of the week."""
    y: int
    """Its voices of the week."""
    weekly: tuple[int, ...]
    """Its voices in each covered week of the history."""
    p: float
    joined: tuple[str, ...] = ()
    """Kinds of evidence by which parts of several languages were joined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    terms: list[TestedTerm]
    posts: set[int]

    def overlaps(self, other: "_Group") -> bool:
        return 2 * len(self.posts & other.posts) >= min(len(self.posts), len(other.posts))


def strength(term: TestedTerm) -> tuple[float, int, str]:
    """Return by what terms are sorted: the most surprising first, never by order of arrival."""
    return (term.p, -term.y, term.term)


def merged(found: Iterable[TestedTerm], positions: Mapping[str, Collection[int]]) -> list[list[TestedTerm]]:
    """Return the terms in groups whose posts overlap by half of the smaller set, strongest group and term first."""
    groups: list[_Group] = []
    for term in sorted(found, key=strength):
        group = _Group(terms=[term], posts=set(positions[term.term]))
        while (other := next((each for each in groups if each.overlaps(group)), None)) is not None:
            groups.remove(other)
            group = _Group(terms=other.terms + group.terms, posts=other.posts | group.posts)
        groups.append(group)
    return sorted((sorted(group.terms, key=strength) for group in groups), key=lambda terms: strength(terms[0]))


def topics_of(window: Window, found: Iterable[TestedTerm]) -> list[Topic]:
    """Return the topics of the week's tested terms, strongest first."""
    topics = [_topic(window, group) for group in merged(found, window.now.positions)]
    return sorted(topics, key=lambda topic: (topic.p, -topic.y, topic.terms))


def together(parts: Sequence[Topic], window: Window) -> Topic:
    """Return topics as one, counted by all their terms; as surprising as the most surprising of them."""
    if len(parts) == 1:
        return parts[0]
    terms = tuple(dict.fromkeys(term for part in parts for term in part.terms))
    now, y, weekly = counted(window, terms)
    why = tuple(sorted({kind for part in parts for kind in part.joined}))
    return Topic(terms=terms, positions=tuple(now), y=y, weekly=weekly, p=min(part.p for part in parts), joined=why)


def stands_without_loudest(window: Window, topic: Topic, threshold: float) -> bool:
    """Return whether a topic of which one account wrote more than half of the posts passes without that account."""
    written = Counter(window.now.writers[i] for i in topic.positions)
    if not written or 2 * max(written.values()) <= len(topic.positions):
        return True
    loudest = max(written, key=lambda writer: written[writer])
    others = [i for i in topic.positions if window.now.writers[i] != loudest]
    p = window.test(window.now.voices_of(others), topic.weekly)
    return p is not None and p * KINDRED_WEIGHT <= threshold


def fading_topics(window: Window, earlier: Iterable[Sequence[str]]) -> list[Topic]:
    """Return those of some earlier topics, given by their terms, of which fewer wrote than at their recent height.

    The height is the most voices of one of the last four covered weeks; the fall passes an exact test at one in
    twenty, shared by all topics asked about. The surest fall comes first.
    """
    asked, found = [tuple(terms) for terms in earlier], []
    for terms in asked:
        now, y, weekly = counted(window, terms)
        height = max(weekly[-_RECENT_WEEKS:], default=0)
        p = binomial_tail(height, height + y, 1 / 2)
        if height > y and p <= _FALL_BY_CHANCE / len(asked):
            found.append(Topic(terms=terms, positions=tuple(now), y=y, weekly=weekly, p=p))
    return sorted(found, key=lambda topic: (topic.p, topic.terms))


def counted(window: Window, terms: Sequence[str]) -> tuple[list[int], int, tuple[int, ...]]:
    """Return the week's posts with any of the terms, their voices, and the voices of each week of the history."""
    now = window.now.about(terms)
    weekly = tuple(_voices_about(window, i, terms) for i in range(len(window.history)))
    return now, window.now.voices_of(now), weekly


def _voices_about(window: Window, week: int, terms: Sequence[str]) -> int:
    counts = window.history[week]
    present = [term for term in terms if term in counts.voices_by_term]
    if len(present) < 2:  # noqa: PLR2004 -- one term's voices are counted already
        return counts.voices_by_term[present[0]] if present else 0
    return counts.voices_of(counts.about(present))


def _topic(window: Window, group: Sequence[TestedTerm]) -> Topic:
    """Count the topic by all of its terms where these together still pass the test, else by the strongest alone."""
    terms = tuple(tested.term for tested in group)
    now, y, weekly = counted(window, terms)
    p = window.test(y, weekly)
    if p is None or p > group[-1].p:
        p, terms = group[0].p, terms[:1]
        now, y, weekly = counted(window, terms)
    # Its common words dilute a topic: it is as surprising as its most surprising word.
    return Topic(terms=terms, positions=tuple(now), y=y, weekly=weekly, p=min(p, group[0].p))
