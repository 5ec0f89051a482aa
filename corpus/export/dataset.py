"""A directory of Parquet files by month of creation (UTC), which pandas, DuckDB, Spark and Dask read as one table.

``month=2026-11/part-00000.parquet`` and on, with the posts in the order of every export; the month is a column of
the path alone. ``_data.sha256`` lists the files' hashes for ``sha256sum --check``; readers pass over a name that
begins with ``_``.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from corpus.export import formats
from corpus.export.columns import Columns
from corpus.export.draft import ExportFailedError, sha256
from corpus.export.projection import Row

LIST = "_data.sha256"
_ROWS = 1_000_000
"""Posts in one file, a whole number of groups: some 150 MB, which a reader takes at a time."""
_MONTH = re.compile(r"month=\d{4,}-\d{2}")
Tables = Callable[[Iterator[list[Row]]], Iterator[Any]]
"""Makes a table of each batch, in order."""


def write(directory: Path, rows: Iterable[Row], columns: Columns, tables: Tables | None, *, part: int = _ROWS) -> str:
    """Write rows, sorted by time of creation, into an empty directory and return the hash over its list of hashes.

    Args:
        directory: where to write.
        rows: oldest first.
        columns: of the table.
        tables: makes the tables; by default here.
        part: posts in one file.

    Raises:
        MisuseError: the library for Parquet is not installed.
    """
    parquet = formats.parquet_library()
    names: deque[str] = deque()

    def batches() -> Iterator[list[Row]]:
        for name, batch in _named(rows, part):
            names.append(name)
            yield batch

    made = tables(batches()) if tables else (parquet.table(batch, columns) for batch in batches())
    listed = []
    # The next name is taken only with its table: with a cluster, batches are read ahead of the tables.
    for name, of_file in groupby(((names.popleft(), table) for table in made), key=lambda one: one[0]):
        path = directory / name
        path.parent.mkdir(exist_ok=True, mode=0o700)
        parquet.write_tables(path, (table for _, table in of_file), columns)
        listed.append(f"{sha256(path)}  {name}\n")
    (directory / LIST).write_text("".join(listed), encoding="utf-8")
    return sha256(directory / LIST)


def _named(rows: Iterable[Row], part: int) -> Iterator[tuple[str, list[Row]]]:
    """Yield groups of rows with the name of their file; none is of two months or files."""
    group = min(formats.GROUP, part)
    for month, posts in groupby(rows, key=lambda row: str(row["created_at"])[:7]):
        written = 0
        while batch := list(islice(posts, min(group, part - written % part))):
            yield f"month={month}/part-{written // part:05}.parquet", batch
            written += len(batch)


def refuse_foreign(out: Path) -> None:
    """Raise where a directory holds something else than an earlier dataset, which may be replaced.

    Raises:
        ExportFailedError: so it is.
    """
    if not out.exists():
        return
    if not out.is_dir() or not all(one.name == LIST or _MONTH.fullmatch(one.name) for one in out.iterdir()):
        raise ExportFailedError(
            f"{out} holds something else than an earlier export by month.", "Name a new directory with --out."
        )
