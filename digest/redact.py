"""Mails of an issue after a post in them was taken back: in the archive, and in files of one's own."""

from collections.abc import Callable, Mapping, Sequence
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from html import escape
from pathlib import Path

from corpus.issues import Delivery
from corpus.rendering import Rendering
from digest.mail import ISSUE_HEADER, POLICY, Letterhead, build_message
from digest.mailbox import keep
from digest.slots import Links
from programme.messages import Messages

GONE = "digest.post.gone"


def emptied(rendering: Rendering, messages: Messages) -> Rendering:
    """Return a mail of which nothing can be told but that something in it was deleted.

    For issues that cannot be written anew: numbers in a form of long ago, or a language that is no longer configured.
    """
    said = messages.translate(GONE, rendering.language)
    page = (
        f'<!doctype html><html lang="{escape(rendering.language)}"><head><meta charset="utf-8">'
        f"<title>{escape(rendering.issue)}</title></head><body><h1>{escape(rendering.issue)}</h1>"
        f"<p>{escape(said)}</p></body></html>"
    )
    return Rendering(
        issue=rendering.issue,
        language=rendering.language,
        role=rendering.role,
        subject=rendering.issue,
        text=f"{rendering.issue}\n\n{said}\n",
        html=page,
    )


def rewrite_mails(
    directory: Path,
    issue: str,
    renderings: Mapping[tuple[str, str], Rendering],
    deliveries: Sequence[Delivery],
    letterhead: Letterhead,
    links: Callable[[Delivery], Links] = lambda _: Links(),
) -> int:
    """Write the kept ``.eml`` files of an issue anew from redacted renderings; return how many were changed.

    Recipient, Message-ID, date, what it replies to and the recipient's own links stay. A recipient of whom no delivery
    tells gets the first rendering of the language.
    """
    known = {delivery.recipient.casefold(): delivery for delivery in deliveries}
    changed = 0
    for path in sorted(directory.glob(f"{issue}-*.eml")):
        before = path.read_bytes()
        mail = BytesParser(policy=policy.default).parsebytes(before)
        recipient = str(mail["To"] or "").strip()
        language = str(mail["Content-Language"] or "").strip()
        delivery = known.get(recipient.casefold())
        found = renderings.get((delivery.language, delivery.role) if delivery else (language, "reader"))
        found = found or next((one for (code, _), one in sorted(renderings.items()) if code == language), None)
        if str(mail[ISSUE_HEADER] or "").strip() != issue or found is None:
            continue
        message = _again(mail, found, recipient, letterhead, links(delivery) if delivery else Links())
        after = message.as_bytes(policy=POLICY)
        if after != before:
            keep(path, after)
            changed += 1
    return changed


def _again(
    mail: EmailMessage, rendering: Rendering, recipient: str, letterhead: Letterhead, links: Links
) -> EmailMessage:
    return build_message(
        rendering,
        letterhead=letterhead,
        recipient=recipient,
        identity=str(mail["Message-ID"]).strip(),
        links=links,
        date=parsedate_to_datetime(str(mail["Date"])),
        replies_to=str(mail["In-Reply-To"] or "").strip() or None,
    )
