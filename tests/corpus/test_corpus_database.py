"""Transactions, and the faults of databases."""

import os
import sqlite3
import subprocess
import sys
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


def test_only_a_batch_of_posts_is_trusted(corpus: Corpus, make_post: Build, now: datetime, store: Store) -> None:
    """After a batch, whose references were looked up, the database again refuses a row that points to nothing."""
    store(corpus, [make_post()], now=now)
    with pytest.raises(exc.IntegrityError), corpus.database.writing() as connection:
        corpus.database.run(connection, "INSERT INTO metrics (post_id, seen_at) VALUES (?, ?)", (4711, 1))
    assert corpus.verify() == []


@pytest.mark.fault("F6", how="BEGIN EXCLUSIVE from outside")
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


@pytest.mark.fault("F5", how="SQLite's own limit of pages")
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


_ENDLESS_IMPORT = """
import sys
from datetime import UTC, datetime
from itertools import count
from corpus.changes import decide
from corpus.ledger import Checkpoint
from corpus.post import Author, Post
from corpus.store import Corpus
now = datetime(2026, 11, 24, tzinfo=UTC)
with Corpus.open(sys.argv[1]) as corpus:
    for batch in count(1):
        posts = [
            Post(network="x", native_id=f"{batch}-{n}", author=Author(native_id=f"{n}", handle=None, name=None),
                 text="Hei", created_at=now, via="import", hashtags=(f"t{batch}",), raw=b"{}")
            for n in range(50)
        ]
        corpus.posts.apply(decide(posts, {}, now), source="import", now=now,
                           checkpoint=Checkpoint(name="f", value=str(batch)))
        print(batch, flush=True)
"""


@pytest.mark.parametrize("batches", [1, 4])
def test_killed_import_leaves_whole_batches(tmp_path: Path, batches: int) -> None:
    """After kill -9 at any time, the posts are those up to the checkpoint, and nothing belongs to nothing."""
    url = f"sqlite:///{tmp_path / 'kuntakaiku.db'}"
    root = str(Path(__file__).parents[2])
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", _ENDLESS_IMPORT, url], env=os.environ | {"PYTHONPATH": root}, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        for _ in range(batches):
            assert process.stdout.readline()
        process.kill()
    with Corpus.open(url) as corpus:
        checkpoint = corpus.ledger.checkpoint("f")
        assert checkpoint is not None
        assert int(checkpoint.value) >= batches
        assert corpus.posts.count() == 50 * int(checkpoint.value)
        assert corpus.verify() == []


@pytest.mark.everything
def test_opening_a_database_twice_takes_no_locks_away(tmp_path: Path, now: datetime) -> None:
    """A process that opens its database twice keeps its locks: another one, closing, clears no log away under it."""
    url = f"sqlite:///{tmp_path / 'kuntakaiku.db'}"
    other = (
        "import sys\n"
        "from datetime import UTC, datetime\n"
        "from corpus.store import Corpus\n"
        "with Corpus.open(sys.argv[1]) as corpus:\n"
        "    corpus.facts.put('theirs', 1, now=datetime.now(UTC))\n"
        "    print(corpus.facts.get('ours'))\n"
    )
    with Corpus.open(url) as corpus:
        corpus.facts.put("ours", 1, now=now)
        Database(url).close()
        for number in (1, 2):
            told = subprocess.run(  # noqa: S603 - our own code
                [sys.executable, "-c", other, url],
                cwd=Path(__file__).parents[2],
                check=True,
                capture_output=True,
                text=True,
            )
            assert told.stdout.strip() == str(number)
            assert corpus.facts.get("theirs") == 1
            corpus.facts.put("ours", number + 1, now=now)
        assert (tmp_path / "kuntakaiku.db-wal").exists()
        assert corpus.verify() == []
    with Corpus.open(url) as corpus:
        assert corpus.facts.get("ours") == 3
