"""The figures that monitoring reads: how sources, jobs, mails, backups and the disk fare."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING

from runtime.jobs.alerts import book_of
from runtime.jobs.backup import LAST

if TYPE_CHECKING:
    from console.vitals import Sample
    from runtime.wiring import Program

_WELL = frozenset({"ok", "empty"})
_ENDED_WELL = frozenset({"done", "partly"})
_COLLECTED = frozenset({"covered", "empty"})
_ISSUES = 3
_RUNS = 500
"""Latest runs among which each job's last one is looked for."""


def vitals(program: "Program") -> "list[Sample]":
    """Return every figure at this moment.

    Raises:
        DatabaseUnavailableError: the database does not answer.
    """
    return [*_machine(program), *_sources(program), *_jobs(program), *_mails(program)]


def _machine(program: "Program") -> "Iterator[Sample]":
    from console.vitals import Sample
    from runtime.jobs.serve import room

    engine, space = program.corpus.engine(), room(program)
    labels = {"version": version("kuntakaiku"), "engine": engine.name, "tables": engine.revision}
    yield Sample(name="kuntakaiku_build_info", value=1, labels=labels)
    yield Sample(name="kuntakaiku_posts", value=program.corpus.posts.count())
    yield Sample(name="kuntakaiku_disk_free_bytes", value=space.free)
    if space.database is not None:
        yield Sample(name="kuntakaiku_database_bytes", value=space.database)
    last = program.corpus.facts.get(LAST)
    if isinstance(last, str):
        at = datetime.fromisoformat(last).timestamp()
        yield Sample(name="kuntakaiku_backup_last_timestamp_seconds", value=at)


def _sources(program: "Program") -> "Iterator[Sample]":
    from collector.stream_state import stream_state
    from console.vitals import Sample

    ledger, now = program.corpus.ledger, program.clock()
    states = {state.source: state for state in ledger.source_states()}
    hours = ledger.coverage(now - timedelta(days=7), now)
    for source in program.configuration.enabled_sources:
        both = {"round": states.get(source.name)}
        if source.stream is not None:
            both["stream"] = stream_state(program.corpus, source.name)
        for way, state in both.items():
            if state is None:
                continue
            labels = {"source": source.name, "way": way}
            yield Sample(name="kuntakaiku_source_well", value=state.state in _WELL, labels=labels)
            if state.last_success_at:
                at = state.last_success_at.timestamp()
                yield Sample(name="kuntakaiku_source_last_success_timestamp_seconds", value=at, labels=labels)
        missing = sum(hour.source == source.name and hour.state not in _COLLECTED for hour in hours)
        yield Sample(name="kuntakaiku_source_hours_missing", value=missing, labels={"source": source.name})


def _jobs(program: "Program") -> "Iterator[Sample]":
    from console.vitals import Sample

    seen: set[str] = set()
    for run in program.corpus.ledger.runs(limit=_RUNS):
        job = _kind(run.job)
        if job in seen or run.ended_at is None:
            continue
        seen.add(job)
        yield Sample(name="kuntakaiku_job_well", value=run.state in _ENDED_WELL, labels={"job": job})
        at = run.ended_at.timestamp()
        yield Sample(name="kuntakaiku_job_last_end_timestamp_seconds", value=at, labels={"job": job})


def _kind(job: str) -> str:
    """Return a job's name without its issue or source: few label values, for good."""
    words = job.split()
    return " ".join(words[:2]) if words[0] == "digest" else words[0]


def _mails(program: "Program") -> "Iterator[Sample]":
    from console.vitals import Sample

    issues = program.corpus.issues
    latest = sorted(issues.all(), key=lambda issue: issue.key)[-_ISSUES:]
    states = Counter(one.state for issue in latest for one in issues.deliveries(issue.key))
    for state in ("pending", "sending", "sent", "deferred", "refused", "in_doubt"):
        yield Sample(name="kuntakaiku_deliveries", value=states[state], labels={"state": state})
    yield Sample(name="kuntakaiku_alerts_undelivered", value=len(book_of(program).undelivered))
