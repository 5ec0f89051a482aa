"""The life of a trend note: drafted, approved, sent; in the ledger and through the outbox of the digest."""

import json
from hashlib import sha256
from typing import TYPE_CHECKING

from programme.errors import MisuseError
from programme.note_name import NoteName
from programme.types import Role
from programme.week import Week
from runtime.jobs.digest import letterhead, standing, transport
from runtime.jobs.links import addresses_of, links_of
from runtime.jobs.trend_note import last_month, make_note

if TYPE_CHECKING:
    from datetime import datetime

    from corpus.issues import StoredIssue
    from corpus.ledger import RunState
    from digest.outbox import Sent
    from digest.render import RenderedIssue
    from digest.trend_note import TrendNote
    from runtime.wiring import Program

ROLE: Role = "editor"
"""Who gets trend notes: those who get the long digest."""


def draft_note(program: "Program", first: Week, last: Week, *, theme: str | None = None, who: str) -> "TrendNote":
    """Store the note of a span of weeks as a draft, in place of an earlier one, and return it.

    An approval of which nothing was sent yet is void by it.

    Raises:
        MisuseError: the span or the theme makes no note, or it has gone out.
        RenderingError: its mails cannot be written; then nothing is stored.
    """
    from corpus.issues import StoredIssue

    issues = program.corpus.issues
    key = str(NoteName(first=first, last=last, theme=theme))
    stored = issues.get(key)
    if stored and stored.state in ("sending", "sent"):
        raise MisuseError(
            f"The trend note {key} has gone out, and is not made again.",
            f"Look at today's numbers of it: kuntakaiku digest trend-note --from {first} --to {last}",
        )
    note = make_note(program, first, last, theme=theme)
    _rendered(program, note)
    if stored and stored.state == "approved":
        issues.void_approval(key, who=who, now=program.clock())
    numbers = note.as_json()
    issues.save_draft(
        StoredIssue(
            key=key,
            state="draft",
            numbers=numbers,
            drafted_at=note.made_at,
            corpus_fingerprint=sha256(json.dumps(numbers, sort_keys=True).encode()).hexdigest(),
            model=note.model,
        )
    )
    program.corpus.ledger.audit(at=program.clock(), who=who, what="drafted", subject=key)
    return note


def stored_note(program: "Program", name: str | None) -> "StoredIssue":
    """Return the trend note of a name, else the one that was drafted last.

    Raises:
        MisuseError: nobody has drafted it, or it is no trend note's name.
    """
    issues = program.corpus.issues
    if name is None:
        stored = max(issues.all(notes=True), key=lambda note: note.drafted_at, default=None)
    else:
        stored = issues.get(str(NoteName.named(name)))
    if stored is None:
        raise MisuseError("There is no such trend note.", "Draft it first: kuntakaiku digest trend-note draft")
    return stored


def note_mails(program: "Program", stored: "StoredIssue") -> "dict[tuple[str, str], RenderedIssue]":
    """Return the mails of a note, by language and role: as they would be approved now, else as they were.

    Raises:
        RenderingError: they cannot be written.
    """
    from digest.render import RenderedIssue
    from digest.trend_note import TrendNote

    if stored.state == "draft":
        return _rendered(program, TrendNote.from_json(stored.numbers))
    return {
        (one.language, one.role): RenderedIssue(
            issue=one.issue,
            language=one.language,
            role="editor",
            subject=one.subject,
            text=one.text,
            html=one.html,
            charts=one.charts,
        )
        for one in program.corpus.issues.renderings(stored.key)
    }


def _rendered(
    program: "Program", note: "TrendNote", approved_at: "datetime | None" = None
) -> "dict[tuple[str, str], RenderedIssue]":
    from digest.note_mail import render_note

    return {
        (language, ROLE): render_note(
            note,
            language=language,
            messages=program.messages,
            addresses=addresses_of(program, None, language),
            approved_at=approved_at,
        )
        for language in program.configuration.programme.languages
    }


def approve_note(program: "Program", key: str, *, who: str) -> dict[tuple[str, str], str]:
    """Freeze the mails of a note's draft, open a delivery for each editor, and return the mails' hashes.

    Raises:
        IssueStateError: it is no draft.
        MisuseError: nobody has drafted it.
        RenderingError: its mails cannot be written.
    """
    from corpus.rendering import Rendering
    from digest.trend_note import TrendNote

    stored, now = stored_note(program, key), program.clock()
    renderings = [
        Rendering(
            issue=key,
            language=language,
            role=role,
            subject=mail.subject,
            text=mail.text,
            html=mail.html,
            charts=mail.charts,
        )
        for (language, role), mail in _rendered(program, TrendNote.from_json(stored.numbers), now).items()
    ]
    spared = program.corpus.addresses.spared()
    editors = [
        one for one in program.configuration.recipients if one.role == ROLE and one.address.casefold() not in spared
    ]
    program.corpus.issues.approve(key, renderings, editors, who=who, now=now)
    return {(one.language, one.role): one.digest() for one in renderings}


def send_note(program: "Program", key: str, *, only_due: bool = False) -> "Sent":
    """Send an approved note to each editor who has not got it, and return where each delivery stands.

    Raises:
        IssueStateError: it is not approved.
        SentElsewhereError: another process is sending it.
        MisuseError: nobody drafted it, or nobody is to get it.
    """
    from digest.outbox import send_issue

    stored = stored_note(program, key)
    if stored.state == "approved" and not program.corpus.issues.deliveries(key):
        raise MisuseError(
            f"Nobody is to get the trend note {key}.",
            "Name editors in recipients.toml, then draft and approve it again.",
        )
    return send_issue(
        program.corpus,
        key,
        transport=transport(program),
        letterhead=letterhead(program),
        clock=program.clock,
        links=links_of(program, stored),
        only_due=only_due,
        is_stopping=program.stop.is_set,
    )


def draft_last_month(program: "Program") -> "tuple[RunState, dict[str, int], str | None]":
    """Draft the note of the month before this one, unless somebody has approved it already; for the run ledger."""
    first, last = last_month(program, program.clock())
    stored = program.corpus.issues.get(str(NoteName(first=first, last=last)))
    if stored is None or stored.state == "draft":
        draft_note(program, first, last, who="schedule")
    return "done", {}, None


def send_note_on(program: "Program", key: str) -> "tuple[RunState, dict[str, int], str | None]":
    """Try the deliveries of a note that are due; for the run ledger."""
    return standing(send_note(program, key, only_due=True))
