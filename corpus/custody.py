"""What must hold for texts beyond the database's own tables: keys, and the ledger of erasures."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from corpus.marks import Keys

Kind = Literal["account", "handle", "post"]
LEDGER = "erasures.jsonl"
"""Name of the ledger in the data directory."""
_OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """One thing that was taken out of the corpus, known by its mark only."""

    kind: Kind
    network: str
    mark: str
    key_id: str
    why: str
    """``erased``, ``deleted`` or ``opted_out``; what expired, expires again by itself."""
    at: datetime


def _nothing(texts: Sequence[str]) -> None:
    del texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """What the database alone does not know and every change of posts must respect."""

    keys: Keys = field(default_factory=Keys)
    ledger: Path | None = None
    """The file beside the database in which erasures outlive the restoring of a backup; None: none is kept."""
    forget_texts: Callable[[Sequence[str]], None] = _nothing
    """Told the texts that are about to go, for whoever keeps something made from them outside the database."""

    def record(self, erasures: Iterable[Erasure]) -> None:
        """Append to the ledger before the database changes: repeating an erasure is harmless, missing one is not."""
        lines = [_to_line(erasure) for erasure in erasures]
        if not lines or self.ledger is None:
            return
        descriptor = os.open(self.ledger, os.O_RDWR | os.O_CREAT | os.O_APPEND, _OWNER_ONLY)
        with os.fdopen(descriptor, "ab+") as file:
            if end := file.seek(0, os.SEEK_END):
                file.seek(end - 1)
                if file.read(1) != b"\n":  # a power cut tore the last line, which must not swallow the next
                    lines.insert(0, b"\n")
            file.write(b"".join(lines))
            file.flush()
            os.fsync(file.fileno())


def read_ledger(file: Path) -> Iterator[Erasure]:
    """Yield what a ledger tells, oldest first; the torn end that a power cut leaves is left out."""
    if not file.is_file():
        return
    for line in file.read_bytes().split(b"\n"):
        try:
            yield msgspec.json.decode(line, type=Erasure)
        except msgspec.DecodeError:
            continue


def _to_line(erasure: Erasure) -> bytes:
    at = erasure.at.astimezone(UTC)
    return msgspec.json.encode({**msgspec.to_builtins(erasure), "at": at}) + b"\n"
