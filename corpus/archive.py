"""The issues that have gone out, as everybody may read them: the frozen pages, without what was taken back since."""

from dataclasses import dataclass
from datetime import datetime

from corpus.database import Database
from corpus.instants import to_instant
from corpus.rendering import Rendering, rendering_of
from programme.edition import Edition
from programme.errors import KuntakaikuError

_ROLES = "('archive', 'reader')"
"""The page for everybody first; issues of an older version have the readers' mail only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """One issue in one language."""

    key: str
    language: str
    subject: str
    published_at: datetime
    """When its approval let it go out."""
    updated_at: datetime
    """When something was last taken out of it; else as published."""


class Archive:
    """What the archive shows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def listed(self, language: str) -> list[Archived]:
        """Return the issues that went out, or are going, in a language: newest first, a correction before its issue."""
        rows = self._database.query(
            "SELECT i.key, r.subject, coalesce(i.approved_at, i.drafted_at), r.redacted_at FROM issues i"  # noqa: S608 - our own words
            " JOIN renderings r ON r.issue = i.key"
            f" WHERE i.state IN ('sending', 'sent') AND r.language = ? AND r.role IN {_ROLES}"
            " ORDER BY i.key, r.role DESC",
            (language,),
        )
        found = {
            key: Archived(
                key=key,
                language=language,
                subject=subject,
                published_at=to_instant(at),
                updated_at=to_instant(redacted_at or at),
            )
            for key, subject, at, redacted_at in rows
        }
        return sorted(found.values(), key=lambda one: Edition.named(one.key), reverse=True)

    def page(self, key: str, language: str) -> Rendering | None:
        """Return the page of an issue that has gone out; None where there is none in that language.

        Raises:
            KuntakaikuError: it is not what was approved.
        """
        rows = self._database.query(
            "SELECT r.issue, r.language, r.role, r.subject, r.text, r.html, r.charts, r.sha256 FROM renderings r"  # noqa: S608 - our own words
            " JOIN issues i ON i.key = r.issue WHERE i.key = ? AND i.state IN ('sending', 'sent')"
            f" AND r.language = ? AND r.role IN {_ROLES} ORDER BY r.role LIMIT 1",
            (key, language),
        )
        for row in rows:
            page = rendering_of(row)
            if page.digest() != page.sha256:
                raise KuntakaikuError(
                    f"The page of {key} in the archive ({language}) is not what was approved.",
                    "Look for who changed the database.",
                )
            return page
        return None
