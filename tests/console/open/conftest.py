"""An issue that has gone out, its mails, and a browser without cookies that opens their links."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from console.app import build
from corpus.issues import StoredIssue
from digest.issue import Doubt, Issue, Item, Section
from programme.types import Recipient
from programme.week import Week
from runtime.jobs import digest, serve
from runtime.settings import Secrets
from runtime.wiring import Program
from tests.console.conftest import MONDAY, collect, post
from tests.digest.conftest import invented, row

SITE = "https://kaiku.kunta.example"
KEY = "2026-W47"
EDITOR, READER = "editor@example.org", "reader@example.org"
WEEK = Week(year=2026, number=47)


def issue(**changes: object) -> Issue:
    """Return an issue of the small programme that shows two posts, the second as unclear."""
    parks, buses = replace(row("participation"), slug="parks"), replace(row("models"), slug="buses")
    return replace(
        invented(),
        themes=(parks, buses),
        topics=(),
        sections=(Section(slug="parks", items=(Item(post="mastodon:1", networks=("mastodon",), language="fi"),)),),
        doubts=(Doubt(post="mastodon:2", candidates=("parks", "buses")),),
        **changes,
    )


@dataclass
class Moved:
    """A clock that is moved by hand."""

    program: Program
    by: timedelta = timedelta()

    def __post_init__(self) -> None:
        self.start = self.program.clock()
        self.program.__dict__["clock"] = lambda: self.start + self.by


@pytest.fixture
def clock(program: Program) -> Moved:
    """The program's clock, which stands still until it is moved."""
    return Moved(program)


@pytest.fixture
def sited(program: Program, clock: Moved) -> Program:
    """A program with a site, a key, two posts and recipients; clocks stand."""
    del clock
    furnish(program)
    return program


def furnish(program: Program) -> None:
    """Give a program a site, a key, two posts and recipients."""
    site = replace(program.configuration.site, public_url=SITE)
    people = (
        Recipient(address=EDITOR, language="fi", role="editor"),
        Recipient(address=READER, language="sv", role="reader"),
    )
    program.__dict__["configuration"] = replace(program.configuration, site=site, recipients=people)
    program.secrets = Secrets({"KUNTAKAIKU_SECRET_KEY": "a key of the test"})
    before = MONDAY - timedelta(days=3)  # not in the week of the audit sample, which is judged blind
    texts = {1: "Kuka vastaa puiston penkeistä?", 2: "Bussi ei tullut puiston pysäkille."}
    collect(program, [post(number, text, created_at=before) for number, text in texts.items()])


@pytest.fixture
def send(sited: Program) -> Callable[..., None]:
    """Approve an issue and hand its mails over."""
    return partial(hand_over, sited)


def hand_over(program: Program, made: Issue | None = None) -> None:
    """Approve an issue and hand its mails over."""
    told = made or issue()
    program.corpus.issues.save_draft(
        StoredIssue(
            key=told.key,
            state="draft",
            numbers=told.as_json(),
            drafted_at=program.clock(),
            corpus_fingerprint="",
            model=None,
        )
    )
    digest.approve(program, told.week, who="test")
    assert digest.send(program, told.week).is_complete


@pytest.fixture
def mailed(sited: Program, send: Callable[..., None]) -> Program:
    """The program after week 47's mails have gone out."""
    send()
    return sited


@pytest.fixture
def stranger(sited: Program) -> Iterator[TestClient]:
    """A browser that was never here: no cookie, no word of where it comes from."""
    app = build(serve.house(sited), serve.door(sited, "127.0.0.1"))
    with TestClient(app, base_url=SITE, follow_redirects=False) as opened:
        yield opened


def mail_to(program: Program, recipient: str, issue_key: str = KEY) -> EmailMessage:
    """Return the mail of an issue that a recipient got."""
    for path in sorted(Path(program.settings.data / "mail").glob("*.eml")):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        assert isinstance(mail, EmailMessage)
        if str(mail["To"]) == recipient and path.name.startswith(f"{issue_key}-"):
            return mail
    raise LookupError(recipient)


def leave_address(program: Program, recipient: str) -> str:
    """Return the path of a recipient's right to leave, from the header of the mail."""
    found = re.fullmatch(rf"<{SITE}(/leave/[^>]+)>", str(mail_to(program, recipient)["List-Unsubscribe"]))
    assert found is not None
    return found[1]


def theme_addresses(program: Program, recipient: str) -> list[str]:
    """Return the paths of a recipient's rights to judge posts, in the mail's order."""
    body = mail_to(program, recipient).get_body(("plain",))
    assert body is not None
    return re.findall(rf"{SITE}(/theme/\S+)", body.get_content())
