"""Small keyed facts in JSON: what the program must remember and nobody asks for by more than its name."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from corpus.database import Database
from corpus.instants import to_micros
from corpus.reading import to_json

T = TypeVar("T")


class Facts:
    """Small keyed facts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: str) -> Any:  # noqa: ANN401 - JSON
        """Return a fact as JSON, or None where there is none."""
        found = self._database.query("SELECT value FROM facts WHERE key = ?", (key,))
        return msgspec.json.decode(found[0][0]) if found else None

    def put(self, key: str, value: object, *, now: datetime, durable: bool = False) -> None:
        """Remember a fact, in place of the earlier one; where it is durable, through a power cut too."""
        with self._database.writing(durable=durable) as connection:
            self._database.run(
                connection,
                "INSERT INTO facts (key, value, put_at) VALUES (?, ?, ?)"
                " ON CONFLICT (key) DO UPDATE SET value = excluded.value, put_at = excluded.put_at",
                (key, to_json(value), to_micros(now)),
            )

    def change(self, key: str, turn: Callable[[Any], tuple[object, T]], *, now: datetime) -> T:
        """Put what a fact becomes in its place, and return what ``turn`` says besides; nobody changes it meanwhile.

        ``turn`` gets the fact as JSON, None where there is none.
        """
        with self._database.writing() as connection:
            # The conflict locks the row: another process waits here.
            found = self._database.rows(
                connection,
                "INSERT INTO facts (key, value, put_at) VALUES (?, 'null', ?)"
                " ON CONFLICT (key) DO UPDATE SET put_at = excluded.put_at RETURNING value",
                (key, to_micros(now)),
            )
            value, said = turn(msgspec.json.decode(found[0][0]))
            self._database.run(connection, "UPDATE facts SET value = ? WHERE key = ?", (to_json(value), key))
        return said
