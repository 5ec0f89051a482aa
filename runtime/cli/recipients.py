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
    from runtime.jobs.links import lacking
    from runtime.jobs.recipients import listed

    program: Program = context.obj
    found = listed(program)
    lines = [
        f"{one.address}: {one.role}, {one.language}, {one.standing}; gets {one.gets}"
        + (f"; last issue {one.last_issue}: {one.last_state}" if one.last_issue else "")
        + (f"; answers as {one.name}" if one.name else "")
        for one in found
    ]
    unsigned = lacking(program)
    program.tell(
        {"recipients": [one.as_json() for one in found], "one_click": unsigned is None, "problem": unsigned},
        [*(lines or ["Nobody is named in recipients.toml."]), *([f"Note: {unsigned}."] if unsigned else [])],
    )


@app.command()
def resume(context: typer.Context, address: Annotated[str, typer.Argument(help="Address that is suspended.")]) -> None:
    """Let an address get mail again from which issues came back; from the next approved issue on."""
    program: Program = context.obj
    if address.casefold() in program.corpus.addresses.left():
        raise MisuseError(
            f"{address} has left the list by its own wish.",
            "Its holder comes back by the unsubscribe page of an old mail, which mails a link to confirm.",
        )
    if not program.corpus.addresses.resume(address, who=getpass.getuser(), now=program.clock()):
        raise MisuseError(f"{address} is not suspended.", "See who is: kuntakaiku recipients")
    program.tell({"address": address, "standing": "active"}, [f"{address} gets the next issue that is approved."])
