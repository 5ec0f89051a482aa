"""Whole columns into a file: the display projection as JSONL, CSV and Parquet, byte for byte as row by row.

Row by row a post costs some thirty microseconds before a format has seen it; a column is turned over by C.
"""

import csv
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec

from corpus.columnar import Column, PostColumns
from corpus.exchange import instant_text
from corpus.export.columns import COLUMNS
from corpus.instants import to_instant
from corpus.post import Label

BUFFER = 1 << 20
_SECOND = 1_000_000
"""Microseconds."""
_DAY = 86_400
_MINUTES = tuple(f"T{minute // 60:02}:{minute % 60:02}:" for minute in range(1440))
_SECONDS = tuple(f"{second:02}Z" for second in range(60))
_EMPTY = "[]"
_NOTHING = msgspec.Raw(b"[]")
_LINES_END = "\r\n"
_QUOTE = '"'
INSTANTS = frozenset({"created_at", "edited_at", "collected_at"})
_LISTS = frozenset({"themes", "projects", "phenomena", "municipalities"})
_NUMBERS = frozenset(name for name, kind, _ in COLUMNS if kind != "text")
_NO_THEMES = ("none", "unsure", "unclassified")

_encode = msgspec.json.encode
_words = msgspec.json.Decoder(list[str]).decode
_scores = msgspec.json.Decoder(dict[str, float]).decode
_reasons = msgspec.json.Decoder(list[tuple[str, str, float]]).decode


class _Author(msgspec.Struct, gc=False):
    native_id: str
    handle: str | None
    name: str | None


class _Counts(msgspec.Struct, gc=False):
    replies: int | None
    reposts: int | None
    likes: int | None
    views: int | None


class _Line(msgspec.Struct, gc=False):
    """The keys of ``corpus.exchange.to_row``, in their order."""

    network: str
    native_id: str
    url: str | None
    author: _Author | None
    text: str | None
    lang: str | None
    created_at: str
    edited_at: str | None
    collected_at: str
    source: str
    via: str
    reply_to: str | None
    quote_of: str | None
    repost_of: str | None
    discussion: str | None
    hashtags: Any
    links: Any
    counts: _Counts
    theme: str | None
    themes: Any
    theme_by: str | None
    confidence: float | None
    scores: Any
    model: str | None
    labels: Any
    projects: Any
    phenomena: Any
    municipalities: Any
    cluster: str | None
    gone: str | None
    cut_from: int | None
    joined_discussion: str | None
    predicted: str | None
    reasons: Any


def write_jsonl(path: Path, batches: Iterable[PostColumns]) -> None:
    """Write each post whole as JSON, one a line."""
    encode = msgspec.json.Encoder().encode_lines
    with path.open("wb", buffering=BUFFER) as file:
        for batch in batches:
            file.write(encode(_lines(batch)))


def write_csv(path: Path, batches: Iterable[PostColumns]) -> None:
    """Write CSV for programs, as the csv module does."""
    with path.open("w", encoding="utf-8", newline="", buffering=BUFFER) as file:
        csv.writer(file, lineterminator=_LINES_END).writerow([name for name, _, _ in COLUMNS])
        for batch in batches:
            columns = flat_columns(batch, _joined)
            cells = _without_empty([_cells(name, column) for name, column in columns.items()], len(batch))
            file.write(_LINES_END.join(map(",".join, zip(*cells, strict=True))))
            file.write(_LINES_END)


def _lists(column: Column) -> Column:
    return [() if text is None or text == _EMPTY else _words(text) for text in column]


def _joined(column: Column) -> Column:
    """Return stored lists joined by spaces; where no sign is escaped, quotes stand around the words alone."""
    return [
        ""
        if text is None or text == _EMPTY
        else " ".join(_words(text))
        if "\\" in text or '", "' in text
        else text[2:-2].replace('","', " ")
        for text in column
    ]


def flat_columns(batch: PostColumns, lists: Callable[[Column], Column] = _lists) -> dict[str, Column]:
    """Return the columns of ``COLUMNS`` by name: texts, numbers, None, instants as microseconds, lists as lists.

    Args:
        batch: the posts.
        lists: what becomes of lists that are stored as JSON texts; as it is, lists.
    """
    said = judged(batch)
    return {
        "network": batch.network,
        "native_id": batch.native_id,
        "url": batch.url,
        "author_id": batch.author_id,
        "author_handle": batch.author_handle,
        "author_name": batch.author_name,
        "text": batch.text,
        "lang": batch.lang,
        "created_at": batch.created_at,
        "edited_at": batch.edited_at,
        "collected_at": batch.collected_at,
        "source": batch.source,
        "via": batch.via,
        "reply_to": batch.reply_to,
        "quote_of": batch.quote_of,
        "repost_of": batch.repost_of,
        "discussion": batch.discussion,
        "joined_discussion": batch.joined_discussion,
        "hashtags": lists(batch.hashtags),
        "links": lists(batch.links),
        "replies": batch.replies,
        "reposts": batch.reposts,
        "likes": batch.likes,
        "views": batch.views,
        "theme": said.theme,
        "themes": said.themes,
        "theme_by": said.theme_by,
        "confidence": said.confidence,
        "scores": [scores if scores is None else _encode(scores).decode() for scores in said.scores],
        "model": said.model,
        "labels": [_encode(list(map(_label, labels))).decode() if labels else None for labels in batch.labels]
        if any(batch.labels)
        else [None] * len(batch),
        "projects": said.projects,
        "phenomena": said.phenomena,
        "municipalities": _each(batch.municipalities, lambda places: [code for code, _ in places]),
        "cluster": batch.cluster,
        "gone": batch.gone,
    }


def _lines(batch: PostColumns) -> list[_Line]:
    said = judged(batch)
    authors: list[_Author | None] = list(map(_Author, batch.author_id, batch.author_handle, batch.author_name))
    if None in batch.author_id:
        authors = [author if author and author.native_id is not None else None for author in authors]
    counts = map(_Counts, batch.replies, batch.reposts, batch.likes, batch.views)
    columns: tuple[Iterable[Any], ...] = (
        batch.network,
        batch.native_id,
        batch.url,
        authors,
        batch.text,
        batch.lang,
        _instants(batch.created_at),
        _instants(batch.edited_at),
        _instants(batch.collected_at),
        batch.source,
        batch.via,
        batch.reply_to,
        batch.quote_of,
        batch.repost_of,
        batch.discussion,
        _as_stored(batch.hashtags),
        _as_stored(batch.links),
        counts,
        said.theme,
        said.themes,
        said.theme_by,
        said.confidence,
        said.scores,
        said.model,
        _each(batch.labels, lambda labels: list(map(_label, labels))),
        said.projects,
        said.phenomena,
        _each(batch.municipalities, lambda places: [{"code": code, "basis": basis} for code, basis in places]),
        batch.cluster,
        batch.gone,
        batch.cut_from,
        batch.joined_discussion,
        said.predicted,
        said.reasons,
    )
    return list(map(_Line, *columns))


def _each(column: Column, written: Callable[[Any], list[Any]]) -> Column:
    return list(map(written, column)) if any(column) else column


class Judged(msgspec.Struct, kw_only=True):
    """What is said of each post, column by column."""

    theme: Column
    theme_by: Column
    predicted: Column
    confidence: Column
    model: Column
    themes: Column
    scores: Column
    projects: Column
    phenomena: Column
    reasons: Column


def judged(batch: PostColumns) -> Judged:
    """Return what is said of each post."""
    rows, labels = batch.predictions, batch.labels

    def of(place: int, read: Callable[[Any], Any] | None = None, missing: object = None) -> Column:
        if not any(rows):
            return [missing] * len(batch)
        if read is None:
            return [missing if row is None else row[place] for row in rows]
        return [missing if row is None else read(row[place]) for row in rows]

    predicted = of(2)
    theme, theme_by = predicted, [row and "prediction" for row in rows]
    if any(labels):
        theme = [given[-1].theme if given else guessed for given, guessed in zip(labels, predicted, strict=True)]
        theme_by = ["label" if given else by for given, by in zip(labels, theme_by, strict=True)]
    return Judged(
        theme=[None if one in _NO_THEMES else one for one in theme] if any(theme) else theme,
        theme_by=theme_by,
        predicted=predicted,
        confidence=of(4),
        model=of(0),
        themes=of(3, _words, ()),
        scores=of(5, _scores),
        projects=of(7, _words, ()),
        phenomena=of(8, _words, ()),
        reasons=of(6, _told_reasons, ()),
    )


def _told_reasons(stored: str) -> list[dict[str, object]]:
    return [{"kind": kind, "text": text, "weight": weight} for kind, text, weight in _reasons(stored)]


def _label(label: Label) -> dict[str, object]:
    return {
        "theme": label.theme,
        "by": label.by,
        "at": instant_text(label.at),
        "guideline": label.guideline,
        "blind": label.blind,
    }


def _as_stored(column: Column) -> list[msgspec.Raw]:
    """Return JSON lists as they are stored, written by the same encoder."""
    return [_NOTHING if text is None else msgspec.Raw(text) for text in column]


def _instants(column: Column) -> list[str | None]:
    """Return instants as ``corpus.exchange.instant_text`` writes them, put together from what a day has of them."""
    texts: dict[int | None, str | None] = {None: None}
    days: dict[int, str] = {}
    for at in set(column) - {None}:
        second, fraction = divmod(at, _SECOND)
        day, second = divmod(second, _DAY)
        if day not in days:
            days[day] = to_instant(day * _DAY * _SECOND).date().isoformat()
        minute, second = divmod(second, 60)
        texts[at] = instant_text(to_instant(at)) if fraction else f"{days[day]}{_MINUTES[minute]}{_SECONDS[second]}"
    return list(map(texts.__getitem__, column))


def _cells(name: str, column: Column) -> Column:
    """Return cells of CSV as the csv module writes them, quoted where they must be; none where all are empty."""
    if name in INSTANTS:
        column = _instants(column)
    elif name in _LISTS:
        column = list(map(" ".join, column)) if any(column) else ()
    missing = column.count(None)
    if missing == len(column):
        return ()
    cells = ["" if value is None else value for value in column] if missing else column
    if name in _NUMBERS:
        return list(map(str, cells))
    # One look at all of them: most columns have nothing that must be quoted.
    if _needs_quotes("".join(cells)):
        return [f'"{cell.replace(_QUOTE, _QUOTE + _QUOTE)}"' if _needs_quotes(cell) else cell for cell in cells]
    return cells


def _without_empty(columns: Sequence[Column], height: int) -> list[Column]:
    """Return columns whose cells, joined by commas, are the same lines: empty neighbours become one."""
    kept: list[Column] = []
    for empty, group in groupby(columns, key=lambda column: not column):
        neighbours = list(group)
        kept += [["," * (len(neighbours) - 1)] * height] if empty else neighbours
    return kept


def _needs_quotes(text: str) -> bool:
    return "," in text or _QUOTE in text or "\n" in text or "\r" in text
