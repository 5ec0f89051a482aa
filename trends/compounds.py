"""Compounds share their first part: who writes of Midsummer's traffic writes of Midsummer. Names bend. Pure.

Which words are parts is learnt from the texts themselves, so that no dictionary decides and every language is treated
alike; it depends on the set of texts only, never on their order.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from trends.count import Utterance

_LEAST_PART = 5
_LEAST_REST = 4
_WRITTEN_ALONE = 2
"""Posts in which a word must stand alone before it counts as a part of others."""
_BENT = {"fi": (("s", "nen"), ("n", "")), "sv": (("s", ""),)}
"""By language, how a first part may end, and how the word alone ends instead: *pääsiäis-*, *koulun-*, *kommuns-*."""
_FINNISH_ENDINGS = """
n a ä en ia iä in ta tä la lä lla llä illa illä lta ltä ilta iltä lle ille ssa ssä issa issä sta stä ista istä ksi iksi
na nä ina inä t it
"""
_ENDINGS = {"fi": frozenset(_FINNISH_ENDINGS.split()), "sv": frozenset("s"), "en": frozenset("s")}
"""By language, endings of names that no dictionary knows: *Bidenin*, *Trumpia*, *Lindtmans*."""
_LEAST_NAME = 4


def with_parts(utterances: Iterable[Utterance]) -> list[Utterance]:
    """Return the posts with first parts of compounds, and plain forms of bent names, among their terms."""
    held = list(utterances)
    parts = parts_of(words_alone(held))
    return [in_parts(each, parts) for each in held]


def words_alone(utterances: Iterable[Utterance]) -> Counter[tuple[str, str]]:
    """Return by language and word the number of posts that hold it."""
    return Counter((each.lang, term) for each in utterances for term in each.terms if " " not in term)


def parts_of(alone: Mapping[tuple[str, str], int]) -> Mapping[tuple[str, str], str]:
    """Return by language and word its first part or plain form: the longest that people also write alone.

    ``alone`` is the number of posts by language and word.
    """
    known = {at for at, posts in alone.items() if posts >= _WRITTEN_ALONE}
    found = {at: _first_part(*at, known) for at in alone if len(at[1]) > _LEAST_NAME}
    return {at: part for at, part in found.items() if part}


def _first_part(lang: str, word: str, known: set[tuple[str, str]]) -> str | None:
    if not word.isalpha():
        return None
    for end in range(len(word) - 1, _LEAST_NAME - 1, -1):
        if word[end:] in _ENDINGS.get(lang, ()) and (lang, word[:end]) in known:
            return word[:end]
    for end in range(len(word) - _LEAST_REST, _LEAST_PART - 1, -1):
        part = word[:end]
        if (lang, part) in known:
            return part
        for bent, straight in _BENT.get(lang, ()):
            whole = part.removesuffix(bent) + straight
            if part.endswith(bent) and len(whole) >= _LEAST_PART and (lang, whole) in known:
                return whole
    return None


def in_parts(utterance: Utterance, parts: Mapping[tuple[str, str], str]) -> Utterance:
    """Return a post with the parts of its words among its terms."""
    more = [part for term in utterance.terms if (part := parts.get((utterance.lang, term)))]
    new = dict.fromkeys([*utterance.terms, *more])
    written = len(utterance.terms)
    return replace(utterance, terms=tuple(new), written=written) if len(new) > len(utterance.terms) else utterance
