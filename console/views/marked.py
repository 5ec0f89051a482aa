"""A post with the words that decided marked in it, as its own language writes them."""

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.post import Reason
from digest.inert import one_line
from language.text import fold, terms

FOR = frozenset({"word", "seed"})
"""Kinds of reasons that speak for the guess."""
AGAINST = "against"
_LONGEST = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a text."""

    text: str
    side: str
    """``for``, ``against``, or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word that spoke."""

    text: str
    is_for: bool


def spoke(reasons: Sequence[Reason]) -> tuple[Word, ...]:
    """Return the words among a prediction's reasons, those for it first."""
    found = [
        Word(text=one_line(one.text)[:_LONGEST], is_for=one.kind in FOR)
        for one in reasons
        if one.text and (one.kind in FOR or one.kind == AGAINST)
    ]
    return tuple(sorted(found, key=lambda word: not word.is_for))


def marked(text: str, words: Sequence[Word]) -> tuple[Piece, ...]:
    """Return a text in pieces, each with the side for which it spoke; together they are the text."""
    sides = {fold(part): "for" if word.is_for else AGAINST for word in reversed(words) for part in word.text.split()}
    pieces: list[Piece] = []
    place = 0
    for term in terms(text):
        side = sides.get(term.word)
        if side is None or term.kind == "handle":
            continue
        pieces += [Piece(text=text[place : term.start], side=""), Piece(text=text[term.start : term.end], side=side)]
        place = term.end
    pieces.append(Piece(text=text[place:], side=""))
    return tuple(piece for piece in pieces if piece.text)
