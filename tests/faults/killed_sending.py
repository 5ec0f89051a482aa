"""A sender that is killed at every write and at random times: what each recipient has, and what is said of it."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from corpus.store import Corpus
from tests.digest.delivery.conftest import Scripted, Server, listening
from tests.faults.killed import ISSUE
from tests.faults.kills import Kills, ordered
from tests.faults.sessions import approve

PEOPLE = [f"r{number}@kunta.example" for number in range(4)]
_ROOT = Path(__file__).parents[2]


@contextmanager
def killing_senders(directory: Path, empty_database: Path) -> Iterator["KillingSenders"]:
    """Start the mail server, and the process whose children are killed; approve the issue."""
    approved = directory / "approved.db"
    shutil.copyfile(empty_database, approved)
    with Corpus.open(f"sqlite:///{approved}") as corpus:
        approve(corpus, PEOPLE)
    server = Server()
    command = [sys.executable, "-m", "tests.faults.killed"]
    with (
        listening(lambda loop: lambda: Scripted(server, loop=loop), None) as port,
        subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process,  # noqa: S603 - our own
    ):
        try:
            yield KillingSenders(process, approved, directory / "sent.db", server, port)
        finally:
            process.kill()


class KillingSenders:
    """Sendings that are killed, and what must be true after each."""

    def __init__(
        self, process: "subprocess.Popen[str]", approved: Path, database: Path, server: Server, port: int
    ) -> None:
        self._process, self._approved, self._database = process, approved, database
        self._server, self._port = server, port

    def at_every_write(self) -> Kills:
        """Kill at the first write, then at the second, until a sending comes to its end; each is taken up again.

        Raises:
            AssertionError: somebody was mailed twice, or a state is not true.
        """
        self._begin()
        writes = self._told()["writes"]
        for number in range(1, writes + 1):
            self._begin()
            assert self._told(at_write=number)["killed"], f"nothing is written at {number}"
            self._told()
            self._check(deaths=1)
        return Kills(kills=writes, writes=writes, runs=writes)

    def at_random(self, kills: int, chance: Random) -> Kills:
        """Kill at random times, up to three times in the same sending, as often as said.

        Raises:
            AssertionError: as ``at_every_write``.
        """
        self._begin()
        whole = self._told()
        done = runs = 0
        while done < kills:
            self._begin()
            deaths = sum(
                self._told(after=chance.uniform(0.002, 0.9 * whole["seconds"]))["killed"]
                for _ in range(chance.randint(1, 3))
            )
            self._told()
            self._check(deaths=deaths)
            done, runs = done + deaths, runs + 1
        return Kills(kills=done, writes=whole["writes"], runs=runs)

    def _begin(self) -> None:
        for file in self._database.parent.glob(f"{self._database.name}*"):
            file.unlink()
        shutil.copyfile(self._approved, self._database)
        self._server.mails.clear()

    def _told(self, **when: float) -> dict[str, Any]:
        order = {"job": "send", "database": str(self._database), "directory": "", "port": self._port, **when}
        return ordered(self._process, order)

    def _check(self, *, deaths: int) -> None:
        """Check that everybody has one mail or is in doubt, and that each death left at most one in doubt."""
        with Corpus.open(f"sqlite:///{self._database}") as corpus:
            states = {one.recipient: one.state for one in corpus.issues.deliveries(ISSUE)}
        assert sorted(states) == PEOPLE, "somebody is in no state"
        for one in PEOPLE:
            got = self._server.got(one)
            assert got <= 1, f"{one} was mailed {got} times"
            assert states[one] == "in_doubt" or (states[one], got) == ("sent", 1), f"{one}: {states[one]}, {got} mails"
        assert list(states.values()).count("in_doubt") <= deaths
