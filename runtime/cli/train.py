"""`kuntakaiku train [--labels FILE] [--force]`."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from runtime.cli.speak import progress_bar, table
from runtime.wiring import Program

if TYPE_CHECKING:
    from classifier.evaluate import Report


def command(
    context: typer.Context,
    *,
    labels: Annotated[
        Path | None, typer.Option(metavar="FILE", help="JSONL {id, text, lang?, theme}; default: the corpus' labels.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Put the new classifier in use also where it is worse than the one before.")
    ] = False,
) -> None:
    """Train the classifier and put it in use; without any label, from the themes' own texts and the corpus' posts.

    A classifier that is worse than the one in use is not put in use, and the exit is 3.
    """
    from runtime.jobs.classify import change_line
    from runtime.jobs.labelled import told
    from runtime.jobs.train import comparison_line, train_corpus

    program: Program = context.obj
    program.tell_missing_vectors()
    show = partial(progress_bar, shown=not program.quiet)
    done = train_corpus(program, labels=labels, force=force, show=show)
    lines = report_lines(done.report)
    if done.report.comparison is not None:
        lines.append(comparison_line(done.report))
    if not done.report.in_use:
        lines.append("It is worse, so the one before stays in use. --force puts the new one in use nevertheless.")
    if done.classified is not None and done.classified.posts:
        lines.append(f"{done.classified.posts} posts of the corpus were judged again.")
    if done.classified is not None and done.classified.change is not None:
        lines.append(change_line(done.classified.change))
    program.tell(done.as_json(), [*lines, *told(done.rejected)])
    raise typer.Exit(0 if done.report.in_use else 3)


def report_lines(report: "Report") -> list[str]:
    """Return a report for people: what it was measured on comes first."""
    themes = [
        (slug, figures.n, f"{figures.precision:.2f}", f"{figures.recall:.2f}", f"{figures.f1:.2f}")
        for slug, figures in report.per_theme.items()
    ]
    languages = [
        (code, figures.n, f"{figures.macro_f1:.2f}", f"{figures.accuracy:.2f}")
        for code, figures in report.per_language.items()
    ]
    low, high = report.intervals.get("macro_f1", (0.0, 0.0))
    figures = [
        f"macro-F1 {report.macro_f1:.3f} (95 % {low:.3f}–{high:.3f}), accuracy {report.accuracy:.3f},"
        f" answered {report.coverage:.0%}, calibration error {report.ece:.3f}, n = {report.n}",
        "",
        *table(("theme", "n", "precision", "recall", "F1"), themes),
        "",
        *table(("language", "n", "macro-F1", "accuracy"), languages),
    ]
    return [
        f"Classifier {report.model}. Measured on: {report.measured_on}",
        *(figures if report.n else []),
        *(["Provisional: fewer than 50 labels; do not quote these figures."] if report.provisional else []),
        *report.notes,
    ]
