"""One writer for each format: each takes rows one by one and keeps none."""

import csv
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from corpus.columnar import PostColumns
from corpus.export.columns import Columns, Kind, inert, inert_in_csv
from corpus.export.projection import Row
from programme.errors import MisuseError

Writer = Callable[[Path, Iterable[Row], Columns], None]
"""Writes rows into a file, in these columns where the format has columns."""

_SHEET_ROWS = 1_048_575
"""Posts on one sheet, below its heading."""
_FIRST_DAY = datetime(2000, 1, 1)  # noqa: DTZ001 - XlsxWriter takes naive ones
GROUP = 5_000
"""Posts in a row group of a Parquet file."""
_BUFFER = 1 << 20
_BATCH = 1_000


def write_jsonl(path: Path, rows: Iterable[Row], _columns: Columns) -> None:
    """Write rows whole as JSON, one a line."""
    encode = msgspec.json.Encoder().encode
    with path.open("wb", buffering=_BUFFER) as file:
        for row in rows:
            file.write(encode(row))
            file.write(b"\n")


def write_csv(path: Path, rows: Iterable[Row], columns: Columns) -> None:
    """Write CSV for programs: every text exactly as it is."""
    with path.open("w", encoding="utf-8", newline="", buffering=_BUFFER) as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([name for name, _, _ in columns])
        writer.writerows([read(row) for _, _, read in columns] for row in rows)


def through_csv(path: Path, rows: Iterable[Row], columns: Columns) -> Iterator[Row]:
    """Yield the rows once more after writing them as ``write_csv`` does: two formats of one reading."""
    remaining = iter(rows)
    with path.open("w", encoding="utf-8", newline="", buffering=_BUFFER) as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([name for name, _, _ in columns])
        while batch := list(islice(remaining, _BATCH)):
            writer.writerows([read(row) for _, _, read in columns] for row in batch)
            yield from batch


def write_csv_fi(path: Path, rows: Iterable[Row], columns: Columns) -> None:
    """Write CSV that Finnish and Swedish Excel open by a double click, every text inert."""
    with path.open("w", encoding="utf-8-sig", newline="", buffering=_BUFFER) as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow([name for name, _, _ in columns])
        writer.writerows([_finnish(kind, read(row)) for _, kind, read in columns] for row in rows)


def _finnish(kind: Kind, value: Any) -> str:  # noqa: ANN401 - text or number, as its kind says
    if value is None:
        return ""
    if kind == "text":
        return inert_in_csv(value)
    return str(value).replace(".", ",") if kind == "number" else f"{value:.4f}".replace(".", ",")


def write_xlsx(path: Path, rows: Iterable[Row], columns: Columns) -> None:
    """Write a workbook whose texts are texts: no formula, no link, no id turned into a number."""
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(str(path), options) as workbook:
        # The same posts make the same bytes, whenever they are written.
        workbook.set_properties({"created": _FIRST_DAY})
        sheet, line = _sheet(workbook, columns), 0
        for row in rows:
            if line == _SHEET_ROWS:
                sheet, line = _sheet(workbook, columns), 0
            line += 1
            for column, (_, kind, read) in enumerate(columns):
                value = read(row)
                if value is None or value == "":
                    continue
                if kind == "text":
                    sheet.write_string(line, column, inert(value))
                else:
                    sheet.write_number(line, column, value)


def _sheet(workbook: Any, columns: Columns) -> Any:  # noqa: ANN401 - XlsxWriter has no types
    sheet = workbook.add_worksheet()
    for column, (name, _, _) in enumerate(columns):
        sheet.write_string(0, column, name)
    sheet.freeze_panes(1, 0)
    return sheet


def write_parquet(path: Path, rows: Iterable[Row], columns: Columns) -> None:
    """Write Parquet with lists as lists and instants as instants.

    Raises:
        MisuseError: the library for it is not installed.
    """
    parquet_library().write(path, rows, columns, group=GROUP)


def write_parquet_columns(path: Path, batches: Iterable[PostColumns]) -> None:
    """Write Parquet of posts that come column by column.

    Raises:
        MisuseError: the library for it is not installed.
    """
    parquet_library().write_columns(path, batches, group=GROUP)


def parquet_library() -> ModuleType:
    """Return the module that writes Parquet.

    Raises:
        MisuseError: the library for it is not installed.
    """
    try:
        from corpus.export import parquet
    except ModuleNotFoundError as error:
        raise MisuseError(
            "The library for Parquet is not installed.", "Install it with: pip install 'pyarrow>=20'"
        ) from error
    return parquet


def write_ids(path: Path, rows: Iterable[Row], _columns: Columns, *, networks: int) -> None:
    """Write native ids, one a line; the network and a tab before each where there are several networks."""
    with path.open("w", encoding="utf-8", newline="\n", buffering=_BUFFER) as file:
        for row in rows:
            file.write(f"{row['network']}\t{row['native_id']}\n" if networks > 1 else f"{row['native_id']}\n")
