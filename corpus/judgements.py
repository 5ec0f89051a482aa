# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""What people and the classifier say of posts."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from corpus.classified import ACTIVE
from corpus.database import Database
from corpus.instants import to_instant, to_micros
from corpus.post import Label, Prediction, Reason, StoredPost
from corpus.reading import LABEL_COLUMNS, POST_COLUMNS, POST_TABLES, POST_WIDTH, RowTuple, to_json, to_label, to_stored

_BATCH = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRecord:
    """A trained, or cold started, version of the classifier."""

    version: str
    trained_at: datetime
    data_hash: str
    """Over the examples that it learnt from."""
    theme_hash: str
    """Over the programme's themes as they were then."""
    report: Mapping[str, object] = field(default_factory=dict)
    """Its evaluation, as JSON."""
    learnt_to: int | None = None
    """Number of the last label that it may have learnt from; None where nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """How the predictions of one classifier version differ from another's, on posts that nobody has labelled."""

    before: str
    after: str
    compared: int
    """Posts that both have judged."""
    moved: Mapping[tuple[str, str], int]
    """Posts by their standing before and after, most first; where it stayed, they are not told."""

    @property
    def changed(self) -> int:
        """Posts whose standing is another one."""
        return sum(self.moved.values())


class Judgements:
    """Labels, predictions, and the classifier versions that made them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_labels(self, labels: Iterable[tuple[int, Label]]) -> int:
        """Store labels by our id of the post and return how many were new; the same one twice is one."""
        with self._database.writing() as connection:
            return self.add_labels_in(connection, labels)

    def add_labels_in(self, connection: Connection, labels: Iterable[tuple[int, Label]]) -> int:
        """Do what ``add_labels`` does, inside a transaction."""
        return self._database.run_many(
            connection,
            "INSERT INTO labels (post_id, theme, by, at, guideline, blind, audit) VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (post_id, by, at, theme) DO NOTHING",
            [
                (
                    post_id,
                    label.theme or "none",
                    label.by,
                    to_micros(label.at),
                    label.guideline,
                    label.blind,
                    label.audit,
                )
                for post_id, label in labels
            ],
        )

    def labels(self, *, up_to: int | None = None) -> Iterator[tuple[StoredPost, Label]]:
        """Yield all labels, or those up to a number, with their posts, in the order they were stored."""
        end = self.last_label() if up_to is None else up_to
        last = 0
        while True:
            rows = self._database.query(
                f"SELECT {POST_COLUMNS}, {LABEL_COLUMNS}, l.label_id"
                f" FROM {POST_TABLES} JOIN labels l ON l.post_id = p.post_id"
                f" WHERE l.label_id > ? AND l.label_id <= ? ORDER BY l.label_id LIMIT {_BATCH}",
                (last, end),
            )
            for row in rows:
                yield to_stored(row), to_label(row[POST_WIDTH:])
            if len(rows) < _BATCH:
                return
            last = rows[-1][-1]

    def save_predictions(self, predictions: Iterable[tuple[int, Prediction]], *, now: datetime) -> int:
        """Store predictions by our id of the post, each over that model's earlier one, with the language they found.

        Returns how many were stored. Posts that were buried meanwhile keep neither language nor reasons.
        """
        listed = list(predictions)
        with self._database.writing() as connection:
            gone = {
                row[0]
                for row in self._database.rows(
                    connection,
                    f"SELECT post_id FROM posts WHERE {self._database.among('post_id')} AND gone IS NOT NULL",
                    (self._database.keys(post_id for post_id, _ in listed),),
                )
            }
            listed = [(i, without_words(prediction) if i in gone else prediction) for i, prediction in listed]
            stored = self.save_predictions_in(connection, listed, now=now, replace=True)
            self._database.run_many(
                connection,
                "UPDATE posts SET lang = ? WHERE post_id = ? AND text IS NOT NULL",
                [(prediction.lang, post_id) for post_id, prediction in listed],
            )
        return stored

    def save_predictions_in(
        self, connection: Connection, predictions: Sequence[tuple[int, Prediction]], *, now: datetime, replace: bool
    ) -> int:
        """Store predictions inside a transaction, without touching the posts."""
        models = self._model_ids(connection, {prediction.model for _, prediction in predictions})
        columns = "lang, theme, standing, confidence, themes, scores, reasons, projects, phenomena, predicted_at"
        after = f"UPDATE SET {', '.join(f'{c} = excluded.{c}' for c in columns.split(', '))}" if replace else "NOTHING"
        return self._database.run_many(
            connection,
            f"INSERT INTO predictions (post_id, model_id, {columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            f" ON CONFLICT (post_id, model_id) DO {after}",
            [
                (post_id, models[prediction.model], *_values(prediction), to_micros(now))
                for post_id, prediction in predictions
            ],
        )

    def _model_ids(self, connection: Connection, versions: Iterable[str]) -> dict[str, int]:
        wanted = sorted(versions)
        self._database.run_many(
            connection,
            "INSERT INTO models (version) VALUES (?) ON CONFLICT (version) DO NOTHING",
            [(version,) for version in wanted],
        )
        found = self._database.rows(
            connection,
            f"SELECT version, model_id FROM models WHERE {self._database.among('version')}",
            (self._database.keys(wanted),),
        )
        return {row[0]: row[1] for row in found}

    def activate(self, model: ModelRecord, *, now: datetime) -> None:
        """Make a classifier version the one whose predictions count."""
        with self._database.writing() as connection:
            latest = self._database.rows(connection, "SELECT max(activated_at) FROM models", ())[0][0]
            # A clock that was set back must not leave an older version active.
            activated_at = to_micros(now) if latest is None else max(to_micros(now), latest + 1)
            self._database.run(
                connection,
                "INSERT INTO models (version, trained_at, data_hash, theme_hash, report, learnt_to, activated_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (version) DO UPDATE SET trained_at = excluded.trained_at,"
                " data_hash = excluded.data_hash, theme_hash = excluded.theme_hash, report = excluded.report,"
                " learnt_to = excluded.learnt_to, activated_at = excluded.activated_at",
                (
                    model.version,
                    to_micros(model.trained_at),
                    model.data_hash,
                    model.theme_hash,
                    to_json(model.report),
                    model.learnt_to,
                    activated_at,
                ),
            )

    def moves(self, before: str, after: str) -> Moves:
        """Return how two classifier versions differ on the posts that both have judged and nobody has labelled."""
        found = self._database.query(
            "SELECT a.standing, b.standing, count(*) FROM predictions a JOIN models m ON m.model_id = a.model_id"
            " JOIN predictions b ON b.post_id = a.post_id JOIN models n ON n.model_id = b.model_id"
            " WHERE m.version = ? AND n.version = ?"
            " AND NOT EXISTS (SELECT 1 FROM labels l WHERE l.post_id = a.post_id) GROUP BY a.standing, b.standing",
            (before, after),
        )
        moved = {(old, new): int(posts) for old, new, posts in found if old != new}
        return Moves(
            before=before,
            after=after,
            compared=sum(int(posts) for _, _, posts in found),
            moved=dict(sorted(moved.items(), key=lambda pair: (-pair[1], pair[0]))),
        )

    def last_label(self) -> int:
        """Return the number of the label that was stored last, 0 before the first."""
        return int(self._database.query("SELECT coalesce(max(label_id), 0) FROM labels")[0][0])

    def labels_after(self, label_id: int) -> int:
        """Return how many labels were stored after one, by its number."""
        return int(self._database.query("SELECT count(*) FROM labels WHERE label_id > ?", (label_id,))[0][0])

    def active_model(self) -> ModelRecord | None:
        """Return the classifier version whose predictions count, or None before the first."""
        return next(iter(self._models(f"model_id = ({ACTIVE})")), None)

    def models(self) -> list[ModelRecord]:
        """Return all classifier versions that were ever active here, oldest first."""
        return self._models("activated_at IS NOT NULL")

    def _models(self, condition: str) -> list[ModelRecord]:
        return [
            _record(row)
            for row in self._database.query(
                f"SELECT version, trained_at, data_hash, theme_hash, report, learnt_to FROM models WHERE {condition}"
                " ORDER BY trained_at, model_id"
            )
        ]


def standing(prediction: Prediction) -> str:
    """Return the theme, ``none`` or ``unsure``, as ``ClassifiedPost.standing`` says it."""
    if prediction.theme is not None:
        return prediction.theme
    return "none" if any(reason.kind == "off_topic" for reason in prediction.reasons) else "unsure"


def without_words(prediction: Prediction) -> Prediction:
    """Return the prediction of a tombstone: the reasons would repeat its text."""
    kept = [Reason(kind=reason.kind, text="") for reason in prediction.reasons if reason.kind == "off_topic"]
    return dataclasses.replace(prediction, reasons=tuple(kept))


def _values(prediction: Prediction) -> tuple[object, ...]:
    return (
        prediction.lang,
        prediction.theme,
        standing(prediction),
        float(prediction.confidence),
        to_json(prediction.themes),
        to_json(prediction.scores),
        to_json([(reason.kind, reason.text, reason.weight) for reason in prediction.reasons]),
        to_json(prediction.projects),
        to_json(prediction.phenomena),
    )


def _record(row: RowTuple) -> ModelRecord:
    return ModelRecord(
        version=row[0],
        trained_at=to_instant(row[1]),
        data_hash=row[2],
        theme_hash=row[3],
        report=msgspec.json.decode(row[4]),
        learnt_to=row[5],
    )
