"""Parquet; imported late, since pyarrow is optional and heavy."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from corpus.export.columns import Columns
from corpus.export.projection import Row

_INSTANT = pa.timestamp("us", tz="UTC")
_INSTANTS = frozenset({"created_at", "edited_at", "collected_at"})
_LISTS = frozenset({"hashtags", "links", "themes", "projects", "phenomena"})


def _type(name: str, kind: str) -> Any:  # noqa: ANN401 - pyarrow has no types
    if name in _INSTANTS:
        return _INSTANT
    if name in _LISTS or name == "municipalities":
        return pa.list_(pa.string())
    return {"text": pa.string(), "number": pa.int64(), "share": pa.float64()}[kind]


def write(path: Path, rows: Iterable[Row], columns: Columns, *, group: int) -> None:
    """Write rows, a group of them at a time."""
    remaining = iter(rows)
    schema = pa.schema([(name, _type(name, kind)) for name, kind, _ in columns])
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while batch := list(islice(remaining, group)):
            arrays = [pa.array(_values(name, read, batch), _type(name, kind)) for name, kind, read in columns]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _values(name: str, read: Any, batch: list[Row]) -> list[Any]:  # noqa: ANN401 - one of our readers
    if name in _LISTS:
        return [row[name] for row in batch]
    if name == "municipalities":
        return [[place["code"] for place in row[name]] for row in batch]
    values = [read(row) for row in batch]
    if name in _INSTANTS:
        return [value and datetime.fromisoformat(value) for value in values]
    return values
