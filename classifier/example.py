"""What the classifier is given: texts to sort, and examples to learn from."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

from language.text import normalise, strip_noise, words

LENGTH_READ = 5_000
"""Characters of a text that are read: what a post is about stands in its beginning, and 1 MB must not take minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text to sort."""

    text: str
    lang: str | None = None
    """Language where it is known for certain; None: identified."""
    context: str | None = None
    """Text of the post that it answers; lends its words to a reply too short to say anything by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One labelled text."""

    id: str
    text: str
    lang: str | None = None
    theme: str | None
    """A theme's slug, None for none of them, or ``unsure``, which nothing is learnt from."""
    author: str | None = None
    """Any mark that one writer's examples share: they never stand on both sides of a split."""
    created_at: datetime | None = None


def words_read(text: str, *, but: frozenset[str] = frozenset()) -> list[str]:
    """Return the casefolded words of a text that the classifier looks at, hashtags among them.

    ``but`` names words that tell nothing here: the watched hashtags, which every post carries.
    """
    return [word for word in words(normalise(text[:LENGTH_READ])) if word not in but]


def says_something(text: str) -> bool:
    """Return whether a text that has words has one besides its hashtags."""
    return not any(sign in text for sign in "#＃") or bool(words(strip_noise(text[:LENGTH_READ])))


def embeddable(text: str, *, but: frozenset[str] = frozenset()) -> str:
    """Return a text as sentence vectors read it: its sentences, or where there are none, the words of its hashtags."""
    return strip_noise(text[:LENGTH_READ]) or " ".join(words_read(text, but=but))


@cache
def everyday() -> Mapping[str, Sequence[str]]:
    """Return invented posts about nothing in particular, by language: what no theme of any programme is about.

    They show which words are common to all talk, where the middle of a language lies, and what *none* sounds like
    before anybody has labelled a post so.
    """
    read: dict[str, list[str]] = json.loads(files("classifier").joinpath("everyday.json").read_text(encoding="utf-8"))
    return read
