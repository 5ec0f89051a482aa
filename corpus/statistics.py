# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""What the corpus holds, in numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from corpus.classified import COUNTED, STANDING
from corpus.database import Database
from corpus.discussion import SPEAKS, WRITER
from corpus.instants import to_optional_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What there is of one kind of posts."""

    posts: int
    """Tombstones included."""
    writers: int
    discussions: int
    """With at least one post of this kind: a discussion of two themes counts on both."""
    labels: int
    via: Mapping[str, int]
    """Posts by how they came in: what the hashtag found, and what only the discussions around it brought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """What the corpus holds."""

    posts: int
    """Tombstones included."""
    gone: int
    """Tombstones."""
    writers: int
    discussions: int
    """Exchanges of at least two posts by at least two writers, across networks; of posts that were placed
    (``Discussions.update``)."""
    labels: int
    by_theme: Mapping[str, int]
    """Posts by theme's slug, ``none``, ``unsure`` or ``unclassified``; the label wins over the prediction."""
    by_language: Mapping[str, int]
    """Posts by language as identified, else as the network says, else ``unsure``."""
    by_source: Mapping[str, int]
    """Posts by the source that brought them first."""
    by_via: Mapping[str, int]
    """Posts by how they came in."""
    by_project: Mapping[str, int]
    """Posts that name a project or network of the programme, by slug; a post may name several."""
    by_phenomenon: Mapping[str, int]
    """Posts that touch what runs across the themes, by slug."""
    figures: Mapping[str, Mapping[str, Figures]]
    """All figures of each ``theme``, ``language``, ``source`` and ``via``, in the order of ``by_…``."""
    first_at: datetime | None
    """Of the oldest post's creation."""
    last_at: datetime | None


_KINDS = {
    "theme": STANDING,
    "language": "coalesce(p.lang, p.network_lang, 'unsure')",
    "source": "p.source",
    "via": "p.via",
}
_EXCHANGES = (
    "SELECT d.first_id FROM discussion_posts d JOIN posts p ON p.post_id = d.post_id"
    f" WHERE {SPEAKS} GROUP BY d.first_id HAVING count(DISTINCT {WRITER}) > 1"
)
_COMMON = (
    # Each is read often and made once.
    "WITH k AS MATERIALIZED (SELECT p.post_id, p.author_id, p.via AS way, CASE WHEN"
    f" {SPEAKS} THEN d.first_id END AS first_id, {', '.join(f'{sql} AS {name}' for name, sql in _KINDS.items())}"
    " FROM posts p LEFT JOIN discussion_posts d ON d.post_id = p.post_id),"
    f" e AS MATERIALIZED ({_EXCHANGES})"
)


def _of_kind(kind: str) -> str:
    return (
        f" SELECT '{kind}' AS dimension, k.{kind} AS kind, way, count(*) AS posts, 0 AS writers, 0 AS discussions,"
        f" 0 AS labels FROM k GROUP BY k.{kind}, way"
        f" UNION ALL SELECT '{kind}', k.{kind}, NULL, 0, count(DISTINCT author_id), 0, 0 FROM k GROUP BY k.{kind}"
        f" UNION ALL SELECT '{kind}', k.{kind}, NULL, 0, 0, count(DISTINCT k.first_id), 0"
        f" FROM k JOIN e ON e.first_id = k.first_id GROUP BY k.{kind}"
        f" UNION ALL SELECT '{kind}', k.{kind}, NULL, 0, 0, 0, count(*)"
        f" FROM k JOIN labels l ON l.post_id = k.post_id GROUP BY k.{kind}"
    )


def statistics(database: Database) -> Statistics:
    """Return what the corpus holds, in numbers."""
    posts, gone, first_at, last_at = database.query(
        "SELECT count(*), count(gone), min(created_at), max(created_at) FROM posts"
    )[0]
    figures = _figures(database.query(_COMMON + " UNION ALL".join(map(_of_kind, _KINDS))))
    by = {dimension: {kind: one.posts for kind, one in kinds.items()} for dimension, kinds in figures.items()}
    return Statistics(
        posts=posts,
        gone=gone,
        writers=_count(database, "SELECT count(DISTINCT author_id) FROM posts"),
        discussions=_count(database, f"SELECT count(*) FROM ({_EXCHANGES}) e"),
        labels=_count(database, "SELECT count(*) FROM labels"),
        by_theme=by["theme"],
        by_language=by["language"],
        by_source=by["source"],
        by_via=by["via"],
        by_project=_facet(database, "projects"),
        by_phenomenon=_facet(database, "phenomena"),
        figures=figures,
        first_at=to_optional_instant(first_at),
        last_at=to_optional_instant(last_at),
    )


def _facet(database: Database, column: str) -> dict[str, int]:
    """Return how many posts each slug of a facet stands on, most first, by the classifier that counts."""
    listed = f"json_each(q.{column})" if database.sqlite else f"json_array_elements_text(q.{column}::json)"
    found = database.query(
        f"SELECT t.value, count(*) FROM posts p JOIN predictions q ON q.post_id = p.post_id"
        f" AND q.model_id = ({COUNTED}) CROSS JOIN {listed} AS t"
        f"{'' if database.sqlite else '(value)'} WHERE q.{column} <> '[]' GROUP BY t.value"
    )
    return {str(slug): int(posts) for slug, posts in sorted(found, key=lambda row: (-row[1], row[0]))}


def _count(database: Database, statement: str) -> int:
    return int(database.query(statement)[0][0])


def _figures(rows: list[Any]) -> dict[str, dict[str, Figures]]:
    """Return the figures of each dimension's kinds, most posts first."""
    sums: dict[str, dict[str, list[int]]] = {dimension: {} for dimension in _KINDS}
    ways: dict[tuple[str, str], dict[str, int]] = {}
    for dimension, kind, way, *numbers in rows:
        before = sums[dimension].get(kind, [0, 0, 0, 0])
        sums[dimension][kind] = [one + other for one, other in zip(before, numbers, strict=True)]
        if way is not None:
            ways.setdefault((dimension, kind), {})[way] = numbers[0]
    return {
        dimension: {
            kind: Figures(
                posts=posts,
                writers=writers,
                discussions=discussions,
                labels=labels,
                via=dict(sorted(ways[dimension, kind].items(), key=lambda pair: (-pair[1], pair[0]))),
            )
            for kind, (posts, writers, discussions, labels) in sorted(
                kinds.items(), key=lambda pair: (-pair[1][0], pair[0])
            )
        }
        for dimension, kinds in sums.items()
    }
