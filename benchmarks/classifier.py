"""How well posts are sorted: our classifier beside simple and known peers, on the same rows in the same run.

    KUNTAKAIKU_TEST_DATA=… python benchmarks/classifier.py [--quick] [--vectors [--cache DIR]] [--peers PYTHON]
                                                           [--set NAME] [--only SETTING] [--seeds 5]

Prints a JSON line for each set, setting and seed, of which ``classifier_page.py`` makes a page. ``--vectors`` uses
sentence vectors too (24 ms a text, so minutes; kept in ``--cache``); ``--quick`` one seed and no large set. ``--peers``
names the Python of an environment with Annif and river (``pip install annif[fasttext] river``), which are no
dependencies of ours. No set holds hashtag posts labelled by hand with the programme's themes: SIB-200 holds translated
news sentences, the municipal proxy candidates' comments, the YSO set titles labelled by librarians.

A quarter of the writers is kept aside. Every setting of the classifier is fixed beforehand or fitted on folds of the
rows that it learns from; the same quarters serve all, so that figures compare with one another, not with a published
split.
"""

import argparse
import csv
import gzip
import json
import os
import random
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from classifier.calibrate import Matrix, Numbers, expected_calibration_error
from classifier.coldstart import cold_classifier
from classifier.evaluate import evaluate, macro_f1
from classifier.example import Example, embeddable
from classifier.predict import Classifier, Text
from classifier.seeds import theme_texts
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


def simple(
    learn: Sequence[Example], aside: Sequence[Example], programme: Programme, vectors: Embedder | None
) -> dict[str, dict[str, float]]:
    """Return what the usual scikit-learn recipes reach on the same rows."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    classes = [*programme.slugs, None]
    targets = [classes.index(one.theme) for one in learn]
    texts, asked = [one.text for one in learn], [one.text for one in aside]

    def characters() -> TfidfVectorizer:
        return TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)

    regression = LogisticRegression(C=10, class_weight="balanced", max_iter=400)
    pipeline = make_pipeline(characters(), regression).fit(texts, targets)
    found = pipeline.predict_proba(asked)
    guess = pipeline.classes_[found.argmax(axis=1)]
    answers = np.array([classes.index(one.theme) for one in aside])
    told = {"characters, logistic": {**_figures(answers, guess, aside), "ece": _error(found, guess, answers)}}
    for name, recipe in (
        ("characters, SVC", make_pipeline(characters(), LinearSVC())),
        (
            "words, logistic",
            make_pipeline(TfidfVectorizer(sublinear_tf=True), LogisticRegression(C=10, max_iter=400)),
        ),
    ):
        told[name] = _figures(answers, recipe.fit(texts, targets).predict(asked), aside)
    if vectors is not None:
        rows, seen = (vectors.embed([embeddable(text) for text in some]) for some in (texts, asked))
        fitted = LogisticRegression(C=10, max_iter=400).fit(rows, targets)
        told["sentence vectors, logistic"] = _figures(answers, fitted.predict(seen), aside)
    return told


def likest(pool: Sequence[Example], aside: Sequence[Example], programme: Programme) -> dict[str, dict[str, float]]:
    """Return what TF-IDF similarity to the themes' texts reaches without labels, where every text has a theme."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectoriser = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, min_df=2)
    vectoriser.fit([one.text for one in pool])
    described = [" ".join(text for _, text in theme.documents()) for theme in theme_texts(programme)]
    near = vectoriser.transform([one.text for one in aside]) @ vectoriser.transform(described).T
    answers = np.array([programme.slugs.index(str(one.theme)) for one in aside])
    return {"TF-IDF similarity": _figures(answers, near.toarray().argmax(axis=1), aside)}


def elsewhere(python: Path, learn: Sequence[Example], aside: Sequence[Example]) -> dict[str, object]:
    """Return what peers of another environment reach, or why they do not."""
    asked = {
        "learn": [[one.text, one.lang or "fi", one.theme or NONE] for one in learn],
        "aside": [[one.text, one.lang or "fi"] for one in aside],
    }
    script = [python, HERE / "classifier_peers.py"]
    run = subprocess.run(script, input=json.dumps(asked), stdout=subprocess.PIPE, text=True, check=True)
    told = next(line for line in reversed(run.stdout.splitlines()) if line.startswith("{"))
    classes = sorted({one.theme or NONE for one in (*learn, *aside)})
    answers = np.array([classes.index(one.theme or NONE) for one in aside])
    return {
        name: {"failed": found[:200]}
        if isinstance(found, str)
        else _figures(
            answers, np.array([classes.index(one) if one in classes else len(classes) for one in found]), aside
        )
        for name, found in json.loads(told).items()
    }


def _figures(answers: Numbers, guess: Numbers, aside: Sequence[Example]) -> dict[str, float]:
    languages = np.array([one.lang for one in aside])
    spoken = sorted(set(languages.tolist()))
    guess = guess.astype(np.intp)
    by_language = {f"macro_f1_{one}": macro_f1(answers[languages == one], guess[languages == one]) for one in spoken}
    return {"macro_f1": macro_f1(answers, guess), **by_language}


def _error(probabilities: Matrix, guess: Numbers, answers: Numbers) -> float:
    return expected_calibration_error(probabilities.max(axis=1), guess == answers)


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
    name: str, programme: Programme, examples: Sequence[Example], seed: int, asked: argparse.Namespace
) -> Iterator[dict[str, object]]:
    """Yield the figures without labels, with 16 of each class, and with all."""
    learn, aside = parted(examples, 0.25, seed)
    told: list[tuple[str, list[Example], list[Example]]] = [("no labels, no pool", [], []), ("no labels", [], learn)]
    told += [("16 a class", *a_few(learn, 16, seed)), ("all labels", learn, [])]
    if {"fi", "sv"} <= {example.lang for example in examples}:
        told.append(("Finnish labels, measured on Swedish", [one for one in learn if one.lang == "fi"], []))
    whole, vectors = aside, asked.opened
    for setting, labelled, pool in told:
        if asked.only and asked.only != setting:
            continue
        aside = [one for one in whole if one.lang == "sv"] if setting.endswith("Swedish") else whole
        texts = [example.text for example in pool]
        began = time.process_time()
        if labelled:
            known = Classifier(
                fit_model(programme, labelled, texts, vectors=vectors, seed=seed).model, programme, vectors=vectors
            )
        else:
            known = cold_classifier(programme, pool=texts, vectors=vectors, seed=seed)
        seconds = time.process_time() - began
        line: dict[str, object] = {"set": name, "setting": setting, "seed": seed, "n": len(aside)}
        line["kuntakaiku+e5" if vectors else "kuntakaiku"] = ours(known, aside, seconds)
        on_topic = [example for example in aside if example.theme]
        if not labelled:
            line["themes_only_macro_f1"] = evaluate(known, on_topic).macro_f1
            line["peers, themes only"] = likest(learn, on_topic, programme)
            if len(on_topic) < len(aside):
                line["off_topic_auroc"] = off_topic_auroc(known, aside)
        else:
            line["peers"] = simple(labelled, aside, programme, vectors)
            if asked.peers:
                line["peers"] |= elsewhere(asked.peers, labelled, aside)
        yield line


def curve(
    name: str, programme: Programme, examples: Sequence[Example], seed: int, vectors: Embedder | None
) -> Iterator[dict[str, object]]:
    """Yield macro-F1 by labels given as the queue asks for them: four by least margin, the fifth at random."""
    learn, aside = parted(examples, 0.25, seed)
    chance, known = random.Random(seed), cold_classifier(programme, pool=[one.text for one in learn], vectors=vectors)
    labelled: list[Example] = []
    left = list(learn)
    while len(labelled) < 200:
        scores = np.sort(known.probabilities([Text(text=one.text, lang=one.lang) for one in left]), axis=1)
        hard = np.argsort(scores[:, -1] - scores[:, -2], kind="stable")[:16].tolist()
        drawn = chance.sample([i for i in range(len(left)) if i not in hard], 4)
        labelled += [left[i] for i in (*hard, *drawn)]
        left = [one for i, one in enumerate(left) if i not in {*hard, *drawn}]
        fitted = fit_model(programme, labelled, [one.text for one in left], vectors=vectors, seed=seed).model
        known = Classifier(fitted, programme, vectors=vectors)
        reached = evaluate(known, aside)
        yield {
            "set": name, "setting": "curve", "seed": seed, "labels": len(labelled), "macro_f1": reached.macro_f1,
            "accuracy": reached.accuracy,
        }  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--vectors", action="store_true")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--set", dest="wanted", help="the beginning of a set's name")
    parser.add_argument("--only", help="one setting's name; `curve` for labels one after the other")
    parser.add_argument("--seeds", type=int, default=5)
    asked = parser.parse_args()
    data = Path(os.environ["KUNTAKAIKU_TEST_DATA"])
    asked.opened = open_vectors(asked.cache) if asked.vectors else None
    municipal = described("municipal")
    sets = [
        ("sib200 fi+sv", described("sib200"), sib(data, "train") + sib(data, "dev")),
        ("municipal proxy fi", municipal, proxy(data)),
    ]
    if not asked.quick:
        sets.append(("yso titles fi+sv+en", municipal, titles(data)))
    for name, programme, examples in sets:
        if asked.wanted and not name.startswith(asked.wanted):
            continue
        for seed in range(1, 2 if asked.quick else asked.seeds + 1):
            rows = [replace(one) for one in examples]
            measured = (
                curve(name, programme, rows, seed, asked.opened)
                if asked.only == "curve"
                else settings(name, programme, rows, seed, asked)
            )
            for line in measured:
                print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
