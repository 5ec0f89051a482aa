"""Logging in by a mailed link: for known people, once, not for long, by POST; and what a role may open."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from console.views.login import onward
from console.ways import WAYS
from corpus.people import Person
from programme.staff import RIGHTS, STAFF_ROLES, StaffRole
from runtime.jobs import access
from runtime.wiring import Program
from tests.console.conftest import client_of, signed, words_of

BASE = "https://kaiku.kunta.example"
OWN = {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def closed(program: Program) -> Program:
    """A console that asks who it is, with one person in each role."""
    configuration = program.configuration
    site = replace(configuration.site, login="magic-link", public_url=BASE)
    program.configuration = replace(configuration, site=site)
    for role in STAFF_ROLES:
        access.add(program, f"{role}@kunta.example", role, None, None, who="test")
    return program


@pytest.fixture
def stranger(closed: Program) -> Iterator[TestClient]:
    """A browser that nobody has logged in."""
    with client_of(closed, BASE) as opened:
        yield opened


def token_of(browser: TestClient) -> str:
    """Return what a form of the login page brings back."""
    return signed(browser.get("/login").text)


def mails(program: Program) -> list[str]:
    """Return the texts of the mails that were sent, oldest first."""
    files = sorted((program.settings.data / "mail").rglob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
    parsed = [message_from_bytes(file.read_bytes(), policy=default) for file in files]
    return [str(one.get_content()) for one in parsed]


def ask(browser: TestClient, address: str, **fields: str) -> Response:
    """Ask for a link."""
    return browser.post(
        "/login?lang=en", data={"csrftoken": token_of(browser), "address": address, **fields}, headers=OWN
    )


def link_of(program: Program) -> str:
    """Return the path of the link in the last mail."""
    found = re.search(rf"{re.escape(BASE)}(/login/link/\S+)", mails(program)[-1])
    assert found is not None
    return found[1]


def enter(program: Program, role: StaffRole) -> TestClient:
    """Return a browser that somebody of a role has logged in, as people do it."""
    browser = client_of(program, BASE)
    ask(browser, f"{role}@kunta.example")
    path = link_of(program)
    browser.get(path)
    answer = browser.post(path, data={"csrftoken": token_of(browser)}, headers=OWN)
    assert answer.status_code == 303
    return browser


def test_link_logs_in_once_by_post(closed: Program, stranger: TestClient) -> None:
    """The link is mailed; opening it changes nothing; its button logs in, to where the person was going; once."""
    sent = stranger.get("/health?week=2026-W47")
    assert (sent.status_code, sent.headers["location"]) == (303, "/login?next=%2Fhealth%3Fweek%3D2026-W47")
    ask(stranger, "Editor@Kunta.example", next="/health?week=2026-W47")
    path = link_of(closed)
    for _ in range(3):
        assert "One step is left" in words_of(stranger.get(f"{path}?lang=en").text)
        assert stranger.get("/health").status_code == 303
    form = {"csrftoken": token_of(stranger)}
    answer = stranger.post(path, data=form, headers=OWN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/health?week=2026-W47")
    cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith("__Host-session="))
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= {part.strip() for part in cookie.split(";")}
    shown = stranger.get("/health?lang=en")
    assert "max-age=31536000" in shown.headers["strict-transport-security"]
    page = words_of(shown.text)
    assert "editor Editor Log out" in page
    assert closed.corpus.ledger.audits(limit=1)[0].who == "editor"
    again = stranger.post(path, data=form, headers=OWN)
    assert again.status_code == 410
    assert "no longer good" in words_of(again.text)


def test_answer_tells_nobody_whether_an_address_is_known(closed: Program, stranger: TestClient) -> None:
    """Known or not, the page is the same, but for its token; a stranger's address gets no mail."""
    pages = [ask(stranger, address) for address in ("editor@kunta.example", "nobody@kunta.example")]
    told = {re.sub(r'value="[^"]+"', "", one.text) for one in pages}
    assert len(told) == 1
    assert len(mails(closed)) == 1


def test_link_is_good_for_a_quarter_of_an_hour(closed: Program, stranger: TestClient) -> None:
    """Later, forged or of another's making, it opens nothing."""
    ask(stranger, "editor@kunta.example")
    path, now = link_of(closed), closed.clock()
    form = {"csrftoken": token_of(stranger)}
    for wrong in (path[:-1] + "x", path + "0", "/login/link/a.b", path.replace(".", "")):
        assert stranger.post(wrong, data=form, headers=OWN).status_code == 410
    closed.clock = lambda: now + timedelta(minutes=16)
    with client_of(closed, BASE) as later:
        assert later.get(path).status_code == 410


def test_session_ends_by_idleness_age_and_removal(closed: Program) -> None:
    """Two hours unused, twelve in all, another role, or no access any more: each logs out."""
    now = closed.clock()

    def at(hours: float) -> None:
        closed.clock = lambda: now + timedelta(hours=hours)

    def works(browser: TestClient) -> bool:
        with client_of(closed, BASE) as other:  # the same browser on a server that was started anew
            other.cookies = browser.cookies
            return bool(other.get("/health").status_code == 200)

    browser = enter(closed, "reader")
    for hours in (1.9, 3.7, 5.5, 7.3, 9.1, 10.9):
        at(hours)
        assert works(browser)
    at(12.1)
    assert not works(browser)
    browser = enter(closed, "reader")
    at(14.2)
    assert not works(browser)
    browser = enter(closed, "reader")
    access.add(closed, "reader@kunta.example", "reviewer", None, None, who="test")
    assert not works(browser)
    browser = enter(closed, "editor")
    assert closed.corpus.people.remove("EDITOR@kunta.example", who="test", now=closed.clock())
    assert not works(browser)


def test_planted_session_opens_nothing(closed: Program) -> None:
    """A session that somebody put into the browser before the login is not the one after it, and is over."""
    attacker = enter(closed, "reader")
    planted = attacker.cookies["__Host-session"]
    victim = client_of(closed, BASE)
    victim.cookies.set("__Host-session", "chosen by somebody else", domain="kaiku.kunta.example")
    assert victim.get("/health").status_code == 303
    victim.cookies.set("__Host-session", planted, domain="kaiku.kunta.example")
    token = token_of_logged_in(victim)
    ask_link = victim.post("/login", data={"csrftoken": token, "address": "administrator@kunta.example"}, headers=OWN)
    assert ask_link.status_code == 200
    answer = victim.post(link_of(closed), data={"csrftoken": token}, headers=OWN)
    assert answer.status_code == 303
    assert planted not in answer.headers["set-cookie"]
    assert attacker.get("/health").status_code == 303


def token_of_logged_in(browser: TestClient) -> str:
    """Return the token of the button that logs out."""
    return signed(browser.get("/health").text)


def test_log_out_ends_the_session(closed: Program) -> None:
    """After it the old cookie opens nothing; a forged request does not log out."""
    browser = enter(closed, "reader")
    kept = browser.cookies["__Host-session"]
    assert browser.post("/logout", headers=OWN).status_code == 403
    answer = browser.post("/logout", data={"csrftoken": token_of_logged_in(browser)}, headers=OWN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?done=out")
    assert "cache" in answer.headers["clear-site-data"]
    browser.cookies.set("__Host-session", kept, domain="kaiku.kunta.example")
    assert browser.get("/health").status_code == 303


def test_tries_are_limited(closed: Program, stranger: TestClient) -> None:
    """An address gets three links in a quarter of an hour, silently; a client's twenty-first try is told to wait."""
    for _ in range(5):
        ask(stranger, "editor@kunta.example")
    assert len(mails(closed)) == 3
    answers = [ask(stranger, f"n{n}@kunta.example").status_code for n in range(16)]
    assert answers == [200] * 15 + [429]


@pytest.mark.parametrize(
    "address",
    ["//evil.example", "/\\evil.example", "https://evil.example/", "javascript:alert(1)", "", "/login", "/a\nb"],
)
def test_nobody_is_led_elsewhere(address: str) -> None:
    """After a login the way goes on to pages of ours only."""
    assert onward(address) == "/week"


@pytest.mark.parametrize("role", [*STAFF_ROLES, None])
def test_every_address_asks_for_its_right(role: StaffRole | None, closed: Program) -> None:
    """Each page and form lets in the roles that have its right, and nobody else; strangers are led to the login."""
    with client_of(closed, BASE) as browser:
        if role:
            _log_in(closed, browser, role)
        token = token_of_logged_in(browser) if role else token_of(browser)
        for way in WAYS:
            if way.path == "/logout":
                continue
            path = re.sub(r"\{[^}]+\}", "x", way.path)
            form = {"csrftoken": token}
            answer = browser.get(path) if way.view else browser.post(path, data=form, headers=OWN)
            led = answer.status_code == 303 and answer.headers["location"].startswith("/login?next=")
            barred = led if way.view else answer.status_code == 401
            refused = answer.status_code == 403 and "Roolisi ei riitä" in answer.text
            assert barred == (way.right is not None and role is None), path
            assert refused == (way.right is not None and role is not None and way.right not in RIGHTS[role]), path
            assert answer.status_code < 500, path


def _log_in(program: Program, browser: TestClient, role: StaffRole) -> Person:
    """Log a browser in without a mail."""
    from console.access.tokens import mark_of

    person = program.corpus.people.by_address(f"{role}@kunta.example")
    assert person is not None
    program.corpus.people.begin_session(person, mark_of(role), now=program.clock(), longest=timedelta(hours=1))
    browser.cookies.set("__Host-session", role, domain="kaiku.kunta.example")
    return person
