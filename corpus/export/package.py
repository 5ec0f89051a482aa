"""The research package: data, codebook, description and checksums that another researcher can cite and check.

What describes the data holds no instant of making: the same state of the corpus and the same options make the same
bytes, in any month of a year. The cited hash is that of ``data.sha256``, which lists the hashes of the data
files; every other file can tell it, and ``sha256sum`` checks it.
"""

import shutil
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from corpus.export import codebook, described, formats
from corpus.export.columns import Columns
from corpus.export.content import Content, Publication
from corpus.export.draft import sha256
from corpus.export.pages import html, markdown
from corpus.export.projection import Row

__all__ = ["Content", "Publication", "pack", "zipped"]

_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file knows."""
_PRIVATE = 0o600 << 16


def pack(directory: Path, rows: Iterator[Row], columns: Columns, content: Content, publication: Publication) -> str:
    """Write a package into an empty directory and return the hash by which it is cited.

    Raises:
        MisuseError: the library for Parquet is not installed.
    """
    data = directory / "data"
    data.mkdir()
    name = "counts" if content.is_open else "posts"
    table, parquet = data / f"{name}.csv", data / f"{name}.parquet"
    formats.write_parquet(parquet, formats.through_csv(table, rows, columns), columns)
    hashes = {path: sha256(path) for path in (table, parquet)}
    listed = "".join(f"{found}  {path.relative_to(directory).as_posix()}\n" for path, found in hashes.items())
    (directory / "data.sha256").write_text(listed, encoding="utf-8")
    cited = sha256(directory / "data.sha256")
    facts = described.facts(content, publication, cited)
    sizes = {path.relative_to(directory).as_posix(): (path.stat().st_size, hashes[path]) for path in hashes}
    _json(directory / "datapackage.json", described.datapackage(facts, columns, sizes))
    _json(directory / "datacite.json", described.datacite(facts))
    _json(directory / "manifest.json", described.manifest(facts))
    for language in codebook.LANGUAGES:
        title, book = codebook.codebook(facts, columns, language)
        (directory / f"codebook.{language}.md").write_text(markdown(book), encoding="utf-8")
        (directory / f"codebook.{language}.html").write_text(
            html(book, language=language, title=title), encoding="utf-8"
        )
        (directory / f"README.{language}.md").write_text(markdown(codebook.readme(facts, language)), encoding="utf-8")
    (directory / "CITATION.txt").write_text(facts.citation + "\n", encoding="utf-8")
    _checksums(directory)
    return cited


def zipped(directory: Path, out: Path) -> None:
    """Write a directory as a zip file: sorted, with fixed times, the same bytes for the same content."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in _files(directory):
            entry = zipfile.ZipInfo(path.relative_to(directory).as_posix(), _FIRST_DAY)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, _PRIVATE, 3
            with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target, 1 << 20)


def _files(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*") if path.is_file())


def _json(path: Path, value: Mapping[str, Any]) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")


def _checksums(directory: Path) -> None:
    """List every file's hash, as ``sha256sum --check`` reads it."""
    lines = [f"{sha256(path)}  {path.relative_to(directory).as_posix()}\n" for path in _files(directory)]
    (directory / "checksums.sha256").write_text("".join(lines), encoding="utf-8")
