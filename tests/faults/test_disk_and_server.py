"""A disk that is full, a database that is locked or goes away: nothing half is kept, and the work goes on afterwards.

And the variant that is broken on purpose, for kills too: it stores how far it came before it stores what it brought.
"""

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from corpus.changes import decide
from corpus.database import DatabaseUnavailableError
from corpus.ledger import Checkpoint
from corpus.post import Author, Post
from corpus.posts import Posts
from corpus.store import Corpus
from tests.collector.fake_wire import START
from tests.faults.dying import dies_at
from tests.faults.killed import import_archive
from tests.faults.kills import _archive as archive
from tests.faults.kills import _contents as contents

pytestmark = pytest.mark.everything
HOUSE = Path(__file__).parents[2]


class Import:
    """An import that is disturbed, and what an undisturbed one leaves."""

    def __init__(self, empty: Path, work: Path) -> None:
        self._empty, self._work = empty, work
        (work / "posts.jsonl").write_text(archive(), "utf-8")
        self.run(self.fresh())
        self.truth = self.held()

    @property
    def path(self) -> Path:
        """The database's file."""
        return self._work / "kuntakaiku.db"

    def fresh(self) -> Path:
        """Begin anew with an empty database."""
        for file in self._work.glob("kuntakaiku.db*"):
            file.unlink()
        return Path(shutil.copy(self._empty, self.path))

    def run(self, path: Path | None = None) -> None:
        """Import the archive, from where an earlier run came to."""
        import_archive(path or self.path, self._work)

    def held(self) -> dict[str, object]:
        """Return everything that is known of each post."""
        with Corpus.open(f"sqlite:///{self.path}") as corpus:
            assert corpus.verify() == []
            return contents(corpus)

    def check(self, when: str) -> None:
        """Hold a disturbed import to its promise.

        Raises:
            AssertionError: something half was kept, or does not come again.
        """
        assert self.held().keys() <= self.truth.keys()
        self.run()
        assert self.held() == self.truth, f"{when}, posts are lost"

    def on_a_full_disk(self, room: int) -> bool:
        """Import in a process whose files may hold so many bytes; return whether that was too little."""
        child = os.fork()
        if child == 0:
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
            try:
                self.run()
            except DatabaseUnavailableError:
                os._exit(7)
            except BaseException:  # noqa: BLE001 - told by the exit
                os._exit(3)
            os._exit(0)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert ended in (0, 7), "a full disk is not explained"
        return ended == 7


@pytest.fixture
def importing(empty_database: Path, tmp_path: Path) -> Import:
    """An import of a small archive in small batches."""
    return Import(empty_database, tmp_path)


@pytest.fixture
def position_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Break the store on purpose: position first, posts in a transaction of their own."""
    apply = Posts.apply

    def broken(self: Posts, changes: Any, *, checkpoint: Any = None, **how: Any) -> Any:  # noqa: ANN401 - as the method
        if checkpoint is not None:
            apply(self, [], checkpoint=checkpoint, **how)
        return apply(self, changes, **how)

    monkeypatch.setattr(Posts, "apply", broken)


ROOMS = (1_000, 20_000, 60_000, 100_000, 140_000, 200_000)
"""Bytes that a file may have."""


def fill_disks(importing: Import) -> int:
    """Import with little room, then with enough, and return how often it was too little."""
    full = 0
    for room in ROOMS:
        importing.fresh()
        full += importing.on_a_full_disk(room)
        importing.check(f"with room for {room} bytes")
    return full


def kill_everywhere(importing: Import) -> None:
    """Kill an import at each write until one comes to its end."""
    number = 1
    importing.fresh()
    while dies_at(number, importing.run):
        importing.check(f"killed at write {number}")
        importing.fresh()
        number += 1


@pytest.mark.fault("F5", how="RLIMIT_FSIZE of several sizes")
def test_full_disk_costs_nothing_that_was_stored(
    importing: Import, record_property: Callable[[str, object], None]
) -> None:
    """However little room there is, the import ends in words, and one with room stores exactly the rest."""
    full = fill_disks(importing)
    record_property("runs", full)
    assert full >= 3


@pytest.mark.fault("F5", how="the command itself")
def test_command_on_a_full_disk_exits_with_a_remedy(importing: Import) -> None:
    """The command says what is wrong and what to do, and exits with 1."""
    importing.fresh()
    told = subprocess.run(
        [sys.executable, "-c", "from runtime.cli import main; main()", "--data", ".", "import", "posts.jsonl"],
        cwd=importing.path.parent,
        env={**os.environ, "PYTHONPATH": str(HOUSE)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1, told.stderr
    assert "disk" in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.control("F5")
@pytest.mark.usefixtures("position_first")
def test_full_disk_shows_a_position_stored_too_early(importing: Import) -> None:
    """The broken variant loses what did not fit, and the same look finds it."""
    with pytest.raises(AssertionError, match="posts are lost"):
        fill_disks(importing)


@pytest.mark.control("F1")
@pytest.mark.usefixtures("position_first")
def test_kill_shows_a_position_stored_too_early(importing: Import) -> None:
    """The broken variant, killed between its two transactions, loses a batch, and the same look finds it."""
    with pytest.raises(AssertionError, match="posts are lost"):
        kill_everywhere(importing)


def posts(batch: int) -> list[Post]:
    """Return ten invented posts."""
    author = Author(native_id="1", handle=None, name=None)
    return [
        Post(
            network="x", native_id=f"{batch}-{n}", author=author, text="Hei", created_at=START, via="import", raw=b"{}"
        )
        for n in range(10)
    ]


def store(corpus: Corpus, batch: int) -> None:
    """Store a batch with its position."""
    place = Checkpoint(name="place", value=str(batch))
    corpus.posts.apply(decide(posts(batch), {}, START), source="import", now=START, checkpoint=place)


def server_goes_away(corpus: Corpus, database_url: str, number: int, batch: int) -> bool:
    """Store a batch while the server ends our connection at the n-th statement; return whether it came to that."""
    import psycopg

    plain = database_url.replace("postgresql+psycopg://", "postgresql://")
    seen = 0

    def end(connection: Any, *_: object) -> None:  # noqa: ANN401 - SQLAlchemy's
        nonlocal seen
        seen += 1
        if seen == number:
            pid = connection.connection.dbapi_connection.info.backend_pid
            with psycopg.connect(plain, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 1000)", (pid,))

    event.listen(Engine, "before_cursor_execute", end)
    try:
        store(corpus, batch)
    except DatabaseUnavailableError:
        return True
    finally:
        event.remove(Engine, "before_cursor_execute", end)
    assert seen < number, "the server went away, and nobody noticed"
    return False


def check_batches(corpus: Corpus) -> None:
    """Hold a corpus to whole batches.

    Raises:
        AssertionError: position and posts do not belong together.
    """
    place = corpus.ledger.checkpoint("place")
    assert corpus.verify() == []
    assert corpus.posts.count() == 10 * (int(place.value) if place else 0), "half a batch"


def go_away_everywhere(corpus: Corpus, database_url: str) -> int:
    """Let the server go away at each statement of a batch, and return how often it did."""
    number = 1
    while server_goes_away(corpus, database_url, number, number):
        check_batches(corpus)
        store(corpus, number)
        check_batches(corpus)
        number += 1
    return number - 1


@pytest.mark.fault("F6", how="pg_terminate_backend at each statement")
def test_server_that_goes_away_costs_no_half_batch(
    corpus: Corpus, database_url: str, record_property: Callable[[str, object], None]
) -> None:
    """Whichever statement it goes at, nothing of the batch is kept, and the next try stores all of it."""
    if corpus.database.sqlite:
        pytest.skip("a file does not go away")
    times = go_away_everywhere(corpus, database_url)
    record_property("runs", times)
    assert times > 5


@pytest.mark.control("F6")
@pytest.mark.usefixtures("position_first")
def test_server_that_goes_away_shows_a_position_stored_too_early(corpus: Corpus, database_url: str) -> None:
    """The broken variant leaves a position without its posts, and the same look finds it."""
    if corpus.database.sqlite:
        pytest.skip("a file does not go away")
    with pytest.raises(AssertionError, match="half a batch"):
        go_away_everywhere(corpus, database_url)
