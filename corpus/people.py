"""Who may enter the console, and which browsers are logged in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from corpus.database import Database
from corpus.instants import to_instant, to_micros
from programme.staff import StaffRole

_SEEN_EVERY = timedelta(minutes=1)
"""How exactly it is known when a session was last used: reading pages must not write each time."""
_COLUMNS = "p.person_id, p.address, p.name, p.role, p.since_at, p.subject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may enter the console."""

    person_id: int
    address: str
    """Casefolded; where links are mailed."""
    name: str
    """By which labels, decisions and the audit log know the person."""
    role: StaffRole
    since_at: datetime
    subject: str | None = None
    """By which an OpenID provider knows the person, from the first login on."""


class People:
    """The people of the console."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Person]:
        """Return everybody, by address."""
        return [_person(row) for row in self._database.query(f"SELECT {_COLUMNS} FROM people p ORDER BY p.address")]  # noqa: S608 - our own words

    def by_address(self, address: str) -> Person | None:
        """Return who has an address, however its letters are written."""
        return self._one("p.address = ?", address.strip().casefold())

    def by_subject(self, subject: str) -> Person | None:
        """Return whom an OpenID provider knows by a name of its own."""
        return self._one("p.subject = ?", subject)

    def by_name(self, name: str) -> Person | None:
        """Return who is called so."""
        return self._one("p.name = ?", name)

    def put(self, *, address: str, name: str, role: StaffRole, who: str, now: datetime) -> Person:
        """Let somebody in, or give them another name or role, and tell the audit log.

        A new role ends the person's sessions: what is open was opened with other rights.
        """
        folded, micros = address.strip().casefold(), to_micros(now)
        with self._database.writing(durable=True) as connection:
            before = self._database.rows(connection, "SELECT person_id, role FROM people WHERE address = ?", (folded,))
            self._database.run(
                connection,
                "INSERT INTO people (address, name, role, since_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (address) DO UPDATE SET name = excluded.name, role = excluded.role",
                (folded, name, role, micros),
            )
            if before and before[0][1] != role:
                self._database.run(connection, "DELETE FROM sessions WHERE person_id = ?", (before[0][0],))
            self._audit(connection, micros, who, f"let in as {role}", name)
            found = self._database.rows(
                connection,
                f"SELECT {_COLUMNS} FROM people p WHERE p.address = ?",  # noqa: S608 - our own words
                (folded,),
            )
        return _person(found[0])

    def bind(self, person: Person, subject: str) -> None:
        """Remember by which name an OpenID provider knows somebody."""
        with self._database.writing(durable=True) as connection:
            self._database.run(
                connection, "UPDATE people SET subject = ? WHERE person_id = ?", (subject, person.person_id)
            )

    def remove(self, address: str, *, who: str, now: datetime) -> bool:
        """Let somebody in no longer, at once, and return whether there was such a person; what they did stays told."""
        with self._database.writing(durable=True) as connection:
            found = self._database.rows(
                connection, "SELECT person_id, name FROM people WHERE address = ?", (address.strip().casefold(),)
            )
            for person_id, name in found:
                for table in ("sessions", "entries", "people"):
                    self._database.run(connection, f"DELETE FROM {table} WHERE person_id = ?", (person_id,))  # noqa: S608 - our own names
                self._audit(connection, to_micros(now), who, "let in no longer", name)
        return bool(found)

    def begin_session(self, person: Person, mark: str, *, now: datetime, longest: timedelta) -> None:
        """Log a browser in, and forget sessions past their time."""
        micros = to_micros(now)
        with self._database.writing(durable=True) as connection:
            self._database.run(connection, "DELETE FROM sessions WHERE begun_at <= ?", (to_micros(now - longest),))
            self._database.run(
                connection,
                "INSERT INTO sessions (mark, person_id, begun_at, seen_at) VALUES (?, ?, ?, ?)",
                (mark, person.person_id, micros, micros),
            )
            self._audit(connection, micros, person.name, "logged in", person.role)

    def of_session(self, mark: str, *, now: datetime, idle: timedelta, longest: timedelta) -> Person | None:
        """Return whose session a mark is; None: nobody's, or it was unused or open for too long."""
        found = self._database.query(
            f"SELECT {_COLUMNS}, s.seen_at FROM sessions s JOIN people p ON p.person_id = s.person_id"  # noqa: S608 - our own words
            " WHERE s.mark = ? AND s.seen_at > ? AND s.begun_at > ?",
            (mark, to_micros(now - idle), to_micros(now - longest)),
        )
        if not found:
            return None
        if now - to_instant(found[0][-1]) >= _SEEN_EVERY:
            with self._database.writing() as connection:
                self._database.run(connection, "UPDATE sessions SET seen_at = ? WHERE mark = ?", (to_micros(now), mark))
        return _person(found[0][:-1])

    def end_session(self, mark: str) -> None:
        """Log a browser out."""
        with self._database.writing(durable=True) as connection:
            self._database.run(connection, "DELETE FROM sessions WHERE mark = ?", (mark,))

    def _one(self, condition: str, value: str) -> Person | None:
        found = self._database.query(f"SELECT {_COLUMNS} FROM people p WHERE {condition}", (value,))  # noqa: S608 - our own words
        return _person(found[0]) if found else None

    def _audit(self, connection: Connection, micros: int, who: str, what: str, subject: str) -> None:
        self._database.run(
            connection, "INSERT INTO audits (at, who, what, subject) VALUES (?, ?, ?, ?)", (micros, who, what, subject)
        )


def _person(row: Any) -> Person:  # noqa: ANN401 - a driver's tuple
    person_id, address, name, role, since_at, subject = row
    return Person(
        person_id=person_id, address=address, name=name, role=role, since_at=to_instant(since_at), subject=subject
    )
