"""The archive: stable addresses, nothing of one recipient's, what was taken back gone; and its feed."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import fromstring

import feedparser
import pytest
from starlette.testclient import TestClient

from console.open.feed import Entry, Feed, written
from corpus.changes import decide
from corpus.issues import StoredIssue
from digest.issue import Item, Section
from programme.types import Localised
from runtime.jobs.redact import redact
from runtime.wiring import Program
from tests.bad_input.hostile import OWN
from tests.console.conftest import post, tags, words_of
from tests.console.open.conftest import EDITOR, KEY, READER, SITE, Moved, issue, mail_to

PAGE = f"/archive/{KEY}"
ATOM = "{http://www.w3.org/2005/Atom}"


def test_issue_has_an_address_in_each_language(mailed: Program, stranger: TestClient) -> None:
    """The share link of each mail opens the whole issue for everybody, in the language that it names."""
    for language, headline in (("fi", "Viikko 47"), ("sv", "Vecka 47"), ("en", "Week 47")):
        page = stranger.get(f"{PAGE}?lang={language}")
        assert page.status_code == 200
        assert page.headers["Content-Language"] == language
        assert headline in words_of(page.text)
        assert [one.name for one in tags(page.text)].count("body") == 1
        assert "body" not in words_of(page.text), "its tag stands as words in it"
    body = mail_to(mailed, READER).get_body(("plain",))
    assert body is not None
    assert f"{SITE}{PAGE}?lang=sv" in body.get_content()


@pytest.mark.usefixtures("mailed")
def test_page_holds_nothing_of_one_recipient(stranger: TestClient) -> None:
    """No right, no address, no slot, no picture from elsewhere; and a browser is told to ask for nothing."""
    page = stranger.get(f"{PAGE}?lang=fi")
    assert not re.search(r"/leave/|/theme/|%%|mailto:|cid:", page.text)
    assert EDITOR not in page.text
    sources = [one.attributes["src"] or "" for one in tags(page.text) if one.name == "img"]
    assert sources
    assert all(one.startswith("data:image/png;base64,") for one in sources)
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_archive_shows_what_has_gone_out(sited: Program, stranger: TestClient, send: Callable[..., None]) -> None:
    """A draft is nobody's to read; what went out is listed with its subject; other addresses are told so."""
    told = issue()
    sited.corpus.issues.save_draft(
        StoredIssue(
            key=KEY,
            state="draft",
            numbers=told.as_json(),
            drafted_at=sited.clock(),
            corpus_fingerprint="",
            model=None,
        )
    )
    for path in (PAGE, "/archive/2026-W99", "/archive/x", f"{PAGE}.0"):
        assert stranger.get(path).status_code == 404, path
    assert "Yhtään koostetta ei ole vielä lähetetty." in words_of(stranger.get("/archive/?lang=fi").text)
    send(told)
    listed = stranger.get("/archive/?lang=fi")
    subject = next(one.subject for one in sited.corpus.archive.listed("fi"))
    assert subject in words_of(listed.text)
    assert f"{PAGE}?lang=fi" in [one.attributes.get("href") for one in tags(listed.text)]


def test_deleted_post_is_gone_from_the_page(
    sited: Program, stranger: TestClient, send: Callable[..., None], clock: Moved
) -> None:
    """After the sweep's redaction neither page nor feed shows the post; the numbers stay, the rights still work."""
    settings = replace(sited.configuration.delivery, quote_private="text")
    sited.__dict__["configuration"] = replace(sited.configuration, delivery=settings)
    send()
    clock.by = timedelta(hours=3)
    assert "penkeistä" in stranger.get(PAGE).text
    assert "penkeistä" in stranger.get("/archive/atom.xml?lang=fi").text
    leave = str(mail_to(sited, READER)["List-Unsubscribe"])
    known = sited.corpus.posts.known("mastodon", ["1"])
    gone = decide([post(1, None, gone="deleted")], known, sited.clock())
    sited.corpus.posts.apply(gone, source="masto", now=sited.clock())
    assert redact(sited) == 1
    page = stranger.get(f"{PAGE}?lang=fi")
    assert "penkeistä" not in page.text
    assert "Viesti on poistettu." in words_of(page.text)
    assert "penkeistä" not in stranger.get("/archive/atom.xml?lang=fi").text
    assert str(mail_to(sited, READER)["List-Unsubscribe"]) == leave


@pytest.mark.everything
def test_correction_stands_beside_its_issue(mailed: Program, stranger: TestClient, send: Callable[..., None]) -> None:
    """Both are listed, and each page leads to the other."""
    send(issue(correction=1, explanation=Localised({"fi": "Luku oli väärä."})))
    listed = [one.key for one in mailed.corpus.archive.listed("fi")]
    assert listed == [f"{KEY}.1", KEY]
    first, second = (stranger.get(f"/archive/{key}?lang=fi") for key in (KEY, f"{KEY}.1"))
    assert "Tästä koosteesta on oikaisu" in words_of(first.text)
    assert f"{PAGE}.1?lang=fi" in [one.attributes.get("href") for one in tags(first.text)]
    assert "Alkuperäinen kooste" in words_of(second.text)


def test_page_that_was_tampered_with_is_not_shown(mailed: Program, stranger: TestClient) -> None:
    """A page that is not what was approved is refused."""
    with mailed.corpus.database.writing() as connection:
        mailed.corpus.database.run(connection, "UPDATE renderings SET html = html || ?", ("<script>",))
    assert stranger.get(PAGE).status_code == 503


@pytest.mark.everything
def test_page_holds_what_the_mail_left_out(sited: Program, stranger: TestClient, send: Callable[..., None]) -> None:
    """What a shortened mail counts as more is linked to the page, which has all of it."""
    told = issue()
    many = tuple(
        replace(told.themes[0], slug=f"t{n}", name=Localised(dict.fromkeys(("fi", "sv", "en"), f"Teema numero {n}")))
        for n in range(70)
    )
    sections = tuple(Section(slug=one.slug, items=(Item(post="mastodon:1"),)) for one in many)
    send(replace(told, themes=many, sections=sections))
    body = mail_to(sited, READER).get_body(("plain",))
    assert body is not None
    more = rf"Och \d+ till: {re.escape(f'{SITE}{PAGE}?lang=sv')}"
    assert re.search(more, " ".join(body.get_content().split()))
    assert "Teema numero 69" not in body.get_content()
    assert "Teema numero 69" in words_of(stranger.get(f"{PAGE}?lang=sv").text)


def test_feed_is_valid_atom(mailed: Program, stranger: TestClient) -> None:
    """A feed reader finds no fault and each issue once, under the address of its page, in each language."""
    for language in ("fi", "sv", "en"):
        answer = stranger.get(f"/archive/atom.xml?lang={language}")
        assert answer.headers["content-type"].startswith("application/atom+xml")
        read = feedparser.parse(answer.content)
        assert not read.bozo
        assert read.version == "atom10"
        (entry,) = read.entries
        assert entry.link == entry.id == f"{SITE}{PAGE}?lang={language}"
        assert entry.title == mailed.corpus.archive.listed(language)[0].subject
        root = fromstring(answer.content)  # noqa: S314 - our own document
        assert [root.find(ATOM + name) is not None for name in ("id", "title", "updated", "author")] == [True] * 4


def test_hostile_words_are_inert_in_the_feed() -> None:
    """Whatever stands in a subject or text, the document is XML, and reads back as text without an element."""
    now = datetime(2026, 11, 23, 6, tzinfo=UTC)
    entries = tuple(
        Entry(address=f"{SITE}/archive/{n}", title=text, published_at=now, updated_at=now, text=text)
        for n, text in enumerate(OWN)
    )
    feed = Feed(address=SITE, page=SITE, title="x", author="y", language="fi", entries=entries)
    root = fromstring(written(feed))  # noqa: S314 - our own document
    found = root.findall(f"{ATOM}entry")
    assert len(found) == len(OWN)
    assert {child.tag for entry in found for child in entry.iter()} == {
        f"{ATOM}{name}" for name in ("entry", "id", "title", "link", "published", "updated", "content")
    }
    contents = [entry.findtext(f"{ATOM}content") or "" for entry in found]
    assert all(re.fullmatch(r"(?s)<pre>[^<>]*</pre>", content) for content in contents)
