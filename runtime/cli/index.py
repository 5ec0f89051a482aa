"""`kuntakaiku index`."""

import typer

from runtime.wiring import Program


def command(context: typer.Context) -> None:
    """Do what `import` and `collect` left for later: dictionaries, marks of near-identical texts, and places."""
    from runtime.jobs import index

    program: Program = context.obj
    done = index.index(program)
    program.tell(done, index.lines(done))
