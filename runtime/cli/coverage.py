"""`kuntakaiku coverage`."""

from typing import Annotated

import typer

from runtime.cli.speak import table
from runtime.wiring import Program

WeekOption = Annotated[
    str | None, typer.Option("--week", metavar="WEEK", help="ISO week like 2026-W47; default: the last whole one.")
]


def command(context: typer.Context, week: WeekOption = None) -> None:
    """Tell what was and what was not collected in a week, per source, and why."""
    from runtime.jobs.coverage import coverage_of

    program: Program = context.obj
    asked = program.week(week)
    report = coverage_of(program, asked)
    rows = [
        (
            one.source,
            one.hours_covered,
            one.hours_missing,
            one.posts,
            one.quota_hits,
            _told(one.estimated_missed),
            one.state,
        )
        for one in report.sources
    ]
    gaps = [
        f"  {one.source}: {gap.from_at:%Y-%m-%d %H:%M} to {gap.to_at:%Y-%m-%d %H:%M} UTC, {gap.state}"
        + (f": {gap.problem}" if gap.problem else "")
        for one in report.sources
        for gap in one.gaps
    ]
    head = ("source", "hours covered", "missing", "posts", "quota hits", "missed by count", "state")
    nothing = ["No source is configured and none has been read."] if not rows else []
    program.tell(report.as_json(), [f"Week {asked}", *(table(head, rows) if rows else nothing), *gaps])


def _told(estimated_missed: int | None) -> str:
    return "not counted" if estimated_missed is None else str(estimated_missed)
