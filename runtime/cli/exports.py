"""`kuntakaiku exports [recall|told EXPORT]`."""

from typing import Annotated

import typer

from programme.errors import MisuseError
from runtime.cli.speak import table
from runtime.wiring import Program

app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)


@app.callback()
def list_exports(context: typer.Context) -> None:
    """List what was exported: when, by whom, for whom, and what it holds."""
    if context.invoked_subcommand is not None:
        return
    from runtime.jobs.exports import as_json, still_json

    program: Program = context.obj
    found = program.corpus.exports.available()
    rows = [
        (
            one.export.export_id,
            f"{one.export.made_at:%Y-%m-%d %H:%M}",
            one.export.person or "own copy",
            one.export.plan,
            one.export.format,
            one.export.posts,
            f"{one.still} of {one.posts}" if one.posts else "",
        )
        for one in found
    ]
    head = ("export", "made", "for", "plan", "format", "posts", "still available")
    lines = table(head, rows) if rows else ["Nothing was exported yet."]
    program.tell({"exports": [as_json(one.export) | still_json(one) for one in found]}, lines)


@app.command()
def recall(context: typer.Context) -> None:
    """Tell what must be removed from which export, since it was deleted or edited: the list of who must be told."""
    from runtime.jobs.exports import recall_json, recall_lines

    program: Program = context.obj
    key = program.secrets("PSEUDONYM_KEY")
    recalls = program.corpus.exports.recalls()
    lines = [line for one in recalls for line in recall_lines(one, key)]
    program.tell({"recalls": [recall_json(one, key) for one in recalls]}, lines or ["Nothing must be removed."])


@app.command()
def told(context: typer.Context, export: Annotated[int, typer.Argument(metavar="EXPORT", help="Its number.")]) -> None:
    """Note that whoever has an export was told what to remove; it is not listed again."""
    import getpass

    from runtime.jobs.exports import recall_json

    program: Program = context.obj
    found = program.corpus.exports.told(export, now=program.clock())
    if found is None:
        raise MisuseError(f"There is no export {export}.", "`kuntakaiku exports` lists them.")
    subject = f"export {export}: {len(found.posts)} posts"
    program.corpus.ledger.audit(at=program.clock(), who=getpass.getuser(), what="told of a recall", subject=subject)
    program.tell(
        recall_json(found, program.secrets("PSEUDONYM_KEY")),
        [f"{len(found.posts)} posts of export {export} are noted as told."],
    )
