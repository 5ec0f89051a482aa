"""The classified corpus as a file that other programs and people read."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from corpus.classified import Selection
from corpus.columnar import ColumnReader, PostColumns
from corpus.exchange import instant_text, to_row
from corpus.export import dataset, formats, pieces, straight
from corpus.export.columns import COLUMNS, COUNT_COLUMNS, Columns
from corpus.export.counts import Utterance, counted
from corpus.export.draft import ExportFailedError, scratch, sha256, whole, whole_directory
from corpus.export.package import Content, Publication, pack, zipped
from corpus.export.pieces import Spread
from corpus.export.projection import Projection, Research, Row, display
from corpus.export.taken import Taken
from corpus.exports import Export
from corpus.store import Corpus
from programme.errors import MisuseError
from programme.week import Week

__all__ = ["FORMATS", "ExportFailedError", "Exported", "Format", "Occasion", "ProjectionName", "Spread", "export"]

Format = Literal["csv", "csv-fi", "xlsx", "jsonl", "parquet", "ids", "package"]
FORMATS: tuple[Format, ...] = ("csv", "csv-fi", "xlsx", "jsonl", "parquet", "ids", "package")
ProjectionName = Literal["display", "research", "open"]
_BATCH = 1_000
_STRAIGHT: Mapping[str, Callable[[Path, Iterable[PostColumns]], None]] = {
    "csv": straight.write_csv,
    "jsonl": straight.write_jsonl,
    "parquet": formats.write_parquet_columns,
}
"""Formats that take everything as it is stored column by column, several times as fast; a day's limits count rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """When an export is made, by whom and for whom; it is recorded with what it holds."""

    at: datetime
    by: str
    person: str = ""
    """To whom it is handed; empty for the controller's own copy."""
    limits: Mapping[str, int] | None = None
    """Posts with their content that a person may be handed on one day (UTC), by network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export wrote."""

    export_id: int
    """Under which it is recorded."""
    posts: int
    """Of the file; of counts, those of the weeks that are told."""
    files: tuple[Path, ...]
    sha256: str
    """Over the file's content; of a package, over the list of its data files' hashes, which its citation tells."""
    gone: Mapping[str, int]
    """Posts of the query that have no text any more, by reason; some formats and projections leave them out."""


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
    without_text: bool = False,
    zone: ZoneInfo | None = None,
    publication: Publication | None = None,
    by_month: bool = False,
    spread: Spread | None = None,
) -> Exported:
    """Write the chosen posts to a file, oldest first, and return what was written; the name appears when it is whole.

    Args:
        corpus: what to write.
        out: the file; an older one is replaced. A package is a directory unless the name ends in ``.zip``.
        format: one of ``FORMATS``.
        occasion: under which it is recorded, before it stands under its name: no file is handed out that is not.
        projection: ``display``, ``research`` or ``open``; by default ``display``, of a package ``research``.
        since: first instant of creation.
        until: first instant after.
        theme: a slug, or ``none``, ``unsure``, ``unclassified``.
        language: as identified, else as the network says.
        key: of the pseudonyms; needed for ``research``.
        plan: the research plan's name: each plan has pseudonyms of its own.
        without_text: of ``research``: leave the texts out.
        zone: of the weeks; needed for ``open``.
        publication: what a package tells of itself; needed for ``package``.
        by_month: of ``parquet``: write a directory with a file or more for each month.
        spread: has pieces of the file written elsewhere; by default they are written here.

    Raises:
        MisuseError: the format or projection cannot be had, or the key is missing.
        LimitReachedError: the person would be handed more than a day allows.
        ExportFailedError: it could not be written.
    """
    projection = projection or ("research" if format == "package" else "display")
    asked = Selection(since=since, until=until, theme=theme, lang=language)
    made = _begun(occasion, plan, projection, format, _query(asked, without_text=without_text, by_month=by_month))
    taken, write = Taken(room=_room(corpus, occasion, format)), _writer(corpus, made, publication, spread)
    if projection == "open":
        columns, rows = COUNT_COLUMNS, _counts(corpus, made, taken, since, until, _allowed_open(made, zone))
    else:
        columns, project = COLUMNS, _projection(projection, key, plan, without_text=without_text)
        rows = taken.from_(_rows(corpus, asked), project, ids_only=format == "ids")
    if format == "package" and publication is not None:
        made = _packed(corpus, made, taken, rows, columns, publication, out, occasion)
    elif by_month:
        made = _by_month(corpus, made, taken, rows, out, occasion, spread)
    else:
        made = _one_file(corpus, made, taken, out, occasion, lambda draft: write(draft, rows, columns), asked, spread)
    return Exported(export_id=made.export_id, posts=taken.posts, files=(out,), sha256=made.sha256, gone=taken.gone)


def _query(asked: Selection, *, without_text: bool, by_month: bool) -> dict[str, datetime | str | None]:
    """Return what was asked, as it is recorded."""
    query = {"since": asked.since, "until": asked.until, "theme": asked.theme, "language": asked.lang}
    return query | ({"without_text": "true"} if without_text else {}) | ({"partition": "month"} if by_month else {})


def _one_file(
    corpus: Corpus,
    made: Export,
    taken: Taken,
    out: Path,
    occasion: Occasion,
    write: Callable[[Path], None],
    asked: Selection,
    spread: Spread | None,
) -> Export:
    """Write one file, straight from the columns where that is allowed, and return its record."""
    with whole(out) as draft:
        if spread or not _straight(corpus, made, draft, taken, asked):
            write(draft)
        return _recorded(corpus, made, taken, sha256(draft), occasion)


def _straight(corpus: Corpus, made: Export, draft: Path, taken: Taken, asked: Selection) -> bool:
    """Write what is handed out as it is stored column by column; return False where it must be looked at row by row."""
    if made.projection != "display" or made.format not in _STRAIGHT or taken.room:
        return False
    _STRAIGHT[made.format](draft, taken.whole(ColumnReader(corpus.database).batches(asked)))
    return True


def _begun(
    occasion: Occasion, plan: str, projection: str, format_: str, query: Mapping[str, datetime | str | None]
) -> Export:
    """Return the record of an export before anything is written."""
    return Export(
        made_at=occasion.at,
        made_by=occasion.by,
        person=occasion.person,
        plan=plan,
        projection=projection,
        format=format_,
        query={name: _written(asked) for name, asked in query.items() if asked},
        posts=0,
        sha256="",
        corpus_state={},
    )


def _packed(
    corpus: Corpus,
    made: Export,
    taken: Taken,
    rows: Iterator[Row],
    columns: Columns,
    publication: Publication,
    out: Path,
    occasion: Occasion,
) -> Export:
    """Write a package, as a directory or zipped, and return its record."""
    if out.suffix.lower() == ".zip":
        with whole(out) as draft, scratch(out) as directory:
            digest = pack(directory, rows, columns, Content(export=made, taken=taken), publication)
            zipped(directory, draft)
            return _recorded(corpus, made, taken, digest, occasion)
    with whole_directory(out) as directory:
        digest = pack(directory, rows, columns, Content(export=made, taken=taken), publication)
        return _recorded(corpus, made, taken, digest, occasion)


def _by_month(
    corpus: Corpus,
    made: Export,
    taken: Taken,
    rows: Iterator[Row],
    out: Path,
    occasion: Occasion,
    spread: Spread | None,
) -> Export:
    """Write a directory of Parquet files by month and return its record."""
    dataset.refuse_foreign(out)
    with whole_directory(out, replacing=True) as directory:
        tables = partial(pieces.tables, spread) if spread else None
        digest = dataset.write(directory, rows, COLUMNS, tables)
        return _recorded(corpus, made, taken, digest, occasion)


def _recorded(corpus: Corpus, made: Export, taken: Taken, digest: str, occasion: Occasion) -> Export:
    whole_record = replace(
        made, posts=taken.posts, sha256=digest, corpus_state=_state(corpus), networks=dict(taken.networks)
    )
    return corpus.exports.record(whole_record, taken.held, occasion.limits)


def _room(corpus: Corpus, occasion: Occasion, format_: str) -> dict[str, tuple[int, int]]:
    """Return what is left of the day's limits, so that an export is given up as soon as it goes beyond."""
    if not occasion.person or format_ == "ids":
        return {}
    return {
        network: (corpus.exports.handed(occasion.person, network, occasion.at), limit)
        for network, limit in (occasion.limits or {}).items()
    }


def _allowed_open(made: Export, zone: ZoneInfo | None) -> ZoneInfo:
    """Return the time zone, or raise where an open table would tell of few people, or cannot be made."""
    if made.format == "ids":
        raise MisuseError("The projection open has no ids.", "Choose another format, or --projection display.")
    if zone is None:
        raise MisuseError("The projection open counts weeks.", "Tell the time zone of the weeks.")
    if made.query.keys() & {"theme", "language", "without_text"}:
        raise MisuseError(
            "The projection open is not narrowed to a theme or language: beside the whole, the part would tell of few.",
            "Leave --theme, --language and --without-text out: theme and language are columns of the table.",
        )
    return zone


def _counts(
    corpus: Corpus, made: Export, taken: Taken, since: datetime | None, until: datetime | None, zone: ZoneInfo
) -> Iterator[Row]:
    """Yield the rows of the open table: of whole weeks that are over, since parts of weeks could be subtracted."""
    end = Week.of(made.made_at, zone).start_at(zone)
    if until is not None:
        end = min(end, Week.of(until, zone).start_at(zone))
    begin = since
    if since is not None and Week.of(since, zone).start_at(zone) < since:
        begin = Week.of(since, zone).end_at(zone)

    def utterances() -> Iterator[Utterance]:
        for post in corpus.posts.all_classified(since=begin, until=end, counted=True):
            said = post.stored.post
            if said.gone is not None:
                continue
            language = post.stored.lang or said.lang or "unsure"
            yield Utterance(
                week=str(Week.of(said.created_at, zone)),
                key=(post.standing, language, said.network),
                writer=said.author.native_id if said.author else "",
            )

    if begin is not None and begin >= end:
        return
    for count in counted(utterances()):
        if count.level == "week":
            taken.posts += count.posts
        yield {name: getattr(count, name) for name, _, _ in COUNT_COLUMNS}


def _written(asked: datetime | str) -> str:
    return instant_text(asked) if isinstance(asked, datetime) else asked


def _state(corpus: Corpus) -> dict[str, object]:
    posts, gone = corpus.database.query("SELECT count(*), count(gone) FROM posts")[0]
    model = corpus.judgements.active_model()
    return {"posts": posts, "gone": gone, "model": model and model.version}


def _projection(name: str, key: bytes | None, plan: str, *, without_text: bool) -> Projection:
    if without_text and name != "research":
        raise MisuseError("Only the projection research can leave the texts out.", "Add --projection research.")
    if name == "display":
        return display
    if name == "research":
        if not key:
            raise MisuseError(
                "The projection research needs a key for its pseudonyms.",
                "Set KUNTAKAIKU_PSEUDONYM_KEY to a long secret and keep it: the same key gives the same pseudonyms.",
            )
        return Research(key, plan, without_text=without_text)
    raise MisuseError(f"There is no projection {name!r}.", "Use display, research or open.")


def _writer(corpus: Corpus, made: Export, publication: Publication | None, spread: Spread | None) -> formats.Writer:
    name = made.format
    if name == "package" and publication is None:
        raise MisuseError("A package tells of its programme.", "Give what it is to tell, or choose another format.")
    if "partition" in made.query and (name != "parquet" or made.projection == "open"):
        raise MisuseError("Posts are parted by month in Parquet alone.", "Add --format parquet, without open counts.")
    if spread and made.projection == "open":
        raise MisuseError("Open counts are made by one process.", "Leave --engine out.")
    writers: dict[str, formats.Writer] = {
        "csv": formats.write_csv,
        "csv-fi": formats.write_csv_fi,
        "xlsx": formats.write_xlsx,
        "jsonl": formats.write_jsonl,
        "parquet": formats.write_parquet,
        "package": formats.write_csv,
        "ids": partial(formats.write_ids, networks=corpus.posts.network_count()),
    }
    if name not in writers:
        raise MisuseError(f"There is no format {name!r}.", f"Use one of {', '.join(FORMATS)}.")
    if spread:
        return pieces.spread_writer(name, spread, networks=corpus.posts.network_count())
    return writers[name]


def _rows(corpus: Corpus, asked: Selection) -> Iterator[tuple[int, Row]]:
    posts = corpus.posts.all_classified(since=asked.since, until=asked.until, theme=asked.theme, lang=asked.lang)
    while batch := list(islice(posts, _BATCH)):
        places = corpus.posts.municipalities([post.stored.post_id for post in batch])
        for post in batch:
            yield post.stored.post_id, to_row(post, places.get(post.stored.post_id, ()))
