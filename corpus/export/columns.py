"""The columns of flat formats, and cells that are inert in a spreadsheet."""

import re
from collections.abc import Callable
from typing import Any, Literal

import msgspec

Kind = Literal["text", "number", "share"]
_json = msgspec.json.encode


def _of(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda row: row[name]


def _author(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda row: row["author"] and row["author"][name]


def _count(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda row: row["counts"][name]


def _words(name: str) -> Callable[[dict[str, Any]], str]:
    return lambda row: " ".join(row[name])


Column = tuple[str, Kind, Callable[[dict[str, Any]], Any]]
"""Name, kind, and how it is read from a row."""
Columns = tuple[Column, ...]

COLUMNS: Columns = (
    ("network", "text", _of("network")),
    ("native_id", "text", _of("native_id")),
    ("url", "text", _of("url")),
    ("author_id", "text", _author("native_id")),
    ("author_handle", "text", _author("handle")),
    ("author_name", "text", _author("name")),
    ("text", "text", _of("text")),
    ("lang", "text", _of("lang")),
    ("created_at", "text", _of("created_at")),
    ("edited_at", "text", _of("edited_at")),
    ("collected_at", "text", _of("collected_at")),
    ("source", "text", _of("source")),
    ("via", "text", _of("via")),
    ("reply_to", "text", _of("reply_to")),
    ("quote_of", "text", _of("quote_of")),
    ("repost_of", "text", _of("repost_of")),
    ("discussion", "text", _of("discussion")),
    ("joined_discussion", "text", _of("joined_discussion")),
    ("hashtags", "text", _words("hashtags")),
    ("links", "text", _words("links")),
    ("replies", "number", _count("replies")),
    ("reposts", "number", _count("reposts")),
    ("likes", "number", _count("likes")),
    ("views", "number", _count("views")),
    ("theme", "text", _of("theme")),
    ("themes", "text", _words("themes")),
    ("theme_by", "text", _of("theme_by")),
    ("confidence", "share", _of("confidence")),
    ("scores", "text", lambda row: row["scores"] and _json(row["scores"]).decode()),
    ("model", "text", _of("model")),
    ("labels", "text", lambda row: _json(row["labels"]).decode() if row["labels"] else None),
    ("projects", "text", _words("projects")),
    ("phenomena", "text", _words("phenomena")),
    ("municipalities", "text", lambda row: " ".join(place["code"] for place in row["municipalities"])),
    ("cluster", "text", _of("cluster")),
    ("gone", "text", _of("gone")),
)
"""Of posts, read from the contract's JSON object. Lists are joined by spaces."""

COUNT_COLUMNS: Columns = (
    ("level", "text", _of("level")),
    ("week", "text", _of("week")),
    ("theme", "text", _of("theme")),
    ("language", "text", _of("language")),
    ("network", "text", _of("network")),
    ("posts", "number", _of("posts")),
    ("writers", "number", _of("writers")),
)
"""Of the open projection, read from ``corpus.export.counts.Count`` as a JSON object."""

# What makes Excel, LibreOffice or Google Sheets see a formula, also behind spaces and in full width.
_FORMULA = re.compile(r"\s*+[=+\-@\uff1d\uff0b\uff0d\uff20|%]")
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
# A spreadsheet keeps 15 digits of a number.
_LONG_NUMBER = re.compile(r"\d{16,}")
_LARGEST_CELL = 32_767


def inert(text: str) -> str:
    """Return text without control and bidirectional characters, cut to what a cell of a spreadsheet holds."""
    shown = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return shown if len(shown) <= _LARGEST_CELL else shown[: _LARGEST_CELL - 1] + "…"


def inert_in_csv(text: str) -> str:
    """Return text that a spreadsheet reading a CSV file takes as text: no formula, no number cut to 15 digits."""
    shown = inert(text)
    starts = text.startswith(("\t", "\r", "\n")) or _FORMULA.match(shown) or _LONG_NUMBER.fullmatch(shown)
    return f"'{shown}" if starts else shown
