"""Heavy jobs in a process of their own, so that what they need for a minute is not held for weeks.

Dictionaries, models and the numbers of a year are hundreds of megabytes; a scheduler at rest has no use for them. The
child is started anew for each job. Its standard input is its lifeline: closed by the scheduler's wish, the child ends
as soon as the job lets it; closed by the scheduler's death, at once, since another scheduler may take the job up.
"""

import json
import os
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING

from programme.errors import KuntakaikuError
from programme.week import Week
from runtime.due import Due
from runtime.perform import perform
from runtime.settings import Options

if TYPE_CHECKING:
    from corpus.ledger import RunState
    from runtime.wiring import Program

PATIENCE = timedelta(seconds=3)
"""How long a child that is asked to end may go on."""
_LOOK_EVERY = 0.05


class ChildDiedError(KuntakaikuError):
    """The process of a job died before it told how the job ended."""

    def __init__(self, job: str, exit_: int) -> None:
        super().__init__(
            f"The process of {job} died ({f'signal {-exit_}' if exit_ < 0 else f'exit {exit_}'}).",
            "Look at the messages before; after signal 9, give the machine more memory. The job is tried again.",
        )


def perform_aside(program: "Program", due: Due) -> "tuple[RunState, dict[str, int], str | None]":
    """Do a heavy job in a new process, and return how it ended, as ``perform`` does.

    Raises:
        KuntakaikuError: the job failed, or its process died.
    """
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "runtime.aside", json.dumps(_asked(program, due))],
        env=program.environment_for_child,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as child:
        threading.Thread(target=_cut_when_stopped, args=(program.stop, child), daemon=True).start()
        told = child.stdout.read() if child.stdout else b""
        exit_ = child.wait()
    if not told:
        raise ChildDiedError(due.job, exit_)
    answer = json.loads(told)
    if "problem_of" in answer:
        raise KuntakaikuError(*answer["problem_of"])
    return answer["state"], answer["counts"], answer["problem"]


def _asked(program: "Program", due: Due) -> dict[str, object]:
    return {
        "job": due.job,
        "slot_at": due.slot_at.isoformat(),
        "week": str(due.week) if due.week else None,
        "quiet": program.quiet,
    }


def _cut_when_stopped(stop: threading.Event, child: "subprocess.Popen[bytes]") -> None:
    while child.poll() is None:
        if stop.wait(_LOOK_EVERY) and child.stdin:
            child.stdin.close()
            return


def main(asked: str, lifeline: IO[bytes], answer: IO[str]) -> None:
    """Do the job that a scheduler asks for, and write how it ended as one JSON object."""
    from runtime import log
    from runtime.cli.boundary import unforeseen
    from runtime.wiring import Program

    wanted = json.loads(asked)
    due = Due(
        job=wanted["job"],
        slot_at=datetime.fromisoformat(wanted["slot_at"]),
        week=Week.named(wanted["week"]) if wanted["week"] else None,
    )
    options = Options(quiet=wanted["quiet"])
    log.configure(quiet=options.quiet)
    with Program(options, environment=os.environ, working_directory=Path.cwd()) as program:
        program.tells_privacy = True
        threading.Thread(target=_hold, args=(lifeline, program.stop, os.getppid()), daemon=True).start()
        try:
            state, counts, problem = perform(program, due)
            said: dict[str, object] = {"state": state, "counts": counts, "problem": problem}
        except Exception as error:  # noqa: BLE001 - told to the scheduler, whatever it is
            told = error if isinstance(error, KuntakaikuError) else unforeseen(error, error.__traceback__)
            said = {"problem_of": [told.problem, told.remedy]}
    json.dump(said, answer)


def _hold(lifeline: IO[bytes], stop: threading.Event, scheduler: int) -> None:
    """Wait until the lifeline is closed, then end the process: by the job's own end where the scheduler still lives."""
    lifeline.read()
    stop.set()
    waiting = threading.Event()
    # A dying scheduler closes its files first and gives its children away a moment later.
    for _ in range(round(PATIENCE.total_seconds() / _LOOK_EVERY)):
        if os.getppid() != scheduler:
            break
        waiting.wait(_LOOK_EVERY)
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1], sys.stdin.buffer, sys.stdout)
