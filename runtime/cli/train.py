"""`kuntakaiku train [--labels FILE]`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from runtime.cli.speak import table
from runtime.wiring import Program

if TYPE_CHECKING:
    from classifier.evaluate import Report

SEED = 2021


def command(
    context: typer.Context,
    labels: Annotated[
        Path | None, typer.Option(metavar="FILE", help="JSONL {id, text, lang?, theme}; default: the corpus' labels.")
    ] = None,
) -> None:
    """Train the classifier and put it in use; without any label, from the themes' own texts and the corpus' posts."""
    from classifier.train import train
    from runtime.jobs.classify import CURRENT
    from runtime.jobs.labelled import corpus_examples, read_labelled, told

    program: Program = context.obj
    programme = program.configuration.programme
    found = read_labelled(labels) if labels else None
    report = train(
        programme,
        found.examples if found else corpus_examples(program),
        (text for _, text, _ in program.corpus.posts.texts(limit=20_000)),
        into=program.models / CURRENT,
        seed=SEED,
        now=program.clock(),
        vectors=program.vectors,
    )
    rejected = list(found.rejected) if found else []
    program.tell(report.as_json() | {"rejected": rejected}, [*report_lines(report), *told(rejected)])


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
