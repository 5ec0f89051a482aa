# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""Posts column by column: an export of everything as it is stored reads them so, with no carrier for each post."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, repeat
from operator import eq, itemgetter
from typing import Any

from corpus.classified import Reader, Selection
from corpus.database import Database
from corpus.post import Label
from corpus.reading import POST_TABLES, RowTuple

_COLUMNS = (
    "p.post_id, p.network, p.native_id, p.url, a.native_id, a.handle, a.name, p.text, coalesce(nullif(p.lang, ''),"
    " p.network_lang),"
    " p.created_at, p.edited_at, p.first_seen_at, p.source, p.via, p.reply_to, p.quote_of, p.repost_of, p.discussion,"
    " p.hashtags, p.links, p.replies, p.reposts, p.likes, p.views, p.cluster, p.gone, p.cut_from, d.first_id"
)
_TABLES = f"{POST_TABLES} LEFT JOIN discussion_posts d ON d.post_id = p.post_id"
COLUMN_BATCH = 500
_CREATED, _NETWORK, _NATIVE = 9, 1, 2
Column = Sequence[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostColumns:
    """Some posts, a sequence for each column; instants are microseconds, lists the JSON texts that are stored."""

    post_id: Column
    network: Column
    native_id: Column
    url: Column
    author_id: Column
    author_handle: Column
    author_name: Column
    text: Column
    lang: Column
    """As identified, else as the network says."""
    created_at: Column
    edited_at: Column
    collected_at: Column
    source: Column
    via: Column
    reply_to: Column
    quote_of: Column
    repost_of: Column
    discussion: Column
    hashtags: Column
    links: Column
    replies: Column
    reposts: Column
    likes: Column
    views: Column
    cluster: Column
    gone: Column
    cut_from: Column
    joined_discussion: Column
    predictions: Column
    """Of each post a row of ``corpus.reading.PREDICTION_COLUMNS``, or None."""
    labels: Sequence[Sequence[Label]]
    municipalities: Sequence[Sequence[tuple[str, str]]]
    """Of each post the codes with their bases."""

    def __len__(self) -> int:
        return len(self.post_id)


class ColumnReader:
    """Reads posts column by column."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reader = Reader(database)

    def batches(self, selection: Selection, *, size: int = COLUMN_BATCH) -> Iterator[PostColumns]:
        """Yield columns of so many posts, by time of creation, network and native id.

        Args:
            selection: which posts.
            size: how many at a time; the last are fewer.
        """
        conditions, parameters = selection.conditions()
        spoken = {name for name in ("labels", "predictions", "post_municipalities") if self._holds(name)}
        at: tuple[int, ...] = ()
        while True:
            wanted = [*conditions, "p.created_at >= ?"] if at else conditions
            rows = self._rows(wanted, "p.created_at", size, (*parameters, *at))
            more = len(rows) == size
            if more and rows[0][_CREATED] == rows[-1][_CREATED]:
                rows = self._rows(
                    [*conditions, "p.created_at = ?"], "p.created_at", -1, (*parameters, rows[0][_CREATED])
                )
                at = (rows[0][_CREATED] + 1,)
            elif more:
                # Of the last instant there may be more.
                at = (rows[-1][_CREATED],)
                while rows[-1][_CREATED] == at[0]:
                    rows.pop()
            if rows:
                yield self._columns(_in_order(rows), spoken)
            if not more:
                return

    def _rows(self, conditions: Sequence[str], order: str, size: int, parameters: Sequence[Any]) -> list[RowTuple]:
        limit = f" LIMIT {size}" if size >= 0 else ""
        return self._database.query_in_passing(
            f"SELECT {_COLUMNS} FROM {_TABLES} WHERE {' AND '.join(conditions) or '1 = 1'} ORDER BY {order}{limit}",
            parameters,
        )

    def _holds(self, table: str) -> bool:
        """Return whether a table has any row: three look-ups for each post are spared where nothing was said of any."""
        return bool(self._database.query(f"SELECT 1 FROM {table} LIMIT 1"))

    def _columns(self, rows: list[RowTuple], spoken: set[str]) -> PostColumns:
        *columns, first_ids = zip(*rows, strict=True)
        ids, reader = columns[0], self._reader
        labels = reader.labels(ids) if "labels" in spoken else {}
        predictions = reader.prediction_rows(ids) if "predictions" in spoken else {}
        places = reader.municipalities(ids) if "post_municipalities" in spoken else {}
        named = dict(zip(PostColumns.__slots__, columns, strict=False))
        return PostColumns(
            **named,
            joined_discussion=self._named(ids, first_ids, columns[_NETWORK], columns[_NATIVE]),
            predictions=_each(ids, predictions, None),
            labels=_each(ids, labels, ()),
            municipalities=_each(ids, places, ()),
        )

    def _named(self, ids: Column, first_ids: Column, networks: Column, native_ids: Column) -> list[str | None]:
        """Return the names of discussions: most posts begin one of their own, whose name need not be looked up."""
        elsewhere = {first for post_id, first in zip(ids, first_ids, strict=True) if first not in (None, post_id)}
        names: dict[int | None, str | None] = {None: None}
        if elsewhere:
            names |= dict(
                self._database.query(
                    f"SELECT post_id, network || ':' || native_id FROM posts WHERE {self._database.among('post_id')}",
                    (self._database.keys(elsewhere),),
                )
            )
        return [
            f"{network}:{native_id}" if first == post_id else names.get(first)
            for post_id, first, network, native_id in zip(ids, first_ids, networks, native_ids, strict=True)
        ]


def _in_order(rows: list[RowTuple]) -> list[RowTuple]:
    """Order posts of one instant by network and native id: few are, and the index gives the rest in order."""
    instants = list(map(itemgetter(_CREATED), rows))
    if any(map(eq, instants, islice(instants, 1, None))):
        rows.sort(key=itemgetter(_CREATED, _NETWORK, _NATIVE))
    return rows


def _each(ids: Column, found: dict[int, Any], missing: Any) -> Column:  # noqa: ANN401 - what a column holds
    return list(map(found.get, ids, repeat(missing))) if found else [missing] * len(ids)
