"""Posts in the corpus: the way in, and the ways to read them."""

import random
import sqlite3
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.changes import Bury, Insert, decide
from corpus.ledger import Checkpoint, Watermark
from corpus.post import Author, Counts, Label, Post, Prediction
from corpus.posts import Applied
from corpus.store import Corpus

HOUR = timedelta(hours=1)
FOREVER = (datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
Build = Callable[..., Post]
Store = Callable[..., Applied]


def without_raw(post: Post) -> Post:
    """Return what reading gives back of a post."""
    return replace(post, raw=None)


def test_posts_come_back_as_they_went_in(corpus: Corpus, make_post: Build, store: Store) -> None:
    """Every field of a post, and its payload, is stored exactly."""
    posts = [
        make_post(1),
        make_post(
            2, author=None, url=None, lang=None, hashtags=(), links=(), counts=Counts(), raw=None, discussion=None
        ),
        make_post(
            3, text="\u202eoidi 🏫\n", cut_from=30_000, quote_of="5", repost_of="6", edited_at=FOREVER[0] + HOUR / 7
        ),
        make_post(4, via="thread", counts=Counts(views=2**40)),
    ]
    assert store(corpus, posts) == Applied(inserted=4)
    assert [stored.post for stored in corpus.posts.between(*FOREVER)] == [without_raw(post) for post in posts]
    assert corpus.posts.payload("mastodon", posts[0].native_id) == posts[0].raw.replace(b"\n", b" ")  # type: ignore[union-attr] # given
    assert corpus.posts.payload("mastodon", posts[1].native_id) is None
    assert corpus.posts.count() == 4
    assert corpus.verify() == []


def test_same_page_again_changes_nothing(corpus: Corpus, make_post: Build, store: Store, now: datetime) -> None:
    """Storing a page again inserts, updates and buries nothing, and notes that the posts were seen."""
    posts = [make_post(number) for number in range(20)]
    store(corpus, posts)
    assert store(corpus, posts, now=now + HOUR) == Applied(skipped=20)
    stored = corpus.posts.by_native_id("mastodon", posts[0].native_id)
    assert stored is not None
    assert (stored.stored.first_seen_at, stored.stored.last_seen_at) == (now, now + HOUR)


def test_archive_read_again_writes_nothing(corpus: Corpus, make_post: Build, store: Store, now: datetime) -> None:
    """An archive says nothing of when a post was last seen."""
    posts = [make_post(number) for number in range(3)]
    store(corpus, posts, source="import")
    store(corpus, posts, source="import", now=now + HOUR)
    assert {stored.last_seen_at for stored in corpus.posts.between(*FOREVER)} == {now}


def test_edit_keeps_the_earlier_text_and_its_payload(
    corpus: Corpus, make_post: Build, store: Store, now: datetime
) -> None:
    """An edited post shows its latest text; the earlier one is kept as a revision, and both payloads."""
    post = make_post()
    store(corpus, [post])
    edited = replace(post, text="Muokattu", edited_at=now, raw=b'{"v": 2}', hashtags=("uusi",), links=())
    assert store(corpus, [edited], now=now + HOUR) == Applied(updated=1)
    assert store(corpus, [post], now=now + 2 * HOUR) == Applied(skipped=1)
    found = corpus.posts.by_native_id("mastodon", post.native_id)
    assert found is not None
    assert found.stored.post == without_raw(edited)
    assert corpus.posts.payload("mastodon", post.native_id) == b'{"v": 2}'
    revisions = corpus.posts.revisions("mastodon", post.native_id)
    assert [revision.text for revision in revisions] == [post.text]
    assert corpus.verify() == []


def test_counts_have_a_history(corpus: Corpus, make_post: Build, store: Store, now: datetime) -> None:
    """Counts that differ are kept with their instants; the latest seen are shown, and none reported says nothing."""
    post = make_post(counts=Counts(likes=1))
    later = replace(post, counts=Counts(likes=5))
    store(corpus, [post])
    assert store(corpus, [later], now=now + HOUR) == Applied(updated=1)
    assert store(corpus, [replace(post, counts=Counts(likes=3))], now=now + HOUR / 2) == Applied(skipped=1)
    assert store(corpus, [replace(post, counts=Counts())], now=now + 2 * HOUR) == Applied(skipped=1)
    found = corpus.posts.by_native_id("mastodon", post.native_id)
    assert found is not None
    assert found.stored.post.counts == Counts(likes=5)
    assert corpus.posts.metrics("mastodon", post.native_id) == [
        (now, Counts(likes=1)),
        (now + HOUR / 2, Counts(likes=3)),
        (now + HOUR, Counts(likes=5)),
    ]


def test_poorer_sighting_takes_nothing_away(corpus: Corpus, make_post: Build, store: Store, now: datetime) -> None:
    """A sighting without author, relations or links changes nothing, and a richer one fills in."""
    rich = make_post(2)
    poor = replace(rich, author=None, url=None, reply_to=None, discussion=None, links=(), hashtags=(), raw=None)
    assert store(corpus, [poor]) == Applied(inserted=1)
    assert store(corpus, [rich], now=now + HOUR) == Applied(updated=1)
    assert store(corpus, [poor], now=now + 2 * HOUR) == Applied(skipped=1)
    found = corpus.posts.by_native_id("mastodon", rich.native_id)
    assert found is not None
    assert found.stored.post == without_raw(rich)


def test_author_is_called_as_last_seen(corpus: Corpus, make_post: Build, store: Store, now: datetime) -> None:
    """A new handle shows on all of an author's posts; an older sighting does not bring the old one back."""
    store(corpus, [make_post(1, author=Author(native_id="a", handle="vanha", name="V\0")), make_post(2, author=None)])
    store(corpus, [make_post(3, author=Author(native_id="a", handle="uusi", name=None))], now=now + HOUR)
    store(corpus, [make_post(4, author=Author(native_id="a", handle="vanhin", name=None))], now=now - HOUR)
    authors = {stored.post.author for stored in corpus.posts.between(*FOREVER)}
    assert authors == {None, Author(native_id="a", handle="uusi", name="V\ufffd")}


def test_buried_text_is_nowhere(
    database_url: str,
    tmp_path: Path,
    make_post: Build,
    store: Store,
    make_prediction: Callable[..., Prediction],
    now: datetime,
) -> None:
    """After a burial neither text, earlier text, payload, hashtag, link nor author is in the database's file."""
    if not database_url.startswith("sqlite"):
        pytest.skip("reads the file of SQLite")
    secret = make_post(
        text="salasana1 #salasana2",
        hashtags=("salasana2",),
        links=("https://salasana3.example/",),
        author=Author(native_id="salasana4", handle="salasana5", name="salasana6"),
        url="https://x.example/salasana7",
        raw=b'{"text": "salasana8"}',
    )
    other = make_post(2)
    with Corpus.open(database_url) as corpus:
        store(corpus, [secret, other])
        store(corpus, [replace(secret, text="salasana9", edited_at=now, raw=b'{"text": "salasana10"}')])
        prediction = make_prediction(reasons=(), theme=None)
        [post_id] = [s.post_id for s in corpus.posts.between(*FOREVER) if s.post.native_id == secret.native_id]
        corpus.judgements.save_predictions([(post_id, prediction)], now=now)
        assert corpus.posts.apply([Bury("mastodon", secret.native_id, "deleted", now)], source="m", now=now) == Applied(
            buried=1
        )
        found = corpus.posts.by_native_id("mastodon", secret.native_id)
        assert found is not None
        assert (found.stored.post.text, found.stored.post.gone, found.stored.lang) == (None, "deleted", None)
        assert found.stored.post.created_at == secret.created_at
        assert corpus.posts.payload("mastodon", other.native_id) is not None
        assert corpus.posts.revisions("mastodon", secret.native_id) == []
        payloads = [corpus.posts.payload("mastodon", post.native_id) for post in (secret, other)]
        assert payloads[0] is None
        assert store(corpus, [secret]) == Applied(skipped=1)
        assert corpus.verify() == []
    connection = sqlite3.connect(tmp_path / "kuntakaiku.db")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%fts5%'")
    dump = "\n".join(str(connection.execute(f'SELECT * FROM "{name}"').fetchall()) for (name,) in tables.fetchall())  # noqa: S608
    connection.close()
    assert b"salasana" not in (tmp_path / "kuntakaiku.db").read_bytes()
    assert "salasana" not in dump


def test_burying_what_is_unknown_does_nothing(corpus: Corpus, now: datetime) -> None:
    """The deletion of a post that was never collected is skipped."""
    assert corpus.posts.apply([Bury("x", "1", "deleted", now)], source="x", now=now) == Applied(skipped=1)


def test_progress_is_stored_with_the_posts(corpus: Corpus, make_post: Build, now: datetime) -> None:
    """Watermark and checkpoint are stored in the transaction of the posts."""
    watermark = Watermark(source="masto", value="17", reached_at=now)
    changes = decide([make_post()], {}, now)
    corpus.posts.apply(
        changes, source="masto", now=now, watermark=watermark, checkpoint=Checkpoint(name="f", value="9")
    )
    assert corpus.ledger.watermark("masto") == watermark
    assert corpus.ledger.checkpoint("f") == Checkpoint(name="f", value="9")
    assert corpus.ledger.watermark("x") is None
    assert corpus.ledger.checkpoint("g") is None


def test_batch_is_stored_whole_or_not_at_all(corpus: Corpus, make_post: Build, now: datetime) -> None:
    """A batch that fails in its last row leaves neither posts, authors nor progress."""
    changes = decide([make_post(number) for number in range(5)], {}, now)
    broken = Watermark(source="masto", value="17", reached_at=now.replace(tzinfo=None))
    with pytest.raises(TypeError):
        corpus.posts.apply(changes, source="masto", now=now, watermark=broken)
    assert corpus.posts.count() == 0
    assert corpus.posts.statistics().writers == 0
    assert corpus.ledger.watermark("masto") is None


def test_post_that_somebody_else_stored_meanwhile_is_joined(
    corpus: Corpus, make_post: Build, store: Store, now: datetime
) -> None:
    """Two collectors that both think a post new store it once, its text the later one, and no payload is left over."""
    first, other, gone = make_post(1), make_post(2), make_post(3)
    stale = decide(
        [replace(first, text="Muokattu", edited_at=now), other, replace(gone, gone="deleted"), make_post(4)], {}, now
    )
    assert all(isinstance(change, Insert) for change in stale)
    store(corpus, [first, other, gone])
    assert corpus.posts.apply(stale, source="toinen", now=now) == Applied(inserted=1, updated=1, buried=1, skipped=1)
    texts = [stored.post.text for stored in corpus.posts.between(*FOREVER)]
    assert texts == ["Muokattu", other.text, None, make_post(4).text]
    assert corpus.verify() == []


@pytest.fixture(scope="module")
def shared() -> Iterator[Corpus]:
    """A corpus in memory, in which each order of pages has a network of its own."""
    with Corpus.open("sqlite://") as corpus:
        yield corpus


_networks = count()


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_final_state_does_not_depend_on_the_order_of_pages(shared: Corpus, data: st.DataObject) -> None:
    """Pages that overlap, repeat and come in any order leave the same posts and the same earlier versions."""
    start = datetime(2026, 11, 1, tzinfo=UTC)
    kind = st.tuples(
        st.integers(0, 1), st.integers(0, 3), st.integers(0, 4), st.sampled_from([None, None, None, "deleted"])
    )
    # Each sighting is of an instant of its own: its place in the list.
    pages = list(enumerate(data.draw(st.lists(kind, min_size=1, max_size=8))))
    states = []
    for order in (pages, data.draw(st.permutations(pages)), [*pages, *reversed(pages)]):
        network = f"n{next(_networks)}"
        for index, (number, edit, likes, gone) in order:
            post = Post(
                network=network,
                native_id=str(number),
                author=Author(native_id="a", handle="h", name="n"),
                text=f"versio {edit}",
                created_at=start,
                via="hashtag",
                edited_at=start + HOUR * edit if edit > 1 else None,
                hashtags=("a",) * bool(edit % 2),
                counts=Counts(likes=likes) if likes else Counts(),
                gone=gone,
                raw=b"{}",
            )
            seen_at = start + HOUR * (index + 10)
            changes = decide([post], shared.posts.known(network, [post.native_id]), seen_at)
            shared.posts.apply(changes, source="x", now=seen_at)
        found = [shared.posts.by_native_id(network, str(number)) for number in range(2)]
        states.append(
            [
                (
                    replace(one.stored.post, network=""),
                    one.stored.last_seen_at if one.stored.post.gone is None else None,
                    sorted(
                        revision.text or "" for revision in shared.posts.revisions(network, one.stored.post.native_id)
                    ),
                )
                for one in found
                if one is not None
            ]
        )
    assert states[0] == states[1] == states[2]
    assert shared.verify() == []


def test_reading_is_in_order_and_half_open(corpus: Corpus, make_post: Build, store: Store) -> None:
    """Posts are read oldest first, in [start, end), however many, whatever the order they came in."""
    start = datetime(2026, 1, 5, tzinfo=UTC)
    posts = [make_post(number, created_at=start + timedelta(minutes=number // 3)) for number in range(2500)]
    shuffled = random.Random(3).sample(posts, len(posts))
    store(corpus, shuffled)
    read = [stored.post for stored in corpus.posts.between(start, start + timedelta(minutes=700))]
    wanted = [without_raw(post) for post in posts if post.created_at < start + timedelta(minutes=700)]
    assert [post.native_id for post in read] == [post.native_id for post in wanted]
    assert read == wanted
    newest = [text for _, text, _ in corpus.posts.texts(limit=1200)]
    assert len(newest) == len(set(newest)) == 1200
    assert next(corpus.posts.texts(limit=1))[2] == "fi"
    assert len(list(corpus.posts.texts())) == 2500


def test_unclassified_are_those_without_that_models_prediction(
    corpus: Corpus, make_post: Build, store: Store, make_prediction: Callable[..., Prediction], now: datetime
) -> None:
    """Posts with text that a model has not judged are read in batches, also while predictions are being stored."""
    store(corpus, [make_post(number) for number in range(25)])
    store(corpus, [make_post(99, gone="deleted")])
    seen = []
    for batch in corpus.posts.unclassified("cold-1", batch=10):
        seen += [stored.post.native_id for stored in batch]
        corpus.judgements.save_predictions([(stored.post_id, make_prediction()) for stored in batch], now=now)
    assert len(seen) == len(set(seen)) == 25
    assert list(corpus.posts.unclassified("cold-1")) == []
    assert sum(len(batch) for batch in corpus.posts.unclassified("other")) == 25


def test_texts_of_named_posts_are_found(corpus: Corpus, make_post: Build, store: Store) -> None:
    """Texts are found by native id; unknown posts and tombstones are left out."""
    store(corpus, [make_post(1), make_post(2), make_post(3, gone="deleted")])
    wanted = [make_post(number).native_id for number in (1, 3, 4)]
    assert corpus.posts.texts_of("mastodon", wanted) == {wanted[0]: make_post(1).text}
    assert corpus.posts.texts_of("x", wanted) == {}


def test_batches_add_up() -> None:
    """What several batches changed is told together."""
    together = Applied(inserted=1, skipped=2) + Applied(updated=3, buried=4, skipped=5)
    assert together == Applied(inserted=1, updated=3, buried=4, skipped=7)


def test_text_that_was_edited_back_is_no_earlier_version(
    corpus: Corpus, make_post: Build, store: Store, now: datetime
) -> None:
    """Where a network tells no time of edit, the text seen last counts, also where it is an old one again."""
    first, second = make_post(text="eka"), make_post(text="toka", raw=b"{}")
    for hours, post in enumerate((first, second, first)):
        store(corpus, [post], now=now + HOUR * hours)
    found = corpus.posts.by_native_id("mastodon", first.native_id)
    assert found is not None
    assert found.stored.post.text == "eka"
    assert [revision.text for revision in corpus.posts.revisions("mastodon", first.native_id)] == ["toka"]


def test_versions_on_one_page_are_both_kept(corpus: Corpus, make_post: Build, store: Store, now: datetime) -> None:
    """A page with two versions of a post stores the later one and the other as its revision, new or known."""
    versions = [
        make_post(),
        make_post(text="toka", edited_at=now, author=None),
        make_post(text="kolmas", edited_at=now + HOUR),
    ]
    assert store(corpus, versions[:2]) == Applied(inserted=1, skipped=1)
    assert store(corpus, versions[1:], now=now + HOUR) == Applied(updated=1, skipped=1)
    found = corpus.posts.by_native_id("mastodon", versions[0].native_id)
    assert found is not None
    assert (found.stored.post.text, found.stored.post.author) == ("kolmas", versions[0].author)
    revisions = corpus.posts.revisions("mastodon", versions[0].native_id)
    assert [revision.text for revision in revisions] == [versions[0].text, "toka"]


def test_statistics_count_what_is_there(
    corpus: Corpus, make_post: Build, store: Store, make_prediction: Callable[..., Prediction], now: datetime
) -> None:
    """Statistics say how many posts, writers, discussions and labels there are, and of what kind."""
    empty = corpus.posts.statistics()
    assert (empty.posts, empty.first_at, empty.by_theme) == (0, None, {})
    posts = [make_post(number) for number in range(6)]
    store(corpus, posts)
    store(corpus, [make_post(7, gone="deleted", lang=None)], source="import")
    ids = [stored.post_id for stored in corpus.posts.between(*FOREVER)]
    corpus.judgements.save_predictions([(post_id, make_prediction(lang="sv")) for post_id in ids[:3]], now=now)
    corpus.judgements.add_labels(
        [(ids[0], Label(theme=None, by="MK", at=now)), (ids[1], Label(theme="unsure", by="MK", at=now))]
    )
    corpus.discussions.update()
    found = corpus.posts.statistics()
    assert (found.posts, found.gone, found.writers, found.discussions, found.labels) == (7, 1, 5, 1, 2)
    assert found.by_theme == {"unclassified": 4, "none": 1, "services": 1, "unsure": 1}
    assert found.by_language == {"fi": 3, "sv": 3, "unsure": 1}
    assert found.by_source == {"masto": 6, "import": 1}
    assert {kind: (one.posts, one.labels) for kind, one in found.figures["theme"].items()} == {
        "unclassified": (4, 0),
        "none": (1, 1),
        "services": (1, 0),
        "unsure": (1, 1),
    }
    assert (found.first_at, found.last_at) == (posts[0].created_at, make_post(7).created_at)


def test_clusters_are_remembered(corpus: Corpus, make_post: Build, store: Store) -> None:
    """Posts carry the cluster that they were given."""
    store(corpus, [make_post(1), make_post(2)])
    ids = [stored.post_id for stored in corpus.posts.between(*FOREVER)]
    corpus.posts.set_clusters({ids[1]: make_post(1).native_id})
    assert [stored.cluster for stored in corpus.posts.between(*FOREVER)] == [None, make_post(1).native_id]


def test_database_file_is_private(database_url: str, tmp_path: Path, make_post: Build, store: Store) -> None:
    """Nobody but the owner may read a SQLite database or its side files."""
    if not database_url.startswith("sqlite"):
        pytest.skip("is about SQLite's file")
    with Corpus.open(database_url) as corpus:
        store(corpus, [make_post()])
        files = list(tmp_path.glob("kuntakaiku.db*"))
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
