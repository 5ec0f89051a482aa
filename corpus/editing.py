"""Editors at work on the draft of an issue: each change is one transaction, with who and when."""

from collections.abc import Callable
from datetime import datetime

from corpus.database import Database
from corpus.edits import READ, Edits, Seen, StoredEdits, read, require_seen
from corpus.instants import to_micros
from corpus.issues import IssueStateError
from corpus.reading import to_json


class Editing:
    """What was changed in the drafts of a corpus."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, issue: str) -> StoredEdits:
        """Return what was changed in an issue."""
        return read(issue, next(iter(self._database.query(READ, (issue,))), None))

    def change(
        self,
        issue: str,
        turn: Callable[[Edits], Edits],
        *,
        seen: Seen | None,
        who: str,
        now: datetime,
        what: str,
        about: str = "",
    ) -> StoredEdits:
        """Store what the edits of a draft become, with an entry in the audit log, and return them.

        Nobody edits, drafts or approves the issue meanwhile. What changes nothing is no change.

        Args:
            issue: key of the issue.
            turn: makes new edits of those that stand.
            seen: the draft that the editor looked at; None: whatever stands now.
            who: edits.
            now: when.
            what: of the audit log.
            about: what stands there behind the issue's key; never a text or a network's id.

        Raises:
            IssueStateError: the issue is no draft, or does not exist.
            DraftChangedError: it is not the one that the editor looked at.
        """
        with self._database.writing(durable=True) as connection:
            # Locks the row, as a draft and an approval do.
            held = self._database.run(
                connection, "UPDATE issues SET state = state WHERE key = ? AND state = 'draft'", (issue,)
            )
            if not held:
                raise IssueStateError(
                    f"The issue {issue} is no draft, and cannot be edited.",
                    "Withdraw its approval first; an issue that has gone out is corrected: kuntakaiku digest correct",
                )
            before = require_seen(self._database, connection, issue, seen)
            after = turn(before.edits)
            if after == before.edits:
                return before
            self._database.run(
                connection,
                "INSERT INTO issue_edits (issue, revision, edits, edited_at, edited_by) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (issue) DO UPDATE SET revision = excluded.revision, edits = excluded.edits,"
                " edited_at = excluded.edited_at, edited_by = excluded.edited_by",
                (issue, before.revision + 1, to_json(after), to_micros(now), who),
            )
            self._database.run(
                connection,
                "INSERT INTO audits (at, who, what, subject) VALUES (?, ?, ?, ?)",
                (to_micros(now), who, what, f"{issue} {about}".rstrip()),
            )
        return StoredEdits(issue=issue, edits=after, revision=before.revision + 1, edited_at=now, edited_by=who)
