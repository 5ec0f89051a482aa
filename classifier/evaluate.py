"""How good the classifier is, on what, and how sure that figure is."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
from numpy.typing import NDArray

from classifier.calibrate import (
    Matrix,
    Numbers,
    accuracy_at_coverage,
    calibration_error_sorted,
    expected_calibration_error,
)
from classifier.example import Example, Text
from classifier.folds import groups_of
from classifier.model_file import Thresholds
from classifier.predict import Classifier
from programme.errors import MisuseError
from programme.types import NONE, UNSURE

_DRAWS = 500
_INTERVAL = (2.5, 97.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeFigures:
    """How well one theme, or none of them, is found."""

    n: int
    """Examples labelled so."""
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageFigures:
    """How well one language is sorted."""

    n: int
    macro_f1: float
    accuracy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How good a classifier is; macro-F1 and accuracy are of the likeliest choice, sure enough or not."""

    n: int
    macro_f1: float
    accuracy: float
    coverage: float
    """Share that it dared to answer: a theme, or none of them."""
    accuracy_answered: float
    """Accuracy on that share."""
    accuracy_at_80: float
    """Accuracy on the surest four fifths."""
    ece: float
    """Expected calibration error of the likeliest choice."""
    per_theme: Mapping[str, ThemeFigures]
    per_language: Mapping[str, LanguageFigures]
    intervals: Mapping[str, tuple[float, float]]
    """95 % bootstrap intervals of macro_f1, accuracy and ece; writers and near-identical texts are drawn together."""
    measured_on: str
    """On what, in words."""
    model: str
    provisional: bool = False
    notes: tuple[str, ...] = ()
    """What was left out or could not be learnt, with the remedy."""
    previous: Mapping[str, float] = field(default_factory=dict)
    """macro_f1 and accuracy that the model before measured of itself; empty where there was none."""
    comparison: Mapping[str, object] | None = None
    """The new model beside the one in use, on the same examples; None where there was none to compare."""
    in_use: bool = True
    """Whether the new model was put in use: False where the comparison found it worse."""

    def as_json(self) -> dict[str, object]:
        """Return the report as JSON values."""
        return asdict(self)


def evaluate(classifier: Classifier, examples: Sequence[Example], *, seed: int = 0) -> Report:
    """Return how well a classifier sorts labelled examples, on which it must not have been trained.

    Where no example is labelled as none of the themes, none is no choice: such a set says nothing about it.

    Raises:
        MisuseError: nothing can be measured on these examples, or one names an unknown theme.
    """
    classes = (*classifier.model.slugs, NONE)
    targets, kept, unsure = targets_of(examples, classes)
    if not kept:
        raise MisuseError("There is no labelled example to measure on.", "Give JSONL lines {id, text, theme}.")
    texts = [Text(text=example.text, lang=example.lang) for example in kept]
    probabilities = classifier.probabilities(texts)
    languages = [classifier.language_of(text) for text in texts]
    return measure(
        probabilities,
        targets,
        classes=classes,
        languages=languages,
        groups=groups_of(kept),
        thresholds=classifier.model.thresholds,
        measured_on=f"{len(kept)} labelled examples given for measuring",
        model=classifier.version,
        provisional=classifier.model.provisional,
        notes=(f"{unsure} examples labelled unsure were left out.",) if unsure else (),
        seed=seed,
    )


def targets_of(examples: Sequence[Example], classes: Sequence[str]) -> tuple[Numbers, list[Example], int]:
    """Return the class number of each example that names one, those examples, and how many were unsure.

    Raises:
        MisuseError: an example names a theme that the programme does not have.
    """
    numbers = {slug: number for number, slug in enumerate(classes)}
    unknown = sorted(
        {str(one.theme) for one in examples if one.theme not in (None, UNSURE) and one.theme not in numbers}
    )
    if unknown:
        raise MisuseError(
            f"The labels name themes that the programme does not have: {', '.join(unknown[:5])}.",
            f"Use one of {', '.join(classes[:-1])}, or null for none of them.",
        )
    kept = [example for example in examples if example.theme != UNSURE]
    targets = np.array([numbers[example.theme or NONE] for example in kept], dtype=np.intp)
    return targets, kept, len(examples) - len(kept)


def measure(
    probabilities: Matrix,
    targets: Numbers,
    *,
    classes: Sequence[str],
    languages: Sequence[str],
    groups: Numbers,
    thresholds: Thresholds,
    measured_on: str,
    model: str,
    seed: int,
    provisional: bool = False,
    notes: tuple[str, ...] = (),
) -> Report:
    """Return the report on probabilities whose right answers are known."""
    knows_none = bool((targets == len(classes) - 1).any())
    chosen = probabilities if knows_none else probabilities[:, :-1] / probabilities[:, :-1].sum(axis=1, keepdims=True)
    guess, confidence = chosen.argmax(axis=1), chosen.max(axis=1)
    is_right = guess == targets
    answered = np.where(guess == len(classes) - 1, confidence >= thresholds.off_topic, confidence >= thresholds.answer)
    by_language = np.array(languages)
    return Report(
        n=len(targets),
        macro_f1=macro_f1(targets, guess),
        accuracy=float(is_right.mean()),
        coverage=float(answered.mean()),
        accuracy_answered=float(is_right[answered].mean()) if answered.any() else 0.0,
        accuracy_at_80=accuracy_at_coverage(0.8, confidence, is_right),
        ece=expected_calibration_error(confidence, is_right),
        per_theme={
            classes[k]: _theme_figures(targets == k, guess == k)
            for k in range(len(classes))
            if knows_none or k < len(classes) - 1
        },
        per_language={
            str(language): LanguageFigures(
                n=int(here.sum()), macro_f1=macro_f1(targets[here], guess[here]), accuracy=float(is_right[here].mean())
            )
            for language in sorted(set(languages))
            for here in [by_language == language]
        },
        intervals=_intervals(targets, guess, confidence, groups, seed),
        measured_on=measured_on
        if knows_none
        else f"{measured_on}; none of the themes was no choice, since none is labelled so",
        model=model,
        provisional=provisional,
        notes=notes,
    )


def macro_f1(targets: Numbers, guess: Numbers) -> float:
    """Return the mean F1 over the classes that occur among the right answers."""
    return macro_f1_of(confusion_of(targets, guess, None))


def confusion_of(targets: Numbers, guess: Numbers, counts: NDArray[np.float64] | None) -> Matrix:
    """Return how often each class, a row, was taken for each, a column; ``counts`` is how often an example counts."""
    classes = int(max(targets.max(), guess.max())) + 1
    pairs = np.bincount(targets * classes + guess, weights=counts, minlength=classes * classes)
    return pairs.reshape(classes, classes).astype(np.float64)


def macro_f1_of(confusion: Matrix) -> float:
    """Return the mean F1 over the classes that occur among the right answers of a confusion."""
    there, said = confusion.sum(axis=1), confusion.sum(axis=0)
    occurs = there > 0
    return float((2 * confusion.diagonal() / np.maximum(there + said, 1))[occurs].mean())


def _theme_figures(is_so: NDArray[np.bool_], is_guessed: NDArray[np.bool_]) -> ThemeFigures:
    hits = int((is_so & is_guessed).sum())
    said, there = int(is_guessed.sum()), int(is_so.sum())
    return ThemeFigures(
        n=there,
        precision=hits / said if said else 0.0,
        recall=hits / there if there else 0.0,
        f1=2 * hits / (said + there) if said + there else 0.0,
    )


def _intervals(
    targets: Numbers, guess: Numbers, confidence: Matrix, groups: Numbers, seed: int
) -> dict[str, tuple[float, float]]:
    """Return bootstrap intervals: whole groups are drawn, which here is how often each row counts."""
    chance = np.random.default_rng(seed)
    count = int(groups.max()) + 1
    order = np.argsort(confidence, kind="stable")
    figures = np.empty((_DRAWS, 3))
    for draw in figures:
        drawn = np.bincount(chance.integers(count, size=count), minlength=count).astype(np.float64)
        counts = drawn[groups]
        confusion = confusion_of(targets, guess, counts)
        error = calibration_error_sorted(confidence[order], (guess == targets)[order], counts[order])
        draw[:] = macro_f1_of(confusion), confusion.trace() / confusion.sum(), error
    low, high = np.percentile(figures, _INTERVAL, axis=0)
    names = ("macro_f1", "accuracy", "ece")
    return {name: (float(low[i]), float(high[i])) for i, name in enumerate(names)}
