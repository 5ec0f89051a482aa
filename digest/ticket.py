"""Links that are a right: signed, short, without an address in them. Pure.

A ticket names its holder by a keyed mark. Proxies, logs and browsers' histories keep addresses of pages; none of them
learns a mail address. Who the holder is, is found among the addresses that an issue ever went to.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from struct import Struct
from typing import Literal

from programme.edition import Edition
from programme.errors import KuntakaikuError
from programme.week import Week

Right = Literal["leave", "return", "theme", "proposal"]
"""To leave the list; to come back to it; to change the theme of a post, or to propose one."""
_RIGHTS: tuple[Right, ...] = ("leave", "return", "theme", "proposal")
VALID = {"return": timedelta(days=7), "theme": timedelta(days=60), "proposal": timedelta(days=60)}
"""How long a right holds; leaving is a right for ever."""
LENGTH = 60
"""Characters of every ticket."""
_MARK, _SEAL = 8, 13
_FORM = Struct(f">B{_MARK}sHBHHqq")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class ForgedTicketError(KuntakaikuError):
    """Nobody here wrote the ticket, or it was changed or cut."""


class ExpiredTicketError(KuntakaikuError):
    """The ticket was written here, and its time is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What a link allows."""

    right: Right
    mark: bytes
    """Of the holder's address."""
    issue: str | None = None
    """Of whose mail it is; None for leaving and coming back."""
    place: int = 0
    """Of the post among those that the issue shows."""
    until: datetime | None = None
    """None: for ever."""
    left_at: datetime | None = None
    """Of a right to come back: the leaving that it undoes."""


class Tickets:
    """Writes and reads tickets.

    Args:
        secrets: the first signs; those that signed before are still believed, so that a link of an old mail works.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        self._keys = [sha256(b"kuntakaiku tickets\n" + secret.encode()).digest() for secret in secrets]

    def mark(self, address: str) -> bytes:
        """Return the mark of an address by the key in use."""
        return _mark(self._keys[0], address)

    def name(self, address: str) -> str:
        """Return by what an address is called in labels and in the audit log."""
        return f"mail-{self.mark(address)[:4].hex()}"

    def holder(self, ticket: Ticket, addresses: Iterable[str]) -> str | None:
        """Return which of the addresses holds a ticket; None: none of them."""
        return next(
            (one for one in addresses if any(hmac.compare_digest(_mark(k, one), ticket.mark) for k in self._keys)),
            None,
        )

    def write(self, ticket: Ticket) -> str:
        """Return a ticket as a part of an address."""
        edition = Edition.named(ticket.issue) if ticket.issue else None
        body = _FORM.pack(
            _RIGHTS.index(ticket.right),
            ticket.mark,
            edition.week.year if edition else 0,
            edition.week.number if edition else 0,
            edition.correction if edition else 0,
            ticket.place,
            _micros(ticket.until),
            _micros(ticket.left_at),
        )
        return urlsafe_b64encode(body + _seal(self._keys[0], body)).decode().rstrip("=")

    def read(self, text: str, now: datetime) -> Ticket:
        """Return what a link allows.

        Raises:
            ForgedTicketError: it was not written here, or not like this.
            ExpiredTicketError: its time is over.
        """
        try:
            raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        except ValueError:
            raw = b""
        body, seal = raw[:-_SEAL], raw[-_SEAL:]
        # The form is read only after the seal is found right; another spelling of the same bytes is none of ours.
        if len(text) != LENGTH or not any(hmac.compare_digest(_seal(key, body), seal) for key in self._keys):
            raise ForgedTicketError("A link was not written here, or it was cut.", "Open it again from the mail.")
        kind, mark, year, number, correction, place, until, left = _FORM.unpack(body)
        ticket = Ticket(
            right=_RIGHTS[kind],
            mark=mark,
            issue=str(Edition(week=Week(year=year, number=number), correction=correction)) if year else None,
            place=place,
            until=_instant(until),
            left_at=_instant(left),
        )
        if ticket.until is not None and ticket.until <= now:
            raise ExpiredTicketError("The time of a link is over.", "Do it in the console.")
        return ticket


def _mark(key: bytes, address: str) -> bytes:
    return hmac.digest(key, b"holder\n" + address.strip().casefold().encode(), "sha256")[:_MARK]


def _seal(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, b"ticket\n" + body, "sha256")[:_SEAL]


def _micros(instant: datetime | None) -> int:
    return (instant - _EPOCH) // _MICROSECOND if instant else 0


def _instant(micros: int) -> datetime | None:
    return _EPOCH + micros * _MICROSECOND if micros else None
