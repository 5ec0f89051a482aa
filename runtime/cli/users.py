"""`kuntakaiku users [add | remove]`: who may log in to the console."""

import getpass
from typing import Annotated

import typer

from programme.errors import MisuseError
from runtime.wiring import Program

app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)


@app.callback()
def users(context: typer.Context) -> None:
    """Who may log in, as what, and since when."""
    if context.invoked_subcommand:
        return
    _list(context.obj)


@app.command("list")
def listed(context: typer.Context) -> None:
    """Who may log in, as what, and since when."""
    _list(context.obj)


@app.command()
def add(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="Address of the person, to which links are mailed.")],
    *,
    role: Annotated[str, typer.Option(help="reader, reviewer, editor, researcher or administrator.")],
    name: Annotated[
        str | None, typer.Option(help="By which what they do is told; default: what stands before the @.")
    ] = None,
    subject: Annotated[
        str | None, typer.Option(help="Of an OpenID provider that does not vouch for addresses: its sub.")
    ] = None,
) -> None:
    """Let somebody in, or give them another role or name; a new role logs them out."""
    from runtime.jobs import access

    program: Program = context.obj
    person = access.add(program, address, role, name, subject, who=getpass.getuser())
    program.tell(access.as_json(person), [f"{person.address} ({person.name}) may log in as {person.role}."])


@app.command()
def remove(context: typer.Context, address: Annotated[str, typer.Argument(help="Address of the person.")]) -> None:
    """Let somebody in no longer, at once; what they did stays in the audit log."""
    program: Program = context.obj
    if not program.corpus.people.remove(address, who=getpass.getuser(), now=program.clock()):
        raise MisuseError("Nobody with that address may log in.", "See who may: kuntakaiku users")
    program.tell({"address": address.casefold(), "removed": True}, [f"{address.casefold()} may not log in any more."])


def _list(program: Program) -> None:
    from runtime.jobs.access import as_json

    people = program.corpus.people.all()
    lines = [f"{one.address} ({one.name}): {one.role}, since {one.since_at:%Y-%m-%d}" for one in people]
    none = "Nobody may log in yet. Begin: kuntakaiku users add ADDRESS --role administrator"
    program.tell({"users": [as_json(one) for one in people]}, lines or [none])
