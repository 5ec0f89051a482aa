"""What of the corpus is asked for again: threads, posts that nobody has seen, and what was taken back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from corpus.changes import Bury
from corpus.ledger import Checkpoint
from corpus.post import Counts, Post
from corpus.posts import Applied
from corpus.store import Corpus

HOUR = timedelta(hours=1)
Build = Callable[..., Post]
Store = Callable[..., Applied]


def test_posts_with_answers_are_found(corpus: Corpus, make_post: Build, store: Store) -> None:
    """Posts that were found by themselves and have answers are told, newest first; tombstones and old ones are not."""
    new, older = make_post(5), make_post(4, via="word")
    store(
        corpus,
        [
            older,
            new,
            make_post(6, via="thread"),
            make_post(7, counts=Counts(replies=0)),
            make_post(8, counts=Counts()),
            make_post(9, gone="deleted"),
            make_post(1),
        ],
    )
    found = corpus.posts.with_answers("masto", "mastodon", older.created_at)
    assert found == [replace(new, raw=None), replace(older, raw=None)]
    assert corpus.posts.with_answers("masto", "x", older.created_at) == []
    assert corpus.posts.with_answers("another", "mastodon", older.created_at) == []


def test_quoted_posts_are_found_with_their_quotes(
    corpus: Corpus, make_post: Build, store: Store, now: datetime
) -> None:
    """A post with quotes and no answers is told with its latest number of quotes, until it is deleted."""
    quoted = make_post(5, counts=Counts(replies=0))
    store(corpus, [quoted, make_post(7, counts=Counts(replies=0))])
    assert corpus.posts.with_answers("masto", "mastodon", quoted.created_at) == []
    for quotes in (2, 3, None):
        corpus.posts.apply([], source="masto", now=now, seen=[replace(quoted, quotes=quotes)])
    assert [post.quotes for post in corpus.posts.with_answers("masto", "mastodon", quoted.created_at)] == [3]
    corpus.posts.apply([Bury("mastodon", quoted.native_id, "deleted", now)], source="masto", now=now)
    corpus.posts.apply([], source="masto", now=now, seen=[replace(quoted, quotes=4)])
    assert corpus.posts.with_answers("masto", "mastodon", quoted.created_at) == []
    assert corpus.verify() == []


def test_unseen_posts_are_told_longest_first(corpus: Corpus, make_post: Build, store: Store, now: datetime) -> None:
    """Posts that were last seen before an instant are told, those unseen for longest first; tombstones are not."""
    first, second, seen, old, gone = (make_post(number) for number in (2, 3, 4, 1, 5))
    store(corpus, [first, old, gone, seen], now=now)
    store(corpus, [replace(gone, gone="deleted")], now=now)
    store(corpus, [second], now=now + HOUR)
    store(corpus, [seen], now=now + 3 * HOUR)

    def unseen(limit: int) -> list[str]:
        return corpus.posts.unseen("mastodon", since=first.created_at, seen_before=now + 2 * HOUR, limit=limit)

    assert unseen(5) == [first.native_id, second.native_id]
    assert unseen(1) == [first.native_id]


def test_buried_posts_are_told_since_an_instant(corpus: Corpus, make_post: Build, store: Store, now: datetime) -> None:
    """Of some posts those are told that became tombstones after an instant."""
    early, late, there = (make_post(number) for number in (1, 2, 3))
    store(corpus, [early, late, there], now=now)
    store(corpus, [replace(early, gone="deleted")], now=now + HOUR)
    store(corpus, [replace(late, gone="opted_out")], now=now + 3 * HOUR)
    ids = [post.native_id for post in (early, late, there)]
    assert corpus.posts.buried_since("mastodon", ids, now + 2 * HOUR) == [late.native_id]
    assert corpus.posts.buried_since("mastodon", ids[:1], now + 2 * HOUR) == []
    assert corpus.posts.buried_since("x", ids, now) == []


def test_buried_text_leaves_the_log_at_once(tmp_path: Path, make_post: Build, store: Store) -> None:
    """What was buried stands in no file of the database while the program goes on, the write-ahead log included."""
    with Corpus.open(f"sqlite:///{tmp_path / 'kuntakaiku.db'}") as corpus:
        post = make_post(1, text="Salainen suunnitelma", raw=b'{"content": "Salainen suunnitelma"}')
        store(corpus, [post])
        assert any(b"Salainen" in path.read_bytes() for path in tmp_path.iterdir())
        store(corpus, [replace(post, gone="deleted")])
        assert not any(b"Salainen" in path.read_bytes() for path in tmp_path.iterdir())


def test_posts_are_found_by_their_authors(corpus: Corpus, make_post: Build, store: Store) -> None:
    """Of some authors the posts are told that are kept; authors without any, unknown ones and tombstones are not."""
    one, two, gone = make_post(1), make_post(2), make_post(3)
    assert one.author is not None
    two = replace(two, author=one.author)
    store(corpus, [one, two, gone])
    store(corpus, [replace(gone, gone="deleted")])
    authors = [one.author.native_id, gone.author.native_id if gone.author else "", "stranger"]
    found = corpus.posts.by_authors("mastodon", authors)
    assert found == {one.author.native_id: sorted([one.native_id, two.native_id])}
    assert corpus.posts.by_authors("x", authors) == {}
    assert corpus.posts.by_authors("mastodon", []) == {}


def test_relations_are_told_since_an_instant(corpus: Corpus, make_post: Build, store: Store) -> None:
    """What posts answer or quote is told oldest first, of tombstones too."""
    old, root = make_post(1), make_post(2, reply_to=None, quote_of=None)
    answer = make_post(3, reply_to=root.native_id, via="thread")
    quote = make_post(4, reply_to=None, quote_of=root.native_id, via="thread", gone="deleted")
    store(corpus, [quote, answer, old, root])
    assert corpus.posts.relations("mastodon", root.created_at) == [
        (root.native_id, None, root.via),
        (answer.native_id, root.native_id, "thread"),
        (quote.native_id, root.native_id, "thread"),
    ]
    assert corpus.posts.relations("x", old.created_at) == []


def test_known_authors_are_renamed_with_the_place(
    corpus: Corpus, make_post: Build, store: Store, now: datetime
) -> None:
    """A new handle of a known author is stored with what belongs to it; unknown authors stay so, the name stays."""
    post = make_post(1)
    assert post.author is not None
    store(corpus, [post], now=now)
    place = Checkpoint(name="stream", value="1")
    renamed = {("mastodon", post.author.native_id): "uusi@kunta.example", ("mastodon", "stranger"): "muu"}
    corpus.posts.apply([], source="masto", now=now + HOUR, checkpoint=place, renamed=renamed)
    found = corpus.posts.by_native_id("mastodon", post.native_id)
    assert found is not None
    assert found.stored.post.author == msgspec.structs.replace(post.author, handle="uusi@kunta.example")
    assert corpus.ledger.checkpoint("stream") == place
    assert corpus.posts.by_authors("mastodon", ["stranger"]) == {}
    corpus.posts.apply([], source="masto", now=now, renamed={("mastodon", post.author.native_id): "vanha"})
    again = corpus.posts.by_native_id("mastodon", post.native_id)
    assert again is not None
    assert again.stored.post.author == found.stored.post.author
