"""The figures of this version, each beside a peer or a limit in the same run: ``make bench``.

    KUNTAKAIKU_TEST_DATA=DIR python benchmarks/run.py [--posts 100000] [--rounds 3] [--reports]

The peer, twarc2 with its csv plugin, is installed into an environment of its own. Writes ``benchmarks/results.json``
and ``docs/figures.md``. Compare only ratios of one run: seconds depend on the machine. ``--reports`` adds what the
quick benchmarks of classifier and trends print, which takes ten minutes.
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

ROOT = Path(__file__).resolve().parent.parent
COMMAND = Path(sys.executable).parent / "kuntakaiku"
REPORTS = ("classifier", "trends")


def main() -> None:
    """Measure, print and write down."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3, help="of the import, of which the middle one counts")
    parser.add_argument("--reports", action="store_true")
    options = parser.parse_args()
    data = os.environ.get("KUNTAKAIKU_TEST_DATA")
    if not data:
        sys.exit("KUNTAKAIKU_TEST_DATA must name the directory of test data.")
    with tempfile.TemporaryDirectory() as name:
        twarc = install_twarc(Path(name) / "peer")
        figures = [
            *imports(data, twarc, options.posts, options.rounds),
            *searches(data, options.posts),
            *helps(twarc),
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
    _, heading, faults = figures_page.read_text(encoding="utf-8").partition("\n## Faults\n")  # of `make soak`
    figures_page.write_text(page(result) + heading + faults, encoding="utf-8")
    print(page(result))


def install_twarc(directory: Path) -> Path:
    """Return the path of ``twarc2`` in a new environment; pandas 3 breaks its csv plugin."""
    venv.create(directory, with_pip=True)
    python = directory / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "twarc", "twarc-csv", "pandas<3"], check=True)
    return directory / "bin" / "twarc2"


def imports(data: str, twarc: Path, posts: int, rounds: int) -> list[dict[str, object]]:
    """Return posts per CPU second of the import against the peer, of a second import, and the highest peak memory."""
    script = ROOT / "benchmarks" / "import_x_v2.py"
    asked = [sys.executable, script, "--texts", data, "--twarc", twarc, "--posts", str(posts)]
    ratios, again, peaks = [], [], []
    for _ in range(rounds):
        told = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
        lines = {str(line["what"]): line for line in map(json.loads, told.splitlines())}
        ours = lines["import"]["cpu_seconds"]
        ratios.append(lines["twarc2 csv"]["cpu_seconds"] / ours)
        again.append(ours / lines["import again"]["cpu_seconds"])
        peaks.append(lines["import"]["peak_mb"])
    return [
        figure(f"import of {posts} X v2 posts, against twarc2 csv, times", median(ratios), 3, at_least=True),
        figure("the same file again, against the first import, times", median(again), 1.4, at_least=True),
        figure("peak memory of that import, MB", max(peaks), 300),
    ]


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
