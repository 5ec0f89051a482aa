"""The issues of the digest as stored, and the outbox."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection

from corpus.alone import alone
from corpus.database import Database
from corpus.edits import Seen, note_draft, require_seen
from corpus.instants import to_instant, to_micros, to_optional_instant, to_optional_micros
from corpus.reading import RowTuple, to_json
from corpus.rendering import Rendering, rendering_of
from programme.edition import Edition
from programme.errors import KuntakaikuError
from programme.note_name import is_note
from programme.types import Recipient
from programme.week import Week

SUPERSEDED = "its correction is sent instead"
"""Reason of a delivery that is refused since there is nothing wrong with it but its issue."""
GIVEN_UP = "a person gave it up"
"""Reason of a delivery in doubt that nobody tries any more."""
LEFT = "it left the list"
"""Reason of a delivery to an address that left before it was mailed."""
IssueState = Literal["draft", "approved", "sending", "sent"]
DeliveryState = Literal["pending", "sending", "sent", "deferred", "refused", "in_doubt"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredIssue:
    """One week's digest, a correction of it, or a trend note."""

    key: str
    """``2026-W47``, ``2026-W47.1`` for a correction, or the name of a trend note."""
    state: IssueState
    numbers: Mapping[str, Any]
    """Every printed number and what it rests on, as JSON."""
    drafted_at: datetime
    corpus_fingerprint: str
    model: str | None
    """Version of the classifier with which it was counted."""
    approved_at: datetime | None = None
    approved_by: str | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One sending of an issue to one recipient."""

    issue: str
    recipient: str
    """Address."""
    language: str
    role: str
    state: DeliveryState
    reason: str | None = None
    message_id: str | None = None
    attempts: int = 0
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    next_try_at: datetime | None = None

    @property
    def is_parked(self) -> bool:
        """Whether it waits for a person: refused or in doubt, but not for a correction, for leaving, or by its word."""
        return self.state in ("refused", "in_doubt") and self.reason not in (SUPERSEDED, LEFT, GIVEN_UP)


class IssueStateError(KuntakaikuError):
    """The issue is not in the state that the step needs."""


class Issues:
    """The digests of a corpus. What is promised to a recipient survives a power cut."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save_draft(self, issue: StoredIssue, *, corrects: str | None = None) -> None:
        """Store a draft, in place of an earlier draft of the week; its edits stay.

        A first draft of a correction begins with the edits of the issue that it corrects.

        Raises:
            IssueStateError: the issue is approved already.
        """
        with self._database.writing() as connection:
            stored = self._database.run(
                connection,
                "INSERT INTO issues (key, state, numbers, drafted_at, corpus_fingerprint, model)"
                " VALUES (?, 'draft', ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET numbers = excluded.numbers,"
                " drafted_at = excluded.drafted_at, corpus_fingerprint = excluded.corpus_fingerprint,"
                " model = excluded.model WHERE issues.state = 'draft'",
                (
                    issue.key,
                    to_json(issue.numbers),
                    to_micros(issue.drafted_at),
                    issue.corpus_fingerprint,
                    issue.model,
                ),
            )
            if not stored:
                raise IssueStateError(
                    f"The issue {issue.key} is approved already and cannot be drafted again.",
                    "Withdraw its approval first, or correct it: kuntakaiku digest correct.",
                )
            note_draft(self._database, connection, issue.key, corrects=corrects)

    def get(self, key: str) -> StoredIssue | None:
        """Return one issue, or trend note, or None."""
        return next((issue for issue in self.all(notes=is_note(key)) if issue.key == key), None)

    def all(self, *, notes: bool = False) -> list[StoredIssue]:
        """Return all digests and their corrections, oldest week first; or all trend notes, which live like them."""
        found = self._database.query(
            "SELECT key, state, numbers, drafted_at, approved_at, approved_by, sent_at, corpus_fingerprint, model"
            " FROM issues ORDER BY key"
        )
        return [_issue(row) for row in found if is_note(row[0]) == notes]

    def newest(self, week: Week) -> StoredIssue | None:
        """Return a week's digest, or the latest correction of it; None where nobody made any."""
        editions = [issue for issue in self.all() if Edition.named(issue.key).week == week]
        return max(editions, key=lambda issue: Edition.named(issue.key), default=None)

    def printed(self, week: Week, at: datetime) -> StoredIssue | None:
        """Return what stood printed of a week at an instant: its digest, or the latest correction approved by then."""
        editions = [issue for issue in self.all() if Edition.named(issue.key).week == week]
        known = [one for one in editions if "." not in one.key or (one.approved_at and one.approved_at <= at)]
        return max(known, key=lambda issue: Edition.named(issue.key), default=None)

    def approve(
        self,
        key: str,
        renderings: Sequence[Rendering],
        recipients: Sequence[Recipient],
        *,
        who: str,
        now: datetime,
        corrects: str | None = None,
        seen: Seen | None = None,
    ) -> None:
        """Freeze an issue's bytes and open one pending delivery for each recipient, all or nothing.

        What has not gone out yet of the issue ``corrects`` goes out no more. ``seen`` is the draft that was rendered
        and looked at; None: whatever stands now.

        Raises:
            IssueStateError: there is no draft of that key.
            DraftChangedError: it was made anew, or edited, since.
        """
        with self._database.writing(durable=True) as connection:
            self._move(
                connection,
                key,
                "UPDATE issues SET state = 'approved', approved_at = ?, approved_by = ?"
                " WHERE key = ? AND state = 'draft'",
                (to_micros(now), who, key),
            )
            require_seen(self._database, connection, key, seen)
            self._database.run_many(
                connection,
                "INSERT INTO renderings (issue, language, role, subject, text, html, charts, sha256)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [(key, r.language, r.role, r.subject, r.text, r.html, r.packed_charts, r.digest()) for r in renderings],
            )
            self._database.run_many(
                connection,
                "INSERT INTO deliveries (issue, recipient, language, role, state, attempts)"
                " VALUES (?, ?, ?, ?, 'pending', 0) ON CONFLICT (issue, recipient) DO NOTHING",
                [(key, recipient.address, recipient.language, recipient.role) for recipient in recipients],
            )
            self._database.run(
                connection,
                "UPDATE deliveries SET state = 'refused', reason = ?, closed_at = ?"
                " WHERE issue = ? AND state IN ('pending', 'deferred')",
                (SUPERSEDED, to_micros(now), corrects or ""),
            )
            self._audit(connection, now, who, "approved", key)

    def void_approval(self, key: str, *, who: str, now: datetime) -> None:
        """Make an approved issue a draft again, as long as nothing of it was sent.

        Raises:
            IssueStateError: it is not approved, or was sent to somebody.
        """
        with self._database.writing(durable=True) as connection:
            self._move(
                connection,
                key,
                "UPDATE issues SET state = 'draft', approved_at = NULL, approved_by = NULL WHERE key = ?"
                " AND state = 'approved' AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.issue = issues.key"
                " AND d.attempts > 0)",
                (key,),
            )
            for statement in ("DELETE FROM deliveries WHERE issue = ?", "DELETE FROM renderings WHERE issue = ?"):
                self._database.run(connection, statement, (key,))
            self._audit(connection, now, who, "withdrew approval", key)

    def renderings(self, key: str) -> list[Rendering]:
        """Return an approved issue's frozen bytes.

        Raises:
            KuntakaikuError: they are not what was approved.
        """
        found = self._database.query(
            "SELECT issue, language, role, subject, text, html, charts, sha256 FROM renderings WHERE issue = ?"
            " ORDER BY language, role",
            (key,),
        )
        renderings = [rendering_of(row) for row in found]
        for rendering in renderings:
            if rendering.sha256 != rendering.digest():
                raise KuntakaikuError(
                    f"The issue {key} ({rendering.language}, {rendering.role}) is not what was approved.",
                    "Look for who changed the database; withdraw the approval and approve the issue again.",
                )
        return renderings

    def deliveries(self, key: str) -> list[Delivery]:
        """Return an issue's deliveries, by recipient."""
        return self._deliveries("issue = ?", (key,))

    def due(self, key: str, now: datetime) -> list[Delivery]:
        """Return the deliveries that may be tried: pending, or deferred until now."""
        return self._deliveries(
            "issue = ? AND (state = 'pending' OR (state = 'deferred' AND coalesce(next_try_at, 0) <= ?))",
            (key, to_micros(now)),
        )

    def open_delivery(self, key: str, recipient: str, *, message_id: str, now: datetime) -> bool:
        """Claim a delivery before its mail is sent; False where somebody else has it, or it is not due."""
        with self._database.writing(durable=True) as connection:
            claimed = self._database.run(
                connection,
                "UPDATE deliveries SET state = 'sending', message_id = ?, opened_at = ?, closed_at = NULL,"
                " reason = NULL, next_try_at = NULL, attempts = attempts + 1"
                " WHERE issue = ? AND recipient = ? AND state IN ('pending', 'deferred')",
                (message_id, to_micros(now), key, recipient),
            )
            if claimed:
                self._database.run(
                    connection, "UPDATE issues SET state = 'sending' WHERE key = ? AND state = 'approved'", (key,)
                )
        return bool(claimed)

    def close_delivery(
        self,
        key: str,
        recipient: str,
        *,
        state: DeliveryState,
        reason: str | None,
        now: datetime,
        next_try_at: datetime | None = None,
    ) -> None:
        """Record how a claimed delivery ended."""
        with self._database.writing(durable=True) as connection:
            self._database.run(
                connection,
                "UPDATE deliveries SET state = ?, reason = ?, closed_at = ?, next_try_at = ?"
                " WHERE issue = ? AND recipient = ? AND state = 'sending'",
                (state, reason, to_micros(now), to_optional_micros(next_try_at), key, recipient),
            )

    def settle_delivery(
        self,
        key: str,
        recipient: str,
        *,
        state: DeliveryState,
        who: str,
        now: datetime,
        attempts: int | None = None,
    ) -> bool:
        """Record what a person decided on a delivery in doubt.

        It is ``sent``, ``pending`` to be tried again with the same Message-ID, or ``refused``: given up. ``attempts``
        is how often it had been tried when the person looked; None: however often.

        Returns False where the delivery is not in doubt, or was tried again since.
        """
        with self._database.writing(durable=True) as connection:
            settled = self._database.run(
                connection,
                "UPDATE deliveries SET state = ?, closed_at = ?, reason = coalesce(?, reason)"
                " WHERE issue = ? AND recipient = ? AND state = 'in_doubt' AND attempts = coalesce(?, attempts)",
                (state, to_micros(now), GIVEN_UP if state == "refused" else None, key, recipient, attempts),
            )
            if settled:
                if state == "pending":
                    self._database.run(
                        connection, "UPDATE issues SET state = 'sending' WHERE key = ? AND state = 'sent'", (key,)
                    )
                self._audit(connection, now, who, f"settled a delivery as {state}", key)
        return bool(settled)

    def recover(self, key: str, now: datetime) -> int:
        """Park deliveries whose sender died between opening and closing, and return how many; hold the lock."""
        with self._database.writing(durable=True) as connection:
            return self._database.run(
                connection,
                "UPDATE deliveries SET state = 'in_doubt', closed_at = ?,"
                " reason = 'the sender stopped before the mail server''s answer was noted'"
                " WHERE issue = ? AND state = 'sending'",
                (to_micros(now), key),
            )

    def mark_sent(self, key: str, now: datetime) -> None:
        """Record that nothing of an issue is left to send."""
        with self._database.writing(durable=True) as connection:
            self._database.run(
                connection,
                "UPDATE issues SET state = 'sent', sent_at = ? WHERE key = ? AND state IN ('approved', 'sending')",
                (to_micros(now), key),
            )

    def lock_sending(self, key: str) -> AbstractContextManager[bool]:
        """Give True to the one process that may send an issue, False to others; the lock dies with its process."""
        return alone(self._database, key)

    def _deliveries(self, condition: str, parameters: tuple[object, ...]) -> list[Delivery]:
        found = self._database.query(
            "SELECT issue, recipient, language, role, state, reason, message_id, attempts, opened_at, closed_at,"  # noqa: S608 - our own conditions
            f" next_try_at FROM deliveries WHERE {condition} ORDER BY recipient",
            parameters,
        )
        return [_delivery(row) for row in found]

    def _move(self, connection: Connection, key: str, statement: str, parameters: tuple[object, ...]) -> None:
        if not self._database.run(connection, statement, parameters):
            found = self._database.rows(connection, "SELECT state FROM issues WHERE key = ?", (key,))
            state = f"is {found[0][0]}" if found else "does not exist"
            raise IssueStateError(
                f"The issue {key} {state}, which does not allow this step.",
                "Look at it with `digest show`; a sent issue is corrected, never changed.",
            )

    def _audit(self, connection: Connection, now: datetime, who: str, what: str, subject: str) -> None:
        self._database.run(
            connection,
            "INSERT INTO audits (at, who, what, subject) VALUES (?, ?, ?, ?)",
            (to_micros(now), who, what, subject),
        )


def _issue(row: RowTuple) -> StoredIssue:
    return StoredIssue(
        key=row[0],
        state=row[1],
        numbers=msgspec.json.decode(row[2]),
        drafted_at=to_instant(row[3]),
        approved_at=to_optional_instant(row[4]),
        approved_by=row[5],
        sent_at=to_optional_instant(row[6]),
        corpus_fingerprint=row[7],
        model=row[8],
    )


def _delivery(row: RowTuple) -> Delivery:
    return Delivery(
        issue=row[0],
        recipient=row[1],
        language=row[2],
        role=row[3],
        state=row[4],
        reason=row[5],
        message_id=row[6],
        attempts=row[7],
        opened_at=to_optional_instant(row[8]),
        closed_at=to_optional_instant(row[9]),
        next_try_at=to_optional_instant(row[10]),
    )
