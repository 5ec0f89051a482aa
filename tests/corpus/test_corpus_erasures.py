"""An erased person is nowhere and does not come in again; what a restored backup brings back is erased again."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text as sql

from corpus.accounts import Wanted, read_account
from corpus.changes import Bury, decide
from corpus.custody import LEDGER, Custody, Erasure, read_ledger
from corpus.declared import METADATA
from corpus.exchange import ImportedRow, apply_rows
from corpus.export import FORMATS, Occasion, export
from corpus.gate import months_before
from corpus.issues import Rendering, StoredIssue
from corpus.marks import MARKED, ErasureKeyError, Keys
from corpus.payloads import unpack
from corpus.post import Author, Label, Post, Prediction, Reason
from corpus.store import Corpus
from programme.errors import MisuseError

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
WORDS = "Keksitty kanarialintu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Village:
    """How one network names the person and their posts; all invented."""

    network: str
    author: Author
    ids: tuple[str, str]
    url: str
    old_handle: str


VILLAGES = {
    "x": Village(
        network="x",
        author=Author(native_id="990011223344", handle="PikkuKanari", name="Kanari Kanarinen"),
        ids=("1900000000000000001", "1900000000000000002"),
        url="https://x.com/EntinenKanari/status/",
        old_handle="EntinenKanari",
    ),
    "mastodon": Village(
        network="mastodon",
        author=Author(
            native_id="https://kyla.example/@pikkukanari",
            handle="pikkukanari@kyla.example",
            name="Kanari Kanarinen",
        ),
        ids=(
            "https://kyla.example/users/pikkukanari/statuses/1",
            "https://kyla.example/users/pikkukanari/statuses/2",
        ),
        url="https://kyla.example/@entinenkanari/",
        old_handle="entinenkanari@kyla.example",
    ),
    "bluesky": Village(
        network="bluesky",
        author=Author(native_id="did:plc:pikkukanari22", handle="pikkukanari.kyla.example", name="Kanari Kanarinen"),
        ids=(
            "at://did:plc:pikkukanari22/app.bsky.feed.post/1",
            "at://did:plc:pikkukanari22/app.bsky.feed.post/2",
        ),
        url="https://bsky.app/profile/entinenkanari.kyla.example/post/",
        old_handle="entinenkanari.kyla.example",
    ),
}


@pytest.fixture(params=VILLAGES)
def village(request: pytest.FixtureRequest) -> Village:
    """One network's person."""
    return VILLAGES[request.param]


@pytest.fixture
def forgotten() -> list[str]:
    """Texts that whoever keeps something outside the database was told to forget."""
    return []


@pytest.fixture
def custody(tmp_path: Path, forgotten: list[str]) -> Custody:
    """A ledger and a key in a data directory."""
    return Custody(keys=Keys(tmp_path / "erasure.key"), ledger=tmp_path / LEDGER, forget_texts=forgotten.extend)


@pytest.fixture
def kept(corpus: Corpus, database_url: str, custody: Custody) -> Iterator[Corpus]:
    """The corpus as the program opens it."""
    del corpus  # whose tables it has
    with Corpus.open(database_url, custody=custody) as opened:
        yield opened


def own_posts(village: Village) -> list[Post]:
    """Return the person's posts."""
    return [
        Post(
            network=village.network,
            native_id=native_id,
            author=village.author,
            text=f"{WORDS} {number} #kanarikylä",
            created_at=NOW - timedelta(days=2 - number),
            via="hashtag",
            url=f"{village.url}{number}",
            hashtags=("kanarikylä",),
            raw=json.dumps({"id": native_id, "text": f"{WORDS} {number}"}).encode(),
        )
        for number, native_id in enumerate(village.ids)
    ]


def others_posts(village: Village) -> list[Post]:
    """Return posts of others: a quote whose payload has the person's text, an answer with the handle, a repost."""
    author = village.author
    common: dict[str, Any] = {
        "network": village.network,
        "author": Author(native_id="b-12345", handle="toinen.kyla.example", name="Toinen"),
        "created_at": NOW - timedelta(hours=3),
        "via": "thread",
    }
    quoted = {"id": village.ids[0], "author": {"id": author.native_id, "acct": author.handle}, "text": WORDS}
    return [
        Post(
            native_id="quote-9",
            text="Katsokaa tätä",
            quote_of=village.ids[0],
            links=(f"{village.url}0", "https://kunta.example/"),
            raw=json.dumps({"id": "quote-9", "quote": quoted}).encode(),
            **common,
        ),
        Post(
            native_id="answer-9",
            text=f"Hyvin sanottu @{author.handle}! {village.url}0",
            reply_to=village.ids[0],
            discussion=village.ids[0],
            raw=json.dumps({"id": "answer-9", "mentions": [{"acct": author.handle}]}).encode(),
            **common,
        ),
        Post(native_id="copy-9", text=f"RT: {WORDS} 0", repost_of=village.ids[0], raw=b'{"id": "copy-9"}', **common),
        Post(native_id="other-9", text="Aivan muuta", raw=b'{"id": "other-9"}', **common),
    ]


def seen(corpus: Corpus, posts: Sequence[Post], *, now: datetime = NOW) -> Any:  # noqa: ANN401 - what changed
    """Collect posts of one network."""
    known = corpus.posts.known(posts[0].network, [post.native_id for post in posts])
    return corpus.posts.apply(decide(posts, known, now), source="kylä", now=now)


def fill(corpus: Corpus, village: Village) -> None:
    """Store the person's posts with all that may be known of them, and what others wrote."""
    mine = own_posts(village)
    seen(corpus, mine, now=NOW - timedelta(hours=2))
    seen(corpus, [replace(mine[0], text=f"{WORDS} 0 muokattu #kanarikylä", edited_at=NOW)], now=NOW)
    seen(corpus, others_posts(village))
    found = [corpus.posts.by_native_id(village.network, native_id) for native_id in village.ids]
    ids = [one.stored.post_id for one in found if one]
    prediction = Prediction(
        model="m",
        lang="fi",
        theme="services",
        themes=("services",),
        confidence=0.9,
        scores={"services": 0.9},
        reasons=(Reason(kind="word", text="kanarialintu", weight=1.0),),
    )
    corpus.judgements.save_predictions([(ids[0], prediction)], now=NOW)
    corpus.judgements.add_labels([(ids[0], Label(theme="services", by="MK", at=NOW))])
    corpus.posts.set_clusters({ids[0]: village.ids[0], ids[1]: village.ids[0]})
    key = f"{village.network}:{village.ids[0]}"
    corpus.issues.save_draft(
        StoredIssue(
            key="2026-W47",
            state="draft",
            numbers={"counted": [{"post": key, "standing": "services"}]},
            drafted_at=NOW,
            corpus_fingerprint="f",
            model="m",
        )
    )
    corpus.issues.approve(
        "2026-W47", [Rendering(issue="2026-W47", language="fi", role="reader", subject="s", text="t", html="h")], [],
        who="MK", now=NOW,
    )  # fmt: skip
    corpus.facts.put("topics 2026-W47", [{"example_ids": [[village.network, village.ids[1]]]}], now=NOW)


def tables(corpus: Corpus) -> list[str]:
    """Return all rows as text."""
    with corpus.database.reading() as connection:
        return [
            str(list(connection.execute(sql(f"SELECT * FROM {table.name}"))))  # noqa: S608 - ours
            for table in METADATA.sorted_tables
        ]


def everything(corpus: Corpus, directory: Path) -> str:
    """Return all rows, payloads unpacked, the files of the database and beside it, and every export, as text."""
    written = tables(corpus)
    written += [str(unpack(row[0])) for row in corpus.database.query("SELECT lines FROM payloads")]
    if corpus.database.path:
        with sqlite3.connect(str(corpus.database.path), isolation_level=None) as connection_:
            connection_.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection_.execute("VACUUM")
            connection_.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection_.close()
    out = directory / "exports"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    for format_ in set(FORMATS) & {"csv", "jsonl", "ids"}:
        export(
            corpus,
            out=out / f"e.{format_}",
            format=format_,
            key=b"k" * 40,
            occasion=Occasion(at=NOW, by="koivu"),
        )
    written += [file.read_bytes().decode("latin-1") for file in directory.rglob("*") if file.is_file()]
    return "\n".join(written)


def traces(village: Village, text: str) -> list[str]:
    """Return what of the person stands in a text; in latin-1 too, as the files were read."""
    named = [village.author.native_id, village.author.handle, village.author.name, village.old_handle]
    named += ["kanari", *village.ids]
    return [one for one in named if one and one.casefold() in text.casefold()]


def test_erased_person_is_nowhere(kept: Corpus, village: Village, tmp_path: Path, forgotten: list[str]) -> None:
    """Texts, name, handles, ids and copies of the words are in no table, file or export; what others said stays."""
    fill(kept, village)
    assert len(traces(village, everything(kept, tmp_path))) > 4
    (person,) = kept.erasures.find(f"{village.network}:{village.author.native_id}")
    erased = kept.erasures.erase(person, who="tester", now=NOW)
    assert (erased.posts, erased.copies, erased.mentions, erased.issues) == (2, 1, 2, 1)
    assert erased.payloads == 2
    left = everything(kept, tmp_path)
    assert traces(village, left) == []
    for words in ("Katsokaa", "Hyvin sanottu @…!", "Aivan muuta", "https://kunta.example/"):
        assert words in left.encode("latin-1", "replace").decode("utf-8", "replace") + left
    assert f"{WORDS} 1 #kanarikylä" in forgotten
    assert kept.verify() == []


def test_numbers_and_relations_stay(kept: Corpus, village: Village) -> None:
    """Tombstones keep time and theme under their marks, by which answers, issues and facts go on naming them."""
    fill(kept, village)
    (person,) = kept.erasures.find(f"@{village.author.handle}")
    kept.erasures.erase(person, who="tester", now=NOW)
    answer = kept.posts.by_native_id(village.network, "answer-9")
    assert answer is not None
    mark = answer.stored.post.reply_to
    assert mark is not None
    assert mark.startswith(MARKED)
    tombstone = kept.posts.by_native_id(village.network, mark)
    assert tombstone is not None
    assert (tombstone.stored.post.gone, tombstone.theme) == ("erased", "services")
    issue = kept.issues.get("2026-W47")
    assert issue is not None
    assert issue.numbers["counted"][0]["post"] == f"{village.network}:{mark}"
    assert kept.posts.count() == 6
    (audit,) = [one for one in kept.ledger.audits() if one.what == "erased a person"]
    assert json.loads(audit.subject)["posts"] == 2


def test_their_posts_do_not_come_in_again(kept: Corpus, village: Village, tmp_path: Path) -> None:
    """Neither a round nor an archive stores them, each sighting is counted, and others' posts come in cleaned."""
    fill(kept, village)
    (person,) = kept.erasures.find(f"{village.network}:@{village.author.handle}")
    kept.erasures.erase(person, who="tester", now=NOW)
    before = kept.posts.count()
    later = NOW + timedelta(hours=1)
    new = replace(own_posts(village)[0], native_id=f"{village.ids[0]}77", text="Uusi kanari")
    assert seen(kept, [*own_posts(village), new], now=later).skipped == 3
    renamed = replace(new, author=msgspec.structs.replace(village.author, native_id="someone-else-77"))
    assert seen(kept, [renamed], now=later).inserted == 0  # an archive may know the account by its handle only
    row = ImportedRow(
        post=new, source="s", collected_at=later, labels=(Label(theme="x", by="MK", at=NOW),), prediction=None,
        municipalities=(), cluster=None,
    )  # fmt: skip
    assert apply_rows(kept, [row], now=later).inserted == 0
    again = [replace(post, native_id=f"{post.native_id}2") for post in others_posts(village)]
    assert seen(kept, again, now=later).inserted == 3
    seen(kept, others_posts(village), now=later)
    assert traces(village, everything(kept, tmp_path)) == []
    assert kept.posts.count() == before + 3
    assert sum(row[0] for row in kept.database.query("SELECT refused FROM erasures")) >= 5


def test_erasing_twice_is_erasing_once(kept: Corpus, village: Village) -> None:
    """Nobody is found any more, and it is known why, by every name the account had; nobody else is taken for it."""
    fill(kept, village)
    account = f"{village.network}:{village.author.native_id}"
    (person,) = kept.erasures.find(account)
    assert not kept.erasures.is_erased(account)
    kept.erasures.erase(person, who="tester", now=NOW)
    assert kept.erasures.find(account) == []
    for name in (account, f"@{village.author.handle}", f"@{village.old_handle}"):
        assert kept.erasures.is_erased(name), name
    assert not kept.erasures.is_erased("@joku.muu")
    again = kept.erasures.erase(person, who="tester", now=NOW)
    assert (again.posts, again.copies, again.mentions, again.payloads) == (0, 0, 0, 0)


def test_rehearsal_counts_and_changes_nothing(kept: Corpus, village: Village, tmp_path: Path) -> None:
    """A dry run tells what an erasure would come to, and leaves tables, ledger and vectors alone."""
    fill(kept, village)
    (person,) = kept.erasures.find(f"{village.network}:{village.author.native_id}")
    before = tables(kept)
    told = kept.erasures.erase(person, who="tester", now=NOW, dry_run=True)
    assert not (tmp_path / LEDGER).exists()
    assert tables(kept) == before
    assert told == kept.erasures.erase(person, who="tester", now=NOW)


def test_erasure_that_is_cut_short_did_not_happen(kept: Corpus, database_url: str, tmp_path: Path) -> None:
    """Whatever stops it in the middle, nothing is half erased, and it can be done again."""
    village = VILLAGES["x"]
    fill(kept, village)

    class Stopped(Exception):  # noqa: N818 - a kill, as far as the transaction is concerned
        pass

    def stop(texts: Sequence[str]) -> None:
        if any("sanottu" in text for text in texts):
            raise Stopped

    account = f"x:{village.author.native_id}"
    custody = Custody(keys=Keys(tmp_path / "erasure.key"), ledger=tmp_path / LEDGER, forget_texts=stop)
    with Corpus.open(database_url, custody=custody) as other:
        (person,) = other.erasures.find(account)
        with pytest.raises(Stopped):
            other.erasures.erase(person, who="tester", now=NOW)
    assert kept.erasures.find(account) == [person]
    assert kept.erasures.erase(person, who="tester", now=NOW).posts == 2


@pytest.mark.parametrize("by", ["the database", "the ledger"])
def test_restored_backup_is_erased_again(kept: Corpus, village: Village, custody: Custody, by: str) -> None:
    """What was erased and deleted since a backup is erased and deleted in it again, by database or ledger alone."""
    fill(kept, village)
    (person,) = kept.erasures.find(f"{village.network}:{village.author.native_id}")
    erased = kept.erasures.erase(person, who="tester", now=NOW + timedelta(hours=1))
    kept.posts.apply([Bury(village.network, "other-9", "deleted", NOW + timedelta(hours=2))], source="kylä", now=NOW)
    told = list(kept.erasures.since(NOW)) if by == "the database" else list(read_ledger(custody.ledger or Path()))
    assert {one.kind for one in told} == {"account", "handle", "post"}
    with Corpus.open("sqlite://", custody=custody) as restored:
        fill(restored, village)
        done = restored.erasures.reapply(told, who="restore", now=NOW + timedelta(hours=3))
        assert done.posts == erased.posts + 1
        assert restored.posts.count() == 6
        assert [one for one in ("other-9", "copy-9") if _text(restored, village.network, one)] == []
        assert _text(restored, village.network, "quote-9")
        with restored.database.reading() as connection:
            assert not list(connection.execute(sql("SELECT 1 FROM posts WHERE text LIKE '%kanari%'")))
        assert seen(restored, own_posts(village)).inserted == 0
        assert restored.erasures.reapply(told, who="restore", now=NOW).posts == 0


def _text(corpus: Corpus, network: str, native_id: str) -> str | None:
    found = corpus.posts.by_native_id(network, native_id)
    return found.stored.post.text if found else None


def test_old_handles_and_versions_are_found(kept: Corpus, tmp_path: Path) -> None:
    """A handle that only an old payload tells is erased, too, out of earlier versions and odd payloads of others."""
    village = VILLAGES["x"]
    (mine, *_) = own_posts(village)
    author = village.author
    raw = {"id": mine.native_id, "users": [{"id": author.native_id, "username": "VanhaKanari"}, {"id": "1"}]}
    seen(kept, [replace(mine, raw=json.dumps(raw).encode(), url="https://x.com/i/status/1")])
    other = replace(others_posts(village)[3], text="Kuten @VanhaKanari sanoi", raw=b'not JSON: "@VanhaKanari"')
    seen(kept, [other], now=NOW + timedelta(hours=1))
    seen(kept, [replace(other, text="Muokattu", edited_at=NOW, raw=b'{"id": "other-9"}')], now=NOW + timedelta(hours=2))
    (person,) = kept.erasures.find(f"x:{author.native_id}")
    traces_ = kept.erasures.traces(person)
    assert {"VanhaKanari", author.handle, author.native_id, mine.native_id} <= traces_.names
    assert kept.erasures.erase(person, who="tester", now=NOW).handles == 2
    assert "kanari" not in everything(kept, tmp_path).casefold()
    assert _text(kept, "x", "other-9") == "Muokattu"
    assert kept.verify() == []


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
