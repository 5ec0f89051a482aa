"""`kuntakaiku init DIR`."""

from pathlib import Path
from typing import Annotated

import typer

from runtime.wiring import Program


def command(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A directory that does not exist or is empty.")],
) -> None:
    """Write a commented configuration into a new directory."""
    from programme.starter import write_starter

    program: Program = context.obj
    paths = write_starter(directory)
    program.tell(
        {"paths": [str(path) for path in paths]},
        [*(f"wrote {path}" for path in paths), f"Edit them, then: kuntakaiku --config {directory} check"],
    )
