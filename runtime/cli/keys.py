"""`kuntakaiku keys [add | end]`: keys of the API."""

import getpass
from typing import Annotated

import typer

from programme.errors import MisuseError
from runtime.wiring import Program

app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)


@app.callback()
def keys(context: typer.Context) -> None:
    """Keys of the API: what each may do, who made it, when it was last used."""
    if context.invoked_subcommand:
        return
    from runtime.jobs.access import key_as_json

    program: Program = context.obj
    found = program.corpus.api_keys.all()
    lines = [
        f"{one.key_id} {one.name}: {', '.join(one.scopes)}; made {one.made_at:%Y-%m-%d} by {one.made_by};"
        + (f" used {one.used_at:%Y-%m-%d %H:%M} UTC" if one.used_at else " never used")
        + (f"; ended {one.ended_at:%Y-%m-%d}" if one.ended_at else "")
        for one in found
    ]
    program.tell({"keys": [key_as_json(one) for one in found]}, lines or ["There is no key of the API yet."])


@app.command()
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Who or what uses it.")],
    *,
    scope: Annotated[list[str], typer.Option(help="read, posts or exports; once for each.")],
) -> None:
    """Make a key and print it, this once: the database has its mark alone."""
    from runtime.jobs.access import add_key, key_as_json

    program: Program = context.obj
    token, key = add_key(program, name, scope, who=getpass.getuser())
    program.tell(key_as_json(key) | {"key": token}, [token])


@app.command()
def end(context: typer.Context, key: Annotated[int, typer.Argument(help="Its number.")]) -> None:
    """Let a key open nothing any more."""
    program: Program = context.obj
    found = program.corpus.api_keys.end(key, who=getpass.getuser(), now=program.clock())
    if found is None:
        raise MisuseError(f"There is no key {key} that opens anything.", "See which there are: kuntakaiku keys")
    program.tell({"number": key, "ended": True}, [f"The key {key} ({found.name}) opens nothing any more."])
