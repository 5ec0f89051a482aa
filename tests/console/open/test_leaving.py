"""Leaving by one click, and coming back by a mailed confirmation."""

import re
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from programme.week import Week
from runtime.jobs.recipients import listed
from runtime.settings import Secrets
from runtime.wiring import Program
from tests.console.conftest import words_of
from tests.console.open.conftest import EDITOR, READER, Moved, issue, leave_address, mail_to

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def left(program: Program) -> set[str]:
    """Return who has left."""
    return set(program.corpus.addresses.left())


def test_one_click_leaves(mailed: Program, stranger: TestClient) -> None:
    """What a mail program posts by itself, without cookie or origin, takes the recipient off the list; again, too."""
    assert str(mail_to(mailed, READER)["List-Unsubscribe-Post"]) == "List-Unsubscribe=One-Click"
    address = leave_address(mailed, READER)
    for _ in range(2):
        assert stranger.post(address, data=ONE_CLICK).status_code == 200
    assert left(mailed) == {READER}
    assert [audit.subject for audit in mailed.corpus.ledger.audits() if audit.what == "left the list"] == [READER]


def test_opening_the_link_changes_nothing(mailed: Program, stranger: TestClient) -> None:
    """Scanners open every link; the page asks, and hides the address of a mail that may have been forwarded."""
    page = stranger.get(leave_address(mailed, READER))
    assert page.status_code == 200
    assert "r…@example.org" in page.text
    assert READER not in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert stranger.head(leave_address(mailed, READER)).status_code == 200
    assert left(mailed) == set()


@pytest.mark.everything
def test_page_speaks_the_language_of_the_mail(mailed: Program, stranger: TestClient) -> None:
    """The link of a Swedish mail opens a Swedish page, and its button leaves."""
    address = leave_address(mailed, READER)
    assert "Vill du avsluta prenumerationen?" in words_of(stranger.get(address).text)
    answer = stranger.post(address, data={})
    assert answer.status_code == 303
    assert "Prenumerationen är avslutad" in words_of(stranger.get(answer.headers["location"]).text)


@pytest.mark.everything
def test_link_works_for_years(mailed: Program, stranger: TestClient, clock: Moved) -> None:
    """The link of a mail of three years ago leaves, also after the key was changed and the one before it kept."""
    address = leave_address(mailed, READER)
    clock.by = timedelta(days=3 * 365)
    mailed.secrets = Secrets({"KUNTAKAIKU_SECRET_KEY": "another", "KUNTAKAIKU_SECRET_KEY_BEFORE": "a key of the test"})
    assert stranger.post(address, data=ONE_CLICK).status_code == 200
    assert left(mailed) == {READER}


def test_forged_links_are_told_so(mailed: Program, stranger: TestClient) -> None:
    """A changed, cut, empty or foreign link, or one for something else, leaves nobody off the list."""
    address = leave_address(mailed, READER)
    path, query = address.split("?")
    last = "A" if path[-1] != "A" else "B"
    forged = [path[:-1] + last, path[:-4], "/leave/-", "/leave/" + "A" * 60, path.replace("/leave/", "/theme/")]
    for one in forged:
        for answer in (stranger.get(f"{one}?{query}"), stranger.post(f"{one}?{query}", data=ONE_CLICK)):
            assert answer.status_code == 404, one
            assert "Länken gäller inte" in words_of(answer.text)
    assert left(mailed) == set()


@pytest.mark.everything
def test_who_left_is_mailed_no_more(
    mailed: Program, stranger: TestClient, send: Callable[..., None], clock: Moved
) -> None:
    """The next issue goes to the others, and the list of recipients says why."""
    stranger.post(leave_address(mailed, READER), data=ONE_CLICK)
    clock.by = timedelta(days=7)
    send(issue(week=Week(year=2026, number=48)))
    assert [one.recipient for one in mailed.corpus.issues.deliveries("2026-W48")] == [EDITOR]
    by_address = {one.address: one for one in listed(mailed)}
    assert (by_address[READER].standing, by_address[READER].gets) == ("left on 2026-11-23", "nothing")
    assert by_address[EDITOR].gets == "the long digest"


def question(program: Program) -> str:
    """Return the path that the mailed confirmation names."""
    for path in Path(program.settings.data / "mail").glob("mail-*.eml"):
        body = message_from_bytes(path.read_bytes(), policy=policy.default).get_body(("plain",))  # type: ignore[attr-defined]  # of the policy
        found = re.search(r"https://kaiku\.kunta\.example(/return/\S+)", body.get_content())
        if found:
            return found[1]
    raise LookupError


def test_coming_back_by_a_mailed_confirmation(mailed: Program, stranger: TestClient, clock: Moved) -> None:
    """Whoever left asks for a link by mail; opening it changes nothing, confirming it does, and only once."""
    address = leave_address(mailed, READER)
    stranger.post(address, data=ONE_CLICK)
    ask = address.replace("?", "/return?")
    assert stranger.post(ask).status_code == 200
    back = question(mailed)
    assert stranger.get(back).status_code == 200
    assert left(mailed) == {READER}
    assert stranger.post(back).status_code == 200
    assert left(mailed) == set()
    clock.by = timedelta(hours=2)
    stranger.post(address, data=ONE_CLICK)
    assert stranger.post(back).status_code == 409, "an old link must not undo a later leaving"
    assert left(mailed) == {READER}


@pytest.mark.everything
def test_question_is_mailed_once_an_hour(mailed: Program, stranger: TestClient, clock: Moved) -> None:
    """Nobody can fill a mailbox by pressing the button, and who has not left is not asked at all."""
    address = leave_address(mailed, READER)
    ask = address.replace("?", "/return?")

    def mails() -> int:
        return len(list(Path(mailed.settings.data / "mail").glob("mail-*.eml")))

    stranger.post(ask)
    assert mails() == 0
    stranger.post(address, data=ONE_CLICK)
    for _ in range(3):
        stranger.post(ask)
    assert mails() == 1
    clock.by = timedelta(hours=1)
    stranger.post(ask)
    assert mails() == 2


@pytest.mark.everything
def test_confirmation_expires(mailed: Program, stranger: TestClient, clock: Moved) -> None:
    """After a week the mailed link says that its time is over, and does nothing."""
    address = leave_address(mailed, READER)
    stranger.post(address, data=ONE_CLICK)
    stranger.post(address.replace("?", "/return?"))
    back = question(mailed)
    clock.by = timedelta(days=7)
    assert stranger.post(back).status_code == 410
    assert "Länken har gått ut" in words_of(stranger.get(back).text)
    assert left(mailed) == {READER}


def test_approved_issue_spares_who_leaves_before_it_goes_out(mailed: Program) -> None:
    """A delivery that waits ends as left, and no person has to look at it."""
    corpus, now = mailed.corpus, mailed.clock()
    key = "2026-W47"
    with corpus.database.writing() as connection:
        corpus.database.run(connection, "UPDATE deliveries SET state = 'deferred' WHERE recipient = ?", (READER,))
    assert corpus.addresses.leave(READER.upper(), who="test", now=now)
    delivery = next(one for one in corpus.issues.deliveries(key) if one.recipient == READER)
    assert (delivery.state, delivery.is_parked) == ("refused", False)


@pytest.mark.everything
@pytest.mark.parametrize("missing", ["site", "key"])
def test_without_a_site_or_a_key_mails_name_the_sender(sited: Program, send: Callable[..., None], missing: str) -> None:
    """Nothing is promised that cannot be kept: the header asks for a mail, and the command says what is missing."""
    from dataclasses import replace

    from runtime.jobs.links import lacking

    if missing == "key":
        sited.secrets = Secrets({})
    else:
        site = replace(sited.configuration.site, public_url=None)
        sited.__dict__["configuration"] = replace(sited.configuration, site=site)
    send()
    mail = mail_to(sited, READER)
    assert str(mail["List-Unsubscribe"]).startswith("<mailto:")
    assert mail["List-Unsubscribe-Post"] is None
    assert ("KUNTAKAIKU_SECRET_KEY" if missing == "key" else "public_url") in (lacking(sited) or "")
    body = mail.get_body(("plain",))
    assert body is not None
    assert "%%" not in body.get_content()
