"""The opinions that are pooled: of characters, seed words and sentence vectors, each in log probabilities."""

from collections.abc import Mapping, Sequence

import numpy as np

from classifier.calibrate import Matrix, log_softmax
from classifier.features import WORDS_REMEMBERED, CharacterFeatures
from classifier.kernel import kernel_opinion
from classifier.model_file import Array, Characters, VectorOpinion
from classifier.seeds import Match

SEED_SLOPE, SEED_SATURATION, NONE_START, NONE_GROWTH = 3.0, 1.0, 0.8, 0.25
"""Chosen on the developers' halves of the shared sets; see benchmarks/classifier.py."""


def seed_opinion(matches: Sequence[Match], lengths: Sequence[int], themes: int) -> Matrix:
    """Return what the themes' own words say; a text that meets none of them is probably about none of them."""
    evidence = np.array([match.evidence for match in matches]).reshape(len(matches), themes)
    logits = SEED_SLOPE * np.log1p(evidence / SEED_SATURATION)
    # Longer texts meet a describing word by accident more easily; more themes share what is left.
    none = NONE_START + np.log(themes / 4) + NONE_GROWTH * np.log1p(np.asarray(lengths, dtype=np.float64) / 10)
    return log_softmax(np.hstack([logits, none[:, None]]))


class CharacterOpinion:
    """What a linear model over character n-grams says, and which words made it say so."""

    def __init__(self, characters: Characters) -> None:
        self._features = CharacterFeatures(characters.vocabulary, characters.idf)
        self._linear = characters.linear
        weighted = characters.linear.weights * characters.idf[:, None]
        self._beside_others = weighted - weighted.mean(axis=1, keepdims=True)
        self._said: dict[str, list[float]] = {}

    def opinion(self, texts: Sequence[Sequence[str]]) -> Matrix:
        """Return log probabilities, one row a text."""
        return log_softmax(self._features.rows(texts).times(self._linear.weights) + self._linear.bias)

    def by_word(self, text: Sequence[str], column: int) -> dict[str, float]:
        """Return what each distinct word adds to a column, beside what it adds to the others on average.

        Unnormalised: comparable within a text, not between texts.
        """
        said = self._said
        if len(said) >= WORDS_REMEMBERED:
            said.clear()
        for word in text:
            if word not in said:
                said[word] = self._beside_others[self._features.columns(word)].sum(axis=0).tolist()
        return {word: said[word][column] for word in text}


def vector_opinions(vectors: VectorOpinion, embedded: Array, languages: Sequence[str]) -> dict[str, Matrix]:
    """Return what is said, by name, of sentence vectors that are not centred yet."""
    moved = centred(embedded, languages, vectors.means)
    return {
        "likeness": log_softmax(moved @ vectors.likeness.weights + vectors.likeness.bias),
        **{name: kernel_opinion(kernel, moved) for name, kernel in vectors.kernels.items()},
    }


def centred(embedded: Array, languages: Sequence[str], means: Mapping[str, Array]) -> Array:
    """Return vectors less the middle of their language, each of unit length again.

    Raw cosines of this encoder all lie between .66 and .90 and mostly tell the language.
    """
    middle = np.stack([means.get(language, means[""]) for language in languages]) if languages else embedded
    moved = np.asarray(embedded, dtype=np.float64) - middle
    return np.asarray(moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9))
