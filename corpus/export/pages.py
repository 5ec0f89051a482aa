"""Pages of a package as Markdown and as HTML, from one set of blocks: pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;"
    "background:#fff}"
    "table{border-collapse:collapse;width:100%;margin:0 0 1rem}"
    "th,td{border:1px solid #767676;padding:.3rem .5rem;text-align:left;vertical-align:top}"
)
_MARKS = re.compile(r"([\\`*_\[\]<>|#])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading; the page's own is of level 1."""

    level: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list of short texts."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table with a heading."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A chart as SVG of our own; the table after it says the same, so that Markdown leaves it out."""

    svg: str


Block = Heading | Paragraph | Listing | Grid | Picture


def grid(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Grid:
    """Return a table."""
    return Grid(head=tuple(head), rows=tuple(tuple(row) for row in rows))


def markdown(blocks: Iterable[Block]) -> str:
    """Return the page as Markdown; no text in it is taken for markup."""
    return "\n\n".join(_markdown(block) for block in blocks if not isinstance(block, Picture)) + "\n"


def _markdown(block: Heading | Paragraph | Listing | Grid) -> str:
    match block:
        case Heading(level=level, text=text):
            return f"{'#' * level} {_plain(text)}"
        case Paragraph(text=text):
            return _plain(text)
        case Listing(items=items):
            return "\n".join(f"- {_plain(item)}" for item in items)
    lines = [block.head, tuple("---" for _ in block.head), *block.rows]
    return "\n".join(
        "| " + " | ".join(cell if index == 1 else _plain(cell) for cell in line) + " |"
        for index, line in enumerate(lines)
    )


def _plain(text: str) -> str:
    # A word with an underscore, as columns' names are, reads well as it is: Markdown marks nothing within a word.
    return _MARKS.sub(lambda found: found[1] if found[1] == "_" else f"\\{found[1]}", " ".join(text.split()))


def html(blocks: Iterable[Block], *, language: str, title: str) -> str:
    """Return the page as one HTML file that loads nothing."""
    body = "\n".join(_html(block) for block in blocks)
    return (
        f'<!doctype html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{escape(title)}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _html(block: Block) -> str:
    match block:
        case Heading(level=level, text=text):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Paragraph(text=text):
            return f"<p>{escape(text)}</p>"
        case Listing(items=items):
            return "<ul>\n" + "\n".join(f"<li>{escape(item)}</li>" for item in items) + "\n</ul>"
        case Picture(svg=svg):
            return f"<figure>{svg}</figure>"
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in block.head)
    lines = "\n".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in block.rows)
    return f"<table>\n<thead><tr>{top}</tr></thead>\n<tbody>\n{lines}\n</tbody>\n</table>"
