"""Invented people on several networks, and everything that is kept of them."""

import json
import shutil
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text as sql

from corpus.changes import decide
from corpus.declared import METADATA
from corpus.edits import Edits
from corpus.export import FORMATS, Occasion, export
from corpus.issues import StoredIssue
from corpus.payloads import unpack
from corpus.post import Author, Label, Post, Prediction, Reason
from corpus.rendering import Rendering
from corpus.store import Corpus

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
    handle = mine[0].author.handle if mine[0].author else ""
    edits = Edits(introduction={"fi": f"Kiitos, @{handle}!", "sv": "Tack!"}, hidden=(key,), order=(key,))
    corpus.editing.change("2026-W47", lambda _: edits, seen=None, who="MK", now=NOW, what="edited", about="post")
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


def _text(corpus: Corpus, network: str, native_id: str) -> str | None:
    found = corpus.posts.by_native_id(network, native_id)
    return found.stored.post.text if found else None
