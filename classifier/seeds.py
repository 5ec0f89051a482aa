"""Themes recognised by the words that staff gave them: what the classifier knows before anybody has labelled a post.

Seed words weigh most, a theme's name less, its description's words least; words of everyday talk and words that several
themes share say little. A seed word beginning with ``-`` names what is *not* meant ("-landskapsbild"); one of several
words is found where its words follow one another ("sote uudistus").
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.example import everyday, words_read
from classifier.features import WORDS_REMEMBERED
from classifier.stems import Found, StemIndex
from programme.types import Programme, Project, Theme

_PART_END = re.compile(r"[.,;:!?]\s+|[.,;:!?]$")
_SEED, _NAME, _DESCRIPTION = 1.0, 0.6, 0.3
_FOREIGN = 0.4
_SHORTEST_DESCRIBING_WORD = 4


@dataclass(frozen=True, slots=True)
class ThemeTexts:
    """What a theme says of itself, kept with a model so that its predictions do not change under it."""

    slug: str
    seed_words: Mapping[str, tuple[str, ...]]
    names: Mapping[str, str]
    descriptions: Mapping[str, str]

    @classmethod
    def of(cls, theme: Theme, projects: Sequence[Project] = ()) -> "ThemeTexts":
        """Return the texts of a configured theme; the words of a project under it speak for it as seed words do."""
        names = {
            language: f"{name} {theme.tag.by_language.get(language, '')}".strip()
            for language, name in theme.name.by_language.items()
        }
        seeds = {language: tuple(words) for language, words in theme.seed_words.items()}
        of_projects = tuple(word for project in projects if theme.slug in project.themes for word in project.words)
        if of_projects:
            seeds[""] = of_projects
        return cls(theme.slug, seeds, names, dict(theme.description.by_language))

    @property
    def languages(self) -> list[str]:
        """Languages in which anything is said."""
        return list(dict.fromkeys([*self.seed_words, *self.names, *self.descriptions]))

    def meant(self, language: str) -> tuple[str, ...]:
        """Return the seed words of a language that name what is meant."""
        return tuple(word for word in self.seed_words.get(language, ()) if not word.startswith("-"))

    def documents(self) -> Iterator[tuple[str, str]]:
        """Yield the texts that stand for the theme as examples, each with its language."""
        for language in self.languages:
            if not language:
                continue
            name, description = self.names.get(language, ""), self.descriptions.get(language, "")
            seeds = ", ".join(self.meant(language))
            if description:
                yield language, f"{name}. {description}"
            if seeds:
                yield language, f"{name}: {seeds}"
            if name and not (description or seeds):
                yield language, name

    def pieces(self, language: str) -> list[str]:
        """Return what a language says of the theme, in parts short as posts, each after the theme's name.

        A theme's middle lies better among several short texts than where one long list puts it.
        """
        name = self.names.get(language, "")
        seeds = ", ".join(self.meant(language))
        parts = [part.strip() for part in _PART_END.split(self.descriptions.get(language, ""))]
        told = [*(part for part in parts if part), *([seeds] if seeds else [])]
        return [f"{name}: {one}" if name else one for one in told] or ([name] if name else [])


def theme_texts(programme: Programme) -> tuple[ThemeTexts, ...]:
    """Return the texts of all themes of a programme, in its order."""
    return tuple(ThemeTexts.of(theme, programme.projects) for theme in programme.themes)


@dataclass(frozen=True, slots=True)
class Term:
    """A word or a phrase that speaks for themes, or, with no theme, for none of them."""

    text: str
    language: str
    themes: tuple[int, ...]
    weight: float
    words: tuple[str, ...]
    is_seed: bool
    """Whether staff named it, and the classifier may show it as the reason."""


@dataclass(frozen=True, slots=True)
class Match:
    """What the words of one text say: evidence for each theme, and the seed words met."""

    evidence: NDArray[np.float64]
    seeds: tuple[tuple[str, int, float], ...]
    """The text's word, the theme's number, and its weight."""


class SeedMatcher:
    """Evidence for each theme from words, without any example."""

    def __init__(self, themes: Sequence[ThemeTexts]) -> None:
        self._count = len(themes)
        self._terms = list(_terms(themes))
        self._languages = {term.language for term in self._terms} - {""}
        self._alone = [term for term in self._terms if len(term.words) == 1]
        self._phrases = [term for term in self._terms if len(term.words) > 1]
        self._index = StemIndex((term.words[0], term.language) for term in self._alone)
        # Apart from the words: the first word of a phrase must not hide a shorter stem that stands alone.
        self._firsts = StemIndex((term.words[0], term.language) for term in self._phrases)
        self._later = [[StemIndex([(word, term.language)]) for word in term.words[1:]] for term in self._phrases]
        self._remembered: dict[str, tuple[list[Found], list[Found]]] = {}
        self._silent: set[str] = set()
        self._nothing = Match(np.zeros(len(themes)), ())

    def match(self, text: Sequence[str], language: str | None = None) -> Match:
        """Return what the words of a text say; a word that returns counts once.

        Where the text's language is one that the terms have, the others' terms say less: "kunnan" is no "kunnande".
        """
        if self._silent.issuperset(text):
            return self._nothing
        best: dict[tuple[str, int], tuple[float, bool]] = {}
        for word, terms in self._spoken(text):
            for term, strength in terms:
                foreign = language in self._languages and term.language not in ("", language)
                weight = term.weight * strength * (_FOREIGN if foreign else 1.0)
                for theme in term.themes:
                    if weight > best.get((word, theme), (0.0, False))[0]:
                        best[word, theme] = (weight, term.is_seed)
        evidence = np.zeros(self._count)
        for (_, theme), (weight, _) in best.items():
            evidence[theme] += weight
        seeds = ((word, theme, weight) for (word, theme), (weight, is_seed) in best.items() if is_seed)
        return Match(evidence, tuple(sorted(seeds, key=lambda seed: -seed[2])))

    def _spoken(self, text: Sequence[str]) -> Iterator[tuple[str, list[tuple[Term, float]]]]:
        """Yield each word or phrase that speaks, with the terms that it is a form of."""
        unmeant_until = 0
        for i, word in enumerate(text):
            alone, firsts = self._found(word)
            if not (alone or firsts) or i < unmeant_until:
                continue
            phrases = [self._phrases[one.term] for one in firsts if self._continues(one.term, text, i + 1)]
            unmeant = [len(term.words) for term in phrases if not term.themes]
            if unmeant:
                unmeant_until = i + max(unmeant)
                continue
            for term in phrases:
                yield " ".join(text[i : i + len(term.words)]), [(term, 1.0)]
            terms = [(self._alone[one.term], one.strength) for one in alone]
            if terms and terms[0][0].themes:  # the longest stem decides whether the word is meant at all
                yield word, [(term, strength) for term, strength in terms if term.themes]

    def _found(self, word: str) -> tuple[list[Found], list[Found]]:
        found = self._remembered.get(word)
        if found is None:
            if len(self._remembered) >= WORDS_REMEMBERED:
                self._remembered.clear()
                self._silent.clear()
            firsts = [one for one in self._firsts.find(word) if one.start == 0 and one.strength == 1.0]
            found = self._remembered[word] = (self._index.find(word), firsts)
            if not any(found):
                self._silent.add(word)
        return found

    def _continues(self, phrase: int, text: Sequence[str], start: int) -> bool:
        later = self._later[phrase]
        following = text[start : start + len(later)]
        return len(following) == len(later) and all(
            any(found.strength == 1.0 and found.start == 0 for found in index.find(word))
            for index, word in zip(later, following, strict=True)
        )


def _terms(themes: Sequence[ThemeTexts]) -> Iterator[Term]:
    common = {word for sentences in everyday().values() for sentence in sentences for word in words_read(sentence)}
    weights: dict[tuple[str, str], dict[int, float]] = {}
    unmeant: dict[tuple[str, str], None] = {}
    for number, theme in enumerate(themes):
        for word, language, weight in _words_of(theme, common):
            by_theme = weights.setdefault((word, language), {})
            by_theme[number] = max(weight, by_theme.get(number, 0.0))
        for language, seeds in theme.seed_words.items():
            unmeant |= {(seed[1:].strip(), language): None for seed in seeds if seed.startswith("-")}
    shared = Counter({key: len(by_theme) for key, by_theme in weights.items()})
    for (word, language), by_theme in weights.items():
        strongest = max(by_theme.values())
        meant = tuple(number for number, weight in by_theme.items() if weight == strongest)
        # A describing word that half the themes use says nothing; a seed word that two share, half.
        if strongest < _SEED and shared[word, language] > max(1, len(themes) // 3):
            continue
        words = tuple(words_read(word))
        if words:
            yield Term(word, language, meant, strongest / len(meant) ** 0.5, words, strongest >= _SEED)
    for word, language in unmeant:
        words = tuple(words_read(word))
        if words:
            yield Term(word, language, (), 0.0, words, is_seed=False)


def _words_of(theme: ThemeTexts, common: set[str]) -> Iterator[tuple[str, str, float]]:
    for language in theme.languages:
        for seed in theme.meant(language):
            yield " ".join(words_read(seed)), language, _SEED
        for text, weight in (
            (theme.names.get(language, ""), _NAME),
            (theme.descriptions.get(language, ""), _DESCRIPTION),
        ):
            for word in words_read(text):
                if len(word) >= _SHORTEST_DESCRIBING_WORD and word not in common:
                    yield word, language, weight
