"""What the corpus held at an earlier instant, as far as it can still be told: what came, went or changed since."""

from dataclasses import dataclass
from datetime import datetime

from corpus.database import Database
from corpus.instants import to_instant, to_micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A point in the corpus' life."""

    at: datetime
    last_post: int | None = None
    """Our highest id of a post then; None where nobody noted it, so that the time at which posts came in decides."""
    last_label: int | None = None
    """Our highest id of a label then; None where nobody noted it, so that the time of judging decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What a span of posts owes to the time after a mark, by our ids."""

    late: frozenset[int]
    """Came in later, however old they are."""
    deleted: frozenset[int]
    """Became tombstones later."""
    edited: frozenset[int]
    """Have another version, and were seen again later: the text may be another."""
    labels: frozenset[tuple[int, str, datetime]]
    """Post, person and time of labels that were stored later."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed."""
        return not (self.late or self.deleted or self.edited or self.labels)


class History:
    """Marks points in the corpus' life and tells what happened since."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def mark(self, at: datetime) -> Mark:
        """Return the present point.

        Args:
            at: the present instant.
        """
        posts, labels = self._database.query(
            "SELECT (SELECT max(post_id) FROM posts), (SELECT max(label_id) FROM labels)"
        )[0]
        return Mark(at=at, last_post=posts or 0, last_label=labels or 0)

    def since(self, mark: Mark, start_at: datetime, end_at: datetime) -> Since:
        """Return what changed since a mark among the posts created in [start_at, end_at)."""
        span = (to_micros(start_at), to_micros(end_at))
        at = to_micros(mark.at)
        came = "post_id > ?" if mark.last_post is not None else "first_seen_at > ?"
        judged = "l.label_id > ?" if mark.last_label is not None else "l.at > ?"
        within = "created_at >= ? AND created_at < ?"
        return Since(
            late=self._ids(
                f"SELECT post_id FROM posts WHERE {within} AND {came}",  # noqa: S608 - our own names
                (*span, at if mark.last_post is None else mark.last_post),
            ),
            deleted=self._ids(f"SELECT post_id FROM posts WHERE {within} AND gone_at > ?", (*span, at)),  # noqa: S608
            edited=self._ids(
                f"SELECT post_id FROM posts p WHERE {within} AND version_at > ?"  # noqa: S608
                " AND EXISTS (SELECT 1 FROM revisions r WHERE r.post_id = p.post_id)",
                (*span, at),
            ),
            labels=frozenset(
                (row[0], row[1], to_instant(row[2]))
                for row in self._database.query(
                    "SELECT l.post_id, l.by, l.at FROM labels l JOIN posts p ON p.post_id = l.post_id"  # noqa: S608
                    f" WHERE p.{within.replace('AND ', 'AND p.')} AND {judged}",
                    (*span, at if mark.last_label is None else mark.last_label),
                )
            ),
        )

    def _ids(self, statement: str, parameters: tuple[int, ...]) -> frozenset[int]:
        return frozenset(row[0] for row in self._database.query(statement, parameters))
