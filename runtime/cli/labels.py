"""`kuntakaiku labels export|import FILE` and `labels agreement`."""

from pathlib import Path
from typing import Annotated

import typer

from programme.errors import MisuseError
from runtime.wiring import Program

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)
File = Annotated[Path, typer.Argument(metavar="FILE", help="JSONL.")]


@app.command("export")
def export_labels(context: typer.Context, file: File) -> None:
    """Write every label, with the text that it judges."""
    from runtime.jobs.labels import write_labels

    program: Program = context.obj
    written = write_labels(program, file)
    program.tell({"labels": written, "files": [str(file)]}, [f"{written} labels in {file}"])


@app.command("import")
def import_labels(context: typer.Context, file: File) -> None:
    """Read labels; the same label twice is one. Labels of posts that the corpus does not hold are told."""
    from runtime.jobs.labelled import told
    from runtime.jobs.labels import read_labels

    program: Program = context.obj
    if not file.is_file():
        raise MisuseError(f"{file}: there is no such file.", "Name a JSONL file of labels.")
    new, known, rejected = read_labels(program, file)
    program.tell(
        {"inserted": new, "skipped": known, "rejected": rejected},
        [f"{new} new, {known} known, {len(rejected)} left aside", *told(rejected)],
    )
    raise typer.Exit(3 if rejected else 0)


@app.command()
def agreement(
    context: typer.Context,
    *,
    blind: Annotated[
        bool, typer.Option("--blind", help="Only labels given without sight of the classifier's guess.")
    ] = False,
) -> None:
    """Tell how far people agree who labelled the same posts, and where they differ."""
    from runtime.jobs import agreement as jobs

    program: Program = context.obj
    found = jobs.agreement_of_labels(program, only_blind=blind)
    program.tell(jobs.as_json(found), jobs.lines(found))
