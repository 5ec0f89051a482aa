"""Administrators are told of trouble that lasts, once, and of its end."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from programme.week import Week
from runtime.due import AUTO_SEND, BACKUP, DRAFT
from runtime.jobs.digest import WRITING
from runtime.jobs.webhooks import problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.alerts import Book, Episode, Kind, Mail, Trouble
    from corpus.issues import StoredIssue
    from corpus.ledger import Run, RunState
    from digest.transport import Outcome
    from runtime.wiring import Program

JOB = "alerts"
_FACT, _EDITORS = "alerts", "alerts to editors"
"""Who was told of what: administrators of everything, editors of what waits for them."""
_ISSUES = 3
"""The latest issues, of which trouble is told."""
_WELL = frozenset({"done", "partly"})
_FRESH = timedelta(days=14)
"""How old a delivery or a note that waits for a person may be to be told: not what an upgrade finds from last year."""
_OF_EDITORS = frozenset({"template", "note"})
"""What editors are told of, too."""
_AT_IT = timedelta(minutes=30)
"""How long a note may be a draft before anybody is told: whoever drafts it by hand looks at it and approves it."""


def administrators(program: "Program") -> dict[str, str]:
    """Return the language of each administrator by address."""
    return {one.address: one.language for one in program.configuration.recipients if one.role == "administrator"}


def editors(program: "Program") -> dict[str, str]:
    """Return the language of each editor by address."""
    return {one.address: one.language for one in program.configuration.recipients if one.role == "editor"}


def alert(program: "Program") -> dict[str, int] | None:
    """Tell administrators what they must know by now, and return how the mails ended; None where none was due.

    Whoever is told already is not told again, also where another process does the same or the last one was killed. A
    mail that the server does not take is tried again, with the pauses of a digest's deliveries.
    """
    corpus, people = program.corpus, administrators(program)
    with corpus.ledger.alone(JOB) as held:
        if not held:
            return None
        troubles, well = _standing(program)
        counts = _tell(program, _FACT, people, troubles, well)
        written = [trouble for trouble in troubles if trouble.kind in _OF_EDITORS]
        others = {address: language for address, language in editors(program).items() if address not in people}
        for ending, count in (_tell(program, _EDITORS, others, written, well) or {}).items():
            counts = {**(counts or {}), ending: (counts or {}).get(ending, 0) + count}
    return counts


def _tell(
    program: "Program", fact: str, people: dict[str, str], troubles: "list[Trouble]", well: "set[tuple[Kind, str]]"
) -> dict[str, int] | None:
    """Tell some people what they must know by now; who was told of what stands in a book of their own."""
    from collector.alerts import follow, recovered

    before = book_of(program, fact)
    book = follow(recovered(before), troubles, well, list(people), program.clock())
    if book != before:
        _keep(program, book, fact)
    if book.due(program.clock()) is None or program.stop.is_set():
        return None
    run = program.corpus.ledger.start(JOB, now=program.clock())
    counts = _send(program, book, people, fact)
    state, problem = ended(counts)
    program.corpus.ledger.finish(run, state=state, now=program.clock(), counts=counts, problem=problem)
    return counts


def ended(counts: dict[str, int]) -> "tuple[RunState, str | None]":
    """Return state and problem of a round of alerts, for the run ledger."""
    if set(counts) <= {"sent"}:
        return "done", None
    return "partly" if "sent" in counts else "failed", "not every alert could be mailed; `kuntakaiku doctor` tells why"


def book_of(program: "Program", fact: str = _FACT) -> "Book":
    """Return who was told of what."""
    import msgspec

    from collector.alerts import Book

    return msgspec.convert(program.corpus.facts.get(fact) or {}, Book)


def _keep(program: "Program", book: "Book", fact: str) -> None:
    import msgspec

    program.corpus.facts.put(fact, msgspec.to_builtins(book), now=program.clock(), durable=True)


def _standing(program: "Program") -> "tuple[list[Trouble], set[tuple[Kind, str]]]":
    """Return what is in trouble, and what is well."""
    from collector.alerts import Trouble, source_troubles
    from collector.stream_state import stream_state

    corpus, ledger = program.corpus, program.corpus.ledger
    patience = {source.name: source.alert_after for source in program.configuration.enabled_sources}
    troubles, well = source_troubles(ledger.source_states(), patience)
    streamed = [source.name for source in program.configuration.enabled_sources if source.stream is not None]
    states = [state for name in streamed if (state := stream_state(program.corpus, name)) is not None]
    of_streams, heard = source_troubles(states, patience, kind="stream")
    troubles, well = troubles + of_streams, well | heard
    people = {one.address.casefold() for one in program.configuration.recipients}
    suspended = {address: one for address, one in corpus.addresses.suspended().items() if address in people}
    troubles += [
        Trouble(kind="address", subject=address, detail="", since_at=one.since_at) for address, one in suspended.items()
    ]
    for run in ledger.runs(job=BACKUP, limit=1) if program.configuration.site.backup.directory else ():
        if run.state in _WELL:
            well.add(("backup", BACKUP))
        else:
            troubles.append(_of_job("backup", BACKUP, run))
    well |= {("address", address) for address in people - corpus.addresses.spared()}
    latest = sorted(program.corpus.issues.all(), key=lambda issue: issue.key)[-_ISSUES:]
    for trouble, is_well in (*_of_issues(program, latest), *_of_notes(program)):
        if is_well:
            well.add(trouble.key)
        else:
            troubles.append(trouble)
    return troubles, well


def _of_issues(program: "Program", latest: "list[StoredIssue]") -> "Iterator[tuple[Trouble, bool]]":
    """Yield what could be wrong with the latest issues, and whether it is well."""
    from collector.alerts import Trouble

    ledger, now = program.corpus.ledger, program.clock()
    unwritten = program.corpus.facts.get(WRITING) or {}
    for run in ledger.runs(job=DRAFT, limit=1):
        if run.slot_at is not None:
            week = str(Week.of(run.slot_at, program.configuration.programme.zone).plus(-1))
            yield _of_job("draft", week, run), run.state in _WELL
    for issue in latest:
        parked = [
            delivery.closed_at
            for delivery in program.corpus.issues.deliveries(issue.key)
            if delivery.is_parked and delivery.closed_at and now - delivery.closed_at < _FRESH
        ]
        if parked:
            yield Trouble(kind="deliveries", subject=issue.key, detail="", since_at=min(parked)), False
        if issue.key in unwritten:
            at, problem = unwritten[issue.key]["at"], unwritten[issue.key]["problem"]
            since = datetime.fromisoformat(at)
            yield Trouble(kind="template", subject=issue.key, detail="", since_at=since), problem is None
        if told := problems(program).get(issue.key):
            at, problem = told
            yield (
                Trouble(kind="webhook", subject=issue.key, detail="", since_at=datetime.fromisoformat(at)),
                problem is None,
            )
        for run in ledger.runs(job=f"{AUTO_SEND} {issue.key}", limit=1):
            yield _of_job("sending", issue.key, run), run.state in _WELL or issue.state == "sent"


def _of_notes(program: "Program") -> "Iterator[tuple[Trouble, bool]]":
    """Yield which of the latest trend notes wait for a person, and which do not."""
    from collector.alerts import Trouble

    now, issues = program.clock(), program.corpus.issues
    for note in sorted(issues.all(notes=True), key=lambda note: note.drafted_at)[-_ISSUES:]:
        since = note.drafted_at
        if now - since < _FRESH:
            awaits = Trouble(kind="note", subject=note.key, detail="", since_at=since, patience=_AT_IT)
            yield awaits, note.state != "draft"
        parked = [
            one.closed_at
            for one in issues.deliveries(note.key)
            if one.is_parked and one.closed_at and now - one.closed_at < _FRESH
        ]
        if parked:
            yield Trouble(kind="note_deliveries", subject=note.key, detail="", since_at=min(parked)), False


def _of_job(kind: "Kind", week: str, run: "Run") -> "Trouble":
    """Return the trouble that a job has or may have: one that still runs begins no news and ends none."""
    from collector.alerts import Trouble

    patience = timedelta() if run.state == "failed" else timedelta.max
    return Trouble(kind=kind, subject=week, detail="", since_at=run.started_at, patience=patience)


def _send(program: "Program", book: "Book", people: dict[str, str], fact: str) -> dict[str, int]:
    """Send what is due, one mail a connection, and return how many ended how."""
    counts: dict[str, int] = {}
    while (found := book.due(program.clock())) and not program.stop.is_set():
        episode, mail = found
        book = _tried(program, book, episode, mail, people[mail.recipient], counts, fact)
    return counts


def _tried(
    program: "Program", book: "Book", episode: "Episode", mail: "Mail", language: str, counts: dict[str, int], fact: str
) -> "Book":
    """Try one mail, with its intent on record before it leaves and its end after; return the book after it."""
    import msgspec

    from digest.mail import message_id
    from digest.notice import build_notice, write_notice
    from digest.speech import Speaker
    from digest.transport import NoLineError, Outcome
    from runtime.jobs.digest import letterhead, transport

    head = letterhead(program)
    speaker = Speaker(program.messages, language, program.configuration.programme.time_zone)
    notice = write_notice(
        speaker,
        kind=episode.kind,
        news=mail.news,
        subject=episode.subject,
        detail=episode.detail,
        since_at=episode.since_at,
    )
    what = f"{episode.kind} {episode.subject} {episode.since_at.isoformat()} {mail.news}"
    message = build_notice(
        notice,
        letterhead=head,
        recipient=mail.recipient,
        identity=message_id(what, mail.recipient, head.domain),
        date=program.clock(),
    )
    opened = msgspec.structs.replace(mail, state="sending", attempts=mail.attempts + 1)
    try:
        with transport(program).open(sender=head.address) as line:
            _keep(program, book.marked(episode, mail, opened), fact)
            outcome = line.send(message, sender=head.address, recipient=mail.recipient)
            book = _closed(program, book, episode, mail, opened, outcome, fact)
    except NoLineError as error:
        outcome = Outcome(ending="deferred", reason=str(error))
        book = _closed(program, book, episode, mail, opened, outcome, fact)
    counts[outcome.ending] = counts.get(outcome.ending, 0) + 1
    return book


def _closed(
    program: "Program", book: "Book", episode: "Episode", mail: "Mail", opened: "Mail", outcome: "Outcome", fact: str
) -> "Book":
    """Return the book, kept, in which a mail has ended as the server said."""
    import msgspec

    from digest.outbox import next_pause

    pause = next_pause(opened.attempts) if outcome.ending == "deferred" else None
    given_up = outcome.ending == "deferred" and pause is None
    closed = msgspec.structs.replace(
        opened,
        state="refused" if given_up else outcome.ending,
        reason=outcome.reason,
        next_try_at=program.clock() + pause if pause else None,
    )
    book = book.marked(episode, mail, closed)
    _keep(program, book, fact)
    return book
