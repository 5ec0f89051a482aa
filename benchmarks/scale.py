"""What `docs/scale.md` counts with: rates and bytes a post on one machine, and a Dask cluster beside one process.

    python benchmarks/scale.py --texts DIR [--posts 100000] [--workers 2]

The corpus is that of ``import_x_v2.py``. Each line of JSON tells CPU seconds of all processes of the command, its
seconds, and peak memory of its largest process; ``bytes`` are of the database, or of the export, a post. With the
engine dask, ``same`` tells whether the output is that of one process, byte for byte; seconds against seconds mean
something only where the machine has nothing else to do.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from import_x_v2 import IMPORT, PREPARE, ROOT, measured, show, write_archive

COMMAND = Path(sys.executable).parent / "kuntakaiku"
FORMATS = ("csv", "jsonl", "parquet")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=Path, default=os.environ.get("KUNTAKAIKU_TEST_DATA"))
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    if options.texts is None:
        parser.error("name the directory of test data by --texts or KUNTAKAIKU_TEST_DATA")
    with tempfile.TemporaryDirectory() as name:
        scale(Path(name), Path(options.texts), options.posts, options.workers)


def scale(directory: Path, texts: Path, posts: int, workers: int) -> None:
    """Print the figures of one corpus."""
    database = directory / "kuntakaiku.db"
    dask = ("--engine", "dask", "--workers", str(workers))

    def command(what: str, *arguments: str) -> None:
        line = [str(COMMAND), "--quiet", "--json", "--database", str(database), *arguments]
        show(what=what, posts=posts, **measured(line, posts, directory))

    def grown(what: str, before: int) -> int:
        size = database.stat().st_size
        show(what=what, bytes=round((size - before) / posts, 1))
        return size

    url = f"sqlite:///{database}"
    subprocess.run([sys.executable, "-c", PREPARE, url], check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    empty = database.stat().st_size
    command("the dictionaries, once", "index")
    archive = directory / "posts.jsonl"
    show(what="archive, bytes a post", bytes=write_archive(archive, texts, posts) // posts)
    load = [sys.executable, "-c", IMPORT, str(archive), url]
    show(what="import", posts=posts, **measured(load, posts, directory))
    archive.unlink()
    size = grown("of the database after import, a post", empty)
    command("index", "index")
    size = grown("of the index, a post", size)
    one = shutil.copy(database, directory / "one.db")
    command(f"classify, dask, {workers} workers", "classify", *dask)
    command("export of the predictions of the cluster", "export", "--format", "jsonl", "--out", str(directory / "d"))
    shutil.copy(one, database)
    command("classify", "classify")
    grown("of the predictions, a post", size)
    for format_ in FORMATS:
        out, spread = directory / f"serial.{format_}", directory / f"dask.{format_}"
        command(f"export, {format_}", "export", "--format", format_, "--out", str(out))
        show(what=f"of the export, {format_}, a post", bytes=round(out.stat().st_size / posts, 1))
        how = ("--format", format_, "--out", str(spread), *dask)
        command(f"export, {format_}, dask, {workers} workers", "export", *how)
        show(what=f"export, {format_}, dask beside serial", same=out.read_bytes() == spread.read_bytes())
    same = (directory / "d").read_bytes() == (directory / "serial.jsonl").read_bytes()
    show(what="classify, dask beside serial", same=same)


if __name__ == "__main__":
    main()
