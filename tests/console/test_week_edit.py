"""This week, edited: words, posts, topics and themes, by forms of our own page and only on what was seen."""

import html
import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from digest.issue import Issue
from runtime.jobs import digest
from runtime.wiring import Program
from tests.bad_input.hostile import OWN as OWN_STRINGS
from tests.console.conftest import OWN, client_of, collect, hostile_posts, signed, tags, words_of

WEEK = "2026-W47"
PAGE = f"/week?week={WEEK}"


@pytest.fixture
def drafted(talk: Program, week: Program) -> Program:
    """A draft of the week, for an editor and a reader."""
    del week
    digest.draft(talk, talk.week(WEEK), who="test")
    return talk


@pytest.fixture
def other(drafted: Program) -> Iterator[TestClient]:
    """The browser of a second editor."""
    with client_of(drafted) as opened:
        yield opened


def fields(browser: TestClient, **more: str) -> dict[str, str]:
    """Return what each form of the page carries, as it stands now, and more."""
    page = browser.get(f"{PAGE}&lang=en").text
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen
    return {"csrftoken": signed(page), "week": WEEK, "seen": html.unescape(seen[1]), **more}


def posts(program: Program) -> list[str]:
    """Return the keys of the posts that the draft shows in themes."""
    issue = Issue.from_json(digest.stored_issue(program, program.week(WEEK)).numbers)
    return [item.post for section in issue.sections for item in section.items]


def text_of(program: Program, language: str = "en") -> str:
    """Return the draft's mail for editors as it would be approved now."""
    stored = digest.stored_issue(program, program.week(WEEK))
    return " ".join(digest.mail_of(program, stored, language, "editor").text.split())


def test_introduction_is_saved_and_said(browser: TestClient, drafted: Program) -> None:
    """The words stand in the mail of their language and in the form; the page tells which language lacks them."""
    sent = fields(browser, act="introduce", **{"introduction-fi": "Hyvää huomenta!", "introduction-sv": "God morgon!"})
    answer = browser.post("/week/edit", data=sent, headers=OWN)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"{PAGE}&done=introduction&at=introduction#introduction",
    )
    page = browser.get(f"{PAGE}&done=introduction&at=introduction&lang=en").text
    assert 'role="status" id="told">The introduction was saved.' in page
    assert ">Hyvää huomenta!</textarea>" in page
    said = words_of(page)
    assert "Introduction in Finnish and Swedish" in said
    assert "No introduction in English" in said
    assert "by console." in said
    assert "Hyvää huomenta!" in text_of(drafted, "fi")
    assert "God morgon!" not in text_of(drafted, "fi")


@pytest.mark.everything
def test_post_is_left_out_shown_and_judged(browser: TestClient, drafted: Program) -> None:
    """Each button does one thing, is told where it was pressed, and is logged; a theme becomes a person's label."""
    key = posts(drafted)[0]
    answer = browser.post("/week/edit", data=fields(browser, act="hide", key=key), headers=OWN)
    place = answer.headers["location"]
    page = browser.get(place.partition("#")[0] + "&lang=en").text
    assert f'id="{place.partition("#")[2]}"' in page
    assert "Left out. It still counts in every number." in words_of(page)
    assert "The editors left out one" in text_of(drafted)
    browser.post("/week/edit", data=fields(browser, act="show", key=key), headers=OWN)
    assert "The editors left out" not in text_of(drafted)
    found = drafted.corpus.posts.by_native_id(*key.partition(":")[::2])
    assert found is not None
    fix = fields(browser, act="fix", key=key, theme="buses", labels=str(len(found.labels)))
    assert browser.post("/week/edit", data=fix, headers=OWN).status_code == 303
    after = drafted.corpus.posts.by_native_id(*key.partition(":")[::2])
    assert after is not None
    assert (after.standing, after.labels[-1].by) == ("buses", "console")
    assert "It counts once the draft is made anew." in words_of(browser.get(f"{PAGE}&lang=en").text)
    again = browser.post("/week/edit", data=fields(browser, act="draft"), headers=OWN)
    assert again.headers["location"].endswith("done=drafted")
    whats = [one.what for one in drafted.corpus.ledger.audits(limit=4)]
    assert whats == ["drafted", "fixed a theme", "showed a post again", "left out a post"]


@pytest.mark.everything
def test_second_of_two_editors_loses_nothing_and_overwrites_nothing(
    browser: TestClient, other: TestClient, drafted: Program
) -> None:
    """Who edits or approves what somebody changed meanwhile is told; words that were written stand in the form."""
    mine = fields(browser)
    key = posts(drafted)[0]
    theirs = fields(other, act="introduce", **{"introduction-fi": "Ensimmäinen."})
    assert other.post("/week/edit", data=theirs, headers=OWN).status_code == 303
    late = browser.post(
        "/week/edit?lang=en", data={**mine, "act": "introduce", "introduction-fi": "Toinen."}, headers=OWN
    )
    assert late.status_code == 409
    assert "Somebody changed the draft" in words_of(late.text)
    assert ">Toinen.</textarea>" in late.text
    for act in ({"act": "hide", "key": key}, {"act": "draft"}):
        assert browser.post("/week/edit", data={**mine, **act}, headers=OWN).status_code == 409
    assert browser.post("/week/approve", data=mine, headers=OWN).status_code == 409
    assert "Ensimmäinen." in text_of(drafted, "fi")
    stored = digest.stored_issue(drafted, drafted.week(WEEK))
    assert stored.state == "draft"
    labels = {"labels": "0", "key": posts(drafted)[-1]}
    first = other.post("/week/edit", data=fields(other, act="fix", theme="parks", **labels), headers=OWN)
    second = browser.post("/week/edit?lang=en", data=fields(browser, act="fix", theme="buses", **labels), headers=OWN)
    assert (first.status_code, second.status_code) == (303, 409)
    assert "Somebody judged this post" in words_of(second.text)


@pytest.mark.everything
def test_what_is_approved_is_edited_only_after_its_approval_is_withdrawn(browser: TestClient, drafted: Program) -> None:
    """The page of an approved digest has no forms to edit it, and a late one is told; withdrawing asks to be sure."""
    late = fields(browser, act="introduce", **{"introduction-fi": "Myöhässä."})
    browser.post("/week/approve", data=fields(browser), headers=OWN)
    page = browser.get(f"{PAGE}&lang=en").text
    assert "introduction-fi" not in page
    answer = browser.post("/week/edit?lang=en", data=late, headers=OWN)
    assert answer.status_code == 409
    assert "This digest is no draft any more" in words_of(answer.text)
    assert browser.post("/week/edit", data=fields(browser, act="withdraw"), headers=OWN).status_code == 422
    sure = browser.post("/week/edit", data=fields(browser, act="withdraw", sure="yes"), headers=OWN)
    assert sure.headers["location"].endswith("done=withdrawn")
    assert digest.stored_issue(drafted, drafted.week(WEEK)).state == "draft"
    assert browser.post("/week/edit", data=fields(browser, act="withdraw", sure="yes"), headers=OWN).status_code == 409


@pytest.mark.everything
@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"csrftoken": "x"}, 403),
        ({"seen": ""}, 400),
        ({"seen": f"{WEEK} 999"}, 409),
        ({"seen": "2026-W46 1"}, 409),
        ({"act": "publish"}, 400),
        ({"week": "x"}, 400),
        ({"week": "2026-W40"}, 404),
        ({"key": "mastodon:404"}, 409),
        ({"key": "\0"}, 409),
        ({"act": "pin", "key": "<script>"}, 409),
        ({"act": "fix", "labels": "x"}, 400),
        ({"act": "fix", "labels": "0", "theme": "moon"}, 409),
        ({"act": "introduce", "introduction-fi": "ä" * 1_501}, 422),
        ({"act": "withdraw", "sure": "yes"}, 409),
    ],
)
def test_odd_forms_change_nothing(change: dict[str, str], status: int, browser: TestClient, drafted: Program) -> None:
    """A forged, foreign, late or senseless form is a clear page, and leaves the draft as it was."""
    before = drafted.corpus.editing.get(WEEK)
    sent = fields(browser, act="hide", key=posts(drafted)[0]) | change
    answer = browser.post("/week/edit", data=sent, headers=OWN)
    assert answer.status_code == status
    assert "<script>" not in answer.text
    assert drafted.corpus.editing.get(WEEK) == before


@pytest.mark.everything
@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize("query", ["", "&done=hide", "&done=introduction&at=introduction", "&done=%3Cb%3E&at=%3Cb%3E"])
def test_edited_page_speaks_the_readers_language(
    query: str, language: str, browser: TestClient, drafted: Program
) -> None:
    """With everything changed, no key or placeholder is left to be read, and no odd address is repeated."""
    key = posts(drafted)[0]
    browser.post("/week/edit", data=fields(browser, act="hide", key=key), headers=OWN)
    browser.post("/week/edit", data=fields(browser, act="introduce", **{"introduction-fi": "Hei"}), headers=OWN)
    answer = browser.get(f"{PAGE}{query}&lang={language}")
    assert not re.search(r"\bconsole\.[a-z]|\bdigest\.[a-z]|\{[a-z_]+\}", words_of(answer.text))
    assert "<b>" not in answer.text.replace("<b>–", "").replace("<b>1", "").replace("<b>2", "").replace("<b>?", "")
    ids = re.findall(r' id="([^"]+)"', answer.text)
    assert len(ids) == len(set(ids))


@pytest.mark.everything
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is shown does not depend on it
def test_hostile_words_are_words(browser: TestClient, drafted: Program) -> None:
    """Hostile posts under a draft, introductions that were saved, and those that came too late stand escaped."""
    collect(drafted, hostile_posts(OWN_STRINGS, 1_000, chain=3))
    week = drafted.week("2026-W46")
    digest.draft(drafted, week, who="test")
    plain = browser.get(f"/week?week={week}").text
    assert plain.count("arrange") > 0
    _harmless(plain)
    for string in OWN_STRINGS[::9]:
        form = fields(browser, act="introduce", **{"introduction-fi": string[:1_500]})
        first, late = (browser.post("/week/edit", data=form, headers=OWN) for _ in range(2))
        assert first.status_code == 303
        if late.status_code == 409:  # an empty one changes nothing
            _harmless(late.text)
        _harmless(browser.get(PAGE).text)


def _harmless(page: str) -> None:
    for one in tags(page):
        assert not [name for name in one.attributes if name.startswith("on")]
        assert one.name not in ("img", "object", "embed", "style", "base")
        if one.name == "script":
            assert (one.attributes["src"] or "").startswith("/static/")
