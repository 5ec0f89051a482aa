"""What people keep and say in the console: searches to come back to, and feedback on its accessibility."""

from dataclasses import dataclass
from datetime import datetime

from corpus.database import Database
from corpus.instants import to_instant, to_micros, to_optional_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSearch:
    """A search that somebody keeps."""

    search_id: int
    name: str
    query: str
    """Of the page's address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What somebody said."""

    feedback_id: int
    at: datetime
    said: str
    reply_to: str
    """Where they want an answer; empty where they do not."""
    settled_at: datetime | None


class Kept:
    """Searches and feedback."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def searches(self, who: str) -> list[SavedSearch]:
        """Return somebody's searches, by name."""
        rows = self._database.query(
            "SELECT search_id, name, query FROM saved_searches WHERE who = ? ORDER BY name, search_id", (who,)
        )
        return [SavedSearch(search_id=row[0], name=row[1], query=row[2]) for row in rows]

    def save_search(self, who: str, name: str, query: str, *, now: datetime) -> None:
        """Keep a search, in place of one of the same name."""
        with self._database.writing() as connection:
            self._database.run(connection, "DELETE FROM saved_searches WHERE who = ? AND name = ?", (who, name))
            self._database.run(
                connection,
                "INSERT INTO saved_searches (who, name, query, made_at) VALUES (?, ?, ?, ?)",
                (who, name, query, to_micros(now)),
            )

    def drop_search(self, who: str, search_id: int) -> bool:
        """Forget one of somebody's searches, and return whether there was one."""
        with self._database.writing() as connection:
            return bool(
                self._database.run(
                    connection, "DELETE FROM saved_searches WHERE who = ? AND search_id = ?", (who, search_id)
                )
            )

    def feedback(self) -> list[Feedback]:
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
