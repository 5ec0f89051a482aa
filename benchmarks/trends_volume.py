"""`trends` on a year of posts: the first load, one more week, the same week again; CPU seconds and peak memory.

Run: python benchmarks/trends_volume.py --texts DIR [--posts 106000] [--data DIR] > trends_volume.jsonl

``--texts`` is a directory of test data with ``volume/posts_520k_short.jsonl.gz``, whose texts are used; writers (by a
heavy-tailed law), ids and times are invented. The posts fill 53 weeks evenly: 106,000 are 2,000 a week, 1,060,000 are
20,000. Dictionaries are built and posts are classified before anything is measured; the classification is told apart.
Prints one JSON object a line.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.import_x_v2 import texts_of
from corpus.changes import decide
from corpus.post import Author, Post
from corpus.store import Corpus
from language.lemma import Lemmatiser

COMMAND = Path(sys.executable).parent / "kuntakaiku"
START = datetime(2025, 11, 10, tzinfo=UTC)
NOW = START + timedelta(weeks=53)
AT_ONCE = 2_000
WRITERS = 20_000
LAST = ("2026-W43", "2026-W44", "2026-W44")
"""Weeks of one month, since a new month measures a new calibration."""
ASKED = ("first load", "one more week", "the same week again")


def posts_of(texts: Path, count: int) -> Iterator[Post]:
    """Yield invented posts with real texts, oldest first."""
    chance = Random(1)
    for n, text in enumerate(islice(texts_of(texts), count)):
        writer = str(min(WRITERS, int(chance.paretovariate(0.6))))
        yield Post(
            network="mastodon",
            native_id=str(10**18 + n),
            author=Author(native_id=writer, handle=f"a{writer}@koivuranta.example", name="A"),
            text=f"{text[:240]} #tulevaisuudenkunta",
            created_at=START + timedelta(weeks=53) * (n / count),
            via="hashtag",
            lang="en",
            hashtags=("tulevaisuudenkunta",),
        )


def fill(data: Path, texts: Path, count: int) -> None:
    """Write the posts to a corpus in a directory, and build the dictionaries there."""
    corpus = Corpus.open(f"sqlite:///{data / 'kuntakaiku.db'}")
    posts = posts_of(texts, count)
    while batch := list(islice(posts, AT_ONCE)):
        corpus.posts.apply(decide(batch, {}, NOW), source="volume", now=NOW)
    corpus.close()
    Lemmatiser(data / "lemmas", ("fi", "sv", "en")).build()


def measured(data: Path, *command: str) -> tuple[float, float]:
    """Run a command and return its CPU seconds and its peak memory in megabytes."""
    options = ["--data", str(data), "--now", NOW.isoformat(), "--quiet"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen([COMMAND, *options, *command], stdout=subprocess.DEVNULL, env=environment) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"kuntakaiku {' '.join(command)} failed: {process.returncode}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main() -> None:
    """Fill a corpus, and measure."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--texts", type=Path, required=True)
    options.add_argument("--posts", type=int, default=106_000)
    options.add_argument("--data", type=Path, help="an empty directory; by default one that goes afterwards")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        data = given.data or Path(scratch)
        # In a process of its own: a command's peak is at least the memory of the process that begins it.
        filling = get_context("spawn").Process(target=fill, args=(data, given.texts, given.posts))
        filling.start()
        filling.join()
        asked = [("classify", ("classify",))]
        asked += [(what, ("trends", "--week", week, "--json")) for what, week in zip(ASKED, LAST, strict=True)]
        for what, command in asked:
            seconds, megabytes = measured(data, *command)
            line = {"posts": given.posts, "what": what, "cpu_seconds": round(seconds, 1), "peak_mb": round(megabytes)}
            sys.stdout.write(f"{json.dumps(line)}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
