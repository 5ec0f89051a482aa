"""The formats of archives: one file each, loaded when a file of that format is read."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, Generic, Protocol, TypeVar

import msgspec

from collector.archive.records import Record, read_records
from collector.source import Rejected
from corpus.ledger import Checkpoint
from corpus.posts import Applied
from corpus.store import Corpus
from programme.errors import MisuseError
from programme.types import Programme

T = TypeVar("T")

FORMATS: Mapping[str, str] = {
    "x-v2": "collector.archive.x_v2",
    "x-v1": "collector.archive.x_v1",
    "mastodon": "collector.archive.mastodon",
    "bluesky": "collector.archive.bluesky",
    "csv": "collector.archive.csv_posts",
    "corpus": "collector.archive.own",
}
"""Format to module, whose ``open_format`` opens one; where it has a ``read_records``, that reads its files."""
AUTO = "auto"
_USUAL = "x-v2"
"""What a file is read as that tells nothing: its reasons say what is wrong with each record."""
RecordReader = Callable[[Path, int], Iterator[tuple[Record, BinaryIO]]]


class Found(msgspec.Struct, Generic[T], frozen=True):
    """What one record holds."""

    posts: Sequence[T] = ()
    rejected: Sequence[Rejected] = ()


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
        MisuseError: the mapping beside the file is wrong.
    """
    from collector.archive.recognise import format_of

    return format_of(path) or _USUAL


def records_of(name: str, path: Path, after: int) -> Iterator[tuple[Record, BinaryIO]]:
    """Yield what a file of a format holds behind a position, with the open file: tables have rows, all others JSON.

    Raises:
        OSError: the file cannot be opened.
        MisuseError: the mapping beside a table is wrong.
    """
    read: RecordReader = getattr(import_module(FORMATS[name]), "read_records", read_records)
    return read(path, after)
