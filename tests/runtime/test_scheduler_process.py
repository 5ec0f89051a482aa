"""The scheduler as a process: asked to end, and killed in the middle of its work."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from corpus.store import Corpus
from tests.runtime.mail_server import MailServer

Command = Callable[..., Any]
"""Runs a command and returns what it said: exit, out, err, json."""

START = [sys.executable, "-c", "from runtime.cli import main; main()"]
ROOT = Path(__file__).parents[2]


@contextmanager
def scheduler(house: Path, now: str, *more: str) -> Iterator[subprocess.Popen[str]]:
    """Start `kuntakaiku run` and end it, whatever happens."""
    arguments = ["--config", str(house / "config"), "--data", str(house), "--now", now, "run", *more]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(  # noqa: S603 - our own command
        [*START, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def until(happened: Callable[[], object], process: subprocess.Popen[str]) -> None:
    """Watch until something has happened; the process must live for it."""
    limit = time.monotonic() + 60
    while not happened():
        assert process.poll() is None, process.stderr and process.stderr.read()
        assert time.monotonic() < limit


def drafted(house: Path) -> list[str]:
    """Return the weeks that were drafted, once for each draft."""
    with Corpus.open(f"sqlite:///{house / 'kuntakaiku.db'}") as corpus:
        return [audit.subject for audit in corpus.ledger.audits() if audit.what == "drafted"]


def runs(house: Path) -> list[str]:
    """Return the states of the recorded drafts."""
    with Corpus.open(f"sqlite:///{house / 'kuntakaiku.db'}") as corpus:
        return [run.state for run in corpus.ledger.runs(job="digest draft")]


def test_run_ends_within_five_seconds_of_sigterm(kuntakaiku: Command, configured: Path, archive: Path) -> None:
    """`run` drafts what is due, keeps others out, and ends by itself with exit 0 when asked."""
    house = configured.parent
    kuntakaiku("import", str(archive))
    with scheduler(house, "2026-11-23T06:00:00Z") as process:
        until(lambda: "done" in runs(house), process)
        second = kuntakaiku("run")
        assert (second.exit, "Another scheduler" in second.err) == (1, True)
        asked_at = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=5)
        assert time.monotonic() - asked_at < 5
    assert process.returncode == 0
    assert 'event="job ended"' in err
    assert "Traceback" not in err


@pytest.mark.everything
def test_draft_that_was_killed_is_drafted_once(kuntakaiku: Command, configured: Path, archive: Path) -> None:
    """Killed in the middle of a draft, the next scheduler drafts the week, once."""
    house = configured.parent
    kuntakaiku("import", str(archive))
    dictionaries = (house / "lemmas").readlink()
    (house / "lemmas").unlink()  # building them makes the draft last long enough to be killed
    with scheduler(house, "2026-11-23T06:00:00Z") as process:
        until((house / "lemmas").exists, process)
        process.kill()
        process.wait()
    assert (runs(house), drafted(house)) == (["running"], [])
    (house / "lemmas").rename(house / "half")
    (house / "lemmas").symlink_to(dictionaries)
    told = kuntakaiku("run", "--once", "--json")
    assert [(job["job"], job["state"]) for job in told.json["jobs"]] == [("digest draft", "done")]
    assert kuntakaiku("run", "--once", "--json").json["jobs"] == []
    assert (runs(house), drafted(house)) == (["done"], ["2026-W47"])


def _waits_for_an_answer(house: Path, kuntakaiku: Command, archive: Path, port: int) -> None:
    """Make an issue due that is mailed to three people."""
    config = house / "config"
    people = "".join(
        f'[[recipient]]\naddress = "{name}@example.org"\nlanguage = "fi"\nrole = "reader"\n' for name in "abc"
    )
    (config / "recipients.toml").write_text(people)
    (config / "delivery.toml").write_text(
        'sender = "Kooste <kooste@example.org>"\ndraft = "mon 07:00"\nauto_send = "mon 12:00"\n'
        f'smtp = {{ host = "127.0.0.1", port = {port}, security = "none", auth = "none" }}\n'
    )
    kuntakaiku("import", str(archive))
    kuntakaiku("run", "--once")


def _sent_on(kuntakaiku: Command) -> Any:  # noqa: ANN401 - what a command said
    """Run what is due once the killed scheduler's sender has noticed, which it does within a moment."""
    time.sleep(0.5)
    return kuntakaiku("run", "--once", "--json", now="2026-11-23T11:10:00Z")


@pytest.mark.everything
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "asked"])
def test_nobody_is_mailed_twice_after_a_sender_died(
    kuntakaiku: Command, configured: Path, archive: Path, end: signal.Signals
) -> None:
    """Ended while the server keeps its answer: that delivery is in doubt, those before sent, those after sent later."""
    house = configured.parent
    with MailServer(silent_for="b@example.org") as server:
        _waits_for_an_answer(house, kuntakaiku, archive, server.port)
        with scheduler(house, "2026-11-23T11:01:00Z") as process:
            until(server.fell_silent.is_set, process)
            asked_at = time.monotonic()
            process.send_signal(end)
            process.wait(timeout=10)
            assert time.monotonic() - asked_at < 6
        assert process.returncode == (0 if end == signal.SIGTERM else -end)
        server.silent_for = None
        told = _sent_on(kuntakaiku)
        assert [job["job"] for job in told.json["jobs"]] == ["digest retry 2026-W47"]
        shown = kuntakaiku("digest", "show", "--week", "2026-W47", "--json").json
        states = {one["recipient"][0]: one["state"] for one in shown["deliveries"]}
        assert states == {"a": "sent", "b": "in_doubt", "c": "sent"}
        assert kuntakaiku("digest", "send", "--week", "2026-W47").exit == 3
        assert kuntakaiku("run", "--once", "--json", now="2026-11-23T12:10:00Z").json["jobs"] == []
        assert dict(server.got) == {"a@example.org": 1, "b@example.org": 1, "c@example.org": 1}
    deliveries = [one for one in kuntakaiku("doctor", "--json").json["checks"] if one["name"] == "deliveries"]
    assert deliveries[0]["ok"] is False
