"""Labelled texts as JSONL: ``{id, text, lang?, theme, author?, created_at?}``."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from language.text import clean
from programme.errors import MisuseError
from programme.types import NONE, UNSURE

if TYPE_CHECKING:
    from classifier.example import Example
    from runtime.wiring import Program

_TOLD = 5
"""Bad lines that are told one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """What a file of labelled texts held."""

    examples: "tuple[Example, ...]"
    rejected: tuple[str, ...]
    """Each bad line as ``line N: why``."""


def read_labelled(path: Path) -> Labelled:
    """Return the labelled texts of a file; lines that cannot be used are told apart.

    Raises:
        MisuseError: the file cannot be read, or holds no usable line.
    """
    examples: list[Example] = []
    rejected: list[str] = []
    for number, record in read_records(path):
        try:
            if isinstance(record, ValueError):
                raise record
            examples.append(_example(number, record))
        except ValueError as error:
            rejected.append(f"line {number}: {error}")
    if not examples:
        first = f" ({rejected[0]})" if rejected else ""
        raise MisuseError(
            f"{path} holds no labelled text{first}.",
            'Write one JSON object a line: {"id": "1", "text": "…", "theme": "a theme\'s slug"}, theme null for none.',
        )
    return Labelled(examples=tuple(examples), rejected=tuple(rejected))


def told(rejected: Iterable[str]) -> list[str]:
    """Return a few lines about what was left aside."""
    lines = list(rejected)
    more = [f"… and {len(lines) - _TOLD} more"] if len(lines) > _TOLD else []
    return [f"left aside, {line}" for line in lines[:_TOLD]] + more


def read_records(path: Path) -> "Iterator[tuple[int, dict[str, object] | ValueError]]":
    """Yield the number and the JSON object of each line that is not empty, or why it is none.

    Raises:
        MisuseError: the file cannot be read.
    """
    try:
        with path.open("rb") as lines:
            yield from records_of(lines)
    except OSError as error:
        raise MisuseError(f"{path} cannot be read: {error.strerror}.", "Name a JSONL file.") from error


def records_of(lines: Iterable[bytes]) -> "Iterator[tuple[int, dict[str, object] | ValueError]]":
    """Yield the number and the JSON object of each line that is not empty, or why it is none."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield number, _record(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)


def _record(line: bytes) -> "dict[str, object] | ValueError":
    try:
        record = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return ValueError("it is no JSON")
    return record if isinstance(record, dict) else ValueError("it is no JSON object")


def _refuse(constant: str) -> None:
    raise ValueError(constant)  # NaN and Infinity are Python's, not JSON's


def _example(number: int, record: dict[str, object]) -> "Example":
    from classifier.example import Example

    text, theme = record.get("text"), record.get("theme")
    if not isinstance(text, str):
        raise ValueError("it has no text")  # noqa: TRY004 - a value of a file, not a programmer's type
    if "theme" not in record or not (theme is None or isinstance(theme, str)):
        raise ValueError("it has no theme")
    lang, author, created = record.get("lang"), record.get("author"), record.get("created_at")
    return Example(
        id=clean(str(record.get("id", number))),
        text=clean(text),
        lang=clean(lang) if isinstance(lang, str) and lang else None,
        theme=None if theme in (None, NONE) else clean(theme),
        author=clean(author) if isinstance(author, str) else None,
        created_at=_instant(created),
    )


def _instant(written: object) -> datetime | None:
    if not isinstance(written, str):
        return None
    try:
        instant = datetime.fromisoformat(written)
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def corpus_examples(program: "Program", *, up_to: int) -> "list[Example]":
    """Return the corpus' labelled posts: the newest label of each decides.

    Args:
        program: the house.
        up_to: number of the last label that is heeded; who trains knows by it what was learnt.
    """
    from classifier.example import Example

    newest: dict[int, Example] = {}
    for stored, label in program.corpus.judgements.labels(up_to=up_to):
        post = stored.post
        if post.text is not None:
            newest[stored.post_id] = Example(
                id=f"{post.network}:{post.native_id}",
                text=post.text,
                lang=stored.lang if stored.lang not in {None, "other", UNSURE} else None,
                theme=label.theme,
                author=f"{post.network}:{post.author.native_id}" if post.author else None,
                created_at=post.created_at,
            )
    return list(newest.values())
