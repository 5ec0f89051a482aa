"""Whether a new model may take the place of the one in use: not where grouped cross-validation finds it worse."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from classifier.calibrate import Numbers
from classifier.evaluate import confusion_of, macro_f1_of
from classifier.example import Example, Text
from classifier.measured import Measured, key_of, read_guesses
from classifier.predict import Classifier

_DRAWS = 1_000
_INTERVAL = (2.5, 97.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A new model beside the one in use, on the same examples; none of them was known to the model that judged it."""

    previous: str
    """Version of the one in use."""
    n: int
    """Examples; 0 where the labels were too few to compare anything."""
    before: float
    """Macro-F1 of the one in use."""
    after: float
    """Of the new one."""
    low: float
    """Of the 95 % interval of ``after - before``: writers and near-identical texts are drawn together, paired."""
    high: float
    is_worse: bool

    def as_json(self) -> dict[str, object]:
        """Return it as JSON values."""
        return asdict(self)


def compare(measured: Measured | None, previous: Classifier, *, seed: int) -> Comparison | None:
    """Return how a new model stands beside the one in use; None where the one in use has learnt from no label.

    What the one in use had learnt from is judged by what its own cross-validation said, everything else by itself. Of
    a new model with too few labels to be measured nobody knows whether it is as good: it counts as worse than one that
    was measured.
    """
    labels = previous.model.manifest.get("labels")
    if measured is None:
        if not labels or not previous.model.manifest.get("guesses"):
            return None
        return Comparison(previous=previous.version, n=0, before=0.0, after=0.0, low=0.0, high=0.0, is_worse=True)
    before = _guessed_before(measured.examples, previous)
    after = measured.probabilities.argmax(axis=1).astype(np.intp)
    differences = _differences(measured.targets, before, after, measured.groups, seed)
    low, high = (float(bound) for bound in np.percentile(differences, _INTERVAL))
    return Comparison(
        previous=previous.version,
        n=len(measured.targets),
        before=macro_f1_of(confusion_of(measured.targets, before, None)),
        after=macro_f1_of(confusion_of(measured.targets, after, None)),
        low=low,
        high=high,
        is_worse=high < 0,
    )


def _guessed_before(examples: Sequence[Example], previous: Classifier) -> Numbers:
    known = read_guesses(previous.model.manifest.get("guesses"))
    guess = np.array([known.get(key_of(one.text), -1) for one in examples], dtype=np.intp)
    unseen = np.flatnonzero(guess < 0)
    if len(unseen):
        texts = [Text(text=examples[i].text, lang=examples[i].lang) for i in unseen.tolist()]
        guess[unseen] = previous.probabilities(texts).argmax(axis=1)
    return guess


def _differences(targets: Numbers, before: Numbers, after: Numbers, groups: Numbers, seed: int) -> list[float]:
    chance = np.random.default_rng(seed)
    count = int(groups.max()) + 1
    found = []
    for _ in range(_DRAWS):
        counts = np.bincount(chance.integers(count, size=count), minlength=count).astype(np.float64)[groups]
        found.append(
            macro_f1_of(confusion_of(targets, after, counts)) - macro_f1_of(confusion_of(targets, before, counts))
        )
    return found
