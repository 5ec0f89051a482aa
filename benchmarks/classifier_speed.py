"""How much processor time and memory the classifier takes, through the commands themselves.

    KUNTAKAIKU_TEST_DATA=… python benchmarks/classifier_speed.py [--labels 15000]

Prints a JSON line each: `train` on that many labelled titles, which also judges the corpus again; `classify-text` on
texts never embedded before, and on the same again, with sentence vectors; and `classify` of the titles as posts, by
words alone, as the weekly cycle does it.
"""

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMAND = Path(sys.executable).parent / "kuntakaiku"
ASKED = 1_000
THEMES = (
    "participation_services",
    "welfare_competence_vitality_leadership",
    "municipality_region",
    "municipality_roles_preconditions",
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--labels", type=int, default=15_000)
    options = parser.parse_args()
    data = Path(os.environ["KUNTAKAIKU_TEST_DATA"])
    with gzip.open(data / "yso_municipal_themes" / "single_label.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        house = [COMMAND, "--quiet", "--json", "--data", folder / "data"]
        slugs = theme_slugs(house)
        labels = [
            {"id": one["id"], "text": one["text"], "lang": one["lang"], "theme": slugs.get(one["label"])}
            for one in rows[: options.labels]
        ]
        posts = [
            {"network": "mastodon", "native_id": str(i), "text": one["text"], "created_at": "2026-11-20T10:00:00Z"}
            for i, one in enumerate(rows)
        ]
        fresh = [{"id": i, "text": hundred(one["text"], i)} for i, one in enumerate(rows[:ASKED])]
        for written, lines in (("labels", labels), ("posts", posts), ("fresh", fresh)):
            text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
            (folder / f"{written}.jsonl").write_text(text, encoding="utf-8")
        tell("import", [*house, "import", folder / "posts.jsonl", "--format", "corpus", "--index"], len(posts))
        tell("classify by words, cold", [*house, "classify"], len(posts))
        tell("classify-text, cold, 100 characters", [*house, "classify-text", folder / "fresh.jsonl"], ASKED)
        tell("train", [*house, "train", "--labels", folder / "labels.jsonl"], len(labels))
        tell("classify by words, trained", [*house, "classify", "--all"], len(posts))
        tell("classify-text, trained, vectors kept", [*house, "classify-text", folder / "fresh.jsonl"], ASKED)


def theme_slugs(house: list[object]) -> dict[str, str]:
    """Return the shipped programme's themes by the names that the titles' themes have in their set."""
    asked = [*map(str, house), "classify-text"]
    told = subprocess.run(asked, input='{"id":1,"text":"kunta"}', text=True, check=True, stdout=subprocess.PIPE).stdout
    shipped = [one for one in json.loads(told)["scores"] if one != "none"]
    return dict(zip(THEMES, shipped, strict=True))


def hundred(text: str, number: int) -> str:
    """Return a text of 100 characters that no cache knows."""
    return (f"{number} {text} " * (100 // (len(text) + 1) + 1))[:100]


def tell(what: str, command: list[object], count: int) -> None:
    """Run a command and print its figures."""
    began = time.monotonic()
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    seconds = used.ru_utime + used.ru_stime
    line = {
        "what": what, "texts": count, "seconds": round(time.monotonic() - began, 1), "cpu_seconds": round(seconds, 1),
        "texts_per_cpu_second": round(count / seconds, 1), "peak_mb": used.ru_maxrss // 1024, "status": status,
    }  # fmt: skip
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
