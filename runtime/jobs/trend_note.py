"""The trend note: made of any span of weeks on request, and mailed monthly to editors, to each at most once."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from programme.edition import Edition
from programme.errors import MisuseError
from programme.week import Week
from runtime.jobs.coverage import covered_weeks
from runtime.jobs.links import tickets

if TYPE_CHECKING:
    from corpus.ledger import RunState
    from corpus.post import ClassifiedPost
    from digest.blocks import Page
    from digest.matters import Topic
    from digest.transport import Line
    from digest.trend_note import TrendNote
    from runtime.wiring import Program

FACT = "trend notes"
_KEPT = 24
"""Notes of which it is remembered who got them."""


def make_note(program: "Program", first: Week, last: Week, *, theme: str | None = None) -> "TrendNote":
    """Return the note of a span of weeks, counted from what the corpus holds now.

    Raises:
        MisuseError: the span ends before it begins or is too long, or the programme has no such theme.
    """
    from digest.compose import programme_facts
    from digest.trend_note import BEFORE, LONGEST, trend_note
    from runtime.jobs.copies import mark_copies
    from trends.find import theme_change

    programme, zone = program.configuration.programme, program.configuration.programme.zone
    weeks = (last.monday - first.monday).days // 7 + 1
    if not 1 <= weeks <= LONGEST:
        raise MisuseError(
            f"A span of {weeks} weeks makes no note.", f"Ask for 1 to {LONGEST} weeks, the first one first."
        )
    if theme is not None and theme not in programme.slugs:
        raise MisuseError(f"The programme has no theme {theme!r}.", f"It has: {', '.join(programme.slugs)}.")
    back = max(weeks, BEFORE)
    start_at, end_at = first.plus(-back).start_at(zone), last.end_at(zone)
    mark_copies(program, start_at, end_at)
    posts: list[ClassifiedPost] = list(program.corpus.posts.classified_between(start_at, end_at))
    active = program.corpus.judgements.active_model()
    return trend_note(
        first,
        last,
        posts=posts,
        programme=programme,
        facts=programme_facts(programme),
        covered=covered_weeks(program, last, weeks + back),
        change=partial(_change, theme_change, len(programme.themes)),
        topics=_topics(program),
        model=active.version if active else None,
        made_at=program.clock(),
        theme=theme,
    )


def _change(test: Callable[..., Any], themes: int, this: int, history: Any) -> Any:  # noqa: ANN401 - as the test has it
    return test(this, history, themes=themes)


def _topics(program: "Program") -> "dict[Week, tuple[Topic, ...]]":
    """Return what the digests told of, by week; a correction's word goes before its issue's."""
    from digest.issue import Issue

    found: dict[Week, tuple[Topic, ...]] = {}
    for stored in program.corpus.issues.all():
        found[Edition.named(stored.key).week] = Issue.from_json(stored.numbers).topics
    return found


def pages_of(program: "Program", note: "TrendNote", *, mailed: bool = False) -> "dict[str, Page]":
    """Return the page of a note in each reading language: for paper, or as it is mailed."""
    from digest.speech import Speaker
    from digest.trend_page import trend_page
    from runtime.jobs.links import addresses_of

    programme = program.configuration.programme
    return {
        language: trend_page(
            note,
            Speaker(program.messages, language, programme.time_zone),
            addresses_of(program, None, language) if mailed else None,
        )
        for language in programme.languages
    }


def write_notes(program: "Program", note: "TrendNote", directory: Path) -> list[Path]:
    """Write a note in each language, ready to print, and its plain text; return the pages' paths."""
    from digest.plain import plain_text
    from digest.printed import printed

    directory.mkdir(parents=True, exist_ok=True)
    paths = []
    for language, page in pages_of(program, note).items():
        path = directory / f"trend-note-{note.key}-{language}.html"
        path.write_text(printed(page), encoding="utf-8")
        path.with_suffix(".txt").write_text(f"{page.subject}\n\n{plain_text(page)}", encoding="utf-8")
        paths.append(path)
    return paths


def mail_note(program: "Program", note: "TrendNote") -> dict[str, str]:
    """Mail a note to each editor who has not got it, and return how each mail stands.

    That a mail is sent is on record before it is: what a crash leaves is in doubt, and is not sent again by itself.

    Raises:
        NoLineError: the mail server cannot be used.
    """
    from runtime.jobs.digest import letterhead, transport

    known: dict[str, dict[str, str]] = dict(program.corpus.facts.get(FACT) or {})
    ends = {one: "in_doubt" if end == "sending" else end for one, end in known.get(note.key, {}).items()}
    spared = program.corpus.addresses.spared()
    due = [
        one
        for one in program.configuration.recipients
        if one.role == "editor"
        and one.address.casefold() not in spared
        and ends.get(one.address, "deferred") == "deferred"
    ]
    pages = pages_of(program, note, mailed=True)
    while due:
        with transport(program).open(sender=letterhead(program).address) as line:
            ending = _mail_along(program, note, pages, line, due, partial(_keep, program, note.key, ends))
        if ending:  # the line broke: the rest is tried at the next call
            break
    return ends


def _mail_along(
    program: "Program",
    note: "TrendNote",
    pages: "dict[str, Page]",
    line: "Line",
    due: "list[Any]",
    keep: Callable[[str, str], None],
) -> bool:
    """Mail along one line until all have it; return whether it broke."""
    from digest.mail import build_message, message_id
    from digest.slots import Links
    from digest.ticket import Ticket
    from runtime.jobs.digest import letterhead

    head, signed, site = letterhead(program), tickets(program), program.configuration.site.public_url
    while due:
        one = due.pop(0)
        leave = None
        if signed and site:
            right = signed.write(Ticket(right="leave", mark=signed.mark(one.address)))
            leave = f"{site}/leave/{right}?lang={one.language}"
        message = build_message(
            _rendering(note, pages[one.language], one.language),
            letterhead=head,
            recipient=one.address,
            identity=message_id(f"trend note {note.key}", one.address, head.domain),
            date=program.clock(),
            links=Links(unsubscribe_url=leave),
        )
        keep(one.address, "sending")
        outcome = line.send(message, sender=head.address, recipient=one.address)
        keep(one.address, outcome.ending)
        if outcome.line_is_broken:
            return True
    return False


def _rendering(note: "TrendNote", page: "Page", language: str) -> Any:  # noqa: ANN401 - of the corpus, imported late
    from corpus.rendering import Rendering
    from digest.plain import plain_text
    from digest.printed import html_of

    return Rendering(
        issue=f"trend-note-{note.key}",
        language=language,
        role="editor",
        subject=page.subject,
        text=plain_text(page),
        html=html_of(page),
        charts=page.charts,
    )


def _keep(program: "Program", key: str, ends: dict[str, str], address: str, end: str) -> None:
    ends[address] = end
    known = dict(program.corpus.facts.get(FACT) or {})
    latest = dict(sorted((known | {key: ends}).items())[-_KEPT:])
    program.corpus.facts.put(FACT, latest, now=program.clock(), durable=True)


def mail_last_month(program: "Program") -> "tuple[RunState, dict[str, int], str | None]":
    """Mail the note of the month before this one, and return state, counts and problem for the run ledger."""
    ends = mail_note(program, make_note(program, *last_month(program, program.clock())))
    counts: dict[str, int] = {}
    for end in ends.values():
        counts[end] = counts.get(end, 0) + 1
    if "deferred" in counts:
        return "failed", counts, "not every trend note could be mailed; it is tried again"
    return ("done" if set(counts) <= {"sent"} else "partly"), counts, None


def last_month(program: "Program", now: datetime) -> tuple[Week, Week]:
    """Return the first and the last week of the month before an instant's."""
    from digest.trend_note import weeks_of_month

    local = now.astimezone(program.configuration.programme.zone).date()
    year, month = (local.year, local.month - 1) if local.month > 1 else (local.year - 1, 12)
    return weeks_of_month(year, month)
