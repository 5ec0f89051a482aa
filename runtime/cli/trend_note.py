"""`kuntakaiku digest trend-note [draft|show|preview|approve|send|settle]`."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from programme.errors import MisuseError
from programme.week import Week
from runtime.wiring import Program

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus.issues import DeliveryState, StoredIssue
    from digest.trend_note import TrendNote

app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)
First = Annotated[str | None, typer.Option("--from", metavar="WEEK", help="First week; default: last month's.")]
Last = Annotated[str | None, typer.Option("--to", metavar="WEEK", help="Last week.")]
Theme = Annotated[str | None, typer.Option(help="Slug of the one theme that it is about.")]
Out = Annotated[Path | None, typer.Option(help="Directory for the pages; default: preview/ of the data.")]
Open = Annotated[bool, typer.Option("--open", help="Open the first page in a browser.")]
Note = Annotated[str | None, typer.Option(metavar="NAME", help="Which note; default: the one drafted last.")]


@app.callback()
def pages(
    context: typer.Context,
    first: First = None,
    last: Last = None,
    theme: Theme = None,
    *,
    out: Out = None,
    show_page: Open = False,
) -> None:
    """How themes and topics developed over a month or any span of weeks: pages for paper, or the life of a mail."""
    from runtime.jobs import trend_note as job

    if context.invoked_subcommand is not None:
        return
    program: Program = context.obj
    note = job.make_note(program, *_span(program, first, last), theme=theme)
    found = [str(path) for path in job.write_notes(program, note, out or program.settings.data / "preview")]
    if show_page:
        typer.launch(found[0])
    program.tell({"note": note.key, **_numbers(note), "pages": found}, found)


@app.command()
def draft(context: typer.Context, first: First = None, last: Last = None, theme: Theme = None) -> None:
    """Store the note of a span, by default of last month, in place of an earlier draft."""
    from runtime.jobs import note_life

    program: Program = context.obj
    note = note_life.draft_note(program, *_span(program, first, last), theme=theme, who=getpass.getuser())
    stored = note_life.stored_note(program, note.key)
    lines = [f"Drafted {note.key}.", *_subjects(program, stored), "Look: digest trend-note preview --open"]
    _tell(program, stored, lines, **_numbers(note))


@app.command()
def show(context: typer.Context, note: Note = None) -> None:
    """Tell a note as its plain text, its state and its deliveries."""
    from digest.slots import without_slots
    from runtime.jobs import note_life

    program: Program = context.obj
    stored = note_life.stored_note(program, note)
    mails = note_life.note_mails(program, stored)
    text = mails[program.configuration.programme.default_language, note_life.ROLE].text
    lines = [f"{stored.key}: {stored.state}", *_deliveries(program, stored), "", *without_slots(text).splitlines()]
    _tell(program, stored, lines)


@app.command()
def preview(context: typer.Context, note: Note = None, *, out: Out = None, show_page: Open = False) -> None:
    """Write the mails of a note, in each language, as pages to look at."""
    from runtime.jobs import note_life
    from runtime.jobs.preview import write_pages

    program: Program = context.obj
    stored = note_life.stored_note(program, note)
    mails = note_life.note_mails(program, stored)
    found = [str(page) for page in write_pages(mails, out or program.settings.data / "preview")]
    if show_page:
        typer.launch(found[0])
    _tell(program, stored, found, pages=found)


@app.command()
def approve(context: typer.Context, note: Note = None) -> None:
    """Freeze the mails of a draft with their hashes; what is sent is exactly this."""
    from runtime.jobs import note_life

    program: Program = context.obj
    stored = note_life.stored_note(program, note)
    hashes = note_life.approve_note(program, stored.key, who=getpass.getuser())
    lines = [f"{language} {role}: sha256 {sha256}" for (language, role), sha256 in hashes.items()]
    _tell(program, note_life.stored_note(program, stored.key), [f"Approved {stored.key}.", *lines])


@app.command()
def send(context: typer.Context, note: Note = None) -> None:
    """Send an approved note to each editor who has not got it; exit 3 if any delivery is not sent."""
    from runtime.jobs import note_life

    program: Program = context.obj
    stored = note_life.stored_note(program, note)
    sent = note_life.send_note(program, stored.key)
    stored = note_life.stored_note(program, stored.key)
    _tell(program, stored, [*_deliveries(program, stored), *([sent.problem] if sent.problem else [])])
    raise typer.Exit(0 if sent.is_complete else 3)


@app.command()
def settle(
    context: typer.Context,
    recipient: Annotated[str, typer.Argument(help="Address of the delivery in doubt.")],
    *,
    arrived: Annotated[
        bool,
        typer.Option("--sent/--again", help="It arrived; or it did not, and is sent again with the same Message-ID."),
    ],
    note: Note = None,
) -> None:
    """Tell of a delivery in doubt whether it arrived."""
    from runtime.jobs import note_life

    program: Program = context.obj
    stored = note_life.stored_note(program, note)
    state: DeliveryState = "sent" if arrived else "pending"
    who = getpass.getuser()
    if not program.corpus.issues.settle_delivery(stored.key, recipient, state=state, who=who, now=program.clock()):
        raise MisuseError(
            f"No delivery of {stored.key} to {recipient} is in doubt.",
            f"Look at them: kuntakaiku digest trend-note show --note {stored.key}",
        )
    after = [] if arrived else [f"Send it again: kuntakaiku digest trend-note send --note {stored.key}"]
    _tell(program, note_life.stored_note(program, stored.key), [f"{recipient}: {state}", *after])


def _span(program: Program, first: str | None, last: str | None) -> tuple[Week, Week]:
    from runtime.jobs.trend_note import last_month

    if (first is None) != (last is None):
        raise MisuseError("A span needs both its weeks.", "Name --from and --to, or neither for last month.")
    return (Week.named(first), Week.named(last)) if first and last else last_month(program, program.clock())


def _numbers(note: "TrendNote") -> dict[str, object]:
    return {
        "from": str(note.first),
        "to": str(note.last),
        "posts": note.total.posts,
        "writers": note.writers,
        "themes": [
            {"theme": one.slug, "posts": one.posts, "before": one.before, "weekly": list(one.series)}
            for one in note.turns
        ],
        "topics": [{"topic": one.topic.key, "weeks": [str(week) for week in one.weeks]} for one in note.topics],
    }


def _subjects(program: Program, stored: "StoredIssue") -> list[str]:
    from runtime.jobs.note_life import note_mails

    return [f"{language}: {mail.subject}" for (language, _), mail in note_mails(program, stored).items()]


def _deliveries(program: Program, stored: "StoredIssue") -> list[str]:
    return [
        f"{one.recipient}: {one.state}" + (f" ({one.reason})" if one.reason and one.state != "sent" else "")
        for one in program.corpus.issues.deliveries(stored.key)
    ]


def _tell(program: Program, stored: "StoredIssue", lines: "Sequence[str]", **more: object) -> None:
    deliveries = [
        {"recipient": one.recipient, "state": one.state, "reason": one.reason}
        for one in program.corpus.issues.deliveries(stored.key)
    ]
    program.tell({"note": stored.key, "state": stored.state, "deliveries": deliveries} | more, list(lines))
