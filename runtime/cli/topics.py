"""`kuntakaiku topics [rename | merge | split | dismiss | restore]`: what coordinators decide on topics."""

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from programme.errors import MisuseError
from runtime.wiring import Program

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from corpus.decisions import DecisionKind

app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)

TopicArgument = Annotated[str, typer.Argument(metavar="TOPIC", help="Key of a topic, its beginning, or a label.")]


@app.callback()
def topics(context: typer.Context) -> None:
    """Topics that issues told of: key, label, state, first seen, weeks."""
    if context.invoked_subcommand:
        return
    from runtime.jobs.topics import known_topics

    program: Program = context.obj
    found = known_topics(program)
    lines = [
        f"{one.key} “{one.shown}” – {one.state}"
        + (f" into {one.head}" if one.state == "merged" else "")
        + f", first seen {one.first_seen or 'unknown'}, told in {', '.join(one.weeks) or 'no issue'}"
        for one in found
    ]
    program.tell({"topics": [one.as_json() for one in found]}, lines or ["No issue told of a topic yet."])


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
