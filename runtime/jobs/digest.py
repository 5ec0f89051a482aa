"""The life of an issue: drafted, rendered, approved, sent."""

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from programme.edition import Edition
from programme.errors import MisuseError
from programme.types import Localised, Role
from programme.week import Week
from runtime.jobs.classify import classifier_facts, classify
from runtime.jobs.compose import basis, basis_key, compose_issue, posts_of
from runtime.jobs.copies import mark_copies
from runtime.jobs.coverage import covered_weeks
from runtime.jobs.links import addresses_of, links_of
from runtime.jobs.trends import raised_before, remember_topics
from runtime.jobs.webhooks import announce_issue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from corpus.edits import Seen
    from corpus.issues import StoredIssue
    from corpus.ledger import RunState
    from corpus.rendering import Rendering
    from digest.issue import Issue, Review
    from digest.mail import Letterhead
    from digest.outbox import Sent, Transport
    from digest.render import Length, RenderedIssue
    from runtime.wiring import Program

ROLES: tuple[Role, ...] = ("editor", "reader")
"""Roles that get the digest; administrators get alerts."""
KEPT: "tuple[Length, ...]" = (*ROLES, "archive")
"""What approval freezes: the mails, and the page of the archive."""
WRITING = "digests that could not be written"
"""Fact: by issue since when, and why; no reason where it can be written again."""
_WEEKS = 8
"""Weeks before an issue's own that it shows."""


def draft(program: "Program", week: Week, *, who: str) -> "Issue":
    """Make the issue of a week from what the corpus holds now, in place of an earlier draft.

    An approval of which nothing was sent yet is void by it.

    Raises:
        IssueStateError: the issue is being sent, or is sent.
    """
    stored = program.corpus.issues.get(str(week))
    if stored and stored.state == "approved":
        program.corpus.issues.void_approval(str(week), who=who, now=program.clock())
    return draft_edition(program, week, who=who, what="drafted")


def draft_edition(
    program: "Program",
    week: Week,
    *,
    who: str,
    what: str,
    corrects: "Issue | None" = None,
    explanation: Localised | None = None,
    look: "Callable[[Issue], None]" = lambda _: None,
) -> "Issue":
    """Store the digest of a week as a draft, or a correction of it, from what the corpus holds now.

    ``look`` sees it before it is stored, and may raise.

    Raises:
        IssueStateError: it is approved already.
    """
    from trends.find import WEEKS_NEEDED

    zone = program.configuration.programme.zone
    program.corpus.discussions.update()
    mark_copies(program, week.plus(-_WEEKS).start_at(zone), week.end_at(zone))
    classify(program)
    now = program.clock()
    mark = program.corpus.history.mark(now)
    covered = covered_weeks(program, week, WEEKS_NEEDED)
    decisions, raised = program.corpus.decisions.all(), raised_before(program, week)
    # What comes in from now on is late: the marked state can be told from any later one.
    posts = [post for post in posts_of(program, week) if post.stored.post_id <= (mark.last_post or 0)]
    issue, report = compose_issue(
        program,
        week,
        posts,
        covered=covered,
        classifier=classifier_facts(program, week),
        now=now,
        decisions=decisions,
        raised=raised,
        corrects=corrects,
        explanation=explanation,
    )
    look(issue)
    rests_on = basis(mark, week, covered, program.configuration.programme.homes, decisions, raised)
    _store(program, issue, rests_on, corrects=corrects.key if corrects else None)
    remember_topics(program, report)
    note_writing(program, issue.key)
    program.corpus.ledger.audit(at=now, who=who, what=what, subject=issue.key)
    return issue


def _store(program: "Program", issue: "Issue", rests_on: dict[str, object], *, corrects: str | None) -> None:
    """Store a draft, and what it rests on; what editors changed in it, or in what it corrects, stays."""
    from corpus.issues import StoredIssue

    program.corpus.issues.save_draft(
        StoredIssue(
            key=issue.key,
            state="draft",
            numbers=issue.as_json(),
            drafted_at=issue.composed_at,
            corpus_fingerprint=_fingerprint(issue),
            model=issue.classifier.version,
        ),
        corrects=corrects,
    )
    program.corpus.facts.put(basis_key(issue.key), rests_on, now=issue.composed_at)


def note_writing(program: "Program", key: str) -> str | None:
    """Try every mail of a draft, keep on record why one cannot be written, and return that; None: all can."""
    from digest.render import RenderingError

    stored = program.corpus.issues.get(key)
    problem = None
    try:
        if stored:
            render_issue(program, stored, roles=KEPT)
    except RenderingError as error:
        problem = str(error)
    known = dict(program.corpus.facts.get(WRITING) or {})
    if problem or key in known:
        entry = {"at": program.clock().isoformat(), "problem": problem}
        program.corpus.facts.put(WRITING, dict(sorted((known | {key: entry}).items())[-_WEEKS:]), now=program.clock())
    return problem


def _fingerprint(issue: "Issue") -> str:
    """Return a hash of every post that an issue counted and as what."""
    counted = sorted(f"{one.post} {one.standing} {one.by}" for one in issue.counted)
    return sha256("\n".join(counted).encode()).hexdigest()


def stored_issue(program: "Program", week: Week) -> "StoredIssue":
    """Return the stored issue of a week, or the latest correction of it.

    Raises:
        MisuseError: nobody has drafted it.
    """
    stored = program.corpus.issues.newest(week)
    if stored is None:
        raise MisuseError(f"There is no issue {week}.", f"Draft it first: kuntakaiku digest draft --week {week}")
    return stored


def render_issue(
    program: "Program", stored: "StoredIssue", *, review: "Review | None" = None, roles: "Sequence[Length]" = ROLES
) -> "dict[tuple[str, str], RenderedIssue]":
    """Return every mail of an issue, by language and role, as it would be approved now."""
    wanted = [(language, role) for language in program.configuration.programme.languages for role in roles]
    return dict(zip(wanted, _rendered(program, stored, wanted, review), strict=True))


def _rendered(
    program: "Program", stored: "StoredIssue", wanted: "Iterable[tuple[str, Length]]", review: "Review | None"
) -> "Iterator[RenderedIssue]":
    from digest.issue import Issue
    from digest.render import render, render_archive
    from digest.week import show_posts

    configuration = program.configuration
    issue, edits = Issue.from_json(stored.numbers), program.corpus.editing.get(stored.key).edits
    shown = show_posts(program.corpus, issue, configuration.programme, configuration.delivery.quote_private)
    for language, role in wanted:
        addresses, messages = addresses_of(program, issue.key, language), program.messages
        if role == "archive":
            yield render_archive(
                issue,
                shown,
                language=language,
                messages=messages,
                addresses=addresses,
                review=review,
                edits=edits,
            )
        else:
            yield render(
                issue,
                shown,
                language=language,
                role=role,
                messages=messages,
                addresses=addresses,
                review=review,
                edits=edits,
            )


def mail_of(program: "Program", stored: "StoredIssue", language: str, role: Role) -> "Rendering | RenderedIssue":
    """Return one mail of an issue: of a draft as it would be approved now, else as it was frozen.

    Raises:
        MisuseError: it was frozen without a mail of that language and role.
    """
    if stored.state == "draft":
        return next(_rendered(program, stored, [(language, role)], None))
    frozen = program.corpus.issues.renderings(stored.key)
    mail = next((one for one in frozen if (one.language, one.role) == (language, role)), None)
    if mail is None:
        raise MisuseError(f"The issue {stored.key} has no mail in {language!r} for {role}.", "Choose another.")
    return mail


def approve(
    program: "Program", week: Week, *, who: str, reviewed: bool = True, seen: "Seen | None" = None
) -> dict[tuple[str, str], str]:
    """Freeze the mails of a week's draft, open a delivery for each recipient, and return the mails' hashes.

    ``seen`` is the draft that somebody looked at; None: as it stands when this begins.

    Raises:
        IssueStateError: the issue is no draft.
        DraftChangedError: it was made anew, or edited, since.
        MisuseError: nobody has drafted it.
    """
    from corpus.rendering import Rendering
    from digest.issue import Review

    now = program.clock()
    # Before the draft is read: one that changes while its mails are written is another one when they are frozen.
    seen = seen or program.corpus.editing.get(stored_issue(program, week).key).seen
    stored = stored_issue(program, week)
    rendered = render_issue(program, stored, review=Review(approved_at=now if reviewed else None), roles=KEPT)
    renderings = [
        Rendering(
            issue=stored.key,
            language=language,
            role=role,
            subject=mail.subject,
            text=mail.text,
            html=mail.html,
            charts=mail.charts,
        )
        for (language, role), mail in rendered.items()
    ]
    spared = program.corpus.addresses.spared()
    named = [one for one in program.configuration.recipients if one.role in ROLES]
    recipients = [one for one in named if one.address.casefold() not in spared]
    corrects = corrected_by(stored)
    if corrects:
        had = {one.recipient for one in program.corpus.issues.deliveries(corrects) if one.state != "refused"}
        recipients = [one for one in recipients if one.address in had]
    program.corpus.issues.approve(stored.key, renderings, recipients, who=who, now=now, corrects=corrects, seen=seen)
    return {(one.language, one.role): one.digest() for one in renderings}


def corrected_by(stored: "StoredIssue") -> str | None:
    """Return the key of the issue that a correction corrects; None: it is no correction."""
    edition = Edition.named(stored.key)
    return str(replace(edition, correction=edition.correction - 1)) if edition.correction else None


def shown_posts(program: "Program", stored: "StoredIssue") -> dict[str, list[str]]:
    """Return the native ids of the posts that the mails of an issue show, by network; not of those left out."""
    from digest.edits import edited
    from digest.issue import Issue

    edits = program.corpus.editing.get(stored.key).edits
    shown: dict[str, list[str]] = {}
    for key in edited(Issue.from_json(stored.numbers), edits, "").issue.shown_keys:
        network, _, native_id = key.partition(":")
        shown.setdefault(network, []).append(native_id)
    return shown


def void_where_buried(program: "Program", week: Week, *, who: str) -> bool:
    """Void an approval of which nothing was sent yet if a post that its mails show was taken back since.

    Returns whether it did: the issue is a draft again, whose mails do without the post.

    Raises:
        MisuseError: nobody has drafted it.
    """
    stored = stored_issue(program, week)
    if stored.state != "approved" or stored.approved_at is None:
        return False
    buried = program.corpus.posts.buried_since
    if not any(buried(network, ids, stored.approved_at) for network, ids in shown_posts(program, stored).items()):
        return False
    program.corpus.issues.void_approval(stored.key, who=who, now=program.clock())
    return True


def transport(program: "Program") -> "Transport":
    """Return what mails are handed to: the configured server, else files under ``mail/`` in the data directory.

    Raises:
        NoLineError: mails are to be signed, and cannot be.
    """
    from digest.mailbox import EmbeddedMailbox
    from digest.sign import signer
    from digest.transport import SmtpTransport

    smtp = program.configuration.delivery.smtp
    if smtp is None:
        return EmbeddedMailbox(program.settings.data / "mail")
    head, dkim = letterhead(program), program.configuration.delivery.dkim
    sign = signer(dkim, program.secrets("DKIM_KEY"), domain=head.domain) if dkim else None
    return SmtpTransport(smtp, program.secrets("SMTP_PASSWORD"), sign)


def letterhead(program: "Program") -> "Letterhead":
    """Return what all mails of the programme have in common."""
    from digest.mail import Letterhead

    programme = program.configuration.programme
    return Letterhead(
        sender=program.configuration.delivery.sender,
        list_name=(programme.page or programme.name)[programme.default_language],
        list_slug=programme.slug,
    )


def send(program: "Program", week: Week, *, only_due: bool = False, key: str | None = None) -> "Sent":
    """Send a week's approved issue to everybody who has not got it, and return where each delivery stands.

    Which of several: the one with the key, else the latest.

    Raises:
        IssueStateError: the issue is not approved, or no longer, since a post that it shows was taken back.
        SentElsewhereError: another process is sending it.
        MisuseError: nobody drafted it, or nobody is to get it.
    """
    from corpus.issues import IssueStateError
    from digest.outbox import send_issue

    stored = stored_issue(program, week)
    key = key or stored.key
    if key == stored.key and void_where_buried(program, week, who="send"):
        raise IssueStateError(
            f"A post that the issue {week} shows was taken back after its approval, which is void by that.",
            "Look at the preview, which does without the post, and approve the issue again.",
        )
    if stored.state == "approved" and not program.corpus.issues.deliveries(stored.key):
        raise MisuseError(
            f"Nobody is to get the issue {week}.",
            "Name readers or editors in recipients.toml, then draft and approve it again.",
        )
    sent = send_issue(
        program.corpus,
        key,
        transport=transport(program),
        letterhead=letterhead(program),
        clock=program.clock,
        links=links_of(program, program.corpus.issues.get(key) or stored),
        replies_to=_originals(program, key),
        only_due=only_due,
        is_stopping=program.stop.is_set,
    )
    begun = program.corpus.issues.get(key)
    if begun and any(delivery.state == "sent" for delivery in sent.deliveries):
        announce_issue(program, begun)
    return sent


def _originals(program: "Program", key: str) -> dict[str, str]:
    """Return for a correction the Message-ID of each recipient's first mail of the week."""
    edition = Edition.named(key)
    if not edition.correction:
        return {}
    sent = program.corpus.issues.deliveries(str(edition.original))
    return {one.recipient: one.message_id for one in sent if one.message_id}


def standing(sent: "Sent") -> "tuple[RunState, dict[str, int], str | None]":
    """Return state, counts and problem of a sending, for the run ledger."""
    counts: dict[str, int] = {}
    for delivery in sent.deliveries:
        counts[delivery.state] = counts.get(delivery.state, 0) + 1
    state: RunState = "done" if sent.is_complete else "partly" if counts.get("sent") else "failed"
    return state, counts, sent.problem
