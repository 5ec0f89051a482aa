"""What lies in the data directory beside the database: which files hold something of a person, and rejected records."""

import gzip
import re
from collections.abc import Iterator
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile, is_zipfile

if TYPE_CHECKING:
    from corpus.accounts import Traces

_SEALED = frozenset({".parquet", ".zst"})
"""Kinds of files that are not looked into: whoever has them is told of them."""
_PASSED_OVER = frozenset({"lemmas", "vectors"})
"""Directories of what holds no texts of posts."""
_TELLING = 24
"""Characters of a text by which it is known: shorter ones stand in many texts."""
_LARGEST = 1 << 30


def files_that_hold(directory: Path, traces: "Traces", *, besides: Path | None) -> list[Path]:
    """Return the files of the data directory that hold something of a person, or that cannot be looked into.

    Args:
        directory: the data directory.
        traces: of the person.
        besides: the database's file, which is not looked at, nor are those beside it that begin with its name.
    """
    signs = _signs(traces)
    found = []
    for path in _files(directory, besides):
        text = None if path.suffix in _SEALED else _text(path)
        if text is None or signs.search(text):
            found.append(path)
    return found


def drop_rejects(directory: Path, traces: "Traces") -> int:
    """Take the rejected records of a person out of the files that keep such; return how many lines that were."""
    signs = _signs(traces)
    dropped = 0
    for path in sorted(directory.glob("*.jsonl")):
        lines = path.read_bytes().splitlines(keepends=True)
        kept = [line for line in lines if not signs.search(_unescaped(line))]
        if len(kept) == len(lines):
            continue
        dropped += len(lines) - len(kept)
        unfinished = path.with_suffix(".part")
        unfinished.write_bytes(b"".join(kept))
        unfinished.chmod(path.stat().st_mode)
        unfinished.replace(path)
    return dropped


def _signs(traces: "Traces") -> re.Pattern[str]:
    # A handle may be an everyday word: not where it follows a space, as words do.
    names = [rf"(?<![\w .-]){re.escape(name)}(?!\w)" for name in sorted(traces.names)]
    texts = [
        re.escape(line[:80]) for text in sorted(traces.texts) for line in text.splitlines() if len(line) >= _TELLING
    ]
    return re.compile("|".join([*names, *texts]) or r"(?!)", re.IGNORECASE)


def _files(directory: Path, besides: Path | None) -> Iterator[Path]:
    for path in sorted(directory.rglob("*")):
        inside = path.relative_to(directory).parts
        own = besides is not None and path.parent == besides.parent and path.name.startswith(besides.name)
        if path.is_file() and not own and inside[0] not in _PASSED_OVER and path.stat().st_size <= _LARGEST:
            yield path


def _text(path: Path) -> str | None:
    """Return what a file says, unpacked and decoded as far as it goes; None where it cannot be unpacked."""
    content = path.read_bytes()
    if path.suffix == ".gz":
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError):
            return None
    if path.suffix == ".eml":
        mail = BytesParser(policy=policy.default).parsebytes(content)
        parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
        return "\n".join(map(str, parts))
    if is_zipfile(path):
        try:
            with ZipFile(path) as parts_:
                content = b"\n".join(parts_.read(name) for name in parts_.namelist())
        except (BadZipFile, OSError):
            return None
    return _unescaped(content)


def _unescaped(content: bytes) -> str:
    r"""Return bytes as text in which what JSON writes as ``\u00e4`` and ``\/`` stands as it is read."""
    text = content.decode("utf-8", "replace")
    if "\\" not in text:
        return text
    plain = re.sub(r"\\+u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    return text + "\n" + re.sub(r"\\+/", "/", plain)
