"""`kuntakaiku digest edit list|introduction|hide|unhide|pin|unpin|move`."""

import getpass
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from programme.errors import MisuseError
from programme.week import Week
from runtime.cli.coverage import WeekOption
from runtime.wiring import Program

if TYPE_CHECKING:
    from console.desk import PostAct, TopicAct
    from corpus.edits import StoredEdits
    from corpus.issues import StoredIssue
    from digest.issue import Issue

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)

PostArgument = Annotated[str, typer.Argument(metavar="POST", help="A post's key, like mastodon:1.")]
EitherArgument = Annotated[
    str, typer.Argument(metavar="POST|TOPIC", help="A post's key, like mastodon:1; a topic's key or name.")
]
TopicArgument = Annotated[str, typer.Argument(metavar="TOPIC", help="A topic's key or name.")]


@app.command("list")
def list_(context: typer.Context, week: WeekOption = None) -> None:
    """Tell what a draft shows, by key and in its order, and what was changed in it."""
    from digest.edits import ordered, pinned_first
    from digest.issue import Issue
    from runtime.jobs.digest import stored_issue

    program: Program = context.obj
    stored = stored_issue(program, program.week(week))
    issue, standing = Issue.from_json(stored.numbers), program.corpus.editing.get(stored.key)
    edits = standing.edits
    lines = [f"{stored.key}: {stored.state}"]
    for topic in pinned_first(issue.topics, edits):
        marks = [*(["pinned"] if topic.key in edits.pinned else [])]
        marks += ["left out"] if topic.key in edits.hidden_topics else []
        lines.append(f"topic {topic.key} “{_name(issue, topic.key)}”" + _marked(marks))
    for section in issue.sections:
        for item in ordered(section, edits).items:
            kind = f"discussion of {item.posts}" if item.posts > 1 else "post"
            lines.append(f"{section.slug}: {kind} {item.post}" + _marked(_out(item.post in edits.hidden)))
    lines += [f"unclear: post {one.post}" + _marked(_out(one.post in edits.hidden)) for one in issue.doubts]
    lines += _told(standing)
    _tell(program, stored, lines)


@app.command()
def introduction(
    context: typer.Context,
    said: Annotated[
        list[str], typer.Argument(metavar="LANGUAGE=TEXT", help="Words in a reading language; empty takes them away.")
    ],
    week: WeekOption = None,
) -> None:
    """Put words of your own above the digest, in each language; plain text, an empty line parts paragraphs."""
    from runtime.jobs.edit import introduce

    program: Program = context.obj
    words = dict(_said(program, one) for one in said)
    _edit(program, program.week(week), lambda asked, who: introduce(program, asked, words, who=who))


@app.command()
def hide(context: typer.Context, what: EitherArgument, week: WeekOption = None) -> None:
    """Leave a post, discussion or topic out of the mails; it still counts, and the mail says how much is left out."""
    program: Program = context.obj
    asked = program.week(week)
    _edit(program, asked, _turned(program, asked, what, hides=True))


@app.command()
def unhide(context: typer.Context, what: EitherArgument, week: WeekOption = None) -> None:
    """Show again what was left out."""
    program: Program = context.obj
    asked = program.week(week)
    _edit(program, asked, _turned(program, asked, what, hides=False))


@app.command()
def pin(context: typer.Context, topic: TopicArgument, week: WeekOption = None) -> None:
    """Put a topic first, also in the subject."""
    from runtime.jobs.edit import edit_topic

    program: Program = context.obj
    _edit(program, program.week(week), lambda asked, who: edit_topic(program, asked, "pin", topic, who=who))


@app.command()
def unpin(context: typer.Context, topic: TopicArgument, week: WeekOption = None) -> None:
    """Put a topic back where its strength puts it."""
    from runtime.jobs.edit import edit_topic

    program: Program = context.obj
    _edit(program, program.week(week), lambda asked, who: edit_topic(program, asked, "unpin", topic, who=who))


@app.command()
def move(
    context: typer.Context,
    post: PostArgument,
    *,
    down: Annotated[bool, typer.Option("--down/--up", help="By one place within its theme.")],
    week: WeekOption = None,
) -> None:
    """Move a post within its theme; readers of the short mail see the first alone."""
    from runtime.jobs.edit import edit_post

    program: Program = context.obj
    act: PostAct = "down" if down else "up"
    _edit(program, program.week(week), lambda asked, who: edit_post(program, asked, act, post, who=who))


_Turn = Callable[[Week, str], "StoredEdits"]


def _turned(program: Program, week: Week, what: str, *, hides: bool) -> _Turn:
    from digest.edits import posts_of
    from digest.issue import Issue
    from runtime.jobs.digest import stored_issue
    from runtime.jobs.edit import edit_post, edit_topic

    stored = stored_issue(program, week)
    posts = posts_of(Issue.from_json(stored.numbers)).union(program.corpus.editing.get(stored.key).edits.hidden)
    if what in posts or ":" in what:  # as no topic's key has
        act: PostAct = "hide" if hides else "show"
        return lambda asked, who: edit_post(program, asked, act, what, who=who)
    topic_act: TopicAct = "hide_topic" if hides else "show_topic"
    return lambda asked, who: edit_topic(program, asked, topic_act, what, who=who)


def _edit(program: Program, week: Week, turn: _Turn) -> None:
    """Change a draft; an approval of which nothing was sent yet is void by it."""
    from corpus.issues import IssueStateError
    from runtime.jobs.digest import stored_issue
    from runtime.jobs.edit import withdraw

    who, lines = getpass.getuser(), []
    before = program.corpus.editing.get(stored_issue(program, week).key)
    try:
        standing = turn(week, who)
    except IssueStateError:
        if stored_issue(program, week).state != "approved":
            raise
        withdraw(program, week, who)
        lines.append("Its approval is void by this; approve it again.")
        standing = turn(week, who)
    changed = "Nothing changed: it is so already." if standing.revision == before.revision else "Changed."
    _tell(
        program, stored_issue(program, week), [changed, *lines, *_told(standing), f"Look: digest preview --week {week}"]
    )


def edits_as_json(program: Program, stored: "StoredIssue") -> dict[str, object]:
    """Return what was changed in an issue, and how much of it is left out."""
    from dataclasses import asdict

    import msgspec

    from digest.edits import edited
    from digest.issue import Issue

    standing = program.corpus.editing.get(stored.key)
    document: dict[str, object] = msgspec.to_builtins(standing.edits)
    return document | {
        "left_out": asdict(edited(Issue.from_json(stored.numbers), standing.edits, "").left_out),
        "at": standing.edited_at.isoformat() if standing.edited_at else None,
        "by": standing.edited_by,
    }


def _told(standing: "StoredEdits") -> list[str]:
    if standing.edited_at is None:
        return ["Nobody has edited it."]
    edits = standing.edits
    told = [f"introduction in {language}: {text}" for language, text in edits.introduction.items()]
    told += (
        [f"left out: {', '.join((*edits.hidden, *edits.hidden_topics))}"] if edits.hidden or edits.hidden_topics else []
    )
    told += [f"pinned: {', '.join(edits.pinned)}"] if edits.pinned else []
    return [*told, f"Last edited {standing.edited_at:%Y-%m-%d %H:%M} UTC by {standing.edited_by}."]


def _said(program: Program, said: str) -> tuple[str, str]:
    language, equals, text = said.partition("=")
    known = program.configuration.programme.languages
    if not equals or language.strip() not in known:
        raise MisuseError(f"The introduction {said[:40]!r} names no language.", f'Write it like "{known[0]}=…".')
    return language.strip(), text


def _name(issue: "Issue", key: str) -> str:
    topic = next(one for one in issue.topics if one.key == key)
    return topic.label.get(topic.language) or next(iter(topic.label.values()))


def _out(is_out: bool) -> list[str]:
    return ["left out"] if is_out else []


def _marked(marks: list[str]) -> str:
    return f" ({', '.join(marks)})" if marks else ""


def _tell(program: Program, stored: "StoredIssue", lines: list[str]) -> None:
    from runtime.cli.digest import issue_as_json

    program.tell(issue_as_json(program, stored), lines)
