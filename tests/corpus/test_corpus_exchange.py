"""Our own JSONL, out and in again."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.changes import decide
from corpus.exchange import apply_rows, from_row, to_row
from corpus.judgements import ModelRecord
from corpus.ledger import Checkpoint
from corpus.post import Author, Counts, Label, Post, Prediction, Reason
from corpus.posts import Applied
from corpus.store import Corpus

HOUR = timedelta(hours=1)
FOREVER = (datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
Build = Callable[..., Post]
Store = Callable[..., Applied]
Predict = Callable[..., Prediction]
KEYS = [
    "network", "native_id", "url", "author", "text", "lang", "created_at", "edited_at", "collected_at", "source", "via",
    "reply_to", "quote_of", "repost_of", "discussion", "hashtags", "links", "counts", "theme", "themes", "theme_by",
    "confidence", "scores", "model", "labels", "projects", "phenomena", "municipalities", "cluster",
]  # fmt: skip
"""The contract's keys, in its order."""
LEAST = {"network": "x", "native_id": "1", "text": "Hei", "created_at": "2026-11-20T08:15:00Z"}


def lines(corpus: Corpus) -> list[bytes]:
    """Return the corpus as JSONL."""
    posts = list(corpus.posts.all_classified())
    places = corpus.posts.municipalities([post.stored.post_id for post in posts])
    return [msgspec.json.encode(to_row(post, places.get(post.stored.post_id, ()))) for post in posts]


def read_back(corpus: Corpus, written: list[bytes], now: datetime) -> Applied:
    """Import JSONL."""
    return apply_rows(corpus, [from_row(json.loads(line), now=now) for line in written], now=now)


@pytest.fixture
def full(corpus: Corpus, make_post: Build, store: Store, make_prediction: Predict, now: datetime) -> Corpus:
    """A corpus with everything that a line can say."""
    posts = [make_post(number, lang="en") for number in range(7)]
    posts[1] = replace(posts[1], text="\u202e=1+1 🏫\r\n\t", cut_from=30_000, edited_at=now + timedelta(microseconds=7))
    posts[2] = replace(posts[2], author=None, url=None, lang=None, hashtags=(), links=(), counts=Counts(views=0))
    posts[3] = replace(posts[3], gone="opted_out", via="thread")
    store(corpus, posts)
    store(corpus, [make_post(9, network="x", created_at=posts[2].created_at)])
    ids = [stored.post_id for stored in corpus.posts.between(*FOREVER)]
    off_topic = make_prediction(
        theme=None, themes=(), reasons=(Reason(kind="off_topic", text=""),), confidence=0.1 + 0.2
    )
    unsure = make_prediction(
        theme=None, themes=(), reasons=(Reason(kind="unsure", text="ä"),), projects=(), phenomena=()
    )
    corpus.judgements.save_predictions(
        [
            (ids[0], make_prediction()),
            (ids[1], off_topic),
            (ids[2], unsure),
            (ids[3], off_topic),
            (ids[4], make_prediction()),
        ],
        now=now,
    )
    corpus.judgements.add_labels(
        [
            (ids[0], Label(theme=None, by="MK", at=now, guideline="2", blind=True, audit=True)),
            (ids[0], Label(theme="roles", by="TV", at=now + HOUR)),
            (ids[5], Label(theme="unsure", by="MK", at=now)),
        ]
    )
    corpus.posts.set_clusters({ids[4]: posts[4].native_id})
    with corpus.database.writing() as connection:
        corpus.database.run_many(
            connection,
            "INSERT INTO post_municipalities (post_id, code, basis) VALUES (?, ?, ?)",
            [(ids[0], "091", "text"), (ids[0], "091", "organisation"), (ids[0], "049", "text")],
        )
    return corpus


def test_line_has_the_contracts_keys_in_order(full: Corpus) -> None:
    """Every line starts with the contract's keys, all of them, in its order; ids are text and instants end in Z."""
    for line in lines(full):
        row = json.loads(line)
        assert list(row)[: len(KEYS)] == KEYS
        assert isinstance(row["native_id"], str)
        assert row["created_at"].endswith("Z")
    first = json.loads(lines(full)[0])
    assert (first["theme"], first["theme_by"], first["predicted"], first["lang"]) == (
        "roles",
        "label",
        "services",
        "fi",
    )
    assert first["municipalities"][0] == {"code": "049", "basis": "text"}


def test_export_import_export_is_identical(full: Corpus, now: datetime) -> None:
    """An export read into an empty corpus is exported byte for byte alike; reading it again changes nothing."""
    written = lines(full)
    with Corpus.open("sqlite://") as other:
        assert read_back(other, written, now + 9 * HOUR) == Applied(inserted=8)
        assert lines(other) == written
        assert read_back(other, written, now + 10 * HOUR) == Applied(skipped=8)
        assert lines(other) == written
        assert other.verify() == []
    assert read_back(full, written, now + 10 * HOUR) == Applied(skipped=8)
    assert lines(full) == written


def test_order_of_lines_does_not_matter(full: Corpus, now: datetime) -> None:
    """A file read backwards makes the same corpus."""
    written = lines(full)
    with Corpus.open("sqlite://") as other:
        read_back(other, written[::-1], now)
        assert lines(other) == written


def test_import_overwrites_nothing_newer(full: Corpus, store: Store, make_post: Build, now: datetime) -> None:
    """What was edited, judged, identified or deleted here since stays; what the file adds is added."""
    written = lines(full)
    later = now + 20 * HOUR
    ids = [stored.post_id for stored in full.posts.between(*FOREVER)]
    full.judgements.add_labels([(ids[0], Label(theme="services", by="MK", at=later))])
    store(full, [make_post(4, text="Muokattu", edited_at=later), make_post(5, gone="deleted")], now=later)
    before = lines(full)
    assert read_back(full, written, later) == Applied(skipped=8)
    assert lines(full) == before
    row = json.loads(written[0])
    row["labels"].append({"theme": "roles", "by": "TV", "at": "2026-11-01T00:00:00Z"})
    assert read_back(full, [json.dumps(row).encode()], later) == Applied(updated=1)
    first = next(full.posts.all_classified())
    assert (first.theme, len(first.labels)) == ("services", 4)


def test_imported_predictions_count_beside_the_active_model(full: Corpus, now: datetime) -> None:
    """Predictions of a model that is unknown here are kept, and do not replace those of the active one."""
    full.judgements.activate(
        ModelRecord(version="cold-1", trained_at=now, data_hash="", theme_hash="", report={}), now=now
    )
    row = json.loads(lines(full)[0]) | {"model": "elsewhere-9", "predicted": "other"}
    assert read_back(full, [json.dumps(row).encode()], now) == Applied(updated=1)
    first = next(full.posts.all_classified())
    assert first.prediction is not None
    assert first.prediction.model == "cold-1"
    assert [model.version for model in full.judgements.models()] == ["cold-1"]


def test_checkpoint_is_stored_with_the_rows(corpus: Corpus, now: datetime) -> None:
    """Progress is stored with the lines, and a post twice in a file is stored once."""
    rows = [from_row(LEAST), from_row(LEAST)]
    applied = apply_rows(corpus, rows, now=now, checkpoint=Checkpoint(name="f", value="2"))
    assert applied == Applied(inserted=1, skipped=1)
    assert corpus.ledger.checkpoint("f") == Checkpoint(name="f", value="2")
    [found] = corpus.posts.all_classified()
    assert (found.stored.source, found.stored.first_seen_at, found.stored.post.via) == ("import", now, "import")
    assert found.standing == "unclassified"


def test_least_line_is_enough() -> None:
    """Network, id, text and time are all that a line needs; unknown keys and nulls are left alone."""
    row = from_row(LEAST | {"author": None, "hashtags": None, "counts": None, "mood": 7, "via": "pigeon"})
    assert row.post == Post(
        network="x",
        native_id="1",
        author=None,
        text="Hei",
        created_at=datetime(2026, 11, 20, 8, 15, tzinfo=UTC),
        via="import",
    )
    assert (row.labels, row.prediction, row.municipalities, row.cluster) == ((), None, (), None)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"network": ...}, "missing key.*network"),
        ({"native_id": ...}, "missing key.*native_id"),
        ({"native_id": ""}, "native_id"),
        ({"native_id": 17}, "native_id: expected text, got a whole number"),
        ({"text": ...}, "missing key.*text"),
        ({"text": ["a"]}, "text: expected text or null, got a list"),
        ({"created_at": ...}, "missing key.*created_at"),
        ({"created_at": "2026-11-20T08:15:00"}, "created_at: expected a date like .* with a time zone"),
        ({"created_at": "eilen"}, "created_at: expected a date"),
        ({"created_at": "2026-02-30T00:00:00Z"}, "created_at: expected a date"),
        ({"created_at": "0001-01-01T00:00:00+14:00"}, "created_at: not a date that can be"),
        ({"created_at": "1601-01-01T00:00:00Z"}, "created_at: before 1990"),
        ({"created_at": "2026-11-26T00:00:00Z"}, "created_at: more than a day ahead"),
        ({"labels": [{"theme": "a", "by": "MK"}]}, "labels.*missing key.*at"),
        ({"labels": [{"theme": "a", "by": "MK", "at": "2027-01-01T00:00:00Z"}]}, "labels.at: more than a day ahead"),
        ({"counts": {"likes": -1}}, "counts.likes"),
        ({"counts": {"likes": 2**70}}, "counts.likes"),
        ({"scores": {"a": 1.5}}, "scores"),
        ({"gone": "lost"}, "gone: not one of"),
        ({"gone": "deleted"}, "text: must be null"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_bad_line_is_refused_with_a_plain_reason(changes: dict[str, Any], reason: str, now: datetime) -> None:
    """A record that cannot be a post is refused with the key and what is wrong with it."""
    row = {key: value for key, value in (LEAST | changes).items() if value is not ...}
    with pytest.raises(ValueError, match=reason):
        from_row(row, now=now)


@pytest.mark.parametrize("row", [[], "text", None, 7], ids=["list", "text", "null", "number"])
def test_line_that_is_no_object_is_refused(row: Any) -> None:  # noqa: ANN401 - any JSON
    """A line that holds no JSON object is refused."""
    with pytest.raises(ValueError, match="expected an object"):
        from_row(row)


@pytest.mark.parametrize(
    ("changes", "theme", "standing"),
    [
        ({"theme": "roles"}, "roles", "roles"),
        ({"theme": None, "theme_by": "prediction"}, None, "unsure"),
        ({"scores": {"roles": 0.2, "none": 0.8}}, None, "none"),
        ({"scores": {"roles": 0.6, "none": 0.4}, "model": "m"}, None, "unsure"),
        ({"theme": "none", "model": "m", "confidence": 1}, None, "unsure"),
        ({"projects": ["p"]}, None, "unsure"),
    ],
    ids=["theme alone", "abstained", "none of them", "unsure", "none by name", "project alone"],
)
def test_foreign_prediction_is_understood(
    corpus: Corpus, now: datetime, changes: dict[str, Any], theme: str | None, standing: str
) -> None:
    """A prediction is understood without the keys that only we write."""
    apply_rows(corpus, [from_row(LEAST | changes)], now=now)
    [found] = corpus.posts.all_classified()
    assert (found.theme, found.standing, found.theme_by) == (theme, standing, "prediction")


def test_foreign_label_is_understood(corpus: Corpus, now: datetime) -> None:
    """A theme said to be a label is one, also where nobody says whose, and leaves the guess beside it."""
    row = from_row(LEAST | {"theme": "roles", "theme_by": "label", "themes": ["services"], "model": "m"})
    assert row.labels == (Label(theme="roles", by="import", at=row.post.created_at),)
    assert row.prediction is not None
    assert (row.prediction.theme, row.prediction.confidence) == ("services", 0.0)
    apply_rows(corpus, [row, from_row(LEAST | {"native_id": "2", "theme": "none", "theme_by": "label"})], now=now)
    assert [post.standing for post in corpus.posts.all_classified()] == ["roles", "none"]


def test_tombstone_keeps_no_words(corpus: Corpus, now: datetime) -> None:
    """A line without a text becomes a tombstone, whatever else it says; a live copy of it does not revive it."""
    gone = LEAST | {
        "text": None, "url": "salasana", "author": {"native_id": "salasana"}, "hashtags": ["salasana"],
        "cluster": "salasana", "model": "m", "theme": "roles", "reasons": [{"kind": "word", "text": "salasana"}],
        "scores": {"roles": 1.0},
    }  # fmt: skip
    assert apply_rows(corpus, [from_row(gone)], now=now) == Applied(inserted=1)
    alive = gone | {"text": "salasana", "model": "m2"}
    assert apply_rows(corpus, [from_row(alive)], now=now) == Applied(skipped=1)
    [line] = lines(corpus)
    assert b"salasana" not in line
    assert (json.loads(line)["gone"], json.loads(line)["theme"]) == ("deleted", "roles")
    assert apply_rows(corpus, [from_row(json.loads(line))], now=now) == Applied(skipped=1)


def test_deletion_in_a_file_buries(corpus: Corpus, now: datetime) -> None:
    """A tombstone in a file buries the post that is here."""
    apply_rows(corpus, [from_row(LEAST)], now=now)
    assert apply_rows(corpus, [from_row(LEAST | {"text": None, "gone": "erased"})], now=now) == Applied(buried=1)
    [found] = corpus.posts.all_classified()
    assert (found.stored.post.text, found.stored.post.gone) == (None, "erased")


def test_handle_names_an_author_without_id() -> None:
    """An author with a handle only is known by it; one with neither is none; texts are made storable."""
    named = from_row(LEAST | {"author": {"handle": "koivu\0"}})
    assert named.post.author == Author(native_id="koivu\ufffd", handle="koivu\ufffd", name=None)
    assert from_row(LEAST | {"author": {"name": "Koivu"}}).post.author is None
    assert from_row(LEAST | {"text": "a\ud800", "hashtags": ["#Ä", "ä"]}).post.hashtags == ("ä",)


@settings(max_examples=40, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from([*KEYS, "native_id", "at", "by", "theme", "code"]), inner)
        ),
        max_leaves=20,
    )
)
def test_any_json_is_read_or_refused(value: Any) -> None:  # noqa: ANN401 - any JSON
    """Whatever stands on a line, it is read or refused, never a crash."""
    row = LEAST | value if isinstance(value, dict) else value
    try:
        posts = [from_row(row).post]
    except ValueError:
        posts = []
    assert len(decide(posts, {}, datetime(2026, 11, 24, tzinfo=UTC))) == len(posts)
