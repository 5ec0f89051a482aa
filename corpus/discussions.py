# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""Discussions in the corpus: kept up to date, listed, and read from their first post to their last."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from corpus.classified import STANDING, Reader, Selection
from corpus.database import Database
from corpus.discussion import SPEAKS, WRITER, Discussion, in_thread_order
from corpus.instants import to_instant, to_micros
from corpus.placing import Placing
from corpus.post import ClassifiedPost

_BATCH = 20_000
"""Posts placed in one transaction: half a second in which nobody else writes."""
_LOCK = 0x4B41494B56
_UNPLACED = (
    "SELECT p.post_id FROM posts p LEFT JOIN discussion_posts d ON d.post_id = p.post_id"
    " WHERE p.post_id > ? AND (d.post_id IS NULL OR d.fingerprint <> p.fingerprint) ORDER BY p.post_id LIMIT ?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What bringing the discussions up to date came to."""

    posts: int
    """New, edited and deleted posts that were placed."""
    moved: int
    """Posts whose discussion is another than before, new ones among them."""


class Discussions:
    """The discussions of a corpus."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reader = Reader(database)

    def update(self, *, batch: int = _BATCH) -> Placed:
        """Place what is new or has changed since the last time, and return what that came to.

        The result is the one that ``corpus.discussion.partition`` gives over the whole corpus, whatever came in which
        order. Every batch is a transaction of its own: a kill loses the last one, and the next call goes on.

        Raises:
            DatabaseUnavailableError: the batches before it were kept.
        """
        last, posts, moved = 0, 0, 0
        while found := self._database.query(_UNPLACED, (last, batch)):
            with self._database.writing() as connection:
                if not self._database.sqlite:
                    # What one reads of the discussions another must not be changing.
                    self._database.run(connection, "SELECT pg_advisory_xact_lock(?)", (_LOCK,))
                moved += Placing(self._database, connection).place([row[0] for row in found])
            posts += len(found)
            last = found[-1][0]
        return Placed(posts=posts, moved=moved)

    def between(
        self, start_at: datetime, end_at: datetime, *, writers: int = 2, limit: int = 100, offset: int = 0
    ) -> list[Discussion]:
        """Return the discussions of the posts created in [start_at, end_at), the largest first.

        Args:
            start_at: first instant.
            end_at: first instant after.
            writers: least number of them in the span; 1 lists posts that nobody answered too.
            limit: most discussions returned.
            offset: discussions left out before them.
        """
        span = (to_micros(start_at), to_micros(end_at))
        rows = self._database.query(
            f"SELECT d.first_id, f.network, f.native_id, count(*), count(DISTINCT {WRITER}),"
            " min(p.created_at), max(p.created_at)"
            f" FROM {_TABLES} JOIN posts f ON f.post_id = d.first_id WHERE {_SPAN}"
            f" GROUP BY d.first_id, f.network, f.native_id HAVING count(DISTINCT {WRITER}) >= ?"
            " ORDER BY 4 DESC, min(f.created_at), f.network, f.native_id LIMIT ? OFFSET ?",
            (*span, writers, limit, offset),
        )
        return self._with_kinds(rows, _SPAN, span)

    def whole(self, first_ids: Iterable[int]) -> dict[int, Discussion]:
        """Return discussions with the figures of their whole life, by our id of their earliest post.

        One of which everything was taken back, and what is no discussion's earliest post, is left out.
        """
        wanted = self._database.keys(first_ids)
        rows = self._database.query(
            f"SELECT d.first_id, f.network, f.native_id, count(*), count(DISTINCT {WRITER}),"
            " min(p.created_at), max(p.created_at)"
            f" FROM {_TABLES} JOIN posts f ON f.post_id = d.first_id WHERE {SPEAKS}"
            f" AND {self._database.among('d.first_id')} GROUP BY d.first_id, f.network, f.native_id",
            (wanted,),
        )
        return dict(zip([row[0] for row in rows], self._with_kinds(rows, SPEAKS, ()), strict=True))

    def firsts(self, post_ids: Iterable[int]) -> dict[int, int]:
        """Return our id of the earliest post of each post's discussion; a post that was not placed yet is its own."""
        wanted = list(post_ids)
        found: list[tuple[int, int]] = self._database.query(
            f"SELECT post_id, first_id FROM discussion_posts WHERE {self._database.among('post_id')}",
            (self._database.keys(wanted),),
        )
        return {post_id: post_id for post_id in wanted} | dict(found)

    def _with_kinds(self, rows: list[Any], condition: str, parameters: tuple[int, ...]) -> list[Discussion]:
        """Return the discussions of rows, each with its posts by network, way and theme."""
        kinds: dict[int, list[tuple[str, str, str, int]]] = {row[0]: [] for row in rows}
        for first_id, *kind in self._database.query(
            f"SELECT first_id, network, via, theme, count(*) FROM (SELECT d.first_id, p.network, p.via,"
            f" {STANDING} AS theme FROM {_TABLES} WHERE {condition}"
            f" AND {self._database.among('d.first_id')}) k GROUP BY first_id, network, via, theme ORDER BY 1, 2, 3, 4",
            (*parameters, self._database.keys(kinds)),
        ):
            kinds[first_id].append(tuple(kind))
        return [_discussion(row, kinds[row[0]]) for row in rows]

    def tree(self, network: str, native_id: str) -> list[tuple[int, ClassifiedPost]]:
        """Return the whole discussion of any of its posts, in the order in which it is read, each with its depth.

        Tombstones keep their places. Nothing where the post is unknown or was not placed yet.
        """
        posts = {
            (post.stored.post.network, post.stored.post.native_id): post
            for post in self._reader.classified(Selection(discussion=(network, native_id)), any_model=True)
        }
        ordered = in_thread_order(post.stored.post for post in posts.values())
        return [(depth, posts[post.network, post.native_id]) for depth, post in ordered]


_TABLES = "discussion_posts d JOIN posts p ON p.post_id = d.post_id"
_SPAN = f"p.created_at >= ? AND p.created_at < ? AND {SPEAKS}"


def _discussion(row: tuple[int, str, str, int, int, int, int], kinds: list[tuple[str, str, str, int]]) -> Discussion:
    via: dict[str, int] = {}
    themes: dict[str, dict[str, int]] = {}
    for _, way, theme, posts in kinds:
        via[way] = via.get(way, 0) + posts
        ways = themes.setdefault(theme, {})
        ways[way] = ways.get(way, 0) + posts
    return Discussion(
        network=row[1],
        native_id=row[2],
        posts=row[3],
        writers=row[4],
        networks=tuple(sorted({kind[0] for kind in kinds})),
        first_at=to_instant(row[5]),
        last_at=to_instant(row[6]),
        via=via,
        themes=themes,
    )
