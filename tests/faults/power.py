"""What a disk holds after the power went: replayed from the writes and syncs that the kernel was asked for.

``strace`` tells each write with its bytes. Whatever was written after the last sync of its file may have reached the
disk, or not, or in part; what was written before it is there.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

_CALLS = "pwrite64,write,ftruncate,fsync,fdatasync"
_LINE = re.compile(r"^(?:\d+ +)?(\w+)\((\d+)<(.*?)>(?:, (.*))?\) += (-?\d+)")
_WRITE = re.compile(r'^"((?:\\x[0-9a-f]{2})*)"(?:, (\d+))?(?:, (\d+))?$')
_HOLDS = ("db", "db-wal", "db-journal")
"""Files that are replayed: the shared memory beside them is made anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that the program asked of the kernel."""

    kind: str
    """write, cut, sync or said."""
    file: str = ""
    at: int = 0
    data: bytes = b""


def traced(code: str, database: Path, work: Path) -> list[Event]:
    """Run a program on a copy of a database and return what it wrote, synced and said."""
    trace = work / "trace"
    command = ["strace", "-f", "-y", "-xx", "-s", "10000000", "-e", f"trace={_CALLS}", "-o", str(trace)]
    subprocess.run([*command, sys.executable, "-c", code, str(database)], check=True, capture_output=True)  # noqa: S603 - our own
    return list(_events(trace.read_text("utf-8").splitlines(), database))


def _events(lines: Sequence[str], database: Path) -> Iterator[Event]:
    names = {f"{database.parent}/{database.stem}.{ending}": ending for ending in _HOLDS}
    for line in lines:
        found = _LINE.match(line)
        if found is None:
            continue
        call, descriptor, path, rest = found[1], found[2], _plain(found[3]), found[4] or ""
        if call == "write" and descriptor == "1":
            said = _bytes(_WRITE.match(rest)[1])  # type: ignore[index]
            if said.strip():  # the end of the line comes by itself where output is not buffered
                yield Event(kind="said", data=said)
        elif path in names:
            yield _of_file(call, names[path], rest)


def _of_file(call: str, file: str, rest: str) -> Event:
    if call in ("fsync", "fdatasync"):
        return Event(kind="sync", file=file)
    if call == "ftruncate":
        return Event(kind="cut", file=file, at=int(rest))
    found = _WRITE.match(rest)
    assert found is not None, f"a write that cannot be read: {rest[:60]}"
    return Event(kind="write", file=file, at=int(found[3] or 0), data=_bytes(found[1]))


def _plain(path: str) -> str:
    return _bytes(path).decode() if path.startswith("\\x") else path


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def discs(events: Sequence[Event], before: Path, work: Path, chance: Random) -> Iterator[tuple[Path, list[str]]]:
    """Yield a database as each power cut may leave it, with what had been reported done by then.

    At every event three discs: all unsynced writes lost, all kept, and some kept.
    """
    for end in range(1, len(events) + 1):
        told = [event.data.decode() for event in events[:end] if event.kind == "said"]
        for keep in (lambda: False, lambda: True, lambda: chance.random() < 0.5):
            yield _disc(events[:end], before, work, keep), told


def _disc(events: Sequence[Event], before: Path, work: Path, keep) -> Path:  # type: ignore[no-untyped-def]  # noqa: ANN001 - chance
    last = {event.file: place for place, event in enumerate(events) if event.kind == "sync"}
    files = {ending: bytearray() for ending in _HOLDS}
    files["db"] = bytearray(before.read_bytes())
    for place, event in enumerate(events):
        if event.kind not in ("write", "cut") or not (place < last.get(event.file, -1) or keep()):
            continue
        content = files[event.file]
        if event.kind == "cut":
            del content[event.at :]
        else:
            content.extend(b"\0" * (event.at + len(event.data) - len(content)))
            content[event.at : event.at + len(event.data)] = event.data
    disc = work / "disc"
    shutil.rmtree(disc, ignore_errors=True)
    disc.mkdir()
    for ending, content in files.items():
        if content:
            (disc / f"kuntakaiku.{ending}").write_bytes(content)
    return disc / "kuntakaiku.db"
