"""Named places of a frozen mail that each recipient's own links fill when it is sent. Pure."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass

UNSUBSCRIBE = "%%UNSUBSCRIBE%%"
"""Each recipient's address that ends the subscription."""
PREFERENCES = "%%PREFERENCES%%"
"""Each recipient's address of the settings."""
_TICKET = re.compile(r"%%TICKET:([0-9]{4})%%")
_NO_TICKET = "-"
"""In the place of a ticket that could not be written: the page says that the link is no good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Addresses of one recipient's own pages; None where there is no console that could answer."""

    unsubscribe_url: str | None = None
    preferences_url: str | None = None
    archive_url: str | None = None
    ticket: Callable[[int], str] | None = None
    """Writes the right to judge the post at a place among those that the issue shows."""


NO_LINKS = Links()


def ticket_slot(place: int) -> str:
    """Return the place of a recipient's right to judge a post of the issue."""
    return f"%%TICKET:{place:04}%%"


def count_tickets(page: str) -> int:
    """Return how many tickets will be put into a page."""
    return len(_TICKET.findall(page))


def in_text(body: str, links: Links, address: str) -> str:
    """Return a text with a recipient's own links; without a console there is still somebody to write to."""
    write = f"mailto:{address}"
    leave = links.unsubscribe_url or f"{write}?subject=unsubscribe"
    body = body.replace(UNSUBSCRIBE, leave).replace(PREFERENCES, links.preferences_url or leave)
    ticket = links.ticket or (lambda _: _NO_TICKET)
    return _TICKET.sub(lambda found: ticket(int(found[1])), body)


def in_html(body: str, links: Links, address: str) -> str:
    """Return a page with a recipient's own links."""
    escaped = Links(
        unsubscribe_url=html.escape(links.unsubscribe_url) if links.unsubscribe_url else None,
        preferences_url=html.escape(links.preferences_url) if links.preferences_url else None,
        ticket=links.ticket,
    )
    return in_text(body, escaped, html.escape(address))


def without_slots(page: str) -> str:
    """Return a page in which each recipient's own links lead nowhere."""
    return _TICKET.sub(_NO_TICKET, page.replace(UNSUBSCRIBE, "#").replace(PREFERENCES, "#"))
