"""`kuntakaiku index`."""

from functools import partial

import typer

from runtime.cli.speak import progress_bar
from runtime.wiring import Program


def command(context: typer.Context) -> None:
    """Do what `import` and `collect` left for later: dictionaries, discussions, copies, places, the search index."""
    from runtime.jobs import index

    program: Program = context.obj
    done = index.index(program, partial(progress_bar, shown=not program.quiet))
    program.tell(done, index.lines(done))
