"""`kuntakaiku export`."""

import getpass
from datetime import UTC
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from runtime.cli import engine
from runtime.cli.speak import progress_bar
from runtime.days import instant
from runtime.wiring import Program

if TYPE_CHECKING:
    from corpus.export import Exported


def command(
    context: typer.Context,
    *,
    out: Annotated[
        Path,
        typer.Option(help="The file to write, or a directory to write it into; a package is zipped if named .zip."),
    ],
    format_: Annotated[str, typer.Option("--format", help="csv, csv-fi, xlsx, jsonl, parquet, ids or package.")],
    projection: Annotated[
        str | None, typer.Option(help="display, research or open; default: display, of a package research.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="From this day or instant on.")] = None,
    until: Annotated[str | None, typer.Option(help="Before this day or instant.")] = None,
    theme: Annotated[str | None, typer.Option(help="Slug of a theme, or none, unsure, unclassified.")] = None,
    language: Annotated[str | None, typer.Option(help="Language code of the posts.")] = None,
    plan: Annotated[str, typer.Option(help="Research plan; pseudonyms of two plans cannot be joined.")] = "",
    person: Annotated[str, typer.Option("--for", metavar="PERSON", help="To whom it is handed; recorded.")] = "",
    accept_terms: Annotated[bool, typer.Option("--accept-terms", help="That person accepted the terms.")] = False,
    without_text: Annotated[bool, typer.Option("--without-text", help="Of research: leave the texts out.")] = False,
    partition: Annotated[str | None, typer.Option(help="month: of parquet, a directory with files by month.")] = None,
    engine_name: engine.Name = "serial",
    scheduler: engine.Scheduler = None,
    workers: engine.Workers = None,
) -> None:
    """Write the classified corpus; nothing stands under the final name until it is whole."""
    from runtime.jobs.export import Asked, make_export
    from runtime.jobs.index import make_ready, undisturbed

    program: Program = context.obj
    make_ready(program, partial(progress_bar, shown=not program.quiet), "placed", "copies", "places")
    # The open table counts weeks of the programme's time zone: a day that is named is one of that zone.
    zone = program.configuration.programme.zone if projection == "open" else UTC
    asked = Asked(
        out=out,
        format=format_,
        projection=projection,
        since=instant(since, zone, "--since") if since else None,
        until=instant(until, zone, "--until") if until else None,
        theme=theme,
        language=language,
        plan=plan,
        without_text=without_text,
        partition=partition,
        by=getpass.getuser(),
        person=person,
        accepts_terms=accept_terms,
    )
    with engine.cluster(engine_name, scheduler, workers) as cluster, undisturbed():
        done = make_export(program, asked, cluster.spread if cluster else None)
    _tell(program, done)


def _tell(program: Program, done: "Exported") -> None:
    gone = ", ".join(f"{count} {why}" for why, count in sorted(done.gone.items()))
    program.tell(
        {
            "export": done.export_id,
            "posts": done.posts,
            "files": [str(file) for file in done.files],
            "sha256": done.sha256,
            "gone": dict(done.gone),
        },
        [
            f"{done.posts} posts in {', '.join(map(str, done.files))}",
            *([f"without text: {gone}"] if gone else []),
            f"sha256 {done.sha256}",
            f"recorded as export {done.export_id}",
        ],
    )
