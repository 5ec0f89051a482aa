"""Heavy jobs in a process of their own: they end as they would have here, and never outlive their scheduler."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from programme.errors import KuntakaikuError
from programme.week import Week
from runtime.aside import ChildDiedError, perform_aside
from runtime.due import DRAFT, Due
from runtime.perform import CLASSIFY, perform
from runtime.settings import Options
from runtime.wiring import Program

Command = Callable[..., Any]
"""Runs a command and returns what it said: exit, out, err, json."""

SLOT = datetime(2026, 11, 23, 5, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


def due(job: str) -> Due:
    """Return a job of week 47."""
    return Due(job=job, slot_at=SLOT, week=Week.named("2026-W47"))


@pytest.fixture
def program(house: Path, configured: Path) -> Program:
    """Wire a house as the scheduler does."""
    options = Options(config=str(configured), data=str(house), now="2026-11-23T06:00:00Z", quiet=True)
    return Program(options, environment=os.environ, working_directory=house)


@pytest.mark.everything
def test_draft_is_the_same_here_and_aside(program: Program, kuntakaiku: Command, archive: Path) -> None:
    """The numbers of an issue do not depend on which process drafted it, nor does how the job ended."""
    kuntakaiku("import", str(archive))
    with program:
        ends, numbers = [], []
        for heavy in (perform, perform_aside):
            ends.append(heavy(program, due(DRAFT)))
            stored = program.corpus.issues.get("2026-W47")
            assert stored is not None
            numbers.append({key: value for key, value in stored.numbers.items() if "_at" not in key})
    assert ends == [("done", {}, None)] * 2
    assert numbers[0] == numbers[1]


def test_fault_of_a_job_arrives_with_its_remedy(program: Program) -> None:
    """What a job refuses is told to the scheduler in the same words."""
    told = []
    with program:
        for heavy in (perform, perform_aside):
            with pytest.raises(KuntakaikuError) as refused:
                heavy(program, due("digest retry 2026-W47"))
            told.append((refused.value.problem, refused.value.remedy))
    assert told[0] == told[1]


@pytest.mark.everything
def test_fault_that_nobody_foresaw_arrives_without_its_values(program: Program, kuntakaiku: Command) -> None:
    """A damaged database is told, and no stack with it."""
    kuntakaiku("stats")
    with program:
        program.corpus.database.close()
        program.settings.data.joinpath("kuntakaiku.db").write_bytes(b"no database" * 1_000)
        with pytest.raises(KuntakaikuError) as refused:
            perform_aside(program, due(CLASSIFY))
    assert refused.value.problem
    assert "Traceback" not in str(refused.value)


def test_process_that_dies_is_told(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ends without a word is a failed job, and its signal is named."""
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with program, pytest.raises(ChildDiedError, match="exit 1"):
        perform_aside(program, due(CLASSIFY))


@pytest.mark.parametrize("end", [pytest.param("asked", marks=pytest.mark.everything), "killed"])
def test_process_ends_with_its_scheduler(end: str, house: Path, configured: Path, tmp_path: Path) -> None:
    """A job that hangs does not hold a scheduler that is asked to end, and does not outlive one that is killed."""
    hanging = tmp_path / "hanging"
    hanging.mkdir()
    (hanging / "sitecustomize.py").write_text(
        "import os, sys, time, pathlib\n"
        "if 'runtime.aside' in ' '.join(sys.orig_argv):\n"
        "    import runtime.perform\n"
        "    def hang(program, due):\n"
        f"        pathlib.Path({str(tmp_path)!r}, 'child').write_text(str(os.getpid()))\n"
        "        time.sleep(600)\n"
        "    runtime.perform.perform = hang\n"
    )
    code = (
        "import os, pathlib, sys, threading\n"
        "from tests.runtime.test_aside import hanging_scheduler\n"
        f"hanging_scheduler(pathlib.Path({str(house)!r}), pathlib.Path({str(configured)!r}))"
    )
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{hanging}"}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stdin=subprocess.PIPE) as scheduler:  # noqa: S603 - our own code
        child = _pid(tmp_path / "child", scheduler)
        if end == "killed":
            scheduler.kill()
        elif scheduler.stdin:
            scheduler.stdin.close()
        limit = time.monotonic() + 10
        while _lives(child) and time.monotonic() < limit:
            time.sleep(0.05)
        lives = _lives(child)
        if lives:
            os.kill(child, signal.SIGKILL)
        scheduler.kill()
    assert not lives


def hanging_scheduler(house: Path, configured: Path) -> None:
    """Wait for a job that hangs, until standard input is closed; then ask it to end."""
    options = Options(config=str(configured), data=str(house), quiet=True)
    with Program(options, environment=os.environ, working_directory=house) as program:

        def ask() -> None:
            sys.stdin.buffer.read()
            program.stop.set()

        threading.Thread(target=ask, daemon=True).start()
        perform_aside(program, due(CLASSIFY))


def _pid(file: Path, scheduler: "subprocess.Popen[bytes]") -> int:
    limit = time.monotonic() + 30
    while not (file.exists() and file.read_text()):
        assert scheduler.poll() is None
        assert time.monotonic() < limit
        time.sleep(0.02)
    return int(file.read_text())


def _lives(pid: int) -> bool:
    """Tell whether a process is at work; one that nobody has waited for yet is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
