"""What is known of recipients' addresses: mails that came back, who gets none for that, and who has left."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection

from corpus.database import Database
from corpus.instants import to_instant, to_micros
from corpus.issues import LEFT

HARD_BOUNCES = 2
"""Issues that came back for good, after which an address gets no mail until a person says so."""
ASKED_AGAIN = timedelta(hours=1)
"""An address that left is mailed no more than one question in this time whether it wants to come back."""
Standing = Literal["active", "suspended", "left"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """A mail that came back."""

    report: str
    """Name of the report; the same report counts once."""
    issue: str
    recipient: str
    """As the issue was addressed."""
    status: str
    """Like ``5.1.1``."""
    said: str
    """What the mail server said, on one line."""
    is_hard: bool
    """The address will not take mail another time either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """An address that gets no mail."""

    address: str
    since_at: datetime
    why: str


class Addresses:
    """The addresses of recipients."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def issue_of(self, message_id: str) -> tuple[str, str] | None:
        """Return issue and recipient of a mail of ours; None for a mail that we did not send."""
        found = self._database.query("SELECT issue, recipient FROM deliveries WHERE message_id = ?", (message_id,))
        return (found[0][0], found[0][1]) if found else None

    def note(self, returned: Returned, *, now: datetime) -> Literal["known", "noted", "suspended"]:
        """Store that a mail came back, and suspend its address where that was once too often.

        A delivery that came back for good is refused from now on, whatever the first server said. All or nothing.
        """
        micros = to_micros(now)
        with self._database.writing(durable=True) as connection:
            new = self._database.run(
                connection,
                "INSERT INTO bounces (report, issue, recipient, at, status, said, hard) VALUES (?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (report, recipient) DO NOTHING",
                (
                    returned.report,
                    returned.issue,
                    returned.recipient,
                    micros,
                    returned.status,
                    returned.said,
                    returned.is_hard,
                ),
            )
            if not new:
                return "known"
            if not returned.is_hard:
                return "noted"
            self._database.run(
                connection,
                "UPDATE deliveries SET state = 'refused', reason = ?, closed_at = ?"
                " WHERE issue = ? AND recipient = ? AND state IN ('sent', 'in_doubt')",
                (f"came back: {returned.said or returned.status}", micros, returned.issue, returned.recipient),
            )
            if self._hard(connection, returned.recipient) < HARD_BOUNCES:
                return "noted"
            self._stand(connection, returned.recipient, "suspended", returned.said or returned.status, micros)
            self._audit(connection, micros, "bounces", "suspended an address", returned.recipient)
            return "suspended"

    def suspended(self) -> Mapping[str, Suspension]:
        """Return the addresses that get no mail, by casefolded address."""
        found = self._database.query("SELECT address, since_at, why FROM addresses WHERE standing = 'suspended'")
        return {row[0]: Suspension(address=row[0], since_at=to_instant(row[1]), why=row[2]) for row in found}

    def left(self) -> Mapping[str, datetime]:
        """Return when each address left that did, by casefolded address."""
        found = self._database.query("SELECT address, since_at FROM addresses WHERE standing = 'left'")
        return {row[0]: to_instant(row[1]) for row in found}

    def spared(self) -> frozenset[str]:
        """Return the addresses that get no issue, casefolded: suspended, or left."""
        return frozenset(self.suspended()) | frozenset(self.left())

    def mailed(self) -> list[str]:
        """Return every address to which an issue ever was to go, as it was written."""
        return [row[0] for row in self._database.query("SELECT DISTINCT recipient FROM deliveries ORDER BY recipient")]

    def leave(self, address: str, *, who: str, now: datetime) -> bool:
        """Mail an address no issue any more, not even one that is approved already. False: it had left before."""
        micros = to_micros(now)
        with self._database.writing(durable=True) as connection:
            new = self._database.run(
                connection,
                "INSERT INTO addresses (address, standing, since_at, why) VALUES (?, 'left', ?, '')"
                " ON CONFLICT (address) DO UPDATE SET standing = 'left', since_at = excluded.since_at, why = ''"
                " WHERE addresses.standing <> 'left'",
                (address.casefold(), micros),
            )
            if new:
                self._database.run(
                    connection,
                    "UPDATE deliveries SET state = 'refused', reason = ?, closed_at = ?"
                    " WHERE lower(recipient) = lower(?) AND state IN ('pending', 'deferred')",
                    (LEFT, micros, address),
                )
                self._audit(connection, micros, who, "left the list", address)
        return bool(new)

    def may_ask(self, address: str, *, now: datetime) -> bool:
        """Note that an address that left is asked whether it wants to come back; False: it was asked just now."""
        with self._database.writing(durable=True) as connection:
            return bool(
                self._database.run(
                    connection,
                    "UPDATE addresses SET asked_at = ? WHERE address = ? AND standing = 'left'"
                    " AND coalesce(asked_at, 0) <= ?",
                    (to_micros(now), address.casefold(), to_micros(now - ASKED_AGAIN)),
                )
            )

    def rejoin(self, address: str, *, left_at: datetime, who: str, now: datetime) -> bool:
        """Mail an address issues again that left at an instant; False: it did not, or came back since."""
        with self._database.writing(durable=True) as connection:
            known = self._database.rows(
                connection,
                "SELECT 1 FROM addresses WHERE address = ? AND standing = 'left' AND since_at = ?",
                (address.casefold(), to_micros(left_at)),
            )
            if known:
                self._stand(connection, address, "active", "", to_micros(now))
                self._audit(connection, to_micros(now), who, "came back to the list", address)
            return bool(known)

    def resume(self, address: str, *, who: str, now: datetime) -> bool:
        """Let a suspended address get mail again; what came back until now counts no more. False: it was not."""
        with self._database.writing(durable=True) as connection:
            known = self._database.rows(
                connection,
                "SELECT 1 FROM addresses WHERE address = ? AND standing = 'suspended'",
                (address.casefold(),),
            )
            if known:
                self._stand(connection, address, "active", "", to_micros(now))
                self._audit(connection, to_micros(now), who, "resumed an address", address)
            return bool(known)

    def returned(self, recipient: str) -> int:
        """Return how many issues came back for good since the address last became active."""
        with self._database.reading() as connection:
            return self._hard(connection, recipient)

    def _hard(self, connection: Connection, recipient: str) -> int:
        return int(
            self._database.rows(
                connection,
                "SELECT count(DISTINCT b.issue) FROM bounces b WHERE lower(b.recipient) = lower(?) AND b.hard"
                " AND b.at > coalesce((SELECT a.since_at FROM addresses a WHERE a.address = ?"
                " AND a.standing = 'active'), 0)",
                (recipient, recipient.casefold()),
            )[0][0]
        )

    def _stand(self, connection: Connection, address: str, standing: Standing, why: str, micros: int) -> None:
        self._database.run(
            connection,
            "INSERT INTO addresses (address, standing, since_at, why) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (address) DO UPDATE SET standing = excluded.standing, since_at = excluded.since_at,"
            " why = excluded.why",
            (address.casefold(), standing, micros, why),
        )

    def _audit(self, connection: Connection, micros: int, who: str, what: str, subject: str) -> None:
        self._database.run(
            connection, "INSERT INTO audits (at, who, what, subject) VALUES (?, ?, ?, ?)", (micros, who, what, subject)
        )
