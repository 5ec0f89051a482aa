# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""The write path of one batch inside one transaction: whole lists through the driver, never a post at a time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from corpus.bulk import insert
from corpus.changes import NO_COUNTS, Insert, Seen, Update, marked, merged, version
from corpus.database import CHUNK, Database
from corpus.indexing import wait_again
from corpus.instants import to_micros, to_optional_micros
from corpus.place_rows import displace
from corpus.post import Author, Counts, Post
from corpus.reading import POST_TABLES, POST_WIDTH, SEEN_COLUMNS, RowTuple, to_seen, words_to_json
from corpus.references import References

_CONTENT = (
    "author_id, text, edited_at, url, network_lang, reply_to, quote_of, repost_of, discussion, hashtags, links,"
    " replies, reposts, likes, views, counts_at, cut_from, payload_id, payload_line, fingerprint, last_seen_at,"
    " version_at"
)
_POSTS = f"posts (post_id, network, native_id, created_at, via, source, gone, gone_at, first_seen_at, {_CONTENT})"
_UPDATE = f"UPDATE posts SET {', '.join(f'{name} = ?' for name in _CONTENT.split(', '))} WHERE post_id = ?"
_UPDATE_COUNTS = (
    "UPDATE posts SET replies = ?, reposts = ?, likes = ?, views = ?, counts_at = ?, last_seen_at = ?, version_at = ?"
    " WHERE post_id = ?"
)
_METRICS = "metrics (post_id, seen_at, replies, reposts, likes, views)"
_LATEST_METRIC = (
    "ON CONFLICT (post_id, seen_at) DO UPDATE SET replies = excluded.replies, reposts = excluded.reposts,"
    " likes = excluded.likes, views = excluded.views"
)
# A page may come late: each instant only moves forward.
_TOUCH = (
    "UPDATE posts SET"
    " last_seen_at = CASE WHEN last_seen_at < ? THEN ? ELSE last_seen_at END,"
    " version_at = CASE WHEN version_at < ? THEN ? ELSE version_at END,"
    " counts_at = CASE WHEN ? AND counts_at < ? THEN ? ELSE counts_at END"
    " WHERE post_id = ? AND gone IS NULL"
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Whence and when a post came in."""

    source: str
    first_seen_at: datetime
    seen_at: datetime
    first_micros: int = field(init=False)
    micros: int = field(init=False)
    """As stored: computed once, not for each post."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "first_micros", to_micros(self.first_seen_at))
        object.__setattr__(self, "micros", to_micros(self.seen_at))


Origins = Mapping[tuple[str, str], Origin]
"""By network and native id; posts that are not named came with the batch."""


class Batch:
    """One batch of changes in an open transaction."""

    def __init__(
        self, database: Database, connection: Connection, batch: Origin, origins: Origins | None = None
    ) -> None:
        self._database = database
        self._connection = connection
        self._batch = batch
        self._origins = origins or {}
        self._references = References(database, connection)

    def origin(self, post: Post) -> Origin:
        """Return whence and when a post came in."""
        return self._origins.get((post.network, post.native_id), self._batch) if self._origins else self._batch

    def _authors(self, posts: Iterable[Post]) -> dict[tuple[str, str], int]:
        if not self._origins:
            return self._references.authors((post, self._batch.micros) for post in posts)
        return self._references.authors((post, self.origin(post).micros) for post in posts)

    def insert(self, inserts: Sequence[Insert]) -> tuple[dict[int, Insert], list[Insert]]:
        """Store new posts; return them by id, and those that somebody else stored meanwhile."""
        if not inserts:
            return {}, []
        authors = self._authors(change.post for change in inserts)
        ids = self._database.next_ids(self._connection, "posts", "post_id", len(inserts))
        by_id = dict(zip(ids, inserts, strict=True))
        places = self._references.pack(
            {post_id: change.post.raw for post_id, change in by_id.items() if change.post.raw}
        )
        rows = [self._insert_row(post_id, change, authors, places) for post_id, change in by_id.items()]
        lost: list[Insert] = []
        conflict = "ON CONFLICT (network, native_id) DO NOTHING"
        if insert(self._database, self._connection, _POSTS, rows, conflict) != len(rows):
            lost = self._lost(by_id, places)
        self._references.index({post_id: change.post for post_id, change in by_id.items()})
        self._metrics(
            (post_id, self.origin(change.post).micros, change.post.counts) for post_id, change in by_id.items()
        )
        self._revise(
            (post_id, earlier, self.origin(earlier).seen_at, (None, None))
            for post_id, change in by_id.items()
            for earlier in change.earlier
        )
        return by_id, lost

    def _insert_row(
        self,
        post_id: int,
        change: Insert,
        authors: Mapping[tuple[str, str], int],
        places: Mapping[int, tuple[int, int]],
    ) -> tuple[object, ...]:
        post = change.post
        origin = self.origin(post) if self._origins else self._batch
        seen_at = origin.micros
        return (
            post_id,
            post.network,
            post.native_id,
            to_micros(post.created_at),
            post.via,
            origin.source,
            post.gone,
            seen_at if post.gone is not None else None,
            origin.first_micros,
            *_content(
                post,
                None if post.author is None else authors[post.network, post.author.native_id],
                None if post.counts == NO_COUNTS else seen_at,
                places.get(post_id, (None, None)),
                change.fingerprint,
                seen_at,
                seen_at,
            ),
        )

    def _lost(self, by_id: dict[int, Insert], places: Mapping[int, tuple[int, int]]) -> list[Insert]:
        """Take out of ``by_id`` what was not inserted since somebody else had been faster."""
        found = self._database.rows(
            self._connection,
            f"SELECT post_id FROM posts WHERE {self._database.among('post_id')}",
            (self._database.keys(by_id),),
        )
        mine = {row[0] for row in found}
        lost = [post_id for post_id in by_id if post_id not in mine]
        self._references.blank(places[post_id] for post_id in lost if post_id in places)
        return [by_id.pop(post_id) for post_id in lost]

    def update(self, changes: Mapping[int, Update | Insert]) -> set[int]:
        """Join posts with what is stored under their ids; return the ids of those that changed."""
        contents: list[tuple[int, Seen, RowTuple, Update | Insert]] = []
        counts: list[tuple[object, ...]] = []
        metrics: list[tuple[int, int, Counts]] = []
        revisions: list[tuple[int, Post, datetime, tuple[int | None, int | None]]] = []
        changed: set[int] = set()
        for row in self.seen(changes):
            post_id, change = row[0], changes[row[0]]
            before = to_seen(row)
            seen_at = self.origin(change.post).seen_at
            after = before
            for post in (change.post, *change.earlier):
                after = merged(after, Seen.once(post, seen_at))
            if after.post.gone is not None:
                continue
            rivals = {version(post): (post, seen_at, (None, None)) for post in (change.post, *change.earlier)}
            rivals[version(before.post)] = (before.post, before.version_at, row[POST_WIDTH + 2 : POST_WIDTH + 4])
            rivals.pop(version(after.post), None)
            revisions.extend((post_id, *rival) for rival in rivals.values())
            if change.post.counts not in (NO_COUNTS, before.post.counts):
                same = after.counts_at == seen_at
                metrics.append((post_id, to_micros(seen_at), after.post.counts if same else change.post.counts))
            if _content_of(after.post) != _content_of(before.post):
                contents.append((post_id, after, row, change))
                changed.add(post_id)
            elif after != before:
                counts.append(_counts_row(post_id, after))
                if after.post.counts != before.post.counts:
                    changed.add(post_id)
        changed |= self._revise(revisions)
        self._metrics(metrics)
        self._database.run_many(self._connection, _UPDATE_COUNTS, counts)
        self._rewrite(contents)
        return changed

    def seen(self, post_ids: Iterable[int]) -> list[RowTuple]:
        """Return the rows of ``SEEN_COLUMNS`` of posts."""
        ids, rows = list(post_ids), []
        for start in range(0, len(ids), CHUNK):
            rows += self._database.rows(
                self._connection,
                f"SELECT {SEEN_COLUMNS} FROM {POST_TABLES} WHERE {self._database.among('p.post_id')}",
                (self._database.keys(ids[start : start + CHUNK]),),
            )
        return rows

    def _rewrite(self, contents: Sequence[tuple[int, Seen, RowTuple, Update | Insert]]) -> None:
        """Write posts whose content changed; a payload is kept with each version."""
        if not contents:
            return
        authors = self._authors(post for _, _, _, change in contents for post in (change.post, *change.earlier))
        places = self._references.pack(
            {
                post_id: change.post.raw
                for post_id, after, row, change in contents
                if change.post.raw and version(change.post) == version(after.post) != _version_of(row)
            }
        )
        rows = []
        for post_id, after, row, _ in contents:
            post, fingerprint = marked(after.post)
            # An author whom this sighting does not name is the one stored.
            who = None if post.author is None else (post.network, post.author.native_id)
            author_id = None if who is None else authors.get(who, row[POST_WIDTH + 4])
            same_version = _version_of(row) == version(post)
            place = places.get(post_id, row[POST_WIDTH + 2 : POST_WIDTH + 4] if same_version else (None, None))
            counts_at = None if post.counts == NO_COUNTS else to_micros(after.counts_at)
            seen = (to_micros(after.at), to_micros(after.version_at))
            rows.append((*_content(post, author_id, counts_at, place, fingerprint, *seen), post_id))
        self._database.run_many(self._connection, _UPDATE, rows)
        wait_again(self._database, self._connection, [post_id for post_id, *_ in contents])
        self._references.unindex({post_id: to_seen(row).post for post_id, _, row, _ in contents})
        self._references.index({post_id: after.post for post_id, after, _, _ in contents})
        self._restore({post_id: version(after.post) for post_id, after, _, _ in contents})
        displace(
            self._database,
            self._connection,
            [post_id for post_id, after, row, _ in contents if after.post.text != to_seen(row).post.text],
        )

    def _restore(self, versions: Mapping[int, bytes]) -> None:
        """Take versions that are the current ones again out of the earlier ones."""
        found = self._database.rows(
            self._connection,
            f"SELECT post_id, version, payload_id, payload_line FROM revisions WHERE {self._database.among('post_id')}",
            (self._database.keys(versions),),
        )
        restored = [row for row in found if bytes(row[1]) == versions[row[0]]]
        self._references.blank((row[2], row[3]) for row in restored)
        self._database.run_many(
            self._connection,
            "DELETE FROM revisions WHERE post_id = ? AND version = ?",
            [(row[0], row[1]) for row in restored],
        )

    def touch(self, skips: Sequence[tuple[int, bool]]) -> None:
        """Note that unchanged posts were seen again, by our id, and whether with their counts."""
        seen_at = self._batch.micros
        self._database.run_many(
            self._connection,
            _TOUCH,
            [(*[seen_at] * 4, counted, seen_at, seen_at, post_id) for post_id, counted in skips],
        )

    def _revise(self, versions: Iterable[tuple[int, Post, datetime, tuple[int | None, int | None]]]) -> set[int]:
        """Keep versions that are not the current one; return the ids of the posts that got one they lacked."""
        changed = set()
        for post_id, post, seen_at, place in versions:
            row = (post_id, version(post), post.text, to_optional_micros(post.edited_at), to_micros(seen_at), *place)
            if self._database.run(
                self._connection,
                "INSERT INTO revisions (post_id, version, text, edited_at, seen_at, payload_id, payload_line)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (post_id, version) DO NOTHING",
                row,
            ):
                changed.add(post_id)
        return changed

    def _metrics(self, seen: Iterable[tuple[int, int, Counts]]) -> None:
        rows = [
            (post_id, micros, counts.replies, counts.reposts, counts.likes, counts.views)
            for post_id, micros, counts in seen
            if counts != NO_COUNTS
        ]
        insert(self._database, self._connection, _METRICS, rows, _LATEST_METRIC)


def _content(
    post: Post,
    author_id: int | None,
    counts_at: int | None,
    place: tuple[int | None, int | None],
    fingerprint: bytes,
    last_seen_at: int,
    version_at: int,
) -> tuple[object, ...]:
    """Return the values of ``_CONTENT``."""
    counts = post.counts
    return (
        author_id,
        post.text,
        to_optional_micros(post.edited_at),
        post.url,
        post.lang,
        post.reply_to,
        post.quote_of,
        post.repost_of,
        post.discussion,
        words_to_json(post.hashtags),
        words_to_json(post.links),
        counts.replies,
        counts.reposts,
        counts.likes,
        counts.views,
        counts_at,
        post.cut_from,
        *place,
        fingerprint,
        last_seen_at,
        version_at,
    )


def _content_of(post: Post) -> Post:
    """Return the post without what changes on its own: counts, payload, and what the author is called."""
    author = post.author and Author(native_id=post.author.native_id, handle=None, name=None)
    return replace(post, raw=None, counts=NO_COUNTS, author=author)


def _counts_row(post_id: int, after: Seen) -> tuple[object, ...]:
    counts = after.post.counts
    return (
        counts.replies,
        counts.reposts,
        counts.likes,
        counts.views,
        None if counts == NO_COUNTS else to_micros(after.counts_at),
        to_micros(after.at),
        to_micros(after.version_at),
        post_id,
    )


def _version_of(row: RowTuple) -> bytes:
    return version(to_seen(row).post)
