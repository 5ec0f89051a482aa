"""What outlives an erasure: keys, marks and the ledger; and texts that are past their time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.accounts import Wanted, read_account
from corpus.changes import Bury
from corpus.custody import LEDGER, Custody, Erasure, read_ledger
from corpus.gate import months_before
from corpus.issues import StoredIssue
from corpus.marks import ErasureKeyError, Keys
from corpus.post import Author, Post
from corpus.rendering import Rendering
from corpus.store import Corpus
from programme.errors import MisuseError
from tests.corpus.village import NOW, VILLAGES, _text, everything, fill, others_posts, own_posts, seen, traces


@pytest.mark.parametrize("name", ["mastodon", "bluesky"])
def test_older_tombstones_lose_their_telling_ids(kept: Corpus, tmp_path: Path, name: str) -> None:
    """A post that its writer deleted before the erasure is a tombstone whose id named the account, until now."""
    village = VILLAGES[name]
    seen(kept, own_posts(village))
    kept.posts.apply([Bury(village.network, village.ids[1], "deleted", NOW)], source="kylä", now=NOW)
    kept.erasures.erase(kept.erasures.find(f"@{village.author.handle}")[0], who="tester", now=NOW)
    assert traces(village, everything(kept, tmp_path)) == []
    again = [replace(own_posts(village)[1], author=None, gone="deleted")]
    assert seen(kept, again).inserted == 0


def test_an_everyday_word_as_handle_harms_nobody(kept: Corpus) -> None:
    """Words, posts and printed issues of others stay where an erased account was called like a word."""
    writer = Author(native_id="5550001", handle="kunta", name="K")
    post = replace(own_posts(VILLAGES["x"])[0], author=writer, url="https://x.com/kunta/status/1", raw=None)
    other = replace(
        others_posts(VILLAGES["x"])[3],
        text="Meidän kunta, https://lehti.example/kunta/1, kirjoita @kunta.",
        raw=b'{"t": "kunta on"}',
    )
    seen(kept, [post, other])
    kept.issues.save_draft(
        StoredIssue(key="2026-W40", state="draft", numbers={}, drafted_at=NOW, corpus_fingerprint="f", model="m")
    )
    page = Rendering(issue="2026-W40", language="fi", role="reader", subject="kunta", text="kunta", html="kunta")
    kept.issues.approve("2026-W40", [page], [], who="MK", now=NOW)
    erased = kept.erasures.erase(kept.erasures.find("@kunta")[0], who="tester", now=NOW)
    assert (erased.mentions, erased.payloads, erased.issues) == (1, 0, 0)
    assert _text(kept, "x", "other-9") == "Meidän kunta, https://lehti.example/kunta/1, kirjoita @…."


def test_ledger_that_was_torn_is_read_on(tmp_path: Path) -> None:
    """A line that a power cut tore is left out, and the next one stands by itself."""
    custody = Custody(keys=Keys(tmp_path / "k"), ledger=tmp_path / LEDGER)
    one = Erasure(kind="post", network="x", mark="m", key_id="k", why="deleted", at=NOW)
    custody.record([one])
    with (tmp_path / LEDGER).open("ab") as file:
        file.write(b'{"kind": "acc')
    custody.record([replace(one, mark="n")])
    assert [found.mark for found in read_ledger(tmp_path / LEDGER)] == ["m", "n"]
    assert list(read_ledger(tmp_path / "none")) == []
    assert (tmp_path / LEDGER).stat().st_mode & 0o077 == 0


def test_nothing_is_stored_where_the_key_is_lost(kept: Corpus, database_url: str, tmp_path: Path) -> None:
    """Without the key nobody can tell whose posts are barred: nothing comes in until it is back."""
    village = VILLAGES["x"]
    fill(kept, village)
    kept.erasures.erase(kept.erasures.find("@pikkukanari")[0], who="tester", now=NOW)
    with (
        Corpus.open(database_url, custody=Custody(keys=Keys(tmp_path / "another.key"))) as other,
        pytest.raises(ErasureKeyError, match="another key"),
    ):
        seen(other, own_posts(village))
    assert (tmp_path / "erasure.key").stat().st_mode & 0o077 == 0


def test_secret_that_comes_or_goes_loses_no_mark(tmp_path: Path) -> None:
    """The key of the first mark stays; machines that share a secret make the same one, each in its own directory."""
    file = Keys(tmp_path / "erasure.key").writing()
    both = Keys(tmp_path / "erasure.key", lambda: "s3cret")
    assert both.writing() == file
    shared = Keys(secret=lambda: "s3cret").writing()
    assert both.for_marks([file.key_id, shared.key_id])
    other = Keys(tmp_path / "other" / "erasure.key", lambda: "s3cret").writing()
    assert other == shared == Keys(tmp_path / "other" / "erasure.key").writing()
    with pytest.raises(ErasureKeyError):
        Keys().writing()
    assert "s3cret" not in repr(both.writing())


@pytest.mark.parametrize(
    ("account", "wanted"),
    [
        ("x:123", Wanted(network="x", native_id="123")),
        ("mastodon:@a@kyla.example", Wanted(network="mastodon", handle="a@kyla.example")),
        ("mastodon:https://kyla.example/@a", Wanted(network="mastodon", native_id="https://kyla.example/@a")),
        ("bluesky:did:plc:1", Wanted(network="bluesky", native_id="did:plc:1")),
        ("@a", Wanted(network=None, handle="a")),
        ("https://x.com/A/status/1", Wanted(network="x", handle="A")),
        ("https://www.twitter.com/A", Wanted(network="x", handle="A")),
        ("https://bsky.app/profile/did:plc:1", Wanted(network="bluesky", native_id="did:plc:1")),
        ("https://bsky.app/profile/a.example", Wanted(network="bluesky", handle="a.example")),
        (
            "https://kyla.example/@a/",
            Wanted(network=None, native_id="https://kyla.example/@a", handle="a@kyla.example"),
        ),
        (
            "https://kyla.example/u/a",
            Wanted(network=None, native_id="https://kyla.example/u/a", handle="a@kyla.example"),
        ),
        ("https://kunta.example/uutiset", Wanted(network=None, native_id="https://kunta.example/uutiset")),
    ],
)
def test_accounts_are_named_as_people_name_them(account: str, wanted: Wanted) -> None:
    """An id or a handle on a network, a handle on any, or the address of a profile or of a post."""
    assert read_account(account) == wanted


@pytest.mark.parametrize("account", ["", "@", "kanari", "x:", "ftp://x.com/a"])
def test_what_names_no_account_is_misuse(account: str) -> None:
    """A bare word is asked back instead of guessed."""
    with pytest.raises(MisuseError, match="names no account"):
        read_account(account)


def test_texts_past_their_time_expire(kept: Corpus, custody: Custody, make_post: Callable[..., Post]) -> None:
    """Text, names and payload go; theme, time and counts stay; the same texts are not stored again."""
    old = [make_post(n, created_at=NOW - timedelta(days=800 - n)) for n in (1, 2)]
    young = make_post(3, created_at=NOW - timedelta(days=700))
    seen(kept, [*old, young])
    assert [(one.network, one.month, one.posts) for one in kept.erasures.expiring(24, NOW)] == [
        ("mastodon", "2024-09", 2)
    ]
    assert kept.erasures.expire(24, NOW) == 2
    assert kept.erasures.expire(24, NOW) == 0
    found = kept.posts.by_native_id("mastodon", old[0].native_id)
    assert found is not None
    post = found.stored.post
    assert (post.gone, post.text, post.author, post.counts) == ("expired", None, None, old[0].counts)
    assert kept.posts.texts_of("mastodon", [young.native_id])
    assert custody.ledger is not None
    assert not custody.ledger.exists()
    assert seen(kept, old).inserted == 0
    assert kept.posts.texts_of("mastodon", [post.native_id for post in old]) == {}


@pytest.mark.parametrize("name", ["mastodon", "bluesky"])
def test_expired_posts_do_not_name_their_writers(kept: Corpus, tmp_path: Path, name: str) -> None:
    """An id that is an address of the writer's becomes a mark, also where answers and issues point to it."""
    village = VILLAGES[name]
    fill(kept, village)
    while kept.erasures.expire(1, NOW + timedelta(days=60)):
        pass
    assert traces(village, everything(kept, tmp_path)) == []
    answer = kept.posts.by_native_id(village.network, "answer-9")
    assert answer is not None
    first = kept.posts.by_native_id(village.network, answer.stored.post.reply_to or "")
    assert first is not None
    assert (first.stored.post.gone, first.theme) == ("expired", "services")


@given(
    now=st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2100, 1, 1)),  # noqa: DTZ001 - made aware below
    months=st.integers(0, 240),
)
def test_months_are_those_of_the_calendar(now: datetime, months: int) -> None:
    """The limit is as many months ago, on the same day or the month's last, and never later than that."""
    limit = months_before(now.replace(tzinfo=UTC), months)
    assert (now.year * 12 + now.month) - (limit.year * 12 + limit.month) == months
    assert limit.day == now.day or (limit.day < now.day and (limit + timedelta(days=1)).day == 1)
