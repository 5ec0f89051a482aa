"""Small keyed facts in JSON: what the program must remember and nobody asks for by more than its name."""

from datetime import datetime
from typing import Any

import msgspec

from corpus.database import Database
from corpus.instants import to_micros
from corpus.reading import to_json


class Facts:
    """Small keyed facts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: str) -> Any:  # noqa: ANN401 - JSON
        """Return a fact as JSON, or None where there is none."""
        found = self._database.query("SELECT value FROM facts WHERE key = ?", (key,))
        return msgspec.json.decode(found[0][0]) if found else None

    def put(self, key: str, value: object, *, now: datetime) -> None:
        """Remember a fact, in place of the earlier one."""
        with self._database.writing() as connection:
            self._database.run(
                connection,
                "INSERT INTO facts (key, value, put_at) VALUES (?, ?, ?)"
                " ON CONFLICT (key) DO UPDATE SET value = excluded.value, put_at = excluded.put_at",
                (key, to_json(value), to_micros(now)),
            )
