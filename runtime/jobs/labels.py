"""People's labels as JSONL: out of the corpus and into it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from language.text import clean
from programme.errors import MisuseError
from programme.types import NONE, UNSURE
from runtime.jobs.labelled import read_records

if TYPE_CHECKING:
    from corpus.post import Label
    from runtime.wiring import Program

_LONGEST_NAME = 200


def write_labels(program: "Program", file: Path) -> int:
    """Write every label, as ``{network, native_id, text, lang, theme, by, at, guideline, blind, audit}``; how many.

    Raises:
        MisuseError: what is named is no file.
    """
    if not file.name:
        raise MisuseError(f"{file} is no file.", "Name the file to write.")
    partial = file.with_name(f"{file.name}.partial")
    written = 0
    with partial.open("w", encoding="utf-8") as lines:
        for stored, label in program.corpus.judgements.labels():
            row = {
                "id": f"{stored.post.network}:{stored.post.native_id}",
                "network": stored.post.network,
                "native_id": stored.post.native_id,
                "text": stored.post.text,
                "lang": stored.lang,
                "theme": label.theme,
                "by": label.by,
                "at": label.at.isoformat().replace("+00:00", "Z"),
                "guideline": label.guideline,
                "blind": label.blind,
                "audit": label.audit,
            }
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
            written += 1
    partial.replace(file)
    return written


def read_labels(program: "Program", file: Path) -> tuple[int, int, list[str]]:
    """Store the labels of a file and return how many were new, how many known, and why others were left aside."""
    allowed = {*program.configuration.programme.slugs, UNSURE, NONE}
    pairs: list[tuple[int, Label]] = []
    rejected: list[str] = []
    for number, record in read_records(file):
        try:
            if isinstance(record, ValueError):
                raise record
            pairs.append((_post_id(program, record), _label(record, allowed)))
        except ValueError as error:
            rejected.append(f"line {number}: {error}")
    new = program.corpus.judgements.add_labels(pairs)
    return new, len(pairs) - new, rejected


def _post_id(program: "Program", record: Mapping[str, object]) -> int:
    network, native_id = record.get("network"), record.get("native_id")
    if not isinstance(network, str) or not isinstance(native_id, str):
        raise ValueError("it names no post: network and native_id are needed")  # noqa: TRY004 - a value of a file
    found = program.corpus.posts.by_native_id(clean(network), clean(native_id))
    if found is None:
        raise ValueError("the corpus does not hold this post")
    return found.stored.post_id


def _label(record: Mapping[str, object], allowed: set[str]) -> "Label":
    from corpus.post import Label

    theme, by, at, guideline = (record.get(key) for key in ("theme", "by", "at", "guideline"))
    if "theme" not in record or not (theme is None or (isinstance(theme, str) and theme in allowed)):
        raise ValueError("the programme has no such theme")
    if not isinstance(by, str) or not by.strip():
        raise ValueError("it does not say by whom")
    if len(by) > _LONGEST_NAME:
        raise ValueError(f"by is longer than {_LONGEST_NAME} characters")
    if not isinstance(at, str):
        raise ValueError("it does not say when")  # noqa: TRY004 - a value of a file
    return Label(
        theme=None if theme == NONE else theme,
        by=clean(by.strip()),
        at=_instant(at),
        guideline=clean(guideline) if isinstance(guideline, str) else None,
        blind=record.get("blind") is True,
        audit=record.get("audit") is True,
    )


def _instant(written: str) -> datetime:
    try:
        instant = datetime.fromisoformat(written)
        return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"at is no time: {written!r:.40}") from None
