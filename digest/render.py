"""An issue as a mail: subject, HTML, plain text and charts, in one language and length."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from markupsafe import Markup, escape

from corpus.edits import Edits
from digest.blocks import Page
from digest.edits import NO_EDITS, edited
from digest.issue import Issue, Review, ShownPost
from digest.page import page
from digest.plain import plain_text
from digest.scene import Addresses, Limits, Scene
from digest.slots import count_tickets, ticket_slot
from digest.speech import Speaker
from digest.ticket import LENGTH
from programme.errors import KuntakaikuError
from programme.messages import Messages
from programme.types import Role

COMPILED = Path(__file__).parent / "templates" / "compiled"
LARGEST = 100_000
"""Bytes of HTML: a mail program that cuts does so at about 102,000."""
_SHORTER = (
    Limits(),
    Limits(items=1, quote=280, sections=10, names=8),
    Limits(items=1, quote=200, sections=6, topics=2, rows=40, names=6),
    Limits(items=1, quote=140, sections=3, topics=1, rows=24, names=4),
    Limits(items=0, quote=140, sections=0, topics=1, rows=12, names=3),
)
"""From the whole page to one that always fits; what is left out is counted in it."""
Length = Role | Literal["archive"]
_WHOLE = Limits(items=2, topics=1_000, sections=1_000, rows=1_000, names=1_000)
_SHORT_LINK = 20
"""Letters of a link that fit into a line of any phone."""
_COUNTED = re.compile(r"(?<=\d) (?=[^\W\d_])")
_RANGE = re.compile(r"(?<![\d.,:])[\d.,:]+–[\d.,:]*\d\.?(?:-\w+)?")


class RenderingError(KuntakaikuError):
    """A page could not be made, or not small enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedIssue:
    """One mail before it is addressed: what approval freezes."""

    issue: str
    """Key of the issue, like ``2026-W47``."""
    language: str
    """The reader's, also where the words are English for want of a catalogue."""
    role: "Length"
    """The archive's page is whole, and holds nothing that is one recipient's own."""
    subject: str
    text: str
    """The plain-text twin; like ``html`` with the slots that ``digest.slots`` names."""
    html: str
    charts: Mapping[str, bytes]
    """PNG pictures by content id, without the angle brackets."""


def render(
    issue: Issue,
    shown: Mapping[str, ShownPost],
    *,
    language: str,
    role: Role,
    messages: Messages,
    addresses: Addresses | None = None,
    review: Review | None = None,
    edits: Edits = NO_EDITS,
) -> RenderedIssue:
    """Return an issue as one mail.

    ``shown`` holds what may be shown now of the posts that the issue names (``week.show_posts``); a post that is not
    among them is told as deleted. ``edits`` is what editors changed in it. The page is shortened by rule until its
    HTML is under 100 kB.

    Raises:
        RenderingError: even the shortest page is too large, or the template or the words fail; then there is no mail.
    """
    made_of = edited(issue, edits, language)
    for limits in _SHORTER:
        scene = Scene(
            edited=made_of,
            shown=shown,
            speak=Speaker(messages, language, issue.programme.time_zone),
            role=role,
            limits=limits,
            addresses=addresses or Addresses(),
            review=review,
        )
        made, html = _written(scene)
        if len(html.encode()) + count_tickets(html) * (LENGTH - len(ticket_slot(0))) < LARGEST:
            return RenderedIssue(
                issue=issue.key,
                language=language,
                role=role,
                subject=made.subject,
                text=plain_text(made),
                html=html,
                charts=made.charts,
            )
    raise RenderingError(
        f"The digest of {issue.key} has more than {LARGEST:,} bytes in {language} even at its shortest.",
        "Shorten the names and glosses of themes in programme.toml.",
    )


def render_archive(
    issue: Issue,
    shown: Mapping[str, ShownPost],
    *,
    language: str,
    messages: Messages,
    addresses: Addresses | None = None,
    review: Review | None = None,
    edits: Edits = NO_EDITS,
) -> RenderedIssue:
    """Return an issue as a page for everybody: what its readers got, whole whatever its size.

    Raises:
        RenderingError: the template or the words fail.
    """
    scene = Scene(
        edited=edited(issue, edits, language),
        shown=shown,
        speak=Speaker(messages, language, issue.programme.time_zone),
        role="reader",
        limits=_WHOLE,
        addresses=addresses or Addresses(),
        review=review,
        is_archived=True,
    )
    made, html = _written(scene)
    return RenderedIssue(
        issue=issue.key,
        language=language,
        role="archive",
        subject=made.subject,
        text=plain_text(made),
        html=html,
        charts=made.charts,
    )


def no_break(text: str) -> Markup:
    """Return escaped text in which neither a range of numbers nor a number and its word are parted by a line's end."""
    text = _COUNTED.sub("\u00a0", text)
    if "–" not in text:
        return escape(text)
    return Markup(_RANGE.sub(lambda found: f'<span style="white-space:nowrap">{found[0]}</span>', str(escape(text))))  # noqa: S704 - escaped before, and digits only are put in


def link_words(text: str) -> Markup:
    """Return a link's escaped text; a short one stands on one line, so that a finger meets it whole."""
    return no_break(text.replace(" ", "\u00a0") if len(text) <= _SHORT_LINK else text)


def _written(scene: Scene) -> tuple[Page, str]:
    """Return a page and its HTML, or nothing: half a mail is worse than none."""
    try:
        made = page(scene)
        return made, _html(made)
    except (KeyError, TemplateError) as error:
        what = error.args[0] if error.args else type(error).__name__
        raise RenderingError(
            f"The digest of {scene.issue.key} cannot be written in {scene.speak.wanted} ({scene.role}): {what}.",
            "Mend the words under locales/, or the template, and draft the digest again.",
        ) from error


def _html(made: Page) -> str:
    return environment().get_template("issue.html.j2").render(page=made)


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Return the templates' environment: everything is escaped, and an unknown name is an error."""
    environment = Environment(
        loader=FileSystemLoader(COMPILED),
        # By name: Jinja's select_autoescape() would leave .html.j2 unescaped.
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),  # noqa: S701 - on for every template
        undefined=StrictUndefined,
    )
    environment.filters["nobreak"] = no_break
    environment.filters["link_words"] = link_words
    return environment
