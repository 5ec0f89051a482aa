# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""Reading posts in batches by key: bounded memory, no cursor left open between two posts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from corpus import payloads
from corpus.database import Database
from corpus.instants import to_instant, to_micros, to_optional_instant
from corpus.post import ClassifiedPost, Counts, Label, StoredPost
from corpus.reading import (
    LABEL_COLUMNS,
    POST_COLUMNS,
    POST_TABLES,
    PREDICTION_COLUMNS,
    RowTuple,
    to_label,
    to_prediction,
    to_stored,
)

BATCH = 1_000
_DAY = 86_400_000_000
_LONG_BEFORE = 1_000_000
"""Days before 1970."""
ACTIVE = "SELECT model_id FROM models WHERE activated_at IS NOT NULL ORDER BY activated_at DESC, model_id DESC LIMIT 1"
"""The active classifier's row."""
PREFERRED = (
    f"SELECT x.model_id FROM predictions x WHERE x.post_id = p.post_id"
    f" ORDER BY CASE WHEN x.model_id = ({ACTIVE}) THEN 0 ELSE 1 END, x.predicted_at DESC, x.model_id DESC LIMIT 1"
)
"""Of a post's predictions the active classifier's, else the latest: for rows that tell whose prediction they show."""
COUNTED = (
    f"coalesce(({ACTIVE}), (SELECT x.model_id FROM predictions x WHERE x.post_id = p.post_id"
    " ORDER BY x.predicted_at DESC, x.model_id DESC LIMIT 1))"
)
"""Whose prediction counts: the active classifier's alone, so that no sum mixes two; the latest before there is one."""


def _standing(model: str) -> str:
    return (
        "coalesce((SELECT l.theme FROM labels l WHERE l.post_id = p.post_id"
        " ORDER BY l.at DESC, l.label_id DESC LIMIT 1),"
        f" (SELECT q.standing FROM predictions q WHERE q.post_id = p.post_id AND q.model_id = ({model})),"
        " 'unclassified')"
    )


STANDING = _standing(COUNTED)
"""What ``ClassifiedPost.standing`` says where posts are counted, in the database."""
SHOWN_STANDING = _standing(PREFERRED)
"""The same where single posts are shown: what only another classifier has judged keeps that one's word."""

_OF_DISCUSSION = (
    "p.post_id IN (SELECT d.post_id FROM discussion_posts d WHERE d.first_id = (SELECT e.first_id"
    " FROM discussion_posts e JOIN posts x ON x.post_id = e.post_id WHERE x.network = ? AND x.native_id = ?))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which posts to read; all by default."""

    since: datetime | None = None
    until: datetime | None = None
    theme: str | None = None
    lang: str | None = None
    key: tuple[str, str] | None = None
    discussion: tuple[str, str] | None = None
    """Of this post, by network and native id."""

    def conditions(self) -> tuple[list[str], list[Any]]:
        """Return the conditions on ``posts p``, and their parameters."""
        wanted: list[tuple[str, tuple[Any, ...]]] = []
        if self.since is not None:
            wanted.append(("p.created_at >= ?", (to_micros(self.since),)))
        if self.until is not None:
            wanted.append(("p.created_at < ?", (to_micros(self.until),)))
        if self.theme is not None:
            wanted.append((f"{SHOWN_STANDING} = ?", (self.theme,)))
        if self.lang is not None:
            wanted.append(("coalesce(p.lang, p.network_lang) = ?", (self.lang,)))
        if self.key is not None:
            wanted.append(("p.network = ? AND p.native_id = ?", self.key))
        if self.discussion is not None:
            wanted.append((_OF_DISCUSSION, self.discussion))
        return [condition for condition, _ in wanted], [value for _, values in wanted for value in values]


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A version of a post that is not the current one."""

    text: str | None
    edited_at: datetime | None
    """According to the network; None for the first version, or where the network does not tell."""
    seen_at: datetime
    """When it was last seen as current."""


class Reader:
    """Reads posts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def stored(self, selection: Selection) -> Iterator[list[StoredPost]]:
        """Yield batches of posts by time of creation, network and native id."""
        conditions, parameters = selection.conditions()
        last: tuple[Any, ...] = ()
        while True:
            after = ["p.created_at >= ?", "(p.created_at, p.network, p.native_id) > (?, ?, ?)"] if last else []
            rows = self._database.query(
                f"SELECT {POST_COLUMNS} FROM {POST_TABLES} WHERE {' AND '.join([*conditions, *after]) or '1 = 1'}"
                f" ORDER BY p.created_at, p.network, p.native_id LIMIT {BATCH}",
                (*parameters, *last[:1], *last),
            )
            if rows:
                last = (rows[-1][7], rows[-1][1], rows[-1][2])
                discussions = self._discussions([row[0] for row in rows])
                yield [to_stored(row, discussions.get(row[0])) for row in rows]
            if len(rows) < BATCH:
                return

    def _discussions(self, ids: Sequence[int]) -> dict[int, str]:
        found = self._database.query(
            "SELECT d.post_id, f.network || ':' || f.native_id FROM discussion_posts d"
            f" JOIN posts f ON f.post_id = d.first_id WHERE {self._database.among('d.post_id')}",
            (self._database.keys(ids),),
        )
        return {row[0]: row[1] for row in found}

    def classified(
        self, selection: Selection, *, model: str | None = None, any_model: bool = False
    ) -> Iterator[ClassifiedPost]:
        """Yield posts with labels and predictions, in the order of ``stored``."""
        for batch in self.stored(selection):
            yield from self._classified(batch, model=model, any_model=any_model)

    def classified_of(self, ids: Sequence[int]) -> list[ClassifiedPost]:
        """Return posts by our ids with labels and predictions, in no order; unknown ones are left out."""
        rows = self._database.query(
            f"SELECT {POST_COLUMNS} FROM {POST_TABLES} WHERE {self._database.among('p.post_id')}",
            (self._database.keys(ids),),
        )
        return self._classified([to_stored(row) for row in rows], model=None, any_model=True)

    def stored_of(self, ids: Sequence[int]) -> list[StoredPost]:
        """Return posts by our ids, in no order; unknown ones are left out."""
        found = []
        for start in range(0, len(ids), BATCH):
            chunk = ids[start : start + BATCH]
            rows = self._database.query(
                f"SELECT {POST_COLUMNS} FROM {POST_TABLES} WHERE {self._database.among('p.post_id')}",
                (self._database.keys(chunk),),
            )
            discussions = self._discussions(chunk)
            found += [to_stored(row, discussions.get(row[0])) for row in rows]
        return found

    def _classified(self, batch: Sequence[StoredPost], *, model: str | None, any_model: bool) -> list[ClassifiedPost]:
        ids = [stored.post_id for stored in batch]
        labels = self.labels(ids)
        rows = self.prediction_rows(ids, model=model, any_model=any_model)
        predictions = {post_id: to_prediction(row) for post_id, row in rows.items()}
        return [
            ClassifiedPost(
                stored=stored,
                prediction=predictions.get(stored.post_id),
                labels=tuple(labels.get(stored.post_id, ())),
            )
            for stored in batch
        ]

    def labels(self, ids: Sequence[int]) -> dict[int, list[Label]]:
        """Return posts' labels, oldest first."""
        labels: dict[int, list[Label]] = {}
        for row in self._database.query(
            f"SELECT {LABEL_COLUMNS} FROM labels l WHERE {self._database.among('l.post_id')} ORDER BY l.at, l.label_id",
            (self._database.keys(ids),),
        ):
            labels.setdefault(row[0], []).append(to_label(row))
        return labels

    def prediction_rows(
        self, ids: Sequence[int], *, model: str | None = None, any_model: bool = True
    ) -> dict[int, RowTuple]:
        """Return posts' predictions as rows of ``PREDICTION_COLUMNS``, by the rules of ``Posts``."""
        select = f"SELECT {PREDICTION_COLUMNS}, q.post_id FROM predictions q JOIN models m ON m.model_id = q.model_id"
        among = self._database.among("q.post_id")
        parameters: list[Any] = [self._database.keys(ids)]
        if model is not None:
            condition = f"{among} AND m.version = ?"
            parameters.append(model)
        elif any_model or not self._database.query(ACTIVE):
            condition = f"{among} AND q.model_id = ({PREFERRED.replace('p.post_id', 'q.post_id')})"
        else:
            condition = f"{among} AND q.model_id = ({ACTIVE})"
        rows: list[RowTuple] = self._database.query(f"{select} WHERE {condition}", parameters)
        return {row[-1]: row for row in rows}

    def waiting(self, model: str) -> int:
        """Return how many posts with text lack a model's prediction."""
        return int(
            self._database.query(
                "SELECT count(*) FROM posts p WHERE p.text IS NOT NULL AND NOT EXISTS (SELECT 1 FROM predictions q"
                " JOIN models m ON m.model_id = q.model_id WHERE q.post_id = p.post_id AND m.version = ?)",
                (model,),
            )[0][0]
        )

    def unclassified(self, model: str, batch: int) -> Iterator[list[StoredPost]]:
        """Yield batches of posts with text that lack a model's prediction, by our id."""
        last = 0
        while True:
            rows = self._database.query(
                f"SELECT {POST_COLUMNS} FROM {POST_TABLES} WHERE p.post_id > ? AND p.text IS NOT NULL"
                " AND NOT EXISTS (SELECT 1 FROM predictions q JOIN models m ON m.model_id = q.model_id"
                " WHERE q.post_id = p.post_id AND m.version = ?) ORDER BY p.post_id LIMIT ?",
                (last, model, batch),
            )
            if rows:
                last = rows[-1][0]
                yield [to_stored(row) for row in rows]
            if len(rows) < batch:
                return

    def texts(self, limit: int | None) -> Iterator[tuple[int, str, str | None]]:
        """Yield id, text and language of posts with text, newest first."""
        left = limit
        last: tuple[int, int] | None = None
        while left is None or left > 0:
            size = BATCH if left is None else min(BATCH, left)
            rows = self._database.query(
                "SELECT post_id, text, coalesce(lang, network_lang), created_at FROM posts WHERE text IS NOT NULL"
                f"{' AND created_at <= ? AND (created_at, post_id) < (?, ?)' if last else ''}"
                f" ORDER BY created_at DESC, post_id DESC LIMIT {size}",
                (last[0], *last) if last else (),
            )
            for row in rows:
                yield row[0], row[1], row[2]
            if len(rows) < size:
                return
            last = (rows[-1][3], rows[-1][0])
            left = None if left is None else left - size

    def originals(self, start_at: datetime, end_at: datetime) -> list[tuple[int, str, str, str | None]]:
        """Return our id, native id, text and cluster of posts of a span that repost nothing, oldest first."""
        return self._database.query(
            "SELECT post_id, native_id, text, cluster FROM posts WHERE created_at >= ? AND created_at < ?"
            " AND text IS NOT NULL AND repost_of IS NULL ORDER BY created_at, network, native_id",
            (to_micros(start_at), to_micros(end_at)),
        )

    def days(self) -> list[tuple[int, int, int]]:
        """Return each day since 1970 with its number of posts and our id of that which came in last, oldest first."""
        # From day to day along the index: grouping would sort a million posts in memory.
        # Division cuts towards zero, so days before 1970 are counted from long before.
        start = f"((d.first + {_DAY * _LONG_BEFORE}) / {_DAY} * {_DAY} - {_DAY * _LONG_BEFORE})"
        within = f"FROM posts p WHERE p.created_at >= {start} AND p.created_at < {start} + {_DAY}"
        rows = self._database.query_in_passing(
            "WITH RECURSIVE d(first) AS (SELECT min(created_at) FROM posts UNION ALL"
            f" SELECT (SELECT min(p.created_at) FROM posts p WHERE p.created_at >= {start} + {_DAY})"
            " FROM d WHERE d.first IS NOT NULL)"
            f" SELECT {start} / {_DAY}, (SELECT count(*) {within}), (SELECT max(p.post_id) {within})"
            " FROM d WHERE d.first IS NOT NULL ORDER BY 1"
        )
        return [(int(day), posts, last) for day, posts, last in rows]

    def payload(self, network: str, native_id: str) -> bytes | None:
        """Return a post's own payload."""
        found = self._database.query(
            "SELECT c.lines, p.payload_line FROM posts p JOIN payloads c ON c.payload_id = p.payload_id"
            " WHERE p.network = ? AND p.native_id = ?",
            (network, native_id),
        )
        return payloads.unpack(found[0][0])[found[0][1]] if found else None

    def revisions(self, network: str, native_id: str) -> list[Revision]:
        """Return a post's other versions."""
        found = self._database.query(
            "SELECT r.text, r.edited_at, r.seen_at FROM posts p JOIN revisions r ON r.post_id = p.post_id"
            " WHERE p.network = ? AND p.native_id = ? ORDER BY coalesce(r.edited_at, 0), r.seen_at",
            (network, native_id),
        )
        return [
            Revision(text=row[0], edited_at=to_optional_instant(row[1]), seen_at=to_instant(row[2])) for row in found
        ]

    def metrics(self, network: str, native_id: str) -> list[tuple[datetime, Counts]]:
        """Return a post's metric history."""
        found = self._database.query(
            "SELECT h.seen_at, h.replies, h.reposts, h.likes, h.views FROM posts p"
            " JOIN metrics h ON h.post_id = p.post_id WHERE p.network = ? AND p.native_id = ? ORDER BY h.seen_at",
            (network, native_id),
        )
        return [
            (to_instant(row[0]), Counts(replies=row[1], reposts=row[2], likes=row[3], views=row[4])) for row in found
        ]

    def municipalities(self, ids: Sequence[int]) -> dict[int, tuple[tuple[str, str], ...]]:
        """Return posts' municipalities as code and basis."""
        found: dict[int, tuple[tuple[str, str], ...]] = {}
        for post_id, code, basis in self._database.query(
            f"SELECT post_id, code, basis FROM post_municipalities WHERE {self._database.among('post_id')}"
            " ORDER BY post_id, code, basis DESC",
            (self._database.keys(ids),),
        ):
            found[post_id] = (*found.get(post_id, ()), (code, basis))
        return found
