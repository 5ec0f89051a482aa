"""Makes the demonstration's archive: ``python -m runtime.demo_archive.build [--open-data DIRECTORY]``.

With the directory of the open sets, every real text is first looked up there: it must stand in its set word for word.
The same texts and the same seed always make the same posts.
"""

import argparse
import gzip
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from runtime.demo_archive import COVERAGE, POSTS
from runtime.demo_archive.rows import coverage, rows
from runtime.demo_archive.script import Line, real

SEED = 21
"""Of the seeds looked at, one whose weeks are much alike but where a gap or a scene says otherwise."""
_FILES = {
    "omastadi_fi": ("proposals",),
    "kunta_strategiat": ("strategia",),
    "vkk_ministry_fi": ("train",),
    "yso_municipal_themes": ("single_label",),
}


def unverified(directory: Path) -> list[Line]:
    """Return the real texts that do not stand in their open set."""
    known = {name: _texts(directory / name, files) for name, files in _FILES.items()}
    return [line for line in real() if " ".join(line.text.split()) not in known[line.origin.partition(",")[0]]]


def archive(seed: int = SEED) -> str:
    """Return the archive as JSON lines."""
    return "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows(seed))


def main(arguments: Sequence[str]) -> int:
    """Write the archive beside this file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--open-data", type=Path, help="directory of the open sets, to verify the real texts")
    directory = parser.parse_args(arguments).open_data
    if directory and (strangers := unverified(directory)):
        sys.stderr.write("".join(f"{line.origin}: not in the open set: {line.text}\n" for line in strangers))
        return 1
    posts = archive().encode()
    with POSTS.open("wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(posts)
    COVERAGE.write_text(json.dumps(coverage(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return 0


def _texts(directory: Path, files: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for name in files:
        with gzip.open(directory / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            found.update(" ".join(str(json.loads(line)["text"]).split()) for line in lines)
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
