# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""Posts in the corpus: one way in, and several ways to read them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from corpus.burying import bury
from corpus.changes import STRENGTH, Bury, Change, Insert, Known, Skip, Update
from corpus.classified import Reader, Revision, Selection
from corpus.custody import Custody
from corpus.database import CHUNK, Database
from corpus.gate import Gate
from corpus.instants import to_micros
from corpus.ledger import Checkpoint, Watermark
from corpus.numbers import PostNumbers
from corpus.post import ClassifiedPost, Counts, Post, StoredPost
from corpus.reading import POST_COLUMNS, POST_TABLES, POST_WIDTH, to_post
from corpus.references import References
from corpus.writing import Batch, Origin, Origins

IMPORT = "import"
"""The source of what came from an archive. An archive tells nothing of when a post was last seen."""


_QUOTED = (
    "INSERT INTO quote_counts (post_id, quotes) SELECT post_id, CAST(? AS BIGINT) FROM posts"
    " WHERE network = ? AND native_id = ? AND gone IS NULL"
    " ON CONFLICT (post_id) DO UPDATE SET quotes = excluded.quotes"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """How many posts a batch of changes changed."""

    inserted: int = 0
    updated: int = 0
    buried: int = 0
    skipped: int = 0

    def __add__(self, other: "Applied") -> "Applied":
        """Return both together."""
        return Applied(
            inserted=self.inserted + other.inserted,
            updated=self.updated + other.updated,
            buried=self.buried + other.buried,
            skipped=self.skipped + other.skipped,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Which posts a batch of changes changed, by our id."""

    inserted: Mapping[int, Post]
    changed: set[int]
    buried: set[int]

    def applied(self, changes: int) -> Applied:
        """Return how many that is, out of a number of changes."""
        inserted, updated, buried = len(self.inserted), len(self.changed), len(self.buried)
        return Applied(inserted=inserted, updated=updated, buried=buried, skipped=changes - inserted - updated - buried)


class Posts(PostNumbers):
    """The posts of a corpus."""

    def __init__(self, database: Database, custody: Custody) -> None:
        super().__init__(database)
        self._reader = Reader(database)
        self._custody = custody
        self._gate = Gate(database, custody)

    # ---- the way in

    def known(self, network: str, native_ids: Sequence[str]) -> dict[str, Known]:
        """Return what the corpus knows of posts, by native id; unknown ones are left out."""
        with self._database.reading() as connection:
            return self.known_in(connection, network, native_ids)

    def known_in(self, connection: Connection, network: str, native_ids: Sequence[str]) -> dict[str, Known]:
        """Return what ``known`` returns, inside a transaction."""
        found: dict[str, Known] = {}
        for start in range(0, len(native_ids), CHUNK):
            for row in self._database.rows(
                connection,
                "SELECT native_id, post_id, fingerprint, replies, reposts, likes, views, gone FROM posts"
                f" WHERE network = ? AND {self._database.among('native_id')}",
                (network, self._database.keys(native_ids[start : start + CHUNK])),
            ):
                found[row[0]] = Known(
                    post_id=row[1],
                    fingerprint=bytes(row[2]),
                    counts=Counts(replies=row[3], reposts=row[4], likes=row[5], views=row[6]),
                    gone=row[7],
                )
        return found

    def apply(
        self,
        changes: Sequence[Change],
        *,
        source: str,
        now: datetime,
        watermark: Watermark | None = None,
        checkpoint: Checkpoint | None = None,
        seen: Iterable[Post] = (),
        renamed: Mapping[tuple[str, str], str] | None = None,
    ) -> Applied:
        """Store changes with the progress that they mean, all or nothing, and return what changed.

        Args:
            changes: of ``decide``; 5,000 to 10,000 posts at a time are a good measure.
            source: name of the configured source, or ``import``.
            now: when the posts were seen.
            watermark: only with the page that completes the span.
            checkpoint: how far an import has come.
            seen: posts as they were seen, for how often they are quoted.
            renamed: handles that known authors go by now, by network and native id of the author.

        Raises:
            DatabaseUnavailableError: nothing was stored.
            ErasureKeyError: nobody can tell whose posts may not be stored; nothing was.
        """
        with self._database.writing(trusting=True) as connection:
            outcome = self.apply_in(connection, changes, Origin(source, now, now))
            self._database.run_many(connection, _QUOTED, [(p.quotes, p.network, p.native_id) for p in seen if p.quotes])
            if renamed:
                References(self._database, connection).rename(renamed, to_micros(now))
            self.progress_in(connection, watermark, checkpoint)
        if outcome.buried:
            self._database.empty_log()
        return outcome.applied(len(changes))

    def apply_in(
        self, connection: Connection, changes: Sequence[Change], batch: Origin, origins: Origins | None = None
    ) -> Outcome:
        """Store changes inside a transaction, less what may not be stored, and return which posts they changed."""
        changes = self._gate.admit(connection, changes)
        writing = Batch(self._database, connection, batch, origins)
        inserted, lost = writing.insert([change for change in changes if isinstance(change, Insert)])
        updates: dict[int, Update | Insert] = {c.known.post_id: c for c in changes if isinstance(c, Update)}
        burials = [change for change in changes if isinstance(change, Bury)]
        for change in lost:
            post = change.post
            if post.gone is not None:
                burials.append(Bury(post.network, post.native_id, post.gone, batch.seen_at))
            else:
                known = self.known_in(connection, post.network, [post.native_id])
                updates[known[post.native_id].post_id] = change
        changed = writing.update(updates)
        buried = self._bury(connection, writing, burials)
        if batch.source != IMPORT:
            writing.touch(
                [
                    (change.known.post_id, change.why == "unchanged")
                    for change in changes
                    if isinstance(change, Skip) and change.known and change.why in ("unchanged", "uncounted")
                ]
            )
        return Outcome(
            inserted={post_id: change.post for post_id, change in inserted.items()}, changed=changed, buried=buried
        )

    def _bury(self, connection: Connection, writing: Batch, changes: Sequence[Bury]) -> set[int]:
        burials: dict[int, Bury] = {}
        for change in changes:
            known = self.known_in(connection, change.network, [change.native_id]).get(change.native_id)
            if known is not None and STRENGTH[change.gone] > STRENGTH[known.gone]:
                burials[known.post_id] = change
        if burials:
            bury(self._database, connection, writing.seen(burials), burials, self._custody)
        return set(burials)

    def progress_in(self, connection: Connection, watermark: Watermark | None, checkpoint: Checkpoint | None) -> None:
        """Store progress inside a transaction."""
        if watermark is not None:
            self._database.run(
                connection,
                "INSERT INTO watermarks (source, value, reached_at) VALUES (?, ?, ?)"
                " ON CONFLICT (source) DO UPDATE SET value = excluded.value, reached_at = excluded.reached_at",
                (watermark.source, watermark.value, to_micros(watermark.reached_at)),
            )
        if checkpoint is not None:
            self._database.run(
                connection,
                "INSERT INTO checkpoints (name, value) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (checkpoint.name, checkpoint.value),
            )

    def drop_payloads(self, network: str, native_ids: Sequence[str]) -> int:
        """Make the payloads of posts unreadable, those of earlier versions too; return how many posts had one."""
        if not native_ids:
            return 0
        with self._database.writing() as connection:
            known = self.known_in(connection, network, native_ids)
            ids = self._database.keys([one.post_id for one in known.values()])
            places: dict[str, list[tuple[int, int]]] = {}
            for table in ("posts", "revisions"):
                which = f"payload_id IS NOT NULL AND {self._database.among('post_id')}"
                found = self._database.rows(
                    connection, f"SELECT payload_id, payload_line FROM {table} WHERE {which}", (ids,)
                )
                References(self._database, connection).blank(found)
                self._database.run(
                    connection, f"UPDATE {table} SET payload_id = NULL, payload_line = NULL WHERE {which}", (ids,)
                )
                places[table] = found
        self._database.empty_log()
        return len(places["posts"])

    # ---- the ways to read

    def between(self, start_at: datetime, end_at: datetime) -> Iterator[StoredPost]:
        """Yield posts created in [start_at, end_at), oldest first."""
        for batch in self._reader.stored(Selection(since=start_at, until=end_at)):
            yield from batch

    def stored_of(self, post_ids: Sequence[int]) -> list[StoredPost]:
        """Return posts by our ids, in no order; unknown ones are left out."""
        return self._reader.stored_of(post_ids)

    def classified_between(
        self, start_at: datetime, end_at: datetime, *, model: str | None = None
    ) -> Iterator[ClassifiedPost]:
        """Yield posts created in [start_at, end_at) with their labels and one classifier version's predictions.

        Args:
            start_at: first instant.
            end_at: first instant after.
            model: version; by default the active one, or, where none was ever activated, each post's latest.
        """
        yield from self._reader.classified(Selection(since=start_at, until=end_at), model=model)

    def all_classified(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        theme: str | None = None,
        lang: str | None = None,
        counted: bool = False,
    ) -> Iterator[ClassifiedPost]:
        """Yield posts with labels and predictions, oldest first.

        Where the active classifier has no prediction, the latest other one stands in, which the prediction tells; not
        so where the posts are to be counted, since no sum may mix two versions.

        Args:
            since: first instant.
            until: first instant after.
            theme: a slug, or ``none``, ``unsure``, ``unclassified``.
            lang: as identified, else as the network says.
            counted: the active classifier's predictions only.
        """
        selection = Selection(since=since, until=until, theme=theme, lang=lang)
        yield from self._reader.classified(selection, any_model=not counted)

    def by_native_id(self, network: str, native_id: str) -> ClassifiedPost | None:
        """Return one post with labels and prediction, or None."""
        return next(self._reader.classified(Selection(key=(network, native_id)), any_model=True), None)

    def waiting(self, model: str) -> int:
        """Return how many posts with text a classifier version has not judged."""
        return self._reader.waiting(model)

    def unclassified(self, model: str, *, batch: int = 1000) -> Iterator[list[StoredPost]]:
        """Yield batches of posts with text that a classifier version has not judged, in the order they came in."""
        yield from self._reader.unclassified(model, batch)

    def texts(self, *, limit: int | None = None) -> Iterator[tuple[int, str, str | None]]:
        """Yield id, text and language (identified, else the network's) of posts, newest first."""
        yield from self._reader.texts(limit)

    def buried_since(self, network: str, native_ids: Sequence[str], since: datetime) -> list[str]:
        """Return which of some posts of a network became tombstones after an instant."""
        rows = self._database.query(
            "SELECT native_id FROM posts WHERE network = ? AND gone_at > ?"
            f" AND {self._database.among('native_id')} ORDER BY native_id",
            (network, to_micros(since), self._database.keys(native_ids)),
        )
        return [row[0] for row in rows]

    def with_answers(self, source: str, network: str, since: datetime) -> list[Post]:
        """Return posts since an instant that are answered or quoted, brought by themselves by a source or an archive.

        Newest first. What another source of the same network brought is left to that one.
        """
        rows = self._database.query(
            f"SELECT {POST_COLUMNS}, q.quotes FROM {POST_TABLES} LEFT JOIN quote_counts q ON q.post_id = p.post_id"
            " WHERE p.network = ? AND p.source IN (?, ?) AND p.created_at >= ? AND (p.replies > 0 OR q.quotes > 0)"
            " AND p.gone IS NULL AND p.via <> 'thread' ORDER BY p.created_at DESC, p.native_id",
            (network, source, IMPORT, to_micros(since)),
        )
        return [replace(to_post(row), quotes=row[POST_WIDTH]) for row in rows]

    def fresh(self, network: str, native_ids: Sequence[str], since: datetime) -> set[str]:
        """Return which of some posts nobody need ask for: seen since an instant, or tombstones."""
        return {
            row[0]
            for start in range(0, len(native_ids), CHUNK)
            for row in self._database.query(
                f"SELECT native_id FROM posts WHERE network = ? AND {self._database.among('native_id')}"
                " AND (gone IS NOT NULL OR last_seen_at > ?)",
                (network, self._database.keys(native_ids[start : start + CHUNK]), to_micros(since)),
            )
        }

    def unseen(self, network: str, *, since: datetime, seen_before: datetime, limit: int) -> list[str]:
        """Return native ids of posts created since an instant that were last seen before another, longest ago first."""
        rows = self._database.query(
            "SELECT native_id FROM posts WHERE network = ? AND created_at >= ? AND last_seen_at < ? AND gone IS NULL"
            " ORDER BY last_seen_at, native_id LIMIT ?",
            (network, to_micros(since), to_micros(seen_before), limit),
        )
        return [row[0] for row in rows]

    def by_authors(self, network: str, authors: Sequence[str]) -> dict[str, list[str]]:
        """Return native ids of posts that are kept, by the native id of their author; unknown authors are left out."""
        found: dict[str, list[str]] = {}
        for start in range(0, len(authors), CHUNK):
            for author, native_id in self._database.query(
                "SELECT a.native_id, p.native_id FROM authors a JOIN posts p ON p.author_id = a.author_id"
                f" WHERE a.network = ? AND {self._database.among('a.native_id')} AND p.gone IS NULL"
                " ORDER BY p.native_id",
                (network, self._database.keys(authors[start : start + CHUNK])),
            ):
                found.setdefault(author, []).append(native_id)
        return found

    def relations(self, network: str, since: datetime) -> list[tuple[str, str | None, str]]:
        """Return native id, the post that it answers or quotes, and ``via`` of posts since an instant, oldest first."""
        rows = self._database.query(
            "SELECT native_id, coalesce(reply_to, quote_of), via FROM posts WHERE network = ? AND created_at >= ?"
            " ORDER BY created_at, native_id",
            (network, to_micros(since)),
        )
        return [(row[0], row[1], row[2]) for row in rows]

    def living(self, network: str) -> list[str]:
        """Return the native ids of all posts of a network that are no tombstones."""
        rows = self._database.query(
            "SELECT native_id FROM posts WHERE network = ? AND gone IS NULL ORDER BY native_id", (network,)
        )
        return [row[0] for row in rows]

    def texts_of(self, network: str, native_ids: Sequence[str]) -> dict[str, str]:
        """Return the texts of posts of one network by native id; unknown and tombstoned ones are left out."""
        found: dict[str, str] = {}
        for start in range(0, len(native_ids), CHUNK):
            ids = native_ids[start : start + CHUNK]
            rows = self._database.query(
                "SELECT native_id, text FROM posts WHERE network = ? AND text IS NOT NULL"
                f" AND {self._database.among('native_id')}",
                (network, self._database.keys(ids)),
            )
            found |= {row[0]: row[1] for row in rows}
        return found

    def payload(self, network: str, native_id: str) -> bytes | None:
        """Return the post's own payload as the network sent it, or None where none is kept."""
        return self._reader.payload(network, native_id)

    def revisions(self, network: str, native_id: str) -> list[Revision]:
        """Return the versions of a post that are not the current one, oldest edit first."""
        return self._reader.revisions(network, native_id)

    def metrics(self, network: str, native_id: str) -> list[tuple[datetime, Counts]]:
        """Return the counts of a post each time they were seen to differ, oldest first."""
        return self._reader.metrics(network, native_id)

    def municipalities(self, post_ids: Sequence[int]) -> dict[int, tuple[tuple[str, str], ...]]:
        """Return each post's municipalities as code and basis; posts without any are left out."""
        return self._reader.municipalities(post_ids)

    def originals(self, start_at: datetime, end_at: datetime) -> list[tuple[int, str, str, str | None]]:
        """Return our id, native id, text and cluster of posts of [start_at, end_at), reposts left out, oldest first."""
        return self._reader.originals(start_at, end_at)

    def days(self) -> list[tuple[int, int, int]]:
        """Return each day since 1970 with its number of posts and our id of that which came in last, oldest first."""
        return self._reader.days()

    def set_clusters(self, clusters: Mapping[int, str]) -> None:
        """Record which near-identical texts belong together, by our id."""
        with self._database.writing() as connection:
            self._database.run_many(
                connection,
                "UPDATE posts SET cluster = ? WHERE post_id = ? AND gone IS NULL",
                [(cluster, post_id) for post_id, cluster in clusters.items()],
            )
