"""Backups: the database, the models and the configuration in one file, and the way back."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from programme.errors import MisuseError
from programme.starter import write_file
from runtime.jobs.redact import redact

if TYPE_CHECKING:
    from datetime import datetime

    from corpus.backup_file import BackupReader, BackupWriter, Manifest
    from corpus.custody import Erasure
    from runtime.wiring import Program

_MODELS, _CONFIGURATION = "models", "config"
LAST = "last backup"
"""Fact: when the last backup was written, by a person or by itself."""


def back_up(program: "Program", target: Path, *, who: str = "command line") -> "tuple[Path, Manifest]":
    """Write a backup while everything runs, and return its path and what it holds.

    The pseudonyms' key and all other secrets are not in it: whoever finds the file must not get them too.

    Args:
        program: the house.
        target: a new file, or a directory in which the file is named by the time.
        who: stands in the audit trail.

    Raises:
        MisuseError: the name is taken, or the database is in memory.
        DatabaseUnavailableError: it cannot be read.
        OSError: the file cannot be written.
    """
    from corpus import backup, backup_file

    now = program.clock()
    path = target / f"kuntakaiku-{now:%Y%m%dT%H%M%SZ}{backup_file.SUFFIX}" if target.is_dir() else target
    with backup_file.writing(path) as writer, _scratch(path.parent) as scratch:
        _add_files(writer, _CONFIGURATION, program.settings.config)
        _add_files(writer, _MODELS, program.models)
        manifest = backup.save(program.corpus.database, writer, scratch=scratch, program=version("kuntakaiku"), now=now)
    program.corpus.ledger.audit(at=now, who=who, what="backed up", subject=path.name)
    program.corpus.facts.put(LAST, now.isoformat(), now=now)
    return path, manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restoration came to."""

    manifest: "Manifest"
    erased_again: int
    """Posts that the backup brought back and that had been taken back since."""


def restore(
    program: "Program",
    source: Path,
    *,
    replace: bool = False,
    configuration: Path | None = None,
    erasures: Path | None = None,
) -> Restored:
    """Restore a backup with the models that belong to it, and take out again what was erased or deleted since.

    Everything is checked before anything is touched.

    Args:
        program: the house; its database is replaced.
        source: the file.
        replace: the database may hold posts, which are lost.
        configuration: new directory for the configuration of the backup; None: it is left in the backup.
        erasures: ``erasures.jsonl`` of the machine that was lost, beside the one in the data directory.

    Raises:
        MisuseError: the file is no backup or does not fit, or what would be lost was not given up.
        ErasureKeyError: what was erased since cannot be told without the key that marked it.
        DatabaseUnavailableError: the database is in use or cannot be written.
        OSError: there is no room.
    """
    from corpus import backup, backup_file

    corpus = program.corpus
    _check_places(program, replace=replace, configuration=configuration, erasures=erasures)
    with backup_file.reading(source) as reader, _scratch(program.settings.data) as scratch:
        backup.check_fit(corpus.database, reader)
        taken_back = _taken_back(program, reader.manifest.made_at, erasures)
        with corpus.ledger.alone("scheduler") as held:
            if not held:
                raise MisuseError("A scheduler is running on this database.", "End it before you restore.")
            models = _unpacked(reader, _MODELS, scratch)
            if configuration:
                shutil.copytree(_unpacked(reader, _CONFIGURATION, scratch), configuration, copy_function=_copy)
            backup.restore(corpus.database, reader, scratch=scratch)
            _put_in_place(models, program.models)
            again = corpus.erasures.reapply(taken_back, who="restore", now=program.clock())
        redact(program, who="restore")
        corpus.ledger.audit(at=program.clock(), who="command line", what="restored", subject=source.name)
        return Restored(manifest=reader.manifest, erased_again=again.posts)


def _copy(origin: str, target: str) -> None:
    write_file(Path(target), Path(origin).read_bytes())


def _check_places(program: "Program", *, replace: bool, configuration: Path | None, erasures: Path | None) -> None:
    if configuration and configuration.exists():
        raise MisuseError(f"{configuration} exists already.", "Name a new directory for the configuration.")
    if erasures and not erasures.is_file():
        raise MisuseError(f"{erasures}: there is no such file.", "Name the erasures.jsonl of the lost machine.")
    if not replace and (posts := program.corpus.posts.count()):
        raise MisuseError(
            f"The database holds {posts} posts, which would be lost.",
            "Point --database at a new one, or give --replace.",
        )


def _taken_back(program: "Program", made_at: "datetime", ledger: Path | None) -> "list[Erasure]":
    """Return what was erased or deleted after a backup, as far as the database and the ledgers tell."""
    from corpus.custody import LEDGER, read_ledger

    erasures = program.corpus.erasures
    told = [*read_ledger(program.settings.data / LEDGER), *(read_ledger(ledger) if ledger else ())]
    found = [one for one in told if one.at >= made_at] + list(erasures.since(made_at))
    erasures.require_keys(found)
    return found


def verify(source: Path) -> "Manifest":
    """Read a backup's every byte and return what it holds.

    Raises:
        MisuseError: it is no backup, or damaged.
    """
    from corpus import backup_file

    with backup_file.reading(source) as reader:
        reader.check()
        return reader.manifest


@contextmanager
def _scratch(directory: Path) -> Iterator[Path]:
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=directory) as name:
        yield Path(name)


def _add_files(writer: "BackupWriter", folder: str, directory: Path) -> None:
    from corpus.backup_file import file_pieces

    for file in sorted(_files(directory)):
        with file.open("rb") as opened:
            writer.add(f"{folder}/{file.relative_to(directory).as_posix()}", file_pieces(opened))


def _files(directory: Path) -> Iterator[Path]:
    return (path for path in directory.rglob("*") if path.is_file()) if directory.is_dir() else iter(())


def _unpacked(reader: "BackupReader", folder: str, scratch: Path) -> Path:
    root = scratch / folder
    root.mkdir()
    for path, pieces in reader.files_under(folder):
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as opened:
            for piece in pieces:
                opened.write(piece)
    return root


def _put_in_place(new: Path, place: Path) -> None:
    """Replace a directory by another on the same disk."""
    if place.exists():
        place.rename(new.with_name("replaced"))
    new.rename(place)
