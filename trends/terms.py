"""What is counted of a text: its lemmas and its adjacent pairs of lemmas, and the forms in which people wrote them."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from language.identify import OTHER, UNSURE
from language.text import split_hashtag, strip_noise, words
from trends.closed_class import CLOSED_CLASS, EVERY_LANGUAGE

Lemmatise = Callable[[str, str], str]
"""Word and language to lemma; a word that it does not know comes back as it is."""

# Not inside an address: its fragment is no hashtag.
_HASHTAG = re.compile(r"(?<![\w/&.=?%#\uff03-])[#\uff03]+(\w+)")
_CASE_ENDING = re.compile(r":\w+$")
_HYPHENS = re.compile(r"[-\u2010\u2011]")
_LEAST_LETTERS = 2
_LEAST_LETTERS_OF_PART = 4
_LEAST_LETTERS_UNLISTED = 4
"""Of a word in a language whose words without a subject nobody has listed: most of these are short."""
_STEM_LETTERS = 7
"""Without a lemmatiser, longer words are cut to this length, which joins most inflections of Finnish and Swedish."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One word of a text."""

    surface: str
    """As it was written, without a case ending after a colon."""
    lemma: str
    """Casefolded; empty where the word makes no term."""
    parts: tuple[str, ...] = ()
    """Lemmas of a hyphenated word's, or of a hashtag's, longer parts."""


@dataclass(slots=True, kw_only=True)
class Reader:
    """Reads texts into tokens and terms; remembers lemmas, never texts."""

    own: Collection[str]
    """The collection's own hashtags, casefolded: they never are terms."""
    lemmatise: Lemmatise | None
    _tokens: dict[tuple[str, str, bool], Token] = field(default_factory=dict)

    def tokens(self, text: str, language: str) -> list[Token]:
        """Return the text's words in order; a hashtag stands as its word."""
        hashtags = set(_HASHTAG.findall(text))
        plain = strip_noise(_HASHTAG.sub(r"\1", text)) if hashtags else strip_noise(text)
        return [self._token(word, language, is_hashtag=word in hashtags) for word in words(plain)]

    def lemmas(self, text: str, language: str) -> tuple[str, ...]:
        """Return the lemmas of the text's words in order, of those that make a term."""
        return tuple(token.lemma for token in self.tokens(text, language) if token.lemma)

    def terms(self, text: str, language: str) -> tuple[str, ...]:
        """Return the text's terms, each once: lemmas, parts of joined words, adjacent pairs of lemmas."""
        found: dict[str, None] = {}
        before = ""
        for token in self.tokens(text, language):
            if token.lemma:
                found[token.lemma] = None
                found.update(dict.fromkeys(token.parts))
                if before:
                    found[f"{before} {token.lemma}"] = None
            before = token.lemma
        return tuple(found)

    def _token(self, word: str, language: str, *, is_hashtag: bool) -> Token:
        at = (word, language, is_hashtag)
        known = self._tokens.get(at)
        if known is None:
            known = self._tokens[at] = self._read(word, language, is_hashtag=is_hashtag)
        return known

    def _read(self, word: str, language: str, *, is_hashtag: bool) -> Token:
        surface = _CASE_ENDING.sub("", word)
        lemma = self._lemma(surface, language)
        pieces = _hashtag_words(surface) if is_hashtag else _HYPHENS.split(surface)
        if not lemma or len(pieces) == 1:
            return Token(surface=surface, lemma=lemma)
        parts = (self._lemma(piece, language) for piece in pieces if len(piece) >= _LEAST_LETTERS_OF_PART)
        return Token(surface=surface, lemma=lemma, parts=tuple(part for part in parts if part))

    def _lemma(self, surface: str, language: str) -> str:
        folded = surface.casefold()
        closed = CLOSED_CLASS.get(language, EVERY_LANGUAGE)
        least = _LEAST_LETTERS if language in CLOSED_CLASS or language in (UNSURE, OTHER) else _LEAST_LETTERS_UNLISTED
        if len(folded) < least or folded in closed or folded in self.own:
            return ""
        lemma = self.lemmatise(surface, language).casefold() if self.lemmatise else folded[:_STEM_LETTERS]
        return "" if lemma in closed or lemma in self.own else lemma


def _hashtag_words(tag: str) -> list[str]:
    return [tag] if tag.isalpha() and tag.islower() else split_hashtag(tag)
