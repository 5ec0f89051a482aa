"""Whatever strangers write, the mail is deaf to it."""

import gzip
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from digest.inert import inert, one_line, web_address
from digest.issue import Issue, ShownPost
from digest.render import RenderedIssue
from programme.types import Localised

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
    """Return every collected hostile string."""
    naughty = json.loads((test_data / "bad_input" / "blns.json").read_text("utf-8"))
    with gzip.open(test_data / "bad_input" / "xss_payloads.txt.gz", "rt", encoding="utf-8", errors="replace") as lines:
        return [*OWN, *naughty, *(line.rstrip("\n") for line in lines)]


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


def test_our_own_hostile_posts_are_inert(rendered: Render, read: Read, week47: Issue) -> None:
    """No string becomes a tag, an attribute, a link, a control or a slot, whichever place it takes."""
    shapes = shapes_of(rendered, read, week47)
    for start in range(len(OWN)):
        issue, shown = poisoned(week47, OWN[start:] + OWN[:start])
        assert_inert(read, rendered(issue, shown=shown), shapes)


def test_every_known_hostile_string_is_inert(rendered: Render, read: Read, week47: Issue, test_data: Path) -> None:
    """The collected naughty strings and cross-site scripting lines, many to a mail."""
    shapes = shapes_of(rendered, read, week47)
    lines = [text for text in hostile(test_data) if text.strip()]
    for start in range(0, len(lines), 200):
        chunk = lines[start : start + 200]
        issue, shown = poisoned(week47, chunk)
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
        assert_inert(read, rendered(issue, shown=shown), shapes)
