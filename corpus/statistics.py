# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""What the corpus holds, in numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from corpus.classified import STANDING
from corpus.database import Database
from corpus.instants import to_optional_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """What the corpus holds."""

    posts: int
    """Tombstones included."""
    gone: int
    """Tombstones."""
    writers: int
    discussions: int
    """As the networks tell them apart."""
    labels: int
    by_theme: Mapping[str, int]
    """Posts by theme's slug, ``none``, ``unsure`` or ``unclassified``; the label wins over the prediction."""
    by_language: Mapping[str, int]
    """Posts by language as identified, else as the network says, else ``unsure``."""
    by_source: Mapping[str, int]
    """Posts by the source that brought them first."""
    first_at: datetime | None
    """Of the oldest post's creation."""
    last_at: datetime | None


def statistics(database: Database) -> Statistics:
    """Return what the corpus holds, in numbers."""
    posts, gone, first_at, last_at = database.query(
        "SELECT count(*), count(gone), min(created_at), max(created_at) FROM posts"
    )[0]
    return Statistics(
        posts=posts,
        gone=gone,
        writers=_count(database, "SELECT count(DISTINCT author_id) FROM posts"),
        discussions=_count(
            database,
            "SELECT count(*) FROM (SELECT DISTINCT network, discussion FROM posts WHERE discussion IS NOT NULL) d",
        ),
        labels=_count(database, "SELECT count(*) FROM labels"),
        by_theme=_counts(database, STANDING),
        by_language=_counts(database, "coalesce(p.lang, p.network_lang, 'unsure')"),
        by_source=_counts(database, "p.source"),
        first_at=to_optional_instant(first_at),
        last_at=to_optional_instant(last_at),
    )


def _count(database: Database, statement: str) -> int:
    return int(database.query(statement)[0][0])


def _counts(database: Database, expression: str) -> dict[str, int]:
    found = database.query(
        f"SELECT kind, count(*) FROM (SELECT {expression} AS kind FROM posts p) k GROUP BY kind ORDER BY 2 DESC, 1"
    )
    return {row[0]: row[1] for row in found}
