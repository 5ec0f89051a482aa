"""Words of two languages that are one word: *energia* and *energi*, *koronavirus* and *coronavirus*. Pure."""

import re
from itertools import takewhile

_LEAST_SHARED = 5
_SHARED_PART = 0.64
"""Share of the longer word that both begin with; *kommun* and *kommunikaatio* share less."""
_FOLDS = str.maketrans({"c": "k", "q": "k", "w": "v", "z": "s", "y": "i", "é": "e"})
_DOUBLE = re.compile(r"(.)\1")


def are_cognates(one: str, other: str) -> bool:
    """Return whether two single words begin alike for the most part, spelling of loans aside."""
    if " " in one or " " in other:
        return False
    first, second = _folded(one), _folded(other)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))
    return shared >= _LEAST_SHARED and shared >= _SHARED_PART * max(len(first), len(second))


def _folded(word: str) -> str:
    plain = word.casefold().translate(_FOLDS).replace("ph", "f").replace("x", "ks")
    return _DOUBLE.sub(r"\1", plain)
