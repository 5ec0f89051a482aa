"""The index step and searches on an imported corpus: posts a CPU second, peak memory, milliseconds a search.

    python benchmarks/search.py --texts DIR [--posts 100000] [--directory DIR]

The corpus is that of ``import_x_v2.py``, with invented predictions. The index step is the command itself, after the
dictionaries are built. A search is told by the CPU time of its median of seven, count, hits and spans included.
``--directory`` keeps the corpus there; one that is there already is not imported again. Prints one JSON object a line.
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median

from import_x_v2 import IMPORT, ROOT, START, asked, measured, show, write_archive

COMMAND = Path(sys.executable).parent / "kuntakaiku"
THEMES = ("participation-and-services", "operating-models", "municipality-and-region", "roles-and-preconditions")
ROUNDS = 7
sys.path.insert(0, str(ROOT))


def main() -> None:
    """Measure and print."""
    options = asked(__doc__)
    with tempfile.TemporaryDirectory() as name:
        directory = options.directory or Path(name)
        directory.mkdir(parents=True, exist_ok=True)
        database = directory / "kuntakaiku.db"
        index = [str(COMMAND), "--quiet", "--json", "--database", str(database), "index"]
        if not database.exists():
            measured(index, 1, directory)  # the dictionaries
            archive = directory / "posts.jsonl"
            write_archive(archive, Path(options.texts), options.posts)
            measured([sys.executable, "-c", IMPORT, str(archive), f"sqlite:///{database}"], options.posts, directory)
            archive.unlink()
            before = database.stat().st_size
            show(what="index", **measured(index, options.posts, directory))
            show(what="index, bytes a post", bytes=(database.stat().st_size - before) // options.posts)
            predict(database)
        searches(directory, database)


def predict(database: Path) -> None:
    """Give every post an invented prediction."""
    from corpus.post import Prediction
    from corpus.store import Corpus

    chance = random.Random(20261124)
    themes = (None, *THEMES)
    with Corpus.open(f"sqlite:///{database}") as corpus:
        ids = [row[0] for row in corpus.database.query("SELECT post_id FROM posts ORDER BY post_id")]
        for start in range(0, len(ids), 5_000):
            batch = []
            for post_id in ids[start : start + 5_000]:
                theme = chance.choice(themes)
                one = Prediction(
                    model="invented",
                    lang="en",
                    theme=theme,
                    themes=(theme,) if theme else (),
                    confidence=0.8,
                    scores={},
                )
                batch.append((post_id, one))
            corpus.judgements.save_predictions(batch, now=START)


def searches(directory: Path, database: Path) -> None:
    """Print how long each kind of search takes."""
    from corpus.search_query import Filters
    from corpus.store import Corpus
    from runtime.settings import Options
    from runtime.wiring import Program

    wired = Program(Options(database=str(database), quiet=True), environment={}, working_directory=directory)
    with wired as program, Corpus.open(f"sqlite:///{database}") as corpus:
        vocabulary = program.vocabulary
        last = corpus.posts.statistics().last_at or datetime.now(UTC)
        weeks = [(last - timedelta(weeks=n + 1), last - timedelta(weeks=n)) for n in range(13)]
        week = Filters(since=weeks[3][0], until=weeks[3][1])
        some = Filters(theme=THEMES[0], language="en", network="x")
        find = partial(corpus.search, vocabulary=vocabulary)
        asked: dict[str, Callable[[], object]] = {
            "word": partial(find, "library"),
            "phrase": partial(find, '"new game"'),
            "words, phrase and exclusion": partial(find, 'school OR teacher "high school" -game'),
            "word of every post": partial(find, "tulevaisuudenkunta"),
            "common word with theme, language and network": partial(find, "the", filters=some),
            "common word in a week": partial(find, "the", filters=week),
            "two common words by relevance": partial(find, "game new", order="relevance"),
            "a word's posts in each of 13 weeks": partial(corpus.search.counts, "game", weeks, vocabulary=vocabulary),
        }
        for what, ask in asked.items():
            taken = []
            for _ in range(ROUNDS):
                began = time.process_time()
                ask()
                taken.append(1000 * (time.process_time() - began))
            show(what=what, cpu_milliseconds=round(median(taken), 1), posts=corpus.posts.count())


if __name__ == "__main__":
    main()
