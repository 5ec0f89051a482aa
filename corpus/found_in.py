"""Where in a text a question is answered, and how well; pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corpus.question import Question, Wanted
from corpus.vocabulary import MOST_TERMS, Vocabulary, coded
from language.text import terms

Span = tuple[int, int]
"""From a character of a text up to, not including, another."""
_EXACT, _INFLECTED = 1.0, 0.6
"""What a word counts that stands as it was asked for, and one in another form."""
_SATURATION, _EVENNESS, _USUAL_WORDS = 1.2, 0.6, 30
"""As in Okapi BM25: the tenth time a word is said adds little, and in a long text a word says less."""


@dataclass(frozen=True, slots=True)
class Alternatives:
    """What one wanted thing looks like in the index."""

    steps: tuple[tuple[bytes, ...], ...]
    """For a phrase the code of each word in turn; else one step of which any code will do, the exact one first."""
    is_phrase: bool = False


def alternatives(wanted: Wanted, vocabulary: Vocabulary, language: str | None = None) -> Alternatives:
    """Return by which codes a wanted thing is found."""
    if wanted.kind == "phrase":
        codes = [coded("@", word[1:]) if word[0] == "@" else coded("word", word) for word in wanted.words]
        return Alternatives(tuple((code,) for code in codes), is_phrase=True)
    word = wanted.words[0]
    if wanted.kind == "word":
        return Alternatives((vocabulary.of_word(word, language),))
    return Alternatives(((coded("#" if wanted.kind == "hashtag" else "@", word),),))


@dataclass(frozen=True, slots=True)
class Sighting:
    """What of a question was seen in one text."""

    spans: tuple[Span, ...]
    """In order, none touching the next: what answers any wanted thing."""
    weights: Mapping[Wanted, float]
    """How much each wanted thing is said; those that are not are left out."""
    words: int


def sighted(
    question: Question,
    text: str,
    hashtags: Sequence[str],
    vocabulary: Vocabulary,
    language: str | None = None,
) -> Sighting:
    """Return where in a text a question is answered, and how well.

    Args:
        question: what is asked.
        text: of the post.
        hashtags: of the post, as its network names them.
        vocabulary: by which the post was indexed.
        language: in which the question is read; None for all of the programme's.
    """
    found = terms(text)[:MOST_TERMS]
    languages = vocabulary.languages_of_text(text, hashtags)
    codes = [vocabulary.of_term(term.raw, languages) for term in found]
    spans: list[Span] = []
    weights: dict[Wanted, float] = {}
    for wanted in question.wanted:
        looks = alternatives(wanted, vocabulary, language)
        places = _places(looks, codes)
        spans += [(found[place].start, found[place + len(looks.steps) - 1].end) for place in places]
        weight = sum(_EXACT if looks.steps[0][0] in codes[place] else _INFLECTED for place in places)
        if weight or (wanted.kind == "hashtag" and wanted.words[0] in hashtags):
            weights[wanted] = weight or _EXACT
    return Sighting(_joined(spans), weights, len(found))


def relevances(sightings: Sequence[Sighting]) -> list[int]:
    """Return how well each of some texts answers the question they were sighted for, in millionths; more is better.

    What few of them say counts more.
    """
    said_in: dict[Wanted, int] = {}
    for sighting in sightings:
        for wanted in sighting.weights:
            said_in[wanted] = said_in.get(wanted, 0) + 1
    rarity = {wanted: math.log(1 + len(sightings) / times) for wanted, times in said_in.items()}
    return [
        round(1e6 * sum(rarity[wanted] * _saturated(weight, one.words) for wanted, weight in one.weights.items()))
        for one in sightings
    ]


def _saturated(weight: float, words: int) -> float:
    room = _SATURATION * (1 - _EVENNESS + _EVENNESS * words / _USUAL_WORDS)
    return weight * (_SATURATION + 1) / (weight + room)


def _places(looks: Alternatives, codes: Sequence[Sequence[bytes]]) -> list[int]:
    """Return at which of a text's terms a wanted thing begins."""
    if not looks.is_phrase:
        asked = frozenset(looks.steps[0])
        return [place for place, of_term in enumerate(codes) if not asked.isdisjoint(of_term)]
    return [
        place
        for place in range(len(codes) - len(looks.steps) + 1)
        if all(codes[place + i][0] == step[0] for i, step in enumerate(looks.steps))
    ]


def _joined(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Return spans in order, those that overlap or touch made one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
