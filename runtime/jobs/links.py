"""Where the mails of an issue lead: addresses of the site for everybody, and links that are one recipient's right."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corpus.issues import Delivery, StoredIssue
    from digest.scene import Addresses
    from digest.slots import Links
    from digest.ticket import Tickets
    from runtime.wiring import Program

UNSIGNED = "leaving needs a person: mails name the sender's address, since {lacks} is not set"
"""Why mails have no links of their own."""


def tickets(program: "Program") -> "Tickets | None":
    """Return what writes and reads recipients' rights; None where nothing could sign them."""
    from digest.ticket import Tickets

    key = program.secrets("SECRET_KEY")
    if key is None:
        return None
    before = program.secrets("SECRET_KEY_BEFORE")
    return Tickets([key, *([before] if before else [])])


def lacking(program: "Program") -> str | None:
    """Return what must be set before recipients can leave by a click; None: nothing."""
    lacks = [] if program.configuration.site.public_url else ["public_url in site.toml"]
    lacks += [] if program.secrets("SECRET_KEY") else ["KUNTAKAIKU_SECRET_KEY"]
    return UNSIGNED.format(lacks=" and ".join(lacks)) if lacks else None


def archive_address(program: "Program", key: str | None, language: str) -> str | None:
    """Return the public address of an issue, or of the list of all, in a language; None without a site."""
    site = program.configuration.site.public_url
    return f"{site}/archive/{key or ''}?lang={language}" if site else None


def addresses_of(program: "Program", key: str | None, language: str) -> "Addresses":
    """Return where the mail of an issue, or one that stands in no archive, may lead in a language."""
    from digest.scene import Addresses

    site = program.configuration.site.public_url
    if not site:
        return Addresses()
    privacy = program.messages.translate("console.foot.privacy_path", language)
    return Addresses(
        issue=archive_address(program, key, language) if key else None,
        archive=archive_address(program, None, language),
        review=f"{site}/review",
        privacy=f"{site}{privacy}",
        theme=f"{site}/theme/" if program.secrets("SECRET_KEY") else None,
    )


def links_of(program: "Program", stored: "StoredIssue") -> "Callable[[Delivery], Links]":
    """Return what gives each delivery of an issue its recipient's own links; the same ones for each try."""
    from digest.slots import Links
    from digest.ticket import VALID, Right, Ticket

    site, signed = program.configuration.site.public_url, tickets(program)
    begun_at = stored.approved_at or stored.drafted_at

    def own(delivery: "Delivery") -> Links:
        archive = archive_address(program, None, delivery.language)
        if site is None or signed is None:
            return Links(archive_url=archive)
        mark = signed.mark(delivery.recipient)
        right: Right = "theme" if delivery.role == "editor" else "proposal"
        until = begun_at + VALID[right]

        def ticket(place: int) -> str:
            return signed.write(Ticket(right=right, mark=mark, issue=stored.key, place=place, until=until))

        leave = signed.write(Ticket(right="leave", mark=mark))
        return Links(
            unsubscribe_url=f"{site}/leave/{leave}?lang={delivery.language}", archive_url=archive, ticket=ticket
        )

    return own
