"""Exports written column by column, held against the same posts written row by row."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.changes import decide
from corpus.classified import Selection
from corpus.columnar import COLUMN_BATCH, ColumnReader, PostColumns
from corpus.exchange import to_row
from corpus.export import formats, straight
from corpus.export.columns import COLUMNS
from corpus.export.projection import Row
from corpus.export.taken import Taken
from corpus.post import Author, Counts, Label, Post, Prediction, Reason
from corpus.store import Corpus

AT = datetime(2026, 11, 24, 6, tzinfo=UTC)
_numbers = count(1)
# What quoting and escaping could get wrong, beside anything that PostgreSQL stores.
_WORD = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
_TEXT = st.one_of(_WORD, st.sampled_from(['"', 'a,"b"', "\r\n", "\u2028,", "\x1f\x7f", "", " a ", "'=1+1"]))
_PERHAPS = st.none() | _TEXT
_INSTANT = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001 - aware in the end
_COUNT = st.none() | st.integers(0, 2**53)
_POST = st.fixed_dictionaries(
    {
        "author": st.none() | st.builds(Author, native_id=_WORD.filter(bool), handle=_PERHAPS, name=_PERHAPS),
        "text": _TEXT,
        "created_at": _INSTANT | st.just(AT),
        "edited_at": st.none() | _INSTANT,
        "url": _PERHAPS,
        "lang": st.sampled_from([None, "", "fi"]),
        "reply_to": st.sampled_from([None, "1", "2", "gone"]),
        "hashtags": st.lists(_WORD, max_size=2).map(tuple),
        "links": st.lists(_TEXT, max_size=2).map(tuple),
        "counts": st.builds(Counts, replies=_COUNT, reposts=_COUNT, likes=_COUNT, views=_COUNT),
        "gone": st.sampled_from([None, None, None, "deleted"]),
    }
)
_PREDICTION = st.builds(
    Prediction,
    model=st.sampled_from(["cold-1", "warm-2"]),
    lang=st.sampled_from(["fi", "unsure"]),
    theme=st.sampled_from([None, "roles", "services"]),
    themes=st.lists(st.sampled_from(["roles", "services"]), max_size=2).map(tuple),
    confidence=st.floats(0, 1),
    scores=st.dictionaries(st.sampled_from(["roles", "none"]), st.floats(0, 1) | st.just(1), min_size=1),
    reasons=st.lists(st.builds(Reason, kind=st.just("word"), text=_TEXT, weight=st.floats(-9, 9)), max_size=1).map(
        tuple
    ),
    projects=st.lists(_WORD, max_size=1).map(tuple),
)
_LABEL = st.builds(
    Label,
    theme=st.sampled_from([None, "unsure", "roles"]),
    by=_TEXT,
    at=_INSTANT,
    guideline=_PERHAPS,
    blind=st.booleans(),
)
_JUDGED = st.tuples(_POST, st.none() | _PREDICTION, st.lists(_LABEL, max_size=2), st.booleans())
SETTINGS = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def rows(corpus: Corpus) -> list[Row]:
    """Return the corpus row by row."""
    posts = list(corpus.posts.all_classified())
    places = corpus.posts.municipalities([post.stored.post_id for post in posts])
    return [to_row(post, places.get(post.stored.post_id, ())) for post in posts]


def columns(corpus: Corpus, size: int) -> Iterator[PostColumns]:
    """Return the corpus column by column, so many posts at a time."""
    return ColumnReader(corpus.database).batches(Selection(), size=size)


def bring(corpus: Corpus, said: list[tuple[dict[str, Any], Prediction | None, list[Label], bool]]) -> None:
    """Store posts with what is said of them, and place them in discussions."""
    posts = [Post(network="x", native_id=str(next(_numbers)), via="hashtag", **fields) for fields, *_ in said]
    corpus.posts.apply(
        decide(posts, corpus.posts.known("x", [post.native_id for post in posts]), AT), source="x", now=AT
    )
    ids = {key: seen.post_id for key, seen in corpus.posts.known("x", [post.native_id for post in posts]).items()}
    together = [(ids[post.native_id], *rest) for post, (_, *rest) in zip(posts, said, strict=True)]
    with_text = {ids[post.native_id] for post in posts if post.gone is None}
    corpus.judgements.save_predictions([(i, one) for i, one, _, _ in together if one and i in with_text], now=AT)
    corpus.judgements.add_labels([(i, label) for i, _, labels, _ in together for label in labels if i in with_text])
    with corpus.database.writing() as connection:
        placed = [(i, code, "text") for i, _, _, placed in together if placed for code in ("091", "049")]
        corpus.database.run_many(
            connection, "INSERT INTO post_municipalities (post_id, code, basis) VALUES (?, ?, ?)", placed
        )
    corpus.discussions.update()


@given(said=st.lists(_JUDGED, min_size=1, max_size=4), size=st.integers(1, 5))
@SETTINGS
def test_columns_write_what_rows_write(
    corpus: Corpus, tmp_path: Path, said: list[tuple[dict[str, Any], Prediction | None, list[Label], bool]], size: int
) -> None:
    """Whatever posts hold, JSONL and CSV are the same bytes either way, in batches of any size."""
    bring(corpus, said)
    wanted, found = tmp_path / "rows", tmp_path / "columns"
    for by_row, by_column in ((formats.write_jsonl, straight.write_jsonl), (formats.write_csv, straight.write_csv)):
        by_row(wanted, rows(corpus), COLUMNS)
        by_column(found, columns(corpus, size))
        assert found.read_bytes() == wanted.read_bytes()


@given(said=st.lists(_JUDGED, min_size=1, max_size=4))
@SETTINGS
def test_parquet_of_columns_is_that_of_rows(
    corpus: Corpus, tmp_path: Path, said: list[tuple[dict[str, Any], Prediction | None, list[Label], bool]]
) -> None:
    """Whatever posts hold, Parquet is the same bytes either way."""
    pytest.importorskip("pyarrow")
    bring(corpus, said)
    formats.write_parquet(tmp_path / "rows", rows(corpus), COLUMNS)
    formats.write_parquet_columns(tmp_path / "columns", columns(corpus, COLUMN_BATCH))
    assert (tmp_path / "columns").read_bytes() == (tmp_path / "rows").read_bytes()


def test_columns_are_counted_as_rows_are(corpus: Corpus) -> None:
    """The record of an export holds the same posts, networks, models and guidelines either way."""
    fields = {"author": None, "text": "Hei", "created_at": AT}
    theme = Prediction(model="cold-1", lang="fi", theme="roles", themes=(), confidence=1.0, scores={"roles": 1.0})
    label = Label(theme="roles", by="MK", at=AT, guideline="2")
    bring(corpus, [(fields, theme, [label], False), (fields | {"gone": "deleted"}, None, [], False)] * 3)
    one, other = Taken(), Taken()
    every = list(corpus.posts.all_classified())
    numbered = ((post.stored.post_id, to_row(post)) for post in every)
    assert len(list(one.from_(numbered, lambda row: row, ids_only=False))) == len(every) == 6
    assert sum(map(len, other.whole(columns(corpus, 2)))) == 6
    for name in ("gone", "networks", "models", "guidelines", "posts"):
        assert getattr(one, name) == getattr(other, name), name
    assert one.held.packed() == other.held.packed()
