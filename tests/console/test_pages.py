"""Every page in every language, with its shields and without a missing word."""

import re
from itertools import product

import pytest
from starlette.testclient import TestClient

from runtime.wiring import Program
from tests.console.conftest import LANGUAGES, tags, words_of

PAGES = {
    "/discussions": 200,
    "/discussions?q=puisto": 200,
    "/discussions?q=puisto&theme=parks&network=mastodon&source=masto&language=fi&from=16.11.2026&to=22.11.2026": 200,
    "/discussions?q=%22": 200,
    "/discussions?place=Narnia&from=joskus": 200,
    "/discussions/mastodon:1": 200,
    "/discussions/mastodon:3": 200,
    "/discussions/mastodon:404": 404,
    "/review": 200,
    "/topics": 200,
    "/topics?week=2026-W47": 200,
    "/topics?week=x": 404,
    "/explore": 200,
    "/explore?q=puisto&weeks=8&area=municipality&theme=parks&network=mastodon&last=2026-W47&against=2026-W30": 200,
    "/explore?q=%22&weeks=7&area=moon&last=never": 200,
    "/data": 200,
    "/data?from=1.11.2026&to=x&theme=parks&language=fi": 200,
    "/files/exports/0": 404,
    "/access": 200,
    "/guidelines": 200,
    "/learning": 200,
    "/health": 200,
    "/health?week=2026-W40": 200,
    "/health?week=2026-W99": 404,
    "/tietosuoja": 200,
    "/saavutettavuus": 200,
    "/nothing": 404,
}


_SPOKEN = ("/tietosuoja", "/saavutettavuus")
"""Whose address says the language."""


@pytest.mark.parametrize(("page", "language"), product(PAGES, LANGUAGES))
def test_page_speaks_the_asked_language(
    page: str, language: str, browser: TestClient, talk: Program, week: Program
) -> None:
    """A page answers with its status, says in which language it is, and leaves no key or placeholder to be read."""
    del talk, week
    answer = browser.get(page, headers={"Accept-Language": f"{language};q=0.9, de"})
    asked = answer if page not in _SPOKEN else browser.get(f"{page}?lang={language}")
    assert asked.status_code == PAGES[page]
    found = tags(asked.text)
    assert next(one for one in found if one.name == "html").attributes["lang"] == language
    assert sum(one.name == "h1" for one in found) == 1
    assert {"header", "nav", "main", "footer"} <= {one.name for one in found}
    assert not re.search(r"\bconsole\.|\bdigest\.|\{[a-z_]+\}", words_of(asked.text))


@pytest.mark.parametrize("page", PAGES)
def test_page_runs_nothing_but_its_own_files(page: str, browser: TestClient, talk: Program) -> None:
    """The policy names our own files only, and no page has a script, style or handler inside it."""
    del talk
    answer = browser.get(page)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"
    for one in tags(answer.text):
        assert "style" not in one.attributes
        assert one.name != "style"
        assert not [name for name in one.attributes if name.startswith("on")]
        if one.name == "script":
            assert (one.attributes["src"] or "").startswith("/static/")


@pytest.mark.parametrize(
    "page",
    [
        "/discussions?q=puisto",
        "/discussions/mastodon:1",
        "/health",
        "/review",
        "/topics",
        "/explore?weeks=52&area=municipality&q=puisto",
    ],
)
def test_page_with_its_files_is_small(page: str, browser: TestClient, talk: Program, week: Program) -> None:
    """Markup, styles and scripts of a page together are at most 150 kB, before any packing."""
    del talk, week
    answer = browser.get(page)
    files = [one.attributes.get("src") or one.attributes.get("href") or "" for one in tags(answer.text)]
    sizes = [len(browser.get(name).content) for name in dict.fromkeys(files) if name.startswith("/static/")]
    assert len(sizes) == (3 if page.startswith("/explore") else 4)
    assert len(answer.content) + sum(sizes) <= 150_000


def test_choice_of_language_is_kept(browser: TestClient) -> None:
    """What the address asks for wins, and is remembered in a cookie that no script can read."""
    chosen = browser.get("/health?lang=sv", headers={"Accept-Language": "en"})
    cookie = chosen.headers["set-cookie"]
    assert "lang=sv" in cookie
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    later = browser.get("/health", headers={"Accept-Language": "en"})
    assert '<html lang="sv">' in later.text


def test_odd_languages_are_answered_in_the_first(browser: TestClient) -> None:
    """What nobody speaks, and what is no language at all, gets the programme's first language."""
    for asked, header in (("de", "de"), ("../fi", "*;q=x,,;"), ("<b>", "fi" * 4000), ("", "")):
        answer = browser.get("/health", params={"lang": asked}, headers={"Accept-Language": header})
        assert '<html lang="fi">' in answer.text
        assert "set-cookie" not in answer.headers


def test_first_page_leads_to_the_week(browser: TestClient) -> None:
    """The bare address leads to this week."""
    answer = browser.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/week")


def test_privacy_notice_stands_at_each_languages_own_address(browser: TestClient) -> None:
    """`/tietosuoja`, `/dataskydd` and `/privacy` are in their language, whatever the browser prefers."""
    for path, language in (("/tietosuoja", "fi"), ("/dataskydd", "sv"), ("/privacy", "en")):
        answer = browser.get(path, headers={"Accept-Language": "de"})
        assert f'<html lang="{language}">' in answer.text
        assert "Esimerkkikunta" in answer.text
