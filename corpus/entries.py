"""Logins that have begun: each is good once, and not for long."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from corpus.database import Database
from corpus.instants import to_micros
from corpus.reading import to_json

EntryKind = Literal["link", "oidc"]
_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A login that has begun."""

    person_id: int | None
    """None: an OpenID provider has not said yet who it is."""
    content: Mapping[str, Any]


class Entries:
    """The logins that have begun."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, mark: str, kind: EntryKind, entry: Entry, *, now: datetime) -> None:
        """Store one under the mark of its token; those of yesterday go."""
        with self._database.writing(durable=True) as connection:
            self._database.run(connection, "DELETE FROM entries WHERE made_at <= ?", (to_micros(now - _KEPT),))
            self._database.run(
                connection,
                "INSERT INTO entries (mark, kind, person_id, content, made_at) VALUES (?, ?, ?, ?, ?)",
                (mark, kind, entry.person_id, to_json(dict(entry.content)), to_micros(now)),
            )

    def is_open(self, mark: str, kind: EntryKind, *, since: datetime) -> bool:
        """Return whether one that was made after an instant may still be taken."""
        found = self._database.query(
            "SELECT 1 FROM entries WHERE mark = ? AND kind = ? AND used_at IS NULL AND made_at > ?",
            (mark, kind, to_micros(since)),
        )
        return bool(found)

    def take(self, mark: str, kind: EntryKind, *, since: datetime, now: datetime) -> Entry | None:
        """Return one that was made after an instant and use it up; None: nobody made it, or it was used."""
        with self._database.writing(durable=True) as connection:
            found = self._database.rows(
                connection,
                "UPDATE entries SET used_at = ? WHERE mark = ? AND kind = ? AND used_at IS NULL AND made_at > ?"
                " RETURNING person_id, content",
                (to_micros(now), mark, kind, to_micros(since)),
            )
        return Entry(person_id=found[0][0], content=msgspec.json.decode(found[0][1])) if found else None
