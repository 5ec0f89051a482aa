"""A page before it is HTML or plain text: blocks that both printers print, so that neither can say more."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Words of a sentence that are one thing: a link, a name in another language, something stressed."""

    text: str
    href: str | None = None
    """An address that ``inert.web_address`` let through, or one of our own."""
    language: str | None = None
    """Where it differs from the page's."""
    strong: bool = False


Sentence = tuple[Run, ...]


def words_of(sentence: Sentence) -> str:
    """Return a sentence as text."""
    return "".join(run.text for run in sentence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading under the page's only h1."""

    text: Sentence
    level: Literal[2, 3]
    kind: str = field(default="heading", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """One or a few sentences."""

    text: Sentence
    tone: Literal["body", "small", "attention"] = "body"
    after: int = 12
    """Pixels of space under it."""
    kind: str = field(default="paragraph", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number and what it counts."""

    number: str
    text: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The summary: at most three numbers that decide whether to read on."""

    figures: tuple[Figure, ...]
    kind: str = field(default="figures", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A small picture without text, on transparent ground; its numbers are in the alternative text."""

    cid: str
    alt: str
    width: int
    height: int
    spark: str
    """The same in block characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One line of a table."""

    head: Sentence
    cells: tuple[str, ...]
    note: Sentence = ()
    attention: bool = False
    """The note tells of something that went wrong."""
    chart: Chart | None = None
    weight: Literal["theme", "other", "total", "aside"] = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Numbers by line; the first column is the lines' heads."""

    columns: tuple[str, ...]
    """Head of the first column, then of each cell's, then of the charts' where there are any."""
    rows: tuple[TableRow, ...]
    caption: str = ""
    charts: bool = False
    kind: str = field(default="table", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """One chart over the page's width, with its numbers under it."""

    caption: Sentence
    chart: Chart
    labels: tuple[str, ...]
    values: tuple[str, ...]
    kind: str = field(default="bars", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A stranger's words, unchanged, in their own language."""

    lines: tuple[str, ...]
    language: str | None
    by: Sentence
    """Who, where, when, and the link."""
    name: str = ""
    """On X: the display name, above the text."""
    handle: str = ""
    after: int = 24
    """Pixels of space under it."""
    kind: str = field(default="quote", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A thin line between parts."""

    near: bool = False
    """Between parts of one part: with less space."""
    kind: str = field(default="rule", init=False)


Block = Heading | Paragraph | Figures | Table | Bars | Quote | Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A stretch of the page on one ground."""

    blocks: tuple[Block, ...]
    tinted: bool = False
    """Holds what is new or asks for action."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One mail in one language and length."""

    language: str
    """Of the words, which for a language without a catalogue is English."""
    subject: str
    preview: str
    """What a mail program shows beside the subject."""
    title: str
    edition: str
    headline: Sentence
    notices: tuple[Sentence, ...]
    bands: tuple[Band, ...]
    footer: tuple[Sentence, ...]
    charts: Mapping[str, bytes]
    """PNG pictures by content id."""
