"""`kuntakaiku trends`."""

from typing import TYPE_CHECKING, Annotated

import typer

from runtime.cli.coverage import WeekOption
from runtime.wiring import Program

if TYPE_CHECKING:
    from digest.growth import Growth
    from trends.explain import Counted
    from trends.report import TrendReport


def command(
    context: typer.Context,
    week: WeekOption = None,
    explain: Annotated[
        str | None, typer.Option(metavar="TOPIC", help="Every count of a topic, the test and the threshold.")
    ] = None,
) -> None:
    """Tell the emerging, growing, fading and recurring topics of a week, strongest first."""
    from runtime.jobs.classify import classify
    from runtime.jobs.trends import growth_of, told_with_places, trends_of

    program: Program = context.obj
    classify(program)
    asked = program.week(week)
    report = trends_of(program, asked)
    if explain is not None:
        _explain(program, report, explain)
        return
    language = program.configuration.programme.default_language
    lines = [
        f"{rank}. “{trend.topic}” – {trend.state}: {trend.writers} writers, {trend.posts} posts,"
        f" usually {trend.baseline:.1f} writers a week"
        for rank, trend in enumerate(report.trends, 1)
    ]
    if report.note:
        lines.append(program.messages.translate(report.note, language))
    elif not lines:
        lines.append(f"Nothing stood out of {report.posts} posts.")
    if report.quiet.detectable_in_nine_of_ten:
        lines.append(f"A topic of {report.quiet.detectable_in_nine_of_ten} writers would probably have been found.")
    grown = growth_of(program, asked)
    lines += [_grown(one, language) for one in grown if one.is_news]
    program.tell(told_with_places(program, report, grown), [f"Week {report.week}", *lines])


def _grown(one: "Growth", language: str) -> str:
    what = one.theme or "all posts"
    where = f" in {one.name[language]}" if one.region else ""
    return f"{what}{where}: {one.series[-1]} posts, usually {one.low}–{one.high}."


def _explain(program: Program, report: "TrendReport", wanted: str) -> None:
    from runtime.jobs.topics import topic_named
    from runtime.jobs.trends import explained

    key, terms = topic_named(program, wanted, report)
    found = explained(program, report.week, terms)
    verdict = "A term passes: it stood out." if found.passes else "No term passes: it did not stand out."
    if not found.stands_without_loudest:
        verdict = "One account wrote more than half of its posts, and it does not stand out without that account."
    lines = [
        f"Week {report.week}, topic {key}",
        f"{found.voices} voices this week, {found.voices_before} in {len(found.weeks)} weeks of history.",
        f"Threshold: {found.alpha} / {found.looked_at} terms looked at = {found.threshold:.2g}."
        " At least 3 voices, and twice the usual.",
        *map(_line, found.terms),
        *([f"Together: {_line(found.topic)}"] if len(found.terms) > 1 else []),
        verdict,
    ]
    program.tell({"week": str(report.week), "key": key, **found.as_json()}, lines)


def _line(one: "Counted") -> str:
    weekly = " ".join(str(n) for n in one.weekly)
    tested = "everyday speech" if one.everyday else "not tested: too few or no doubling" if one.p is None else ""
    if one.p is not None:
        tested = f"p = {one.p:.2g}" + (f", weighed {one.weighed:.2g}" if one.weighed is not None else "")
    return f"“{one.term}”: {one.y} voices; before: {weekly}; {tested}"
