"""The audit sample: posts drawn at random and labelled in ignorance of the guess, beside what was guessed of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from corpus.database import Database
from corpus.instants import to_instant, to_micros, to_optional_instant

_FAIR = "m.activated_at IS NOT NULL AND m.learnt_to < l.label_id ORDER BY m.activated_at DESC, m.model_id DESC LIMIT 1"
"""Of the versions that were ever in use, the latest that cannot have learnt from the label which judges it."""
_JUDGED = "FROM predictions q JOIN models m ON m.model_id = q.model_id WHERE q.post_id = l.post_id AND"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """A post of the audit sample that somebody has labelled."""

    post_id: int
    created_at: datetime
    right: str
    """What the person said: a slug, ``none`` or ``unsure``."""
    guessed: str | None
    """What the classifier had said: a slug, ``none`` or ``unsure``; None where none in use had not learnt from it."""
    model: str | None
    """That classifier's version."""


class Audits:
    """Reads what the audit has found."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def labelled(self) -> int:
        """Return how many posts were ever labelled for the audit, those aside of which nobody could tell."""
        statement = "SELECT count(DISTINCT post_id) FROM labels WHERE audit AND theme <> 'unsure'"
        return int(self._database.query(statement)[0][0])

    def last_at(self) -> datetime | None:
        """Return when the newest audited post was created; None where there is none."""
        statement = "SELECT max(p.created_at) FROM posts p JOIN labels l ON l.post_id = p.post_id WHERE l.audit"
        return to_optional_instant(self._database.query(statement)[0][0])

    def between(self, start_at: datetime, end_at: datetime) -> list[Audited]:
        """Return the audited posts created in [start_at, end_at), oldest first, each with the last word on it."""
        rows = self._database.query(
            f"SELECT p.post_id, p.created_at, l.theme, (SELECT q.standing {_JUDGED} {_FAIR}),"  # noqa: S608 - our own words
            f" (SELECT m.version {_JUDGED} {_FAIR}) FROM posts p JOIN labels l ON l.label_id = (SELECT a.label_id"
            " FROM labels a WHERE a.post_id = p.post_id AND a.audit ORDER BY a.at DESC, a.label_id DESC LIMIT 1)"
            " WHERE p.created_at >= ? AND p.created_at < ? ORDER BY p.created_at, p.post_id",
            (to_micros(start_at), to_micros(end_at)),
        )
        return [
            Audited(post_id=row[0], created_at=to_instant(row[1]), right=row[2], guessed=row[3], model=row[4])
            for row in rows
        ]

    def texts(self, spans: Sequence[tuple[datetime, datetime]]) -> list[int]:
        """Return how many texts each span [start, end) has that can be drawn, copies counted once."""
        return [
            int(
                self._database.query(
                    "SELECT count(*) FROM (SELECT DISTINCT coalesce(p.cluster, CAST(p.post_id AS TEXT)) AS text"
                    " FROM posts p WHERE p.created_at >= ? AND p.created_at < ? AND p.text IS NOT NULL"
                    " AND p.repost_of IS NULL) t",
                    (to_micros(start_at), to_micros(end_at)),
                )[0][0]
            )
            for start_at, end_at in spans
        ]
