"""The least that an import of flattened X v2 posts can be: msgspec, ``executemany``, and nothing that may go wrong.

    python benchmarks/bare_import.py ARCHIVE sqlite:///FILE | postgresql+psycopg://…

The tables, columns and indexes are the corpus's own, and must be there and empty; posts, authors, hashtags and links
are upserted, counts kept as history, payloads compressed, and each batch commits with its checkpoint. On SQLite the
rows go through the driver alone, on PostgreSQL through SQLAlchemy Core. Left out is what makes an import of it: known
posts are not told from new ones, nothing is rejected, cleaned, joined or cut, and only this one shape is read.
"""

import gc
import os
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import msgspec
import zstandard

BATCH = 5_000
CHUNK = 400
NONE = (None, None, None)
NOW = 1_795_132_800_000_000
TABLES = {
    "authors": ("author_id", "network", "native_id", "handle", "name", "seen_at"),
    "hashtags": ("hashtag_id", "hashtag"),
    "payloads": ("payload_id", "lines"),
    "posts": (
        *("post_id", "network", "native_id", "author_id", "text", "created_at", "via", "source", "url", "network_lang"),
        *("reply_to", "quote_of", "repost_of", "discussion", "hashtags", "links", "replies", "reposts", "likes"),
        *("views", "counts_at", "payload_id", "payload_line", "fingerprint", "first_seen_at", "last_seen_at"),
        "version_at",
    ),
    "metrics": ("post_id", "seen_at", "replies", "reposts", "likes", "views"),
    "post_hashtags": ("hashtag_id", "post_id"),
    "post_links": ("link_hash", "post_id"),
    "checkpoints": ("name", "value"),
}
KEYS = {
    "authors": ("network", "native_id"),
    "hashtags": ("hashtag",),
    "payloads": ("payload_id",),
    "posts": ("network", "native_id"),
    "metrics": ("post_id", "seen_at"),
    "post_hashtags": ("hashtag_id", "post_id"),
    "post_links": ("link_hash", "post_id"),
    "checkpoints": ("name",),
}
REPLACED = {
    "authors": ("handle", "name"),
    "posts": ("text", "replies", "reposts", "likes", "views", "counts_at", "last_seen_at"),
    "metrics": ("replies", "reposts", "likes", "views"),
    "checkpoints": ("value",),
}


class Tag(msgspec.Struct, gc=False):
    """A hashtag."""

    tag: str


class Url(msgspec.Struct, gc=False):
    """A link."""

    expanded_url: str


class Entities(msgspec.Struct, gc=False):
    """What a text names."""

    hashtags: list[Tag] = []
    urls: list[Url] = []


class Metrics(msgspec.Struct, gc=False):
    """Counts."""

    reply_count: int
    retweet_count: int
    like_count: int
    impression_count: int


class Reference(msgspec.Struct, gc=False):
    """Another post."""

    type: str
    id: str


class User(msgspec.Struct, gc=False):
    """An author."""

    id: str
    username: str
    name: str


class Post(msgspec.Struct, gc=False):
    """A flattened post, exactly as ``import_x_v2`` writes it."""

    id: str
    text: str
    created_at: str
    author: User
    lang: str
    conversation_id: str
    public_metrics: Metrics
    entities: Entities
    referenced_tweets: list[Reference] = []


class Writer(Protocol):
    """Writes rows into an empty corpus."""

    def begin(self) -> None:
        """Open a transaction."""

    def write(self, table: str, rows: Sequence[tuple[object, ...]]) -> None:
        """Upsert rows."""

    def commit(self) -> None:
        """Commit."""


class Sqlite:
    """``executemany`` of the standard library's driver."""

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-32000", "temp_store=MEMORY"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._statements = {table: statement(table) for table in TABLES}

    def begin(self) -> None:
        """Open a transaction."""
        self._connection.execute("BEGIN IMMEDIATE")

    def write(self, table: str, rows: Sequence[tuple[object, ...]]) -> None:
        """Upsert rows."""
        self._connection.executemany(self._statements[table], rows)

    def commit(self) -> None:
        """Commit."""
        self._connection.execute("COMMIT")


class Core:
    """``executemany`` of SQLAlchemy Core on PostgreSQL."""

    def __init__(self, url: str) -> None:
        from sqlalchemy import create_engine
        from sqlalchemy.dialects.postgresql import insert

        import corpus.work_tables  # noqa: F401 - its tables join those of posts
        from corpus.tables import Row

        self._connection = create_engine(url).connect()
        self._statements: dict[str, Any] = {}
        for table in TABLES:
            plain = insert(Row.metadata.tables[table])
            replaced = {name: plain.excluded[name] for name in REPLACED.get(table, ())}
            self._statements[table] = (
                plain.on_conflict_do_update(index_elements=KEYS[table], set_=replaced)
                if replaced
                else plain.on_conflict_do_nothing()
            )

    def begin(self) -> None:
        """Open a transaction; the first statement does."""

    def write(self, table: str, rows: Sequence[tuple[object, ...]]) -> None:
        """Upsert rows."""
        if rows:
            names = TABLES[table]
            self._connection.execute(self._statements[table], [dict(zip(names, row, strict=True)) for row in rows])

    def commit(self) -> None:
        """Commit."""
        self._connection.commit()

    def backend(self) -> int:
        """Return the process of the server that did the work."""
        return int(self._connection.exec_driver_sql("SELECT pg_backend_pid()").scalar() or 0)


def statement(table: str) -> str:
    """Return the upsert of a table."""
    names = TABLES[table]
    replaced = ", ".join(f"{name} = excluded.{name}" for name in REPLACED.get(table, ()))
    values = ", ".join("?" * len(names))
    settled = f"UPDATE SET {replaced}" if replaced else "NOTHING"
    inserted = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})"  # noqa: S608  # our own names
    return f"{inserted} ON CONFLICT ({', '.join(KEYS[table])}) DO {settled}"


def server_seconds(process: int) -> float:
    """Return the CPU seconds that a process of a server on this machine has used."""
    after_name = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def batches(archive: Path) -> Iterator[list[bytes]]:
    """Yield the lines of an archive."""
    with archive.open("rb", 1 << 18) as lines:
        while batch := [line.rstrip() for line in islice(lines, BATCH)]:
            yield batch


def main() -> None:
    """Import the archive."""
    gc.set_threshold(1_000_000)
    archive, url = Path(sys.argv[1]), sys.argv[2]
    writer: Writer = Sqlite(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else Core(url)
    read = msgspec.json.Decoder(Post).decode
    compress = zstandard.ZstdCompressor(level=3).compress
    authors: dict[str, int] = {}
    hashtags: dict[str, int] = {}
    count = chunks = 0
    for lines in batches(archive):
        posts = [read(line) for line in lines]
        writer.begin()
        users = {post.author.id: post.author for post in posts if post.author.id not in authors}
        authors |= {who: n for n, who in enumerate(users, len(authors) + 1)}
        writer.write(
            "authors", [(authors[who], "x", who, user.username, user.name, NOW) for who, user in users.items()]
        )
        new = {tag.tag.casefold() for post in posts for tag in post.entities.hashtags} - hashtags.keys()
        hashtags |= {tag: n for n, tag in enumerate(sorted(new), len(hashtags) + 1)}
        writer.write("hashtags", [(hashtags[tag], tag) for tag in sorted(new)])
        packed = [compress(b"\n".join(lines[start : start + CHUNK])) for start in range(0, len(lines), CHUNK)]
        writer.write("payloads", list(enumerate(packed, chunks + 1)))
        write_posts(writer, posts, lines, (count, chunks), authors, hashtags)
        count, chunks = count + len(posts), chunks + len(packed)
        writer.write("checkpoints", [("bare", str(count))])
        writer.commit()
    if isinstance(writer, Core):
        print(server_seconds(writer.backend()))


def relations(references: Sequence[Reference]) -> tuple[str | None, str | None, str | None]:
    """Return what a post answers, quotes and reposts."""
    reply_to = quote_of = repost_of = None
    for reference in references:
        if reference.type == "replied_to":
            reply_to = reference.id
        elif reference.type == "quoted":
            quote_of = reference.id
        else:
            repost_of = reference.id
    return reply_to, quote_of, repost_of


def link_hash(link: str) -> int:
    """Return the number by which a link is found."""
    return int.from_bytes(blake2b(link.encode(), digest_size=8).digest(), "big", signed=True)


def write_posts(
    writer: Writer,
    posts: Sequence[Post],
    lines: Sequence[bytes],
    after: tuple[int, int],
    authors: dict[str, int],
    hashtags: dict[str, int],
) -> None:
    """Write posts and what hangs on them."""
    encode = msgspec.json.Encoder().encode
    rows: list[tuple[object, ...]] = []
    metrics: list[tuple[object, ...]] = []
    tagged: list[tuple[int, int]] = []
    linked: list[tuple[int, int]] = []
    for place, (post, line) in enumerate(zip(posts, lines, strict=True)):
        post_id, counts = after[0] + place + 1, post.public_metrics
        reply_to, quote_of, repost_of = relations(post.referenced_tweets) if post.referenced_tweets else NONE
        tags = [tag.tag.casefold() for tag in post.entities.hashtags]
        links = [url.expanded_url for url in post.entities.urls]
        rows.append(
            (
                post_id,
                "x",
                post.id,
                authors[post.author.id],
                post.text,
                int(datetime.fromisoformat(post.created_at).timestamp()) * 1_000_000,
                "import",
                "import",
                f"https://x.com/{post.author.username}/status/{post.id}",
                post.lang,
                reply_to,
                quote_of,
                repost_of,
                post.conversation_id,
                encode(tags).decode(),
                encode(links).decode(),
                counts.reply_count,
                counts.retweet_count,
                counts.like_count,
                counts.impression_count,
                NOW,
                after[1] + place // CHUNK + 1,
                place % CHUNK,
                blake2b(line, digest_size=16).digest(),
                NOW,
                NOW,
                NOW,
            )
        )
        numbers = (counts.reply_count, counts.retweet_count, counts.like_count, counts.impression_count)
        metrics.append((post_id, NOW, *numbers))
        tagged += [(hashtags[tag], post_id) for tag in tags]
        linked += [(link_hash(link), post_id) for link in links]
    writer.write("posts", rows)
    writer.write("metrics", metrics)
    writer.write("post_hashtags", sorted(tagged))
    writer.write("post_links", sorted(linked))


if __name__ == "__main__":
    main()
