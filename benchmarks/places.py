"""How well and how fast places are recognised: ``python benchmarks/places.py [--texts DIR]``.

Prints precision and recall on ``tests/language/places_sample.txt`` by part and language with 95 % intervals (Wilson).
With ``--texts`` (the directory of test data) on the whole sample, and also texts of 100 characters per CPU second, on
municipal proposals with a hashtag and on Finnish headlines.
"""

import argparse
import csv
import gzip
import json
import sys
import time
from collections import Counter
from math import sqrt
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from language.gazetteer import gazetteer
from language.places import named_places
from tests.language.places_sample import sample

SIZE = 100


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=Path)
    options = parser.parse_args()
    for (part, lang), count in sorted(counted(options.texts).items()):
        right, wrong, missed = (count[name] for name in ("right", "wrong", "missed"))
        print(
            json.dumps(
                {
                    "what": f"places, {part}, {lang}",
                    "precision": [right, right + wrong, *wilson(right, right + wrong)],
                    "recall": [right, right + missed, *wilson(right, right + missed)],
                }
            )
        )
    if options.texts:
        for name, texts in sets(options.texts).items():
            print(json.dumps({"what": f"places of {name}", "texts_per_cpu_second": round(speed(texts))}))


def counted(texts: Path | None) -> dict[tuple[str, str], Counter[str]]:
    """Return right, wrong and missed places by part and language."""
    names = {("municipality", code): one.name_fi for code, one in gazetteer().municipalities.items()}
    names |= {("region", code): f"r:{one.name_fi}" for code, one in gazetteer().regions.items()}
    counts: dict[tuple[str, str], Counter[str]] = {}
    for one in sample(texts):
        found = {names.get(place, str(place)) for place in named_places(one.text, one.lang)}
        counts.setdefault((one.part, one.lang), Counter()).update(
            right=len(one.places & found), wrong=len(found - one.places), missed=len(one.places - found)
        )
    return counts


def wilson(successes: int, tries: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95 % interval of a share."""
    share = successes / tries
    middle = share + z * z / (2 * tries)
    half = z * sqrt(share * (1 - share) / tries + z * z / (4 * tries * tries))
    return round((middle - half) / (1 + z * z / tries), 3), round((middle + half) / (1 + z * z / tries), 3)


def sets(directory: Path) -> dict[str, list[str]]:
    """Return texts cut to 100 characters."""
    with gzip.open(directory / "omastadi_fi" / "proposals.jsonl.gz", "rt", encoding="utf-8") as file:
        proposals = [json.loads(line)["text"] for line in file]
    with gzip.open(directory / "fi-news" / "posts.csv.gz", "rt", encoding="utf-8") as file:
        news = [row["text"] for row in csv.DictReader(file)][:100_000]
    tag = " #tulevaisuudenkunta"
    return {
        "proposals": [text[: SIZE - len(tag)] + tag for text in proposals if len(text) >= SIZE],
        "headlines": [text[:SIZE] for text in news if len(text) >= SIZE],
    }


def speed(texts: list[str]) -> float:
    """Return texts per CPU second, the table of forms made before."""
    named_places("Turku")
    began = time.process_time()
    for text in texts:
        named_places(text, "fi")
    return len(texts) / (time.process_time() - began)


if __name__ == "__main__":
    main()
