"""`kuntakaiku recipients [resume ADDRESS]`: who gets what, and why somebody does not."""

import getpass
from typing import Annotated

import typer

from programme.errors import MisuseError
from runtime.wiring import Program

app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)


@app.callback()
def recipients(context: typer.Context) -> None:
    """Who gets what and since when, and who gets nothing, with the reason."""
    if context.invoked_subcommand:
        return
    from runtime.jobs.recipients import listed

    program: Program = context.obj
    found = listed(program)
    lines = [f"{one.address}: {one.role}, {one.language}, {one.standing}" for one in found]
    program.tell({"recipients": [one.as_json() for one in found]}, lines or ["Nobody is named in recipients.toml."])


@app.command()
def resume(context: typer.Context, address: Annotated[str, typer.Argument(help="Address that is suspended.")]) -> None:
    """Let an address get mail again from which issues came back; from the next approved issue on."""
    program: Program = context.obj
    if not program.corpus.addresses.resume(address, who=getpass.getuser(), now=program.clock()):
        raise MisuseError(f"{address} is not suspended.", "See who is: kuntakaiku recipients")
    program.tell({"address": address, "standing": "active"}, [f"{address} gets the next issue that is approved."])
