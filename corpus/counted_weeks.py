# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""What was counted of a week's posts, kept so that it need not be counted again: a cache that can never be stale.

Each entry is kept under a fingerprint of all that it was counted from, taken from the very rows that would be counted.
Who asks reads the rows first; an entry under another fingerprint is as if it were not there. An entry is made of texts:
it goes in the transaction in which one of them goes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec
from sqlalchemy import Connection

from corpus.database import Database
from corpus.instants import to_micros

LOCK = "weeks are counted"


class Said(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """All of a post from which a week is counted."""

    post_id: int
    network: str
    native_id: str
    account: str | None
    """Native id of its author."""
    text: str
    created_at: int
    """Microseconds since 1970."""
    network_lang: str | None
    lang: str | None
    repost_of: str | None
    original: str | None
    """Of a repost without a text: the original's, where that is of the span that was asked about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Instants from ``start_at`` up to, not including, ``end_at``."""

    start_at: datetime
    end_at: datetime

    @property
    def micros(self) -> tuple[int, int]:
        """Both as they are stored."""
        return to_micros(self.start_at), to_micros(self.end_at)


def fingerprint(said: Sequence[Said], rules: str) -> bytes:
    """Return what tells posts, and the rules by which they are counted, from all others."""
    return blake2b(msgspec.msgpack.encode((rules, said)), digest_size=32).digest()


class CountedWeeks:
    """What is kept of counted weeks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def said(self, span: Span, originals: Span) -> list[Said]:
        """Return the posts of a span whose text may be kept, oldest first; texts of originals are of another span."""
        with self._database.reading() as connection:
            return self._said(connection, span, originals)

    def said_of(self, post_ids: Sequence[int], originals: Span) -> list[Said]:
        """Return posts by our ids, oldest first, without those whose text may not be kept."""
        with self._database.reading() as connection:
            return self._rows(
                connection, self._database.among("p.post_id"), (self._database.keys(post_ids),), originals
            )

    def get(self, begin_at: datetime, found: bytes) -> bytes | None:
        """Return what was counted of the week that begins then; None where it was counted from anything else."""
        rows = self._database.query(
            "SELECT content FROM counted_weeks WHERE begin_at = ? AND fingerprint = ?", (to_micros(begin_at), found)
        )
        return bytes(rows[0][0]) if rows else None

    def put(self, span: Span, originals: Span, rules: str, found: bytes, content: bytes) -> bool:
        """Keep what was counted of the week of a span, where its posts are still those that it was counted from.

        Returns whether it was kept: what somebody deleted in the meantime must not live on in it.
        """
        begin_at, end_at = span.micros
        with self._database.writing() as connection:
            # A deletion holds this too: either it sees this row, or this sees that the post is gone.
            self._database.hold(connection, LOCK, alone=True)
            if fingerprint(self._said(connection, span, originals), rules) != found:
                return False
            self._database.run(
                connection,
                "INSERT INTO counted_weeks (begin_at, end_at, fingerprint, content) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (begin_at) DO UPDATE SET"
                " end_at = excluded.end_at, fingerprint = excluded.fingerprint, content = excluded.content",
                (begin_at, end_at, found, content),
            )
        return True

    def _said(self, connection: Connection, span: Span, originals: Span) -> list[Said]:
        return self._rows(connection, "p.created_at >= ? AND p.created_at < ?", span.micros, originals)

    def _rows(self, connection: Connection, condition: str, values: Sequence[Any], originals: Span) -> list[Said]:
        rows = self._database.rows(
            connection,
            "SELECT p.post_id, p.network, p.native_id, a.native_id, p.text, p.created_at, p.network_lang, p.lang,"
            " p.repost_of, CASE WHEN p.repost_of IS NOT NULL AND p.text = '' THEN"
            " (SELECT o.text FROM posts o WHERE o.network = p.network AND o.native_id = p.repost_of"
            " AND o.gone IS NULL AND o.created_at >= ? AND o.created_at < ?) END"
            " FROM posts p LEFT JOIN authors a ON a.author_id = p.author_id"
            f" WHERE {condition} AND p.text IS NOT NULL AND p.gone IS NULL"
            " ORDER BY p.created_at, p.network, p.native_id",
            (*originals.micros, *values),
        )
        return [Said(*row) for row in rows]


def forget_counted(database: Database, connection: Connection, post_ids: Sequence[int]) -> None:
    """Take out what was counted of the weeks of posts, and of the weeks in which somebody reposted them."""
    database.hold(connection, LOCK)
    among, keys = database.among("p.post_id"), database.keys(post_ids)
    database.run(
        connection,
        "DELETE FROM counted_weeks WHERE EXISTS (SELECT 1 FROM posts p"
        f" WHERE {among} AND p.created_at >= counted_weeks.begin_at AND p.created_at < counted_weeks.end_at)"
        " OR EXISTS (SELECT 1 FROM posts p JOIN posts r ON r.network = p.network AND r.repost_of = p.native_id"
        f" WHERE {among} AND r.created_at >= counted_weeks.begin_at AND r.created_at < counted_weeks.end_at)",
        (keys, keys),
    )


def forget_all_counted(database: Database, connection: Connection) -> None:
    """Take out everything that is kept of counted weeks."""
    database.hold(connection, LOCK)
    database.run(connection, "DELETE FROM counted_weeks")
