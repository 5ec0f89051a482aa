"""The JSON objects of an archive, one by one: a line each, a list, or one document of many lines."""

import io
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import msgspec

from collector.archive.open import BROKEN, Stream, open_archive
from collector.unreadable import UNREADABLE, reason_of, without_lone_surrogates

_LARGEST = 48 * 1024 * 1024
"""Bytes of a line, or of a document of many lines, that are loaded whole."""
_PROBE = 1_000
"""Lines that are looked at to tell a document of many lines from a broken list of records."""
_START = 4_096
"""Bytes by which a file of another kind is told."""
_BOM = b"\xef\xbb\xbf"
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_BRACKETS = (b"", b"[", b"]")
_OF_ONE_S_OWN = re.compile(rb"window\.YTD\.\w+\.part\d+\s*=\s*")
"""What stands before the list in the archive that X gives a person of their own account."""
_AT_BYTE = re.compile(r"\(byte (\d+)\)")
_read_list = msgspec.json.Decoder(list[msgspec.Raw]).decode
_read_any = msgspec.json.Decoder(msgspec.Raw).decode


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A JSON value of an archive, or what stood in its place."""

    position: int
    """The line, or the place in the document's list, counted from 1. Values of a list on one line share its line."""
    payload: bytes
    problem: str | None = None
    """Why there is no value."""


def read_records(path: Path, after: int = 0) -> Iterator[tuple[Record, BinaryIO]]:
    """Yield the records of a file behind a position, with the open file, whose position tells how far it was read.

    What cannot be read is a record with a problem; nothing is raised for it.

    Raises:
        OSError: the file cannot be opened.
    """
    shape = _shape(path)
    if isinstance(shape, Record):
        with path.open("rb") as file:
            yield shape, file
        return
    with open_archive(path) as (stream, file):
        if shape is None:
            yield from ((record, file) for record in _lines(stream, after))
        else:
            yield from ((record, file) for record in _elements(shape, 0) if record.position > after)


def _shape(path: Path) -> Record | bytes | None:
    """Return the whole of a document of many lines, None for a record a line, or the problem of the file."""
    problem = _problem(path)
    if problem is not None:
        return Record(position=1, payload=b"", problem=problem)
    with open_archive(path) as (stream, _):
        try:
            first = _first_line(stream)
            if len(first) > _LARGEST or _is_json(first):
                return None
            whole = first + stream.read(_LARGEST + 1 - len(first))
        except BROKEN:
            return None
    return _document(whole, first)


def _problem(path: Path) -> str | None:
    """Return what makes a file unreadable as a whole."""
    start, broken = b"", None
    with open_archive(path) as (stream, _):
        try:
            # By lines: of a file that is cut off, what came before the cut is still read.
            while (len(start) < _START or not start.strip()) and (line := stream.readline(_START)):
                start = (start if start.strip() else b"") + line
        except BROKEN as error:
            broken = error
    if start[:2] in _WIDE or start[1:2] == b"\0":
        return "not UTF-8 but UTF-16"
    if b"\0" in start and start.removeprefix(_BOM).lstrip()[:1] not in (b"{", b"["):
        return "a binary file"  # in a line among others it costs that line alone
    if start.strip():
        return None
    return "the file is empty" if broken is None else f"cannot be unpacked: {broken}"


def _document(whole: bytes, first: bytes) -> Record | bytes | None:
    """Return a document that does not end with its first line; None if it is no document but broken lines."""
    if len(whole) <= _LARGEST:
        try:
            _read_any(without_lone_surrogates(whole))
        except UNREADABLE as error:
            found = _AT_BYTE.search(str(error))
            is_broken_line = first[:1] in b"{[" and found is not None and int(found[1]) <= len(first)
            if is_broken_line or _holds_records(whole):
                return None
            return Record(position=1, payload=whole[:10_000], problem=reason_of(error))
        return whole
    if _holds_records(whole):
        return None
    return Record(
        position=1,
        payload=b"",
        problem=f"one JSON document larger than {_LARGEST >> 20} MB: write one post a line",
    )


def _holds_records(whole: bytes) -> bool:
    """Return whether some of the first lines are objects of their own."""
    lines = (_stripped(line) for line in islice(io.BytesIO(whole), _PROBE))
    return any(line[:1] == b"{" and _is_json(line) for line in lines)


def _is_json(line: bytes) -> bool:
    try:
        _read_any(without_lone_surrogates(line))
    except UNREADABLE:
        return False
    return True


def _first_line(stream: Stream) -> bytes:
    while line := stream.readline(_LARGEST + 1):
        if line := _bare(line.lstrip()):
            return line
    return b""


def _bare(line: bytes) -> bytes:
    """Return a line without what may stand before its JSON; before any line, since files are joined as they are."""
    line = line.removeprefix(_BOM)
    if line[:1] == b"w" and (before := _OF_ONE_S_OWN.match(line)):
        return line[before.end() :]
    return line.lstrip()


def _lines(stream: Stream, after: int) -> Iterator[Record]:
    number = 0
    try:
        while line := stream.readline(_LARGEST):
            number += 1
            if line[:2] == b'{"' and line[-2:] == b"}\n":  # nearly all lines: nothing to strip
                if number > after:
                    yield Record(position=number, payload=line[:-1])
                continue
            is_cut = len(line) == _LARGEST and not line.endswith(b"\n")
            while is_cut and (rest := stream.readline(_LARGEST)) and not rest.endswith(b"\n"):
                pass
            if number > after:
                yield from _of_line(line, number, is_cut=is_cut)
    except BROKEN as error:
        yield Record(position=number + 1, payload=b"", problem=f"the archive ends too early: {error}")


def _of_line(line: bytes, number: int, *, is_cut: bool) -> Iterator[Record]:
    """Yield what a line holds: usually one value; nothing where it only opens or closes a list."""
    if is_cut:
        yield Record(position=number, payload=line[:10_000], problem=f"a line longer than {_LARGEST >> 20} MB")
        return
    payload = _stripped(_bare(line))
    if payload[:1] == b"[" and payload != b"[":
        yield from _elements(payload, number)
    elif payload not in _BRACKETS:
        yield Record(position=number, payload=payload)


def _stripped(line: bytes) -> bytes:
    """Return a line without the comma that follows it where a list is written with one record a line."""
    line = line.strip()
    return line.removesuffix(b",").rstrip() if line[:1] == b"{" else line


def _elements(payload: bytes, line: int) -> Iterator[Record]:
    """Yield the values of a list, numbered by their line or, where there is none, by their place."""
    if payload[:1] != b"[":
        yield Record(position=line or 1, payload=payload)
        return
    sound = without_lone_surrogates(payload)
    try:
        elements = _read_list(sound)
    except UNREADABLE as error:
        yield Record(position=line or 1, payload=payload[:10_000], problem=reason_of(error))
        return
    start = 0
    for place, element in enumerate(elements, start=1):
        value = bytes(element)
        start = sound.index(value, start)
        yield Record(position=line or place, payload=payload[start : start + len(value)])
        start += len(value)
