# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""Placing posts in discussions, a batch at a time, with the result that the rule over the whole corpus would give.

What only adds posts or bonds joins discussions that are there already, each taken as one thing. Where a bond is gone
(a deletion, an edit, an address that turned out to be a place) the discussion that may fall apart is dissolved: all its
posts are placed again.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from struct import Struct
from typing import Any

import msgspec
from sqlalchemy import Connection

from corpus import bulk
from corpus.database import Database
from corpus.discussion import Groups, runs, shared_links, ties
from corpus.reading import RowTuple

_READ = (
    "SELECT p.post_id, p.created_at, p.network, p.native_id, p.reply_to, p.quote_of, p.repost_of, p.discussion,"
    " p.links, CASE WHEN p.network = 'feed' THEN p.url END, p.gone, p.fingerprint, d.first_id, d.ties, d.links,"
    " d.fingerprint FROM posts p LEFT JOIN discussion_posts d ON d.post_id = p.post_id"
)
_NONE: frozenset[int] = frozenset()
_words = msgspec.json.Decoder(tuple[str, ...]).decode

Age = tuple[int, str, str]
"""Creation in microseconds, network, native id: the least of a discussion names it."""


@dataclass(slots=True)
class _Member:
    """A post that is being placed."""

    age: Age
    fingerprint: bytes
    ties: frozenset[int]
    links: frozenset[int]
    first_id: int | None
    """Of the discussion where it stood so far."""
    known_ties: frozenset[int]
    known_links: frozenset[int]
    is_known: bool
    """Whether nothing but its discussion may have changed."""


class Placing:
    """One batch of posts, placed in an open transaction."""

    def __init__(self, database: Database, connection: Connection) -> None:
        self._database = database
        self._connection = connection
        self._members: dict[int, _Member] = {}
        self._dissolved: set[int] = set()
        self._whole: set[int] = set()
        """First posts of discussions that stay together and are taken as one thing."""
        self._before: dict[int, dict[int, int]] = {}
        """By link the posts that shared it, with their creation."""
        self._after: dict[int, dict[int, int]] = {}

    def place(self, post_ids: Collection[int]) -> int:
        """Place posts, and return how many posts' discussions are others than before."""
        waiting: set[int] = set(post_ids)
        while waiting:
            self._take(waiting)
            found = self._rows("SELECT post_id FROM discussion_posts", "first_id", self._dissolved)
            waiting = {row[0] for row in found} - self._members.keys()
        groups, found_ties = self._joined()
        firsts, moved = self._named(groups)
        self._relabel(moved)
        self._write_ties(found_ties)
        self._write_links()
        return self._write_members(firsts)

    def _rows(self, select: str, column: str, keys: Iterable[int]) -> list[RowTuple]:
        wanted = list(keys)
        if not wanted:
            return []
        if self._database.sqlite:
            condition, parameter = self._database.among(column), self._database.keys(wanted)
        else:
            condition, parameter = f"{column} = ANY(?::bigint[])", _array("bigint", wanted)
        return self._database.rows(self._connection, f"{select} WHERE {condition}", (parameter,))

    def _take(self, post_ids: Collection[int]) -> None:
        """Read posts with what they hang on now and hung on before, and see which discussions may fall apart."""
        fresh = {row[0]: _member(row) for row in self._rows(_READ, "p.post_id", post_ids)}
        self._members |= fresh
        self._load({link for member in fresh.values() for link in (member.links | member.known_links)})
        changed = set()
        for post_id, member in fresh.items():
            if member.first_id is not None and not member.known_ties <= member.ties:
                self._dissolved.add(member.first_id)
            for link in member.known_links - member.links:
                self._after[link].pop(post_id, None)
                changed.add(link)
            for link in member.links - member.known_links:
                self._after[link][post_id] = member.age[0]
                changed.add(link)
        parted = {post_id for link in changed for post_id in self._parted(link)}
        self._dissolved.update(self._firsts(parted).values())

    def _load(self, links: set[int]) -> None:
        links = links - self._before.keys()
        for link in links:
            self._before[link], self._after[link] = {}, {}
        for link, post_id, created_at in self._rows(
            "SELECT link_hash, post_id, created_at FROM discussion_links", "link_hash", links
        ):
            self._before[link][post_id] = self._after[link][post_id] = created_at

    def _parted(self, link: int) -> Iterator[int]:
        """Yield a post of each group that a link joined and no longer does."""
        before = _runs(self._before[link]) if len(self._before[link]) > 1 else []
        if not before:
            return
        place = {post_id: number for number, run in enumerate(_runs(self._after[link])) for post_id in run}
        for run in before:
            where = {place.get(post_id) for post_id in run}
            if len(where) > 1 or None in where:
                yield run[0]

    def _firsts(self, post_ids: Iterable[int]) -> dict[int, int]:
        """Return of posts that were placed before the first post of their discussion."""
        found = self._rows("SELECT post_id, first_id FROM discussion_posts", "post_id", post_ids)
        return {row[0]: row[1] for row in found}

    def _joined(self) -> tuple[Groups[int], dict[int, int]]:
        """Return what belongs together now, whole discussions by their first posts; and who carried each tie so far."""
        groups: Groups[int] = Groups()
        carriers: dict[int, int] = {}
        gone: set[int] = set()
        for post_id, member in self._members.items():
            if member.first_id is not None and member.first_id not in self._dissolved:
                groups.join(member.first_id, post_id)
                self._whole.add(member.first_id)
            for tie in member.ties:
                groups.join(carriers.setdefault(tie, post_id), post_id)
            gone |= member.known_ties - member.ties
        found_ties = {}
        for tie, carrier, first_id in self._rows(
            "SELECT t.tie, t.post_id, d.first_id FROM discussion_ties t"
            " JOIN discussion_posts d ON d.post_id = t.post_id",
            "t.tie",
            carriers.keys() | gone,
        ):
            found_ties[tie] = carrier
            if carrier not in self._members:
                # A tie that is no longer carried was the reason to dissolve: all its carriers are members.
                groups.join(first_id, carriers[tie])
                self._whole.add(first_id)
        linked = [run for shared in self._after.values() if len(shared) > 1 for run in _runs(shared)]
        firsts = self._firsts({post_id for run in linked for post_id in run} - self._members.keys())
        self._whole.update(firsts.values())
        for run in linked:
            heads = [firsts.get(post_id, post_id) for post_id in run]
            for other in heads[1:]:
                groups.join(heads[0], other)
        return groups, found_ties

    def _named(self, groups: Groups[int]) -> tuple[dict[int, int], dict[int, int]]:
        """Return each member's first post, and the new first post of whole discussions that get another."""
        ages = {post_id: member.age for post_id, member in self._members.items()}
        ages |= {
            row[0]: row[1:]
            for row in self._rows(
                "SELECT post_id, created_at, network, native_id FROM posts", "post_id", self._whole - ages.keys()
            )
        }
        earliest: dict[int, int] = {}
        for post_id, age in ages.items():
            head = groups.head(post_id)
            best = earliest.get(head)
            if best is None or age < ages[best]:
                earliest[head] = post_id
        firsts = {post_id: earliest[groups.head(post_id)] for post_id in self._members}
        moved = {first_id: new for first_id in self._whole if (new := earliest[groups.head(first_id)]) != first_id}
        return firsts, moved

    def _relabel(self, moved: dict[int, int]) -> None:
        self._database.run_many(
            self._connection,
            "UPDATE discussion_posts SET first_id = ? WHERE first_id = ?",
            [(new, old) for old, new in sorted(moved.items())],
        )

    def _write_members(self, firsts: dict[int, int]) -> int:
        rows = [
            (post_id, firsts[post_id], member.fingerprint, _packed(member.ties), _packed(member.links))
            for post_id, member in sorted(self._members.items())
            if not member.is_known or member.first_id != firsts[post_id]
        ]
        self._insert(
            "discussion_posts (post_id, first_id, fingerprint, ties, links)",
            ("bigint", "bigint", "bytea", "bytea", "bytea"),
            "(post_id) DO UPDATE SET first_id = excluded.first_id, fingerprint = excluded.fingerprint,"
            " ties = excluded.ties, links = excluded.links",
            rows,
        )
        return sum(member.first_id != firsts[post_id] for post_id, member in self._members.items())

    def _write_ties(self, found: dict[int, int]) -> None:
        """Write a carrier for each tie that has none, or one that no longer carries it."""
        written: dict[int, int] = {}
        stale: set[int] = set()
        for post_id, member in self._members.items():
            for tie in member.ties:
                carrier = found.get(tie)
                if carrier is None or (carrier in self._members and tie not in self._members[carrier].ties):
                    written.setdefault(tie, post_id)
            stale |= member.known_ties - member.ties
        forgotten = [
            tie
            for tie in stale
            if tie not in written
            and (carrier := found.get(tie)) in self._members
            and tie not in self._members[carrier].ties
        ]
        self._database.run_many(
            self._connection, "DELETE FROM discussion_ties WHERE tie = ?", [(tie,) for tie in sorted(forgotten)]
        )
        self._insert(
            "discussion_ties (tie, post_id)",
            ("bigint", "bigint"),
            "(tie) DO UPDATE SET post_id = excluded.post_id",
            sorted(written.items()),
        )

    def _write_links(self) -> None:
        members = self._members.items()
        self._database.run_many(
            self._connection,
            "DELETE FROM discussion_links WHERE link_hash = ? AND post_id = ?",
            sorted((link, post_id) for post_id, member in members for link in member.known_links - member.links),
        )
        self._insert(
            "discussion_links (link_hash, post_id, created_at)",
            ("bigint", "bigint", "bigint"),
            "(link_hash, post_id) DO NOTHING",
            sorted(
                (link, post_id, member.age[0])
                for post_id, member in members
                for link in member.links - member.known_links
            ),
        )

    def _insert(self, into: str, kinds: Sequence[str], conflict: str, rows: Sequence[tuple[object, ...]]) -> None:
        if not rows:
            return
        if self._database.sqlite:
            bulk.insert(self._database, self._connection, into, rows, f"ON CONFLICT {conflict}")
            return
        # One statement of arrays costs a tenth of as many rows one at a time.
        arrays = ", ".join(f"?::{kind}[]" for kind in kinds)
        columns = [_array(kind, column) for kind, column in zip(kinds, zip(*rows, strict=True), strict=True)]
        self._database.run(
            self._connection, f"INSERT INTO {into} SELECT * FROM unnest({arrays}) ON CONFLICT {conflict}", columns
        )


def _array(kind: str, values: Sequence[Any]) -> str:
    """Return integers or bytes as PostgreSQL writes an array: the driver's own lists take three times as long."""
    if kind == "bigint":
        return f"{{{','.join(map(str, values))}}}"
    return "{" + ",".join(f'"\\\\x{value.hex()}"' for value in values) + "}"


def _member(row: RowTuple) -> _Member:
    (_, created_at, network, native_id, reply_to, quote_of, repost_of, discussion, links, url, gone) = row[:11]
    fingerprint, first_id, known_ties, known_links, known_fingerprint = row[11:]
    shared = (
        shared_links(network, url, _words(links) if links else (), gone=gone is not None, repost_of=repost_of)
        if links or url
        else ()
    )
    return _Member(
        age=(created_at, network, native_id),
        fingerprint=bytes(fingerprint),
        ties=frozenset(hashed(network, tie) for tie in ties(native_id, reply_to, quote_of, repost_of, discussion)),
        links=frozenset(hashed("", link) for link in shared) if shared else _NONE,
        first_id=first_id,
        known_ties=_unpacked(known_ties),
        known_links=_unpacked(known_links),
        is_known=known_fingerprint is not None and bytes(known_fingerprint) == fingerprint,
    )


def hashed(network: str, key: str) -> int:
    """Return the signed 64-bit hash of a tie, or of a canonical link, whose network is empty.

    Among a hundred million of them the chance that any two are equal is one in four thousand.
    """
    return int.from_bytes(blake2b(f"{network} {key}".encode(), digest_size=8).digest(), "big", signed=True)


def _runs(shared: dict[int, int]) -> list[list[int]]:
    return runs((created_at, post_id) for post_id, created_at in shared.items())


@lru_cache(maxsize=64)
def _integers(count: int) -> Struct:
    return Struct(f"<{count}q")


def _packed(hashes: frozenset[int]) -> bytes:
    return _integers(len(hashes)).pack(*sorted(hashes)) if hashes else b""


def _unpacked(packed: bytes | None) -> frozenset[int]:
    return frozenset(_integers(len(packed) // 8).unpack(packed)) if packed else _NONE
