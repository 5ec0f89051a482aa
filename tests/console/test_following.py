"""Following topics and words on the topics page: the command's own function, and what the issue tells of it."""

import pytest
from starlette.testclient import TestClient

from corpus.issues import StoredIssue
from runtime.jobs import digest, follow
from runtime.wiring import Program
from tests.console.conftest import OWN, signed, words_of


def test_words_are_followed_and_told_until_they_are_not(browser: TestClient, talk: Program, week: Program) -> None:
    """What is followed stands on the page, is told by the next digest, and ends by one button; all names who did it."""
    del week
    form = {"csrftoken": signed(browser.get("/topics?lang=en").text), "week": "2026-W47"}
    sent = browser.post("/topics/follow", data=form | {"act": "follow", "topic": " puisto  penkki "}, headers=OWN)
    assert sent.headers["location"] == "/topics?week=2026-W47&done=follow"
    assert "told of from the next digest on" in words_of(browser.get("/topics?done=follow&lang=en").text)
    (one,) = follow.following(talk)
    assert (one.words, talk.corpus.decisions.all()[0].who) == ("puisto penkki", "console")
    assert "puisto penkki: told of from the next digest on." in words_of(browser.get("/topics?lang=en").text)
    digest.draft(talk, talk.week("2026-W47"), who="test")
    assert "“puisto penkki”: " in words_of(browser.get("/topics?week=2026-W47&lang=en").text)
    browser.post("/topics/follow", data=form | {"act": "unfollow", "topic": one.key}, headers=OWN)
    assert follow.following(talk) == ()


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"act": "follow", "topic": "🎉"}, 303),
        ({"act": "unfollow", "topic": "nobody"}, 303),
        ({"act": "follow", "topic": " "}, 400),
        ({"act": "explode", "topic": "puisto"}, 400),
    ],
)
def test_what_cannot_be_followed_changes_nothing(
    fields: dict[str, str], status: int, browser: TestClient, talk: Program
) -> None:
    """Nothing that could be counted, nothing that is followed, no such act: told, and the log stays as it was."""
    form = {"csrftoken": signed(browser.get("/topics").text), "week": "2026-W47"}
    answer = browser.post("/topics/follow?lang=en", data=form | fields, headers=OWN)
    assert answer.status_code == status
    assert talk.corpus.decisions.all() == ()


def test_page_tells_what_became_of_topics(browser: TestClient, talk: Program, week: Program) -> None:
    """The track record of an issue is told in its own words."""
    del week
    digest.draft(talk, talk.week("2026-W47"), who="test")
    stored = digest.stored_issue(talk, talk.week("2026-W47"))
    record = {"raised": 3, "lived": 2, "ended": 0, "dismissed": 1, "young": 0, "since": stored.numbers["week"]}
    fields = {name: getattr(stored, name) for name in StoredIssue.__dataclass_fields__}
    talk.corpus.issues.save_draft(StoredIssue(**(fields | {"numbers": dict(stored.numbers) | {"record": record}})))
    said = words_of(browser.get("/topics?week=2026-W47&lang=sv").text)
    assert "2 levde i minst fyra veckor" in said
    assert "1 avfärdades" in said
