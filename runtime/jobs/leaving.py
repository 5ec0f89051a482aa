"""Leaving the list of recipients by the link of a mail, and coming back by a mailed confirmation."""

from datetime import datetime
from typing import TYPE_CHECKING

from programme.errors import MisuseError
from runtime.jobs.links import tickets

if TYPE_CHECKING:
    from console.open.front import Place
    from digest.ticket import Right, Ticket, Tickets
    from runtime.wiring import Program

WHO = "link"
"""Who leaves and comes back, as the audit log has it: whoever held the link."""
_HIDDEN = "…"


def place(program: "Program", text: str) -> "Place":
    """Return where the holder of a right to leave stands.

    Raises:
        ForgedTicketError: it is no such right, or nobody holds it whom an issue ever went to.
    """
    return _place(program, _held(program, text, "leave")[1])


def leave(program: "Program", text: str) -> "Place":
    """Take the holder off the list, for ever and at once; again as often as one likes.

    Raises:
        ForgedTicketError: as ``place``.
    """
    _, address = _held(program, text, "leave")
    program.corpus.addresses.leave(address, who=WHO, now=program.clock())
    return _place(program, address)


def ask(program: "Program", text: str) -> bool:
    """Mail the holder, who has left, a link to come back; False: that was done just now, or the holder has not left.

    Raises:
        ForgedTicketError: as ``place``.
        KuntakaikuError: the mail server does not take it.
    """
    _, address = _held(program, text, "leave")
    left_at = _left_at(program, address)
    if left_at is None or not program.corpus.addresses.may_ask(address, now=program.clock()):
        return False
    _mail_question(program, address, left_at)
    return True


def returning(program: "Program", text: str) -> "Place":
    """Return where the holder of a right to come back stands.

    Raises:
        ForgedTicketError: it is no such right, or nobody holds it.
        ExpiredTicketError: its time is over.
    """
    return _place(program, _held(program, text, "return")[1])


def come_back(program: "Program", text: str) -> bool:
    """Put the holder on the list again; False: that was done before, so that an old mail undoes no later leaving.

    Raises:
        ForgedTicketError, ExpiredTicketError: as ``returning``.
    """
    ticket, address = _held(program, text, "return")
    if ticket.left_at is None:
        return False
    return program.corpus.addresses.rejoin(address, left_at=ticket.left_at, who=WHO, now=program.clock())


def signed(program: "Program") -> "Tickets":
    """Return what reads rights.

    Raises:
        ForgedTicketError: no key is set, so that nobody here can have written one.
    """
    from digest.ticket import ForgedTicketError

    found = tickets(program)
    if found is None:
        raise ForgedTicketError("No link can be read without a key.", "Set KUNTAKAIKU_SECRET_KEY.")
    return found


def known_addresses(program: "Program") -> list[str]:
    """Return every address that may hold a right: on the list, or once on it."""
    named = [one.address for one in program.configuration.recipients]
    return list(dict.fromkeys([*named, *program.corpus.addresses.mailed()]))


def _held(program: "Program", text: str, right: "Right") -> "tuple[Ticket, str]":
    from digest.ticket import ForgedTicketError

    reader = signed(program)
    ticket = reader.read(text, program.clock())
    holder = reader.holder(ticket, known_addresses(program)) if ticket.right == right else None
    if holder is None:
        raise ForgedTicketError("A link is no right to do this.", "Open it again from the mail.")
    return ticket, holder


def _left_at(program: "Program", address: str) -> datetime | None:
    return program.corpus.addresses.left().get(address.casefold())


def _place(program: "Program", address: str) -> "Place":
    from console.open.front import Place

    name, at, domain = address.rpartition("@")
    return Place(shown=f"{name[:1]}{_HIDDEN}{at}{domain}", left_at=_left_at(program, address))


def _mail_question(program: "Program", address: str, left_at: datetime) -> None:
    from digest.mail import message_id
    from digest.notice import Notice, build_notice
    from digest.ticket import VALID, Ticket
    from runtime.jobs.digest import letterhead, transport

    now, head, writer = program.clock(), letterhead(program), signed(program)
    ticket = writer.write(
        Ticket(right="return", mark=writer.mark(address), until=now + VALID["return"], left_at=left_at)
    )
    languages = {one.address.casefold(): one.language for one in program.configuration.recipients}
    language = languages.get(address.casefold(), program.configuration.programme.default_language)
    site, programme = program.configuration.site.public_url, program.configuration.programme

    def say(key: str, **values: object) -> str:
        return program.messages.translate(f"letter.return.{key}", language, **values)

    name = (programme.page or programme.name)[language]
    link = f"{site}/return/{ticket}?lang={language}"
    notice = Notice(subject=say("subject", programme=name), text=say("text", link=link), language=language)
    message = build_notice(
        notice,
        letterhead=head,
        recipient=address,
        identity=message_id(f"return {now.isoformat()}", address, head.domain),
        date=now,
    )
    with transport(program).open(sender=head.address) as line:
        outcome = line.send(message, sender=head.address, recipient=address)
    if outcome.ending not in ("sent", "in_doubt"):
        raise MisuseError("The mail with the link could not be sent.", "Try again later.")
