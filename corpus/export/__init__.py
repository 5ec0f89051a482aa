"""The classified corpus as a file that other programs and people read."""

import hashlib
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Literal

from corpus.exchange import instant_text, to_row
from corpus.export import formats
from corpus.export.projection import Projection, Research, Row, display
from corpus.exports import Export
from corpus.held import Held
from corpus.post import ClassifiedPost
from corpus.store import Corpus
from programme.errors import KuntakaikuError, MisuseError

Format = Literal["csv", "csv-fi", "xlsx", "jsonl", "parquet", "ids", "package"]
FORMATS: tuple[Format, ...] = ("csv", "csv-fi", "xlsx", "jsonl", "parquet", "ids", "package")
ProjectionName = Literal["display", "research", "open"]
_BATCH = 1_000
_READ = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """When an export is made, by whom and for whom; it is recorded with what it holds."""

    at: datetime
    by: str
    person: str = ""
    """To whom it is handed; empty for the controller's own copy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export wrote."""

    export_id: int
    """Under which it is recorded."""
    posts: int
    files: tuple[Path, ...]
    sha256: str
    """Over the file's content."""
    gone: Mapping[str, int]
    """Posts of the query that have no text any more, by reason; some formats and projections leave them out."""


class ExportFailedError(KuntakaikuError):
    """The file could not be written; nothing stands under its name."""


def export(
    corpus: Corpus,
    *,
    out: Path,
    format: str,  # noqa: A002 - what the command line calls it
    occasion: Occasion,
    projection: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    theme: str | None = None,
    language: str | None = None,
    key: bytes | None = None,
    plan: str = "",
) -> Exported:
    """Write the chosen posts to a file, oldest first, and return what was written; the name appears when it is whole.

    Args:
        corpus: what to write.
        out: the file; an older one of that name is replaced.
        format: one of ``FORMATS``.
        occasion: under which it is recorded, before it stands under its name: no file is handed out that is not.
        projection: ``display``, ``research`` or ``open``; by default ``display``.
        since: first instant of creation.
        until: first instant after.
        theme: a slug, or ``none``, ``unsure``, ``unclassified``.
        language: as identified, else as the network says.
        key: of the pseudonyms; needed for ``research``.
        plan: the research plan's name: each plan has pseudonyms of its own.

    Raises:
        MisuseError: the format or projection cannot be had, or the key is missing.
        ExportFailedError: the file could not be written.
    """
    projection = projection or ("research" if format == "package" else "display")
    project = _projection(projection, key, plan)
    write = _writer(corpus, format)
    taken = _Taken()
    chosen = corpus.posts.all_classified(since=since, until=until, theme=theme, lang=language)
    with _whole(out) as draft:
        write(draft, taken.from_(_rows(corpus, chosen), project, with_gone=format != "ids"))
        query = {"since": since, "until": until, "theme": theme, "language": language}
        made = Export(
            made_at=occasion.at,
            made_by=occasion.by,
            person=occasion.person,
            plan=plan,
            projection=projection,
            format=format,
            query={name: _written(asked) for name, asked in query.items() if asked},
            posts=taken.posts,
            sha256=_sha256(draft),
            corpus_state=_state(corpus),
        )
        made = corpus.exports.record(made, taken.held)
    return Exported(export_id=made.export_id, posts=taken.posts, files=(out,), sha256=made.sha256, gone=taken.gone)


@dataclass(slots=True)
class _Taken:
    """What goes into an export, counted as it goes."""

    held: Held = field(default_factory=Held)
    gone: Counter[str] = field(default_factory=Counter)
    posts: int = 0

    def from_(self, rows: Iterator[tuple[int, Row]], project: Projection, *, with_gone: bool) -> Iterator[Row]:
        """Yield the rows that may leave."""
        for post_id, row in rows:
            if row["gone"] is not None:
                self.gone[row["gone"]] += 1
            projected = project(row) if with_gone or row["gone"] is None else None
            if projected is not None:
                self.posts += 1
                if row["gone"] is None:
                    self.held.add(post_id, row["text"])
                yield projected


def _written(asked: datetime | str) -> str:
    return instant_text(asked) if isinstance(asked, datetime) else asked


def _state(corpus: Corpus) -> dict[str, object]:
    found, model = corpus.posts.statistics(), corpus.judgements.active_model()
    return {"posts": found.posts, "gone": found.gone, "model": model and model.version}


def _projection(name: str, key: bytes | None, plan: str) -> Projection:
    if name == "display":
        return display
    if name == "research":
        if not key:
            raise MisuseError(
                "The projection research needs a key for its pseudonyms.",
                "Set KUNTAKAIKU_PSEUDONYM_KEY to a long secret and keep it: the same key gives the same pseudonyms.",
            )
        return Research(key, plan)
    if name == "open":
        raise MisuseError("The projection open is not made yet.", "Use research, or display for your own work.")
    raise MisuseError(f"There is no projection {name!r}.", "Use display or research.")


def _writer(corpus: Corpus, name: str) -> formats.Writer:
    if name == "package":
        raise MisuseError("The format package is not made yet.", "Use parquet or csv with --projection research.")
    writers: dict[str, formats.Writer] = {
        "csv": formats.write_csv,
        "csv-fi": formats.write_csv_fi,
        "xlsx": formats.write_xlsx,
        "jsonl": formats.write_jsonl,
        "parquet": formats.write_parquet,
        "ids": partial(formats.write_ids, networks=corpus.posts.network_count()),
    }
    if name not in writers:
        raise MisuseError(f"There is no format {name!r}.", f"Use one of {', '.join(FORMATS)}.")
    return writers[name]


def _rows(corpus: Corpus, posts: Iterator[ClassifiedPost]) -> Iterator[tuple[int, Row]]:
    while batch := list(islice(posts, _BATCH)):
        places = corpus.posts.municipalities([post.stored.post_id for post in batch])
        for post in batch:
            yield post.stored.post_id, to_row(post, places.get(post.stored.post_id, ()))


@contextmanager
def _whole(out: Path) -> Iterator[Path]:
    """Give a file beside the wanted one, which takes its name when all is written and is removed when not."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        # Readable to nobody else: it holds people's words.
        descriptor, name = tempfile.mkstemp(prefix=f".{out.name}.", suffix=".part", dir=out.parent)
        os.close(descriptor)
    except OSError as error:
        raise _failed(out, error) from error
    draft = Path(name)
    try:
        yield draft
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(out)
    except OSError as error:
        raise _failed(out, error) from error
    finally:
        draft.unlink(missing_ok=True)


def _failed(out: Path, error: OSError) -> ExportFailedError:
    return ExportFailedError(
        f"The export {out} could not be written ({error.strerror}).",
        "Make room or choose another place, then run the command again.",
    )


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_READ):
            digest.update(piece)
    return digest.hexdigest()
