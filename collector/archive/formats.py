"""The formats of archives: one file each, loaded when a file of that format is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import msgspec

from collector.archive.records import Record, read_records
from collector.source import Rejected
from collector.unreadable import UNREADABLE, without_lone_surrogates
from corpus.ledger import Checkpoint
from corpus.posts import Applied
from corpus.store import Corpus
from programme.errors import MisuseError
from programme.types import Programme

T = TypeVar("T")

FORMATS: Mapping[str, str] = {
    "x-v2": "collector.archive.x_v2",
    "corpus": "collector.archive.own",
}
"""Format to module, whose ``open_format`` opens one."""
AUTO = "auto"
_PROBE = 50
"""Records by which a file's format is told."""
_USUAL = "x-v2"
"""What a file is read as that tells nothing: its reasons say what is wrong with each record."""
_OWN_FIELDS = frozenset({"network", "native_id"})


@dataclass(slots=True)
class Found(Generic[T]):
    """What one record holds."""

    posts: Sequence[T] = ()
    rejected: Sequence[Rejected] = field(default_factory=tuple)


class Format(Protocol[T]):
    """Reads the records of one format and stores what they hold."""

    def read(self, record: Record) -> Found[T]:
        """Return what a record holds; nothing is raised for what is wrong with it."""

    def store(self, corpus: Corpus, posts: Sequence[T], checkpoint: Checkpoint) -> Applied:
        """Store posts and how far the file was read in one transaction, and return what changed."""


def open_format(name: str, programme: Programme, now: datetime) -> Format[object]:
    """Return a reader of a format.

    Raises:
        MisuseError: this version reads no such format.
    """
    if name not in FORMATS:
        raise MisuseError(f"No archive of the format {name!r} can be read.", f"Choose {AUTO} or {', '.join(FORMATS)}.")
    opened: Format[object] = import_module(FORMATS[name]).open_format(programme, now)
    return opened


def format_of(path: Path) -> str:
    """Return the format of a file, found out by its content.

    Raises:
        OSError: the file cannot be read.
    """
    for record, _ in islice(read_records(path), _PROBE):
        try:
            fields = msgspec.json.decode(without_lone_surrogates(record.payload), type=dict[str, msgspec.Raw])
        except UNREADABLE:
            continue
        return "corpus" if fields.keys() >= _OWN_FIELDS else _USUAL
    return _USUAL
