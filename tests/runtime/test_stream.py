"""A source that is heard as it happens: by `run` in a thread of its own, by `collect` after its round."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from runtime.schedule import Fired, run_forever
from runtime.settings import Options
from runtime.wiring import Program
from tests.collector.fake_bluesky import HANDLE, PASSWORD, FakeBluesky
from tests.collector.fake_stream import FakeStream
from tests.collector.fake_wire import START, Clock

Command = Callable[..., Any]
"""Runs a command and returns what it said: exit, out, err, json."""
NOW = START.isoformat()


@pytest.fixture
def stream(configured: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeStream]:
    """A configuration that reads Bluesky on loopback, with its firehose."""
    monkeypatch.setenv("KUNTAKAIKU_TOKEN_BLUESKY", PASSWORD)
    clock = Clock()
    with FakeBluesky(clock) as search, FakeStream(clock, "firehose") as opened:
        (configured / "sources.toml").write_text(
            f'[[source]]\nnetwork = "bluesky"\nenabled = true\nbase_url = "{search.url}"\n'
            f'stream = "{opened.url}"\noptions = {{ handle = "{HANDLE}" }}\ntimeout = 2\n'
        )
        yield opened


@pytest.fixture
def program(house: Path, configured: Path) -> Iterator[Program]:
    """The house, wired like a process would."""
    options = Options(config=str(configured), data=str(house), now=NOW, quiet=True)
    environment = {"KUNTAKAIKU_TOKEN_BLUESKY": PASSWORD}
    with Program(options, environment=environment, working_directory=house) as wired:
        yield wired


def test_run_hears_what_is_posted(program: Program, stream: FakeStream) -> None:
    """While the scheduler runs, a post is stored without any round; asked to end, it tells what the stream brought."""
    told: list[Fired] = []

    def post_until_heard() -> None:
        # What is posted before somebody listens for the first time is not heard.
        for _ in range(600):
            if program.corpus.posts.count():
                break
            stream.post("Keksitty puisto #pieniohjelma")
            threading.Event().wait(0.1)
        program.stop.set()

    threading.Thread(target=post_until_heard, daemon=True).start()
    run_forever(program, told.append, lambda error: pytest.fail(str(error)))
    (heard,) = [fired for fired in told if fired.job == "stream bluesky"]
    assert (heard.state, heard.problem) == ("done", None)
    assert heard.counts["inserted"] > 0
    assert heard.slot_at >= datetime(2026, 11, 20, 8, tzinfo=UTC)


def test_fault_of_a_stream_ends_nothing(program: Program, stream: FakeStream) -> None:
    """A database that lost a table is told, and the program lives until it is asked to end."""
    with program.corpus.database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE checkpoints")
    faults: list[BaseException] = []

    def tell_fault(error: BaseException) -> None:
        faults.append(error)
        program.stop.set()

    assert run_forever(program, lambda _: None, tell_fault)
    assert faults
    assert stream.opened == []


def test_collect_tells_of_the_stream(kuntakaiku: Command, stream: FakeStream) -> None:
    """`collect` says what its stream brought, and what is wrong with it; the round is complete all the same."""
    assert "0 new and 0 buried by stream" in kuntakaiku("collect", now=NOW).out
    stream.post("Keksitty puisto #pieniohjelma")
    told = kuntakaiku("collect", "--json", now=NOW)
    assert (told.exit, told.json["runs"][0]["stream"]["inserted"]) == (0, 1)
    stream.faults.append("404")
    told = kuntakaiku("collect", now=NOW)
    assert told.exit == 0
    assert "Stream: Source 'bluesky': 127.0.0.1" in told.out
