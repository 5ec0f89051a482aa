"""`kuntakaiku db upgrade|verify|backup|restore`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from runtime.wiring import Program

if TYPE_CHECKING:
    from corpus.backup_file import Manifest

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)


@app.command()
def upgrade(context: typer.Context) -> None:
    """Bring the database to this version's schema; the only way to upgrade PostgreSQL."""
    from corpus.store import Corpus

    program: Program = context.obj
    steps = Corpus.prepare(program.settings.database)
    program.tell({"applied": steps}, [*(f"applied {step}" for step in steps), "The database is up to date."])


@app.command()
def verify(
    context: typer.Context,
    backup: Annotated[
        Path | None, typer.Argument(metavar="[BACKUP]", help="A backup to read instead of the database.")
    ] = None,
) -> None:
    """Look for damage in the database, or in a backup; exit 1 where there is any."""
    program: Program = context.obj
    if backup:
        _verify_backup(program, backup)
        return
    problems = program.corpus.verify()
    program.tell({"problems": problems}, problems or ["No damage found."])
    raise typer.Exit(1 if problems else 0)


@app.command()
def backup(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="A new file, or a directory: the file is then named by the time.")],
) -> None:
    """Write database, models and configuration into one file while everything runs; secrets are not in it."""
    from runtime.jobs import backup as backups

    program: Program = context.obj
    written, manifest = backups.back_up(program, path)
    program.tell(_told(written, manifest), [f"Backed up: {_line(written, manifest)}."])


@app.command()
def restore(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="A file that `db backup` wrote.")],
    *,
    replace: Annotated[bool, typer.Option("--replace", help="Give up what the database holds.")] = False,
    configuration: Annotated[
        Path | None,
        typer.Option("--configuration-to", metavar="DIR", help="Write the backup's configuration there."),
    ] = None,
    erasures: Annotated[
        Path | None,
        typer.Option("--erasures", metavar="FILE", help="The erasures.jsonl of the machine that was lost."),
    ] = None,
) -> None:
    """Restore a backup; all of it is checked before anything is touched."""
    from corpus.store import Corpus
    from runtime.jobs import backup as backups

    program: Program = context.obj
    Corpus.prepare(program.settings.database)  # a new PostgreSQL database has no tables yet
    done = backups.restore(program, path, replace=replace, configuration=configuration, erasures=erasures)
    program.tell(
        {**_told(path, done.manifest), "erased_again": done.erased_again},
        [
            f"Restored: {_line(path, done.manifest)}.",
            f"Taken out again, since they were erased or deleted after the backup: {done.erased_again} posts.",
        ],
    )


def _verify_backup(program: Program, path: Path) -> None:
    from corpus.backup_file import BackupUnusableError
    from runtime.jobs import backup as backups

    try:
        manifest = backups.verify(path)
    except BackupUnusableError as error:
        program.tell({"problems": [error.problem]}, [str(error)])
        raise typer.Exit(1) from error
    program.tell({"problems": [], **_told(path, manifest)}, [f"No damage found: {_line(path, manifest)}."])


def _told(path: Path, manifest: "Manifest") -> dict[str, object]:
    return {
        "path": str(path),
        "made_at": manifest.made_at.isoformat(),
        "program": manifest.program,
        "database": manifest.database,
        "revision": manifest.revision,
        "posts": manifest.posts,
        "bytes": sum(member.size for member in manifest.members.values()),
    }


def _line(path: Path, manifest: "Manifest") -> str:
    return f"{path}, {manifest.posts} posts, {manifest.database}, made {manifest.made_at:%Y-%m-%d %H:%M} UTC"
