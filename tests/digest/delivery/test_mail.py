"""One issue as one person's mail: whole, the same each time, and unbreakable by strangers' words."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.rendering import Rendering
from digest.mail import ISSUE_HEADER, Letterhead, build_message, message_id
from digest.slots import Links
from digest.transport import wire_form

KEY, ANNA = "2026-W47", "anna@kunta.example"
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "Content-Language", "List-Id", "List-Unsubscribe", "List-Help",
    "List-Owner", "List-Post", "Auto-Submitted", "Precedence",
    ISSUE_HEADER, "MIME-Version", "Content-Type",
}  # fmt: skip
PAGE = (
    '<p>Å 100 % <a href="%%UNSUBSCRIBE%%">pois</a> <a href="%%PREFERENCES%%">muuta</a> <img src="cid:weeks" alt=""></p>'
)


def mail(
    subject: str = "Viikko 47: työllisyyspalvelut – 102 viestiä",
    text: str = "Hyvää päivää\n%%UNSUBSCRIBE%% %%PREFERENCES%%\n",
    html: str = PAGE,
    charts: Mapping[str, bytes] | None = None,
    name: str = "Kunnat 2021",
    links: Links | None = None,
    recipient: str = ANNA,
) -> EmailMessage:
    """Return the mail of a rendering, as a mail program reads it from the wire."""
    rendering = Rendering(
        issue=KEY, language="fi", role="reader", subject=subject, text=text, html=html, charts=charts or {}
    )
    letterhead = Letterhead(sender=f"{name} <kooste@kunta.example>", list_name=name, list_slug="kunnat-2021")
    built = build_message(
        rendering,
        letterhead=letterhead,
        recipient=recipient,
        identity=message_id(KEY, recipient, letterhead.domain),
        date=NOW,
        links=links or Links(),
    )
    read = message_from_bytes(built.as_bytes(), policy=SMTP)
    assert isinstance(read, EmailMessage)
    return read


def body(message: EmailMessage, kind: str) -> str:
    """Return one of the mail's two bodies."""
    part = message.get_body((kind,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n")


def test_both_bodies_and_pictures() -> None:
    """A mail is a text and an HTML alternative, the pictures beside the HTML under their Content-ID."""
    message = mail(charts={"weeks": b"\x89PNG\r\n\x1a\n1", "shares": b"\x89PNG\r\n\x1a\n2"})
    assert message.get_content_type() == "multipart/alternative"
    text, related = message.iter_parts()
    assert (text.get_content_type(), related.get_content_type()) == ("text/plain", "multipart/related")
    page, *pictures = related.iter_parts()
    assert page.get_content_type() == "text/html"
    assert [picture["Content-ID"] for picture in pictures] == ["<weeks>", "<shares>"]
    assert [picture.get_content() for picture in pictures] == [b"\x89PNG\r\n\x1a\n1", b"\x89PNG\r\n\x1a\n2"]
    assert {picture.get_content_disposition() for picture in pictures} == {"inline"}
    assert {text.get_content_charset(), page.get_content_charset()} == {"utf-8"}


def test_headers() -> None:
    """A mail says who, when, which list and that no robot shall answer."""
    message = mail()
    assert set(message.keys()) == HEADERS
    assert message["Subject"] == "Viikko 47: työllisyyspalvelut – 102 viestiä"
    assert message["From"] == "Kunnat 2021 <kooste@kunta.example>"
    assert parsedate_to_datetime(message["Date"]) == NOW
    assert message["List-Id"] == "Kunnat 2021 <kunnat-2021.kunta.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Precedence"] == "bulk"
    assert message[ISSUE_HEADER] == KEY


def test_unsubscribing_by_one_click() -> None:
    """With a console, mail programs may unsubscribe by themselves, and the slots hold the recipient's own addresses."""
    links = Links(unsubscribe_url="https://k.example/u?t=1&w=2", preferences_url="https://k.example/p?t=1")
    message = mail(links=links)
    assert message["List-Unsubscribe"] == "<https://k.example/u?t=1&w=2>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert body(message, "plain").splitlines()[1] == "https://k.example/u?t=1&w=2 https://k.example/p?t=1"
    assert 'href="https://k.example/u?t=1&amp;w=2"' in body(message, "html")
    assert "%%" not in body(message, "html") + body(message, "plain")


def test_one_click_is_promised_over_https_only() -> None:
    """RFC 8058: a mail program may post a right only where nobody can listen."""
    message = mail(links=Links(unsubscribe_url="http://k.example/u"))
    assert message["List-Unsubscribe"] == "<http://k.example/u>"
    assert message["List-Unsubscribe-Post"] is None


def test_list_tells_of_itself() -> None:
    """RFC 2369: whom to ask, where the archive is, and that nobody posts to the list."""
    message = mail(links=Links(archive_url="https://k.example/archive/?lang=fi"))
    assert message["List-Archive"] == "<https://k.example/archive/?lang=fi>"
    assert message["List-Help"] == "<mailto:kooste@kunta.example?subject=help>"
    assert message["List-Owner"] == "<mailto:kooste@kunta.example>"
    assert message["List-Post"] == "NO"


def test_each_post_has_its_own_ticket() -> None:
    """The places of a frozen mail are filled by post; where nothing can be signed, the link is no right."""
    page = '<a href="https://k.example/theme/%%TICKET:0003%%">x</a>'
    assert "/theme/t3" in body(mail(html=page, links=Links(ticket=lambda place: f"t{place}")), "html")
    assert "/theme/-" in body(mail(html=page), "html")


def test_unsubscribing_without_a_console() -> None:
    """Without a console slots and headers name the sender, who can be written to; nobody promises a click."""
    message = mail()
    assert message["List-Unsubscribe"] == "<mailto:kooste@kunta.example?subject=unsubscribe>"
    assert message["List-Unsubscribe-Post"] is None
    assert message["List-Archive"] is None
    assert 'href="mailto:kooste@kunta.example?subject=unsubscribe">pois' in body(message, "html")
    assert "mailto:kooste@kunta.example" in body(message, "plain")


def test_each_try_is_the_same_mail() -> None:
    """Two builds give equal bytes; the Message-ID belongs to issue and recipient, however the address is cased."""
    assert mail().as_bytes() == mail().as_bytes()
    assert message_id(KEY, ANNA, "a.example") == message_id(KEY, " Anna@Kunta.Example", "a.example")
    identities = {message_id(key, to, "a.example") for key in (KEY, "2026-W48") for to in (ANNA, "bo@kunta.example")}
    assert len(identities) == 4
    assert not any("anna" in identity for identity in identities)


def test_lone_surrogates_do_not_stop_a_mail() -> None:
    """A half character in a body is replaced; all else is kept."""
    assert body(mail(text="a\ud800ö\n"), "plain") == "a?ö\n"


def check(message: EmailMessage) -> None:
    """Assert that a mail has our headers only and fits the wire."""
    assert set(message.keys()) == HEADERS
    assert all(len(message.get_all(header, [])) == 1 for header in HEADERS)
    for line in wire_form(message).split(b"\r\n"):
        assert len(line) <= 998
        assert line.isascii()
        assert b"\r" not in line
        assert b"\n" not in line
        assert b"\0" not in line
    assert message["To"] == ANNA
    assert not {"\u202e", "\u2066", "\n", "\r", "\0"} & set(str(message["Subject"]) + str(message["From"]))
    assert message["From"].addresses[0].addr_spec == "kooste@kunta.example"


TRAP = "=?utf-8?q?=0D=0ABcc:_x@y.example?="
"""Encoded words: a library that reads them, and writes what they hold, begins a new header."""
HOSTILE = st.lists(
    st.one_of(st.characters(), st.sampled_from([*'\r\n\0\t:;<>@,"\\=?. \u202e\u2066\u2028åäö', TRAP])), max_size=60
).map("".join)


WORDS = st.lists(
    st.sampled_from(["Week", "47:", "”työllisyyspalvelut”", "–", "ä", "posts", "131", "ämnet,"]),
    min_size=1,
    max_size=20,
)


@settings(deadline=None)
@given(words=WORDS)
def test_every_space_of_a_subject_arrives(words: list[str]) -> None:
    """However long a subject is and wherever its lines are folded, it is read as it was written."""
    assert str(mail(subject=" ".join(words))["Subject"]) == " ".join(words)


@settings(max_examples=30, deadline=None)
@given(subject=HOSTILE, text=HOSTILE, name=HOSTILE.filter(lambda name: not {"<", ">"} & set(name)))
def test_no_words_break_a_mail(subject: str, text: str, name: str) -> None:
    """Whatever subject, bodies and list name hold, the mail has exactly its headers and fits the wire."""
    check(mail(subject=subject, text=text, html=text, name=name))


@pytest.mark.parametrize(
    ("subject", "read"),
    [
        pytest.param("a\r\nBcc: x@y.example", "a Bcc: x@y.example", id="header"),
        pytest.param("a\0b\x07c", "abc", id="controls"),
        pytest.param("\u202eevil", "\ufffdevil", id="turned"),
        pytest.param("ä" * 400, "ä" * 250, id="long"),
        pytest.param("=?utf-8?q?x=0ABcc:_y?=", "=\u2060?utf-8?q?x=0ABcc:_y?=", id="encoded word"),
    ],
)
def test_hostile_subjects(subject: str, read: str) -> None:
    """A subject stays one line of what was said."""
    message = mail(subject=subject)
    check(message)
    assert message["Subject"] == read


def test_naughty_strings_are_mailed(test_data: Path) -> None:
    """Every line of the collections of bad input goes through subject and bodies without a broken header."""
    lines = [
        line
        for file in sorted((test_data / "bad_input").rglob("*"))
        if file.is_file() and file.suffix in (".txt", ".json", ".csv")
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines()
    ]
    assert lines
    step = max(1, len(lines) // 100)
    for line in lines[::step]:
        check(mail(subject=line, text=line, html=line))
