"""Telling themes apart by sentence vectors where they lie in several heaps: ridge regression under a Gaussian kernel.

The kernel is measured at landmarks, each the middle of several posts: a post's own vector tells what it said, and an
erased post must not live on in a model. In closed form and without scikit-learn.

See Williams and Seeger (2001), https://papers.nips.cc/paper/1866, for regression at landmarks.
"""

import numpy as np

from classifier.calibrate import Matrix, Numbers, log_softmax
from classifier.model_file import Array, Kernel

_NARROWNESS = 1.0
"""Gamma of exp(-gamma d²); vectors of unit length lie at most 2 apart."""
_STRAIGHT = 0.2
"""What a linear part adds to the kernel: few examples make few landmarks."""
_RIDGE = 0.2
_SLOPE = 8.0
"""From a regression's answer, about 0 or 1, to a logarithm."""
_POSTS_A_LANDMARK, _LEAST_A_LANDMARK, _MOST_LANDMARKS = 3, 2, 1_600
_ROUNDS, _MOST_LOOKED_AT = 4, 6_000
_FLAT = 1e-6
_ROWS_AT_ONCE = 2_048


def features(vectors: Array, landmarks: Array) -> Array:
    """Return how near unit vectors lie to the landmarks, and after that the vectors themselves, one row each."""
    near = np.exp(-2 * _NARROWNESS * (1 - vectors @ landmarks.T))
    return np.asarray(np.hstack([near, np.sqrt(_STRAIGHT) * vectors]))


def kernel_opinion(kernel: Kernel, vectors: Array) -> Matrix:
    """Return log probabilities of centred unit vectors, one row each."""
    parts = (vectors[i : i + _ROWS_AT_ONCE] for i in range(0, len(vectors), _ROWS_AT_ONCE))
    rows = [features(part, kernel.landmarks) @ kernel.weights for part in parts]
    return log_softmax(_SLOPE * np.vstack(rows)) if rows else np.empty((0, kernel.weights.shape[1]))


def fit_kernel(vectors: Array, answers: Matrix, weights: Array, *, seed: int) -> Kernel:
    """Return the regression of answers, a probability for each class, on centred unit vectors.

    Classes weigh the same, however many examples each has; ``weights`` are the examples' own.
    """
    classes = answers.shape[1]
    landmarks = _landmarks(vectors, np.random.default_rng(seed))
    turned = _upright(landmarks)
    of_class = np.maximum((answers * weights[:, None]).sum(axis=0), 1e-9)
    weigh = weights * (answers / of_class).sum(axis=1)
    weigh *= weights.sum() / max(float(weigh.sum()), 1e-9)
    gram, aim = _RIDGE * np.eye(len(turned)), np.zeros((len(turned), classes))
    for start in range(0, len(vectors), _ROWS_AT_ONCE):  # all rows at once would take gigabytes
        part = slice(start, start + _ROWS_AT_ONCE)
        seen = features(vectors[part], landmarks) @ turned
        gram += seen.T @ (seen * weigh[part, None])
        aim += seen.T @ ((answers[part] - 1 / classes) * weigh[part, None])
    return Kernel(landmarks=landmarks, weights=turned @ np.linalg.solve(gram, aim))


def _landmarks(vectors: Array, chance: np.random.Generator) -> Array:
    """Return the middles of heaps of two vectors or more: k-means of a few rounds, on a sample of many."""
    looked = vectors[chance.permutation(len(vectors))[:_MOST_LOOKED_AT]]
    middles = looked[: min(_MOST_LANDMARKS, len(looked) // _POSTS_A_LANDMARK)]
    for _ in range(_ROUNDS):
        if not len(middles):
            break
        heap = (looked @ middles.T).argmax(axis=1)
        middles = _middles(looked, heap, len(middles))
    return np.asarray(middles)


def _middles(vectors: Array, heap: Numbers, count: int) -> Array:
    sums = np.zeros((count, vectors.shape[1]))
    np.add.at(sums, heap, vectors)
    kept = sums[np.bincount(heap, minlength=count) >= _LEAST_A_LANDMARK]
    return np.asarray(kept / np.maximum(np.linalg.norm(kept, axis=1, keepdims=True), 1e-9))


def _upright(landmarks: Array) -> Array:
    """Return what turns features so that their products are the kernel's: nearness to landmarks overlaps."""
    overlap, axes = np.linalg.eigh(np.exp(-2 * _NARROWNESS * (1 - landmarks @ landmarks.T)))
    count, width = landmarks.shape
    turned = np.zeros((count + width, count + width))
    turned[:count, :count] = axes / np.sqrt(np.maximum(overlap, _FLAT))
    turned[count:, count:] = np.eye(width)
    return turned
