"""`kuntakaiku digest draft|show|edit|preview|approve|send|announce|settle|correct|trend-note`."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from programme.edition import Edition
from programme.errors import MisuseError
from programme.types import Localised
from runtime.cli import trend_note
from runtime.cli.coverage import WeekOption
from runtime.cli.digest_edit import app as edit_app
from runtime.wiring import Program

if TYPE_CHECKING:
    from collections.abc import Iterable

    from console.desk import Decided
    from corpus.issues import Delivery, StoredIssue

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)
app.add_typer(
    edit_app, name="edit", help="Change a draft before it goes out: words above it, what it shows, in which order."
)
app.add_typer(trend_note.app, name="trend-note")


@app.command()
def draft(context: typer.Context, week: WeekOption = None) -> None:
    """Make the issue of a week from what the corpus holds now, in place of an earlier draft."""
    from runtime.jobs import digest

    program: Program = context.obj
    asked = program.week(week)
    digest.draft(program, asked, who=getpass.getuser())
    stored = digest.stored_issue(program, asked)
    _tell(program, stored, [f"Drafted {asked}.", *_subjects(program, stored), f"Look: digest preview --week {asked}"])


@app.command()
def show(context: typer.Context, week: WeekOption = None) -> None:
    """Tell every number of an issue, its state and its deliveries."""
    from digest.render import RenderingError
    from digest.slots import without_slots
    from runtime.jobs import digest

    program: Program = context.obj
    stored = digest.stored_issue(program, program.week(week))
    deliveries = _deliveries(program.corpus.issues.deliveries(stored.key))
    try:
        mail = digest.render_issue(program, stored)[program.configuration.programme.default_language, "editor"]
        text = without_slots(mail.text).splitlines()
    except RenderingError as error:
        text = [str(error)]
    _tell(program, stored, [f"Issue {stored.key}: {stored.state}", *deliveries, "", *text])


@app.command()
def preview(
    context: typer.Context,
    week: WeekOption = None,
    *,
    out: Annotated[Path | None, typer.Option(help="Directory for the pages; default: preview/ of the data.")] = None,
    show_page: Annotated[bool, typer.Option("--open", help="Open the first page in a browser.")] = False,
) -> None:
    """Write each mail of an issue, in each language and length, as a page to look at."""
    from runtime.jobs import digest
    from runtime.jobs.preview import write_pages

    program: Program = context.obj
    stored = digest.stored_issue(program, program.week(week))
    pages = write_pages(digest.render_issue(program, stored), out or program.settings.data / "preview")
    if show_page:
        typer.launch(str(pages[0]))
    _tell(program, stored, [str(page) for page in pages], pages=[str(page) for page in pages])


@app.command()
def approve(context: typer.Context, week: WeekOption = None) -> None:
    """Freeze the mails of a draft with their hashes; what is sent is exactly this."""
    from runtime.jobs import digest
    from runtime.jobs.links import lacking

    program: Program = context.obj
    asked = program.week(week)
    hashes = digest.approve(program, asked, who=getpass.getuser())
    lines = [f"{language} {role}: sha256 {sha256}" for (language, role), sha256 in hashes.items()]
    spared = program.corpus.addresses.suspended().values()
    lines += [
        f"{address} gets nothing since it left on {at:%Y-%m-%d}"
        for address, at in program.corpus.addresses.left().items()
    ]
    lines += [f"Note: {unsigned}." for unsigned in (lacking(program),) if unsigned]
    lines += [
        f"{one.address} gets nothing since {one.since_at:%Y-%m-%d}: mails came back ({one.why})" for one in spared
    ]
    _tell(program, digest.stored_issue(program, asked), [f"Approved {asked}.", *lines])


@app.command()
def send(context: typer.Context, week: WeekOption = None) -> None:
    """Send an approved issue to everybody who has not got it; exit 3 if any delivery is not sent."""
    from runtime.jobs import digest

    program: Program = context.obj
    asked = program.week(week)
    sent = digest.send(program, asked)
    lines = [*_deliveries(sent.deliveries), *([sent.problem] if sent.problem else [])]
    _tell(program, digest.stored_issue(program, asked), lines)
    raise typer.Exit(0 if sent.is_complete else 3)


@app.command()
def announce(context: typer.Context, week: WeekOption = None) -> None:
    """Tell the configured services once more of an issue that has gone out; exit 3 if one does not take it."""
    from runtime.jobs import digest
    from runtime.jobs.webhooks import addresses, announce_issue

    program: Program = context.obj
    stored = digest.stored_issue(program, program.week(week))
    if not addresses(program):
        raise MisuseError("No service is configured.", "Set KUNTAKAIKU_WEBHOOKS to their addresses.")
    if stored.state not in ("sending", "sent"):
        raise MisuseError(f"The issue {stored.key} has not gone out.", "Send it first: kuntakaiku digest send")
    problem = announce_issue(program, stored, again=True)
    _tell(program, stored, [problem or f"Every service was told of {stored.key}."], problem=problem)
    raise typer.Exit(3 if problem else 0)


@app.command()
def settle(
    context: typer.Context,
    recipient: Annotated[str, typer.Argument(help="Address of the delivery in doubt.")],
    *,
    sent: Annotated[bool, typer.Option("--sent", help="It arrived.")] = False,
    again: Annotated[bool, typer.Option("--again", help="It did not; send it with the same Message-ID.")] = False,
    give_up: Annotated[bool, typer.Option("--give-up", help="Nobody knows; it is not sent again.")] = False,
    week: WeekOption = None,
) -> None:
    """Decide on a delivery in doubt, after looking into the mailbox or the mail server's log."""
    from runtime.jobs import digest
    from runtime.jobs.sending import settle as settle_delivery

    program: Program = context.obj
    decided: list[Decided] = [name for name, is_it in _decisions(sent, again, give_up) if is_it]
    if len(decided) != 1:
        raise MisuseError("Say what became of the mail.", "One of --sent, --again and --give-up.")
    stored = digest.stored_issue(program, program.week(week))
    week_of = Edition.named(stored.key).week
    if not settle_delivery(program, stored.key, recipient, decided[0], who=getpass.getuser()):
        raise MisuseError(
            f"No delivery of {stored.key} to {recipient} is in doubt.",
            f"Look at them: kuntakaiku digest show --week {week_of}",
        )
    after = [f"Send it again: kuntakaiku digest send --week {week_of}"] if again else []
    told = next(one for one in program.corpus.issues.deliveries(stored.key) if one.recipient == recipient)
    _tell(program, stored, [*_deliveries([told]), *after])


@app.command()
def correct(
    context: typer.Context,
    week: WeekOption = None,
    note: Annotated[
        list[str] | None,
        typer.Option(metavar="LANGUAGE=TEXT", help="What readers are told of the correction; once for each language."),
    ] = None,
) -> None:
    """Draft a correction of an issue that has gone out; it is approved and sent like any issue."""
    from runtime.jobs import digest
    from runtime.jobs.correct import correct as draft_correction

    program: Program = context.obj
    asked = program.week(week)
    issue = draft_correction(program, asked, _notes(program, note or []), who=getpass.getuser())
    found = issue.corrected
    differ = f"{found.differences if found else 0} posts count differently than in what was mailed."
    stored = digest.stored_issue(program, asked)
    lines = [f"Drafted {issue.key}. {differ}", *_subjects(program, stored), f"Look: digest preview --week {asked}"]
    _tell(program, stored, lines)


def _decisions(sent: bool, again: bool, give_up: bool) -> "list[tuple[Decided, bool]]":
    return [("sent", sent), ("again", again), ("give_up", give_up)]


def _notes(program: Program, notes: "Iterable[str]") -> Localised:
    """Return what is said by language.

    Raises:
        MisuseError: a note names no language of the programme, or says nothing.
    """
    said: dict[str, str] = {}
    for note in notes:
        language, equals, text = note.partition("=")
        known = program.configuration.programme.languages
        if not equals or language.strip() not in known or not text.strip():
            raise MisuseError(f"The note {note!r} names no language.", f'Write it like "{known[0]}=…".')
        said[language.strip()] = text.strip()
    return Localised(said)


def _deliveries(deliveries: "Iterable[Delivery]") -> list[str]:
    return [
        f"{one.recipient}: {one.state}" + (f" ({one.reason})" if one.reason and one.state != "sent" else "")
        for one in deliveries
    ]


def _subjects(program: Program, stored: "StoredIssue") -> list[str]:
    subjects, problem = _subjects_or_problem(program, stored)
    return [problem] if problem else [f"{language}: {subject}" for language, subject in subjects.items()]


def _subjects_or_problem(program: Program, stored: "StoredIssue") -> tuple[dict[str, str], str | None]:
    """Return a draft's subjects by language, or why its mails cannot be written."""
    from digest.render import RenderingError
    from runtime.jobs.digest import render_issue

    try:
        mails = render_issue(program, stored)
    except RenderingError as error:
        return {}, str(error)
    return {language: mail.subject for (language, role), mail in mails.items() if role == "editor"}, None


def _tell(program: Program, stored: "StoredIssue", lines: list[str], **more: object) -> None:
    program.tell(issue_as_json(program, stored) | more, lines)


def issue_as_json(program: Program, stored: "StoredIssue") -> dict[str, object]:
    """Return every number of an issue, its subjects, how it differs from what was printed, and its deliveries."""
    from runtime.cli.digest_edit import edits_as_json
    from runtime.jobs.digest import corrected_by

    corrections = stored.numbers.get("corrections") or {}
    previous = [
        {("theme" if key == "slug" else key): value for key, value in row.items()}
        for row in corrections.get("rows", ())
    ]
    problem = None
    if stored.state == "draft":
        subjects, problem = _subjects_or_problem(program, stored)
    else:
        frozen = program.corpus.issues.renderings(stored.key)
        subjects = {one.language: one.subject for one in frozen if one.role == "editor"}
    return {
        "issue": stored.key,
        "state": stored.state,
        "subjects": subjects,
        "numbers": {key: value for key, value in stored.numbers.items() if key != "counted"},
        "previous": previous,
        "deliveries": [
            {"recipient": one.recipient, "state": one.state, "reason": one.reason}
            for one in program.corpus.issues.deliveries(stored.key)
        ],
        "week": str(Edition.named(stored.key).week),
        "corrects": corrected_by(stored),
        "problem": problem,
        "edits": edits_as_json(program, stored),
    }
