"""The only place that fits scikit-learn estimators, and where their numbers are taken out of them.

The estimators are plain ones on plain texts (words joined by spaces): own functions stay outside, so that skops opens
the file with an empty list of trusted types.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from classifier.calibrate import Numbers
from classifier.features import LONGEST, SHORTEST
from classifier.model_file import Array, Characters, Kernel, Linear

_COMMON_ENOUGH = 2_000
"""Texts above which an n-gram must occur twice to count."""
_MOST_NGRAMS = 200_000


def fit_characters(
    texts: Sequence[Sequence[str]], targets: Numbers, weights: Array, *, classes: int, strength: float, seed: int
) -> tuple[object, Characters]:
    """Return a pipeline of TF-IDF over character n-grams and logistic regression, and the numbers in it."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import Pipeline

    vectoriser = TfidfVectorizer(
        analyzer="char_wb",
        ngram_range=(SHORTEST, LONGEST),
        lowercase=False,
        sublinear_tf=True,
        min_df=2 if len(texts) > _COMMON_ENOUGH else 1,
        max_features=_MOST_NGRAMS,
    )
    pipeline = Pipeline([("characters", vectoriser), ("regression", _regression(strength, seed))])
    with _one_thread():
        pipeline.fit([" ".join(text) for text in texts], targets, regression__sample_weight=weights)
    # Plain numbers: skops stores each of numpy's in a file of its own.
    vocabulary = vectoriser.vocabulary_ = {str(gram): int(column) for gram, column in vectoriser.vocabulary_.items()}
    vectoriser.vocabulary_ = dict(vocabulary)  # of plain numbers: skops writes a file for each of numpy's, 40,000 here
    linear = _linear(pipeline.named_steps["regression"], classes)
    return pipeline, Characters(vocabulary=vocabulary, idf=np.asarray(vectoriser.idf_), linear=linear)


def kernel_estimator(kernel: Kernel) -> object:
    """Return a regression on waves as the scikit-learn estimator that answers the same, to be kept for audit."""
    from sklearn.linear_model import Ridge

    ridge = Ridge(fit_intercept=False)
    ridge.coef_, ridge.intercept_ = kernel.weights.T.copy(), np.zeros(kernel.weights.shape[1])
    ridge.n_features_in_ = kernel.weights.shape[0]
    return ridge


def versions() -> dict[str, str]:
    """Return the versions of the libraries that a model was made with."""
    import sklearn
    import skops

    return {"scikit-learn": sklearn.__version__, "skops": skops.__version__, "numpy": np.__version__}


def _one_thread() -> AbstractContextManager[object]:
    """Keep linear algebra on one thread: for matrices this narrow, more only wait for one another."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped] # ships no types

    limits: AbstractContextManager[object] = threadpool_limits(limits=1)
    return limits


def _regression(strength: float, seed: int) -> Any:  # noqa: ANN401 - scikit-learn ships no types
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=strength, class_weight="balanced", max_iter=400, tol=1e-3, random_state=seed)


def _linear(regression: Any, classes: int) -> Linear:  # noqa: ANN401 - scikit-learn ships no types
    coefficients, bias = np.asarray(regression.coef_), np.asarray(regression.intercept_)
    if len(coefficients) == 1:  # two classes share one line
        coefficients, bias = np.vstack([-coefficients / 2, coefficients / 2]), np.concatenate([-bias / 2, bias / 2])
    if len(coefficients) != classes:
        raise ValueError(f"{len(coefficients)} classes were seen, {classes} expected")
    return Linear(weights=np.ascontiguousarray(coefficients.T), bias=bias)
