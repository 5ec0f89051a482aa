"""Discussions are found, listed once, and read as people read them."""

from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from runtime.wiring import Program
from tests.console.conftest import MONDAY, collect, post, tags, words_of


def test_thread_is_read_across_networks(browser: TestClient, talk: Program) -> None:
    """Replies stand under what they answer; what was taken back keeps its place without a word of who did it."""
    del talk
    page = browser.get("/discussions/mastodon:1?lang=en").text
    words = words_of(page)
    assert "5 posts, 5 writers" in words
    order = [
        "Kuka vastaa",
        "Kaupunki, mutta",
        "no longer available",
        "Tack, bänkarna",
        "is not shown",
        "Penkeistä puhutaan",
    ]
    places = [words.rindex(part) for part in order]
    assert places == sorted(places)
    assert "The same discussion on Bluesky" in words
    assert "theme checked by EK" in words
    assert "came with the discussion" in words
    assert "kirjoittaja3" not in page
    texts = [one.attributes["lang"] for one in tags(page) if one.attributes.get("class") == "post-text"]
    assert texts == ["fi", "fi", "sv", "fi"]


def test_links_out_of_the_house_tell_it_nothing(browser: TestClient, talk: Program) -> None:
    """What leads to a network says nothing of where it came from; nothing of a post is fetched."""
    del talk
    found = tags(browser.get("/discussions/mastodon:1").text)
    out = [one for one in found if (one.attributes.get("href") or "").startswith("http")]
    assert len(out) == 4
    assert all(one.attributes["rel"] == "noopener noreferrer nofollow" for one in out)
    assert not [one for one in found if one.name in ("img", "iframe", "video", "audio", "object", "embed")]


def test_any_post_of_a_discussion_opens_it(browser: TestClient, talk: Program) -> None:
    """A deep link leads to the whole discussion, with its own post marked; one to a post taken back as well."""
    del talk
    page = browser.get("/discussions/bluesky:at%3A%2F%2Fdid%3Aplc%3Aabc%2Fapp.bsky.feed.post%2F20").text
    marked = [one for one in tags(page) if one.name == "article" and "aria-current" in one.attributes]
    assert [one.attributes["id"] for one in marked] == ["p6"]
    assert 'href="/discussions/mastodon:1"' in page
    assert browser.get("/discussions/mastodon:3").status_code == 200


@pytest.mark.parametrize(
    "name", ["mastodon:404", "mastodon", ":", "x:", ":1", "..%2F..%2Fetc%2Fpasswd", "mastodon:1%00", "a" * 3000]
)
def test_unknown_discussion_is_a_clear_page(name: str, browser: TestClient, talk: Program) -> None:
    """A link to nothing says so, in words that tell nothing of anybody."""
    del talk
    answer = browser.get(f"/discussions/{name}?lang=en")
    assert answer.status_code == 404
    assert "There is no such discussion" in answer.text


def test_newest_discussions_stand_first_and_once(browser: TestClient, talk: Program) -> None:
    """The list without a search has each discussion once, by its newest post."""
    del talk
    page = browser.get("/discussions?lang=en").text
    paths = [one.attributes["href"] for one in tags(page) if "hx-get" in one.attributes]
    assert [path.partition("?")[0] for path in paths if path] == ["/discussions/mastodon:1", "/discussions/mastodon:9"]


def test_pages_of_the_list_hold_everything_once(browser: TestClient, program: Program) -> None:
    """Going on from page to page shows every discussion once, whatever was said in it since."""
    posts = [post(n, f"Puisto {n}", created_at=MONDAY + timedelta(minutes=n)) for n in range(1, 40)]
    late = [
        post(100 + n, "Vastaus", reply_to=str(n), created_at=MONDAY + timedelta(minutes=100 + n)) for n in range(1, 20)
    ]
    collect(program, [*posts, *late])
    seen: list[str] = []
    address: str | None = "/discussions"
    while address:
        found = tags(browser.get(address).text)
        seen += [(one.attributes["href"] or "").partition("?")[0] for one in found if "hx-get" in one.attributes]
        further = [one.attributes["href"] or "" for one in found if one.attributes.get("class") == "btn small"]
        address = next((href for href in further if "after=" in href), None)
    assert len(seen) == len(set(seen)) == 39


def test_search_marks_what_it_found(browser: TestClient, talk: Program) -> None:
    """Words are found in any form, marked in the text; filters narrow, and everything written stands there again."""
    del talk
    page = browser.get("/discussions?q=puistot&theme=parks&network=mastodon&from=16.11.2026&lang=en").text
    assert "1 post found." in words_of(page)
    assert '<mark class="hit">puistossa</mark>' in page
    assert 'value="puistot"' in page
    assert '<option value="parks" selected>' in page
    assert browser.get("/discussions?q=puistot&theme=buses&lang=en").text.count("hx-get") == 0


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("q=%22x", "A quotation mark is never closed"),
        ("q=-x", "only says what to leave out"),
        ("q=" + "x" * 700, "The search is too long"),
        ("q=puisto&after=n.x", "does not exist"),
        ("after=d.1", "does not exist"),
        ("after=d.99999999999999999999.1", "does not exist"),
        ("place=Narnia", "There is no municipality of that name"),
        ("from=32.13.2026", "Write a day like"),
        ("to=0000-00-00", "Write a day like"),
    ],
)
def test_search_that_means_nothing_says_so(query: str, said: str, browser: TestClient, talk: Program) -> None:
    """A fault of the search is told beside it, in the reader's words; the page is there."""
    del talk
    answer = browser.get(f"/discussions?{query}&lang=en")
    assert answer.status_code == 200
    assert said in words_of(answer.text)


def test_choices_that_do_not_exist_are_left_out(browser: TestClient, talk: Program) -> None:
    """A theme or network that nobody knows narrows nothing, and nothing of it comes back as markup."""
    del talk
    page = browser.get("/discussions?theme=<b>x&network=y&source=z&language=../fi&lang=en").text
    assert page.count("hx-get") == 2
    assert "<b>x" not in page


def test_long_discussion_comes_in_pages(browser: TestClient, program: Program) -> None:
    """Forty posts stand on a page; a deep link opens the page that holds its post."""
    posts = [post(1, "Alku")] + [post(n, f"Vastaus {n}", reply_to="1", via="thread") for n in range(2, 101)]
    collect(program, posts)
    first = words_of(browser.get("/discussions/mastodon:1?lang=en").text)
    assert "Posts 1–40 of 100" in first
    assert "100 posts, 100 writers" in first
    assert "Posts 81–100 of 100" in words_of(browser.get("/discussions/mastodon:95?lang=en").text)
    assert "Posts 41–80 of 100" in words_of(browser.get("/discussions/mastodon:1?start=50&lang=en").text)
    for odd in ("-1", "999999", "x", "1e3", "٣"):
        assert "Posts 1–40 of 100" in words_of(
            browser.get("/discussions/mastodon:1", params={"start": odd, "lang": "en"}).text
        )
