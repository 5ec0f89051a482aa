"""`kuntakaiku run [--once]`."""

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from runtime.wiring import Program

if TYPE_CHECKING:
    from runtime.schedule import Fired


def command(
    context: typer.Context,
    *,
    once: Annotated[bool, typer.Option("--once", help="Run whatever is due, then end.")] = False,
) -> None:
    """Collect, classify, draft and send when due; what was missed while the machine was off is caught up once.

    One scheduler works on a database at a time: a second one exits 1, and with --once 0, since the first does the work.
    """
    from runtime import log, schedule

    program: Program = context.obj
    program.tells_privacy = True
    schedule.refuse_without_privacy(program)
    log.configure(quiet=program.quiet)
    if not once:
        if not schedule.run_forever(program, log.job_ended, log.job_broke):  # pragma: no cover - ends the process
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(0)  # its threads would hold the process; what they do is taken up by the next scheduler
        return
    try:
        fired = schedule.run_due(program)
    except schedule.AnotherRunsError as error:
        program.tell({"jobs": [], "note": error.problem}, [error.problem])
        return
    _tell(program, fired)
    bad = [one for one in fired if one.state != "done"]
    raise typer.Exit((1 if len(bad) == len(fired) else 3) if bad else 0)


def _tell(program: Program, fired: "list[Fired]") -> None:
    from runtime import log

    for one in fired:
        log.job_ended(one)
    lines = [
        f"{one.job} ({one.slot_at:%Y-%m-%d %H:%M} UTC): {one.state}" + (f"; {one.problem}" if one.problem else "")
        for one in fired
    ]
    program.tell({"jobs": [one.as_json() for one in fired]}, lines or ["Nothing was due."])
