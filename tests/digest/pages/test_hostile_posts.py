"""Whatever strangers write, the mail is deaf to it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from digest.inert import inert, one_line, web_address
from digest.issue import Issue, ShownPost
from digest.render import RenderedIssue
from programme.types import Localised
from tests.bad_input.browser import fires
from tests.bad_input.hostile import collected

LANGUAGES = ("fi", "sv", "en")
Render = Callable[..., RenderedIssue]
Read = Callable[[str], Any]


# --- hostile posts ---------------------------------------------------------------------------------------------------

OWN = [
    "<script>alert(1)</script>",
    "</blockquote></td></table><h1>x",
    '" onmouseover="alert(1)',
    "{{ page.subject }}{% raw %}",
    "<!--[if mso]><b>x</b><![endif]-->",
    "Subject: x\r\nBcc: everyone@example.org\r\n\r\nbody",
    "\u202eevil\u202c \u2066x\u2069",
    "\x00\x1b[2J\ud800",
    "%%UNSUBSCRIBE%%",
    "\ue000\ue001 {topic} {n}",
    "javascript:alert(1)",
]


def hostile(test_data: Path) -> list[str]:
    """Return every hostile string, ours and the collected ones, without the blank ones."""
    return [text for text in [*OWN, *collected(test_data)] if text.strip()]


def poisoned(issue: Issue, strings: list[str]) -> tuple[Issue, dict[str, ShownPost]]:
    """An issue in which strangers' words stand wherever a stranger's words can stand."""

    def at(place: int) -> str:
        return strings[place % len(strings)]

    def shown(place: int, style: str) -> ShownPost:
        return ShownPost(
            style=style,  # type: ignore[arg-type]  # one of the four, by the caller
            network=at(place) if style == "link" else "x" if style == "x" else "mastodon",
            url=web_address("https://x.example/" + at(place)) or web_address(at(place)),
            created_at=datetime(2026, 11, 17, tzinfo=UTC),
            language=None,
            text=inert(at(place)),
            name=Localised({"": one_line(at(place + 1))} if style == "x" else {"fi": one_line(at(place + 1))}),
            handle=one_line(at(place + 2)),
        )

    styles = ("organisation", "x", "text", "link")
    keys = issue.shown_keys
    posts = {key: shown(place, styles[place % 4]) for place, key in enumerate(keys)}
    topics = tuple(replace(one, label={"fi": at(place)}, language="fi") for place, one in enumerate(issue.topics))
    return replace(issue, topics=topics), posts


def assert_inert(read: Read, made: RenderedIssue, shapes: set[tuple[str, tuple[str, ...]]]) -> None:
    """Fail where a string of the page acts."""
    page = read(made.html)
    assert page.shapes <= shapes
    links = [value for _, name, value in page.attributes if name == "href"]
    assert all(link == "%%UNSUBSCRIBE%%" or link.startswith(("http://", "https://")) for link in links)
    assert made.html.count("%%UNSUBSCRIBE%%") == made.text.count("%%UNSUBSCRIBE%%") == 1
    # One conditional comment of the layout opens twice and closes once.
    assert made.html.count("<!--") == made.html.count("-->") + 1
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", made.text + made.html + made.subject)
    assert "\n" not in made.subject
    assert len(made.subject) <= 150
    (made.html + made.text + made.subject).encode()


def shapes_of(rendered: Render, read: Read, issue: Issue) -> set[tuple[str, tuple[str, ...]]]:
    """Every tag with its attributes that the templates themselves write."""
    tame, posts = poisoned(issue, ["sana"])
    linked = {key: replace(post, url="https://x.example/1", language="sv") for key, post in posts.items()}
    shapes: set[tuple[str, tuple[str, ...]]] = set()
    for shown in (posts, linked, {}):
        shapes |= read(rendered(tame, shown=shown).html).shapes
    return shapes


@pytest.mark.fault("F13", how="hostile posts in the mail")
def test_our_own_hostile_posts_are_inert(rendered: Render, read: Read, week47: Issue) -> None:
    """No string becomes a tag, an attribute, a link, a control or a slot, whichever place it takes."""
    shapes = shapes_of(rendered, read, week47)
    for start in range(len(OWN)):
        issue, shown = poisoned(week47, OWN[start:] + OWN[:start])
        assert_inert(read, rendered(issue, shown=shown), shapes)


def mails_of(rendered: Render, issue: Issue, lines: list[str]) -> Iterator[RenderedIssue]:
    """Render every string, many to a mail: in each place that a stranger's words can take, and all in one post."""
    for start in range(0, len(lines), 200):
        chunk = lines[start : start + 200]
        poison, shown = poisoned(issue, chunk)
        everything = ShownPost(
            style="x",  # printed whole
            network="x",
            url="https://x.example/1",
            created_at=datetime(2026, 11, 17, tzinfo=UTC),
            language="fi",
            name=Localised({"": one_line(chunk[0])}),
            text=inert("\n".join(chunk)),
        )
        shown["mastodon:111"] = everything
        yield rendered(poison, shown=shown)


def test_every_known_hostile_string_is_inert(rendered: Render, read: Read, week47: Issue, test_data: Path) -> None:
    """The collected naughty strings, scripts, sanitiser's cases and formulas become no tag, attribute, link or slot."""
    shapes = shapes_of(rendered, read, week47)
    for made in mails_of(rendered, week47, hostile(test_data)):
        assert_inert(read, made, shapes)


@pytest.mark.everything
def test_no_hostile_string_runs_in_a_browser(rendered: Render, week47: Issue, test_data: Path, tmp_path: Path) -> None:
    """A browser that shows the mails of all of them runs none."""
    assert not fires(tmp_path, "".join(made.html for made in mails_of(rendered, week47, hostile(test_data))))
