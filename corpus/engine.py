"""Which engine a corpus is in, of which version."""

from dataclasses import dataclass

from corpus.database import Database
from corpus.schema import REVISIONS

_OLDEST = {"SQLite": "3.38", "PostgreSQL": "14"}
"""SQLite: `RETURNING`, and JSON built in. PostgreSQL: the oldest that its makers still mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineFacts:
    """An engine and the tables in it."""

    name: str
    version: str
    revision: str
    """Version of the tables: an opened corpus has this program's."""
    oldest: str
    """The oldest version of the engine that works."""

    @property
    def is_too_old(self) -> bool:
        """Whether the engine lacks what the program asks of it."""
        return _numbers(self.version) < _numbers(self.oldest)


def engine_facts(database: Database) -> EngineFacts:
    """Return what a database is.

    Raises:
        DatabaseUnavailableError: it cannot be read.
    """
    name = "SQLite" if database.sqlite else "PostgreSQL"
    version = str(database.query("SELECT sqlite_version()" if database.sqlite else "SHOW server_version")[0][0])
    return EngineFacts(name=name, version=version.split(maxsplit=1)[0], revision=REVISIONS[-1], oldest=_OLDEST[name])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())
