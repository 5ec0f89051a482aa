"""How well, and how fast, posts are sorted: our classifier beside plain scikit-learn, on the same rows in the same run.

    KUNTAKAIKU_TEST_DATA=… python benchmarks/classifier.py [--quick] [--vectors [--cache DIR]]

Prints a JSON line for each set and setting. ``--vectors`` uses sentence vectors too (24 ms a text, so minutes; kept in
``--cache``); ``--quick`` one seed and no large set. No set holds hashtag posts labelled by hand with the programme's
themes: SIB-200 holds translated news sentences, the municipal proxy candidates' comments, the YSO set titles labelled
by librarians.
"""

import csv
import gzip
import json
import os
import random
import sys
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from classifier.calibrate import expected_calibration_error
from classifier.coldstart import cold_classifier
from classifier.evaluate import evaluate, macro_f1
from classifier.example import Example
from classifier.predict import Classifier, Text
from classifier.study import Embedder
from classifier.train import fit_model
from language.vectors import open_vectors
from programme.types import NONE, Localised, Programme, Theme

HERE = Path(__file__).parent
PROXY = {
    "participation_services": "services",
    "welfare_competence_vitality_leadership": "welfare_vitality",
    "municipality_region": "region",
    "municipality_roles_preconditions": "municipalities",
    "other": None,
}


def described(name: str) -> Programme:
    """Return the programme of a benchmark's themes."""
    with (HERE / "themes" / f"{name}.toml").open("rb") as file:
        read = tomllib.load(file)
    nothing = Localised({})
    themes = tuple(
        Theme(
            slug=one["slug"], name=Localised(one["name"]), short_name=nothing, tag=nothing, gloss=nothing,
            description=Localised(one["description"]),
            seed_words={language: tuple(words) for language, words in one["seed_words"].items()},
        )
        for one in read["theme"]
    )  # fmt: skip
    return Programme(
        slug=name, name=Localised({"en": name}), languages=tuple(read["languages"]), time_zone="Europe/Helsinki",
        hashtags=(), themes=themes,
    )  # fmt: skip


def table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a tab-separated file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def sib(data: Path, part: str) -> list[Example]:
    """Return SIB-200 in Finnish and Swedish; the same sentence in both is one writer, so that no split parts them."""
    return [
        Example(
            id=f"{code}-{row['index_id']}", text=row["text"], lang=code, theme=row["category"], author=row["index_id"]
        )
        for code, name in (("fi", "fin"), ("sv", "swe"))
        for row in table(data / "sib200" / f"{name}_Latn.{part}.tsv")
    ]


def proxy(data: Path) -> list[Example]:
    """Return the Finnish part of the municipal proxy."""
    return [
        Example(
            id=row["index_id"],
            text=row["text"],
            lang="fi",
            theme=None if row["category"] == NONE else row["category"],
            author=row["author"],
        )
        for row in table(data / "yle15-municipal" / "comments.tsv")
        if row["lang"] == "fi"
    ]


def titles(data: Path) -> list[Example]:
    """Return the titles with one theme or none."""
    with gzip.open(data / "yso_municipal_themes" / "single_label.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return [Example(id=row["id"], text=row["text"], lang=row["lang"], theme=PROXY[row["label"]]) for row in rows]


def parted(examples: Sequence[Example], share: float, seed: int) -> tuple[list[Example], list[Example]]:
    """Return examples to learn from and to measure on; no writer among both."""
    writers = sorted({example.author or example.id for example in examples})
    random.Random(seed).shuffle(writers)
    kept = set(writers[: round(share * len(writers))])
    aside = [example for example in examples if (example.author or example.id) in kept]
    return [example for example in examples if (example.author or example.id) not in kept], aside


def a_few(examples: Sequence[Example], each: int, seed: int) -> tuple[list[Example], list[Example]]:
    """Return some examples of each class, and the rest as posts without labels."""
    shuffled = list(examples)
    random.Random(seed).shuffle(shuffled)
    taken: dict[str | None, int] = {}
    few, rest = [], []
    for example in shuffled:
        taken[example.theme] = taken.get(example.theme, 0) + 1
        (few if taken[example.theme] <= each else rest).append(example)
    return few, rest


def plain(learn: Sequence[Example], aside: Sequence[Example], programme: Programme) -> dict[str, float]:
    """Return what the usual scikit-learn recipe reaches on the same rows."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    classes = [*programme.slugs, None]
    began = time.process_time()
    vectoriser = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
    pipeline = make_pipeline(vectoriser, LogisticRegression(C=10, class_weight="balanced", max_iter=400))
    pipeline.fit([one.text for one in learn], [classes.index(one.theme) for one in learn])
    trained = time.process_time()
    found = pipeline.predict_proba([one.text for one in aside])
    seconds = time.process_time() - trained
    import numpy as np

    targets = np.array([classes.index(one.theme) for one in aside])
    guess = pipeline.classes_[found.argmax(axis=1)]
    return {
        "macro_f1": macro_f1(targets, guess),
        "ece": expected_calibration_error(found.max(axis=1), guess == targets),
        "train_cpu_s": trained - began,
        "posts_per_cpu_s": len(aside) / seconds,
    }


def ours(classifier: Classifier, aside: Sequence[Example], train_cpu_s: float) -> dict[str, float]:
    """Return what our classifier reaches."""
    report = evaluate(classifier, aside)
    texts = [Text(text=example.text) for example in aside]
    began = time.process_time()
    classifier.predict(texts, reasons=False)
    return {
        "macro_f1": report.macro_f1,
        "ece": report.ece,
        "accuracy_at_80": report.accuracy_at_80,
        "coverage": report.coverage,
        "accuracy_answered": report.accuracy_answered,
        **{f"macro_f1_{language}": figures.macro_f1 for language, figures in report.per_language.items()},
        "train_cpu_s": train_cpu_s,
        "posts_per_cpu_s": len(texts) / (time.process_time() - began),
    }


def off_topic_auroc(classifier: Classifier, aside: Sequence[Example]) -> float:
    """Return how often an example of none of the themes is thought likelier to be so than one of a theme."""
    none = classifier.probabilities([Text(text=one.text, lang=one.lang) for one in aside])[:, -1]
    ranks = none.argsort(kind="stable").argsort(kind="stable") + 1
    strange = sum(one.theme is None for one in aside)
    of_strange = sum(int(rank) for rank, one in zip(ranks, aside, strict=True) if one.theme is None)
    return (of_strange - strange * (strange + 1) / 2) / (strange * (len(aside) - strange))


def settings(
    name: str, programme: Programme, examples: Sequence[Example], seed: int, vectors: Embedder | None
) -> Iterator[dict[str, object]]:
    """Yield the figures without labels, with 16 of each class, and with all."""
    learn, aside = parted(examples, 0.25, seed)
    told: list[tuple[str, list[Example], list[Example]]] = [("no labels, no pool", [], []), ("no labels", [], learn)]
    told += [("16 a class", *a_few(learn, 16, seed)), ("all labels", learn, [])]
    if {"fi", "sv"} <= {example.lang for example in examples}:
        told.append(("Finnish labels, measured on Swedish", [one for one in learn if one.lang == "fi"], []))
    whole = aside
    for setting, labelled, pool in told:
        aside = [one for one in whole if one.lang == "sv"] if setting.endswith("Swedish") else whole
        texts = [example.text for example in pool]
        began = time.process_time()
        if labelled:
            known = Classifier(
                fit_model(programme, labelled, texts, vectors=vectors, seed=seed).model, programme, vectors=vectors
            )
        else:
            known = cold_classifier(programme, pool=texts, vectors=vectors, seed=seed)
        line: dict[str, object] = {
            "set": name,
            "setting": setting,
            "seed": seed,
            "n": len(aside),
            "with_vectors": vectors is not None,
        }
        line["kuntakaiku"] = ours(known, aside, time.process_time() - began)
        if not labelled and any(example.theme is None for example in aside):
            on_topic = [example for example in aside if example.theme]
            line["themes_only_macro_f1"] = evaluate(known, on_topic).macro_f1
            line["off_topic_auroc"] = off_topic_auroc(known, aside)
        if labelled:
            line["scikit-learn"] = plain(labelled, aside, programme)
        yield line


def main() -> None:
    """Measure and print."""
    data = Path(os.environ["KUNTAKAIKU_TEST_DATA"])
    quick = "--quick" in sys.argv
    cache = Path(sys.argv[sys.argv.index("--cache") + 1]) if "--cache" in sys.argv else None
    vectors = open_vectors(cache) if "--vectors" in sys.argv else None
    municipal = described("municipal")
    sets = [
        ("sib200 fi+sv", described("sib200"), sib(data, "train") + sib(data, "dev")),
        ("municipal proxy fi", municipal, proxy(data)),
    ]
    if not quick:
        sets.append(("yso titles fi+sv+en", municipal, titles(data)))
    for name, programme, examples in sets:
        for seed in range(1, 2 if quick else 6):
            for line in settings(name, programme, [replace(one) for one in examples], seed, vectors):
                print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
