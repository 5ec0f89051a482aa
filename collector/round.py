"""What one round of collection came to."""

from dataclasses import dataclass
from datetime import UTC, datetime

from corpus.ledger import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What a round of discussions came to."""

    asked: int
    """Discussions that were read to their end."""
    left: int
    """Discussions that are still to be asked for."""
    inserted: int
    problem: str | None

    def as_json(self) -> dict[str, object]:
        """Return it as ``collect --json`` prints it."""
        return {"asked": self.asked, "left": self.left, "inserted": self.inserted, "problem": self.problem}


@dataclass(frozen=True, slots=True, kw_only=True)
class Overheard:
    """What a stream brought in one connection."""

    inserted: int = 0
    updated: int = 0
    buried: int = 0
    events: int = 0
    """All that was told, ours or not."""
    unread: int = 0
    """Of them, those that could not be read."""
    complete: bool = False
    """Whether nothing more was waiting at the end."""
    problem: str | None = None

    def as_json(self) -> dict[str, object]:
        """Return it as ``collect --json`` prints it."""
        return {
            "inserted": self.inserted,
            "updated": self.updated,
            "buried": self.buried,
            "events": self.events,
            "unread": self.unread,
            "complete": self.complete,
            "problem": self.problem,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round of one source."""

    source: str
    state: State
    inserted: int = 0
    updated: int = 0
    buried: int = 0
    skipped: int = 0
    rejected: int = 0
    from_at: datetime | None = None
    """Start of the span that is now collected; where the round did not reach its end, of the span that is not."""
    to_at: datetime | None = None
    complete: bool = False
    """Whether the round reached the end of its span."""
    resume_at: datetime | None = None
    """The time before which no further request is made."""
    problem: str | None = None
    """What went wrong and what to do about it."""
    threads: Followed | None = None
    """What came of the discussions around its posts; None where none has changed."""
    stream: Overheard | None = None
    """What its stream had to tell; None where it has none, or somebody else listens to it all the time."""

    def as_json(self) -> dict[str, object]:
        """Return the round as ``collect --json`` prints it."""
        return {
            "source": self.source,
            "state": self.state,
            "inserted": self.inserted,
            "updated": self.updated,
            "buried": self.buried,
            "skipped": self.skipped,
            "rejected": self.rejected,
            "from": written(self.from_at),
            "to": written(self.to_at),
            "complete": self.complete,
            "resume_at": written(self.resume_at),
            "problem": self.problem,
            "threads": self.threads and self.threads.as_json(),
            "stream": self.stream and self.stream.as_json(),
        }


def written(instant: datetime | None) -> str | None:
    """Return an instant as ISO 8601 in UTC."""
    return None if instant is None else instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
