"""Imports archives: batch by batch, each stored with how far the file was read; a killed import goes on there."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from hashlib import blake2b
from itertools import chain, count
from pathlib import Path
from time import monotonic
from typing import BinaryIO

from collector.archive.csv_mapping import mapping_of
from collector.archive.formats import AUTO, Format, format_of, open_format, records_of
from collector.archive.records import Record
from collector.rejects import write_rejects
from collector.source import Rejected
from corpus.ledger import Checkpoint
from corpus.posts import Applied
from corpus.store import Corpus
from programme.errors import MisuseError
from programme.types import Programme

_BATCH = 8_000
"""Posts stored at a time."""
_ENDS = 1024 * 1024
"""Bytes at either end of a file by which it is recognised."""
_DONE = "done"
_RARELY = 1_000_000
"""Objects that come into being between two looks for garbage: a batch holds a hundred thousand that are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import came to, in posts."""

    read: int = 0
    inserted: int = 0
    updated: int = 0
    skipped: int = 0
    """Known already, or twice in the files."""
    rejected: int = 0
    rejects_file: Path | None = None
    """Where the rejected records are kept with their lines and reasons; None where there are none."""
    seconds: float = 0.0

    def as_json(self) -> dict[str, object]:
        """Return the result as ``import --json`` prints it."""
        return {
            "read": self.read,
            "inserted": self.inserted,
            "updated": self.updated,
            "skipped": self.skipped,
            "rejected": self.rejected,
            "rejects_file": None if self.rejects_file is None else str(self.rejects_file),
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an import has come."""

    file: Path
    bytes_read: int
    """Of the file as it lies on the disk, packed or not."""
    bytes_total: int
    records: int
    """Posts and rejected records of this file so far."""


def import_files(
    corpus: Corpus,
    files: Sequence[Path],
    *,
    format: str = AUTO,  # noqa: A002  # the contract's word
    programme: Programme,
    now: datetime,
    rejects_directory: Path,
    progress: Callable[[Progress], None] | None = None,
) -> Imported:
    """Store the posts of archives; what cannot be read is kept aside with its line and reason.

    Repeating an import changes nothing, and one that was killed goes on where its last batch ended.

    Raises:
        MisuseError: a file is missing, the mapping beside one is wrong, or no archive of that format can be read.
    """
    if format != AUTO:
        open_format(format, programme, now)
    _check(files)
    began = monotonic()
    total = Imported()
    rejects = _unused(rejects_directory, f"import-{now:%Y%m%dT%H%M%SZ}")
    with _rare_collection():
        for path in files:
            name = format_of(path) if format == AUTO else format
            reader = open_format(name, programme, now)
            total = _import_file(corpus, path, reader, partial(records_of, name, path), rejects, total, progress)
    found = total.inserted + total.updated + total.skipped
    return replace(
        total,
        read=found + total.rejected,
        rejects_file=rejects if total.rejected else None,
        seconds=monotonic() - began,
    )


@contextmanager
def _rare_collection() -> Iterator[None]:
    """Let Python look for garbage rarely: going through every batch again and again costs a tenth of an import."""
    before = gc.get_threshold()
    gc.set_threshold(_RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _unused(directory: Path, name: str) -> Path:
    """Return a file of that name that does not exist yet: each import keeps its rejected records apart."""
    names = chain([name], (f"{name}-{n}" for n in count(2)))
    return next(path for one in names if not (path := directory / f"{one}.jsonl").exists())


def _check(files: Sequence[Path]) -> None:
    for path in files:
        if not path.is_file():
            raise MisuseError(f"{path}: there is no such file.", "Name files; of a directory, name the files in it.")
        try:
            with path.open("rb") as file:
                file.read(1)
        except OSError as error:
            raise MisuseError(
                f"{path}: the file cannot be read ({error.strerror}).", "Check its permissions."
            ) from error
        mapping_of(path)


def _import_file(
    corpus: Corpus,
    path: Path,
    reader: Format[object],
    records_behind: Callable[[int], Iterator[tuple[Record, BinaryIO]]],
    rejects: Path,
    total: Imported,
    progress: Callable[[Progress], None] | None,
) -> Imported:
    name, size = f"import {_fingerprint(path)}", path.stat().st_size
    before = corpus.ledger.checkpoint(name)
    after = int(before.value) if before is not None and before.value != _DONE else 0
    batch: list[object] = []
    rejected: list[Rejected] = []
    records, position = 0, after

    def store(reached: str, file: BinaryIO | None) -> Imported:
        write_rejects(rejects, path.name, rejected)
        applied = reader.store(corpus, batch, Checkpoint(name=name, value=reached))
        if progress is not None:
            done = size if file is None else min(file.tell(), size)
            progress(Progress(file=path, bytes_read=done, bytes_total=size, records=records))
        added = _plus(total, applied, len(batch), len(rejected))
        batch.clear()
        rejected.clear()
        return added

    for record, file in records_behind(after):
        if record.position != position and len(batch) + len(rejected) >= _BATCH:
            # Never within a line: a killed import goes on behind the last whole one.
            total = store(str(position), file)
        position = record.position
        found = reader.read(record)
        batch += found.posts
        rejected += found.rejected
        records += len(found.posts) + len(found.rejected)
    return store(_DONE, None)


def _plus(total: Imported, applied: Applied, posts: int, rejected: int) -> Imported:
    return replace(
        total,
        inserted=total.inserted + applied.inserted,
        updated=total.updated + applied.updated,
        skipped=total.skipped + posts - applied.inserted - applied.updated,
        rejected=total.rejected + rejected,
    )


def _fingerprint(path: Path) -> str:
    """Return what tells a file from another: its size, its time and both its ends."""
    status = path.stat()
    digest = blake2b(f"{status.st_size} {status.st_mtime_ns}".encode(), digest_size=16)
    with path.open("rb") as file:
        digest.update(file.read(_ENDS))
        file.seek(max(0, status.st_size - _ENDS))
        digest.update(file.read(_ENDS))
    return digest.hexdigest()
