# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""The index step: what is derived from texts is filled in behind the posts, batch by batch, at any pace.

Each part keeps a mark: all posts up to it are done. Posts that change behind the mark wait in a queue, into which the
transaction that changes them puts them. A batch is computed outside a transaction and stored in one with its mark, and
what changed or was buried meanwhile is left out of it: a kill at any moment loses at most the batch's computation.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from sqlalchemy import Connection

from corpus import search_index
from corpus.database import Database
from corpus.reading import RowTuple, json_to_words

BATCH = 5_000
Progress = Callable[[int, int], None]
"""Told how many of how many posts are done."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedPost:
    """What parts of the index step read of a post."""

    post_id: int
    network: str
    created_at: int
    """Microseconds since 1970."""
    text: str
    hashtags: tuple[str, ...]
    source: str
    author_id: int | None


class IndexPart(Protocol[T]):
    """Something that is derived from each post's text, for itself."""

    @property
    def name(self) -> str:
        """Under which its progress is kept."""
        ...

    @property
    def recipe(self) -> str:
        """Names the rules by which it is made; where they change, it is made anew for all posts."""
        ...

    def prepare(self, posts: Sequence[IndexedPost]) -> Mapping[int, T]:
        """Return what is to be stored, by post; without a transaction, and taking its time."""
        ...

    def store(self, database: Database, connection: Connection, prepared: Mapping[int, T]) -> None:
        """Store it in an open transaction, in place of what was stored for these posts before."""
        ...


@dataclass(frozen=True, slots=True)
class _Batch:
    posts: Mapping[int, tuple[IndexedPost, bytes]]
    """With the fingerprint that each had."""
    ids: Sequence[int]
    """Of all that is done with the batch, posts without text too."""
    mark: int
    next_mark: int


class Filling(Generic[T]):
    """One run of one part over one database."""

    def __init__(self, database: Database, part: IndexPart[T]) -> None:
        self._database = database
        self._part = part

    def fill(self, progress: Progress | None = None) -> int:
        """Fill in what is missing and return for how many posts.

        Raises:
            DatabaseUnavailableError: what was stored so far is kept.
        """
        horizon = self._begin()
        total = self.left()
        filled = done = 0
        while batch := self._read(horizon):
            if progress:
                progress(done, max(total, done))
            prepared = self._part.prepare([post for post, _ in batch.posts.values()])
            filled += self._store(batch, prepared)
            done += len(batch.ids)
        if progress:
            progress(done, done)
        return filled

    def left(self) -> int:
        """Return for how many posts there is something to do, at most."""
        database, name = self._database, self._part.name
        last = database.query("SELECT coalesce(max(post_id), 0) FROM posts")[0][0]
        waiting = database.query("SELECT count(*) FROM index_queue WHERE part = ?", (name,))[0][0]
        mark = database.query(
            "SELECT post_id FROM index_marks WHERE part = ? AND recipe = ?", (name, self._part.recipe)
        )
        return int(last - (mark[0][0] if mark else 0) + waiting)

    def _begin(self) -> int:
        """Return our id of the last post; make the mark where it is missing, set it back where the rules changed."""
        database, part = self._database, self._part
        with database.writing() as connection:
            database.hold(connection, "posts come in", alone=True)
            database.hold(connection, "posts change", alone=True)
            database.run(
                connection,
                "INSERT INTO index_marks (part, recipe, post_id) VALUES (?, ?, 0) ON CONFLICT (part) DO UPDATE"
                " SET recipe = excluded.recipe, post_id = 0 WHERE index_marks.recipe <> excluded.recipe",
                (part.name, part.recipe),
            )
            return int(database.rows(connection, "SELECT coalesce(max(post_id), 0) FROM posts")[0][0])

    def _read(self, horizon: int) -> _Batch | None:
        """Return the next posts behind the mark, then those that wait in the queue; None where there are none."""
        database, name = self._database, self._part.name
        found = database.query("SELECT post_id FROM index_marks WHERE part = ?", (name,))
        mark = found[0][0] if found else horizon
        rows = self._rows("post_id > ? AND post_id <= ?", (mark, horizon))
        if rows:
            return _batch(rows, mark, rows[-1][0])
        waiting = database.query(
            f"SELECT post_id FROM index_queue WHERE part = ? ORDER BY post_id LIMIT {BATCH}", (name,)
        )
        if not waiting:
            return None
        return _batch(self._rows(database.among("post_id"), (database.keys(row[0] for row in waiting),)), mark, mark)

    def _rows(self, condition: str, parameters: Sequence[object]) -> list[RowTuple]:
        return self._database.query(
            "SELECT post_id, network, created_at, text, hashtags, source, author_id, fingerprint FROM posts"
            f" WHERE {condition} ORDER BY post_id LIMIT {BATCH}",
            parameters,
        )

    def _store(self, batch: _Batch, prepared: Mapping[int, T]) -> int:
        """Store a batch with its mark; nothing where another process was faster."""
        database, part = self._database, self._part
        ids = database.keys(batch.ids)
        among = database.among("post_id")
        with database.writing() as connection:
            database.hold(connection, "posts change", alone=True)
            if not database.run(
                connection,
                "UPDATE index_marks SET post_id = ? WHERE part = ? AND post_id = ? AND recipe = ?",
                (batch.next_mark, part.name, batch.mark, part.recipe),
            ):
                return 0
            now = database.rows(
                connection, f"SELECT post_id, fingerprint FROM posts WHERE {among} AND text IS NOT NULL", (ids,)
            )
            same = {post_id for post_id, fingerprint in now if _was(batch, post_id, bytes(fingerprint))}
            part.store(database, connection, {post_id: one for post_id, one in prepared.items() if post_id in same})
            database.run(connection, f"DELETE FROM index_queue WHERE part = ? AND {among}", (part.name, ids))
            database.run_many(
                connection,
                "INSERT INTO index_queue (part, post_id) VALUES (?, ?)",
                [(part.name, post_id) for post_id, _ in now if post_id not in same],
            )
        return len(same)


def wait_again(database: Database, connection: Connection, post_ids: Sequence[int]) -> None:
    """Take changed or buried posts out of the search index, and let every part see them again.

    In the transaction that changes them: what a post no longer says finds it no more.
    """
    if not post_ids:
        return
    database.hold(connection, "posts change")
    search_index.remove(database, connection, search_index.documents_of(database, connection, post_ids))
    database.run(
        connection,
        "INSERT INTO index_queue (part, post_id) SELECT m.part, p.post_id FROM index_marks m"
        f" JOIN posts p ON p.post_id <= m.post_id WHERE {database.among('p.post_id')}"
        " ON CONFLICT (part, post_id) DO NOTHING",
        (database.keys(post_ids),),
    )


def _was(batch: _Batch, post_id: int, fingerprint: bytes) -> bool:
    return post_id in batch.posts and batch.posts[post_id][1] == fingerprint


def _batch(rows: Sequence[RowTuple], mark: int, next_mark: int) -> _Batch:
    posts = {
        row[0]: (
            IndexedPost(
                post_id=row[0],
                network=row[1],
                created_at=row[2],
                text=row[3],
                hashtags=json_to_words(row[4]),
                source=row[5],
                author_id=row[6],
            ),
            bytes(row[7]),
        )
        for row in rows
        if row[3] is not None
    }
    return _Batch(posts, [row[0] for row in rows], mark, next_mark)
