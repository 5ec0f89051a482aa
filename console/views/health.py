"""Whether everything works: what was collected of a week, gaps and their remedies, runs, money and room."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, Response

from console.paper import TROUBLED, Face, page, refusal
from console.strip import Day, Stretch, days, troubles
from corpus.ledger import Run, SourceState
from digest.inert import one_line
from digest.remedy import remedy
from programme.errors import MisuseError
from programme.week import Week

if TYPE_CHECKING:
    from collector.coverage import CoverageReport, Gap, SourceCoverage

RUNS = 30
"""Of late, on the page."""
_COUNTED = ("inserted", "updated", "buried", "rejected", "classified", "sent", "expired")
"""Counts of a run that are told, in this order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GapLine:
    """A gap in words."""

    source: str
    when: str
    why: str
    problem: str
    """As the network, or our reading of it, said; in English."""
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """A source's week in words."""

    name: str
    covered: int
    hours: int
    posts: int
    quota_hits: int
    missed: str
    gaps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLine:
    """A day in words and as a drawing."""

    name: str
    said: str
    """All that the drawing tells."""
    day: Day


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """A run in words."""

    job: str
    state: str
    started: str
    took: str
    result: str
    problem: str


def show(face: Face) -> Response:
    """Return the page of a week, by default the last whole one."""
    try:
        week = face.house.week(face.request.query_params.get("week") or None)
    except MisuseError:
        return refusal(face, "health", "health.no_week", 404)
    report = face.house.coverage(week)
    zone = face.house.configuration.programme.zone
    found = days({one.source: one.hours for one in report.sources}, zone)
    states = face.house.corpus.ledger.source_states()
    audits = face.house.corpus.ledger.audits(limit=200)
    html = page(
        face,
        "health.html.j2",
        current="health",
        title=face.t("health.title"),
        week=week,
        week_dates=face.speak.week_dates(week),
        newest=face.house.week(None),
        earlier=week.plus(-1),
        later=week.plus(1) if week < Week.of(face.now, zone) else None,
        troubles=_sources_in_trouble(face, states),
        working=sum(state.state not in TROUBLED for state in _enabled(face, states)),
        report=report,
        sources=[_source(face, one) for one in report.sources],
        days=[_day(face, one) for one in found],
        legend=troubles(found),
        gaps=[_gap(face, one, gap) for one in report.sources for gap in one.gaps],
        refilled=_refilled(face, report),
        runs=[_run(face, run) for run in _late_runs(face)],
        budgets=face.house.budgets(),
        room=face.house.room(),
        backup=next((one.at for one in audits if one.what == "backed up"), None),
        gone=sum(sum(one.gone.values()) for one in report.sources),
        months=face.house.configuration.site.privacy.retention_months,
    )
    return HTMLResponse(html)


def _enabled(face: Face, states: Sequence[SourceState]) -> list[SourceState]:
    names = {source.name for source in face.house.configuration.enabled_sources}
    return [state for state in states if state.source in names]


def _sources_in_trouble(face: Face, states: Sequence[SourceState]) -> list[dict[str, str]]:
    return [
        {
            "title": face.t(f"health.trouble.{state.state}", source=face.source(state.source)),
            "since": face.t("health.trouble.since", when=face.moment(state.since_at)),
            "problem": one_line(state.problem or "")[:300],
            "next": face.t("health.trouble.resume", when=face.moment(state.resume_at))
            if state.resume_at
            else face.t("health.trouble.next"),
        }
        for state in _enabled(face, states)
        if state.state in TROUBLED
    ]


def _source(face: Face, one: "SourceCoverage") -> SourceLine:
    missed = "0"
    if one.missed is not None:
        missed = face.n("health.about", one.missed.posts)
    elif one.hours_missing:
        missed = face.t("health.unknown")
    return SourceLine(
        name=face.source(one.source),
        covered=one.hours_covered,
        hours=one.hours_covered + one.hours_missing,
        posts=one.posts,
        quota_hits=one.quota_hits,
        missed=missed,
        gaps=tuple(f"{face.speak.outage(gap.from_at, gap.to_at)}: {_why(face, gap.state)}" for gap in one.gaps),
    )


def _gap(face: Face, one: "SourceCoverage", gap: "Gap") -> GapLine:
    fix = gap.remedy
    return GapLine(
        source=face.source(one.source),
        when=face.speak.outage(gap.from_at, gap.to_at),
        why=_why(face, gap.state),
        problem=one_line(gap.problem or "")[:300],
        remedy=remedy(face.speak, fix.way, fix.until, posts=gap.posts, usd=gap.usd, command=gap.command),
    )


def _refilled(face: Face, report: "CoverageReport") -> list[str]:
    return [
        face.t(
            "health.refilled",
            source=face.source(one.source),
            when=face.speak.outage(was.from_at, was.to_at),
            why=_why(face, was.was),
            at=face.moment(was.at),
        )
        for one in report.sources
        for was in one.refilled
    ]


def _why(face: Face, state: str) -> str:
    return face.speak.text(f"digest.outage.{state}")


def _day(face: Face, day: Day) -> DayLine:
    name = face.speak.weekday(day.on)
    said = [f"{name}.", face.n("health.day.sources", len(day.counts))]
    said += [_stretch(face, one) for one in day.missing]
    said += [face.n("health.day.refilled", hours, source=face.source(source)) for source, hours in day.refilled.items()]
    if not day.missing:
        said.append(face.t("health.day.no_gaps"))
    return DayLine(name=name, said=" ".join(said), day=day)


def _stretch(face: Face, one: Stretch) -> str:
    when, why = face.speak.outage(one.from_at, one.to_at), _why(face, one.state)
    return face.t("health.day.gap", source=face.source(one.source), when=when, why=why)


def _late_runs(face: Face) -> list[Run]:
    """Return the latest runs; the slot of a round is not told beside the round itself."""
    return [run for run in face.house.corpus.ledger.runs(limit=2 * RUNS) if not run.job.startswith("collect ")][:RUNS]


def _run(face: Face, run: Run) -> RunLine:
    kind, _, of = run.job.removeprefix("digest ").partition(" ")
    try:
        job = " ".join(part for part in (face.t(f"health.job.{kind}"), one_line(of)[:40]) if part)
    except KeyError:
        job = one_line(run.job)[:60]
    if run.source:
        job = face.t("health.job_of", job=job, source=face.source(run.source))
    seconds = round((run.ended_at - run.started_at).total_seconds()) if run.ended_at else None
    counts = [face.n(f"health.count.{key}", run.counts[key]) for key in _COUNTED if run.counts.get(key)]
    return RunLine(
        job=job,
        state=run.state,
        started=face.moment(run.started_at),
        took="" if seconds is None else face.t("health.seconds", n=face.speak.number(seconds)),
        result=", ".join(counts),
        problem=one_line(run.problem or "")[:300],
    )
