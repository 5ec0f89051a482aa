"""What strangers write to do harm is shown as text, and nothing else."""

import html
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from console import paper
from runtime.wiring import Program
from tests.bad_input.hostile import MARK, OWN, collected
from tests.console.conftest import collect, hostile_posts, tags

_CONSOLE = {
    "a", "article", "aside", "b", "bdi", "body", "br", "button", "datalist", "dd", "details", "div", "dl", "dt",
    "footer", "form", "h1", "h2", "header", "head", "html", "input", "kbd", "label", "li", "link", "main", "mark",
    "meta", "nav", "ol", "option", "p", "path", "script", "section", "select", "span", "strong", "summary", "svg",
    "symbol", "title", "ul", "use",
}  # fmt: skip
"""Elements of our own templates."""
_TABLES = frozenset(
    {"blockquote", "caption", "code", "h3", "progress", "rect", "table", "tbody", "td", "th", "thead", "tr"}
)
"""And of those with tables."""


_CHARTS = frozenset({"abbr", "figcaption", "figure", "line", "strong"})


def _check(page: str, more: frozenset[str] = frozenset(), *, swaps: bool = True) -> None:
    found = tags(page)
    assert {one.name for one in found} <= _CONSOLE | more
    assert sum(one.name == "h1" for one in found) == 1
    scripts = [one for one in found if one.name == "script"]
    assert [one.attributes["src"].split("?")[0] for one in scripts if one.attributes["src"]] == [
        *(["/static/htmx.min.js"] if swaps else []),
        "/static/console.js",
    ]
    for one in found:
        names = set(one.attributes)
        assert not {name for name in names if name.startswith("on") or name in ("style", "srcdoc", "formaction")}
        for name in ("href", "src", "action", "hx-get"):
            address = one.attributes.get(name)
            assert address is None or address.startswith(("/", "#", "http://", "https://"))
            assert name != "hx-get" or address is None or address.startswith("/discussions/")


@pytest.mark.fault("F13", how="hostile strings in text, name, handle and address")
def test_hostile_posts_are_inert(browser: TestClient, program: Program) -> None:
    """Every invented hostile string stands escaped, as text, name, handle and address, in list and thread."""
    collect(program, hostile_posts(list(OWN)))
    for number in range(1, len(OWN), 7):
        _check(browser.get(f"/discussions/mastodon:{number}").text)
    page = browser.get(f"/discussions?q={MARK}&lang=en").text
    _check(page)
    thread = browser.get("/discussions/mastodon:1").text
    assert html.escape("<script>alert(1)</script>") in thread
    assert "\u202e" not in thread
    assert "javascript:alert" not in [one.attributes.get("href") for one in tags(thread)]


_FIELDS = ("q", "theme", "network", "source", "language", "place", "from", "to", "after", "start")
_OTHERS = ("lang", "week", "mail", "role", "shape", "done")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is shown does not depend on it
@pytest.mark.parametrize(
    "field",
    [
        field if field in ("q", "week") else pytest.param(field, marks=pytest.mark.everything)
        for field in (*_FIELDS, *_OTHERS)
    ],
)
def test_hostile_addresses_are_inert(field: str, browser: TestClient, talk: Program) -> None:
    """What stands in an address comes back as text, if at all."""
    del talk
    for path in ("/discussions", "/discussions/mastodon:1", "/health", "/week", "/review"):
        for string in OWN:
            answer = browser.get(path, params={field: string[:500]})
            assert answer.status_code in (200, 404)
            _check(answer.text, more=_TABLES if path in ("/health", "/week", "/review") else frozenset())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is shown does not depend on it
@pytest.mark.everything
def test_hostile_questions_are_inert(browser: TestClient, talk: Program) -> None:
    """Where topics and numbers are asked for, too, what stands in an address comes back as text, if at all."""
    del talk
    for string in OWN[::3]:
        fields = dict.fromkeys(("q", "last", "against", "network", "area", "theme", "project"), string[:500])
        answer = browser.get("/explore", params={**fields, "weeks": "8"})
        assert answer.status_code == 200
        _check(answer.text, more=_TABLES | _CHARTS, swaps=False)
        topics = browser.get("/topics", params={"week": string[:500], "done": string[:500]})
        _check(topics.text, more=_TABLES | _CHARTS)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is shown does not depend on it
@pytest.mark.everything
def test_collected_hostile_strings_are_inert(browser: TestClient, program: Program, test_data: Path) -> None:
    """Thousands of collected ones, cross-site scripting among them, stand escaped in the threads that hold them."""
    strings = [one[:2_000] for one in collected(test_data)]
    posts = hostile_posts(strings, chain=40)
    for start in range(0, len(posts), 500):
        collect(program, posts[start : start + 500])
    for number in range(1, len(posts), 40):
        _check(browser.get(f"/discussions/mastodon:{number}").text)


@pytest.mark.control("F13")
def test_page_that_does_not_escape_is_noticed(
    browser: TestClient, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages whose templates take texts as they are do not pass the same look."""
    open_ = paper._environment().overlay(autoescape=False)
    monkeypatch.setattr(paper, "_environment", lambda: open_)
    with pytest.raises(AssertionError):
        test_hostile_posts_are_inert(browser, program)
