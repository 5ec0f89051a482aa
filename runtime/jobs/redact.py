"""Posts that were taken back vanish from the kept mails of issues; an issue keeps its numbers."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from programme.errors import KuntakaikuError
from runtime.jobs.digest import KEPT, letterhead, render_issue, shown_posts
from runtime.jobs.links import links_of
from runtime.jobs.preview import rewrite_pages

if TYPE_CHECKING:
    from corpus.issues import StoredIssue
    from corpus.redactions import Printed
    from corpus.rendering import Rendering
    from digest.render import RenderedIssue
    from runtime.wiring import Program

    Made = Mapping[tuple[str, str], RenderedIssue]

JOB = "redact"


def redact(program: "Program", *, who: str = JOB) -> int:
    """Write the kept mails of issues anew that show a post which was deleted, erased or has expired since.

    Returns of how many issues. An approval of which nothing was sent is void instead. The mails in the data directory
    are rewritten first, so that a redaction that was cut short is done again.
    """
    count = 0
    for printed in program.corpus.redactions.printed():
        stored = program.corpus.issues.get(printed.issue)
        if stored is None or not _shows_what_is_gone(program, printed, stored):
            continue
        if not _is_void(program, stored, who):
            _redact(program, stored, who)
        count += 1
    return count


def _shows_what_is_gone(program: "Program", printed: "Printed", stored: "StoredIssue") -> bool:
    if printed.stale:
        return True
    try:
        shown = shown_posts(program, stored)
    except KuntakaikuError:  # numbers in a form of long ago name no posts that could be looked up
        return False
    buried = program.corpus.posts.buried_since
    return any(buried(network, ids, printed.shows_since) for network, ids in shown.items())


def _is_void(program: "Program", stored: "StoredIssue", who: str) -> bool:
    from corpus.issues import IssueStateError

    if stored.state != "approved":
        return False
    try:
        program.corpus.issues.void_approval(stored.key, who=who, now=program.clock())
    except IssueStateError:  # somebody has begun to send it
        return False
    return True


def _redact(program: "Program", stored: "StoredIssue", who: str) -> None:
    from digest.redact import rewrite_mails

    now = program.clock()
    made = _made(program, stored)
    renderings = _renderings(program, stored, made)
    deliveries = program.corpus.issues.deliveries(stored.key)
    by_reader = {(one.language, one.role): one for one in renderings}
    rewrite_mails(
        program.settings.data / "mail",
        stored.key,
        by_reader,
        deliveries,
        letterhead(program),
        links_of(program, stored),
    )
    rewrite_pages(made, program.settings.data / "preview", stored.key)
    program.corpus.redactions.save(stored.key, renderings, who=who, now=now)


def _made(program: "Program", stored: "StoredIssue") -> "Made":
    """Return the issue's mails from the same numbers, with the posts that are left; none where that cannot be done."""
    from digest.issue import Review

    reviewed = stored.approved_at if stored.approved_by != "deadline" else None
    try:
        return render_issue(program, stored, review=Review(approved_at=reviewed), roles=KEPT)
    except (KuntakaikuError, KeyError):
        return {}


def _renderings(program: "Program", stored: "StoredIssue", made: "Made") -> "list[Rendering]":
    """Return the issue's mails as they may be kept."""
    from corpus.rendering import Rendering
    from digest.redact import emptied

    renderings = []
    for old in program.corpus.issues.renderings(stored.key):
        mail = made.get((old.language, old.role))
        renderings.append(
            emptied(old, program.messages)
            if mail is None
            else Rendering(
                issue=stored.key,
                language=old.language,
                role=old.role,
                subject=mail.subject,
                text=mail.text,
                html=mail.html,
                charts=mail.charts,
            )
        )
    return renderings
