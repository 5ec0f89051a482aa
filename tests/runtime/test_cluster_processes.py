"""Clusters of real processes: started by the command, started apart, and killed in the middle of their work."""

import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.runtime.conftest import TEXTS, Command, corpus_line

pytestmark = [pytest.mark.everything, pytest.mark.usefixtures("configured")]
_POSTS = 12_000
_WAIT = 240.0
"""Seconds after which something is broken."""


@pytest.fixture
def serial(kuntakaiku: Command, house: Path) -> Path:
    """A database with some thousand posts, not classified; beside it ``serial.jsonl``, classified in one process."""
    chance = random.Random(20261124)
    words = sorted({word for text in TEXTS for word in text.split()})
    lines = (
        corpus_line(
            n,
            " ".join(chance.choices(words, k=chance.randrange(1, 30))),
            f"2026-{9 + n % 3:02}-{1 + n % 20:02}T10:{n % 60:02}:00Z",
            **({"reply_to": str(n - 7)} if n % 5 == 0 and n > 7 else {}),
        )
        for n in range(_POSTS)
    )
    (house / "many.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    database = house / "kuntakaiku.db"
    assert kuntakaiku("import", str(house / "many.jsonl")).exit == 0
    other = Path(shutil.copy(database, house / "serial.db"))
    kuntakaiku("--database", str(other), "classify")
    kuntakaiku("--database", str(other), "export", "--format", "jsonl", "--out", str(house / "serial.jsonl"))
    return database


@contextmanager
def started(*command: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a program of the environment until the end of the test."""
    with (
        subprocess.Popen(  # noqa: S603 - our own environment's
            [str(Path(sys.executable).parent / command[0]), *command[1:]],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as process
    ):
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def scheduler() -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """Run a scheduler and give it with its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    at = ("--host", "127.0.0.1", "--port", str(port), "--dashboard-address", "127.0.0.1:0")
    with started("dask", "scheduler", *at) as process:
        yield process, f"tcp://127.0.0.1:{port}"


def worker(address: str) -> tuple[str, ...]:
    """Return the command of a worker."""
    at = ("--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0")
    return ("dask", "worker", address, "--nthreads", "1", "--no-nanny", *at)


def predictions(database: Path) -> int:
    """Return how many predictions are stored; asked in a moment, or the program is done before anybody has looked."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT count(*) FROM predictions").fetchone()[0])


def until(found: Callable[[], bool]) -> None:
    """Wait for something."""
    limit = time.monotonic() + _WAIT
    while not found():
        assert time.monotonic() < limit, "it never came"
        time.sleep(0.02)


def workers_of(pid: int) -> list[int]:
    """Return the worker processes that a command started on this machine."""
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    children = [int(child) for one in lists for child in one.read_text(encoding="ascii").split()]
    told = {child: Path(f"/proc/{child}/cmdline").read_bytes() for child in children}
    # Where a library that names processes is there, a worker carries its own name.
    return [child for child, line in told.items() if b"spawn_main" in line or line.startswith(b"dask worker")]


def exported(kuntakaiku: Command, house: Path, *how: str) -> bytes:
    """Return the corpus as JSONL."""
    out = house / "out.jsonl"
    told = kuntakaiku("export", "--format", "jsonl", "--out", str(out), *how)
    assert told.exit == 0, told.err
    return out.read_bytes()


def classify(house: Path, *how: str) -> tuple[str, ...]:
    """Return the command line of a classification."""
    config = ("--config", str(house / "config"), "--now", "2026-11-23T06:00:00Z")
    return ("kuntakaiku", "--data", str(house), *config, "classify", "--engine", "dask", *how)


def test_two_processes_make_what_one_makes(kuntakaiku: Command, house: Path, serial: Path) -> None:
    """Classified and exported by two worker processes, every format and month is as one process makes it."""
    assert serial.exists()
    spread = ("--engine", "dask", "--workers", "2")
    assert kuntakaiku("classify", *spread, "--json").json["classified"] == _POSTS
    assert exported(kuntakaiku, house, *spread) == (house / "serial.jsonl").read_bytes()
    for name, how in (("a", spread), ("b", ())):
        kuntakaiku("export", "--format", "parquet", "--partition", "month", "--out", str(house / name), *how)
    parts = sorted(str(one.relative_to(house / "b")) for one in (house / "b").rglob("*.parquet"))
    assert parts == [f"month=2026-{month}/part-00000.parquet" for month in ("09", "10", "11")]
    assert all((house / "a" / part).read_bytes() == (house / "b" / part).read_bytes() for part in parts)


def test_a_killed_worker_of_this_machine_changes_nothing(kuntakaiku: Command, house: Path, serial: Path) -> None:
    """A worker killed in the middle is replaced; what is stored is what one process stores."""
    with started(*classify(house, "--workers", "2")) as process:
        until(lambda: predictions(serial) > 0)
        victim, *_ = workers_of(process.pid)
        os.kill(victim, signal.SIGKILL)
        assert predictions(serial) < _POSTS
        _, said = process.communicate(timeout=_WAIT)
        assert process.returncode == 0, said
    assert predictions(serial) == _POSTS
    assert exported(kuntakaiku, house) == (house / "serial.jsonl").read_bytes()


def test_a_killed_worker_of_a_cluster_changes_nothing(kuntakaiku: Command, house: Path, serial: Path) -> None:
    """Of a cluster started apart, one worker is killed at work: the other does the rest, with the same output."""
    with scheduler() as (_, address), started(*worker(address)) as one, started(*worker(address)):
        with started(*classify(house, "--scheduler", address)) as process:
            until(lambda: predictions(serial) > 0)
            os.killpg(one.pid, signal.SIGKILL)
            assert predictions(serial) < _POSTS
            _, said = process.communicate(timeout=_WAIT)
            assert process.returncode == 0, said
        assert (
            exported(kuntakaiku, house, "--engine", "dask", "--scheduler", address)
            == (house / "serial.jsonl").read_bytes()
        )


def test_a_lost_scheduler_is_told_and_the_next_run_goes_on(kuntakaiku: Command, house: Path, serial: Path) -> None:
    """A scheduler killed in the middle ends the command with exit 1; what was stored stays, and the rest follows."""
    with scheduler() as (lost, address), started(*worker(address)):
        with started(*classify(house, "--scheduler", address)) as process:
            until(lambda: predictions(serial) > 0)
            os.killpg(lost.pid, signal.SIGKILL)
            _, said = process.communicate(timeout=_WAIT)
        assert process.returncode == 1, said
        assert b"The scheduler of the cluster was lost." in said
        assert b"Traceback" not in said
    before = predictions(serial)
    assert 0 < before < _POSTS
    assert kuntakaiku("classify", "--json").json["classified"] == _POSTS - before
    assert exported(kuntakaiku, house) == (house / "serial.jsonl").read_bytes()


def test_a_killed_command_goes_on_where_it_was(kuntakaiku: Command, house: Path, serial: Path) -> None:
    """The command killed in the middle leaves whole batches; its cluster is free for the next, which does the rest."""
    with scheduler() as (_, address), started(*worker(address)):
        with started(*classify(house, "--scheduler", address)) as process:
            until(lambda: predictions(serial) > 0)
            os.killpg(process.pid, signal.SIGKILL)
        before = predictions(serial)
        assert before % 1_000 == 0
        told = kuntakaiku("classify", "--engine", "dask", "--scheduler", address, "--json")
        assert (told.exit, told.json["classified"]) == (0, _POSTS - before), told.err
    assert exported(kuntakaiku, house) == (house / "serial.jsonl").read_bytes()


def test_workers_without_the_program_are_told(kuntakaiku: Command) -> None:
    """A worker whose Python lacks Kuntakaiku is named, with exit 2."""
    libraries = next(path for path in sys.path if path.endswith("site-packages"))
    with scheduler() as (_, address):
        bare = [sys.executable, "-S", "-m", "distributed.cli.dask_worker", address, "--no-nanny", "--host", "127.0.0.1"]
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": libraries, "HOME": os.environ.get("HOME", "/")}
        with subprocess.Popen(  # noqa: S603 - our own environment's
            bare, env=environment, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            try:
                told = kuntakaiku("classify", "--engine", "dask", "--scheduler", address)
            finally:
                process.kill()
    assert (told.exit, "1 of 1 workers have no Kuntakaiku" in told.err) == (2, True), told.err
