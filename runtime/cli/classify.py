"""`kuntakaiku classify`."""

from typing import Annotated

import typer

from runtime.cli import engine
from runtime.cli.speak import progress_bar, table
from runtime.wiring import Program


def command(
    context: typer.Context,
    *,
    all_: Annotated[bool, typer.Option("--all", help="Also posts that this version has predicted already.")] = False,
    engine_name: engine.Name = "serial",
    scheduler: engine.Scheduler = None,
    workers: engine.Workers = None,
) -> None:
    """Predict themes for posts that lack a prediction; labels are never touched."""
    from runtime.jobs.classify import change_line, classify

    program: Program = context.obj
    with (
        engine.cluster(engine_name, scheduler, workers) as cluster,
        progress_bar("posts", shown=not program.quiet) as progress,
    ):
        done = classify(program, again=all_, cluster=cluster, progress=progress)
    told = done.as_json()
    program.tell(
        told,
        [
            f"{done.posts} posts classified by {done.model} in {done.seconds} s,"
            f" {told['unclassified']} of them into no theme",
            *table(("theme", "posts"), list(done.by_theme.items())),
            *([change_line(done.change)] if done.change else []),
        ],
    )
