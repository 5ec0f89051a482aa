"""A page as plain text: complete, and pleasant to read in a terminal."""

from collections.abc import Callable, Iterator
from textwrap import wrap
from typing import Any

from digest.blocks import Bars, Block, Figures, Heading, Page, Paragraph, Quote, Rule, Sentence, Table, TableRow
from digest.inert import isolate

WIDTH = 100
"""Columns; only an address of the web may be longer."""
_HEAD = 65
"""Columns of a table's first column."""


def plain_text(page: Page) -> str:
    """Return the plain-text twin of a page."""
    lines = [page.title, page.edition, ""]
    for notice in page.notices:
        lines += [*_wrapped("! " + _spoken(notice)), ""]
    lines += [*_wrapped(_spoken(page.headline)), ""]
    for band in page.bands:
        for block in band.blocks:
            lines += _PRINTERS[type(block)](block)
    lines.append("-" * 40)
    for line in page.footer:
        lines += _wrapped(_spoken(line))
    return _tidy(lines)


def _tidy(lines: list[str]) -> str:
    """Return lines without blanks at their ends and without two empty lines in a row."""
    kept: list[str] = []
    for line in lines:
        bare = line.replace("\u00a0", " ").rstrip()
        if bare or (kept and kept[-1]):
            kept.append(bare)
    return "\n".join(kept).rstrip() + "\n"


def _spoken(sentence: Sentence) -> str:
    """Return a sentence with its addresses behind its links."""
    text = ""
    for run in sentence:
        text += isolate(run.text)
        if run.href and run.href != run.text:
            text += f": {run.href}"
    return text


def _wrapped(text: str, indent: str = "") -> list[str]:
    return wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _heading(block: Heading) -> Iterator[str]:
    yield ""
    text = _spoken(block.text)
    yield from _wrapped(text.upper() if block.level == 2 else text)  # noqa: PLR2004 - the level of a part's heading


def _paragraph(block: Paragraph) -> Iterator[str]:
    yield from _wrapped(_spoken(block.text))
    if block.after > 8:  # noqa: PLR2004 - closer paragraphs are one group
        yield ""


def _figures(block: Figures) -> Iterator[str]:
    for figure in block.figures:
        yield from _wrapped(f"{figure.number} {_spoken(figure.text)}")
    yield ""


def _table(block: Table) -> Iterator[str]:
    yield from _wrapped(block.caption)
    head, *columns = block.columns
    widths = [max(len(columns[n]), *(len(row.cells[n]) for row in block.rows)) for n in range(len(block.rows[0].cells))]
    cells = "".join(f"{column:>{width + 3}}" for column, width in zip(columns, widths, strict=False))
    tail = f"   {columns[-1]}" if block.charts else ""
    yield f"  {head:<{_HEAD}}{cells}{tail}"
    for row in block.rows:
        yield from _row(row, widths)
    yield ""


def _row(row: TableRow, widths: list[int]) -> Iterator[str]:
    # Without the address that a row may lead to, which would break the columns: a paragraph names it.
    *heads, last = wrap("".join(isolate(run.text) for run in row.head), _HEAD - 1, break_on_hyphens=False) or [""]
    yield from (f"  {head}" for head in heads)
    cells = "".join(f"{cell:>{width + 3}}" for cell, width in zip(row.cells, widths, strict=True))
    yield f"  {last:<{_HEAD}}{cells}" + (f"   {row.chart.spark}" if row.chart else "")
    if row.note:
        note = _spoken(row.note)
        # What went wrong has brackets of its own: the reason.
        yield from _wrapped(note if row.attention else f"({note})", "    ")


def _bars(block: Bars) -> Iterator[str]:
    yield from _wrapped(_spoken(block.caption))
    pairs = zip(block.labels, block.values, strict=True)
    yield from _wrapped(f"{block.chart.spark}  " + ", ".join(f"{label}: {value}" for label, value in pairs))
    yield ""


def _quote(block: Quote) -> Iterator[str]:
    if block.name:
        yield from _wrapped(f"{isolate(block.name)} {isolate(block.handle)}", "  ")
    for line in block.lines:
        yield from _wrapped(isolate(line), "  ")
    yield from _wrapped(_spoken(block.by), "  ")
    yield ""


def _rule(_block: Rule) -> Iterator[str]:
    yield ""


_PRINTERS: dict[type[Block], Callable[[Any], Iterator[str]]] = {
    Heading: _heading,
    Paragraph: _paragraph,
    Figures: _figures,
    Table: _table,
    Bars: _bars,
    Quote: _quote,
    Rule: _rule,
}
