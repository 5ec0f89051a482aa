# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""Keys of the API: stored as marks, with what each may do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection

from corpus.database import Database
from corpus.instants import to_instant, to_micros, to_optional_instant
from corpus.reading import to_json

Scope = Literal["read", "posts", "exports"]
SCOPES: tuple[Scope, ...] = ("read", "posts", "exports")
"""Numbers, topics, coverage and issues; posts with their text and writers; exports handed over."""
_USED_EVERY = timedelta(minutes=1)
_COLUMNS = "key_id, name, scopes, made_by, made_at, used_at, ended_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key."""

    key_id: int
    name: str
    """Who or what uses it."""
    scopes: tuple[Scope, ...]
    made_by: str
    made_at: datetime
    used_at: datetime | None
    """Last, to the minute."""
    ended_at: datetime | None
    """Since when it opens nothing."""


class ApiKeys:
    """The keys of the API."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[ApiKey]:
        """Return every key, the newest first."""
        return [_key(row) for row in self._database.query(f"SELECT {_COLUMNS} FROM api_keys ORDER BY key_id DESC")]

    def add(self, mark: str, *, name: str, scopes: Sequence[Scope], who: str, now: datetime) -> ApiKey:
        """Store a key under the mark of its token, and tell the audit log."""
        with self._database.writing(durable=True) as connection:
            found = self._database.rows(
                connection,
                "INSERT INTO api_keys (name, mark, scopes, made_by, made_at) VALUES (?, ?, ?, ?, ?)"
                f" RETURNING {_COLUMNS}",
                (name, mark, to_json(list(scopes)), who, to_micros(now)),
            )
            self._audit(connection, now, who, "made an API key", name)
        return _key(found[0])

    def end(self, key_id: int, *, who: str, now: datetime) -> ApiKey | None:
        """Let a key open nothing any more and return it; None: there is no such key that still opened something."""
        with self._database.writing(durable=True) as connection:
            found = self._database.rows(
                connection,
                f"UPDATE api_keys SET ended_at = ? WHERE key_id = ? AND ended_at IS NULL RETURNING {_COLUMNS}",
                (to_micros(now), key_id),
            )
            if found:
                self._audit(connection, now, who, "ended an API key", found[0][1])
        return _key(found[0]) if found else None

    def of_mark(self, mark: str, *, now: datetime) -> ApiKey | None:
        """Return the key of a token's mark, and note that it is used; None: there is none, or it has ended."""
        found = self._database.query(
            f"SELECT {_COLUMNS} FROM api_keys WHERE mark = ? AND ended_at IS NULL",
            (mark,),
        )
        if not found:
            return None
        key = _key(found[0])
        if key.used_at is None or now - key.used_at >= _USED_EVERY:
            with self._database.writing() as connection:
                self._database.run(
                    connection, "UPDATE api_keys SET used_at = ? WHERE key_id = ?", (to_micros(now), key.key_id)
                )
        return key

    def _audit(self, connection: Connection, now: datetime, who: str, what: str, subject: str) -> None:
        self._database.run(
            connection,
            "INSERT INTO audits (at, who, what, subject) VALUES (?, ?, ?, ?)",
            (to_micros(now), who, what, subject),
        )


def _key(row: Any) -> ApiKey:  # noqa: ANN401 - a driver's tuple
    key_id, name, scopes, made_by, made_at, used_at, ended_at = row
    return ApiKey(
        key_id=key_id,
        name=name,
        scopes=tuple(msgspec.json.decode(scopes)),
        made_by=made_by,
        made_at=to_instant(made_at),
        used_at=to_optional_instant(used_at),
        ended_at=to_optional_instant(ended_at),
    )
