"""How the command line speaks: results on standard output, progress and faults on standard error."""

import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from programme.errors import KuntakaikuError

Progress = Callable[[int, int | None], None]
"""Told how much is done, and how much there is where that is known."""
# Controls of both blocks, what turns the writing direction or ends a line, and halves of surrogate pairs.
_ACTING = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def tell_fault(error: KuntakaikuError, *, as_json: bool) -> None:
    """Print a fault with its remedy."""
    if as_json:
        sys.stdout.write(json.dumps({"error": {"problem": error.problem, "remedy": error.remedy}}) + "\n")
    lines = f"kuntakaiku: {error}".split("\n")  # a configuration's faults stand one a line
    sys.stderr.write("".join(f"{inert(line)}\n" for line in lines))


def tell_warning(line: str) -> None:
    """Print what does not stop the command but should be known."""
    sys.stderr.write(f"kuntakaiku: {inert(line)}\n")


def tell_json(value: object) -> None:
    r"""Print one JSON value on one line.

    What a terminal would obey, and half a surrogate pair, stand as ``\uXXXX``, which is the same JSON.
    """
    written = json.dumps(value, ensure_ascii=not _speaks_utf8())
    sys.stdout.write(_ACTING.sub(lambda found: f"\\u{ord(found[0]):04x}", written) + "\n")


def _speaks_utf8() -> bool:
    return (sys.stdout.encoding or "").replace("-", "").casefold() in ("utf8", "utf8sig")


def tell_lines(lines: Sequence[str]) -> None:
    """Print lines for people; what a terminal would obey is made visible."""
    sys.stdout.writelines(f"{inert(line)}\n" for line in lines)


def inert(line: str) -> str:
    """Return a line as a terminal may get it: escape sequences and bidi overrides of hostile posts do nothing."""
    return _ACTING.sub("\ufffd", line)


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
    from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:,.0f}/s" if task.speed else "")

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    # Results are on their way to another place than the bar: they must not be drawn above it.
    with Bar(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
