"""Printed issues from which something was taken back: which they are, and what stands in their place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from corpus.database import Database
from corpus.instants import to_instant, to_micros
from corpus.rendering import Rendering


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """The kept mails of one issue."""

    issue: str
    shows_since: datetime
    """From when the posts stand as they are shown: the approval, or the last redaction."""
    stale: bool
    """Something of an erased person stands in it."""


class Redactions:
    """What is taken out of the kept mails of issues; what was mailed cannot be called back."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def printed(self) -> list[Printed]:
        """Return all issues that keep mails, oldest week first."""
        rows = self._database.query(
            "SELECT i.key, min(coalesce(r.redacted_at, i.approved_at, i.drafted_at)),"
            " max(CASE WHEN r.stale THEN 1 ELSE 0 END)"
            " FROM issues i JOIN renderings r ON r.issue = i.key GROUP BY i.key ORDER BY i.key"
        )
        return [Printed(issue=row[0], shows_since=to_instant(row[1]), stale=bool(row[2])) for row in rows]

    def save(self, issue: str, renderings: Sequence[Rendering], *, who: str, now: datetime) -> None:
        """Put redacted mails in the place of an issue's; the hash of what was approved stays, and the act is noted."""
        with self._database.writing(durable=True) as connection:
            self._database.run_many(
                connection,
                "UPDATE renderings SET subject = ?, text = ?, html = ?, charts = ?,"
                " approved_sha256 = coalesce(approved_sha256, sha256), sha256 = ?, redacted_at = ?, stale = NULL"
                " WHERE issue = ? AND language = ? AND role = ?",
                [
                    (
                        one.subject,
                        one.text,
                        one.html,
                        msgspec.msgpack.encode(dict(one.charts)),
                        one.digest(),
                        to_micros(now),
                        issue,
                        one.language,
                        one.role,
                    )
                    for one in renderings
                ],
            )
            self._database.run(
                connection,
                "INSERT INTO audits (at, who, what, subject) VALUES (?, ?, 'redacted', ?)",
                (to_micros(now), who, issue),
            )
        self._database.empty_log()
