"""Answers of reviewers: one to each post, whoever is faster, and taken back by whom they are from."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from corpus.issues import StoredIssue
from corpus.post import Label, Post
from corpus.posts import Applied
from corpus.reviews import Outcome
from corpus.store import Corpus

FOREVER = (datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
Build = Callable[..., Post]
Store = Callable[..., Applied]


def test_one_of_many_at_once_is_stored(corpus: Corpus, make_post: Build, store: Store, now: datetime) -> None:
    """Of eight who answer the same post in the same moment one is stored, and the others hear it."""
    store(corpus, [make_post()])
    [post_id] = [stored.post_id for stored in corpus.posts.between(*FOREVER)]

    def answer(number: int) -> Outcome:
        return corpus.reviews.answer(post_id, Label(theme="roles", by=f"r{number}", at=now + timedelta(seconds=number)))

    with ThreadPoolExecutor(8) as reviewers:
        outcomes = Counter(reviewers.map(answer, range(8)))
    assert outcomes == {"stored": 1, "answered": 7}
    assert len(list(corpus.judgements.labels())) == 1


def test_audit_stands_beside_other_labels(corpus: Corpus, make_post: Build, store: Store, now: datetime) -> None:
    """A label for the audit is taken where there are others, once; a post without text takes none."""
    post = make_post()
    store(corpus, [post])
    [post_id] = [stored.post_id for stored in corpus.posts.between(*FOREVER)]
    label = Label(theme="roles", by="MK", at=now)
    audit = replace(label, audit=True, blind=True, at=now + timedelta(hours=1))
    assert corpus.reviews.answer(post_id, label) == "stored"
    assert corpus.reviews.answer(post_id, audit) == "stored"
    assert corpus.reviews.answer(post_id, audit) == "answered"
    store(corpus, [replace(post, text=None, gone="deleted")])
    assert corpus.reviews.answer(post_id, replace(audit, by="TV")) == "gone"
    assert corpus.reviews.answer(10**12, label) == "gone"


def test_only_ones_own_answer_is_taken_back(corpus: Corpus, make_post: Build, store: Store, now: datetime) -> None:
    """By whom and when tell which label is removed; then the post waits again, and it is not counted."""
    store(corpus, [make_post(1), make_post(2, created_at=now), make_post(3, text=None, gone="withheld")])
    first, second = (post.stored.post_id for post in corpus.reviews.unlabelled(10))
    assert [post.stored.post_id for post in corpus.reviews.unlabelled(1)] == [second]
    corpus.reviews.answer(first, Label(theme="roles", by="MK", at=now))
    assert [post.stored.post_id for post in corpus.reviews.unlabelled(10)] == [second]
    assert corpus.reviews.given("MK", since=now) == 1
    assert corpus.reviews.given("MK", since=now + timedelta(seconds=1)) == 0
    assert not corpus.reviews.take_back(first, by="TV", at=now)
    assert not corpus.reviews.take_back(first, by="MK", at=now + timedelta(seconds=1))
    assert corpus.reviews.take_back(first, by="MK", at=now)
    assert not corpus.reviews.take_back(first, by="MK", at=now)
    assert [post.stored.post_id for post in corpus.reviews.unlabelled(10)] == [first, second]
    assert set(corpus.reviews.posts([first, 10**12])) == {first}


def test_label_on_which_a_digest_rests_stays(corpus: Corpus, make_post: Build, store: Store, now: datetime) -> None:
    """What was printed must be explained by what is kept: an answer is corrected by another one then."""
    store(corpus, [make_post()])
    [first] = [post.stored.post_id for post in corpus.reviews.unlabelled(10)]
    assert corpus.reviews.answer(first, Label(theme="roles", by="MK", at=now)) == "stored"
    corpus.issues.save_draft(
        StoredIssue(key="2026-W47", state="draft", numbers={}, drafted_at=now, corpus_fingerprint="f", model=None)
    )
    assert not corpus.reviews.take_back(first, by="MK", at=now)
    assert corpus.reviews.given("MK", since=now) == 1
