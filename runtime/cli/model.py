"""`kuntakaiku model accuracy`."""

from typing import Annotated

import typer

from runtime.wiring import Program

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)


@app.command()
def accuracy(
    context: typer.Context,
    week: Annotated[str | None, typer.Option(help="The last of the weeks; default: the last whole one.")] = None,
) -> None:
    """Tell how often the classifier was right in samples drawn at random: over four weeks, per theme over twelve."""
    from runtime.jobs.audit import estimate, lines

    program: Program = context.obj
    found = estimate(program, program.week(week))
    program.tell(found.as_json(), lines(found))
