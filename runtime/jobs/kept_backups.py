"""Backups that are made by themselves: each is read back before an older one is given up."""

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from programme.errors import KuntakaikuError
from runtime.jobs import backup

if TYPE_CHECKING:
    from corpus.ledger import RunState
    from runtime.wiring import Program


def directory(program: "Program") -> Path | None:
    """Return where backups are made by themselves; None: nowhere."""
    named = program.configuration.site.backup.directory
    return program.settings.data / Path(named).expanduser() if named else None


def kept(place: Path) -> list[Path]:
    """Return the backups in a directory that carry our names, oldest first."""
    from corpus.backup_file import SUFFIX

    return sorted(place.glob(f"kuntakaiku-*{SUFFIX}"))


def make(program: "Program") -> "tuple[RunState, dict[str, int], str | None]":
    """Make a backup, read its every byte, then remove what is more than is kept; return how it ended.

    Beside it lies a copy of ``erasures.jsonl``, by which another machine takes out again what was erased since. A
    backup that does not read back well is put aside as ``….damaged``, and nothing older is removed.
    """
    place = directory(program)
    if place is None:
        return "failed", {}, "No directory for backups is set in site.toml, [backup]."
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        path, manifest = backup.back_up(program, place, who="schedule")
        try:
            backup.verify(path)
        except KuntakaikuError:
            path.rename(path.with_name(f"{path.name}.damaged"))
            raise
        _copy_erasures(program, place)
        spare = kept(place)[: -program.configuration.site.backup.keep]
        for old in spare:
            old.unlink()
    except KuntakaikuError as error:
        return "failed", {}, str(error)
    except OSError as error:
        return (
            "failed",
            {},
            f"{error.filename or place}: {error.strerror or 'it did not say why'}. Make room, or mend it.",
        )
    return "done", {"posts": manifest.posts, "removed": len(spare)}, None


def _copy_erasures(program: "Program", place: Path) -> None:
    from corpus.custody import LEDGER

    own = program.settings.data / LEDGER
    if not own.exists():
        return
    partial = place / f"{LEDGER}.partial"
    with (
        own.open("rb") as source,
        os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as to,
    ):
        shutil.copyfileobj(source, to)
        to.flush()
        os.fsync(to.fileno())
    partial.rename(place / LEDGER)
