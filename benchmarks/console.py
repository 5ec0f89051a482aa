"""Server time of the console's pages on a large corpus: milliseconds of the median of seven, and of the slowest.

    python benchmarks/search.py --texts DIR --posts 1000000 --directory CORPUS
    python benchmarks/console.py CORPUS

The corpus is the one that ``search.py`` keeps. The first call adds, invented, a year of hours of four sources and a
month of rounds every quarter of an hour. A page is asked for as a browser does, without a socket: routing, queries,
template and all. Prints one JSON object a line.
"""

import argparse
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from import_x_v2 import ROOT, show

if TYPE_CHECKING:
    from corpus.search_query import Filters
    from runtime.wiring import Program

ROUNDS = 7
SOURCES = ("x", "masto", "blue", "feeds")
MONTH = timedelta(days=30)
sys.path.insert(0, str(ROOT))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--without-search", action="store_true", help="for a corpus that is not indexed")
    options = parser.parse_args()
    from starlette.testclient import TestClient

    from console.app import build
    from runtime.jobs import serve
    from runtime.settings import Options
    from runtime.wiring import Program

    config = options.directory / "config"
    if not config.is_dir():
        _configure(config)
    asked = Options(config=str(config), data=str(options.directory), quiet=True)
    with Program(asked, environment={}, working_directory=options.directory) as program:
        _, last = program.corpus.posts.span() or sys.exit("The corpus is empty.")
        program.clock = lambda: last + timedelta(minutes=10)
        if not program.corpus.ledger.runs(limit=1):
            _work(program, last)
        first_of_all = next(iter(program.corpus.recent.listed(program.corpus.recent.page(_any(), limit=1).post_ids)))
        post = first_of_all.first.stored.post
        pages = {
            "the newest discussions": "/discussions",
            "of a theme": "/discussions?theme=municipality-and-region",
            "of a language that nobody writes": "/discussions?language=sv&theme=none",
            "a search": "/discussions?q=library",
            "a search for a common word with filters": "/discussions?q=the&theme=operating-models&network=x",
            "a discussion": f"/discussions/{post.network}:{post.native_id}",
            "health": "/health",
            "the week": "/week",
        }
        app = build(serve.house(program), serve.door(program, "localhost"))
        with TestClient(app, base_url="http://localhost") as browser:
            show(what="posts", posts=program.corpus.posts.count())
            for name, path in pages.items():
                if options.without_search and "q=" in path:
                    continue
                taken, used = [], []
                for _ in range(ROUNDS):
                    began, cpu = time.perf_counter(), time.process_time()
                    answer = browser.get(path)
                    taken.append((time.perf_counter() - began) * 1000)
                    used.append((time.process_time() - cpu) * 1000)
                    if answer.status_code != 200:
                        sys.exit(f"{path}: {answer.status_code}")
                show(
                    what=name,
                    milliseconds=round(median(taken), 1),
                    slowest=round(max(taken), 1),
                    cpu_milliseconds=round(median(used), 1),
                    kilobytes=round(len(answer.content) / 1000, 1),
                )


def _any() -> "Filters":
    from corpus.search_query import Filters

    return Filters()


def _configure(config: Path) -> None:
    from programme.starter import write_starter

    write_starter(config)
    networks = {"x": "x", "masto": "mastodon", "blue": "bluesky", "feeds": "feed"}
    lines = []
    for name in SOURCES:
        lines += ["[[source]]", f'name = "{name}"', f'network = "{networks[name]}"', "enabled = true"]
        lines += [f'base_url = "https://{name}.example"', "government_use_attested = true" if name == "x" else ""]
    (config / "sources.toml").write_text("\n".join(lines), "utf-8")


def _work(program: "Program", last: datetime) -> None:
    from corpus.ledger import HourCoverage

    ledger = program.corpus.ledger
    start = last.replace(minute=0, second=0, microsecond=0) - timedelta(days=365)
    ledger.cover(
        HourCoverage(
            source=source,
            hour_at=start + timedelta(hours=n),
            state="failed" if n % 50 == 0 else "covered",
            posts=3,
        )
        for source in SOURCES
        for n in range(365 * 24)
    )
    for source in SOURCES:
        at = last - MONTH
        while at < last:
            run = ledger.start("collect", now=at, source=source)
            ledger.finish(run, state="done", now=at + timedelta(seconds=3), counts={"inserted": 1})
            at += timedelta(minutes=15)


if __name__ == "__main__":
    main()
