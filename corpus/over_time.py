# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""Posts counted by period, theme and network: for charts, never by who wrote them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from corpus.classified import COUNTED, STANDING
from corpus.database import Database
from corpus.instants import to_micros

Facet = Literal["projects", "phenomena"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Among:
    """Which posts are counted; all by default."""

    network: str | None = None
    project: str | None = None
    """Slug of a project or network of the programme that the post names."""
    phenomenon: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What was written in one period."""

    posts: int
    """That were not taken back."""
    writers: int
    by_theme: Mapping[str, int]
    """Posts by slug, ``none``, ``unsure`` or ``unclassified``."""
    by_network: Mapping[str, int]


class OverTime:
    """Counts posts over time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def spans(self, periods: Sequence[tuple[datetime, datetime]], among: Among = Among()) -> list[Span]:
        """Return for each period, from its first instant to before its second, what was written in it.

        Raises:
            DatabaseUnavailableError: it cannot be read.
        """
        return [self._span(since, until, among) for since, until in periods]

    def _span(self, since: datetime, until: datetime, among: Among) -> Span:
        condition, parameters = chosen(among)
        window = (to_micros(since), to_micros(until))
        where = f"p.created_at >= ? AND p.created_at < ? AND p.gone IS NULL{condition}"
        rows = self._database.query(
            f"SELECT x.network, x.standing, count(*) FROM (SELECT p.network AS network, {STANDING} AS standing"
            f" FROM posts p WHERE {where}) x GROUP BY x.network, x.standing",
            (*window, *parameters),
        )
        writers = self._database.query(
            f"SELECT count(DISTINCT p.author_id) FROM posts p WHERE {where}", (*window, *parameters)
        )
        by_theme, by_network = Counter[str](), Counter[str]()
        for network, standing, posts in rows:
            by_theme[standing] += posts
            by_network[network] += posts
        return Span(
            posts=sum(by_network.values()), writers=int(writers[0][0]), by_theme=by_theme, by_network=by_network
        )


def chosen(among: Among) -> tuple[str, list[Any]]:
    """Return the conditions on a post ``p`` that a choice comes to, and their parameters."""
    conditions, parameters = "", list[Any]()
    if among.network is not None:
        conditions += " AND p.network = ?"
        parameters.append(among.network)
    facets: tuple[tuple[Facet, str | None], ...] = (("projects", among.project), ("phenomena", among.phenomenon))
    for facet, slug in facets:
        if slug is not None:
            # A JSON list of slugs, which hold no quotes.
            conditions += (
                " AND EXISTS (SELECT 1 FROM predictions f WHERE f.post_id = p.post_id"
                f" AND f.model_id = ({COUNTED}) AND f.{facet} LIKE ?)"
            )
            parameters.append(f'%"{slug}"%')
    return conditions, parameters
