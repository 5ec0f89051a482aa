"""This week, sent: by a button that asks whether one is sure, and mails in doubt decided by a person."""

import email
import email.policy

import pytest
from starlette.testclient import TestClient

from corpus.edits import Seen
from runtime.jobs import digest
from runtime.wiring import Program
from tests.console.conftest import OWN, client_of, words_of
from tests.console.test_week_edit import PAGE, WEEK, fields

pytestmark = pytest.mark.everything


@pytest.fixture
def approved(talk: Program, week: Program) -> Program:
    """An approved digest of the week, for an editor and a reader."""
    del week
    digest.draft(talk, talk.week(WEEK), who="test")
    digest.approve(talk, talk.week(WEEK), who="test")
    return talk


def mails(program: Program) -> list[str]:
    """Return the Message-IDs of all mails that were handed over, each once for each time."""
    found = [path.read_bytes() for path in (program.settings.data / "mail").glob("*.eml")]
    return [str(email.message_from_bytes(one, policy=email.policy.default)["Message-ID"]) for one in found]


def park(program: Program, recipient: str = "editor@example.org") -> None:
    """Let the answer to a mail stay away."""
    issues, now = program.corpus.issues, program.clock()
    issues.open_delivery(WEEK, recipient, message_id="<1@example.org>", now=now)
    issues.close_delivery(WEEK, recipient, state="in_doubt", now=now, reason="timed out")


def states(program: Program) -> dict[str, str]:
    """Return the state of each delivery, by the first letters of its address."""
    return {one.recipient.partition("@")[0]: one.state for one in program.corpus.issues.deliveries(WEEK)}


def test_digest_is_sent_by_the_button_once(browser: TestClient, approved: Program) -> None:
    """Only who says that they are sure sends; everybody gets one mail; the page and the log tell of it."""
    assert "I am sure: 2 recipients get it now." in words_of(browser.get(f"{PAGE}&lang=en").text)
    form = fields(browser)
    unsure = browser.post("/week/send?lang=en", data=form, headers=OWN)
    assert unsure.status_code == 422
    assert "Tick the box" in words_of(unsure.text)
    assert mails(approved) == []
    assert browser.post("/week/send", data={**form, "sure": "yes"}, headers=OWN).status_code == 303
    assert states(approved) == {"editor": "sent", "reader": "sent"}
    assert len(mails(approved)) == 2
    again = browser.post("/week/send?lang=en", data={**form, "sure": "yes"}, headers=OWN)
    assert again.status_code == 409
    assert "Nothing was sent." in words_of(again.text)
    assert len(mails(approved)) == 2
    assert approved.corpus.ledger.audits(limit=1)[0].what == "had the digest sent"
    assert approved.corpus.ledger.runs(limit=1)[0].counts == {"sent": 2}
    assert "/week/send" not in browser.get(PAGE).text


def test_digest_that_another_editor_withdrew_is_not_sent(browser: TestClient, approved: Program) -> None:
    """A page of an approval that was withdrawn, or of one before it, sends nothing."""
    form = fields(browser, sure="yes")
    with client_of(approved) as other:
        other.post("/week/edit", data=fields(other, act="withdraw", sure="yes"), headers=OWN)
        assert browser.post("/week/send", data=form, headers=OWN).status_code == 409
        other.post("/week/edit", data=fields(other, act="introduce", **{"introduction-fi": "Uusi."}), headers=OWN)
        assert other.post("/week/approve", data=fields(other), headers=OWN).status_code == 303
    late = browser.post("/week/send?lang=en", data=form, headers=OWN)
    assert late.status_code == 409
    assert "Look at it as it is now" in words_of(late.text)
    assert mails(approved) == []


def test_sending_that_fails_is_told(browser: TestClient, approved: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """Why nothing could be handed over stands on the page, and everybody waits."""
    from digest.transport import NoLineError

    def broken(_: object) -> None:
        raise NoLineError("The mail server does not answer.", "Look at doctor.")

    monkeypatch.setattr("runtime.jobs.digest.transport", broken)
    assert browser.post("/week/send", data=fields(browser, sure="yes"), headers=OWN).status_code == 303
    page = words_of(browser.get(f"{PAGE}&lang=en").text)
    assert "The last sending did not go through: The mail server does not answer." in page
    assert states(approved) == {"editor": "pending", "reader": "pending"}


@pytest.mark.parametrize(("decided", "state"), [("sent", "sent"), ("again", "pending"), ("give_up", "refused")])
def test_mail_in_doubt_is_decided_by_a_person(decided: str, state: str, browser: TestClient, approved: Program) -> None:
    """It arrived, or is sent again with the same Message-ID, or is given up: once, and by name in the log."""
    park(approved)
    assert "What became of the mail to editor@example.org?" in words_of(browser.get(f"{PAGE}&lang=en").text)
    form = fields(browser, recipient="editor@example.org", attempts="1", decided=decided)
    assert browser.post("/week/settle", data=form, headers=OWN).status_code == 422
    form["sure"] = "yes"
    assert browser.post("/week/settle", data=form, headers=OWN).status_code == 303
    assert states(approved)["editor"] == state
    second = browser.post("/week/settle?lang=en", data={**form, "decided": "sent"}, headers=OWN)
    assert second.status_code == 409
    assert "somebody decided before you" in words_of(second.text)
    assert states(approved)["editor"] == state
    assert approved.corpus.ledger.audits(limit=1)[0].what == f"settled a delivery as {state}"
    page = words_of(browser.get(f"{PAGE}&lang=en").text)
    assert "editor@example.org: refused" not in page
    if decided == "again":
        browser.post("/week/send", data=fields(browser, sure="yes"), headers=OWN)
        assert "<1@example.org>" in mails(approved)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"csrftoken": "x"}, 403),
        ({"decided": "perhaps"}, 400),
        ({"attempts": "-1"}, 400),
        ({"attempts": "2"}, 409),
        ({"recipient": "nobody@example.org"}, 409),
        ({"seen": "2026-W46 1"}, 409),
    ],
)
def test_odd_decisions_change_nothing(
    change: dict[str, str], status: int, browser: TestClient, approved: Program
) -> None:
    """A forged, late or senseless decision leaves the mail in doubt."""
    park(approved)
    form = fields(browser, recipient="editor@example.org", attempts="1", decided="sent", sure="yes") | change
    assert browser.post("/week/settle", data=form, headers=OWN).status_code == status
    assert states(approved)["editor"] == "in_doubt"


def test_pages_speak_of_sending_in_each_language(browser: TestClient, approved: Program) -> None:
    """Approved, in doubt and begun: no key is left to be read."""
    park(approved)
    approved.corpus.ledger.start(f"digest send-now {WEEK}", now=approved.clock())
    for language, running in (("fi", "Koostetta lähetetään."), ("sv", "Sammandraget skickas."), ("en", "It is being")):
        said = words_of(browser.get(f"{PAGE}&done=sending&lang={language}").text)
        assert running in said
        assert "console.week" not in said
    assert Seen.named(fields(browser)["seen"]) == approved.corpus.editing.get(WEEK).seen
