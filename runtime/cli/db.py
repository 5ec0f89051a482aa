"""`kuntakaiku db upgrade|verify`."""

import typer

from runtime.wiring import Program

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)


@app.command()
def upgrade(context: typer.Context) -> None:
    """Bring the database to this version's schema; the only way to upgrade PostgreSQL."""
    from corpus.store import Corpus

    program: Program = context.obj
    steps = Corpus.prepare(program.settings.database)
    program.tell({"applied": steps}, [*(f"applied {step}" for step in steps), "The database is up to date."])


@app.command()
def verify(context: typer.Context) -> None:
    """Look for damage: integrity, orphans, counts; exit 1 where there is any."""
    program: Program = context.obj
    problems = program.corpus.verify()
    program.tell({"problems": problems}, problems or ["No damage found."])
    raise typer.Exit(1 if problems else 0)
