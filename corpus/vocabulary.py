"""By what a post is found: codes of its words, of their dictionary forms and of their parts; pure.

A code is five bytes of a hash, never the word itself: the index of either database keeps entries for a while after
their post has gone, and nothing may be read from them. Both databases see the same codes and nothing else, so that no
tokeniser, collation or stop list of theirs can make their answers differ.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain
from typing import TypeVar

from language.text import SIGNS, fold, kind_of, raw_terms, split_hashtag, unsigned, word_parts

CODE = 5
"""Bytes of a code: a word shares its code with one of a million others with a probability of 1 to 10⁶."""
GAP = bytes(CODE)
"""Holds a place at which nothing is found."""
MOST_TERMS = 10_000
"""Words of one post that are indexed: PostgreSQL counts places up to 16,383."""
_MOST_PLACES = 255
"""Places of one word in one post; PostgreSQL keeps no more."""
_JUDGED = 8
"""Different words by which the language of a post is told here; a new word costs the most of all."""
_WORDS_KEPT = 20_000
_VERSION = 1
_UNSURE = "unsure"

T = TypeVar("T")
Identify = Callable[[Sequence[str], Sequence[str]], str]
IdentifyAll = Callable[[Sequence[tuple[Sequence[str], Sequence[str]]]], Sequence[str]]


@dataclass(frozen=True, slots=True)
class PostCodes:
    """What is indexed of one post."""

    said: Sequence[bytes]
    """A code for each word, hashtag and handle, in order: phrases are found by them."""
    beside: Sequence[bytes]
    """Dictionary forms, parts and hashtags, each once, in no order that means anything."""


class _Memory(dict[str, T]):
    """Remembers what a function gave for a word: the quickest cache of the language.

    When it is full, what it holds is put aside in place of what was aside before: words that come again are taken back.
    """

    def __init__(self, make: Callable[[str], T]) -> None:
        super().__init__()
        self._make = make
        self._aside: dict[str, T] = {}

    def __missing__(self, word: str) -> T:
        if len(self) >= _WORDS_KEPT:
            self._aside = dict(self)
            self.clear()
        made = self[word] = self._aside[word] if word in self._aside else self._make(word)
        return made


class Vocabulary:
    """Codes of words in the programme's languages."""

    def __init__(
        self,
        languages: Sequence[str],
        *,
        lemma: Callable[[str, str], str],
        identify: Identify,
        identify_all: IdentifyAll | None = None,
        dictionaries: str = "",
    ) -> None:
        """Remember whom to ask.

        Args:
            languages: the programme's.
            lemma: gives the dictionary form of a word in a language.
            identify: gives the language of casefolded words and hashtags, or ``other`` or ``unsure``.
            identify_all: gives the same for many texts at once; by default ``identify`` is asked for each.
            dictionaries: names the version of the dictionaries.
        """
        self.languages = tuple(languages)
        self.recipe = f"{_VERSION} {' '.join(self.languages)} {dictionaries}".strip()
        """Two vocabularies with the same recipe give the same codes."""
        self._lemma = lemma
        self._identify = identify
        self._identify_all: IdentifyAll = identify_all or (lambda asked: [identify(*one) for one in asked])
        self._read = _Memory(_read)
        self._beside: dict[tuple[str, ...], _Memory[tuple[bytes, ...]]] = {}
        self._beside_signed: dict[tuple[str, ...], _Memory[tuple[bytes, ...]]] = {}

    def of_post(self, text: str, hashtags: Sequence[str] = ()) -> PostCodes:
        """Return the codes of a post with this text, and with the hashtags that its network names."""
        [codes] = self.of_posts([(text, hashtags)])
        return codes

    def of_posts(self, posts: Sequence[tuple[str, Sequence[str]]]) -> list[PostCodes]:
        """Return the codes of posts, each a text and its hashtags: their languages are told all at once."""
        taken = [self._taken_apart(text, hashtags) for text, hashtags in posts]
        languages = self._identify_all([_spoken(words, signed) for _, words, signed in taken])
        return [
            self._codes(said, words, signed, self._read_in(language))
            for (said, words, signed), language in zip(taken, languages, strict=True)
        ]

    def _taken_apart(self, text: str, hashtags: Sequence[str]) -> tuple[list[bytes], list[str], dict[str, None]]:
        """Return a code for each term, the different words, and the hashtags and handles as written."""
        raws = raw_terms(text)[:MOST_TERMS]
        found = list(map(self._read.__getitem__, raws))
        words = list(dict.fromkeys([word for _, word in found if word]))
        signed = dict.fromkeys([raw for raw in raws if raw[0] in SIGNS])
        for tag in hashtags:
            signed[f"#{tag}"] = None
        return [code for code, _ in found], words, signed

    def _codes(
        self, said: list[bytes], words: list[str], signed: Iterable[str], languages: tuple[str, ...]
    ) -> PostCodes:
        beside = chain.from_iterable(map(self._beside_in(languages).__getitem__, words))
        tagged = chain.from_iterable(map(self._beside_signed_in(languages).__getitem__, signed))
        return PostCodes(_thinned(said) if len(said) > _MOST_PLACES else said, list({*beside, *tagged}))

    def languages_of_text(self, text: str, hashtags: Sequence[str] = ()) -> tuple[str, ...]:
        """Return in which languages ``of_post`` reads this post."""
        found = [(raw, self._read[raw][1]) for raw in raw_terms(text)[:MOST_TERMS]]
        words = list(dict.fromkeys(word for _, word in found if word))
        return self.languages_of(words, [*(raw for raw, word in found if not word), *(f"#{tag}" for tag in hashtags)])

    def languages_of(self, words: Sequence[str], signed: Iterable[str]) -> tuple[str, ...]:
        """Return in which languages a post is read: one, all where that is unclear, none where it is another.

        Args:
            words: folded, each once.
            signed: hashtags and handles as written.
        """
        return self._read_in(self._identify(*_spoken(words, signed)))

    def _read_in(self, language: str) -> tuple[str, ...]:
        return self.languages if language == _UNSURE else (language,) if language in self.languages else ()

    def of_term(self, raw: str, languages: tuple[str, ...]) -> tuple[bytes, ...]:
        """Return all codes by which a term, as written, is found in a post of these languages; its own comes first."""
        code, word = self._read[raw]
        return (code, *(self._beside_in(languages)[word] if word else self._beside_signed_in(languages)[raw]))

    def of_word(self, word: str, language: str | None = None) -> tuple[bytes, ...]:
        """Return the codes of which one must be in a post for a word to be found, the exact form first.

        Args:
            word: folded, in any form.
            language: in which it is read; None for all of the programme's.
        """
        languages = (language,) if language in self.languages else self.languages
        forms = [coded(one, self._form(word, one)) for one in languages]
        return tuple(dict.fromkeys([coded("word", word), coded("part", word), *forms]))

    def _beside_in(self, languages: tuple[str, ...]) -> "_Memory[tuple[bytes, ...]]":
        if languages not in self._beside:
            self._beside[languages] = _Memory(lambda word: self._forms_and_parts(word, languages))
        return self._beside[languages]

    def _beside_signed_in(self, languages: tuple[str, ...]) -> "_Memory[tuple[bytes, ...]]":
        if languages not in self._beside_signed:
            self._beside_signed[languages] = _Memory(lambda raw: self._codes_of_signed(raw, languages))
        return self._beside_signed[languages]

    def _form(self, word: str, language: str) -> str:
        return fold(self._lemma(word, language))

    def _forms_and_parts(self, word: str, languages: tuple[str, ...]) -> tuple[bytes, ...]:
        parts = word_parts(word)
        codes = [coded(language, self._form(one, language)) for language in languages for one in (word, *parts)]
        return (*codes, *(coded("part", part) for part in parts))

    def _codes_of_signed(self, raw: str, languages: tuple[str, ...]) -> tuple[bytes, ...]:
        """Return what a hashtag, or a handle, is found by besides its own code."""
        name = fold(unsigned(raw))
        if kind_of(raw) == "handle":
            return tuple(coded("@", one) for one in dict.fromkeys((name, name.partition("@")[0])))
        pieces = dict.fromkeys([name, *(fold(piece) for piece in split_hashtag(unsigned(raw)))])
        beside = [code for piece in pieces for code in (coded("part", piece), *self._beside_in(languages)[piece])]
        return (coded("#", name), *beside)


def _spoken(words: Sequence[str], signed: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the words and the hashtags by which a post's language is told."""
    spoken = [word for word in words[: 2 * _JUDGED] if not word.isdigit()][:_JUDGED]
    return spoken, [] if spoken else [fold(unsigned(raw)) for raw in signed if kind_of(raw) == "hashtag"]


def coded(kind: str, word: str) -> bytes:
    """Return the code of a word as what it is looked for: ``word``, ``part``, ``#``, ``@``, or a language's form."""
    return blake2b(f"{kind} {word}".encode(), digest_size=CODE).digest()


def _read(raw: str) -> tuple[bytes, str]:
    """Return a term's code at its place, and the folded word; none for a hashtag or a handle."""
    name = fold(unsigned(raw))
    kind = kind_of(raw)
    return coded("@" if kind == "handle" else "word", name), name if kind == "word" else ""


def _thinned(said: Sequence[bytes]) -> list[bytes]:
    """Return the codes with gaps where one comes more often than PostgreSQL keeps."""
    times: dict[bytes, int] = {}
    thinned = []
    for code in said:
        times[code] = times.get(code, 0) + 1
        thinned.append(code if times[code] <= _MOST_PLACES else GAP)
    return thinned
