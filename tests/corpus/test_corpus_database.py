"""Transactions, and the faults of databases."""

import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import exc

from corpus import database as database_module
from corpus.changes import decide
from corpus.database import Database, DatabaseUnavailableError
from corpus.post import Post
from corpus.posts import Applied
from corpus.store import Corpus

Build = Callable[..., Post]
Store = Callable[..., Applied]


def test_locked_database_is_explained(
    tmp_path: Path, make_post: Build, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another program writes, a write waits a while and then fails in words; nothing of it is kept."""
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0)
    path = tmp_path / "kuntakaiku.db"
    with Corpus.open(f"sqlite:///{path}") as corpus:
        other = sqlite3.connect(path)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DatabaseUnavailableError, match=r"locked.*run the command again"):
            corpus.posts.apply(decide([make_post()], {}, now), source="m", now=now)
        other.rollback()
        other.close()
        assert corpus.posts.count() == 0
        assert corpus.posts.apply(decide([make_post()], {}, now), source="m", now=now) == Applied(inserted=1)


def test_full_disk_is_explained(tmp_path: Path, make_post: Build, now: datetime) -> None:
    """A disk without space makes the batch fail in words; what was stored before is sound and can be added to."""
    with Corpus.open(f"sqlite:///{tmp_path / 'kuntakaiku.db'}") as corpus:
        pages = corpus.database.query("PRAGMA page_count")[0][0]
        with corpus.database.reading() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 5}")
        posts = [make_post(number, text="pitkä " * 500) for number in range(200)]
        with pytest.raises(DatabaseUnavailableError, match="no space left"):
            corpus.posts.apply(decide(posts, {}, now), source="m", now=now)
        assert corpus.posts.count() == 0
        assert corpus.verify() == []


def test_server_out_of_reach_is_explained() -> None:
    """A PostgreSQL that does not answer is named, without its password."""
    with pytest.raises(DatabaseUnavailableError, match="did not answer") as caught:
        Corpus.open("postgresql://mallory:salasana@127.0.0.1:1/x")
    assert "salasana" not in str(caught.value)


def test_faults_of_our_own_are_not_explained_away(corpus: Corpus) -> None:
    """A statement that breaks a rule of the tables is a fault of the program and stays visible as such."""
    with pytest.raises(exc.IntegrityError), corpus.database.writing() as connection:
        corpus.database.run(connection, "INSERT INTO labels (post_id, theme) VALUES (?, ?)", (1, "a"))


def test_reading_goes_on_while_somebody_writes(tmp_path: Path, make_post: Build, store: Store) -> None:
    """A reader between two batches neither blocks a writer nor is blocked."""
    url = f"sqlite:///{tmp_path / 'kuntakaiku.db'}"
    with Corpus.open(url) as corpus, Corpus.open(url) as other:
        store(corpus, [make_post(number) for number in range(1500)])
        reading = corpus.posts.texts()
        next(reading)
        assert store(other, [make_post(5000)]) == Applied(inserted=1)
        assert len(list(reading)) == 1499


def test_outbox_is_written_through_to_the_disk(tmp_path: Path) -> None:
    """What is promised to a recipient waits for the disk; posts, which can be fetched again, do not."""
    database = Database(f"sqlite:///{tmp_path / 'kuntakaiku.db'}")
    for durable, mode in ((True, 2), (False, 1)):
        with database.writing(durable=durable) as connection:
            assert database.rows(connection, "PRAGMA synchronous") == [(mode,)]
            assert database.rows(connection, "PRAGMA foreign_keys") == [(1,)]
    database.close()
