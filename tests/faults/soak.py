"""The figures of faults in full: ``make soak``, a quarter of an hour on two cores.

Prints a table of what it ran and its figures, and keeps it in ``docs/figures.md``. ``make test`` and ``make test-all``
run the first of the same schedules, sequences and kills.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial, reduce
from operator import add
from pathlib import Path
from random import Random
from zoneinfo import available_timezones

from corpus.store import Corpus
from tests.faults.course import MOST, Course, run
from tests.faults.killed_sending import killing_senders
from tests.faults.kills import Kills, killing
from tests.faults.sequences import check_order
from tests.faults.sessions import RECIPIENTS, Sessions
from tests.faults.sessions import run as run_sessions
from tests.faults.troubled import TROUBLED
from tests.faults.years import SCHEDULERS, check_years, clocks

_FIGURES = Path(__file__).parents[2] / "docs" / "figures.md"
HEADING = "## Faults"
_HEAD = """Written by `make soak`: schedules of faults on a source's wire, each from a seed and run until two rounds are
quiet, end with a corpus equal to what the network holds. The minimum of requests is one for each full page of what a
round brought, at least one where it reached the end, and one for each answer that the schedule spoilt.
Pages of a day that Mastodon is asked for once more are in it; hops of redirects, overlaps and empty last pages are
not. Sign-ins are spoilt too, and counted on neither side. An answer holds 10 posts; of Mastodon 40, of Lemmy 50.
"""
_AT_ONCE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table."""

    what: str
    measured: str
    limit: str
    is_kept: bool
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a part of the seeds came to."""

    found: tuple[Course, ...]
    broken: tuple[str, ...]
    """Seeds with the promise that did not hold."""


def courses(network: str, seeds: Sequence[int]) -> Outcome:
    """Return the courses of some seeds."""
    found, broken = [], []
    with tempfile.TemporaryDirectory() as directory:
        empty = _empty(Path(directory))
        for seed in seeds:
            try:
                found.append(run(network, seed, empty))
            except AssertionError as error:
                broken.append(f"{network} {seed}: {str(error)[:200]}")
    return Outcome(found=tuple(found), broken=tuple(broken))


def sequences(seeds: Sequence[int]) -> Outcome:
    """Try the sequences of some seeds."""
    broken = []
    with Corpus.open("sqlite://") as corpus:
        for seed in seeds:
            try:
                check_order(seed, corpus)
            except AssertionError as error:
                broken.append(str(error)[:200])
        broken += corpus.verify()
    return Outcome(found=(), broken=tuple(broken))


def sessions(seeds: Sequence[int]) -> tuple[Sessions, tuple[str, ...]]:
    """Send the issues of some seeds to scripted servers."""
    whole, broken = Sessions(), []
    with tempfile.TemporaryDirectory() as directory:
        empty = _empty(Path(directory))
        for seed in seeds:
            path = Path(directory) / f"{seed}.db"
            shutil.copyfile(empty, path)
            try:
                with Corpus.open(f"sqlite:///{path}") as corpus:
                    whole += run_sessions(seed, corpus)
            except AssertionError as error:
                broken.append(f"sessions {seed}: {str(error)[:200]}")
    return whole, tuple(broken)


def years(zones: Sequence[str]) -> tuple[int, tuple[str, ...]]:
    """Let ten years pass in some time zones."""
    weeks, broken = 0, []
    with Corpus.open("sqlite://") as corpus:
        for zone in zones:
            try:
                weeks += check_years(zone, 0, corpus)
            except AssertionError as error:
                broken.append(str(error)[:200])
    return weeks, tuple(broken)


def kills(job: str, count: int, seed: int) -> Kills:
    """Kill at random times; where no count is given, at every write."""
    with tempfile.TemporaryDirectory() as directory:
        empty = _empty(Path(directory))
        work = Path(directory) / "work"
        work.mkdir()
        with killing(work, empty) as course:
            return course.at_random(job, count, Random(seed)) if count else course.at_every_write(job)


def sending_kills(job: str, count: int, seed: int) -> Kills:
    """Kill a sender at random times; where no count is given, at every write."""
    del job
    with tempfile.TemporaryDirectory() as directory:
        empty = _empty(Path(directory))
        with killing_senders(Path(directory), empty) as course:
            return course.at_random(count, Random(seed)) if count else course.at_every_write()


def _empty(directory: Path) -> Path:
    path = directory / "empty.db"
    Corpus.open(f"sqlite:///{path}").close()
    return path


def _parts(count: int) -> list[range]:
    return [range(start, min(start + _AT_ONCE, count)) for start in range(0, count, _AT_ONCE)]


def _schedules(pool: ProcessPoolExecutor, network: str, count: int) -> tuple[str, str, list[str]]:
    outcomes = list(pool.map(partial(courses, network), _parts(count)))
    whole = reduce(add, (course for outcome in outcomes for course in outcome.found), Course())
    broken = [words for outcome in outcomes for words in outcome.broken]
    if whole.ratio > MOST:
        broken.append(f"{network}: {whole.ratio:.3f} times the minimum")
    told = (
        f"{count - len(broken)} end with the truth, {whole.requests:,} requests for a minimum of {whole.minimum:,}: "
        f"{whole.ratio:.3f} times; {whole.posts:,} posts, {whole.rounds:,} rounds, {whole.spoilt:,} spoilt answers"
    )
    return told, f"all, ≤ {MOST} times, none early", broken


def _sequences(pool: ProcessPoolExecutor, count: int) -> tuple[str, str, list[str]]:
    broken = [words for outcome in pool.map(sequences, _parts(count)) for words in outcome.broken]
    return f"{count - len(broken):,} independent of the order", "all", broken


def _sessions(pool: ProcessPoolExecutor, count: int) -> tuple[str, str, list[str]]:
    outcomes = list(pool.map(sessions, _parts(count // RECIPIENTS)))
    whole = reduce(add, (found for found, _ in outcomes), Sessions())
    broken = [words for _, some in outcomes for words in some]
    told = (
        f"{whole.recipients:,} recipients, {whole.tries:,} sessions, {whole.deaths:,} deaths of the sender, "
        f"{whole.doubts:,} doubts settled: {len(broken)} mailed twice or in a false state"
    )
    return told, "0", broken


def _years(pool: ProcessPoolExecutor) -> tuple[str, str, list[str]]:
    every = sorted(available_timezones())
    zones = list({clocks(zone): zone for zone in every}.values())
    outcomes = list(pool.map(years, [zones[start : start + _AT_ONCE] for start in range(0, len(zones), _AT_ONCE)]))
    broken = [words for _, some in outcomes for words in some]
    weeks = sum(found for found, _ in outcomes)
    told = (
        f"{weeks:,} weeks in the {len(zones)} ways in which {len(every)} zones set their clocks,"
        f" {SCHEDULERS} schedulers: {len(broken)} with a week too many or too few"
    )
    return told, "0", broken


def _kills(pool: ProcessPoolExecutor, job: str, count: int, workers: int) -> tuple[str, str, list[str]]:
    each = [count // workers] * workers if count else [0]
    work = sending_kills if job == "send" else kills
    waiting = [pool.submit(work, job, one, seed) for seed, one in enumerate(each)]
    broken, done, runs = [], 0, 0
    for one in waiting:
        try:
            found = one.result()
            done, runs = done + found.kills, runs + found.runs
        except AssertionError as error:
            broken.append(f"{job}: {str(error)[:300]}")
    if job == "send":
        return f"{done:,} kills; after {runs:,} sendings {len(broken)} mailed twice or in a false state", "0", broken
    return f"{done:,} kills; of {runs:,} corpora after it {len(broken)} not as if undisturbed", "0", broken


def main() -> int:
    """Run everything and return 1 where a figure was not kept."""
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("--schedules", type=int, default=500, help="of each source")
    reading.add_argument(
        "--kills", type=int, default=1_000, help="at random, of a collection and a sending; a fifth of an import"
    )
    reading.add_argument("--sequences", type=int, default=10_000)
    reading.add_argument("--sessions", type=int, default=2_000, help="recipients of scripted mail servers")
    reading.add_argument("--workers", type=int, default=2)
    reading.add_argument("--dry", action="store_true", help="leave docs/figures.md as it is")
    asked = reading.parse_args()
    figures: list[Figure] = []
    broken: list[str] = []
    with ProcessPoolExecutor(asked.workers) as pool:
        for what, measure in _plan(pool, asked):
            began_at = time.monotonic()
            measured, limit, found = measure()
            figure = Figure(
                what=what, measured=measured, limit=limit, is_kept=not found, seconds=time.monotonic() - began_at
            )
            print(f"{what}: {measured} ({figure.seconds:.0f} s)", flush=True)  # noqa: T201  # the table is its result
            figures.append(figure)
            broken += found
    section = table(figures, f"{datetime.now(UTC):%Y-%m-%dT%H:%M}Z")
    print("\n" + section)  # noqa: T201  # as above
    print(*broken, sep="\n", file=sys.stderr)  # noqa: T201  # as above
    if not asked.dry:
        head, _, _ = _FIGURES.read_text("utf-8").partition(f"\n{HEADING}\n")
        _FIGURES.write_text(f"{head}\n{HEADING}\n\n{section}", "utf-8")
    return int(bool(broken))


def _plan(
    pool: ProcessPoolExecutor, asked: argparse.Namespace
) -> Iterator[tuple[str, Callable[[], tuple[str, str, list[str]]]]]:
    for job in ("collect", "import", "index", "stream", "send"):
        yield f"{job}, killed at every write", partial(_kills, pool, job, 0, 1)
    for job, count in (("collect", asked.kills), ("import", asked.kills // 5), ("send", asked.kills)):
        yield f"{job}, killed at random times", partial(_kills, pool, job, count, asked.workers)
    yield f"{asked.sequences:,} sequences of pages", partial(_sequences, pool, asked.sequences)
    yield f"{asked.sessions:,} recipients of scripted mail servers", partial(_sessions, pool, asked.sessions)
    yield "ten years of weekly drafts", partial(_years, pool)
    for network in TROUBLED:
        yield f"{asked.schedules} schedules of faults, {network}", partial(_schedules, pool, network, asked.schedules)


def table(figures: Iterable[Figure], at: str) -> str:
    """Return the figures as a section of the page of figures."""
    lines = [
        f"| {one.what} | {one.measured} | {one.limit} | {'yes' if one.is_kept else '**no**'} | {one.seconds:.0f} |"
        for one in figures
    ]
    return (
        "\n".join(
            [
                _HEAD,
                f"Last run: {at}.",
                "",
                "| what | measured | limit | kept | seconds |",
                "|---|---|---|---|---|",
                *lines,
            ]
        )
        + "\n"
    )


if __name__ == "__main__":
    sys.exit(main())
