"""Import of X API v2 posts beside other ways in the same run: posts a CPU second, and peak memory.

    python benchmarks/import_x_v2.py --texts DIR [--twarc PATH] [--sqlite-utils PATH] [--postgresql URL]
                                     [--posts 100000] [--many 1000000]

``--texts`` is a directory of test data with ``volume/posts_520k_short.jsonl.gz``, whose texts are used; users, ids and
everything else are invented. ``--twarc`` is the ``twarc2`` of an environment of its own with ``twarc``, ``twarc-csv``
and ``pandas<3``: pandas 3 breaks it; ``--sqlite-utils`` may be there too. ``--many`` imports a larger archive as well.
``--postgresql`` is a database of a server on this machine: schemas ``bench_ours`` and ``bench_core`` in it are made
anew, and the CPU seconds of the server's process are added. The floor is ``bare_import.py``. All databases have their
tables before anything is measured. Prints one JSON object a line.
"""

import argparse
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

START = datetime(2021, 1, 4, tzinfo=UTC)
EPOCH_MS = 1_288_834_974_657
ROOT = Path(__file__).resolve().parent.parent
PREPARE = """
import sys
from corpus.store import Corpus
Corpus.prepare(sys.argv[1])
"""
IMPORT = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from benchmarks.bare_import import server_seconds
from collector.archive.load import import_files
from corpus.store import Corpus
from programme.types import Localised, Programme
programme = Programme(slug="benchmark", name=Localised({"fi": "Benchmark"}), languages=("fi",),
                      time_zone="Europe/Helsinki", hashtags=("tulevaisuudenkunta",), themes=())
with Corpus.open(sys.argv[2]) as corpus:
    found = import_files(corpus, [Path(sys.argv[1])], programme=programme, now=datetime(2026, 11, 20, tzinfo=UTC),
                         rejects_directory=Path(sys.argv[1]).parent)
    if not corpus.database.sqlite:
        print(server_seconds(corpus.database.query("SELECT pg_backend_pid()")[0][0]))
print(found.as_json(), file=sys.stderr)
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=Path, default=os.environ.get("KUNTAKAIKU_TEST_DATA"))
    parser.add_argument("--twarc", type=Path)
    parser.add_argument("--sqlite-utils", type=Path)
    parser.add_argument("--postgresql")
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--many", type=int, default=0)
    options = parser.parse_args()
    if options.texts is None:
        parser.error("name the directory of test data by --texts or KUNTAKAIKU_TEST_DATA")
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        archive = directory / "posts.jsonl"
        size = write_archive(archive, Path(options.texts), options.posts)
        show(what="archive", posts=options.posts, bytes=size, bytes_per_post=size // options.posts)
        ours = on_sqlite(archive, options.posts, directory)
        others(archive, options, directory, ours)
        if options.postgresql:
            on_postgresql(archive, options.posts, options.postgresql, directory)
        if options.many:
            write_archive(archive, Path(options.texts), options.many)
            many = import_into(f"sqlite:///{directory / 'many.db'}", archive, options.many, directory)
            show(what="import of many", posts=options.many, **many)
            ratio("many posts against few", many["posts_per_cpu_second"] / ours["posts_per_cpu_second"])


def on_sqlite(archive: Path, posts: int, directory: Path) -> dict[str, float]:
    """Import twice, and once as bare as can be; return what the first import used."""
    database = directory / "kuntakaiku.db"
    ours = import_into(f"sqlite:///{database}", archive, posts, directory)
    show(what="import", **ours)
    again = import_into(f"sqlite:///{database}", archive, posts, directory)
    show(what="import again", **again, database_bytes=database.stat().st_size)
    ratio("again against first", ours["cpu_seconds"] / again["cpu_seconds"])
    floor = run_prepared("bare_import.py", f"sqlite:///{directory / 'floor.db'}", archive, posts, directory)
    show(what="floor", **floor)
    ratio("floor", floor["cpu_seconds"] / ours["cpu_seconds"])
    return ours


def asked(description: str) -> argparse.Namespace:
    """Return how large a corpus a benchmark is asked to build, from which texts, and where it is kept."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--texts", type=Path, default=os.environ.get("KUNTAKAIKU_TEST_DATA"))
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--directory", type=Path)
    options = parser.parse_args()
    if options.texts is None:
        parser.error("name the directory of test data by --texts or KUNTAKAIKU_TEST_DATA")
    return options


def others(archive: Path, options: argparse.Namespace, directory: Path, ours: dict[str, float]) -> None:
    """Measure the peers that are there."""
    commands = {}
    if options.twarc is not None:
        commands["twarc2 csv"] = [str(options.twarc.resolve()), "csv", str(archive), str(directory / "posts.csv")]
    if options.sqlite_utils is not None:
        into = [str(directory / "peer.db"), "posts", str(archive), "--nl", "--pk", "id"]
        commands["sqlite-utils"] = [str(options.sqlite_utils.resolve()), "upsert", *into]
    for what, command in commands.items():
        theirs = measured(command, options.posts, directory)
        show(what=what, **theirs)
        ratio(what, theirs["cpu_seconds"] / ours["cpu_seconds"])


def on_postgresql(archive: Path, posts: int, url: str, directory: Path) -> None:
    """Import into PostgreSQL, and by SQLAlchemy Core."""
    import psycopg

    joint = "&" if "?" in url else "?"
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        for schema in ("bench_ours", "bench_core"):
            connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
            connection.execute(f"CREATE SCHEMA {schema}")
    found = {
        schema: f"{url.replace('postgresql://', 'postgresql+psycopg://')}{joint}options=-csearch_path%3D{schema}"
        for schema in ("bench_ours", "bench_core")
    }
    ours = import_into(found["bench_ours"], archive, posts, directory)
    show(what="import into PostgreSQL", **ours)
    core = run_prepared("bare_import.py", found["bench_core"], archive, posts, directory)
    show(what="SQLAlchemy Core executemany", **core)
    ratio("SQLAlchemy Core executemany", core["cpu_seconds"] / ours["cpu_seconds"])


def import_into(url: str, archive: Path, posts: int, directory: Path) -> dict[str, float]:
    """Import into a database that has its tables."""
    subprocess.run([sys.executable, "-c", PREPARE, url], check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    return measured([sys.executable, "-c", IMPORT, str(archive), url], posts, directory)


def run_prepared(script: str, url: str, archive: Path, posts: int, directory: Path) -> dict[str, float]:
    """Run a script of this directory on an archive and a database that has its tables."""
    subprocess.run([sys.executable, "-c", PREPARE, url], check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    return measured([sys.executable, str(ROOT / "benchmarks" / script), str(archive), url], posts, directory)


def ratio(against: str, times: float) -> None:
    """Print a ratio: above 1 is faster, or better."""
    show(what="ratio", against=against, times=round(times, 2))


def show(**figures: object) -> None:
    """Print figures as a line of JSON."""
    print(json.dumps(figures), flush=True)


def measured(command: list[str], posts: int, directory: Path) -> dict[str, float]:
    """Return what a command used: CPU seconds of user and system, a server's as our scripts tell, and peak memory."""
    # twarc2 asks for a token before it converts a file; nothing is sent. It writes its log to where it is run.
    environment = {**os.environ, "BEARER_TOKEN": "unused", "PYTHONPATH": str(ROOT)}
    began = time.monotonic()
    with (directory / "told").open("w+b") as told:
        process = subprocess.Popen(command, cwd=directory, stdout=told, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise SystemExit(f"{command[0]} ended with {process.returncode}")
        told.seek(0)
        server = told.read(20).strip() if command[0] == sys.executable else b""
    cpu = usage.ru_utime + usage.ru_stime + float(server or 0)
    return {
        "cpu_seconds": round(cpu, 2),
        "posts_per_cpu_second": round(posts / cpu),
        "peak_mb": round(usage.ru_maxrss / 1024),
        "seconds": round(time.monotonic() - began, 2),
    }


def write_archive(path: Path, texts: Path, count: int) -> int:
    """Write flattened posts of about 3 kB each and return how many bytes they are."""
    chance = random.Random(20261120)
    users = [invented_user(n, chance) for n in range(20_000)]
    with path.open("wb") as file:
        for n, text in zip(range(count), texts_of(texts), strict=False):
            file.write(json.dumps(invented_post(n, text, chance.choice(users), chance), ensure_ascii=False).encode())
            file.write(b"\n")
    return path.stat().st_size


def texts_of(directory: Path) -> Iterator[str]:
    """Yield real short texts, from the beginning again when they run out."""
    while True:
        with gzip.open(directory / "volume" / "posts_520k_short.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                post = json.loads(line)
                yield str(post.get("text") or post.get("title") or "")


def invented_user(n: int, chance: random.Random) -> dict[str, object]:
    """Return an account as twarc embeds it."""
    return {
        "id": str(10_000_000 + n),
        "username": f"asukas_{n}",
        "name": f"Keksitty Asukas {n}",
        "created_at": "2015-03-02T10:00:00.000Z",
        "description": "Keksitty kuvaus itsestä, kunnasta ja kaikesta muusta. " * 3,
        "location": "Koivuranta",
        "profile_image_url": f"https://pbs.twimg.com/profile_images/{n}/kuva_normal.jpg",
        "protected": False,
        "verified": False,
        "url": "https://koivuranta.example/",
        "public_metrics": {
            "followers_count": chance.randrange(5_000),
            "following_count": chance.randrange(2_000),
            "tweet_count": chance.randrange(50_000),
            "listed_count": chance.randrange(50),
        },
    }


def invented_post(n: int, text: str, user: dict[str, object], chance: random.Random) -> dict[str, object]:
    """Return a flattened post."""
    at = START + timedelta(seconds=37 * n)
    native_id = str((int(at.timestamp() * 1000) - EPOCH_MS << 22) + n % 4096)
    written = f"{text[:240]} #tulevaisuudenkunta"
    address = f"https://koivuranta.example/uutiset/{n % 5_000}"
    words = ("kunta", "maakunta", "palvelut", "osallisuus", "hyvinvointi")
    post: dict[str, object] = {
        "id": native_id,
        "text": written,
        "created_at": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "author_id": user["id"],
        "conversation_id": native_id,
        "edit_history_tweet_ids": [native_id],
        "lang": "fi",
        "possibly_sensitive": False,
        "reply_settings": "everyone",
        "source": "Twitter Web App",
        "public_metrics": {
            "retweet_count": chance.randrange(20),
            "reply_count": chance.randrange(10),
            "like_count": chance.randrange(90),
            "quote_count": 0,
            "impression_count": chance.randrange(9_000),
        },
        "entities": {
            "hashtags": [
                {"start": len(written) - 19, "end": len(written), "tag": "tulevaisuudenkunta"},
                {"start": 0, "end": 9, "tag": chance.choice(words)},
            ],
            "urls": [
                {
                    "start": 0,
                    "end": 23,
                    "url": "https://t.co/keksitty123",
                    "expanded_url": address,
                    "display_url": address[8:],
                    "title": "Keksitty uutinen kunnasta",
                    "description": "Keksitty uutinen kunnasta, jossa kaikki on hyvin ja kaikki osallistuvat. " * 3,
                    "unwound_url": address,
                }
            ],
        },
        "context_annotations": [
            {
                "domain": {"id": str(40 + k), "name": "Keksitty aihepiiri", "description": "Keksitty selitys. " * 4},
                "entity": {"id": str(9_000 + k), "name": f"Keksitty kohde {k}"},
            }
            for k in range(6)
        ],
        "author": user,
        "__twarc": {"url": "https://api.twitter.com/2/tweets/search/all", "version": "2.14.0"},
    }
    if n % 5 == 0:
        post["referenced_tweets"] = [{"type": "replied_to", "id": str(int(native_id) - 1_000_000)}]
    return post


if __name__ == "__main__":
    main()
