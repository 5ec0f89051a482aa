"""What the open pages ask for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corpus.mail_answers import Answered, MailAnswer
    from corpus.post import ClassifiedPost
    from digest.issue import ShownPost


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the holder of a link stands on the list."""

    shown: str
    """The address, but for its middle: a forwarded mail must not tell whose it was."""
    left_at: datetime | None
    """None: it gets mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The post that a link is about."""

    issue: str
    is_editors: bool
    """Its holder changes the theme; others propose one."""
    post: "ClassifiedPost | None"
    """None: it was deleted since."""
    shown: "ShownPost | None"
    """What may be shown of it."""
    given: "MailAnswer | None"
    """What was answered to this link; None: it was not used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """The rest of the program, as the open pages see it.

    Whatever takes a ticket raises ``ForgedTicketError`` and ``ExpiredTicketError``.
    """

    place: Callable[[str], Place]
    """Where the holder of a right to leave stands."""
    leave: Callable[[str], Place]
    """Take the holder off the list; again as often as one likes."""
    ask: Callable[[str], bool]
    """Mail the holder, who left, a link to come back. False: that was done just now, or the holder has not left.

    Raises:
        KuntakaikuError: the mail server does not take it.
    """
    returning: Callable[[str], Place]
    """Where the holder of a right to come back stands."""
    come_back: Callable[[str], bool]
    """Put the holder on the list again. False: the link was used before."""
    judged: Callable[[str], Judged]
    judge: Callable[[str, str], "Answered"]
    """Store which theme a post has, or may have; second, a slug or ``none``.

    Raises:
        MisuseError: the programme has no such theme.
    """
