"""The figures of this version, each beside a peer or a limit in the same run: ``make bench``.

    KUNTAKAIKU_TEST_DATA=DIR python benchmarks/run.py [--posts 100000] [--many 1000000] [--rounds 3] [--reports]
                                                      [--postgresql URL]

The peers, twarc2 with its csv plugin and sqlite-utils, are installed into an environment of their own; the first round
also imports ``--many`` posts, and into ``--postgresql``, a database on this machine in which it makes schemas. Writes
``benchmarks/results.json`` and ``docs/figures.md``. Compare only ratios of one run: seconds depend on the machine.
``--reports`` adds what the quick benchmarks of classifier and trends print, which takes ten minutes.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
import venv
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
COMMAND = Path(sys.executable).parent / "kuntakaiku"
PEERS = ("twarc", "twarc-csv", "pandas<3", "sqlite-utils")
REPORTS = ("classifier", "trends")


def main() -> None:
    """Measure, print and write down."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3, help="of the import, of which the middle one counts")
    parser.add_argument("--many", type=int, default=1_000_000)
    parser.add_argument("--postgresql", help="address of a database for benchmarks")
    parser.add_argument("--reports", action="store_true")
    options = parser.parse_args()
    data = os.environ.get("KUNTAKAIKU_TEST_DATA")
    if not data:
        sys.exit("KUNTAKAIKU_TEST_DATA must name the directory of test data.")
    with tempfile.TemporaryDirectory() as name:
        peers = install_peers(Path(name) / "peer")
        figures = [
            *imports(data, peers, options),
            *searches(data, options.posts),
            *exports(data, options.many),
            *helps(peers / "twarc2"),
            *rests(),
            demonstration(Path(name) / "demo"),
        ]
    result = {
        "measured_at": datetime.now(UTC).isoformat(timespec="minutes"),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "figures": figures,
        "reports": {name: report(name) for name in REPORTS} if options.reports else {},
    }
    (ROOT / "benchmarks" / "results.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    figures_page = ROOT / "docs" / "figures.md"
    _, heading, others = figures_page.read_text(encoding="utf-8").partition("\n## ")  # of other scripts
    figures_page.write_text(page(result) + heading + others, encoding="utf-8")
    print(page(result))


def install_peers(directory: Path) -> Path:
    """Return where ``twarc2`` and ``sqlite-utils`` are in a new environment; pandas 3 breaks twarc's csv plugin."""
    venv.create(directory, with_pip=True)
    python = directory / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", *PEERS], check=True)
    return directory / "bin"


def imports(data: str, peers: Path, options: argparse.Namespace) -> list[dict[str, object]]:
    """Return how fast the import is beside its peers, its floor and itself, and its peaks of memory."""
    script = ROOT / "benchmarks" / "import_x_v2.py"
    tools = ["--twarc", peers / "twarc2", "--sqlite-utils", peers / "sqlite-utils"]
    asked = [sys.executable, script, "--texts", data, *tools, "--posts", str(options.posts)]
    once = ["--many", str(options.many), *(["--postgresql", options.postgresql] if options.postgresql else [])]
    rounds = []
    for n in range(options.rounds):
        told = subprocess.run([*asked, *(once if n == 0 else [])], check=True, stdout=subprocess.PIPE, text=True).stdout
        rounds.append([json.loads(line) for line in told.splitlines()])
    return import_figures(rounds, options.posts, options.many)


def import_figures(rounds: list[list[dict[str, Any]]], posts: int, many: int) -> list[dict[str, object]]:
    """Return the figures of what ``import_x_v2`` told in each round: middle ratios, highest peaks."""
    lines = [line for told in rounds for line in told]
    limits = {
        "twarc2 csv": (f"import of {posts:,} X v2 posts, against twarc2 csv, times", 10),
        "sqlite-utils": ("that import, against sqlite-utils upsert, times", 4),
        "floor": ("that import, against a bare one of msgspec and executemany, times", 0.6),
        "again against first": ("the same file again, against the first import, times", 1.4),
        "many posts against few": (f"posts a CPU second at {many:,} posts, against those at {posts:,}", 0.85),
        "SQLAlchemy Core executemany": ("PostgreSQL: import by COPY, against SQLAlchemy Core executemany, times", 4),
    }
    figures = []
    for against, (what, limit) in limits.items():
        if found := [line["times"] for line in lines if line["what"] == "ratio" and line["against"] == against]:
            figures.append(figure(what, median(found), limit, at_least=True))
    for what, count in (("import", posts), ("import of many", many)):
        if peaks := [line["peak_mb"] for line in lines if line["what"] == what]:
            figures.append(figure(f"peak memory of the import of {count:,} posts, MB", max(peaks), 200))
    return figures


def searches(data: str, posts: int) -> list[dict[str, object]]:
    """Return posts per CPU second and peak memory of the index step, and the slowest search."""
    asked = [sys.executable, ROOT / "benchmarks" / "search.py", "--texts", data, "--posts", str(posts)]
    told = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    lines = [json.loads(line) for line in told.splitlines()]
    index = next(line for line in lines if line["what"] == "index")
    slowest = max((line for line in lines if "cpu_milliseconds" in line), key=lambda line: line["cpu_milliseconds"])
    return [
        figure(f"index of {posts} posts, posts a CPU second", index["posts_per_cpu_second"], 8_000, at_least=True),
        figure("peak memory of that index, MB", index["peak_mb"], 200),
        figure(f"slowest search of them, {slowest['what']}, CPU ms", slowest["cpu_milliseconds"], 50),
    ]


def exports(data: str, posts: int) -> list[dict[str, object]]:
    """Return posts per CPU second of each format, and the highest peak of memory."""
    asked = [sys.executable, ROOT / "benchmarks" / "exports.py", "--texts", data, "--posts", str(posts)]
    told = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    lines = {line["what"]: line for line in map(json.loads, told.splitlines())}
    limits = {"parquet": 100_000, "csv": 150_000, "jsonl": 200_000}
    rates = [
        figure(
            f"export of {posts:,} posts as {name}, posts a CPU second",
            lines[name]["posts_per_cpu_second"],
            limit,
            at_least=True,
        )
        for name, limit in limits.items()
    ]
    peak = max(lines[name]["peak_mb"] for name in limits)
    return [*rates, figure("peak memory of those exports, MB", peak, 200)]


def report(name: str) -> list[object]:
    """Return the lines that a benchmark of its own prints."""
    asked = [sys.executable, ROOT / "benchmarks" / f"{name}.py", "--quick"]
    told = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in told.splitlines() if line.startswith("{")]


def helps(twarc: Path) -> list[dict[str, object]]:
    """Return the CPU time of ``--help`` against the peer's: the least of five each."""
    ours, peer = (min(cpu_seconds([path, "--help"]) for _ in range(5)) for path in (COMMAND, twarc))
    return [figure("CPU time of --help, against twarc2 --help, times", ours / peer, 0.25)]


def rests() -> list[dict[str, object]]:
    """Return the resident memory of the scheduler at rest with a source of every network."""
    asked = [sys.executable, ROOT / "benchmarks" / "memory.py"]
    told = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    return [figure(f"{line['what']}, MB", line["rss_mb"], 120) for line in map(json.loads, told.splitlines())]


def demonstration(directory: Path) -> dict[str, object]:
    """Return how long the demonstration takes after installation."""
    began = time.monotonic()
    subprocess.run([COMMAND, "--quiet", "demo", directory], check=True)
    return figure("demonstration, seconds", time.monotonic() - began, 60)


def cpu_seconds(command: list[Path | str]) -> float:
    """Return user and system seconds of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    # twarc2 writes its log to where it is run.
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=tempfile.gettempdir())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def figure(what: str, value: float, limit: float, *, at_least: bool = False) -> dict[str, object]:
    """Return one figure with its limit and whether it is kept."""
    kept = value >= limit if at_least else value <= limit
    return {"what": what, "value": round(value, 3), "limit": limit, "at_least": at_least, "kept": kept}


def page(result: dict[str, object]) -> str:
    """Return the page of figures."""
    figures = result["figures"]
    rows = [
        f"| {one['what']} | {one['value']} | {'≥' if one['at_least'] else '≤'} {one['limit']}"
        f" | {'yes' if one['kept'] else 'no'} |"
        for one in figures
    ]
    return "\n".join(
        [
            "# Figures",
            "",
            f"Written by `make bench` at {result['measured_at']}, {result['machine']}; each peer in the same run.",
            "",
            "| what | measured | limit | kept |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    main()
