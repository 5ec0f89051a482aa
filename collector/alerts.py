"""Who must be told of which trouble, and whether they were: pure rules over a book that is kept as one fact.

A trouble is told once to each administrator when it has lasted for its patience, and its end once to those who were
told of it. A mail is marked as being sent before it goes out: one that a crash leaves so is in doubt, and is not
repeated.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from msgspec.structs import replace

from corpus.ledger import SourceState

Kind = Literal[
    "source", "stream", "deliveries", "draft", "sending", "address", "backup", "webhook", "template", "note",
    "note_deliveries",
]  # fmt: skip
News = Literal["began", "ended"]
MailState = Literal["pending", "sending", "sent", "deferred", "refused", "in_doubt"]
KEPT = timedelta(days=30)
"""How long it is remembered that people were told of a trouble that is over."""
_OPEN = frozenset({"pending", "deferred"})
_REACHED = frozenset({"sent", "in_doubt"})
_WELL = frozenset({"ok", "empty"})


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """Something that an administrator should look at."""

    kind: Kind
    subject: str
    """The source, also of a stream, the issue's week, or an address."""
    detail: str
    """A source's or stream's state; empty for the other kinds."""
    since_at: datetime
    patience: timedelta = timedelta()
    """How long it must last before anybody is told."""

    @property
    def key(self) -> tuple[Kind, str]:
        """What it is the trouble of."""
        return self.kind, self.subject


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of news to one person."""

    recipient: str
    news: News
    state: MailState = "pending"
    attempts: int = 0
    next_try_at: datetime | None = None
    reason: str | None = None


class Episode(msgspec.Struct, frozen=True, kw_only=True):
    """One trouble from its beginning to its end."""

    kind: Kind
    subject: str
    detail: str
    since_at: datetime
    ended_at: datetime | None = None
    was_told: bool = False
    """Mails of its beginning were made out."""
    mails: tuple[Mail, ...] = ()

    @property
    def key(self) -> tuple[Kind, str]:
        """What it is the trouble of."""
        return self.kind, self.subject


class Book(msgspec.Struct, frozen=True):
    """Every trouble that lasts, and those past ones of which somebody was told."""

    episodes: tuple[Episode, ...] = ()

    def marked(self, episode: Episode, before: Mail, after: Mail) -> "Book":
        """Return the book with one mail in another state."""
        changed = replace(episode, mails=tuple(after if mail == before else mail for mail in episode.mails))
        return Book(tuple(changed if one == episode else one for one in self.episodes))

    def due(self, now: datetime) -> tuple[Episode, Mail] | None:
        """Return the next mail that may be sent; None where there is none."""
        for episode in self.episodes:
            for mail in episode.mails:
                if mail.state in _OPEN and (mail.next_try_at is None or mail.next_try_at <= now):
                    return episode, mail
        return None

    @property
    def undelivered(self) -> list[Mail]:
        """The mails of what lasts that somebody has not, or may not have; and what is tried again."""
        return [
            mail
            for one in self.episodes
            for mail in one.mails
            if mail.state == "deferred" or (mail.state in ("refused", "in_doubt") and one.ended_at is None)
        ]


def source_troubles(
    states: Sequence[SourceState], patience: dict[str, timedelta], *, kind: Kind = "source"
) -> tuple[list[Trouble], set[tuple[Kind, str]]]:
    """Return the troubles of the sources that are watched, and which of these sources fare well.

    What a pause waits for, money or the next month, only a person can bring sooner: it is told at once.

    Args:
        states: how the sources fare.
        patience: by name of each source that is switched on, how long it may be in trouble.
        kind: whether these are the sources, or their streams.
    """
    watched = [state for state in states if state.source in patience]
    troubles = [
        Trouble(
            kind=kind,
            subject=state.source,
            detail=state.state,
            since_at=state.since_at,
            patience=timedelta() if state.state == "paused" else patience[state.source],
        )
        for state in watched
        if state.state not in _WELL
    ]
    return troubles, {(kind, state.source) for state in watched if state.state in _WELL}


def recovered(book: Book) -> Book:
    """Return the book that a sender left behind: what was being sent is in doubt; only for the one that sends alone."""
    return Book(
        tuple(
            replace(
                episode,
                mails=tuple(
                    replace(mail, state="in_doubt", reason="the program stopped while it was being sent")
                    if mail.state == "sending"
                    else mail
                    for mail in episode.mails
                ),
            )
            for episode in book.episodes
        )
    )


def follow(
    book: Book,
    troubles: Sequence[Trouble],
    well: Collection[tuple[Kind, str]],
    administrators: Sequence[str],
    now: datetime,
) -> Book:
    """Return the book after a look at how things stand.

    A trouble lasts from when it was first seen until its subject is seen well, whatever form it takes between; where
    its subject is not watched any more it is forgotten without a word.
    """
    present = {trouble.key: trouble for trouble in troubles}
    lasting = {episode.key for episode in book.episodes if episode.ended_at is None}
    episodes = [_carried_on(episode, present, well, administrators, now) for episode in book.episodes]
    begun = [
        Episode(kind=trouble.kind, subject=trouble.subject, detail=trouble.detail, since_at=trouble.since_at)
        for trouble in troubles
        if trouble.key not in lasting
    ]
    kept = [episode for episode in (*episodes, *begun) if _is_kept(episode, now)]
    return Book(tuple(_told(episode, present, administrators, now) for episode in kept))


def _carried_on(
    episode: Episode,
    present: dict[tuple[Kind, str], Trouble],
    well: Collection[tuple[Kind, str]],
    administrators: Sequence[str],
    now: datetime,
) -> Episode:
    # Whoever is no administrator any more gets nothing that is still open.
    mails = tuple(mail for mail in episode.mails if mail.state not in _OPEN or mail.recipient in administrators)
    if episode.ended_at is not None:
        return replace(episode, mails=mails)
    if episode.key in present:
        return replace(episode, mails=mails, detail=present[episode.key].detail)
    mails = tuple(mail for mail in mails if mail.state not in _OPEN)
    if episode.key in well:
        reached = [mail.recipient for mail in mails if mail.state in _REACHED and mail.recipient in administrators]
        mails += tuple(Mail(recipient=one, news="ended") for one in reached)
    return replace(episode, mails=mails, ended_at=now)


def _is_kept(episode: Episode, now: datetime) -> bool:
    return episode.ended_at is None or (bool(episode.mails) and now - episode.ended_at < KEPT)


def _told(
    episode: Episode, present: dict[tuple[Kind, str], Trouble], administrators: Sequence[str], now: datetime
) -> Episode:
    trouble = present.get(episode.key)
    if trouble is None or episode.ended_at is not None or episode.was_told or not administrators:
        return episode
    if now - episode.since_at < trouble.patience:
        return episode
    mails = tuple(Mail(recipient=one, news="began") for one in dict.fromkeys(administrators))
    return replace(episode, was_told=True, mails=mails)
