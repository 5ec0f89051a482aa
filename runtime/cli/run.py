"""`kuntakaiku run [--once]`."""

from typing import Annotated

import typer

from runtime.wiring import Program


def command(
    context: typer.Context,
    *,
    once: Annotated[bool, typer.Option("--once", help="Run whatever is due, then end.")] = False,
) -> None:
    """Collect, classify, draft and send when due; what was missed while the machine was off is caught up once."""
    import structlog

    from runtime import log, schedule

    program: Program = context.obj
    schedule.refuse_without_privacy(program)
    log.configure(quiet=program.quiet)
    logger = structlog.get_logger()

    def tell(fired: schedule.Fired) -> None:
        logger.info("job ended", job=fired.job, slot=fired.slot_at.isoformat(), state=fired.state, **fired.counts)

    if not once:
        schedule.run_forever(program, tell)
        return
    fired = schedule.run_due(program)
    for one in fired:
        tell(one)
    lines = [f"{one.job} ({one.slot_at:%Y-%m-%d %H:%M} UTC): {one.state}" for one in fired]
    program.tell({"jobs": [one.as_json() for one in fired]}, lines or ["Nothing was due."])
    bad = [one for one in fired if one.state != "done"]
    raise typer.Exit((1 if len(bad) == len(fired) else 3) if bad else 0)
