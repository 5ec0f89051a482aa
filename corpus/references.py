# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""What posts point to: authors, hashtags, links and payloads, looked up and stored for a whole batch at once."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import blake2b

from sqlalchemy import Connection

from corpus import payloads
from corpus.bulk import insert
from corpus.database import Database
from corpus.post import Author, Post
from corpus.reading import RowTuple
from language.text import clean

_LONGEST_HASHTAG = 600
"""Characters of a hashtag by which posts are found: longer ones would not fit into PostgreSQL's index."""


class References:
    """What the posts of one batch point to, in an open transaction."""

    def __init__(self, database: Database, connection: Connection) -> None:
        self._database = database
        self._connection = connection

    def pack(self, raws: Mapping[int, bytes]) -> dict[int, tuple[int, int]]:
        """Store payloads by post; return each one's chunk and line."""
        groups = list(payloads.chunks(list(raws.items())))
        if not groups:
            return {}
        ids = self._database.next_ids(self._connection, "payloads", "payload_id", len(groups))
        packed = list(zip(ids, groups, strict=True))
        pack = payloads.packer()
        insert(
            self._database,
            self._connection,
            "payloads (payload_id, lines)",
            [(payload_id, pack([raw for _, raw in group])) for payload_id, group in packed],
        )
        return {post_id: (payload_id, line) for payload_id, group in packed for line, (post_id, _) in enumerate(group)}

    def blank(self, places: Iterable[tuple[int | None, int | None]]) -> None:
        """Make payloads unreadable by chunk and line."""
        lines: dict[int, set[int]] = {}
        for payload_id, line in places:
            if payload_id is not None and line is not None:
                lines.setdefault(payload_id, set()).add(line)
        for payload_id, numbers in lines.items():
            chunk = self._database.rows(
                self._connection, "SELECT lines FROM payloads WHERE payload_id = ?", (payload_id,)
            )[0][0]
            self._database.run(
                self._connection,
                "UPDATE payloads SET lines = ? WHERE payload_id = ?",
                (payloads.blank(chunk, numbers), payload_id),
            )

    def authors(self, posts: Iterable[tuple[Post, int]]) -> dict[tuple[str, str], int]:
        """Return the ids of authors by network and native id, storing those that are new or call themselves otherwise.

        Args:
            posts: with the instants at which they were seen.
        """
        latest: dict[str, dict[str, tuple[int, Author]]] = {}
        for post, seen_at in posts:
            author = post.author
            if author is None:
                continue
            known = latest.setdefault(post.network, {})
            before = known.get(author.native_id)
            if before is None or (
                (before[1] is not author or before[0] != seen_at) and _recency(before) < _recency((seen_at, author))
            ):
                known[author.native_id] = (seen_at, author)
        return {
            (network, native_id): author_id
            for network, authors in latest.items()
            for native_id, author_id in self._authors_of(network, authors).items()
        }

    def _authors_of(self, network: str, authors: Mapping[str, tuple[int, Author]]) -> dict[str, int]:
        known = self._known_authors(network, authors)
        new = sorted(authors.keys() - known.keys())
        added: dict[str, int] = {}
        if new:
            ids = self._database.next_ids(self._connection, "authors", "author_id", len(new))
            rows = [
                (author_id, network, native_id, author.handle, author.name, seen_at)
                for author_id, native_id in zip(ids, new, strict=True)
                for seen_at, author in (_clean(authors[native_id]),)
            ]
            into = "authors (author_id, network, native_id, handle, name, seen_at)"
            conflict = "ON CONFLICT (network, native_id) DO NOTHING"
            if insert(self._database, self._connection, into, rows, conflict) < len(rows):
                # Another collector has stored some of them meanwhile.
                known |= self._known_authors(network, new)
            else:
                added = dict(zip(new, ids, strict=True))
        self._rename(known, authors)
        return added | {native_id: row[0] for native_id, row in known.items()}

    def rename(self, handles: Mapping[tuple[str, str], str], seen_at: int) -> None:
        """Note what known authors are called since an instant, in microseconds; unknown ones stay so."""
        by_network: dict[str, dict[str, tuple[int, Author]]] = {}
        for (network, native_id), handle in handles.items():
            author = Author(native_id=native_id, handle=handle, name=None)
            by_network.setdefault(network, {})[native_id] = (seen_at, author)
        for network, authors in by_network.items():
            self._rename(self._known_authors(network, authors), authors)

    def _rename(self, known: Mapping[str, RowTuple], authors: Mapping[str, tuple[int, Author]]) -> None:
        renamed = []
        for native_id, (author_id, handle, name, known_at) in known.items():
            author = authors[native_id][1]
            if author.handle == handle and author.name == name:
                continue
            seen_at, author = _clean(authors[native_id])
            before = Author(native_id=native_id, handle=handle, name=name)
            after = Author(native_id=native_id, handle=author.handle or handle, name=author.name or name)
            if after != before and _recency((seen_at, after)) > _recency((known_at, before)):
                renamed.append((after.handle, after.name, seen_at, author_id))
        self._database.run_many(
            self._connection, "UPDATE authors SET handle = ?, name = ?, seen_at = ? WHERE author_id = ?", renamed
        )

    def _known_authors(self, network: str, native_ids: Iterable[str]) -> dict[str, RowTuple]:
        found = self._database.rows(
            self._connection,
            "SELECT native_id, author_id, handle, name, seen_at FROM authors"
            f" WHERE network = ? AND {self._database.among('native_id')}",
            (network, self._database.keys(native_ids)),
        )
        return {row[0]: row[1:] for row in found}

    def index(self, posts: Mapping[int, Post]) -> None:
        """Make posts findable by hashtag and link."""
        hashtags: set[str] = set().union(*(post.hashtags for post in posts.values()))
        ids = self._hashtag_ids({hashtag for hashtag in hashtags if len(hashtag) <= _LONGEST_HASHTAG})
        insert(
            self._database,
            self._connection,
            "post_hashtags (hashtag_id, post_id)",
            # In the order of the tree: neighbours are written together.
            sorted(
                (ids[hashtag], post_id)
                for post_id, post in posts.items()
                for hashtag in post.hashtags
                if hashtag in ids
            ),
            "ON CONFLICT (hashtag_id, post_id) DO NOTHING",
        )
        insert(
            self._database,
            self._connection,
            "post_links (link_hash, post_id)",
            sorted((link_hash(link), post_id) for post_id, post in posts.items() for link in post.links),
            "ON CONFLICT (link_hash, post_id) DO NOTHING",
        )

    def unindex(self, posts: Mapping[int, Post]) -> None:
        """Forget where posts were found by hashtag and link."""
        ids = self._find_hashtags({hashtag for post in posts.values() for hashtag in post.hashtags})
        self._database.run_many(
            self._connection,
            "DELETE FROM post_hashtags WHERE hashtag_id = ? AND post_id = ?",
            [(ids[hashtag], post_id) for post_id, post in posts.items() for hashtag in post.hashtags if hashtag in ids],
        )
        self._database.run_many(
            self._connection,
            "DELETE FROM post_links WHERE link_hash = ? AND post_id = ?",
            [(link_hash(link), post_id) for post_id, post in posts.items() for link in post.links],
        )

    def _hashtag_ids(self, hashtags: set[str]) -> dict[str, int]:
        found = self._find_hashtags(hashtags)
        new = sorted(hashtags - found.keys())
        if new:
            self._database.run_many(
                self._connection,
                "INSERT INTO hashtags (hashtag) VALUES (?) ON CONFLICT (hashtag) DO NOTHING",
                [(hashtag,) for hashtag in new],
            )
            found |= self._find_hashtags(new)
        return found

    def _find_hashtags(self, hashtags: Iterable[str]) -> dict[str, int]:
        found = self._database.rows(
            self._connection,
            f"SELECT hashtag, hashtag_id FROM hashtags WHERE {self._database.among('hashtag')}",
            (self._database.keys(hashtags),),
        )
        return {row[0]: row[1] for row in found}


@lru_cache(maxsize=50_000)  # the same few addresses are shared again and again
def link_hash(link: str) -> int:
    """Return the signed 64-bit hash by which a link is found."""
    return int.from_bytes(blake2b(link.encode(), digest_size=8).digest(), "big", signed=True)


def _clean(sighting: tuple[int, Author]) -> tuple[int, Author]:
    seen_at, author = sighting
    written = f"{author.handle} {author.name}"
    if clean(written) == written:
        return sighting
    handle = None if author.handle is None else clean(author.handle)
    name = None if author.name is None else clean(author.name)
    return seen_at, Author(native_id=author.native_id, handle=handle, name=name)


def _recency(sighting: tuple[int, Author]) -> tuple[int, str, str]:
    seen_at, author = sighting
    return (seen_at, author.handle or "", author.name or "")
