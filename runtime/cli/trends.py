"""`kuntakaiku trends`."""

import typer

from runtime.cli.coverage import WeekOption
from runtime.wiring import Program


def command(context: typer.Context, week: WeekOption = None) -> None:
    """Tell the emerging, growing, fading and recurring topics of a week, strongest first."""
    from runtime.jobs.classify import classify
    from runtime.jobs.trends import trends_of

    program: Program = context.obj
    classify(program)
    report = trends_of(program, program.week(week))
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
    program.tell(report.as_json(), [f"Week {report.week}", *lines])
