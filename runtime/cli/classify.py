"""`kuntakaiku classify`."""

from typing import Annotated

import typer

from runtime.cli import engine
from runtime.cli.speak import table
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
    from runtime.jobs.classify import classify

    program: Program = context.obj
    with engine.cluster(engine_name, scheduler, workers) as cluster:
        done = classify(program, again=all_, cluster=cluster)
    by_theme = done["by_theme"]
    rows = list(by_theme.items()) if isinstance(by_theme, dict) else []
    program.tell(
        done,
        [
            f"{done['classified']} posts classified by {done['model']} in {done['seconds']} s,"
            f" {done['unclassified']} of them into no theme",
            *table(("theme", "posts"), rows),
        ],
    )
