"""What people say of the console's accessibility, until it is answered."""

from dataclasses import dataclass
from datetime import datetime

from corpus.database import Database
from corpus.instants import to_instant, to_micros, to_optional_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What somebody said."""

    feedback_id: int
    at: datetime
    said: str
    reply_to: str
    """Where they want an answer; empty where they do not."""
    settled_at: datetime | None


class Feedbacks:
    """All that was said."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Feedback]:
        """Return what was said, newest first; what is settled last."""
        rows = self._database.query(
            "SELECT feedback_id, at, said, reply_to, settled_at FROM feedback"
            " ORDER BY CASE WHEN settled_at IS NULL THEN 0 ELSE 1 END, feedback_id DESC"
        )
        return [
            Feedback(
                feedback_id=row[0],
                at=to_instant(row[1]),
                said=row[2],
                reply_to=row[3],
                settled_at=to_optional_instant(row[4]),
            )
            for row in rows
        ]

    def say(self, said: str, reply_to: str, *, now: datetime) -> None:
        """Store what somebody says."""
        with self._database.writing(durable=True) as connection:
            self._database.run(
                connection,
                "INSERT INTO feedback (at, said, reply_to) VALUES (?, ?, ?)",
                (to_micros(now), said, reply_to),
            )

    def settle(self, feedback_id: int, *, who: str, now: datetime) -> bool:
        """Note that what was said was answered, and forget where; return whether it was open."""
        with self._database.writing(durable=True) as connection:
            return bool(
                self._database.run(
                    connection,
                    "UPDATE feedback SET settled_at = ?, settled_by = ?, reply_to = ''"
                    " WHERE feedback_id = ? AND settled_at IS NULL",
                    (to_micros(now), who, feedback_id),
                )
            )
