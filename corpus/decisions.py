"""What coordinators decided on topics, for the future: a log that only grows, so that an issue can tell what held."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import msgspec

from corpus.database import Database
from corpus.instants import to_instant, to_micros
from corpus.reading import to_json

DecisionKind = Literal["rename", "merge", "split", "dismiss", "restore", "follow", "unfollow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One thing that a coordinator decided."""

    kind: DecisionKind
    topic: str
    """Key of the topic; of words that are followed, their own key."""
    other: str | None = None
    """Key of the topic that a merge joins to it, or that a split parts from it; None: all that were joined."""
    terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By key, the terms by which each topic was known then."""
    label: Mapping[str, str] = field(default_factory=dict)
    """Of a rename, by language; an empty one gives the people's own form back. Of followed words, as they were given,

    under ``unsure``; of a followed topic, its names then.
    """
    who: str
    at: datetime
    number: int = 0
    """Its place in the log; 0 until it is stored."""


class Decisions:
    """The log of decisions on topics."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, decision: Decision) -> None:
        """Store a decision, and in the audit log who took it; all or nothing."""
        micros = to_micros(decision.at)
        told = f"{decision.topic} {decision.other}" if decision.other else decision.topic
        with self._database.writing(durable=True) as connection:
            self._database.run(
                connection,
                "INSERT INTO topic_decisions (at, who, kind, topic, other, terms, label) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    micros,
                    decision.who,
                    decision.kind,
                    decision.topic,
                    decision.other,
                    to_json(decision.terms),
                    to_json(decision.label),
                ),
            )
            self._database.run(
                connection,
                "INSERT INTO audits (at, who, what, subject) VALUES (?, ?, ?, ?)",
                (micros, decision.who, f"topics {decision.kind}", told),
            )

    def all(self, *, up_to: int | None = None) -> tuple[Decision, ...]:
        """Return the decisions in the order in which they were taken.

        Args:
            up_to: number of the last one wanted; by default all.
        """
        condition, parameters = ("WHERE decision_id <= ?", (up_to,)) if up_to is not None else ("", ())
        rows = self._database.query(
            "SELECT decision_id, at, who, kind, topic, other, terms, label"  # noqa: S608 - our own words
            f" FROM topic_decisions {condition} ORDER BY decision_id",
            parameters,
        )
        return tuple(
            Decision(
                number=number,
                at=to_instant(at),
                who=who,
                kind=kind,
                topic=topic,
                other=other,
                terms=msgspec.json.decode(terms, type=dict[str, tuple[str, ...]]),
                label=msgspec.json.decode(label),
            )
            for number, at, who, kind, topic, other, terms, label in rows
        )
