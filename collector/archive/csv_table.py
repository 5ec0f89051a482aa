"""Tables as streams of rows: their encoding, their delimiter, their header, and rows that are broken.

A row is read in constant memory, and one with a stray quotation mark costs itself alone: the lines that it swallowed
are read again.
"""

import codecs
import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import msgspec

from collector.archive.csv_mapping import Mapping, Plan, mapping_of, plan_of, recognised_in
from collector.archive.open import BROKEN, Stream, open_archive
from collector.archive.records import Record
from language.text import clean

_START = 64 * 1024
"""Bytes by which the encoding is told."""
_CHUNK = 64 * 1024
_LONGEST = 1024 * 1024
"""Characters of a line; a row with a longer one is broken."""
_SAMPLE = 20
"""Rows by which a table is judged."""
_REWINDS = 1_000
"""Broken rows whose swallowed lines are read again: a hostile table must not cost quadratic time."""
_DELIMITERS = ",;\t|"
_NORDIC = frozenset(
    b"\xe5\xe4\xf6\xc5\xc4\xd6\xe9\xe8\xc9\xfc\xdc\xe6\xf8\x80\x85\xa0\xa7\xa9\xae\xb0\xb4\xbb\xbd"
) | set(range(0x91, 0x98))
"""Bytes of Windows-1252 that Finnish and Swedish text is written with."""
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Row(Record, frozen=True, kw_only=True):
    """A row of a table; its payload is the same as a JSON object of header and cell."""

    cells: list[str]
    plan: Plan
    """Which cell means what."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a table is written."""

    encoding: str
    delimiter: str
    header: list[str]
    sample: list[list[str]]


def read_records(path: Path, after: int = 0) -> Iterator[tuple[Record, BinaryIO]]:
    """Yield the rows of a table behind a position, with the open file, whose position tells how far it was read.

    A row's position is the line at which it begins; the header has the first.

    Raises:
        OSError: the file cannot be opened.
        MisuseError: the mapping beside the file is wrong.
    """
    mapping = mapping_of(path) or Mapping()
    shape = _shape(path, mapping)
    plan = shape if isinstance(shape, str) else plan_of(shape.header, shape.sample, shape.delimiter, mapping)
    with open_archive(path) as (stream, file):
        if isinstance(shape, str) or isinstance(plan, str):
            yield Record(position=1, payload=b"", problem=str(plan)), file
            return
        for record in _records(stream, shape, plan):
            if record.position > after:
                yield record, file


def is_table(path: Path) -> bool:
    """Return whether a file looks like a table: it has a header of which two names are known."""
    shape = _shape(path, Mapping())
    return not isinstance(shape, str) and len(recognised_in(shape.header)) > 1


def _shape(path: Path, mapping: Mapping) -> _Shape | str:
    """Return how a table is written, or what makes it unreadable."""
    start = b""
    with open_archive(path) as (stream, _):
        try:
            while len(start) < _START and (chunk := stream.readline(_CHUNK)):
                start += chunk
        except BROKEN as error:
            if not start:
                return f"cannot be unpacked: {error}"
    if not start.strip():
        return "the file is empty"
    encoding = mapping.encoding or _encoding(start)
    if encoding is None:
        return 'a table in no encoding that can be told: name it in FILE.map.toml, encoding = "…"'
    lines = start.decode(encoding, "replace").splitlines(keepends=True)
    delimiter, skipped = _delimiter(lines, mapping)
    rows = [cells for _, cells in islice(_rows(iter(lines[skipped:]), delimiter), _SAMPLE) if isinstance(cells, list)]
    if not rows:
        return "not CSV: it has no header"
    return _Shape(encoding, delimiter, [clean(name).strip() for name in rows[0]], rows[1:])


def _encoding(start: bytes) -> str | None:
    for bom, name in _BOMS:
        if start.startswith(bom):
            return name
    if b"\0" in start[:100]:
        return None
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError as error:
        # One wrong byte among sound letters is a broken row, not another encoding.
        is_mostly_sound = len(start[: error.start].decode("ascii", "ignore").encode()) < error.start
        high = {byte for byte in start if byte > 0x7F}  # noqa: PLR2004  # behind ASCII
        return "utf-8" if is_mostly_sound else "cp1252" if high <= _NORDIC else None
    return "utf-8"


def _delimiter(lines: list[str], mapping: Mapping) -> tuple[str, int]:
    """Return what stands between cells, and how many lines stand before the header."""
    first = lines[0].strip() if lines else ""
    if first[:4].casefold() == "sep=" and len(first) <= len("sep=;"):  # Excel's own hint
        return first[4:] or "\t", 1
    if mapping.delimiter:
        return mapping.delimiter, 0

    def worth(delimiter: str) -> tuple[int, int]:
        header = next((cells for _, cells in _rows(iter(lines[:50]), delimiter) if isinstance(cells, list)), [])
        return len(recognised_in(header)), len(header)

    return max(_DELIMITERS, key=worth), 0


class _Lines:
    """Lines, numbered, of which those of the present row can be given back."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._given_back: deque[str] = deque()
        self._taken: list[str] = []
        self._rewinds = 0
        self._number = 0
        self.start = 1

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._given_back.popleft() if self._given_back else next(self._lines)
        self._number += 1
        self._taken.append(line)
        return line

    def begin(self) -> None:
        """Begin a row at the next line."""
        self.start = self._number + 1
        self._taken.clear()

    def give_back(self) -> str:
        """Return the present row's first line, and give the others back."""
        first, *others = self._taken
        if others and self._rewinds < _REWINDS:
            self._rewinds += 1
            self._given_back.extendleft(reversed(others))
            self._number = self.start
        return first


def _rows(lines: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str] | tuple[str, str]]]:
    """Yield each row's first line number, and its cells or its text and what is wrong with it."""
    source = _Lines(lines)
    while True:
        reader = csv.reader(source, delimiter=delimiter, strict=True)
        while True:
            source.begin()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield source.start, (source.give_back(), f"not CSV: {error}; is a quotation mark out of place?")
                break
            if any(cells):
                yield source.start, cells


def _records(stream: Stream, shape: _Shape, plan: Plan) -> Iterator[Record]:
    position, is_header = 0, True
    try:
        for position, cells in _rows(_text_lines(stream, shape.encoding), shape.delimiter):
            if is_header:
                # Excel's hint may stand before it.
                is_header = isinstance(cells, list) and len(cells) < len(shape.header)
            elif isinstance(cells, tuple):
                yield _broken(position, cells[1], cells[0])
            else:
                yield _row(position, cells, shape, plan)
    except BROKEN as error:
        yield Record(position=position + 1, payload=b"", problem=f"the archive ends too early: {error}")


def _row(position: int, cells: list[str], shape: _Shape, plan: Plan) -> Record:
    width = len(shape.header)
    if len(cells) != width and (len(cells) < width or any(cells[width:])):
        return _broken(position, f"{len(cells)} cells where the header has {width}", shape.delimiter.join(cells))
    try:
        payload = msgspec.json.encode(dict(zip(shape.header, cells, strict=False)))
    except UnicodeEncodeError:
        return _broken(position, f"not {shape.encoding.removesuffix('-sig').upper()}", shape.delimiter.join(cells))
    return Row(position=position, payload=payload, cells=cells, plan=plan)


def _broken(position: int, reason: str, text: str) -> Record:
    return Record(position=position, payload=text[:10_000].encode("utf-8", "surrogateescape"), problem=reason)


def _text_lines(stream: Stream, encoding: str) -> Iterator[str]:
    """Yield lines with their ends; bytes that are no text become lone surrogates, which spoil their row alone."""
    decoder = codecs.getincrementaldecoder(encoding)("replace" if encoding == "utf-16" else "surrogateescape")
    pending = ""
    while chunk := stream.readline(_CHUNK):
        pending += decoder.decode(chunk)
        if "\n" in pending or len(pending) > _LONGEST:
            *lines, pending = pending.split("\n")
            yield from (f"{line}\n" for line in lines)
            if len(pending) > _LONGEST:
                yield pending
                pending = ""
    if pending := pending + decoder.decode(b"", final=True):
        yield pending
