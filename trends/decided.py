"""What coordinators decided on topics, applied to a week: names, merges and what is no topic. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b

from corpus.decisions import Decision
from programme.types import UNSURE
from trends.report import Earlier, Json, Trend
from trends.topics import Topic, together
from trends.window import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """A topic, or words, that coordinators follow."""

    key: str
    label: Mapping[str, str]
    """Of a topic, by language."""
    terms: tuple[str, ...] = ()
    """Of a topic."""
    words: str | None = None
    """As they were given; None for a topic."""

    @property
    def shown(self) -> str:
        """One of its names."""
        return self.words or next(iter(self.label.values()), self.key)

    def as_json(self) -> dict[str, Json]:
        """Return it as the command line prints it."""
        kind = "topic" if self.words is None else "words"
        return {"key": self.key, "label": dict(self.label), "kind": kind, "terms": list(self.terms)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What holds after a number of decisions."""

    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By key and language."""
    heads: Mapping[str, str] = field(default_factory=dict)
    """Key of each topic that is part of a merge, to the key under which all of it is told."""
    dismissed: frozenset[str] = frozenset()
    """Keys of what is no topic."""
    known: tuple[Earlier, ...] = ()
    """The topics that were decided on, with the terms by which they were known at the first decision on them."""
    apart: tuple[frozenset[str], ...] = ()
    """Terms of topics that were parted although no coordinator had merged them: languages are not joined in them."""
    follows: tuple[Follow, ...] = ()
    """What is followed, in the order in which it was taken up."""

    def head(self, key: str) -> str:
        """Return the key under which a topic is told."""
        return self.heads.get(key, key)

    def is_none(self, key: str) -> bool:
        """Return whether a topic, or the one that it was merged into, was dismissed."""
        return key in self.dismissed or self.head(key) in self.dismissed


NOTHING = Decided()


def decided_by(decisions: Iterable[Decision]) -> Decided:
    """Return what holds after decisions, given in the order in which they were taken."""
    names: dict[str, dict[str, str]] = {}
    merges: list[tuple[str, str]] = []
    dismissed: set[str] = set()
    known: dict[str, tuple[str, ...]] = {}
    follows: dict[str, Follow] = {}
    apart: dict[frozenset[str], None] = {}
    for one in decisions:
        for key, terms in one.terms.items():
            known.setdefault(key, terms)
        if one.kind == "rename":
            given = {**names.get(one.topic, {}), **one.label}
            names[one.topic] = {language: label for language, label in given.items() if label}
        elif one.kind == "merge":
            merges.append((one.topic, one.other or one.topic))
        elif one.kind == "split":
            left = [merge for merge in merges if not _parts(one, merge)]
            if len(left) == len(merges) and one.other is None:
                apart[frozenset(term for terms in one.terms.values() for term in terms)] = None
            merges = left
        elif one.kind == "dismiss":
            dismissed.add(one.topic)
        elif one.kind == "restore":
            dismissed.discard(one.topic)
        elif one.kind == "follow":
            follows[one.topic] = _follow(one)
        else:
            follows.pop(one.topic, None)
    return Decided(
        names={key: given for key, given in names.items() if given},
        heads=_heads(merges),
        dismissed=frozenset(dismissed),
        known=tuple(Earlier(key=key, terms=terms) for key, terms in known.items() if terms),
        apart=tuple(apart),
        follows=tuple(_named_as(follow, names) for follow in follows.values()),
    )


def _follow(decision: Decision) -> Follow:
    words = decision.label.get(UNSURE) if not decision.terms else None
    return Follow(key=decision.topic, label=decision.label, terms=decision.terms.get(decision.topic, ()), words=words)


def _named_as(follow: Follow, names: Mapping[str, Mapping[str, str]]) -> Follow:
    """Return it under the names that its topic was given, before or after it was taken up."""
    return replace(follow, label={**follow.label, **names.get(follow.key, {})})


def _parts(split: Decision, merge: tuple[str, str]) -> bool:
    return split.topic in merge and (split.other is None or split.other in merge)


def _heads(merges: Iterable[tuple[str, str]]) -> dict[str, str]:
    heads: dict[str, str] = {}
    for topic, other in merges:
        into, joined = heads.setdefault(topic, topic), heads.setdefault(other, other)
        heads = {key: into if head == joined else head for key, head in heads.items()}
    return heads


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A week's topics with their identities, after what was decided."""

    topics: tuple[tuple[str, Topic], ...]
    """Key and topic, strongest first."""
    dismissed: tuple[str, ...]
    """Keys of those left out."""

    def besides(self, other: "Settled") -> "Settled":
        """Return it without the merged topics that are told in another place already."""
        told = {key for key, _ in other.topics}
        return replace(self, topics=tuple((key, topic) for key, topic in self.topics if key not in told))


def settle(topics: Iterable[Topic], window: Window, earlier: Sequence[Earlier], decided: Decided) -> Settled:
    """Return a week's topics as they are to be told: merged ones as one, dismissed ones not at all.

    Args:
        topics: what stood out, strongest first.
        window: the week and its history, in which a merged topic is counted by all of its terms.
        earlier: topics of earlier issues, newest first.
        decided: what coordinators decided.
    """
    # A decision knows its topic better than an issue does: there two topics may have been told as one meanwhile.
    known = [*decided.known, *earlier]
    found: list[tuple[str, Topic]] = []
    merged: dict[str, list[Topic]] = {}
    dismissed: dict[str, None] = {}
    taken: set[str] = set()
    for topic in topics:
        key = identity(topic.terms, known)
        if key in taken and key not in decided.heads and not decided.is_none(key):
            # Two parts of what was one: the stronger keeps its identity.
            key = identity(topic.terms, ())
        taken.add(key)
        if decided.is_none(key):
            dismissed[decided.head(key)] = None
        elif key in decided.heads:
            merged.setdefault(decided.head(key), []).append(topic)
        else:
            found.append((key, topic))
    found += [(key, together(parts, window)) for key, parts in merged.items()]
    found.sort(key=lambda one: (one[1].p, -one[1].y, one[1].terms))
    return Settled(topics=tuple(found), dismissed=tuple(dismissed))


def identity(terms: Sequence[str], known: Iterable[Earlier]) -> str:
    """Return the key of a topic: that of the first known one with which it shares half of its terms, else its own."""
    for topic in known:
        if 2 * len(set(terms) & set(topic.terms)) >= min(len(terms), len(topic.terms)):
            return topic.key
    return blake2b(terms[0].encode(), digest_size=8).hexdigest()


def named(trend: Trend, decided: Decided) -> Trend:
    """Return a note under the names that a coordinator gave its topic."""
    given = decided.names.get(trend.key)
    if not given:
        return trend
    language = next(iter(trend.languages), next(iter(trend.label)))
    return replace(trend, topic=given.get(language, trend.topic), label={**trend.label, **given})
