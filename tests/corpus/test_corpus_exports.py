"""What was exported is remembered, and whoever has it can be told what to remove."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.changes import Bury
from corpus.export import Occasion, export
from corpus.exports import Recalled
from corpus.held import Held, mark, unpacked
from corpus.post import Post
from corpus.posts import Applied
from corpus.store import Corpus

AT = datetime(2026, 11, 24, 6, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
Build = Callable[..., Post]
Store = Callable[..., Applied]


@pytest.fixture
def filled(corpus: Corpus, make_post: Build, store: Store) -> Corpus:
    """A corpus of four posts and a tombstone."""
    store(corpus, [*(make_post(n) for n in range(1, 5)), make_post(5, gone="deleted")])
    return corpus


def made(corpus: Corpus, directory: Path, format_: str = "jsonl", **options: object) -> int:
    """Export to a researcher and return the export's number."""
    done = export(
        corpus,
        out=directory / "a",
        format=format_,
        occasion=Occasion(at=AT, by="koivu", person="Tutkija"),
        **options,  # type: ignore[arg-type]  # as the test says
    )
    return done.export_id


def native(number: int) -> str:
    """Return the native id of an invented post."""
    return str(1_400_000_000_000_000_000 + number)


def bury(corpus: Corpus, number: int) -> None:
    """Delete a post."""
    corpus.posts.apply([Bury("mastodon", native(number), "deleted", LATER)], source="masto", now=LATER)


def test_an_export_is_recorded_with_all_that_made_it(filled: Corpus, tmp_path: Path) -> None:
    """When, by whom, for whom, plan, projection, format, query, posts, hash, and what the corpus held."""
    done = export(
        filled,
        out=tmp_path / "a.csv",
        format="csv",
        occasion=Occasion(at=AT, by="koivu", person="Tutkija"),
        projection="research",
        key=b"secret",
        plan="kuntakieli",
        since=AT - timedelta(days=9),
    )
    (one,) = filled.exports.all()
    assert (one.export_id, one.made_at, one.made_by, one.person) == (done.export_id, AT, "koivu", "Tutkija")
    assert (one.plan, one.projection, one.format) == ("kuntakieli", "research", "csv")
    assert (one.query, one.posts, one.sha256) == ({"since": "2026-11-15T06:00:00Z"}, 4, done.sha256)
    assert one.corpus_state == {"posts": 5, "gone": 1, "model": None}
    assert done.gone == {"deleted": 1}


def test_deleted_and_edited_posts_are_recalled(filled: Corpus, tmp_path: Path, make_post: Build, store: Store) -> None:
    """What was deleted or has another text since is told by network and id; what was gone before is not."""
    first = made(filled, tmp_path)
    ids_only = made(filled, tmp_path, "ids")
    assert filled.exports.recalls() == []
    bury(filled, 1)
    store(filled, [make_post(2, text="Korjattu", edited_at=LATER)], now=LATER)
    deleted = Recalled(network="mastodon", native_id=native(1), why="deleted")
    edited = Recalled(network="mastodon", native_id=native(2), why="edited")
    recalls = {recall.export.export_id: recall.posts for recall in filled.exports.recalls()}
    assert recalls == {first: (deleted, edited), ids_only: (deleted,)}
    after = made(filled, tmp_path)
    assert after not in {recall.export.export_id for recall in filled.exports.recalls()}


def test_what_was_told_is_not_told_again(filled: Corpus, tmp_path: Path, make_post: Build, store: Store) -> None:
    """Once told, only what is deleted or changed later is recalled; an unknown export is none."""
    number = made(filled, tmp_path)
    bury(filled, 1)
    store(filled, [make_post(2, text="Korjattu", edited_at=LATER)], now=LATER)
    told = filled.exports.told(number, now=LATER)
    assert told is not None
    assert len(told.posts) == 2
    assert filled.exports.recalls() == []
    assert filled.exports.all()[0].told_at == LATER
    bury(filled, 3)
    store(filled, [make_post(2, text="Taas", edited_at=LATER + timedelta(hours=1))], now=LATER + timedelta(hours=2))
    (recall,) = filled.exports.recalls()
    assert [(one.native_id, one.why) for one in recall.posts] == [(native(2), "edited"), (native(3), "deleted")]
    assert filled.exports.told(number + 1, now=LATER) is None


def test_an_export_is_recorded_before_it_stands_under_its_name(
    filled: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that dies before the file has its name leaves a record too many, never a file without one."""

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", die)
    with pytest.raises(KeyboardInterrupt):
        made(filled, tmp_path)
    assert len(filled.exports.all()) == 1
    assert list(tmp_path.glob("a*")) == []


@given(st.dictionaries(st.integers(1, 2**62), st.text(max_size=5)))
def test_held_posts_come_back_as_they_were(posts: dict[int, str]) -> None:
    """Packing in any order keeps every id and the mark of its text."""
    held = Held()
    for post_id, text in posts.items():
        held.add(post_id, text)
    assert unpacked(held.packed()) == {post_id: mark(text) for post_id, text in posts.items()}


def test_a_hundred_thousand_posts_take_four_bytes_each() -> None:
    """What an export holds is small beside the export."""
    held = Held()
    for post_id in range(100_000, 0, -1):
        held.add(post_id, f"Viesti {post_id}")
    assert len(held.packed()) < 400_000
