"""How the command line speaks: results on standard output, progress and faults on standard error."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from programme.errors import KuntakaikuError

Progress = Callable[[int, int | None], None]
"""Told how much is done, and how much there is where that is known."""


def tell_fault(error: KuntakaikuError, *, as_json: bool) -> None:
    """Print a fault with its remedy."""
    if as_json:
        sys.stdout.write(json.dumps({"error": {"problem": error.problem, "remedy": error.remedy}}) + "\n")
    sys.stderr.write(f"kuntakaiku: {error}\n")


def tell_json(value: object) -> None:
    """Print one JSON value."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=None) + "\n")


def tell_lines(lines: Sequence[str]) -> None:
    """Print lines for people; what a terminal would obey is made visible."""
    for line in lines:
        sys.stdout.write("".join(_inert(character) for character in line) + "\n")


def _inert(character: str) -> str:
    """Return what a terminal may get: escape sequences and bidi overrides of hostile posts do nothing."""
    code = ord(character)
    control = (code < 0x20 and character != "\t") or 0x7F <= code < 0xA0  # noqa: PLR2004 - C0, DEL, C1
    bidi = 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069  # noqa: PLR2004 - embeddings, overrides, isolates
    return "\ufffd" if control or bidi or 0xD800 <= code <= 0xDFFF else character  # noqa: PLR2004 - surrogates


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Return lines of a plain table, numbers to the right."""
    cells = [list(map(str, head)), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    numeric = [bool(rows) and all(isinstance(row[column], int | float) for row in rows) for column in range(len(head))]
    return [
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        ).rstrip()
        for row in cells
    ]


@contextmanager
def progress_bar(title: str, *, shown: bool) -> Iterator[Progress]:
    """Show a bar with rate and remaining time on standard error where somebody watches; else nothing."""
    if not shown or not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
