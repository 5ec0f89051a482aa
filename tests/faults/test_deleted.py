"""A deleted text is nowhere: not in the database after ``VACUUM``, and not in any file that is exported."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zipfile import ZipFile, is_zipfile

import pytest
from sqlalchemy import text

from corpus.changes import Bury, decide
from corpus.exchange import ImportedRow, apply_rows
from corpus.export import FORMATS, Occasion, export
from corpus.post import Author, Counts, Post, Prediction, Reason
from corpus.search_part import SearchPart
from corpus.store import Corpus
from corpus.vocabulary import Vocabulary

_VOCABULARY = Vocabulary(("fi",), lemma=lambda word, _: word, identify=lambda *_: "fi")
_NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
_CANARY = "kanarialintu"
_SECRET = Post(
    network="mastodon",
    native_id="7",
    author=Author(native_id=f"{_CANARY}-a", handle=f"{_CANARY}@kylat.example", name=f"{_CANARY} b"),
    text=f"Keksitty {_CANARY} c #{_CANARY}d",
    created_at=_NOW - timedelta(days=1),
    via="hashtag",
    url=f"https://kylat.example/{_CANARY}",
    hashtags=(f"{_CANARY}d",),
    links=(f"https://{_CANARY}.example/",),
    counts=Counts(likes=4_711_471_147),
    raw=f'{{"content": "{_CANARY} e"}}'.encode(),
)
_OTHER = Post(
    network="mastodon",
    native_id="8",
    author=Author(native_id="b", handle="b@kylat.example", name="B"),
    text="Keksitty toinen",
    created_at=_NOW,
    via="hashtag",
    raw=b'{"content": "toinen"}',
)


def _seen(corpus: Corpus, *posts: Post, hours: int = 0) -> None:
    now = _NOW + timedelta(hours=hours)
    known = corpus.posts.known("mastodon", [post.native_id for post in posts])
    corpus.posts.apply(decide(posts, known, now), source="masto", now=now)


def _on_a_page(corpus: Corpus) -> None:
    _seen(corpus, replace(_SECRET, gone="deleted"), hours=3)


def _by_itself(corpus: Corpus) -> None:
    corpus.posts.apply([Bury("mastodon", "7", "deleted", _NOW)], source="masto", now=_NOW)


def _opted_out(corpus: Corpus) -> None:
    corpus.posts.apply([Bury("mastodon", "7", "opted_out", _NOW)], source="masto", now=_NOW)


def _by_an_archive(corpus: Corpus) -> None:
    gone = replace(_SECRET, gone="deleted", text=None, author=None)
    row = ImportedRow(
        post=gone, source="masto", collected_at=_NOW, labels=(), prediction=None, municipalities=(), cluster=None
    )
    apply_rows(corpus, [row], now=_NOW)


def _beside_its_own_text(corpus: Corpus) -> None:
    _seen(corpus, replace(_SECRET, text=f"{_CANARY} f", edited_at=_NOW), replace(_SECRET, gone="deleted"), hours=3)


ROUTES: dict[str, Callable[[Corpus], None]] = {
    "a page": _on_a_page,
    "a deletion": _by_itself,
    "an opt-out": _opted_out,
    "an archive": _by_an_archive,
    "beside its text": _beside_its_own_text,
}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.fault("F10", how="five ways in which a deletion comes in; every table, file and export searched")
def test_deleted_text_is_nowhere(corpus: Corpus, route: str, tmp_path: Path) -> None:
    """However a deletion comes in, text, earlier text, writer, link, payload and counts are gone, for good."""
    _seen(corpus, _SECRET, _OTHER)
    _seen(corpus, replace(_SECRET, text=f"{_CANARY} g", edited_at=_NOW, raw=f'"{_CANARY} h"'.encode()), hours=1)
    _seen(corpus, replace(_SECRET, text=f"{_CANARY} g", edited_at=_NOW, counts=Counts(likes=4_711_471_148)), hours=2)
    _judge(corpus)
    _index(corpus)
    assert corpus.search(_CANARY, vocabulary=_VOCABULARY).total == 1
    assert _CANARY in _everything(corpus, tmp_path)
    ROUTES[route](corpus)
    assert corpus.search(_CANARY, vocabulary=_VOCABULARY).total == 0
    _seen(corpus, _SECRET, hours=4)  # a server that has not heard of it yet
    _index(corpus)
    for name in ("after", "vacuumed"):
        found = _everything(corpus, tmp_path)
        assert _CANARY not in found, name
        assert "47114711" not in found, name
        assert "Keksitty toinen" in found
        _vacuum(corpus)
    assert corpus.verify() == []
    tombstone = corpus.posts.by_native_id("mastodon", "7")
    assert tombstone is not None
    assert tombstone.stored.post.gone == ("opted_out" if route == "an opt-out" else "deleted")


def _index(corpus: Corpus) -> None:
    corpus.fill(SearchPart(_VOCABULARY))


def _judge(corpus: Corpus) -> None:
    reasons = (Reason(kind="word", text=_CANARY, weight=1.0),)
    prediction = Prediction(
        model="m",
        lang="fi",
        theme="services",
        themes=("services",),
        confidence=0.9,
        scores={"services": 0.9},
        reasons=reasons,
        projects=(),
        phenomena=(),
    )
    found = corpus.posts.by_native_id("mastodon", "7")
    assert found is not None
    corpus.judgements.save_predictions([(found.stored.post_id, prediction)], now=_NOW)
    corpus.posts.set_clusters({found.stored.post_id: "7"})


def _vacuum(corpus: Corpus) -> None:
    if corpus.database.sqlite:
        with sqlite3.connect(str(corpus.database.path), isolation_level=None) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()


def _everything(corpus: Corpus, directory: Path) -> str:
    """Return all that is in the database, in its files after a checkpoint, and in every export, as text."""
    written = [str(_rows(corpus))]
    written += [(corpus.posts.payload("mastodon", native_id) or b"").decode() for native_id in ("7", "8")]
    if corpus.database.sqlite:
        _checkpoint(corpus)
        path = Path(str(corpus.database.path))
        written += [file.read_bytes().decode("latin-1") for file in path.parent.glob(f"{path.name}*")]
    for format_ in set(FORMATS) - {"package"}:  # which cannot be had yet
        out = directory / f"export.{format_}"
        export(corpus, occasion=Occasion(at=_NOW, by="test"), out=out, format=format_, key=b"k" * 40)
        written += _texts(out, format_)
    return "\n".join(written)


def _checkpoint(corpus: Corpus) -> None:
    with sqlite3.connect(str(corpus.database.path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _rows(corpus: Corpus) -> list[object]:
    from corpus.declared import METADATA

    tables = METADATA.sorted_tables
    with corpus.database.reading() as connection:
        return [list(connection.execute(text(f"SELECT * FROM {table.name}"))) for table in tables]  # noqa: S608  # ours


def _texts(out: Path, format_: str) -> list[str]:
    if format_ == "parquet":
        from pyarrow import parquet

        return [str(parquet.read_table(out).to_pylist())]
    if is_zipfile(out):
        with ZipFile(out) as parts:
            return [parts.read(name).decode("latin-1") for name in parts.namelist()]
    return [out.read_bytes().decode("utf-8", "replace")]


@pytest.mark.control("F10")
def test_payload_that_outlives_its_post_is_noticed(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deletion that forgets what was made of a text does not pass the same look."""
    monkeypatch.setattr("corpus.burying.forget_what_was_made", lambda *_: None)
    with pytest.raises(AssertionError, match=_CANARY):
        test_deleted_text_is_nowhere(corpus, "a deletion", tmp_path)
