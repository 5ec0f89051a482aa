"""What editors changed in a draft: words above it, what is left out, what comes first; never a number."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from corpus.database import Database
from corpus.instants import to_instant
from corpus.reading import RowTuple
from programme.errors import KuntakaikuError

_REVISION = re.compile("[0-9]{1,15}")
READ = "SELECT edits, revision, edited_at, edited_by FROM issue_edits WHERE issue = ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """What was changed in one issue; keys of posts and topics that it does not name stay without effect."""

    introduction: Mapping[str, str] = field(default_factory=dict)
    """By language, plain text; an empty line parts paragraphs."""
    hidden: tuple[str, ...] = ()
    """Keys of posts that are left out of the mails, like ``mastodon:1``."""
    order: tuple[str, ...] = ()
    """Keys of posts that come before all others of their theme, in this order."""
    pinned: tuple[str, ...] = ()
    """Keys of topics that come before all others, in this order."""
    hidden_topics: tuple[str, ...] = ()
    """Keys of topics that are left out of the mails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A draft as somebody looked at it."""

    issue: str
    """Key of the issue."""
    revision: int

    def __str__(self) -> str:
        """Return it as a form carries it."""
        return f"{self.issue} {self.revision}"

    @classmethod
    def named(cls, text: str) -> "Seen | None":
        """Return what a form carried; None where it is none."""
        issue, _, revision = text.rpartition(" ")
        return cls(issue=issue, revision=int(revision)) if issue and _REVISION.fullmatch(revision) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEdits:
    """The edits of an issue as they stand."""

    issue: str
    """Its key."""
    edits: Edits
    revision: int
    """How often the draft was made, or edited: what somebody saw is what still has the same number."""
    edited_at: datetime | None
    """None: nobody has edited it."""
    edited_by: str | None

    @property
    def seen(self) -> Seen:
        """What somebody who looks now will have seen; ask before you read the draft."""
        return Seen(issue=self.issue, revision=self.revision)


class DraftChangedError(KuntakaikuError):
    """The draft was made anew, or edited, after somebody looked at it."""


def read(issue: str, row: RowTuple | None) -> StoredEdits:
    """Return the edits of a row of ``READ``; those of an issue without a row are none."""
    edits, revision, at, by = row or ("{}", 0, None, None)
    return StoredEdits(
        issue=issue,
        edits=msgspec.json.decode(edits, type=Edits),
        revision=revision,
        edited_at=None if at is None else to_instant(at),
        edited_by=by,
    )


def read_in(database: Database, connection: Connection, issue: str) -> StoredEdits:
    """Return the edits of an issue inside a transaction."""
    return read(issue, next(iter(database.rows(connection, READ, (issue,))), None))


def note_draft(database: Database, connection: Connection, issue: str, *, corrects: str | None) -> None:
    """Count a draft as a change; its edits stay, and a first draft of a correction begins with those of its issue."""
    database.run(
        connection,
        "INSERT INTO issue_edits (issue, revision, edits, edited_at, edited_by)"
        " SELECT i.key, 1, coalesce(e.edits, '{}'), e.edited_at, e.edited_by"
        " FROM issues i LEFT JOIN issue_edits e ON e.issue = ? WHERE i.key = ?"
        " ON CONFLICT (issue) DO UPDATE SET revision = issue_edits.revision + 1",
        (corrects or "", issue),
    )


def require_seen(database: Database, connection: Connection, issue: str, seen: Seen | None) -> StoredEdits:
    """Return the edits of an issue whose row the transaction has locked, if they are those that somebody saw.

    Raises:
        DraftChangedError: they are not.
    """
    stored = read_in(database, connection, issue)
    if seen is not None and stored.seen != seen:
        raise DraftChangedError(
            f"The draft of {issue} was changed after it was looked at.", "Look at it again, then decide."
        )
    return stored
