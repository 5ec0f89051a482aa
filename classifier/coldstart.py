"""The first day: themes told apart before anybody has labelled a post."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from classifier.model_file import Kernel, Linear, Model, Thresholds, VectorOpinion, theme_hash
from classifier.opinions import centred
from classifier.predict import Classifier
from classifier.study import Embedder, Ground, lay_ground, unit
from language.identify import Identifier
from programme.types import Programme

DEFAULT_POOLING: dict[str, dict[str, float]] = {
    "core": {"seeds": 0.7, "characters": 0.45},
    "vectors": {"seeds": 0.25, "likeness": 0.25, "neighbours": 0.45, "characters": 0.25, "vectors": 0.65},
}
"""What the opinions weigh before labels have shown it."""
SMALLEST_POOL = 200
"""Unlabelled posts from which self-training learns more than it forgets."""
LARGEST_POOL = 5_000
"""Unlabelled posts that are studied; with sentence vectors, two fifths of them: those take 24 ms each."""
_LIKENESS, _UNLIKENESS, _NONE_BIAS = 12.0, 6.0, 0.5
_ANSWER, _OFF_TOPIC, _BESIDE = 0.4, 0.3, 0.25


def cold_classifier(
    programme: Programme,
    *,
    pool: Sequence[str] = (),
    data_directory: Path | None = None,  # noqa: ARG001 - lemmas will be read from it
    vectors: Embedder | None = None,
    seed: int = 0,
) -> Classifier:
    """Return a classifier that knows only the themes' own texts, and posts that nobody has labelled.

    Without a pool of at least 200 posts, scikit-learn is not imported and the answer comes at once.

    Raises:
        UntrainableError: a theme says nothing of itself, or two say the same.
    """
    if len(pool) >= SMALLEST_POOL:
        from classifier.train import fit_model

        return Classifier(fit_model(programme, [], pool, vectors=vectors, seed=seed).model, programme, vectors=vectors)
    identifier = Identifier(programme.languages)
    ground = lay_ground(programme, identifier=identifier, vectors=vectors)
    return Classifier(cold_model(programme, ground, with_vectors=vectors is not None), programme, vectors=vectors)


def cold_model(programme: Programme, ground: Ground, *, with_vectors: bool) -> Model:
    """Return the model of the themes' own texts."""
    return Model(
        version=f"cold-{theme_hash(ground.themes)[:8]}",
        themes=ground.themes,
        ignored_words=programme.hashtags,
        vectors=cold_vectors(ground) if with_vectors else None,
        pooling={"core": {"seeds": 1.0}, "vectors": {"seeds": 0.4, "likeness": 0.7}},
        thresholds=cold_thresholds(len(ground.themes)),
    )


def cold_thresholds(themes: int) -> Thresholds:
    """Return what probabilities must reach before labels have shown it."""
    return Thresholds(answer=_ANSWER, off_topic=_OFF_TOPIC, themes=(_BESIDE,) * themes)


def cold_vectors(ground: Ground, *, kernels: Mapping[str, Kernel] | None = None) -> VectorOpinion:
    """Return the opinion that a text is about the theme whose own texts its sentence vector resembles most."""
    texts, themes = ground.texts, ground.directions
    assert texts.vectors is not None and themes is not None  # noqa: S101, PT018 - the caller embeds
    of_themes = ground.targets < len(ground.themes)
    seen = centred(texts.vectors, texts.languages, ground.means)
    towards = unit(seen[of_themes].mean(axis=0) - seen[~of_themes].mean(axis=0))
    weights = np.vstack([_LIKENESS * themes, -_UNLIKENESS * towards])
    bias = np.append(np.zeros(len(themes)), _NONE_BIAS)
    return VectorOpinion(likeness=Linear(weights=weights.T, bias=bias), kernels=kernels or {}, means=ground.means)
