"""`kuntakaiku evaluate FILE`."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from runtime.cli.speak import progress_bar
from runtime.cli.train import report_lines
from runtime.wiring import Program


def command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSONL {id, text, lang?, theme}, theme null for none.")],
) -> None:
    """Measure the classifier in use on labelled texts that it has not learnt from."""
    from classifier.evaluate import evaluate
    from runtime.jobs.classify import open_classifier
    from runtime.jobs.labelled import read_labelled, told

    program: Program = context.obj
    found = read_labelled(file)
    program.tell_missing_vectors()
    show = partial(progress_bar, shown=not program.quiet)
    report = evaluate(open_classifier(program, with_vectors=True, show=show), found.examples)
    program.tell(report.as_json() | {"rejected": list(found.rejected)}, [*report_lines(report), *told(found.rejected)])
