"""`kuntakaiku bounces [FILE...]`."""

from pathlib import Path
from typing import Annotated

import typer

from runtime.wiring import Program


def command(
    context: typer.Context,
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]...", exists=True, dir_okay=False, help="Reports of mail servers, one a file."),
    ] = None,
) -> None:
    """Read the mails that came back, from the mailbox and from files; exit 3 where the mailbox cannot be read."""
    from runtime.jobs.bounces import read_bounces

    program: Program = context.obj
    found = read_bounces(program, files or ())
    lines = [
        f"{found.reports} reports read: {found.hard} mails came back for good, {found.soft} for now,"
        f" {found.known} known before. {found.strange} mails report on nothing that we sent.",
        *(
            f"{address} gets no more mail; to resume: kuntakaiku recipients resume {address}"
            for address in found.suspended
        ),
        *([found.problem] if found.problem else []),
    ]
    program.tell(found.as_json(), lines)
    raise typer.Exit(3 if found.problem else 0)
