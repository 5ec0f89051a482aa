"""What editors change in a draft before it goes out: words above it, what it shows, in which order; never a number."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from programme.errors import MisuseError
from programme.types import NONE, UNSURE
from programme.week import Week
from runtime.jobs.digest import stored_issue

if TYPE_CHECKING:
    from console.desk import PostAct, TopicAct
    from corpus.edits import Edits, Seen, StoredEdits
    from corpus.reviews import Outcome
    from digest.issue import Issue
    from runtime.wiring import Program

_TOLD = {
    "hide": "left out a post",
    "show": "showed a post again",
    "up": "moved a post",
    "down": "moved a post",
    "pin": "pinned a topic",
    "unpin": "unpinned a topic",
    "hide_topic": "left out a topic",
    "show_topic": "showed a topic again",
}
"""Of the audit log."""
_STEPS = {"up": -1, "down": 1}


def introduce(
    program: "Program", week: Week, said: Mapping[str, str], *, who: str, seen: "Seen | None" = None
) -> "StoredEdits":
    """Put words above a draft, by language; a language that is not named keeps its words, an empty text has none.

    Raises:
        IssueStateError: the issue is no draft.
        DraftChangedError: it is not the one that the editor looked at.
        MisuseError: nobody has drafted it, a language is none of the programme's, or a text is too long.
    """
    from digest.edits import LONGEST_INTRODUCTION, introduced

    languages = program.configuration.programme.languages
    for language, text in said.items():
        if language not in languages:
            raise MisuseError(f"The programme has no reading language {language!r}.", f"It has {', '.join(languages)}.")
        if len(text) > LONGEST_INTRODUCTION:
            raise MisuseError(
                f"The introduction in {language} has {len(text)} letters, and may have {LONGEST_INTRODUCTION}.",
                "Shorten it: the digest is read in three minutes.",
            )

    def turn(edits: "Edits") -> "Edits":
        for language, text in said.items():
            edits = introduced(edits, language, text)
        return edits

    about = " ".join(said)
    return _change(program, week, turn, who=who, seen=seen, what="edited the introduction", about=about)


def edit_post(
    program: "Program", week: Week, act: "PostAct", post: str, *, who: str, seen: "Seen | None" = None
) -> "StoredEdits":
    """Leave a post out of a draft's mails, show it again, or move it within its theme.

    Args:
        program: the house.
        week: whose draft it is.
        act: what is done.
        post: key of the post, like ``mastodon:1``.
        who: does it.
        seen: the draft that the editor looked at; None: whatever stands now.

    Raises:
        IssueStateError: the issue is no draft.
        DraftChangedError: it is not the one that the editor looked at.
        MisuseError: nobody has drafted it, or it does not show the post.
    """
    from digest import edits as digest_edits

    issue = _issue(program, week)
    section = next((one for one in issue.sections if post in [item.post for item in one.items]), None)
    known = section is not None if act in _STEPS else post in digest_edits.posts_of(issue)
    # What is left out may be shown again though the draft names it no more.
    if not known and act != "show":
        raise MisuseError(
            f"The draft of {week} does not show a post {post!r}{' in a theme' if act in _STEPS else ''}.",
            f"Its posts stand in: kuntakaiku digest edit list --week {week}",
        )

    def turn(edits: "Edits") -> "Edits":
        if act == "hide":
            return digest_edits.hidden(edits, post)
        if act == "show" or section is None:
            return digest_edits.shown(edits, post)
        return digest_edits.moved(edits, section, post, _STEPS[act])

    found = program.corpus.posts.by_native_id(*post.partition(":")[::2])
    # The network's id may hold the writer's account; ours does not.
    about = f"post {found.stored.post_id}" if found else ""
    return _change(program, week, turn, who=who, seen=seen, what=_TOLD[act], about=about)


def edit_topic(
    program: "Program", week: Week, act: "TopicAct", topic: str, *, who: str, seen: "Seen | None" = None
) -> "StoredEdits":
    """Put a topic first in a draft's mails, or where its strength puts it; leave it out of them, or show it again.

    Raises:
        IssueStateError: the issue is no draft.
        DraftChangedError: it is not the one that the editor looked at.
        MisuseError: nobody has drafted it, or it does not tell of the topic.
    """
    from digest import edits as digest_edits

    turns: Mapping[TopicAct, Callable[[Edits, str], Edits]] = {
        "pin": digest_edits.pinned,
        "unpin": digest_edits.unpinned,
        "hide_topic": digest_edits.topic_hidden,
        "show_topic": digest_edits.topic_shown,
    }
    key = _topic_key(program, week, topic)
    return _change(
        program, week, lambda edits: turns[act](edits, key), who=who, seen=seen, what=_TOLD[act], about=f"topic {key}"
    )


def draft_again(program: "Program", week: Week, who: str) -> None:
    """Draft a week's issue anew from what the corpus holds now, or its correction; what editors changed stays.

    Raises:
        IssueStateError: it is no draft any more.
        MisuseError: nobody has drafted it, or there is nothing to correct any more.
    """
    from corpus.issues import IssueStateError
    from runtime.jobs.correct import correct
    from runtime.jobs.digest import draft

    with program.counting:
        stored = stored_issue(program, week)
        if stored.state != "draft":
            raise IssueStateError(f"The issue {stored.key} is {stored.state}.", "Withdraw its approval first.")
        issue = _issue(program, week)
        if issue.correction:
            correct(program, week, issue.explanation, who=who)
        else:
            draft(program, week, who=who)


def withdraw(program: "Program", week: Week, who: str) -> None:
    """Make an approved issue a draft again, which can be edited.

    Raises:
        IssueStateError: it is not approved, or was sent to somebody.
        MisuseError: nobody has drafted it.
    """
    program.corpus.issues.void_approval(stored_issue(program, week).key, who=who, now=program.clock())


def fix_theme(program: "Program", week: Week, post: str, theme: str, *, labels: int, who: str) -> "Outcome":
    """Store a person's judgement of a post that a draft shows; it counts from the next draft on.

    ``labels`` is how many judgements of the post its judge knew of.

    Raises:
        MisuseError: the programme has no such theme, or the issue does not show the post.
    """
    from corpus.post import Label
    from digest.edits import posts_of

    if theme not in (*program.configuration.programme.slugs, NONE, UNSURE):
        raise MisuseError("The programme has no such theme.", "Open the page again.")
    if post not in posts_of(_issue(program, week)):
        raise MisuseError(f"The draft of {week} does not show a post {post!r}.", "Open the page again.")
    found = program.corpus.posts.by_native_id(*post.partition(":")[::2])
    if found is None:
        return "gone"
    label = Label(
        theme=None if theme == NONE else theme, by=who, at=program.clock(), guideline=program.guidelines.version or None
    )
    return program.corpus.reviews.fix(found.stored.post_id, label, labels=labels, issue=stored_issue(program, week).key)


def _change(
    program: "Program",
    week: Week,
    turn: "Callable[[Edits], Edits]",
    *,
    who: str,
    seen: "Seen | None",
    what: str,
    about: str,
) -> "StoredEdits":
    key = stored_issue(program, week).key
    return program.corpus.editing.change(key, turn, seen=seen, who=who, now=program.clock(), what=what, about=about)


def _issue(program: "Program", week: Week) -> "Issue":
    from digest.issue import Issue

    return Issue.from_json(stored_issue(program, week).numbers)


def _topic_key(program: "Program", week: Week, wanted: str) -> str:
    """Return the key of the topic that is meant: by its key, or by one of its names."""
    topics = _issue(program, week).topics
    folded = wanted.casefold().strip()
    by_key = [one.key for one in topics if one.key == wanted.strip()]
    by_name = [one.key for one in topics if folded in {name.casefold() for name in one.label.values()}]
    found = by_key or by_name
    if len(found) != 1:
        raise MisuseError(
            f"The draft of {week} tells of {'several topics' if found else 'no topic'} {wanted!r}.",
            f"Its topics stand with their keys in: kuntakaiku digest edit list --week {week}",
        )
    return found[0]
