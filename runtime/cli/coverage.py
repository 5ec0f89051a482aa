"""`kuntakaiku coverage`."""

from typing import TYPE_CHECKING, Annotated

import typer

from runtime.cli.speak import table
from runtime.wiring import Program

if TYPE_CHECKING:
    from collector.coverage import CoverageReport, Gap

WeekOption = Annotated[
    str | None, typer.Option("--week", metavar="WEEK", help="ISO week like 2026-W47; default: the last whole one.")
]


def command(
    context: typer.Context,
    week: WeekOption = None,
    *,
    language: Annotated[str, typer.Option(help="Language of the remedies: fi, sv or en.")] = "en",
) -> None:
    """Tell what was and what was not collected in a week, per source, why, and what can be done about it."""
    from runtime.jobs.coverage import coverage_of, sayer

    program: Program = context.obj
    asked = program.week(week)
    report = coverage_of(program, asked)
    say = sayer(program, language)
    rows = [
        (
            one.source,
            one.hours_covered,
            one.hours_missing,
            one.posts,
            one.quota_hits,
            one.missed.posts if one.missed else "none known",
            one.missed.by if one.missed else "",
            one.state,
        )
        for one in report.sources
    ]
    head = ("source", "hours covered", "missing", "posts", "quota hits", "missed", "by", "state")
    nothing = ["No source is configured and none has been read."] if not rows else []
    lines = [f"Week {asked}", *(table(head, rows) if rows else nothing)]
    for one in report.sources:
        for gap in one.gaps:
            lines += _gap(one.source, gap, say(gap))
    program.tell(report.as_json(say), [*lines, *_past(report)])


def _gap(source: str, gap: "Gap", remedy: str) -> list[str]:
    problem = f": {gap.problem}" if gap.problem else ""
    return [
        f"  {source}: {gap.from_at:%Y-%m-%d %H:%M} to {gap.to_at:%Y-%m-%d %H:%M} UTC, {gap.state}{problem}",
        f"    {remedy}",
    ]


def _past(report: "CoverageReport") -> list[str]:
    """Return what was refilled, and what has no text any more."""
    return [
        f"  {one.source}: {was.from_at:%Y-%m-%d %H:%M} to {was.to_at:%Y-%m-%d %H:%M} UTC was {was.was},"
        f" refilled {was.at:%Y-%m-%d %H:%M}"
        for one in report.sources
        for was in one.refilled
    ] + [
        f"  {one.source}: without text: " + ", ".join(f"{count} {reason}" for reason, count in one.gone.items())
        for one in report.sources
        if one.gone
    ]
