"""Exports of an imported corpus as JSONL, CSV and Parquet: posts a CPU second, and peak memory.

    python benchmarks/exports.py --texts DIR [--posts 100000] [--directory DIR]

The corpus is that of ``import_x_v2.py``. Each export is the command itself, start and record included, after a first
one, of ids, that places the posts in discussions. ``--directory`` keeps the corpus there; one that is there already is
not imported again. Prints one JSON object a line.
"""

import sys
import tempfile
from pathlib import Path

from import_x_v2 import asked, import_into, measured, show, write_archive

COMMAND = Path(sys.executable).parent / "kuntakaiku"
FORMATS = ("jsonl", "csv", "parquet")


def main() -> None:
    """Measure and print."""
    options = asked(__doc__)
    with tempfile.TemporaryDirectory() as name:
        directory = options.directory or Path(name)
        directory.mkdir(parents=True, exist_ok=True)
        database = directory / "kuntakaiku.db"
        if not database.exists():
            archive = directory / "posts.jsonl"
            write_archive(archive, Path(options.texts), options.posts)
            import_into(f"sqlite:///{database}", archive, options.posts, directory)
            archive.unlink()
        show(what="export as ids, with what it needs", **export("ids", database, options.posts, directory))
        for format_ in FORMATS:
            show(what=format_, **export(format_, database, options.posts, directory))


def export(format_: str, database: Path, posts: int, directory: Path) -> dict[str, float]:
    """Export the whole corpus and return what that used."""
    out = directory / f"out.{format_}"
    options = ["--quiet", "--json", "--database", str(database), "export", "--format", format_, "--out", str(out)]
    used = measured([str(COMMAND), *options], posts, directory)
    size = out.stat().st_size
    out.unlink()
    return {**used, "bytes": size}


if __name__ == "__main__":
    main()
