"""What is kept: backups, and exports that hold what was taken back."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from runtime.checks.check import Check, Cure, judged

if TYPE_CHECKING:
    from runtime.wiring import Program

BACKUP_AFTER = timedelta(days=8)
"""Of work without a backup, where none is made by itself."""


def backups(program: "Program") -> Iterator[Check]:
    """Look whether a whole backup is there that is young enough, and whether the last one failed."""
    from runtime.due import BACKUP
    from runtime.jobs.backup import LAST
    from runtime.jobs.kept_backups import directory

    settings, now = program.configuration.site.backup, program.clock()
    told = program.corpus.facts.get(LAST)
    last = datetime.fromisoformat(told) if isinstance(told, str) else None
    place = directory(program)
    patience = 2 * settings.every if place else BACKUP_AFTER
    if place:
        for run in program.corpus.ledger.runs(job=BACKUP, limit=1):
            if run.state == "failed":
                yield Check(name="backup", ok=False, detail=run.problem or "failed", cure=Cure(key="backup_failed"))
                return
    when = f"last made {last:%Y-%m-%d %H:%M} UTC" if last else "none was ever made"
    missing = now - last > patience if last else _has_worked(program, now - patience)
    yield judged("backup", when if missing else "", when if last else "not needed yet", Cure(key="backup"))


def _has_worked(program: "Program", before: datetime) -> bool:
    return bool(program.corpus.posts.count() and program.corpus.ledger.runs(until=before, limit=1))


def exports(program: "Program") -> Iterator[Check]:
    """Look for exports that hold what was deleted or edited since."""
    from runtime.jobs.exports import summary

    recalls = program.corpus.exports.recalls()
    yield judged(
        "exports",
        "; ".join(map(summary, recalls)),
        "none holds what was deleted or edited since",
        Cure(key="exports"),
    )
