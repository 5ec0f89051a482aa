"""Whether a form that may name a place does so: what stands around it decides."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from language.gazetteer import first_names
from language.place_forms import Reading

Found = tuple[int, int, Reading]
"""First word, last word, and what they may mean."""

_INNER = frozenset({"inessive", "elative", "illative"})
_BARE = frozenset({"nominative", "genitive", "partitive", "adessive", "ablative", "allative", "essive"})
_CASE_GROUPS = {
    "inessive": "where",
    "adessive": "where",
    "elative": "whence",
    "ablative": "whence",
    "illative": "whither",
    "allative": "whither",
}
_LINKS = frozenset(
    {",", "/", "&", "+", "-", "–", "ja", "sekä", "tai", "ja myös", "och", "samt", "eller", "and", "or", "#", ", #"}
)
_MUNICIPAL_FI = (
    "kaupun", "kunta", "kunna", "seutu", "seudu", "keskust", "valtuust", "pormestar", "asukka", "asukas", "lukio",
    "peruskoul", "kirjasto", "terveyskesku",
)  # fmt: skip
"""How a word after a genitive begins that only a municipality has."""
_MUNICIPAL_SV = ("kommun", "stad", "stads", "region")
_MUNICIPAL_BEFORE = frozenset({"staden", "kommunen", "kaupungit", "kunnat", "kommunerna", "städerna"})
_NOT_THE_PLACE = (
    "sanom", "uutis", "lehti", "lehde", "lehteä", "hallinto-oikeu", "käräjäoikeu", "hovioikeu", "hiippaku",
    "tuomiokapitul", "lääni", "läänei", "moottorit", "pörssi", "kertoo", "kirjoittaa", "uutisoi", "oyj",
)  # fmt: skip
"""How a word after a name begins that makes it the name of a newspaper, a court, a diocese, an old province."""
_NOT_THE_PLACE_SV = frozenset(
    {"län", "läns", "länet", "länets", "motorväg", "motorvägen", "hovrätt", "tingsrätt", "stift", "stifts"}
)
_OTHER_VILLAGES = frozenset({"yli", "ala"})
"""Before a hyphen they make the name of another place: Yli-Ii."""
_TAGS_OF_TOWNS = frozenset({"lahti", "kotka", "salo", "rauma", "hanko"})
"""As hashtags these are the towns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A word and what is seen of it."""

    start: int
    end: int
    word: str
    low: str
    """Casefolded, every dash a hyphen."""
    tag: bool
    """Part of a hashtag."""
    joined: bool
    """A hyphen, or nothing, stands between it and the word before."""


def decide(
    text: str, tokens: Sequence[Token], found: Sequence[Found], lang: str | None
) -> list[tuple[int, int, Reading, bool]]:
    """Return what is a place, or may be one, and whether that is sure; what is none is left out."""
    sight = _Sight(text, tokens, found, lang)
    institutions = [sight.institution(last, reading) for _, last, reading in found]
    for here in reversed(range(len(found) - 1)):
        # Iisalmen, Kuopion ja Varkauden käräjäoikeudet: what the last of a list is, all are.
        institutions[here] |= institutions[here + 1] and sight.listed(found[here], found[here + 1])
    kept = [
        one for one, institution in zip(found, institutions, strict=True) if not institution and not sight.other(*one)
    ]
    sure = [sight.sure(*one) for one in kept]
    # A neighbour in a list of places is one: to the right first, then to the left.
    order = range(1, len(kept))
    for here, there in [*((i, i - 1) for i in order), *((i - 1, i) for i in reversed(order))]:
        if sure[there] and not sure[here] and sight.linked(kept[min(here, there)], kept[max(here, there)]):
            sure[here] = True
    return [(*one, certain) for one, certain in zip(kept, sure, strict=True)]


class _Sight:
    """What is seen around a word of one text."""

    def __init__(self, text: str, tokens: Sequence[Token], found: Sequence[Found], lang: str | None) -> None:
        self._text = text
        self._tokens = tokens
        self._lang = lang
        self._lower = not any(token.word[0].isupper() for token in tokens)
        names = {number for first, last, _ in found for number in range(first, last + 1)}
        others = [token.word[0].isupper() for number, token in enumerate(tokens) if self._has_a_say(number, names)]
        self._capitals_tell = sum(others) * 2.5 <= len(others)
        """Most other words begin small, so that a capital says something."""

    def _has_a_say(self, number: int, names: AbstractSet[int]) -> bool:
        token = self._tokens[number]
        return number not in names and not token.tag and token.word.isalpha() and not self._opens_sentence(number)

    def institution(self, last: int, reading: Reading) -> bool:
        """Return whether the word after makes it a newspaper, a court, an old province or a road."""
        after = self._next(last)
        if after is None or reading.case not in ("nominative", "genitive"):
            return False
        return after.low.startswith(_NOT_THE_PLACE) or after.low in _NOT_THE_PLACE_SV

    def other(self, first: int, last: int, reading: Reading) -> bool:
        """Return whether the words are surely something else: a person, an airport, a numeral."""
        token = self._tokens[first]
        if token.word == "II":
            return True
        if self._airport(first, last) or (token.joined and self._tokens[first - 1].low in _OTHER_VILLAGES):
            return True
        before = self._before(first)
        if before is None or before.low not in first_names() or not token.word[0].isupper() or token.tag:
            return False
        if before.word[0].isupper():
            return first == last and reading.kind == "municipality" and reading.case in _BARE
        return bool(reading.doubt)  # a title

    def sure(self, first: int, last: int, reading: Reading) -> bool:
        """Return whether the words are surely the place."""
        token = self._tokens[first]
        capital = token.word[0].isupper()
        if reading.case == "compound":
            return True
        if reading.case == "resident":  # Turkulainen amid a sentence is a newspaper
            return not capital or token.tag or self._opens_sentence(first)
        finnish = self._lang in ("fi", None)
        if not (capital or token.tag or self._lower or (finnish and reading.lang == "fi")):
            return False
        doubt = reading.doubt if finnish else reading.doubt_abroad
        if capital:
            doubt -= {"lower"}
        return (
            not doubt
            or self._municipal(first, last, reading)
            or (token.tag and token.low in _TAGS_OF_TOWNS)
            or self._told_by_itself(first, last, reading, doubt)
        )

    def _told_by_itself(self, first: int, last: int, reading: Reading, doubt: frozenset[str]) -> bool:
        """Return whether the word's own case, capital and preposition leave only the place."""
        token = self._tokens[first]
        if token.joined or token.tag or "place" in doubt or self._hyphen_follows(last):
            return False
        capital = token.word[0].isupper() and not token.word.isupper()
        tells = capital and self._capitals_tell and not self._opens_sentence(first)
        if reading.lang == "sv" or self._lang in ("sv", "en"):
            return tells and self._preposition(first, doubt)
        if reading.case in _INNER and (doubt.isdisjoint(("word", "lower")) or tells):
            return True
        return tells and doubt == {"word"}

    def linked(self, left: Found, right: Found) -> bool:
        """Return whether two places stand in one list, in one case."""
        cases = {_CASE_GROUPS.get(reading.case, reading.case) for _, _, reading in (left, right)}
        capitals = {self._tokens[place[0]].word[0].isupper() for place in (left, right)}
        if not self.listed(left, right) or len(cases) > 1:
            return False
        return capitals == {True} or self._lower or self._tokens[left[0]].tag

    def listed(self, left: Found, right: Found) -> bool:
        """Return whether nothing but what joins a list stands between."""
        return self._text[self._tokens[left[1]].end : self._tokens[right[0]].start].strip() in _LINKS

    def _municipal(self, first: int, last: int, reading: Reading) -> bool:
        after, before = self._next(last), self._before(first)
        if after and reading.case == "genitive" and reading.lang == "fi" and after.low.startswith(_MUNICIPAL_FI):
            return True
        if after and after.low.startswith(_MUNICIPAL_SV) and self._lang != "fi":
            return True
        if before and before.low in _MUNICIPAL_BEFORE:
            return True
        if self._of_finland(last):
            return True
        earlier = self._before(first - 1) if before else None
        return bool(before and earlier and before.low == "of" and earlier.low in ("city", "town", "municipality"))

    def _preposition(self, first: int, doubt: frozenset[str]) -> bool:
        before = self._before(first)
        return bool(before and before.low in ("i", "in") and "company" not in doubt)

    def _airport(self, first: int, last: int) -> bool:
        if self._tokens[first].low == "helsinki":
            after = self._tokens[last + 1] if last + 1 < len(self._tokens) else None
            return bool(after and after.joined and after.low.startswith("vantaa"))
        token, before = self._tokens[first], self._tokens[first - 1] if first else None
        return bool(before and before.low == "helsinki" and token.joined and token.low.startswith("vantaa"))

    def _of_finland(self, last: int) -> bool:
        """Return whether ``, Finland`` follows."""
        if last + 1 >= len(self._tokens) or self._tokens[last + 1].low not in ("finland", "suomi"):
            return False
        return self._text[self._tokens[last].end : self._tokens[last + 1].start].strip() in (",", "(")

    def _hyphen_follows(self, last: int) -> bool:
        return last + 1 < len(self._tokens) and self._tokens[last + 1].joined

    def _next(self, last: int) -> Token | None:
        """Return the word after, where nothing but a space stands between."""
        if last + 1 >= len(self._tokens):
            return None
        after = self._tokens[last + 1]
        return after if self._text[self._tokens[last].end : after.start].isspace() else None

    def _before(self, first: int) -> Token | None:
        if first < 1:
            return None
        before = self._tokens[first - 1]
        return before if self._text[before.end : self._tokens[first].start].isspace() else None

    def _opens_sentence(self, first: int) -> bool:
        if first == 0:
            return True
        gap = self._text[self._tokens[first - 1].end : self._tokens[first].start]
        return any(mark in gap for mark in '.!?:;\n•”"»*–|')
