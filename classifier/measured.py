"""What out-of-fold judgements tell: kept with a model, so that the next one can be compared and the card be drawn."""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from classifier.calibrate import Matrix, Numbers
from classifier.example import Example
from language.text import text_hash

_BINS = 10
_STEPS = 20
_KEY = 8
"""Bytes of a text's hash that are kept: enough to know it again, and no way back to the text."""
CONFORMAL = 0.9
"""The shown set of themes holds the right one this often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Examples with what a model said of each that had seen neither it, nor its writer, nor a near-identical text."""

    examples: tuple[Example, ...]
    probabilities: Matrix
    """A column for each theme in order, and the last for none of them."""
    targets: Numbers
    groups: Numbers
    """Examples of one group never stood on both sides of a split."""
    languages: tuple[str, ...]


def guesses(measured: Measured) -> str:
    """Return what was guessed of each example as text that ``read_guesses`` reads: nine bytes an example."""
    likeliest = measured.probabilities.argmax(axis=1)
    packed = b"".join(
        text_hash(one.text)[:_KEY] + bytes([int(guess)])
        for one, guess in zip(measured.examples, likeliest, strict=True)
    )
    return b64encode(packed).decode()


def read_guesses(packed: object) -> dict[bytes, int]:
    """Return the column that was guessed of each example, by the key of its text."""
    raw = b64decode(packed) if isinstance(packed, str) else b""
    width = _KEY + 1
    return {raw[start : start + _KEY]: raw[start + _KEY] for start in range(0, len(raw), width)}


def key_of(text: str) -> bytes:
    """Return by what an example's text is known again."""
    return text_hash(text)[:_KEY]


def conformal_share(probabilities: Matrix, targets: Numbers) -> float:
    """Return how much probability a set of answers must gather to hold the right one in nine of ten cases.

    Split conformal prediction with adaptive sets (Y. Romano, M. Sesia, E. Candès, *Classification with Valid and
    Adaptive Coverage*, 2020): the quantile, over examples judged out of fold, of what is gathered up to the right one.
    """
    order = np.argsort(-probabilities, axis=1, kind="stable")
    gathered = np.cumsum(np.take_along_axis(probabilities, order, axis=1), axis=1)
    place = (order == targets[:, None]).argmax(axis=1)
    scores = np.sort(gathered[np.arange(len(targets)), place])
    rank = int(np.ceil((len(scores) + 1) * CONFORMAL)) - 1
    return float(scores[rank]) if rank < len(scores) else 1.0


def curves(measured: Measured, classes: Sequence[str]) -> dict[str, Any]:
    """Return what a card draws, as JSON: calibration, accuracy by coverage, confusion."""
    probabilities, targets = measured.probabilities, measured.targets
    guess, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    is_right = guess == targets
    confusion = np.zeros((len(classes), len(classes)), dtype=int)
    np.add.at(confusion, (targets, guess), 1)
    order = np.argsort(confidence, kind="stable")
    surest = order[::-1]
    share_right = np.cumsum(is_right[surest]) / np.arange(1, len(surest) + 1)
    kept = [max(1, round(step / _STEPS * len(surest))) for step in range(1, _STEPS + 1)]
    return {
        "classes": list(classes),
        "confusion": confusion.tolist(),
        "calibration": [
            {"confidence": float(confidence[part].mean()), "right": float(is_right[part].mean()), "n": len(part)}
            for part in np.array_split(order, _BINS)
            if len(part)
        ],
        "coverage": [{"share": count / len(surest), "right": float(share_right[count - 1])} for count in kept],
    }
