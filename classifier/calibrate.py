"""From several opinions to one honest probability: pooling, temperature, thresholds, and how far to trust them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Numbers = NDArray[np.intp]
_STEPS = 300
_BINS = 10


def log_softmax(logits: Matrix) -> Matrix:
    """Return log probabilities, row by row."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def softmax(logits: Matrix) -> Matrix:
    """Return probabilities, row by row; each row sums to 1 as exactly as floating point allows."""
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def pooled(opinions: Sequence[Matrix], weights: Sequence[float]) -> Matrix:
    """Return the logarithmic pool of log probabilities: weights that sum to less than 1 make it less sure."""
    return np.asarray(sum(weight * opinion for weight, opinion in zip(weights, opinions, strict=True)))


def fit_weights(
    opinions: Sequence[Matrix], truth: Numbers, start: Sequence[float], *, pull: float = 2.0
) -> list[float]:
    """Return the weights of a logarithmic pool under which the truth is likeliest.

    Their sum is the inverse of one temperature: calibration and fusion are one fit. Give out-of-fold opinions.
    ``pull`` is how many examples' worth of trust the starting weights have.
    """
    stacked = np.stack(opinions)  # opinion, example, class
    rows = np.arange(len(truth))
    origin = np.array(start, dtype=np.float64)
    weights, loss, step = origin.copy(), np.inf, 1.0

    def look(at: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits = np.tensordot(at, stacked, axes=1)
        log_p = log_softmax(logits)
        pulled = pull * ((at - origin) ** 2).sum() / len(truth)
        expected = (stacked * np.exp(log_p)).sum(axis=2)
        slope = (expected - stacked[:, rows, truth]).mean(axis=1) + 2 * pull * (at - origin) / len(truth)
        return float(pulled - log_p[rows, truth].mean()), slope

    loss, slope = look(weights)
    for _ in range(_STEPS):  # projected gradient with backtracking: the loss is convex in a handful of weights
        tried = np.maximum(weights - step * slope, 0.0)
        new_loss, new_slope = look(tried)
        if new_loss > loss:
            step /= 2
            if step < 1e-6:  # noqa: PLR2004 - no descent left in floating point
                break
            continue
        weights, loss, slope, step = tried, new_loss, new_slope, step * 1.5
    return [float(weight) for weight in weights]


def expected_calibration_error(confidence: Matrix, is_right: NDArray[np.bool_]) -> float:
    """Return how far confidence lies from accuracy, over ten bins of equal count.

    Bins of equal width would leave most of them empty for a small sample, and the figure to chance.
    """
    order = np.argsort(confidence, kind="stable")
    return calibration_error_sorted(confidence[order], is_right[order], np.ones(len(order)))


def calibration_error_sorted(confidence: Matrix, is_right: NDArray[np.bool_], counts: Matrix) -> float:
    """Return the same for confidences in ascending order, each counting several times or not at all."""
    total = counts.sum()
    if not total:
        return 0.0
    bins = np.minimum((_BINS * (np.cumsum(counts) - counts / 2) / total).astype(np.intp), _BINS - 1)
    gaps = np.bincount(bins, weights=counts * (confidence - is_right), minlength=_BINS)
    return float(np.abs(gaps).sum() / total)


def threshold_for(
    precision: float, confidence: Matrix, is_right: NDArray[np.bool_], *, lowest: float, highest: float
) -> float:
    """Return the least confidence at which answers are right as often as asked, kept within bounds.

    The higher bound keeps a weak classifier from falling silent: it shows its confidence instead.
    """
    order = np.argsort(-confidence, kind="stable")
    share_right = np.cumsum(is_right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(share_right >= precision)
    found = float(confidence[order[enough[-1]]]) if len(enough) else 1.0
    return min(max(found, lowest), highest)


def accuracy_at_coverage(coverage: float, confidence: Matrix, is_right: NDArray[np.bool_]) -> float:
    """Return the accuracy on the surest share of the examples."""
    kept = np.argsort(-confidence, kind="stable")[: max(1, round(coverage * len(confidence)))]
    return float(is_right[kept].mean()) if len(confidence) else 0.0
