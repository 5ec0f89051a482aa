"""What a person asks for, read from one line; pure.

kunta valtio            both words, in any inflected form
"kunnan talous"         these words side by side, as they are written
kunta OR kommun         either of them; binds closer than the blank between words
-vero  -"kunnan vero"   not with these
#sote  @kuntaliitto     a hashtag, a handle
"""

import re
from dataclasses import dataclass
from typing import Literal

from language.text import clean, fold, kind_of, raw_terms, unsigned
from programme.errors import MisuseError

MOST_CHARACTERS = 500
MOST_TERMS = 30
"""Of one question; more would outgrow what the databases take as one expression."""
_QUOTES = str.maketrans(dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\uff02", '"'))
# A phrase or what stands between blanks, each with its minus; a quotation mark that is left over stands alone.
_PIECE = re.compile(r'(?P<no>[-\u2212\u2013](?=[^\s-]))?(?:"(?P<phrase>[^"]*+)"|(?P<chunk>[^\s"]++)|(?P<quote>"))')

Reason = Literal["empty", "only_exclusions", "no_words", "open_quote", "stray_or", "or_exclusion", "too_long", "key"]
_FAULTS: dict[Reason, tuple[str, str]] = {
    "empty": ("The search is empty.", "Write at least one word, hashtag or handle."),
    "only_exclusions": (
        "The search only says what to leave out.",
        "Write at least one word to look for, before the words to leave out.",
    ),
    "no_words": (
        "A part of the search holds neither letters nor digits.",
        "Write words, hashtags or handles; an address cannot be searched for.",
    ),
    "open_quote": ("A quotation mark in the search is never closed.", 'Write phrases like "kunnan talous".'),
    "stray_or": (
        "OR stands in the search without a word on both sides.",
        "Write it between two words: kunta OR kommun.",
    ),
    "or_exclusion": (
        "OR cannot join what is to be left out.",
        "Write the exclusions one by one: kunta -vero -maksu.",
    ),
    "too_long": (
        f"The search is longer than {MOST_CHARACTERS} characters or {MOST_TERMS} words.",
        "Leave out words, or ask in several searches.",
    ),
    "key": ("The place to go on from is not one that a search gave.", "Start again from the first page."),
}


class QuestionError(MisuseError):
    """A search cannot mean anything as it is written."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(*_FAULTS[reason])
        self.reason = reason
        """By which a page for people finds its own words."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing to find: a word in any form, a hashtag, a handle, or words side by side as written."""

    kind: Literal["word", "hashtag", "handle", "phrase"]
    words: tuple[str, ...]
    """Folded and without signs: one, or those of the phrase; a handle in a phrase keeps its ``@``."""


@dataclass(frozen=True, slots=True)
class Question:
    """What to find."""

    each: tuple[tuple[Wanted, ...], ...]
    """Of each of these groups at least one."""
    none: tuple[tuple[Wanted, ...], ...] = ()
    """Of none of these groups all."""

    @property
    def wanted(self) -> tuple[Wanted, ...]:
        """What is looked for, each once; not what is left out."""
        return tuple(dict.fromkeys(one for group in self.each for one in group))


def read_question(line: str) -> Question:
    """Return what a line asks for.

    Raises:
        QuestionError: it cannot mean anything, with what to write instead.
    """
    if len(line) > MOST_CHARACTERS:
        raise QuestionError("too_long")
    reading = _Reading()
    for piece in _PIECE.finditer(clean(line).translate(_QUOTES)):
        if piece["quote"]:
            raise QuestionError("open_quote")
        if piece["chunk"] in ("OR", "|") and not piece["no"]:
            reading.join()
            continue
        wanted = _wanted(piece["phrase"], piece["chunk"])
        if wanted and piece["no"]:
            reading.exclude(wanted)
        elif wanted:
            reading.add(wanted)
        elif reading.is_joined or piece["no"] or piece["phrase"] is not None:
            raise QuestionError("no_words")  # else a dash or a comma
    return reading.question(line)


class _Reading:
    """What of a line has been read so far."""

    def __init__(self) -> None:
        self._each: list[list[Wanted]] = []
        self._none: list[tuple[Wanted, ...]] = []
        self._last: Literal["nothing", "wanted", "exclusion"] = "nothing"
        self.is_joined = False
        """Whether an OR waits for its right side."""

    def join(self) -> None:
        if self._last == "exclusion":
            raise QuestionError("or_exclusion")
        if self._last == "nothing" or self.is_joined:
            raise QuestionError("stray_or")
        self.is_joined = True

    def exclude(self, wanted: tuple[Wanted, ...]) -> None:
        if self.is_joined:
            raise QuestionError("or_exclusion")
        self._none.append(wanted)
        self._last = "exclusion"

    def add(self, wanted: tuple[Wanted, ...]) -> None:
        first, *rest = wanted
        if self.is_joined:
            self._each[-1].append(first)
        else:
            self._each.append([first])
        self._each += [[one] for one in rest]
        self._last, self.is_joined = "wanted", False

    def question(self, line: str) -> Question:
        if self.is_joined:
            raise QuestionError("stray_or")
        if not self._each:
            raise QuestionError("only_exclusions" if self._none else "no_words" if line.strip() else "empty")
        if sum(len(wanted.words) for group in (*self._each, *self._none) for wanted in group) > MOST_TERMS:
            raise QuestionError("too_long")
        return Question(tuple(map(tuple, self._each)), tuple(self._none))


def _wanted(phrase: str | None, chunk: str | None) -> tuple[Wanted, ...]:
    """Return what a phrase, or what stands between two blanks, asks for: ``kunta/valtio`` is two words."""
    raws = raw_terms(phrase or chunk or "")
    if phrase is None:
        return tuple(Wanted(kind_of(raw), (fold(unsigned(raw)),)) for raw in raws)
    words = tuple(f"@{fold(unsigned(raw))}" if kind_of(raw) == "handle" else fold(unsigned(raw)) for raw in raws)
    return (Wanted("phrase", words),) if words else ()
