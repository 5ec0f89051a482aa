"""Texts as the classifier reads them, and the ground that it stands on before any post."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from classifier.calibrate import Numbers
from classifier.errors import UntrainableError
from classifier.example import LENGTH_READ, embeddable, everyday, words_read
from classifier.model_file import Array
from classifier.seeds import SeedMatcher, ThemeTexts, theme_texts
from language.identify import Identifier
from language.text import normalise
from programme.types import Programme

_ENOUGH_FOR_A_MIDDLE = 100
"""Texts of a language from which its middle is taken; below, everyday talk and the themes' texts stand in."""


class Embedder(Protocol):
    """What turns texts into unit vectors: ``language.vectors.Vectors``."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row a text."""
        ...


@dataclass(frozen=True, slots=True)
class Studied:
    """Texts as the classifier reads them."""

    words: list[list[str]]
    languages: list[str]
    vectors: Array | None = None
    """As embedded, not centred; None where no sentence vectors are used."""

    def __len__(self) -> int:
        return len(self.words)

    def take(self, rows: Numbers) -> "Studied":
        """Return some of the texts."""
        chosen = rows.tolist()
        vectors = None if self.vectors is None else self.vectors[rows]
        return Studied([self.words[i] for i in chosen], [self.languages[i] for i in chosen], vectors)

    def __add__(self, other: "Studied") -> "Studied":
        if not (len(self) and len(other)):
            return self if len(self) else other
        both = self.vectors is not None and other.vectors is not None
        vectors = np.vstack([self.vectors, other.vectors]) if both else None  # type: ignore[list-item] # there
        return Studied(self.words + other.words, self.languages + other.languages, vectors)


@dataclass(frozen=True, slots=True)
class Ground:
    """What is known before any post: the themes' own texts, and talk about nothing in particular."""

    themes: tuple[ThemeTexts, ...]
    matcher: SeedMatcher
    texts: Studied
    targets: Numbers
    means: dict[str, Array]
    """The middle of each language's sentence vectors; empty without vectors."""
    directions: Array | None = None
    """Where each theme lies, one unit row each; None without vectors."""

    @property
    def classes(self) -> int:
        """The themes and none of them."""
        return len(self.themes) + 1


def _ground_texts(themes: Sequence[ThemeTexts]) -> tuple[list[tuple[str, str]], Numbers]:
    """Return the texts, each after its language, that stand for a theme or, as everyday talk, for none; and which."""
    texts, targets = [], []
    for number, theme in enumerate(themes):
        documents = list(theme.documents())
        texts += documents
        targets += [number] * len(documents)
    for language, sentences in everyday().items():
        texts += [(language, sentence) for sentence in sentences]
        targets += [len(themes)] * len(sentences)
    return texts, np.array(targets, dtype=np.intp)


def study(
    texts: Sequence[tuple[str, str | None]],
    *,
    ignored: frozenset[str],
    identifier: Identifier,
    vectors: Embedder | None,
) -> Studied:
    """Return texts, each given with its language where that is known, as the classifier reads them."""
    languages = [language or identifier.identify(text[:LENGTH_READ]) for text, language in texts]
    words = [words_read(text, but=ignored) for text, _ in texts]
    if vectors is None or not texts:
        return Studied(words, languages)
    embedded = vectors.embed([embeddable(text, but=ignored) for text, _ in texts])
    return Studied(words, languages, np.asarray(embedded, dtype=np.float64))


def lay_ground(
    programme: Programme, *, identifier: Identifier, vectors: Embedder | None, posts: Studied | None = None
) -> Ground:
    """Return what is known before any post.

    ``posts`` of the programme, where there are enough of a language, show where the middle of its vectors lies.

    Raises:
        UntrainableError: a theme says nothing of itself, or two say the same.
    """
    themes = theme_texts(programme)
    check_themes(themes)
    texts, targets = _ground_texts(themes)
    given = [(text, language) for language, text in texts]
    studied = study(given, ignored=frozenset(programme.hashtags), identifier=identifier, vectors=vectors)
    if vectors is None:
        return Ground(themes, SeedMatcher(themes), studied, targets, {})
    means = _means(studied, targets == len(themes), posts)
    return Ground(themes, SeedMatcher(themes), studied, targets, means, _directions(themes, vectors))


def _directions(themes: Sequence[ThemeTexts], vectors: Embedder) -> Array:
    """Return where each theme lies: themes are told apart within a language, by what they do not share."""
    directions: Array | None = None
    for language in dict.fromkeys(language for theme in themes for language in theme.languages if language):
        pieces = [(number, text) for number, theme in enumerate(themes) for text in theme.pieces(language)]
        of_theme = np.array([number for number, _ in pieces], dtype=np.intp)
        embedded = np.asarray(vectors.embed([text for _, text in pieces]), dtype=np.float64)
        middles = {number: embedded[of_theme == number].mean(axis=0) for number in sorted(set(of_theme.tolist()))}
        middle = np.mean(list(middles.values()), axis=0)
        if directions is None:
            directions = np.zeros((len(themes), embedded.shape[1]))
        for number in middles:
            directions[number] += unit(embedded[of_theme == number] - middle).mean(axis=0)
    assert directions is not None  # noqa: S101 - every theme has a name or words
    return unit(directions)


def unit(vectors: Array) -> Array:
    """Return rows of unit length; a row of zeros stays."""
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9))


def check_themes(themes: Sequence[ThemeTexts]) -> None:
    """Do nothing where every theme says something of itself that no other says.

    Raises:
        UntrainableError: a theme has neither description nor seed words, or two have the same.
    """
    if not themes:
        raise UntrainableError("The programme has no theme.", "Add a [[theme]] to programme.toml.")
    seen: dict[str, str] = {}
    for theme in themes:
        if not any(theme.descriptions.values()) and not any(theme.meant(language) for language in theme.seed_words):
            raise UntrainableError(
                f"The theme {theme.slug} has neither a description nor seed words.",
                f"Give [[theme]] {theme.slug} in programme.toml a description or seed_words.",
            )
        for text in _told(theme):
            if seen.setdefault(text, theme.slug) != theme.slug:
                raise UntrainableError(
                    f"The themes {seen[text]} and {theme.slug} have the same description or the same seed words.",
                    "Say in programme.toml what tells them apart: nothing else does before posts are labelled.",
                )


def _told(theme: ThemeTexts) -> Iterable[str]:
    yield from (f"d {normalise(text)}" for text in theme.descriptions.values() if text)
    yield from (
        "s " + " ".join(sorted(map(normalise, seeds)))
        for language, seeds in theme.seed_words.items()
        if language and seeds
    )


def _means(studied: Studied, is_everyday: NDArray[np.bool_], posts: Studied | None) -> dict[str, Array]:
    assert studied.vectors is not None  # noqa: S101 - the caller embeds
    means: dict[str, Array] = {}
    languages = np.array(studied.languages)
    for language in dict.fromkeys(studied.languages):
        here = languages == language
        parts = [studied.vectors[here & side] for side in (is_everyday, ~is_everyday) if (here & side).any()]
        means[language] = np.mean([part.mean(axis=0) for part in parts], axis=0)
    if posts is not None and posts.vectors is not None:
        of_posts = np.array(posts.languages)
        for language in dict.fromkeys(posts.languages):
            here = of_posts == language
            if here.sum() >= _ENOUGH_FOR_A_MIDDLE:
                means[language] = posts.vectors[here].mean(axis=0)
    return {"": np.mean(list(means.values()), axis=0), **means}
