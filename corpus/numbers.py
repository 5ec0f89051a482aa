# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""What is counted of a corpus' posts without reading them."""

from datetime import datetime

from corpus.database import Database
from corpus.instants import to_instant, to_micros
from corpus.statistics import Statistics, statistics

_HOUR = 3_600_000_000
"""Microseconds."""


class PostNumbers:
    """How many posts there are, of what kind and when."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def paces(self, since: datetime, until: datetime) -> dict[str, float]:
        """Return the posts that each source brought in a usual hour of [since, until) in which it was collected."""
        span = (to_micros(since), to_micros(until))
        collected = "h.state IN ('covered', 'empty') AND h.hour_at >= ? AND h.hour_at < ?"
        hours = self._database.query(
            f"SELECT h.source, count(*) FROM coverage_hours h WHERE {collected} GROUP BY h.source", span
        )
        posts = self._database.query(
            "SELECT h.source, count(*) FROM posts p JOIN coverage_hours h"
            f" ON h.source = p.source AND h.hour_at = p.created_at / {_HOUR} * {_HOUR}"
            f" WHERE {collected} AND p.created_at >= ? AND p.created_at < ? GROUP BY h.source",
            (*span, *span),
        )
        brought = dict(posts)
        return {source: brought.get(source, 0) / count for source, count in hours}

    def gone_between(self, start_at: datetime, end_at: datetime) -> dict[str, dict[str, int]]:
        """Return by source and reason how many posts created in [start_at, end_at) have no text any more."""
        found: dict[str, dict[str, int]] = {}
        for source, gone, count in self._database.query(
            "SELECT source, gone, count(*) FROM posts WHERE gone IS NOT NULL AND created_at >= ? AND created_at < ?"
            " GROUP BY source, gone ORDER BY source, gone",
            (to_micros(start_at), to_micros(end_at)),
        ):
            found.setdefault(source, {})[gone] = count
        return found

    def count(self) -> int:
        """Return the number of posts, tombstones included."""
        return int(self._database.query("SELECT count(*) FROM posts")[0][0])

    def span(self) -> tuple[datetime, datetime] | None:
        """Return when the oldest and the newest post were created; None where there is none."""
        first, last = self._database.query("SELECT min(created_at), max(created_at) FROM posts")[0]
        return None if first is None else (to_instant(first), to_instant(last))

    def network_count(self) -> int:
        """Return from how many networks there are posts."""
        return int(self._database.query("SELECT count(DISTINCT network) FROM posts")[0][0])

    def statistics(self) -> Statistics:
        """Return what the corpus holds, in numbers."""
        return statistics(self._database)
