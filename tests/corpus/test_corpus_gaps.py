"""What coverage asks of the corpus, and payloads that are dropped alone."""

from collections.abc import Callable
from datetime import datetime, timedelta

from corpus.ledger import HourCoverage
from corpus.post import Post
from corpus.posts import Applied
from corpus.store import Corpus

Build = Callable[..., Post]
Store = Callable[..., Applied]
HOUR = timedelta(hours=1)


def test_refilled_hour_keeps_what_it_was(corpus: Corpus, now: datetime) -> None:
    """The first filling of a gap is remembered, whatever collects the hour again; one in its time was no gap."""

    def cover(state: str, hour: int = 0, **options: object) -> None:
        one = HourCoverage(source="a", hour_at=now + hour * HOUR, state=state, **options)  # type: ignore[arg-type]  # as the test says
        corpus.ledger.cover([one])

    cover("failed")
    cover("empty", refilled_at=now + 2 * HOUR)
    cover("covered", posts=3, refilled_at=now + 5 * HOUR)
    cover("covered", hour=1, posts=1, refilled_at=now + 2 * HOUR)
    cover("empty", hour=2, was="off", refilled_at=now + 4 * HOUR)
    cover("failed", hour=3)
    cover("paused", hour=3)
    found = corpus.ledger.coverage(now, now + 9 * HOUR)
    assert [(one.state, one.was, one.refilled_at) for one in found] == [
        ("covered", "failed", now + 2 * HOUR),
        ("covered", None, None),
        ("empty", "off", now + 4 * HOUR),
        ("paused", None, None),
    ]


def test_pace_is_of_collected_hours_only(corpus: Corpus, make_post: Build, store: Store, now: datetime) -> None:
    """Posts an hour, by the source that brought them, over the hours in which it was collected."""
    start = now - timedelta(days=3)
    store(corpus, [make_post(n, created_at=start + n * timedelta(minutes=30)) for n in range(8)])
    states = ("covered", "failed", "empty", "covered")
    corpus.ledger.cover(
        HourCoverage(source="masto", hour_at=start + n * HOUR, state=state)  # type: ignore[arg-type]  # as written above
        for n, state in enumerate(states)
    )
    assert corpus.posts.paces(start, now) == {"masto": 2.0}
    assert corpus.posts.paces(now, now + HOUR) == {}


def test_posts_without_text_are_counted_by_reason(
    corpus: Corpus, make_post: Build, store: Store, now: datetime
) -> None:
    """By source and reason; posts of other times are not counted, nor those that have a text."""
    store(corpus, [make_post(1), make_post(2, gone="withheld"), make_post(3, gone="deleted")])
    assert corpus.posts.gone_between(now - timedelta(days=9), now) == {"masto": {"deleted": 1, "withheld": 1}}
    assert corpus.posts.gone_between(now, now + HOUR) == {}
    assert corpus.posts.living("mastodon") == [make_post(1).native_id]


def test_payloads_are_dropped_and_the_texts_stay(corpus: Corpus, make_post: Build, store: Store, now: datetime) -> None:
    """Of a post and its earlier versions no payload is left; its text and its neighbours' payloads stay."""
    store(corpus, [make_post(1), make_post(2)])
    store(corpus, [make_post(1, text="Korjattu", edited_at=now, raw=b'{"id": "1", "v": 2}')], now=now + HOUR)
    one, other = make_post(1).native_id, make_post(2).native_id
    assert corpus.posts.drop_payloads("mastodon", [one]) == 1
    assert corpus.posts.payload("mastodon", one) is None
    assert corpus.posts.payload("mastodon", other) is not None
    found = corpus.posts.by_native_id("mastodon", one)
    assert found is not None
    assert found.stored.post.text == "Korjattu"
    assert len(corpus.posts.revisions("mastodon", one)) == 1
    assert corpus.posts.drop_payloads("mastodon", [one]) == corpus.posts.drop_payloads("mastodon", []) == 0
    assert corpus.verify() == []
