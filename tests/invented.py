"""Invented posts about invented matters: each matter has words of its own, which only labels connect with a theme."""

import random
from collections.abc import Sequence

_SYLLABLES = ("ka", "lo", "mi", "ru", "se", "tu", "vä", "nö", "pi", "hy", "ja", "ko", "li", "ma", "re", "sö")
_FILL = ("eilen", "taas", "kovin", "monta", "näin", "ihan", "vielä", "kuulemma", "tässä", "joku", "siellä", "aina")


def matters(themes: Sequence[str | None], count: int, posts: int, *, seed: int = 5) -> list[tuple[str, str | None]]:
    """Return posts with their theme, ``posts`` about each of ``count`` matters, matter by matter."""
    chance = random.Random(seed)
    found: list[tuple[str, str | None]] = []
    for number in range(count):
        own = ["".join(chance.choices(_SYLLABLES, k=5)) for _ in range(4)]
        for _ in range(posts):
            words = own + chance.sample(_FILL, 5)
            chance.shuffle(words)
            found.append((" ".join(words), themes[number % len(themes)]))
    return found
