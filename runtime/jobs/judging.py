"""Themes judged by the links of mails: an editor's change, a reader's proposal."""

from typing import TYPE_CHECKING

from programme.errors import MisuseError
from programme.types import NONE
from runtime.jobs.leaving import known_addresses, signed

if TYPE_CHECKING:
    from console.open.front import Judged
    from corpus.mail_answers import Answered
    from corpus.post import ClassifiedPost
    from digest.ticket import Ticket
    from runtime.wiring import Program


def judged(program: "Program", text: str) -> "Judged":
    """Return the post that a link is about.

    Raises:
        ForgedTicketError: it is no right to judge, or its holder has it no more.
        ExpiredTicketError: its time is over.
    """
    from console.open.front import Judged
    from digest.week import show

    ticket, who = _held(program, text)
    post = _post(program, ticket)
    configuration = program.configuration
    return Judged(
        issue=ticket.issue or "",
        is_editors=ticket.right == "theme",
        post=post,
        shown=show(post, configuration.programme, configuration.delivery.quote_private) if post else None,
        given=program.corpus.mail_answers.given(ticket.issue or "", ticket.place, who),
    )


def judge(program: "Program", text: str, theme: str) -> "Answered":
    """Store which theme a post has, or may have, and return what became of that.

    Raises:
        ForgedTicketError, ExpiredTicketError: as ``judged``.
        MisuseError: the programme has no such theme.
    """
    from corpus.mail_answers import MailAnswer
    from corpus.post import Label

    ticket, who = _held(program, text)
    if theme not in (*program.configuration.programme.slugs, NONE):
        raise MisuseError("The programme has no such theme.", "Open the page again.")
    post = _post(program, ticket)
    if post is None:
        return "gone"
    now, is_editors = program.clock(), ticket.right == "theme"
    label = Label(theme=None if theme == NONE else theme, by=who, at=now, guideline=program.guidelines.version or None)
    answer = MailAnswer(
        issue=ticket.issue or "",
        place=ticket.place,
        who=who,
        post_id=post.stored.post_id,
        kind="theme" if is_editors else "proposal",
        theme=theme,
        at=now,
    )
    return program.corpus.mail_answers.store(answer, label if is_editors else None)


def _held(program: "Program", text: str) -> "tuple[Ticket, str]":
    """Return a right to judge, and by what its holder is called."""
    from digest.ticket import ForgedTicketError

    reader = signed(program)
    ticket = reader.read(text, program.clock())
    people = [one.address for one in program.configuration.recipients if one.role == "editor"]
    if ticket.right == "proposal":
        people = known_addresses(program)
    if ticket.right not in ("theme", "proposal") or reader.holder(ticket, people) is None:
        raise ForgedTicketError("A link is no right to do this, or no more.", "Do it in the console.")
    return ticket, f"mail-{ticket.mark[:4].hex()}"


def _post(program: "Program", ticket: "Ticket") -> "ClassifiedPost | None":
    """Return the post at the ticket's place, while it has a text."""
    from digest.issue import Issue

    stored = program.corpus.issues.get(ticket.issue or "")
    keys = Issue.from_json(stored.numbers).shown_keys if stored else ()
    if ticket.place >= len(keys):
        return None
    network, _, native_id = keys[ticket.place].partition(":")
    post = program.corpus.posts.by_native_id(network, native_id)
    return post if post and post.stored.post.text is not None else None
