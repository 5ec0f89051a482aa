"""`kuntakaiku collect`."""

from typing import Annotated

import typer

from runtime.wiring import Program

SourcesOption = Annotated[
    list[str] | None,
    typer.Option("--source", help="Name of a source; repeatable. Default: every one that is switched on."),
]


def command(context: typer.Context, source: SourcesOption = None) -> None:
    """Collect one round of each enabled source.

    Exit 0: every source reached the end of its span; 3: some did not; 1: none did.
    """
    from runtime.jobs.collect import collect, standing

    program: Program = context.obj
    rounds = collect(program, source or ())
    lines = [
        f"{one.source}: {one.state}, {one.inserted} new, {one.updated} updated, {one.buried} buried,"
        f" {one.skipped} known, {one.rejected} rejected"
        + ("" if one.complete else "; not complete")
        + (f"; {one.threads.inserted} from {one.threads.asked} discussions" if one.threads else "")
        + (f"; {one.stream.inserted} new and {one.stream.buried} buried by stream" if one.stream else "")
        + (f"; continues after {one.resume_at:%Y-%m-%d %H:%M} UTC" if one.resume_at else "")
        + (f"\n  {one.problem}" if one.problem else "")
        + (f"\n  Discussions: {one.threads.problem}" if one.threads and one.threads.problem else "")
        + (f"\n  Stream: {one.stream.problem}" if one.stream and one.stream.problem else "")
        for one in rounds
    ]
    told = [part for line in lines for part in line.split("\n")]
    program.tell({"runs": [one.as_json() for one in rounds]}, told or ["No source is switched on: see sources.toml."])
    raise typer.Exit({"done": 0, "partly": 3, "failed": 1}[standing(rounds)[0]])
