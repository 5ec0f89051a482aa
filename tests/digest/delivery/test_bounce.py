"""Reports of mail servers; every one here is invented, in the shapes that Postfix, Exchange and Exim write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.bounce import LARGEST, Bounce, read_report

IDENTITY = "<0123abcd@kunta.example>"


def report(
    *fields: str,
    back: str = "message/rfc822",
    original: str = f"Message-ID: {IDENTITY}\r\nSubject: Viikko 47\r\n",
    report_id: str = "<r1@mx.example>",
) -> bytes:
    """Return a report with a block of fields for each recipient."""
    blocks = "\r\n".join(("Reporting-MTA: dns; mx.example\r\n", *(f"{block}\r\n" for block in fields)))
    lines = [
        f"Message-ID: {report_id}",
        "From: MAILER-DAEMON@mx.example",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
        "MIME-Version: 1.0",
        "",
        "--b",
        "Content-Type: text/plain",
        "",
        "Sorry.",
        "--b",
        "Content-Type: message/delivery-status",
        "",
        blocks,
        "--b",
        f"Content-Type: {back}",
        "",
        original,
        "--b--",
        "",
    ]
    return "\r\n".join(lines).encode()


def block(
    recipient: str = "anna@kunta.example", action: str = "failed", status: str = "5.1.1", said: str = "550 no such user"
) -> str:
    """Return the fields of one recipient."""
    return (
        f"Final-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {said}\r\n"
    )


def only(mail: bytes) -> Bounce:
    """Return the one bounce of a report."""
    (bounce,) = read_report(mail)
    return bounce


@pytest.mark.parametrize("back", ["message/rfc822", "text/rfc822-headers", "message/global-headers"])
def test_report_tells_whom_why_and_of_which_mail(back: str) -> None:
    """Recipient, status and words are read, and the mail that came back whole or as its headers is recognised."""
    found = only(report(block(), back=back))
    assert (found.recipient, found.action, found.status) == ("anna@kunta.example", "failed", "5.1.1")
    assert found.message_id == IDENTITY
    assert "no such user" in found.said
    assert found.is_hard


@pytest.mark.parametrize(
    ("action", "status", "is_hard"),
    [
        ("failed", "5.1.1", True),
        ("failed", "5.1.10 (recipient not found)", True),
        ("failed", "5.2.1", True),
        ("failed", "5.0.0", True),
        ("Failed", "5.4.4", False),
        ("failed", "5.2.2", False),
        ("failed", "5.3.4", False),
        ("failed", "5.7.1", False),
        ("failed", "5.7.30", False),
        ("failed", "4.4.7", False),
        ("delayed", "4.4.1", False),
        ("delivered", "2.0.0", False),
        ("failed", "", False),
    ],
)
def test_only_the_address_own_fault_is_hard(action: str, status: str, *, is_hard: bool) -> None:
    """A full mailbox, a mail too large, a policy, a broken road and a delay spare the address."""
    assert only(report(block(action=action, status=status))).is_hard is is_hard


def test_original_recipient_is_preferred() -> None:
    """Where a server forwarded the mail, the address that we wrote to counts."""
    fields = "Original-Recipient: rfc822;anna@kunta.example\r\n" + block("secret@elsewhere.example")
    assert only(report(fields)).recipient == "anna@kunta.example"


def test_each_recipient_of_a_report_is_told() -> None:
    """A report may speak of several."""
    found = read_report(report(block(), block("bo@kunta.example", "delayed", "4.2.2")))
    assert [(one.recipient, one.is_hard) for one in found] == [
        ("anna@kunta.example", True),
        ("bo@kunta.example", False),
    ]


def test_same_report_has_the_same_name() -> None:
    """However often it is fetched, and however a server re-wraps it, a report is one; another is another."""
    again = report(block(), original=f"Subject: x\r\nMessage-ID: {IDENTITY}\r\n")
    assert only(report(block())).report == only(again).report
    assert only(report(block())).report != only(report(block(), report_id="<r2@mx.example>")).report


@pytest.mark.parametrize(
    "mail",
    [
        b"",
        b"Subject: Lomalla\r\nAuto-Submitted: auto-replied\r\n\r\nPalaan maanantaina.\r\n",
        report(),
        report("Final-Recipient: rfc822; anna@kunta.example\r\n"),
        report(block(recipient="no address")),
        b"Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n\r\n--b\r\n\r\n--b--\r\n",
        report(block()) + b"x" * LARGEST,
    ],
    ids=["empty", "auto reply", "no recipient", "no action", "no address", "read receipt", "too large"],
)
def test_what_is_no_report_says_nothing(mail: bytes) -> None:
    """People's answers, receipts and half reports are passed over."""
    assert read_report(mail) == ()


def test_words_of_a_server_are_one_short_line() -> None:
    """Whatever a server writes, it cannot break a line of ours."""
    said = only(report(block(said="550 no\r\n  such\x1b[31m user " + "x" * 900))).said
    assert "\n" not in said
    assert "\x1b" not in said
    assert len(said) <= 200


@given(st.binary(max_size=400), st.integers(0, 900), st.integers(0, 900))
def test_whatever_comes_back_is_read_or_passed_over(noise: bytes, at: int, cut: int) -> None:
    """A report damaged anywhere raises nothing."""
    whole = report(block())
    found = read_report(whole[:at] + noise + whole[at + cut :])
    assert all("@" in one.recipient for one in found)
