"""Importing contents as files, and what came of it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from collector.archive.load import Imported, import_files
from corpus.post import Post
from corpus.store import Corpus
from programme.types import Programme

NOW = datetime(2026, 11, 17, tzinfo=UTC)
Bring = Callable[..., Imported]


def bring_into(corpus: Corpus, programme: Programme, directory: Path) -> Bring:
    """Return a function that imports a content from a file, with a mapping beside it where one is given."""

    def bring(content: bytes | str, *, mapping: str | None = None, **options: Any) -> Imported:  # noqa: ANN401  # passed on
        path = directory / "archive"
        written = content.encode() if isinstance(content, str) else content
        if not path.exists() or path.read_bytes() != written:
            path.write_bytes(written)
        beside = path.with_name("archive.map.toml")
        beside.unlink(missing_ok=True)
        if mapping is not None:
            beside.write_text(mapping, "utf-8")
        options = {"programme": programme, "now": NOW, "rejects_directory": directory / "rejects", **options}
        return import_files(corpus, [path], **options)

    return bring


def posts_of(corpus: Corpus) -> dict[str, Post]:
    """Return what the corpus holds, by native id."""
    return {found.stored.post.native_id: found.stored.post for found in corpus.posts.all_classified()}


def rejects_of(found: Imported) -> list[dict[str, Any]]:
    """Return the rejected records that an import kept aside."""
    if found.rejects_file is None:
        return []
    return [json.loads(line) for line in found.rejects_file.read_bytes().splitlines()]


def reasons_of(found: Imported) -> list[str]:
    """Return why records were rejected."""
    return [one["reason"] for one in rejects_of(found)]
