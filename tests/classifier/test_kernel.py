"""What `classifier.kernel` promises: heaps that no line parts are told apart, and no post's vector is kept."""

import numpy as np
import pytest
from numpy.typing import NDArray

from classifier.kernel import features, fit_kernel, kernel_opinion


def heaps(seed: int, each: int) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return unit vectors of four heaps, opposite ones of one class: a line through the middle parts nothing."""
    chance = np.random.default_rng(seed)
    middles = np.array([[1.0, 0, 0], [-1.0, 0, 0], [0, 1.0, 0], [0, -1.0, 0]])
    vectors = np.repeat(middles, each, axis=0) + chance.normal(scale=0.2, size=(4 * each, 3))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.repeat([0, 0, 1, 1], each)


def test_heaps_that_no_line_parts_are_told_apart() -> None:
    """Vectors never seen are put to the right class, in probabilities that sum to 1."""
    vectors, targets = heaps(1, 40)
    unseen, right = heaps(2, 25)
    said = kernel_opinion(fit_kernel(vectors, np.eye(2)[targets], np.ones(160), seed=1), unseen)
    assert (said.argmax(axis=1) == right).mean() > 0.95
    assert np.exp(said).sum(axis=1) == pytest.approx(1)


def test_no_vector_of_a_post_is_kept() -> None:
    """Each landmark is the middle of two posts or more, so none equals a post's vector."""
    vectors, targets = heaps(3, 30)
    kernel = fit_kernel(vectors, np.eye(2)[targets], np.ones(120), seed=1)
    assert len(kernel.landmarks)
    assert (kernel.landmarks @ vectors.T).max() < 1 - 1e-9


def test_a_large_class_does_not_outvote_a_small_one() -> None:
    """Classes weigh the same: where examples of both lie alike, neither is likelier for having more of them."""
    vectors = np.tile([[1.0, 0.0, 0.0]], (50, 1))
    targets = np.array([0] * 40 + [1] * 10)
    said = kernel_opinion(fit_kernel(vectors, np.eye(2)[targets], np.ones(50), seed=1), vectors[:1])
    assert said[0, 0] == pytest.approx(said[0, 1], abs=0.05)


def test_a_handful_of_examples_is_enough() -> None:
    """Without enough posts for a landmark the linear part stands alone."""
    vectors = np.eye(3)[:2]
    kernel = fit_kernel(vectors, np.eye(2), np.ones(2), seed=1)
    assert features(vectors, kernel.landmarks).shape == (2, 3)
    assert kernel_opinion(kernel, vectors).argmax(axis=1).tolist() == [0, 1]
    assert kernel_opinion(kernel, vectors[:0]).shape == (0, 2)
