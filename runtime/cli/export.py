"""`kuntakaiku export`."""

import getpass
from datetime import UTC
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from runtime.cli.speak import progress_bar
from runtime.days import instant
from runtime.wiring import Program

_SUFFIXES = {"csv-fi": "csv", "ids": "txt"}
"""Endings of files whose format is called otherwise."""


def command(
    context: typer.Context,
    *,
    out: Annotated[Path, typer.Option(help="The file to write, or a directory to write it into.")],
    format_: Annotated[str, typer.Option("--format", help="csv, csv-fi, xlsx, jsonl, parquet or ids.")],
    projection: Annotated[str, typer.Option(help="display or research.")] = "display",
    since: Annotated[str | None, typer.Option(help="From this day or instant on.")] = None,
    until: Annotated[str | None, typer.Option(help="Before this day or instant.")] = None,
    theme: Annotated[str | None, typer.Option(help="Slug of a theme, or none.")] = None,
    language: Annotated[str | None, typer.Option(help="Language code of the posts.")] = None,
    plan: Annotated[str, typer.Option(help="Research plan; pseudonyms of two plans cannot be joined.")] = "",
    person: Annotated[str, typer.Option("--for", metavar="PERSON", help="To whom it is handed; recorded.")] = "",
) -> None:
    """Write the classified corpus; nothing stands under the final name until it is whole."""
    from corpus.export import Occasion, export
    from runtime.jobs.index import make_ready

    program: Program = context.obj
    make_ready(program, partial(progress_bar, shown=not program.quiet), "placed", "copies", "places")
    key = program.secrets("PSEUDONYM_KEY")
    done = export(
        program.corpus,
        out=out / f"corpus.{_SUFFIXES.get(format_, format_)}" if out.is_dir() else out,
        format=format_,
        occasion=Occasion(at=program.clock(), by=getpass.getuser(), person=person),
        projection=projection,
        since=instant(since, UTC, "--since") if since else None,
        until=instant(until, UTC, "--until") if until else None,
        theme=theme,
        language=language,
        key=key.encode() if key else None,
        plan=plan,
    )
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
            *(
                [f"without text: {', '.join(f'{count} {why}' for why, count in sorted(done.gone.items()))}"]
                if done.gone
                else []
            ),
            f"sha256 {done.sha256}",
            f"recorded as export {done.export_id}",
        ],
    )
