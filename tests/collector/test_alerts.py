"""Who is told of which trouble, and when: each once."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from collector.alerts import KEPT, Book, Kind, Mail, MailState, Trouble, follow, recovered, source_troubles
from corpus.ledger import SourceState, State

START = datetime(2026, 11, 23, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
PATIENCE = 6 * HOUR
WELL: set[tuple[Kind, str]] = {("source", "masto")}


def trouble(detail: str = "failing", patience: timedelta = PATIENCE) -> Trouble:
    """Return the trouble of a source."""
    return Trouble(kind="source", subject="masto", detail=detail, since_at=START, patience=patience)


def after(book: Book, hours: float, *troubles: Trouble, people: Sequence[str] = ("a", "b")) -> Book:
    """Look at things so many hours after the start; without trouble the source is well."""
    return follow(book, troubles, set() if troubles else WELL, people, START + hours * HOUR)


def delivered(book: Book, now: datetime, state: MailState = "sent") -> list[tuple[str, str]]:
    """Mark everything that is due, in the book given, and return what it was."""
    told = []
    while found := book.due(now):
        episode, mail = found
        book = book.marked(episode, mail, replace(mail, state=state))
        told.append((mail.recipient, mail.news))
    return told


def ended_as(book: Book, state: MailState) -> Book:
    """Return the book in which every open mail has ended so."""
    while found := book.due(START + timedelta(days=99)):
        book = book.marked(found[0], found[1], replace(found[1], state=state))
    return book


def test_trouble_is_told_when_it_has_lasted() -> None:
    """Nobody is told before the patience is over; then each administrator is, once."""
    book = after(Book(), 0.1, trouble())
    book = after(book, 5.9, trouble())
    assert book.due(START + 6 * HOUR) is None
    book = after(book, 6, trouble())
    assert delivered(book, START + 6 * HOUR) == [("a", "began"), ("b", "began")]
    book = after(ended_as(book, "sent"), 100, trouble())
    assert book.due(START + 100 * HOUR) is None


def test_trouble_that_changes_its_form_is_one() -> None:
    """A source that fails, is refused and fails again has been in trouble all the time, and is told once."""
    book = after(Book(), 0, trouble())
    book = after(book, 4, replace(trouble("refused"), since_at=START + 4 * HOUR))
    book = after(book, 6, replace(trouble("failing"), since_at=START + 5 * HOUR))
    assert delivered(book, START + 6 * HOUR) == [("a", "began"), ("b", "began")]
    assert [one.since_at for one in book.episodes] == [START]


def test_short_trouble_is_forgotten() -> None:
    """What ends before its patience is told to nobody, and its hours do not count for the next one."""
    book = after(after(Book(), 0, trouble()), 5, trouble())
    book = after(book, 5.5)
    assert book == Book()
    again = replace(trouble(), since_at=START + 6 * HOUR)
    assert after(book, 7, again).due(START + 7 * HOUR) is None


@pytest.mark.parametrize("state", ["sent", "in_doubt"])
def test_end_is_told_once_to_those_who_were_told(state: MailState) -> None:
    """The end goes to whoever has, or may have, the beginning."""
    book = after(after(Book(), 6, trouble()), 7)
    assert book.due(START + 7 * HOUR) is None
    book = after(ended_as(after(Book(), 6, trouble(), people=["a"]), state), 7)
    assert delivered(book, START + 7 * HOUR) == [("a", "ended")]
    assert after(ended_as(book, "sent"), 8).due(START + 8 * HOUR) is None


def test_new_trouble_after_the_end_is_told_anew() -> None:
    """The second trouble of a source is told like the first."""
    book = ended_as(after(ended_as(after(Book(), 6, trouble()), "sent"), 7), "sent")
    again = replace(trouble(), since_at=START + 8 * HOUR)
    book = after(book, 13.9, again)
    assert book.due(START + 14 * HOUR) is None
    assert delivered(after(book, 14, again), START + 14 * HOUR) == [("a", "began"), ("b", "began")]


def test_refused_beginning_has_no_end() -> None:
    """Whoever was not reached is not told that it is over."""
    assert after(ended_as(after(Book(), 6, trouble()), "refused"), 7).due(START + 7 * HOUR) is None


def test_source_switched_off_is_forgotten() -> None:
    """What is not watched any more is neither in trouble nor well: nobody is mailed."""
    book = ended_as(after(Book(), 6, trouble()), "sent")
    gone = follow(book, [], set(), ["a", "b"], START + 7 * HOUR)
    assert gone.due(START + 7 * HOUR) is None
    assert gone.episodes[0].ended_at == START + 7 * HOUR


def test_administrators_come_and_go() -> None:
    """Without any the trouble waits for one; one who left gets nothing more."""
    book = after(Book(), 6, trouble(), people=[])
    assert book.due(START + 6 * HOUR) is None
    book = after(book, 9, trouble(), people=["a", "b"])
    assert delivered(book, START + 9 * HOUR) == [("a", "began"), ("b", "began")]
    assert delivered(after(book, 9, trouble(), people=["b"]), START + 9 * HOUR) == [("b", "began")]
    book = after(ended_as(book, "sent"), 10)
    assert delivered(after(book, 10, people=["b"]), START + 10 * HOUR) == [("b", "ended")]


def test_deferred_mail_waits_for_its_time() -> None:
    """A mail that the server did not take is due again when its pause is over, and counts as undelivered until then."""
    book = after(Book(), 6, trouble(), people=["a"])
    (episode,) = book.episodes
    (mail,) = episode.mails
    book = book.marked(episode, mail, replace(mail, state="deferred", next_try_at=START + 7 * HOUR))
    assert book.due(START + 6.5 * HOUR) is None
    assert len(book.undelivered) == 1
    assert delivered(book, START + 7 * HOUR) == [("a", "began")]


def test_what_was_being_sent_is_in_doubt() -> None:
    """A mail that a crash left open is not repeated, counts as undelivered while the trouble lasts, and has its end."""
    book = recovered(ended_as(after(Book(), 6, trouble(), people=["a"]), "sending"))
    assert [mail.state for mail in book.undelivered] == ["in_doubt"]
    assert after(book, 7, trouble(), people=["a"]).due(START + 7 * HOUR) is None
    book = after(book, 8)
    assert book.undelivered == []
    assert delivered(book, START + 8 * HOUR) == [("a", "ended")]
    assert recovered(book) == book


def test_past_is_forgotten_in_the_end() -> None:
    """The book does not grow for ever."""
    book = ended_as(after(ended_as(after(Book(), 6, trouble()), "sent"), 7), "sent")
    assert after(book, 8).episodes
    assert after(book, 7 + KEPT / HOUR) == Book()


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("ok", None),
        ("empty", None),
        ("failing", PATIENCE),
        ("refused", PATIENCE),
        ("rate_limited", PATIENCE),
        ("paused", timedelta()),
    ],
)
def test_states_of_sources(state: State, expected: timedelta | None) -> None:
    """Each state is trouble or none; money that is used up is told at once; sources that are off are left out."""
    states = [SourceState(source=name, state=state, since_at=START) for name in ("masto", "off")]
    troubles, well = source_troubles(states, {"masto": PATIENCE})
    assert [(one.key, one.patience) for one in troubles] == (
        [] if expected is None else [(("source", "masto"), expected)]
    )
    assert well == (WELL if expected is None else set())


def test_other_mails_stay_as_they_are() -> None:
    """Marking one mail touches no other."""
    book = after(Book(), 6, trouble())
    episode, mail = book.due(START + 6 * HOUR) or pytest.fail("nothing is due")
    marked = book.marked(episode, mail, replace(mail, state="refused", reason="550 no"))
    assert marked.episodes[0].mails == (
        Mail(recipient="a", news="began", state="refused", reason="550 no"),
        Mail(recipient="b", news="began"),
    )
