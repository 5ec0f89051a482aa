"""`kuntakaiku demo [DIR]`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from runtime.wiring import Program


def command(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="New, or a demonstration's.")] = Path("demo"),
) -> None:
    """Run the whole road on a packaged archive: invented staging, no network, mails as files."""
    from runtime.clock import read_instant
    from runtime.demo import run_demo

    program: Program = context.obj
    told = sys.stderr if program.as_json else sys.stdout
    if not program.quiet:
        told.write("This is a demonstration: authors, times and networks are invented.\n")
    done = run_demo(
        directory,
        now=read_instant(program.now) if program.now else None,
        tell=lambda line: None if program.quiet else print(line, file=told, flush=True),
    )
    if program.as_json:
        program.tell(done, [])
