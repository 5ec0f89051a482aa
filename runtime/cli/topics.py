"""`kuntakaiku topics`: what coordinators decide on topics, follow, and take to a steering group."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from programme.errors import MisuseError
from runtime.cli.coverage import WeekOption
from runtime.wiring import Program

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from corpus.decisions import DecisionKind

app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)

VERDICTS = ("lived", "ended", "dismissed", "young")
TopicArgument = Annotated[str, typer.Argument(metavar="TOPIC", help="Key of a topic, its beginning, or a label.")]


@app.callback()
def topics(context: typer.Context) -> None:
    """Topics that issues told of, and what is followed: key, label, state, first seen, weeks."""
    if context.invoked_subcommand:
        return
    from runtime.jobs.follow import following
    from runtime.jobs.topics import known_topics

    program: Program = context.obj
    found = known_topics(program)
    lines = [
        f"{one.key} “{one.shown}” – {one.state}"
        + (f" into {one.head}" if one.state == "merged" else "")
        + f", first seen {one.first_seen or 'unknown'}, told in {', '.join(one.weeks) or 'no issue'}"
        for one in found
    ]
    followed = following(program)
    lines = [
        *(lines or ["No issue told of a topic yet."]),
        *(f"Followed: {one.key} “{one.shown}”" + (" (words)" if one.words else "") for one in followed),
    ]
    told = {"topics": [one.as_json() for one in found], "following": [one.as_json() for one in followed]}
    program.tell(told, lines)


@app.command()
def rename(
    context: typer.Context,
    topic: TopicArgument,
    label: Annotated[
        list[str], typer.Option(metavar="LANGUAGE=TEXT", help="Name in a language; empty gives the people's back.")
    ],
) -> None:
    """Give a topic a name that it keeps in later issues."""
    program: Program = context.obj
    _decide(program, "rename", topic, label=_labels(program, label))


@app.command()
def merge(context: typer.Context, topic: TopicArgument, other: TopicArgument) -> None:
    """Tell two topics as one from now on, under the first one's key and name."""
    _decide(context.obj, "merge", topic, other=other)


@app.command()
def split(
    context: typer.Context,
    topic: TopicArgument,
    other: Annotated[str | None, typer.Argument(metavar="[TOPIC]", help="What is parted; else all.")] = None,
) -> None:
    """Take back a merge: tell what was joined to a topic, or one part, by itself again."""
    _decide(context.obj, "split", topic, other=other)


@app.command()
def dismiss(context: typer.Context, topic: TopicArgument) -> None:
    """Say that this is no topic: it never becomes a note again."""
    _decide(context.obj, "dismiss", topic)


@app.command()
def restore(context: typer.Context, topic: TopicArgument) -> None:
    """Take back a dismissal."""
    _decide(context.obj, "restore", topic)


@app.command()
def follow(
    context: typer.Context,
    wanted: Annotated[
        list[str], typer.Argument(metavar="TOPIC|WORDS", help="A topic's key or label, else words; commas part them.")
    ],
) -> None:
    """Tell of a topic, or of words, in every digest: its writers beside a usual week, and whether it moved."""
    from runtime.jobs.follow import follow

    program: Program = context.obj
    one = follow(program, " ".join(wanted), who=getpass.getuser())
    what = "these words" if one.words else "this topic"
    program.tell(one.as_json(), [f"{one.key} “{one.shown}”: {what} will be told of from the next issue on."])


@app.command()
def unfollow(context: typer.Context, wanted: Annotated[list[str], typer.Argument(metavar="TOPIC|WORDS")]) -> None:
    """Tell of it no more, unless it stands out."""
    from runtime.jobs.follow import unfollow

    program: Program = context.obj
    one = unfollow(program, " ".join(wanted), who=getpass.getuser())
    program.tell(one.as_json(), [f"{one.key} “{one.shown}”: no longer followed."])


@app.command()
def record(context: typer.Context, week: WeekOption = None) -> None:
    """What became of the topics that issues raised: how many lived four weeks, ended sooner, were dismissed."""
    from runtime.jobs.trends import trends_of

    program: Program = context.obj
    fates = trends_of(program, program.week(week)).record
    counts = {verdict: sum(fate.verdict == verdict for fate in fates) for verdict in VERDICTS}
    since = str(fates[0].week) if fates else None
    lines = [
        f"{fate.week} {fate.key} “{next(iter(fate.label.values()), fate.key)}” – {fate.verdict}"
        f" (writers {', '.join(map(str, fate.writers))})"
        for fate in fates
    ]
    told = (
        f"Topics raised since {since}: {len(fates)}. Lived four weeks: {counts['lived']}."
        f" Ended sooner: {counts['ended']}. Dismissed: {counts['dismissed']}. Too recent to tell: {counts['young']}."
        if fates
        else "No issue that was approved has raised a topic yet."
    )
    program.tell(
        {"raised": len(fates), "since": since, **counts, "topics": [f.as_json() for f in fates]}, [told, *lines]
    )


@app.command()
def sheet(
    context: typer.Context,
    topic: TopicArgument,
    week: WeekOption = None,
    *,
    out: Annotated[Path | None, typer.Option(help="Directory for the pages; default: preview/ of the data.")] = None,
    show_page: Annotated[bool, typer.Option("--open", help="Open the first page in a browser.")] = False,
) -> None:
    """Write the sheet of a topic: one page, ready to print, in each language, with the strongest objection."""
    from digest.topic_sheet import objection
    from runtime.jobs.topic_sheet import topic_sheet, write_sheets

    program: Program = context.obj
    made = topic_sheet(program, topic, program.week(week) if week else None)
    pages = [str(path) for path in write_sheets(program, made, out or program.settings.data / "preview")]
    if show_page:
        typer.launch(pages[0])
    program.tell(
        {"topic": made.trend.as_json(), "week": str(made.week), "objection": objection(made), "pages": pages}, pages
    )


def _decide(
    program: Program,
    kind: "DecisionKind",
    topic: str,
    *,
    other: str | None = None,
    label: "Mapping[str, str] | None" = None,
) -> None:
    from runtime.jobs.topics import decide

    stands = decide(program, kind, topic, who=getpass.getuser(), other=other, label=label)
    told = f"{stands.key} “{stands.shown}”: {kind}, from the next issue on."
    program.tell(stands.as_json(), [told])


def _labels(program: Program, given: "Iterable[str]") -> dict[str, str]:
    """Return names by language.

    Raises:
        MisuseError: one names no language of the programme.
    """
    known = program.configuration.programme.languages
    labels: dict[str, str] = {}
    for one in given:
        language, equals, text = one.partition("=")
        if not equals or language.strip() not in known:
            raise MisuseError(f"The label {one!r} names no language.", f'Write it like "{known[0]}=…".')
        labels[language.strip()] = " ".join(text.split())
    return labels
