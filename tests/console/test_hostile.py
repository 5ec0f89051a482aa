"""What strangers write to do harm is shown as text, and nothing else."""

import html
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from corpus.post import Author, Post
from runtime.wiring import Program
from tests.bad_input.hostile import MARK, OWN, collected
from tests.console.conftest import collect, post, tags

_CONSOLE = {
    "a", "article", "aside", "b", "bdi", "body", "br", "button", "datalist", "dd", "details", "div", "dl", "dt",
    "footer", "form", "h1", "h2", "header", "head", "html", "input", "kbd", "label", "li", "link", "main", "mark",
    "meta", "nav", "ol", "option", "p", "path", "script", "section", "select", "span", "strong", "summary", "svg",
    "symbol", "title", "ul", "use",
}  # fmt: skip
"""Elements of our own templates."""


def _hostile_posts(strings: list[str], start: int = 1) -> list[Post]:
    return [
        post(
            number,
            f"{MARK} {string}",
            author=Author(native_id=f"h{number}", handle=string[:200] or None, name=string[:200] or None),
            url=string or None,
            lang=string[:20] or None,
            links=(string,),
            reply_to=None if number % 7 == 0 else str(number - 1),
        )
        for number, string in enumerate(strings, start=start)
    ]


def _check(page: str) -> None:
    found = tags(page)
    assert {one.name for one in found} <= _CONSOLE
    scripts = [one for one in found if one.name == "script"]
    assert [one.attributes["src"].split("?")[0] for one in scripts if one.attributes["src"]] == [
        "/static/htmx.min.js",
        "/static/console.js",
    ]
    for one in found:
        names = set(one.attributes)
        assert not {name for name in names if name.startswith("on") or name in ("style", "srcdoc", "formaction")}
        for name in ("href", "src", "action", "hx-get"):
            address = one.attributes.get(name)
            assert address is None or address.startswith(("/", "#", "http://", "https://"))
            assert name != "hx-get" or address is None or address.startswith("/discussions/")


def test_hostile_posts_are_inert(browser: TestClient, program: Program) -> None:
    """Every invented hostile string stands escaped, as text, name, handle and address, in list and thread."""
    collect(program, _hostile_posts(list(OWN)))
    for number in range(0, len(OWN), 7):
        _check(browser.get(f"/discussions/mastodon:{max(number, 1)}").text)
    page = browser.get(f"/discussions?q={MARK}&lang=en").text
    _check(page)
    thread = browser.get("/discussions/mastodon:1").text
    assert html.escape("<script>alert(1)</script>") in thread
    assert "\u202e" not in thread
    assert "javascript:alert" not in [one.attributes.get("href") for one in tags(thread)]


@pytest.mark.parametrize(
    "field", ["q", "theme", "network", "source", "language", "place", "from", "to", "after", "start", "lang", "week"]
)
def test_hostile_addresses_are_inert(field: str, browser: TestClient, talk: Program) -> None:
    """What stands in an address comes back as text, if at all."""
    del talk
    for path in ("/discussions", "/discussions/mastodon:1", "/health"):
        for string in OWN:
            answer = browser.get(path, params={field: string[:500]})
            assert answer.status_code in (200, 404)
            _check(
                answer.text.replace("<table", "<ul").replace("</table", "</ul")
                if path != "/health"
                else _plain(answer.text)
            )


def _plain(page: str) -> str:
    """Return the page of health without the elements that the other pages lack."""
    for name in ("table", "caption", "thead", "tbody", "tr", "th", "td", "progress", "rect", "code"):
        page = page.replace(f"<{name} ", "<span ").replace(f"<{name}>", "<span>")
    return page


@pytest.mark.everything
def test_collected_hostile_strings_are_inert(browser: TestClient, program: Program, test_data: Path) -> None:
    """Thousands of collected ones, cross-site scripting among them, stand escaped in the threads that hold them."""
    strings = [one[:2_000] for one in collected(test_data)]
    posts = _hostile_posts(strings)
    for start in range(0, len(posts), 500):
        collect(program, posts[start : start + 500])
    number = 0
    while number < len(posts):
        page = browser.get(f"/discussions/mastodon:{max(number, 1)}").text
        _check(page)
        number += 7
