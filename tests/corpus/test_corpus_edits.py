"""What editors changed in a draft: kept through redrafts, carried into corrections, and never approved unseen."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from corpus.edits import DraftChangedError, Edits, Seen
from corpus.issues import IssueStateError
from corpus.post import Label, Post
from corpus.posts import Applied
from corpus.store import Corpus
from tests.corpus.test_corpus_issues import HOUR, READERS, RENDERINGS, WEEK, draft

WORDS = Edits(introduction={"fi": "Huomenta!", "sv": "God morgon!"}, hidden=("mastodon:1",))


def saw(revision: int) -> Seen:
    """Return the digest of the week at a revision."""
    return Seen(issue=WEEK, revision=revision)


def write(corpus: Corpus, edits: Edits, now: datetime, *, seen: Seen | None = None, issue: str = WEEK) -> int:
    """Put edits in the place of those that stand, and return the revision."""
    stored = corpus.editing.change(
        issue, lambda _: edits, seen=seen, who="EK", now=now, what="left out a post", about="post 1"
    )
    return stored.revision


def test_edits_stay_through_redrafts_and_are_carried_into_a_correction(corpus: Corpus, now: datetime) -> None:
    """A new draft keeps what was changed; the first draft of a correction begins with it, a later one keeps its own."""
    corpus.issues.save_draft(draft(now))
    write(corpus, WORDS, now)
    corpus.issues.save_draft(draft(now + HOUR))
    stored = corpus.editing.get(WEEK)
    assert (stored.edits, stored.edited_by, stored.edited_at) == (WORDS, "EK", now)
    correction = replace(draft(now), key=f"{WEEK}.1")
    corpus.issues.save_draft(correction, corrects=WEEK)
    assert corpus.editing.get(f"{WEEK}.1").edits == WORDS
    write(corpus, Edits(), now, issue=f"{WEEK}.1")
    corpus.issues.save_draft(correction, corrects=WEEK)
    assert corpus.editing.get(f"{WEEK}.1").edits == Edits()
    assert corpus.editing.get(WEEK).edits == WORDS


def test_each_edit_is_audited_and_no_change_is_none(corpus: Corpus, now: datetime) -> None:
    """The log has who, when and about what; the same again is neither stored nor logged."""
    corpus.issues.save_draft(draft(now))
    assert corpus.editing.get(WEEK).revision == 1
    assert write(corpus, WORDS, now) == 2
    assert write(corpus, WORDS, now + HOUR) == 2
    (entry,) = corpus.ledger.audits()
    assert (entry.at, entry.who, entry.what, entry.subject) == (now, "EK", "left out a post", f"{WEEK} post 1")


def test_what_was_not_seen_is_neither_edited_nor_approved(corpus: Corpus, now: datetime) -> None:
    """An edit and an approval of a draft that was edited, or made anew, since are refused, and leave nothing behind."""
    corpus.issues.save_draft(draft(now))
    write(corpus, WORDS, now, seen=saw(1))
    with pytest.raises(DraftChangedError):
        write(corpus, Edits(), now, seen=saw(1))
    with pytest.raises(DraftChangedError):
        corpus.issues.approve(WEEK, RENDERINGS, READERS, who="MK", now=now, seen=saw(1))
    corpus.issues.save_draft(draft(now))  # at the same instant
    with pytest.raises(DraftChangedError):
        corpus.issues.approve(WEEK, RENDERINGS, READERS, who="MK", now=now, seen=saw(2))
    assert corpus.editing.get(WEEK).edits == WORDS
    assert corpus.issues.all()[0].state == "draft"
    assert corpus.issues.renderings(WEEK) == corpus.issues.deliveries(WEEK) == []
    with pytest.raises(DraftChangedError):
        corpus.issues.approve(WEEK, RENDERINGS, READERS, who="MK", now=now, seen=Seen(issue=f"{WEEK}.1", revision=3))
    corpus.issues.approve(WEEK, RENDERINGS, READERS, who="MK", now=now, seen=saw(3))


def test_only_a_draft_is_edited(corpus: Corpus, now: datetime) -> None:
    """What is approved, or is not there, cannot be edited; a withdrawn approval leaves the edits."""
    with pytest.raises(IssueStateError):
        write(corpus, WORDS, now)
    corpus.issues.save_draft(draft(now))
    write(corpus, WORDS, now)
    corpus.issues.approve(WEEK, RENDERINGS, READERS, who="MK", now=now)
    with pytest.raises(IssueStateError, match="is no draft"):
        write(corpus, Edits(), now)
    corpus.issues.void_approval(WEEK, who="MK", now=now)
    assert corpus.editing.get(WEEK).edits == WORDS


@pytest.mark.everything
def test_edit_and_approval_at_once_never_freeze_what_nobody_saw(
    corpus: Corpus, database_url: str, now: datetime
) -> None:
    """Of an editor and an approver at the same moment, one comes first, and the other is told."""
    with Corpus.open(database_url) as other:
        for number in range(10, 20):
            key = f"2026-W{number}"
            corpus.issues.save_draft(replace(draft(now), key=key))
            start, ends = threading.Barrier(2), list[str]()

            def edit(key: str = key, start: threading.Barrier = start, ends: list[str] = ends) -> None:
                start.wait()
                try:
                    write(other, WORDS, now, issue=key, seen=Seen(issue=key, revision=1))
                    ends.append("edited")
                except IssueStateError:
                    ends.append("too late")

            thread = threading.Thread(target=edit)
            thread.start()
            start.wait()
            try:
                corpus.issues.approve(key, [], READERS, who="MK", now=now, seen=Seen(issue=key, revision=1))
                approved = True
            except DraftChangedError:
                approved = False
            thread.join()
            assert ends == (["too late"] if approved else ["edited"])
            assert corpus.editing.get(key).revision == (1 if approved else 2)


def test_theme_is_fixed_once_with_an_entry(
    corpus: Corpus, now: datetime, make_post: Callable[..., Post], store: Callable[..., Applied]
) -> None:
    """An editor's label stands beside earlier ones and is audited; of two who saw the same, one stores nothing."""
    store(corpus, [make_post(1)])
    found = corpus.posts.by_native_id("mastodon", make_post(1).native_id)
    assert found is not None
    post_id = found.stored.post_id
    first = Label(theme="parks", by="EK", at=now)
    assert corpus.reviews.fix(post_id, first, labels=0, issue=WEEK) == "stored"
    second = Label(theme="buses", by="MK", at=now + timedelta(minutes=1))
    assert corpus.reviews.fix(post_id, second, labels=0, issue=WEEK) == "answered"
    assert corpus.reviews.fix(post_id, second, labels=1, issue=WEEK) == "stored"
    assert corpus.reviews.fix(post_id + 1, second, labels=0, issue=WEEK) == "gone"
    after = corpus.posts.by_native_id("mastodon", make_post(1).native_id)
    assert after is not None
    assert after.standing == "buses"
    assert [(one.who, one.what, one.subject) for one in corpus.ledger.audits()] == [
        ("MK", "fixed a theme", f"{WEEK} post {post_id}"),
        ("EK", "fixed a theme", f"{WEEK} post {post_id}"),
    ]


@pytest.mark.parametrize(
    "text", ["", "2026-W47", "2026-W47 x", " 3", "2026-W47 -1", "2026-W47 ²", f"2026-W47 {'9' * 40}"]
)
def test_forms_carry_what_was_seen(text: str) -> None:
    """What was seen comes back from a form as it was; anything else is nothing."""
    assert Seen.named(str(saw(12))) == saw(12)
    assert Seen.named(text) is None
