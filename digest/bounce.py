"""Reports of mail servers on mails that could not be delivered, read from the mails that they send back. Pure.

RFC 3464 (delivery status notifications) and RFC 3463 (status codes); what is no such report is none of ours to judge.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser
from hashlib import blake2b
from typing import Literal, get_args

from digest.inert import one_line, shorten

Action = Literal["failed", "delayed", "delivered", "relayed", "expanded"]
_ACTIONS: dict[str, Action] = {one: one for one in get_args(Action)}
_STATUS = re.compile(r"\b([245])\.([0-9]{1,3})\.([0-9]{1,3})\b")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")
_SAID = 200
"""Characters of what the server said that are kept."""
_WHOLE = frozenset({"message/rfc822", "message/global", "message/global-headers"})
"""RFC 6522, and RFC 6533 for addresses beyond ASCII."""
LARGEST = 5_000_000
"""Bytes of a report; servers send headers or a mail of ours back, which is under a megabyte."""
_NOT_THE_ADDRESS = frozenset({"1.7", "1.8", "2.2", "2.3", "3.4", "4.1", "4.4", "4.5", "4.7"})
"""Subjects and details for which the address itself is not at fault: the sender, a full mailbox, a mail too large, the
road."""
_POLICY = "7"
"""Subject of codes on security and policy: our set-up may be at fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """What a report says of one recipient."""

    report: str
    """Name of the report: the same however often it is read."""
    message_id: str | None
    """Of the mail that it reports on; None where the report does not tell."""
    recipient: str
    """As the mail server knows it; it may forward to another address than ours."""
    action: Action
    status: str
    """Like ``5.1.1``; empty where the report has none."""
    said: str
    """What the server said, on one line."""

    @property
    def is_hard(self) -> bool:
        """Whether the address will not take mail another time either."""
        return self.action == "failed" and is_for_good(self.status)


def is_for_good(status: str) -> bool:
    """Return whether a status says that the address will not take mail another time either."""
    found = _STATUS.fullmatch(status)
    if not found or found[1] != "5":
        return False
    return found[2] != _POLICY and f"{found[2]}.{found[3]}" not in _NOT_THE_ADDRESS


def read_report(mail: bytes) -> tuple[Bounce, ...]:
    """Return what a mail reports on each recipient; empty where it is no delivery status notification.

    Args:
        mail: the whole mail as a server keeps it; whatever stands in it, nothing is raised.
    """
    if len(mail) > LARGEST:
        return ()
    try:
        parsed = BytesParser(policy=policy.compat32).parsebytes(mail)
        if parsed.get_content_type() != "multipart/report":
            return ()
        parts = list(parsed.walk())
        fields = next((one for one in parts if one.get_content_type() == "message/delivery-status"), None)
        blocks = fields.get_payload() if fields is not None else None
        if not isinstance(blocks, list):
            return ()
        original = _original(parts)
        name = blake2b(_plain(parsed["Message-ID"]).encode() or mail, digest_size=16).hexdigest()
        return tuple(_bounces(blocks, name, original))
    except (MessageError, LookupError, ValueError, RecursionError):
        return ()


def _bounces(blocks: Iterable[object], report: str, original: str | None) -> Iterator[Bounce]:
    """Yield a bounce for each block of fields that speaks of a recipient; the first speaks of the mail."""
    for block in blocks:
        if not isinstance(block, Message):
            continue
        recipient = _address(block["Original-Recipient"]) or _address(block["Final-Recipient"])
        action = _ACTIONS.get(_plain(block["Action"]).strip().casefold())
        if not recipient or action is None:
            continue
        said = one_line(_plain(block["Diagnostic-Code"]))
        found = _STATUS.search(_plain(block["Status"]))
        yield Bounce(
            report=report,
            message_id=original,
            recipient=recipient,
            action=action,
            status=found[0] if found else "",
            said=shorten(said, _SAID),
        )


def _original(parts: Iterable[Message]) -> str | None:
    """Return the Message-ID of the mail that came back, whole or its headers alone."""
    for part in parts:
        kind, payload = part.get_content_type(), part.get_payload()
        if kind in _WHOLE and isinstance(payload, list) and payload and isinstance(payload[0], Message):
            return _id(payload[0]["Message-ID"])
        if kind == "text/rfc822-headers" and isinstance(payload, str):
            raw = part.get_payload(decode=True)
            if isinstance(raw, bytes):
                return _id(BytesParser(policy=policy.compat32).parsebytes(raw, headersonly=True)["Message-ID"])
    return None


def _id(value: object) -> str | None:
    found = _MESSAGE_ID.search(_plain(value))
    return found[0] if found else None


def _address(value: object) -> str:
    """Return the address of a field like ``rfc822; anna@kunta.example``."""
    kind, semicolon, address = _plain(value).partition(";")
    address = address.strip().strip("<>")
    return address if semicolon and kind.strip().casefold() in ("rfc822", "utf-8") and "@" in address else ""


def _plain(value: object) -> str:
    return "" if value is None else str(value)
