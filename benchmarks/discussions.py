"""How fast posts are placed in discussions, beside a union-find in memory over the same posts.

    python benchmarks/discussions.py [--posts 1000000] [--late 20000] [--database URL]

Invented posts: threads of many sizes, quotes, stories linked from several networks, a place that everybody links. They
are written into the tables directly; what is measured is ``Discussions.update`` over all of them, over a batch that
comes late, and over nothing. Compare only ratios of one run: seconds depend on the machine.
"""

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from corpus.discussion import partition
from corpus.instants import to_micros
from corpus.post import Post
from corpus.store import Corpus

BATCH = 10_000
START = to_micros(datetime(2026, 1, 1, tzinfo=UTC))
MINUTE = 60_000_000
FOREVER = (datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))
COLUMNS = (
    "network, native_id, created_at, via, source, text, reply_to, quote_of, discussion, links, fingerprint,"
    " first_seen_at, last_seen_at, version_at"
)


def invented(count: int, chance: Random, first: int = 0) -> Iterator[tuple[object, ...]]:
    """Yield posts as rows: one of two answers, one of ten quotes, two of five link something."""
    known: dict[str, list[tuple[int, str]]] = {"x": [], "mastodon": []}
    for number in range(first, first + count):
        network = chance.choice(("x", "x", "mastodon"))
        native_id = str(1_900_000_000_000_000_000 + number * 977)
        at = START + number * MINUTE // 2
        recent = known[network]
        reply_to = quote_of = None
        root = native_id
        if recent and chance.random() < 0.5:
            answered = recent[max(0, len(recent) - 1 - int(chance.expovariate(1 / 300)))]
            reply_to, root = str(answered[0]), answered[1]
        elif recent and chance.random() < 0.1:
            quote_of = str(chance.choice(recent[-2_000:])[0])
        links = []
        if chance.random() < 0.4:
            story = number // 50 + int(chance.expovariate(1 / 40))
            links = [f"https://www.lehti{story % 7}.example/uutiset/{story}?utm_source=x&utm_medium=social"]
        elif chance.random() < 0.01:
            links = ["https://kunta.example/palvelut/tulevaisuus"]
        recent.append((int(native_id), root))
        text = f"Viesti {number}: lähikirjasto pysyy auki, ja palveluja kehitetään yhdessä asukkaiden kanssa. " * 2
        yield (
            *(network, native_id, at, "hashtag" if reply_to is None else "thread", "bench", text, reply_to, quote_of),
            *(root if network == "x" else None, json.dumps(links) if links else None, chance.randbytes(16)),
            *(at, at, at),
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--late", type=int, default=20_000)
    parser.add_argument("--database")
    options = parser.parse_args()
    chance = Random(47)
    with tempfile.TemporaryDirectory() as name:
        url = options.database or f"sqlite:///{Path(name) / 'bench.db'}"
        Corpus.prepare(url)
        with Corpus.open(url) as corpus:
            _write(corpus, invented(options.posts, chance))
            _report("all of them", options.posts, _timed(corpus))
            _write(corpus, invented(options.late, chance, options.posts))
            _report("a late batch", options.late, _timed(corpus))
            _report("nothing new", options.posts + options.late, _timed(corpus))
            print(f"memory at most: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
            _compare(corpus)


def _write(corpus: Corpus, rows: Iterator[tuple[object, ...]]) -> None:
    marks = ", ".join("?" * (COLUMNS.count(",") + 1))
    batch: list[tuple[object, ...]] = []
    statement = f"INSERT INTO posts ({COLUMNS}) VALUES ({marks})"  # noqa: S608 - our own names
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            with corpus.database.writing() as connection:
                corpus.database.run_many(connection, statement, batch)
            batch = []
    with corpus.database.writing() as connection:
        corpus.database.run_many(connection, statement, batch)


def _timed(corpus: Corpus) -> tuple[int, float]:
    began = time.process_time()
    placed = corpus.discussions.update()
    return placed.posts, time.process_time() - began


def _report(what: str, posts: int, measured: tuple[int, float]) -> None:
    placed, seconds = measured
    print(f"{what}: {placed} posts placed in {seconds:.2f} CPU s, {posts / seconds:,.0f} posts a CPU second")


def _compare(corpus: Corpus) -> None:
    """Print what the rule costs in memory over the same posts, and whether it says the same."""
    posts: list[Post] = []
    kept = {}
    for one in corpus.posts.between(*FOREVER):
        posts.append(one.post)
        kept[one.post.network, one.post.native_id] = one.discussion
    micros = {(post.network, post.native_id): to_micros(post.created_at) for post in posts}
    began = time.process_time()
    ruled = partition(posts, micros)
    seconds = time.process_time() - began
    print(f"the rule in memory: {seconds:.2f} CPU s, {len(posts) / seconds:,.0f} posts a CPU second")
    equal = all(":".join(first) == kept[key] for key, first in ruled.items())
    print(f"equal: {equal}, {len(set(kept.values()))} discussions")


if __name__ == "__main__":
    main()
