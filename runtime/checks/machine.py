"""The machine under the program: files that others can read, disk, database, clock."""

import shutil
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from runtime.checks.check import Check, Cure, judged
from runtime.clock import machine_clock
from runtime.settings import ERASURE_KEY

if TYPE_CHECKING:
    from runtime.wiring import Program

LEAST_DISK = 1_000_000_000
"""Bytes free in the data directory."""
CLOCK_SLACK = timedelta(minutes=5)
"""By how much two hosts' clocks may differ."""
_OTHERS = stat.S_IRGRP | stat.S_IROTH
_PATIENCE = 5.0
"""Seconds for a server to say what time it is."""


def permissions(program: "Program") -> Iterator[Check]:
    """Look for personal data and secrets that others on the machine can read."""
    open_ = sorted({str(path) for path in _private(program) if path.is_file() and path.stat().st_mode & _OTHERS})
    problem = f"others can read {', '.join(open_[:5])}" + (f" and {len(open_) - 5} more" if len(open_) > 5 else "")  # noqa: PLR2004 - a line holds so many
    yield judged(
        "file permissions", problem if open_ else "", "nobody else can read personal data", Cure(key="permissions")
    )


def _private(program: "Program") -> Iterator[Path]:
    from runtime.jobs.kept_backups import directory, kept

    config, data = program.settings.config, program.settings.data
    yield config / "recipients.toml"
    yield data / ERASURE_KEY
    yield from (data / f"kuntakaiku.db{ending}" for ending in ("", "-wal", "-shm"))
    yield from config.glob("*.env")
    yield from config.glob(".env")
    yield from (config / "secrets").rglob("*")
    if place := directory(program):
        yield from kept(place)
    if credentials := program.secrets.directory:
        yield from credentials.iterdir()


def disk(program: "Program") -> Iterator[Check]:
    """Look whether the database can grow."""
    directory = program.settings.data
    while not directory.exists():
        directory = directory.parent
    free = shutil.disk_usage(directory).free
    told = f"{free / 1e9:.1f} GB free at {directory}"
    yield judged("disk", told if free < LEAST_DISK else "", told, Cure(key="disk"))


def database(program: "Program") -> Iterator[Check]:
    """Look at the database's integrity, and at the version of its tables and of its engine."""
    problems = program.corpus.verify()
    posts = "" if problems else f"whole, {program.corpus.posts.count()} posts"
    yield judged("database", "; ".join(problems), posts, Cure(key="database"))
    engine = program.corpus.engine()
    told = f"{engine.name} {engine.version}, tables of version {engine.revision}"
    cure = Cure(key="database_version", values={"needed": f"{engine.name} {engine.oldest}"})
    yield judged("database version", told if engine.is_too_old else "", told, cure)


def clock(program: "Program") -> Iterator[Check]:
    """Look whether jobs began in the future, and what time a configured server says it is."""
    now = program.clock()
    newest = max((run.started_at for run in program.corpus.ledger.runs(limit=1)), default=now)
    ahead = newest > now + CLOCK_SLACK
    yield judged(
        "clock",
        f"{_told(now)}, but a job began at {_told(newest)}" if ahead else "",
        _told(now),
        Cure(key="clock"),
    )
    yield _skew(program)


def _skew(program: "Program") -> Check:
    from collector.server_clock import server_time

    if program.settings.now is not None:
        return Check(name="clock skew", ok=True, detail="not compared: the clock is set by --now")
    for source in program.configuration.enabled_sources:
        if source.base_url is None or (said := server_time(source.base_url, timeout=_PATIENCE)) is None:
            continue
        skew = machine_clock() - said
        far = abs(skew) > CLOCK_SLACK
        told = f"{abs(skew).total_seconds():.0f} s {'ahead of' if skew > timedelta() else 'behind'} {source.name}"
        return judged("clock skew", told if far else "", told, Cure(key="clock"))
    return Check(name="clock skew", ok=True, detail="not compared: no source could be asked for the time")


def _told(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
