"""A short mail to an administrator: what went wrong, since when, what to do; or that it works again."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from digest.mail import POLICY, Letterhead, header_text
from digest.speech import Speaker
from programme.values import split_sender


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Subject and text of a mail without pictures and links."""

    subject: str
    text: str
    language: str


def write_notice(speaker: Speaker, *, kind: str, news: str, subject: str, detail: str, since_at: datetime) -> Notice:
    """Return what an administrator is told of a trouble; the words stand under ``alert`` in the catalogues.

    Args:
        speaker: the reader's language.
        kind: ``source``, ``stream``, ``deliveries``, ``draft``, ``sending``, ``address``, ``backup``, ``webhook``,
            ``template``, ``note`` or ``note_deliveries``.
        news: ``began`` or ``ended``.
        subject: the source, also of a stream, the issue's week, an address, or a trend note's name.
        detail: the state of a source or stream.
        since_at: when the trouble began.
    """
    when = speaker.text("format.at", day=speaker.day(since_at), time=speaker.clock(since_at))
    lines = [speaker.text(f"alert.{kind}.{news}", subject=subject, when=when)]
    if news == "began":
        if kind in ("source", "stream"):
            lines.append(speaker.text(f"alert.why.{detail}"))
        lines.append(speaker.text(f"alert.{kind}.remedy", subject=subject))
        if kind not in ("deliveries", "address", "webhook", "template", "note", "note_deliveries"):
            lines.append(speaker.text("alert.once"))
    lines.append(speaker.text("alert.footer_editors" if kind in ("template", "note") else "alert.footer"))
    return Notice(
        subject=speaker.text(f"alert.{kind}.{news}_subject", subject=subject),
        text="\n\n".join(lines) + "\n",
        language=speaker.language,
    )


def build_notice(
    notice: Notice, *, letterhead: Letterhead, recipient: str, identity: str, date: datetime
) -> EmailMessage:
    """Return a notice as a mail; ``identity`` is its Message-ID."""
    message = EmailMessage(policy=POLICY)
    name, address = split_sender(letterhead.sender)
    message["From"] = Address(display_name=header_text(name), addr_spec=address)
    message["To"] = Address(addr_spec=recipient)
    message["Subject"] = header_text(notice.subject)
    message["Date"] = format_datetime(date)
    message["Message-ID"] = identity
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no robot shall answer
    message.set_content(notice.text, charset="utf-8", cte="quoted-printable")
    message["Content-Language"] = notice.language  # after the content, which clears all headers about it
    return message
