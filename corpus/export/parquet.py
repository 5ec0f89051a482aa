"""Parquet; imported late, since pyarrow is optional and heavy."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from corpus.columnar import COLUMN_BATCH, PostColumns
from corpus.export.columns import COLUMNS, Columns
from corpus.export.projection import Row
from corpus.export.straight import flat_columns

# What is freed goes back to the system: the library's own pool keeps 60 MB of it for what may come.
pa.set_memory_pool(pa.system_memory_pool())
_FILE = {"compression": "zstd", "use_dictionary": False}
"""Without dictionaries files are a tenth smaller here, and each column's writer does without its own of a megabyte."""
_INSTANT = pa.timestamp("us", tz="UTC")
_INSTANTS = frozenset({"created_at", "edited_at", "collected_at"})
_LISTS = frozenset({"hashtags", "links", "themes", "projects", "phenomena"})


def _type(name: str, kind: str) -> Any:  # noqa: ANN401 - pyarrow has no types
    if name in _INSTANTS:
        return _INSTANT
    if name in _LISTS or name == "municipalities":
        return pa.list_(pa.string())
    return {"text": pa.string(), "number": pa.int64(), "share": pa.float64()}[kind]


def schema(columns: Columns) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Return the types of the columns."""
    return pa.schema([(name, _type(name, kind)) for name, kind, _ in columns])


def write(path: Path, rows: Iterable[Row], columns: Columns, *, group: int) -> None:
    """Write rows, a group of them at a time."""
    remaining = iter(rows)
    write_tables(path, (table(batch, columns) for batch in iter(lambda: list(islice(remaining, group)), [])), columns)


def write_tables(path: Path, tables: Iterable[Any], columns: Columns) -> None:
    """Write tables, each as a group of rows."""
    with pq.ParquetWriter(path, schema(columns), **_FILE) as writer:
        for one in tables:
            writer.write_table(one)


def table(rows: list[Row], columns: Columns) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Return rows as a table."""
    arrays = [pa.array(_values(name, read, rows), _type(name, kind)) for name, kind, read in columns]
    return pa.Table.from_arrays(arrays, schema=schema(columns))


def packed(one: Any) -> bytes:  # noqa: ANN401 - pyarrow has no types
    """Return a table as bytes that another process reads."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, one.schema) as stream:
        stream.write_table(one)
    return bytes(sink.getvalue().to_pybytes())


def unpacked(content: bytes) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Return the table of ``packed``."""
    return pa.ipc.open_stream(content).read_all().combine_chunks()


def write_columns(path: Path, batches: Iterable[PostColumns], *, group: int) -> None:
    """Write posts that come column by column: the same bytes as ``write`` makes of their rows."""
    schema = pa.schema([(name, _type(name, kind)) for name, kind, _ in COLUMNS])
    remaining = iter(batches)
    with pq.ParquetWriter(path, schema, **_FILE) as writer:
        while gathered := [_arrays(batch, schema) for batch in islice(remaining, group // COLUMN_BATCH)]:
            arrays = [pa.concat_arrays(pieces) for pieces in zip(*gathered, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _arrays(batch: PostColumns, schema: Any) -> list[Any]:  # noqa: ANN401 - pyarrow has no types
    columns = flat_columns(batch)
    return [pa.array(columns[field.name], field.type) for field in schema]


def _values(name: str, read: Any, batch: list[Row]) -> list[Any]:  # noqa: ANN401 - one of our readers
    if name in _LISTS:
        return [row[name] for row in batch]
    if name == "municipalities":
        return [[place["code"] for place in row[name]] for row in batch]
    values = [read(row) for row in batch]
    if name in _INSTANTS:
        return [value and datetime.fromisoformat(value) for value in values]
    return values
