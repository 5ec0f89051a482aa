"""This week: the mail as it goes out, and approval by a form that only our own page can send."""

import re
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from corpus.ledger import Audit
from digest.render import RenderingError
from runtime.jobs import digest
from runtime.wiring import Program
from tests.console.conftest import OWN, client_of, tags, words_of


@pytest.fixture
def drafted(talk: Program, week: Program) -> Program:
    """A draft of the week, for an editor and a reader."""
    del week
    digest.draft(talk, talk.week("2026-W47"), who="test")
    return talk


def _form(page: str) -> dict[str, str]:
    """Return the fields of the page's form."""
    found = [one.attributes for one in tags(page) if one.name == "input" and one.attributes.get("type") == "hidden"]
    return {str(one["name"]): str(one["value"]) for one in found}


def test_the_mail_is_the_one_that_goes_out(browser: TestClient, drafted: Program) -> None:
    """The frame shows the very mail of each language and length; subject and plain text are its own."""
    mails = digest.render_issue(drafted, digest.stored_issue(drafted, drafted.week("2026-W47")))
    for (language, role), mail in mails.items():
        address = f"week=2026-W47&mail={language}&role={role}"
        page = browser.get(f"/week?{address}&lang=en").text
        frame = next(one for one in tags(page) if one.name == "iframe")
        assert frame.attributes["sandbox"] in ("", None)
        assert frame.attributes["title"]
        shown = browser.get(str(frame.attributes["src"]))
        assert mail.html.split("<body")[1][:500].partition("cid:")[0] in shown.text
        assert "%%" not in shown.text
        assert mail.subject in words_of(page)
        text = browser.get(f"/week?{address}&shape=text")
        assert mail.text.splitlines()[0] in text.text


def test_draft_that_cannot_be_written_says_why(
    browser: TestClient, drafted: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page stands and tells the reason in place of the mail; there is nothing to approve, also for a late form."""
    form = _form(browser.get("/week?week=2026-W47").text)

    def refuse(*_: object, **__: object) -> None:
        raise RenderingError("The template of 2026-W47 is broken.", "Mend it.")

    monkeypatch.setattr("digest.render.render", refuse)
    told = browser.get("/week?week=2026-W47&lang=en")
    assert told.status_code == 200
    assert "No mail can be made of this digest, so nothing is sent." in words_of(told.text)
    assert "The template of 2026-W47 is broken. Mend it." in words_of(told.text)
    assert "/week/approve" not in told.text
    assert browser.post("/week/approve", data=form, headers=OWN).status_code == 503
    assert digest.stored_issue(drafted, drafted.week("2026-W47")).state == "draft"


def test_the_frame_can_do_nothing(browser: TestClient, drafted: Program) -> None:
    """A mail in its frame has a policy of its own: sandboxed, framed by us alone, asking nothing of anybody."""
    del drafted
    answer = browser.get("/week/mail?week=2026-W47")
    policy = answer.headers["content-security-policy"]
    assert "sandbox;" in policy
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'self'" in policy
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    plain = browser.get("/week/mail?week=2026-W47&shape=text")
    assert plain.headers["content-type"].startswith("text/plain")


def test_approval_freezes_what_was_seen(browser: TestClient, drafted: Program) -> None:
    """The button approves the draft: mails are frozen, deliveries opened, the log says who, and nothing is sent."""
    page = browser.get("/week?week=2026-W47&lang=fi")
    assert "2 vastaanottajaa" in words_of(page.text)
    answer = browser.post("/week/approve", data=_form(page.text), headers=OWN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/week?week=2026-W47&done=approved")
    after = browser.get("/week?week=2026-W47&done=approved&lang=fi")
    assert "Kooste on hyväksytty" in words_of(after.text)
    assert "/week/approve" not in after.text
    stored = digest.stored_issue(drafted, drafted.week("2026-W47"))
    assert (stored.state, stored.approved_by) == ("approved", "console")
    assert [one.state for one in drafted.corpus.issues.deliveries("2026-W47")] == ["pending", "pending"]
    assert isinstance(drafted.corpus.ledger.audits(limit=1)[0], Audit)
    assert drafted.corpus.ledger.audits(limit=1)[0].who == "console"
    assert "Hyväksyi koosteen" in words_of(after.text)


def test_second_of_two_editors_is_told(browser: TestClient, drafted: Program) -> None:
    """Who approves what somebody approved before gets a clear page, and nothing changes."""
    form = _form(browser.get("/week?week=2026-W47").text)
    with client_of(drafted) as other:
        theirs = _form(other.get("/week?week=2026-W47").text)
        assert other.post("/week/approve", data=theirs, headers=OWN).status_code == 303
    before = drafted.corpus.issues.renderings("2026-W47")
    answer = browser.post("/week/approve?lang=sv", data=form, headers=OWN)
    assert answer.status_code == 409
    assert "Någon hann godkänna" in words_of(answer.text)
    assert drafted.corpus.issues.renderings("2026-W47") == before


def test_draft_that_nobody_saw_is_not_approved(browser: TestClient, drafted: Program) -> None:
    """A draft that was made anew while the page was open must be looked at again."""
    form = _form(browser.get("/week?week=2026-W47").text)
    now = drafted.clock()
    drafted.clock = lambda: now + timedelta(hours=1)
    digest.draft(drafted, drafted.week("2026-W47"), who="test")
    answer = browser.post("/week/approve?lang=en", data=form, headers=OWN)
    assert answer.status_code == 409
    assert "Somebody changed the draft, or made it anew" in words_of(answer.text)
    assert digest.stored_issue(drafted, drafted.week("2026-W47")).state == "draft"


@pytest.mark.parametrize("change", ["no token", "foreign token", "foreign origin", "no origin", "no cookie", "get"])
def test_forged_approval_changes_nothing(change: str, browser: TestClient, drafted: Program) -> None:
    """Only our own page's form approves; a link never does."""
    form = _form(browser.get("/week?week=2026-W47").text)
    headers = dict(OWN)
    if change == "no token":
        form.pop("csrftoken")
    elif change == "foreign token":
        with client_of(drafted) as other:
            form["csrftoken"] = _form(other.get("/week?week=2026-W47").text)["csrftoken"]
    elif change == "foreign origin":
        headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    elif change == "no origin":
        headers = {}
    elif change == "no cookie":
        browser.cookies.clear()
    if change == "get":
        answer = browser.get("/week/approve", params=form)
        assert answer.status_code == 405
    else:
        answer = browser.post("/week/approve", data=form, headers=headers)
        assert answer.status_code == 403
    assert digest.stored_issue(drafted, drafted.week("2026-W47")).state == "draft"


def test_the_forms_cookie_is_out_of_reach(browser: TestClient, drafted: Program) -> None:
    """The cookie that a form answers is for our own pages alone, and no script reads it."""
    del drafted
    cookie = browser.get("/week?week=2026-W47").headers["set-cookie"]
    assert re.search(r"csrftoken=[^;]{20,}", cookie)
    assert "SameSite=Strict" in cookie
    assert "HttpOnly" in cookie


@pytest.mark.parametrize(
    ("week", "status"), [("2026-W46", 404), ("2026-W99", 400), ("", 400), ("<script>", 400), ("../2026-W47", 400)]
)
def test_odd_approval_is_a_clear_page(week: str, status: int, browser: TestClient, drafted: Program) -> None:
    """A week without a draft, and what is no week, approve nothing."""
    form = _form(browser.get("/week?week=2026-W47").text) | {"week": week}
    answer = browser.post("/week/approve", data=form, headers=OWN)
    assert answer.status_code == status
    assert "<script>alert" not in answer.text
    assert digest.stored_issue(drafted, drafted.week("2026-W47")).state == "draft"


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize("path", ["/week", "/week?week=2026-W40", "/week?week=2026-W47&mail=xx&role=x&shape=x"])
def test_page_of_the_week_speaks_the_readers_language(
    path: str, language: str, browser: TestClient, drafted: Program
) -> None:
    """With and without a draft, the page is whole in each language, and names what to do."""
    del drafted
    answer = browser.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert not re.search(r"\bconsole\.|\{[a-z_]+\}", words_of(answer.text))
    assert ("digest draft" in answer.text) == ("W40" in path)


def test_mails_that_did_not_get_through_are_told(browser: TestClient, drafted: Program) -> None:
    """A delivery in doubt stands with whom it is for and what to do."""
    digest.approve(drafted, drafted.week("2026-W47"), who="test")
    issues, now = drafted.corpus.issues, drafted.clock()
    issues.open_delivery("2026-W47", "editor@example.org", message_id="<1@example.org>", now=now)
    issues.close_delivery("2026-W47", "editor@example.org", state="in_doubt", now=now, reason="timed out")
    page = words_of(browser.get("/week?week=2026-W47&lang=en").text)
    assert "editor@example.org: handed over, but no clear answer came" in page
    assert "47/2026" in page


def test_odd_mail_is_a_clear_page(browser: TestClient, drafted: Program) -> None:
    """A week without an issue has no mail to show."""
    del drafted
    assert browser.get("/week/mail?week=2026-W40").status_code == 404
    assert browser.get("/week/mail?week=x").status_code == 404
    assert browser.get("/week?week=x").status_code == 404
