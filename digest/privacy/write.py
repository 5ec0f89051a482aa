"""A notice or a record as a page of HTML or Markdown in which no configured word is markup."""

import re
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from digest.privacy.document import Document

_TEMPLATES = Path(__file__).parent / "templates"
_MARKUP = re.compile(r"([\\`*_\[\]<>|~&])")
_AT_START = re.compile(r"^([-+#=]|\d+(?=[.)]))")


def to_html(document: Document) -> str:
    """Return a whole page: one h1, a heading for each section, its language named; everything is escaped."""
    return _environment().get_template("page.html.j2").render(document=document)


def to_markdown(document: Document) -> str:
    """Return CommonMark; what a configured text holds of markup is escaped."""
    return _environment().get_template("page.md.j2").render(document=document)


def _plain(text: str) -> str:
    """Return a text that Markdown shows as it stands; addresses stay addresses."""
    parts = re.split(r"(https?://[^\s<>]+)", text)
    escaped = "".join(part if number % 2 else _MARKUP.sub(r"\\\1", part) for number, part in enumerate(parts))
    return _AT_START.sub(r"\\\1", escaped)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        # By name: Jinja's select_autoescape() would leave .html.j2 unescaped.
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),  # noqa: S701 - Markdown is escaped by its own filter
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
    )
    environment.filters["plain"] = _plain
    return environment
