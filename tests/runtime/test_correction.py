"""`digest correct` and `digest settle`: what went out wrong is corrected, what is in doubt is decided by a person."""

import email
import email.policy
import json
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from corpus.store import Corpus
from tests.runtime.conftest import corpus_line

pytestmark = pytest.mark.everything

Command = Callable[..., Any]
"""Runs a command and returns what it said: exit, out, err, json."""

WEEK = ("--week", "2026-W47")
LATER = "2026-11-25T06:00:00Z"
NOTE = ("--note", "fi=Puistojen luku oli väärä.", "--note", "sv=Antalet var fel.")


@pytest.fixture
def mailed(kuntakaiku: Command, configured: Path, archive: Path, house: Path) -> Path:
    """A house whose digest of week 47 has gone out."""
    del configured
    kuntakaiku("import", str(archive))
    for step in ("draft", "approve", "send"):
        assert kuntakaiku("digest", step, *WEEK).exit == 0
    return house


def relabel(kuntakaiku: Command, house: Path) -> None:
    """A person moves two posts of the week."""
    rows = [
        {"network": "mastodon", "native_id": str(n), "theme": "buses", "by": "aino", "at": "2026-11-24T06:00:00Z"}
        for n in (200, 202)
    ]
    (house / "labels.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    assert kuntakaiku("labels", "import", str(house / "labels.jsonl"), now=LATER).exit == 0


def mails_of(house: Path, issue: str) -> dict[str, EmailMessage]:
    """Return the mails of an issue by recipient."""
    found = {}
    for path in (house / "mail").glob("*.eml"):
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        if str(mail["X-Kuntakaiku-Issue"]) == issue:
            found[str(mail["To"])] = mail
    return found


def text_of(mail: EmailMessage) -> str:
    """Return a mail's plain text on one line."""
    body = mail.get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


def test_correction_answers_the_mail_that_it_corrects(kuntakaiku: Command, mailed: Path) -> None:
    """Each recipient gets it once, in the own language, saying what was corrected, as an answer to the first mail."""
    relabel(kuntakaiku, mailed)
    drafted = kuntakaiku("digest", "correct", *WEEK, *NOTE, "--json", now=LATER)
    assert drafted.exit == 0
    assert (drafted.json["issue"], drafted.json["corrects"]) == ("2026-W47.1", "2026-W47")
    assert drafted.json["numbers"]["corrected"]["labels"] == 2
    for step in ("approve", "send", "send"):
        assert kuntakaiku("digest", step, *WEEK, now=LATER).exit == 0
    first, second = mails_of(mailed, "2026-W47"), mails_of(mailed, "2026-W47.1")
    assert first.keys() == second.keys()
    assert {str(second[to]["In-Reply-To"]) for to in second} == {str(mail["Message-ID"]) for mail in first.values()}
    assert all(str(second[to]["In-Reply-To"]) == str(first[to]["Message-ID"]) for to in first)
    finnish = next(mail for mail in second.values() if mail["Content-Language"] == "fi")
    swedish = next(mail for mail in second.values() if mail["Content-Language"] == "sv")
    assert str(finnish["Subject"]).startswith("Korjaus: ")
    assert str(swedish["Subject"]).startswith("Rättelse: ")
    assert "Puistojen luku oli väärä." in text_of(finnish)
    assert "teeman korjaukset 2, luokittelija 0" in text_of(finnish)
    assert "Antalet var fel." in text_of(swedish)
    assert kuntakaiku("recompute", "2026-W47.1", now=LATER).exit == 0


@pytest.mark.usefixtures("mailed")
def test_nothing_is_corrected_without_a_difference_or_a_word(kuntakaiku: Command) -> None:
    """Where no number differs, a correction needs a person's explanation."""
    told = kuntakaiku("digest", "correct", *WEEK, now=LATER)
    assert (told.exit, "--note" in told.err) == (2, True)
    assert kuntakaiku("digest", "show", *WEEK, "--json").json["issue"] == "2026-W47"
    assert kuntakaiku("digest", "correct", *WEEK, *NOTE, now=LATER).exit == 0


@pytest.mark.parametrize("note", ["Puuttuu kieli", "de=Nein", "fi= "])
@pytest.mark.usefixtures("mailed")
def test_note_that_names_no_language_is_refused(kuntakaiku: Command, note: str) -> None:
    """What would be shown to nobody is said at once."""
    assert kuntakaiku("digest", "correct", *WEEK, "--note", note, now=LATER).exit == 2


@pytest.mark.usefixtures("configured")
def test_draft_is_no_mail_to_correct(kuntakaiku: Command, archive: Path) -> None:
    """What has not gone out is drafted again."""
    kuntakaiku("import", str(archive))
    kuntakaiku("digest", "draft", *WEEK)
    told = kuntakaiku("digest", "correct", *WEEK, *NOTE)
    assert (told.exit, "digest draft" in told.err) == (2, True)


def test_correction_can_be_made_anew_and_corrected(kuntakaiku: Command, mailed: Path) -> None:
    """A correction not yet sent is replaced, one that was sent is corrected by the next."""
    for state in ("draft", "approved"):
        assert kuntakaiku("digest", "correct", *WEEK, *NOTE, now=LATER).exit == 0
        if state == "draft":
            assert kuntakaiku("digest", "approve", *WEEK, now=LATER).exit == 0
    shown = kuntakaiku("digest", "show", *WEEK, "--json", now=LATER).json
    assert (shown["issue"], shown["state"]) == ("2026-W47.1", "draft")
    for step in ("approve", "send"):
        assert kuntakaiku("digest", step, *WEEK, now=LATER).exit == 0
    relabel(kuntakaiku, mailed)
    again = kuntakaiku("digest", "correct", *WEEK, "--json", now=LATER).json
    assert (again["issue"], again["corrects"]) == ("2026-W47.2", "2026-W47.1")


def test_schedule_sends_no_correction(kuntakaiku: Command, mailed: Path) -> None:
    """A correction goes out by a person's word, whatever the deadline of the week says."""
    (mailed / "config" / "delivery.toml").write_text('sender = "k@example.org"\nauto_send = "mon 12:00"\n')
    kuntakaiku("digest", "correct", *WEEK, *NOTE, now=LATER)
    kuntakaiku("run", "--once", now=LATER)
    assert kuntakaiku("digest", "show", *WEEK, "--json", now=LATER).json["state"] == "draft"


def test_what_had_not_gone_out_goes_out_no_more(kuntakaiku: Command, mailed: Path) -> None:
    """Whoever still waited for the wrong issue gets the correction alone; who was never to get it gets neither."""
    reader = "reader@example.org"
    with Corpus.open(f"sqlite:///{mailed / 'kuntakaiku.db'}") as corpus, corpus.database.writing() as connection:
        statement = "UPDATE deliveries SET state = 'deferred' WHERE recipient = ?"
        corpus.database.run(connection, statement, (reader,))
    (mailed / "mail").rename(mailed / "before")
    newcomer = '[[recipient]]\naddress = "new@example.org"\nlanguage = "fi"\nrole = "reader"\n'
    with (mailed / "config" / "recipients.toml").open("a", encoding="utf-8") as file:
        file.write(newcomer)
    for step in (("correct", *NOTE), ("approve",), ("send",)):
        assert kuntakaiku("digest", step[0], *WEEK, *step[1:], now=LATER).exit == 0
    assert mails_of(mailed, "2026-W47") == {}
    assert mails_of(mailed, "2026-W47.1").keys() == {"editor@example.org", reader}
    with Corpus.open(f"sqlite:///{mailed / 'kuntakaiku.db'}") as corpus:
        old = {one.recipient: one.state for one in corpus.issues.deliveries("2026-W47")}
    assert old == {"editor@example.org": "sent", reader: "refused"}


@pytest.mark.parametrize(("answer", "state", "mails"), [("--sent", "sent", 0), ("--again", "pending", 1)])
def test_person_settles_a_delivery_in_doubt(
    kuntakaiku: Command, mailed: Path, answer: str, state: str, mails: int
) -> None:
    """It is sent again, with the same Message-ID, only where a person says that it did not arrive."""
    first = mails_of(mailed, "2026-W47")["reader@example.org"]["Message-ID"]
    (mailed / "mail").rename(mailed / "before")
    with Corpus.open(f"sqlite:///{mailed / 'kuntakaiku.db'}") as corpus, corpus.database.writing() as connection:
        statement = "UPDATE deliveries SET state = 'in_doubt' WHERE recipient = 'reader@example.org'"
        corpus.database.run(connection, statement, ())
    settled = kuntakaiku("digest", "settle", "reader@example.org", answer, *WEEK, "--json")
    assert {one["recipient"]: one["state"] for one in settled.json["deliveries"]}["reader@example.org"] == state
    assert kuntakaiku("digest", "send", *WEEK).exit == 0
    again = mails_of(mailed, "2026-W47")
    assert [str(mail["Message-ID"]) for mail in again.values()] == [str(first)] * mails
    assert kuntakaiku("digest", "settle", "reader@example.org", answer, *WEEK).exit == 2


def test_next_issue_compares_with_the_correction(kuntakaiku: Command, mailed: Path) -> None:
    """What the following week says of printed numbers means the last that people were mailed."""
    relabel(kuntakaiku, mailed)
    lines = [corpus_line(950, "Puisto lumessa", "2026-11-24T10:00:00Z")]
    (mailed / "more.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    kuntakaiku("import", str(mailed / "more.jsonl"), now=LATER)
    following = ("--week", "2026-W48")
    before = kuntakaiku("digest", "draft", *following, "--json", now="2026-11-30T06:00:00Z").json
    assert before["numbers"]["corrections"]["labels"] == 2
    for step in (("correct",), ("approve",)):
        assert kuntakaiku("digest", *step, *WEEK, now=LATER).exit == 0
    after = kuntakaiku("digest", "draft", *following, "--json", now="2026-11-30T06:00:00Z").json
    assert after["numbers"]["corrections"]["labels"] == 0
