"""Which municipalities, regions and counties a text names: one pass over its words, whatever their number.

What cannot be told from a bay, a surname or a company is left undecided (``docs/method.md`` tells the rules).
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from language.place_context import Token, decide
from language.place_forms import Kind, Reading, place_forms
from language.text import split_hashtag

VERSION = 1
"""Raised with every change of the rules or of the names: what is stored is then made anew."""
_WORD = re.compile(r"[^\W_]+")
_TOKEN = re.compile(r"([#\uff03]?)([^\W_]+(?:[-\u2010\u2011\u2013][^\W_]+)*)")
# A hashtag shows by capitals or digits that it is made of several words.
_TAG_OF_WORDS = re.compile(r"[#\uff03]\w*?(?:[^\W\d_A-ZÅÄÖ][A-ZÅÄÖ]|\d)")
_DASH = re.compile("[-\u2010\u2011\u2013]")
_ADDRESS = re.compile(r"(?:https?://|\bwww\.)\S++|(?<![\w@])@[\w.@-]++", re.IGNORECASE)
_LONGEST = 4
"""Words of the longest form: Vantaan ja Keravan hyvinvointialue."""
_SWEDISH = frozenset(
    {
        "och",
        "att",
        "är",
        "på",
        "det",
        "som",
        "för",
        "med",
        "av",
        "till",
        "den",
        "inte",
        "ett",
        "om",
        "har",
        "i",
        "vi",
        "ska",
        "kan",
        "från",
        "hos",
        "eller",
    }
)
_FINNISH = frozenset(
    {"ja", "on", "ei", "että", "se", "oli", "ovat", "myös", "sekä", "kun", "niin", "mutta", "tai", "joka"}
)
_ENGLISH = frozenset({"the", "and", "of", "to", "is", "for", "with", "are", "that", "this", "from", "by", "be", "was"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A place that a text names."""

    start: int
    """Of the first character, in the text as given."""
    end: int
    kind: Kind
    code: str
    """Of today's municipality, of a region, or of a county."""
    certainty: Literal["sure", "undecided"]


def named_places(text: str, lang: str | None = None) -> frozenset[tuple[Kind, str]]:
    """Return the kind and code of the places that a text surely names.

    Args:
        text: as people wrote it.
        lang: its language; None, or what is neither Finnish nor Swedish nor English, where it is not known.
    """
    # Most texts name none: that is told by one look at their words.
    folded = text.casefold()
    if place_forms().triggers.isdisjoint(_WORD.findall(folded)) and not _TAG_OF_WORDS.search(text):
        return frozenset()
    return frozenset((one.kind, one.code) for one in mentions(text, lang) if one.certainty == "sure")


def mentions(text: str, lang: str | None = None) -> list[Mention]:
    """Return what a text, composed (NFC), names or may name, in order; the spans do not overlap."""
    text = unicodedata.normalize("NFC", text)
    tokens = _tokens(text)
    if not tokens:
        return []
    lang = lang if lang in ("fi", "sv", "en") else _guessed(tokens)
    return [
        Mention(
            start=tokens[first].start,
            end=tokens[last].end,
            kind=reading.kind,
            code=reading.code,
            certainty="sure" if sure else "undecided",
        )
        for first, last, reading, sure in decide(text, tokens, _found(tokens, lang), lang)
    ]


def _tokens(text: str) -> list[Token]:
    """Return the words with what is seen of each; addresses and handles are none."""
    if "@" in text or "://" in text or "www." in text.lower():
        text = _ADDRESS.sub(lambda found: " " * len(found[0]), text)
    tokens: list[Token] = []
    for found in _TOKEN.finditer(text):
        mark, whole = found.groups()
        start = found.start(2)
        if _DASH.search(whole) and _DASH.sub("-", whole).casefold() not in place_forms().readings:
            parts = _DASH.split(whole)
        elif mark and not whole.islower():
            parts = _tag_parts(whole)
        else:
            parts = [whole]
        for number, part in enumerate(parts):
            start = text.index(part, start)
            tokens.append(
                Token(
                    start=start,
                    end=start + len(part),
                    word=part,
                    low=_DASH.sub("-", part).casefold(),
                    tag=bool(mark),
                    joined=number > 0,
                )
            )
            start += len(part)
    return tokens


def _tag_parts(tag: str) -> list[str]:
    whole = tag.casefold()
    if whole in place_forms().readings:
        return [tag]
    return split_hashtag(tag)


def _found(tokens: Sequence[Token], lang: str | None) -> list[tuple[int, int, Reading]]:
    """Return which words, from the first to the last, may name what; the longest form at each word."""
    forms = place_forms()
    found: list[tuple[int, int, Reading]] = []
    here = 0
    while here < len(tokens):
        low = tokens[here].low
        length = _LONGEST if low in forms.heads else 1
        while length:
            form = low if length == 1 else " ".join(token.low for token in tokens[here : here + length])
            reading = forms.readings.get(form)
            if reading and here + length <= len(tokens) and (lang is None or reading.only_in in ("", lang)):
                found.append((here, here + length - 1, reading))
                break
            length -= 1
        here += max(length, 1)
    return found


def _guessed(tokens: Sequence[Token]) -> str | None:
    """Return the language that the small words tell."""
    words = {token.low for token in tokens}
    counts = {"fi": len(words & _FINNISH), "sv": len(words & _SWEDISH), "en": len(words & _ENGLISH)}
    best = max(counts, key=lambda lang: counts[lang])
    return best if counts[best] else None
