"""An export whose pieces are written elsewhere, byte for byte as they would be here.

What leaves is rows as the export holds them, projected before: whoever writes the pieces needs neither the database
nor the key of the pseudonyms, and sees no more than whoever gets the file.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import zstandard

from corpus.export import formats
from corpus.export.columns import COLUMNS, Columns
from corpus.export.projection import Row
from programme.errors import MisuseError

Spread = Callable[[Callable[[bytes], bytes], Iterator[bytes]], Iterator[bytes]]
"""Has a function answer each piece somewhere, and yields the answers in the order of the pieces."""

SPREADABLE = ("csv", "csv-fi", "jsonl", "parquet", "ids")
_PIECE = 2_000
"""Rows of a piece of text; of Parquet, those of a group."""
_BUFFER = 1 << 20
_LEVEL = 1
"""Of compression: rows become a fifth, at a tenth of the time that making them takes."""
_LARGEST = 1 << 31
_decode = msgspec.msgpack.Decoder(tuple[str, int, list[dict[str, Any]]]).decode


def spread_writer(name: str, spread: Spread, *, networks: int) -> formats.Writer:
    """Return a writer that has its pieces written elsewhere.

    Raises:
        MisuseError: the format is not one of pieces.
    """
    if name not in SPREADABLE:
        raise MisuseError(
            f"The format {name} is written by one process.",
            f"With --engine dask use one of {', '.join(SPREADABLE)}, or leave the engine out.",
        )
    if name == "parquet":
        return partial(_write_parquet, spread=spread)
    return partial(_write_text, name=name, spread=spread, networks=networks)


def tables(spread: Spread, batches: Iterator[list[Row]]) -> Iterator[Any]:
    """Yield each batch as a table of Parquet that was made elsewhere."""
    parquet = formats.parquet_library()
    for content in spread(piece_of, (_packed("parquet", 0, batch) for batch in batches)):
        yield parquet.unpacked(content)


def piece_of(payload: bytes) -> bytes:
    """Return a piece of an export: what the format's own writer writes of these rows, below its heading."""
    name, networks, rows = _decode(zstandard.ZstdDecompressor().decompress(payload, max_output_size=_LARGEST))
    if name == "parquet":
        parquet = formats.parquet_library()
        return bytes(parquet.packed(parquet.table(rows, COLUMNS)))
    return _written(name, rows, networks).removeprefix(_written(name, (), networks))


def _write_text(path: Path, rows: Iterable[Row], columns: Columns, *, name: str, spread: Spread, networks: int) -> None:
    del columns  # those of posts; counts are written here
    with path.open("wb", buffering=_BUFFER) as file:
        file.write(_written(name, (), networks))
        pieces = (_packed(name, networks, batch) for batch in _batches(rows, _PIECE))
        file.writelines(spread(piece_of, pieces))


def _write_parquet(path: Path, rows: Iterable[Row], columns: Columns, *, spread: Spread) -> None:
    parquet = formats.parquet_library()
    parquet.write_tables(path, tables(spread, _batches(rows, formats.GROUP)), columns)


def _written(name: str, rows: Iterable[Row], networks: int) -> bytes:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "piece"
        _TEXTS[name](path, rows, COLUMNS, networks)
        return path.read_bytes()


_TEXTS: dict[str, Callable[[Path, Iterable[Row], Columns, int], None]] = {
    "csv": lambda path, rows, columns, _: formats.write_csv(path, rows, columns),
    "csv-fi": lambda path, rows, columns, _: formats.write_csv_fi(path, rows, columns),
    "jsonl": lambda path, rows, columns, _: formats.write_jsonl(path, rows, columns),
    "ids": lambda path, rows, columns, networks: formats.write_ids(path, rows, columns, networks=networks),
}


def _packed(name: str, networks: int, rows: list[Row]) -> bytes:
    return zstandard.ZstdCompressor(_LEVEL).compress(msgspec.msgpack.encode((name, networks, rows)))


def _batches(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, size)):
        yield batch
