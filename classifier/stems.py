"""Finding a word where it is inflected or compounded, without a dictionary and in any language.

A stem is the word without the letters that inflection commonly takes (one to three, by its length). It is found at
the start of a word ("osallisuus" in "osallisuutta", in "osallisuustyö") or as a later part of a compound ("demokratia"
in "lähidemokratia"). Finnish and Estonian gradation, which changes the middle, is added as a second stem (kunta:
kunnan, asukas: asukkaan).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

# Strong grade to weak, where the last consonants stand before the last vowel. Longer ones first.
_GRADES = (
    ("kk", "k"), ("pp", "p"), ("tt", "t"), ("nk", "ng"), ("nt", "nn"), ("mp", "mm"), ("lt", "ll"), ("rt", "rr"),
    ("t", "d"), ("p", "v"), ("k", ""),
)  # fmt: skip
_GRADED = frozenset({"fi", "et"})
_PART = re.compile(r"[^-:]+")
_VOWELS = "aeiouyäöõü"
_KEY = 3
_COMPOUND_AT = 3
"""A compound's first part has at least three letters: shorter ones are found inside any word."""
_COMPOUND_STEM = 5
_ENDING = 6
"""Letters of an inflection at most: -issammekin is rare enough."""


def stems(word: str, language: str | None = None) -> tuple[str, ...]:
    """Return what a word's inflected forms begin with, the commonest form first."""
    word = word.casefold()
    length = len(word)
    cut = 0 if length <= 4 else 1 if length <= 6 else 2 if length <= 8 else 3  # noqa: PLR2004 - a table in one line
    found = [word[: length - cut]]
    if language in _GRADED and length > _COMPOUND_AT:
        found += _graded(word)
    return tuple(dict.fromkeys(found))


def _graded(word: str) -> Iterator[str]:
    if word[-1] == "e" or (word[-1] == "s" and word[-2] in _VOWELS):  # hanke: hankkeen; asukas: asukkaan
        before, vowel = (word[:-1], "") if word[-1] == "e" else (word[:-2], word[-2])
        for strong, weak in _GRADES:
            if weak and before.endswith(weak) and not before.endswith(strong):
                yield before[: -len(weak)] + strong + vowel
                return
    elif word[-1] in _VOWELS:  # kunta: kunnan
        for strong, weak in _GRADES:
            if word[:-1].endswith(strong):
                yield word[: -1 - len(strong)] + weak + word[-1]
                return


@dataclass(frozen=True, slots=True)
class Found:
    """A stem inside a word."""

    term: int
    """Number of the term that it stands for."""
    start: int
    end: int
    strength: float
    """1 for an inflected form; less for a compound, which may mean something else."""

    def weaker_than(self, other: "Found") -> bool:
        """Return whether another place of the same term says more."""
        return (self.strength, self.end - self.start) < (other.strength, other.end - other.start)

    def lies_in(self, other: "Found") -> bool:
        """Return whether a longer stem covers this one: "maakunta" speaks louder than the "kunta" in it."""
        inside = other.start <= self.start and self.end <= other.end
        return inside and (self.end - self.start) < (other.end - other.start)


class StemIndex:
    """Finds which of many terms a word is a form of, without trying each."""

    def __init__(self, terms: Iterable[tuple[str, str | None]]) -> None:
        self._by_key: dict[str, list[tuple[int, str, str]]] = {}
        self._exact: dict[str, list[int]] = {}
        for number, (word, language) in enumerate(terms):
            full = word.casefold()
            if len(full) < _KEY:
                self._exact.setdefault(full, []).append(number)
                continue
            for stem in stems(full, language):
                self._by_key.setdefault(stem[:_KEY], []).append((number, stem, full))

    def find(self, word: str) -> list[Found]:
        """Return the terms that a casefolded word is a form or a compound of, each once, longest stem first."""
        best: dict[int, Found] = {}
        if self._exact:
            for part in _PART.finditer(word):
                for number in self._exact.get(part[0], ()):
                    best[number] = Found(number, part.start(), part.end(), 1.0)
        by_key = self._by_key
        for start in _starts(word):
            terms = by_key.get(word[start : start + _KEY])
            if terms is None:  # at most places of most words
                continue
            for number, stem, full in terms:
                strength = _strength(word, start, stem, full)
                if not strength:
                    continue
                found = Found(number, start, _shared_until(word, start, stem, full), strength)
                if number not in best or best[number].weaker_than(found):
                    best[number] = found
        if len(best) < 2:  # noqa: PLR2004 - nothing to order
            return list(best.values())
        ordered = sorted(best.values(), key=lambda one: (one.start - one.end, one.term))
        return [one for one in ordered if not any(one.lies_in(longer) for longer in ordered)]


def _shared_until(word: str, start: int, stem: str, full: str) -> int:
    end = start + len(stem)
    if full.startswith(stem):
        while end < len(word) and word[start : end + 1] == full[: end + 1 - start]:
            end += 1
    return end


def _starts(word: str) -> Sequence[int]:
    later = range(_COMPOUND_AT, len(word) - _KEY + 1)
    if word[:_COMPOUND_AT].isalnum():
        return (0, *later)
    return [0, *(i + 1 for i, letter in enumerate(word[:_COMPOUND_AT]) if letter in "-:"), *later]


def _strength(word: str, start: int, stem: str, full: str) -> float:
    if not word.startswith(stem, start):
        return 0.0
    begins = start == 0 or word[start - 1] in "-:"
    rest = len(word) - start - len(stem)
    separated = word[start + len(stem) :][:1] in ("-", ":") or word.startswith((full + "-", full + ":"), start)
    if len(full) <= _KEY:
        return _strength_of_short(begins=begins, rest=0 if separated else rest)
    inflected = rest <= len(full) - len(stem) + _ENDING or separated
    if not begins:
        strength = 0.7 if inflected else 0.5
        return strength if len(stem) >= _COMPOUND_STEM else 0.0
    if inflected:
        return 1.0 if len(stem) > _KEY + 1 or rest <= _KEY else 0.6
    return 0.8 if len(stem) >= _COMPOUND_STEM else 0.4


def _strength_of_short(*, begins: bool, rest: int) -> float:
    """Judge "HVA" or "val": a tail of more than two letters makes another word."""
    if not begins or rest >= _KEY:
        return 0.0
    return 0.6 if rest else 1.0
