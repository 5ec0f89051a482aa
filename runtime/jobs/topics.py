"""The topics that issues told of, and what coordinators decide on them for the future."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from programme.errors import MisuseError

if TYPE_CHECKING:
    from corpus.decisions import Decision, DecisionKind
    from runtime.wiring import Program
    from trends.report import TrendReport

_LIST = "See which there are: kuntakaiku topics"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTopic:
    """A topic that an issue told of."""

    key: str
    label: Mapping[str, str]
    """By language, as it is told from now on."""
    state: str
    """Of the newest issue that told of it; ``dismissed``, or ``merged`` where it is told as part of another."""
    first_seen: str
    """Day of the earliest post on it that was known, else the first issue."""
    weeks: tuple[str, ...]
    """Issues that told of it, oldest first."""
    terms: tuple[str, ...]
    """By which the newest issue knew it."""
    head: str
    """Key of the topic under which it is told."""
    followed: bool
    joined: bool
    """Whether an issue told of it as one topic in several languages."""

    @property
    def shown(self) -> str:
        """One of its names."""
        return next(iter(self.label.values()), self.terms[0] if self.terms else self.key)

    def as_json(self) -> dict[str, object]:
        """Return it as plain JSON values."""
        return {
            "topic": self.key,
            "label": dict(self.label),
            "state": self.state,
            "first_seen": self.first_seen,
            "weeks": list(self.weeks),
            "terms": list(self.terms),
            "told_as": self.head,
            "followed": self.followed,
        }


def known_topics(program: "Program") -> list[KnownTopic]:
    """Return the topics of all issues, drafts too, the newest told first."""
    from trends.decided import decided_by

    decided = decided_by(program.corpus.decisions.all())
    told: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for week, topic in _told(program):
        told.setdefault(topic["key"], []).append((week, topic))
    for earlier in decided.known:
        # A topic may be decided on in a draft that no longer tells of it.
        told.setdefault(earlier.key, [("", {"key": earlier.key, "terms": earlier.terms})])
    found = []
    for key, times in told.items():
        newest = times[-1][1]
        state = "dismissed" if decided.is_none(key) else "merged" if decided.head(key) != key else ""
        found.append(
            KnownTopic(
                key=key,
                label={**newest.get("label", {}), **decided.names.get(key, {})},
                state=state or newest.get("state", ""),
                first_seen=min(topic.get("first_seen_at", week)[:10] for week, topic in times),
                weeks=tuple(week for week, _ in times if week),
                terms=tuple(newest["terms"]),
                head=decided.head(key),
                joined=any(topic.get("joined_by") for _, topic in times),
                followed=any(follow.key == key for follow in decided.follows),
            )
        )
    return sorted(found, key=lambda one: one.weeks[-1:], reverse=True)


def decide(
    program: "Program",
    kind: "DecisionKind",
    topic: str,
    *,
    who: str,
    other: str | None = None,
    label: Mapping[str, str] | None = None,
) -> KnownTopic:
    """Store what a coordinator decided on a topic, and return the topic as it stands from now on.

    Args:
        program: the house.
        kind: what is decided.
        topic: key of the topic, the beginning of a key, or a label.
        who: decides it.
        other: the topic that is merged into it or parted from it, named likewise.
        label: names by language.

    Raises:
        MisuseError: nobody knows the topic, several are meant, or the decision would change nothing.
    """
    from corpus.decisions import Decision

    topics = known_topics(program)
    one = meant_topic(topics, topic)
    two = meant_topic(topics, other) if other else None
    decision = Decision(
        kind=kind,
        topic=one.key,
        other=two.key if two else None,
        terms={each.key: each.terms for each in (one, two) if each},
        label=label or {},
        who=who,
        at=program.clock(),
    )
    refuse_idle(program.corpus.decisions.all(), decision, joined=one.joined)
    program.corpus.decisions.add(decision)
    return meant_topic(known_topics(program), one.key)


def topic_named(program: "Program", wanted: str, report: "TrendReport") -> tuple[str, tuple[str, ...]]:
    """Return key and terms of a topic of a week's report, else of one that an issue told of.

    Raises:
        MisuseError: nobody knows the topic, or several are meant.
    """
    folded = wanted.casefold().strip()
    for trend in (*report.trends, *report.watch_list):
        if trend.key == folded or folded in {trend.topic.casefold(), *(one.casefold() for one in trend.label.values())}:
            return trend.key, trend.terms
    known = meant_topic(known_topics(program), wanted)
    return known.key, known.terms


def _told(program: "Program") -> Iterator[tuple[str, Mapping[str, Any]]]:
    for issue in program.corpus.issues.all():
        for topic in program.corpus.facts.get(f"topics {issue.key}") or ():
            yield issue.key, topic


def meant_topic(topics: Sequence[KnownTopic], wanted: str) -> KnownTopic:
    """Return the topic that somebody named by key, the beginning of a key, or a label.

    Raises:
        MisuseError: none is, or several may be.
    """
    folded = wanted.casefold().strip()
    by_key = [one for one in topics if one.key == folded]
    by_label = [one for one in topics if folded in {label.casefold() for label in one.label.values()}]
    by_beginning = [one for one in topics if folded and one.key.startswith(folded)]
    found = by_key or by_label or by_beginning
    if not found:
        raise MisuseError(f"No issue told of a topic {wanted!r}.", _LIST)
    if len(found) > 1:
        keys = ", ".join(one.key for one in found)
        raise MisuseError(f"{wanted!r} may be several topics: {keys}.", "Name one by its key.")
    return found[0]


def refuse_idle(before: "Sequence[Decision]", new: "Decision", *, joined: bool = False) -> None:
    """Raise where a decision would change nothing; only what was ``joined`` across languages can be parted in them."""
    from trends.decided import decided_by

    then, now = decided_by(before), decided_by([*before, new])
    keys = {*then.heads, *now.heads}
    held = (then.names, then.dismissed, then.follows, joined and then.apart)
    holds = (now.names, now.dismissed, now.follows, joined and now.apart)
    if held == holds and all(then.head(k) == now.head(k) for k in keys):
        told = f"{new.topic} {new.other}" if new.other else new.topic
        raise MisuseError(f"To {new.kind} {told} would change nothing.", _LIST)
