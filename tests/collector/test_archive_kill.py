"""An import that is really killed."""

import json
import random
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic

import pytest

from corpus.store import Corpus

_IMPORT = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from collector.archive import load
from corpus.store import Corpus
from programme.types import Localised, Programme
load._BATCH = 250
programme = Programme(slug="p", name=Localised({}), languages=("fi",), time_zone="UTC", hashtags=(), themes=())
with Corpus.open(f"sqlite:///{sys.argv[2]}") as corpus:
    load.import_files(corpus, [Path(sys.argv[1])], programme=programme, now=datetime(2026, 11, 17, tzinfo=UTC),
                      rejects_directory=Path(sys.argv[2]).parent)
"""
_POSTS = 20_000


@pytest.mark.everything
def test_killed_at_random_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    """Killed again and again at random times, an import ends with every post once, and nothing orphaned."""
    chance = random.Random(20261117)
    archive, database = tmp_path / "posts.jsonl", tmp_path / "kuntakaiku.db"
    post = {"text": "Keksitty viesti", "created_at": "2026-11-16T08:00:00.000Z", "author_id": "1"}
    archive.write_text("".join(json.dumps({"id": str(n), **post}) + "\n" for n in range(_POSTS)), "utf-8")
    command = [sys.executable, "-c", _IMPORT, str(archive), str(database)]
    root = Path(__file__).parents[2]
    began_at = monotonic()
    subprocess.run([*command[:-1], str(tmp_path / "undisturbed.db")], cwd=root, check=True)  # noqa: S603  # our own import
    usual = monotonic() - began_at
    kills = 0
    for tries in range(31):
        process = subprocess.Popen(command, cwd=root)  # noqa: S603  # our own import
        try:
            # On a busy machine none may end in time: the last one is left to.
            if process.wait(usual * chance.uniform(0.3, 0.9) if tries < 30 else 120) == 0:
                if kills:
                    break
                usual *= 0.7  # the machine was busier while the undisturbed one was timed
                for file in tmp_path.glob(f"{database.name}*"):
                    file.unlink()
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
    assert kills > 0
    assert process.returncode == 0
    with Corpus.open(f"sqlite:///{database}") as corpus:
        assert (corpus.posts.count(), corpus.verify()) == (_POSTS, [])
