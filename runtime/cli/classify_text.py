"""`kuntakaiku classify-text [FILE]`."""

import sys
from contextlib import AbstractContextManager, nullcontext
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from programme.errors import MisuseError
from runtime.cli.speak import Progress, progress_bar, tell_json
from runtime.wiring import Program

if TYPE_CHECKING:
    from classifier.predict import Classifier
    from corpus.post import Prediction

_BATCH = 64
"""Texts that are answered together: a waiting caller sees the first ones soon."""


def command(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="Default: standard input.")] = None,
) -> None:
    """Classify JSONL `{id, text[, lang]}` into JSONL, one line a text in the same order, without a database.

    A line that cannot be read is answered by a line with `error`; the rest goes on, and the exit is 3.
    """
    from runtime.jobs.classify import open_classifier

    program: Program = context.obj
    with _opened(file) as lines:
        program.tell_missing_vectors()
        # Where the answers come to the same terminal, they are the progress.
        with progress_bar("texts", shown=not program.quiet and not sys.stdout.isatty()) as progress:
            bad = _answer(open_classifier(program, with_vectors=True), lines, progress, _count(file))
    raise typer.Exit(3 if bad else 0)


def _opened(file: Path | None) -> AbstractContextManager[BinaryIO]:
    """Return the lines to answer, before the classifier takes its time to open."""
    if file is None:
        return nullcontext(sys.stdin.buffer)
    try:
        return file.open("rb")
    except OSError as error:
        raise MisuseError(f"{file} cannot be read: {error.strerror}.", "Name a JSONL file.") from error


def _count(file: Path | None) -> int | None:
    """Return how many texts wait where somebody may watch; None where that is not known beforehand."""
    if file is None or not file.is_file() or not sys.stderr.isatty():
        return None
    with file.open("rb") as lines:
        return sum(1 for line in lines if line.strip())


def _answer(classifier: "Classifier", lines: BinaryIO, progress: Progress, total: int | None) -> int:
    """Write an answer to each line and return how many could not be read."""
    from classifier.example import Text
    from runtime.jobs.labelled import records_of

    bad = done = 0
    records = records_of(lines)
    while batch := list(islice(records, _BATCH)):
        readable = [(number, record) for number, record in batch if _is_readable(record)]
        texts = [
            Text(text=str(record["text"]), lang=str(record["lang"]) if record.get("lang") else None)
            for _, record in readable
            if isinstance(record, dict)
        ]
        answers = dict(zip((number for number, _ in readable), classifier.predict(texts), strict=True))
        for number, record in batch:
            answer = answers.get(number)
            native_id = _id(record, number)
            if answer is None:
                bad += 1
                problem = str(record) if isinstance(record, ValueError) else "it has no text"
                line: dict[str, object] = {"id": native_id, "error": f"line {number}: {problem}"}
            else:
                line = {"id": native_id, **as_json(answer)}
            tell_json(line)
        sys.stdout.flush()
        done += len(batch)
        progress(done, total)
    return bad


def _is_readable(record: "dict[str, object] | ValueError") -> bool:
    return isinstance(record, dict) and isinstance(record.get("text"), str)


def _id(record: "dict[str, object] | ValueError", number: int) -> str | int | float:
    """Return what the answer is called by: the record's id, or its line where it has none that JSON can give back."""
    native_id = record.get("id") if isinstance(record, dict) else None
    if isinstance(native_id, str | int) or (isinstance(native_id, float) and isfinite(native_id)):
        return native_id
    return number


def as_json(prediction: "Prediction") -> dict[str, object]:
    """Return a prediction as the contract prints it."""
    return {
        "lang": prediction.lang,
        "theme": prediction.theme,
        "themes": list(prediction.themes),
        "confidence": prediction.confidence,
        "scores": dict(prediction.scores),
        "reasons": [
            {"kind": reason.kind, "text": reason.text, "weight": reason.weight} for reason in prediction.reasons
        ],
        "could_be": list(prediction.could_be),
        "projects": list(prediction.projects),
        "phenomena": list(prediction.phenomena),
        "model": prediction.model,
    }
