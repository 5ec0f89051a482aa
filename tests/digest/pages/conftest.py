"""Renders the invented week, and reads what came out."""

from collections.abc import Callable, Mapping
from html.parser import HTMLParser

import pytest

from digest.issue import Issue, ShownPost
from digest.render import RenderedIssue, render
from programme.messages import Messages
from programme.types import Role


@pytest.fixture
def rendered(messages: Messages, shown47: Mapping[str, ShownPost]) -> Callable[..., RenderedIssue]:
    """Render an issue with the shipped catalogues."""

    def of(issue: Issue, language: str = "fi", role: Role = "editor", **changes: object) -> RenderedIssue:
        shown = changes.pop("shown", shown47)
        return render(issue, shown, language=language, role=role, messages=messages, **changes)  # type: ignore[arg-type]  # a test passes what render takes

    return of


class Page(HTMLParser):
    """The tags, attributes and texts of a mail."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.shapes: set[tuple[str, tuple[str, ...]]] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self.tags: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag with its attributes."""
        self.shapes.add((tag, tuple(sorted(name for name, _ in attrs))))
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        """Keep a text."""
        self.texts.append(data)

    @property
    def text(self) -> str:
        """All texts of the page."""
        return " ".join(self.texts)


@pytest.fixture
def read() -> Callable[[str], Page]:
    """Read a mail's HTML."""
    return Page
