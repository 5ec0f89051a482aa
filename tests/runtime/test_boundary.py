"""The command as a process: streams, exits, and faults that nobody foresaw."""

import io
import json
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.cli import boundary, main, run


@pytest.fixture(autouse=True)
def _hooks_are_given_back(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a process sets once is put back."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_WAIT_POLICY"):
        monkeypatch.setenv(name, os.environ.get(name, "1"))
    before = sys.excepthook, threading.excepthook
    yield
    sys.excepthook, threading.excepthook = before


def test_process_exits_with_the_code_of_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that lacks a letter gets its number instead of a fault."""
    told = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "argv", ["kuntakaiku", "--config", "Äänekoski", "check"])
    monkeypatch.setattr(sys, "stderr", told)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    told.flush()
    assert b"\\xc4\\xe4nekoski" in told.buffer.getvalue()  # type: ignore[attr-defined]  # a BytesIO


def test_streams_that_are_none_of_text_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where somebody replaced a stream by another kind, the command still runs."""
    told = io.StringIO()
    monkeypatch.setattr(sys, "argv", ["kuntakaiku", "--version"])
    monkeypatch.setattr(sys, "stdout", told)
    with pytest.raises(SystemExit) as ended:
        main()
    assert (ended.value.code, told.getvalue().startswith("kuntakaiku ")) == (0, True)


def test_unforeseen_fault_names_type_and_place_only(capfd: pytest.CaptureFixture[str]) -> None:
    """Neither the value that broke it nor a stack is shown, in no thread."""
    boundary.install(as_json=True)

    def fail() -> None:
        raise ValueError("secret text")

    try:
        fail()
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    threading.excepthook(threading.ExceptHookArgs((SystemExit, None, None, None)))
    told = capfd.readouterr()
    assert told.err.count("ValueError") == 2
    assert "test_boundary.py" in told.err
    assert "secret" not in told.out + told.err
    assert "ValueError" in json.loads(told.out)["error"]["problem"]


def test_what_the_machine_refuses_is_told_without_a_stack(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A place that cannot be written to is named with the machine's reason, exit 1."""
    place = tmp_path / "file"
    place.touch()
    assert run(["--data", str(tmp_path), "digest", "preview", "--out", str(place / "below")]) == 2
    assert run(["--quiet", "--data", str(tmp_path), "labels", "export", str(place / "below.jsonl")]) == 1
    told = capfd.readouterr().err
    assert "not a directory" in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (OSError(28, "No space left on device", "/data/x"), "/data/x: no space left on device."),
        (OSError("a library quotes anything"), "OSError."),
    ],
    ids=["with a place", "without"],
)
def test_machine_faults_never_quote_the_message(error: OSError, problem: str) -> None:
    """Only the file and the machine's own reason are told."""
    assert boundary.machine_fault(error).problem.casefold() == problem.casefold()
