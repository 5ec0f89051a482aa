"""A source that is heard as it happens: by `run` in a thread of its own, by `collect` after its round."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
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


def test_run_hears_what_is_posted(program: Program, stream: FakeStream, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the scheduler runs, a post is stored without any round; asked to end, it tells what the stream brought."""
    told: list[Fired] = []
    # However busy the machine is: what a stream brought is told where it ends in time.
    monkeypatch.setattr("runtime.schedule._PATIENCE", timedelta(minutes=1))

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

    run_forever(program, lambda _: None, tell_fault)
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


def test_stream_that_stays_silent_is_told(
    kuntakaiku: Command, stream: FakeStream, configured: Path, house: Path
) -> None:
    """`doctor` names it, each administrator is mailed once in their language, and once more when it is heard again."""
    people = [f'[[recipient]]\naddress = "{one}@example.org"\nlanguage = "{one}"\n' for one in ("fi", "sv", "en")]
    (configured / "recipients.toml").write_text("".join(f'{one}role = "administrator"\n' for one in people))
    assert found(kuntakaiku, NOW)["detail"] == "never heard"
    kuntakaiku("collect", now=NOW)
    assert found(kuntakaiku, NOW)["ok"]
    stream.faults.extend(["503"] * 3)
    kuntakaiku("collect", now="2026-11-20T09:00:00Z")
    assert found(kuntakaiku, "2026-11-20T14:59:00Z")["ok"]
    broken = found(kuntakaiku, "2026-11-20T15:01:00Z")
    assert (broken["ok"], broken["detail"]) == (False, "heard until 2026-11-20 08:00 UTC")
    assert "503" in broken["remedy"]
    kuntakaiku("run", "--once", now="2026-11-20T15:01:00Z")
    assert subjects(house) == {
        "fi@example.org": ["Kuntakaiku: lähteen bluesky virtaa ei kuulla"],
        "sv@example.org": ["Kuntakaiku: strömmen från bluesky hörs inte"],
        "en@example.org": ["Kuntakaiku: the stream of bluesky is not heard"],
    }
    stream.faults.clear()
    kuntakaiku("collect", now="2026-11-20T16:00:00Z")
    kuntakaiku("run", "--once", now="2026-11-20T16:01:00Z")
    told = subjects(house)
    assert sorted(told["en@example.org"])[1] == "Kuntakaiku: the stream of bluesky is not heard"
    assert {len(mails) for mails in told.values()} == {2}
    assert found(kuntakaiku, "2026-11-20T16:01:00Z")["ok"]


def found(kuntakaiku: Command, now: str) -> dict[str, Any]:
    """Return what `doctor` says of the stream."""
    checks = kuntakaiku("doctor", "--json", now=now).json["checks"]
    (one,) = [check for check in checks if check["name"] == "stream bluesky"]
    return dict(one)


def subjects(house: Path) -> dict[str, list[str]]:
    """Return the subjects of the mails by recipient."""
    told: dict[str, list[str]] = {}
    for path in (house / "mail").glob("*.eml"):
        mail = message_from_bytes(path.read_bytes(), policy=default)
        if "bluesky" in str(mail["Subject"]):
            told.setdefault(str(mail["To"]), []).append(str(mail["Subject"]))
    return told
