"""Records that could not become posts, kept aside as JSON lines for whoever wants to know why."""

import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

from collector.source import Rejected
from language.text import clean

_UNSAFE = re.compile(r"[^\w.-]+")


def write_rejects(path: Path, origin: str, rejected: Iterable[Rejected]) -> None:
    """Append rejected records to a file, one JSON object a line: origin, line, reason, record."""
    named = clean(origin)  # the name of a file may be no text
    lines = [
        msgspec.json.encode({"file": named, "line": record.position, "reason": record.reason, "record": record.record})
        for record in rejected
    ]
    if lines:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(b"\n".join(lines) + b"\n")


def rejects_path(data_directory: Path, name: str) -> Path:
    """Return where a source's rejected records are kept."""
    return data_directory / "rejects" / f"{_UNSAFE.sub('-', name)}.jsonl"
