"""Near-identical texts: posts that many accounts copy with a word changed, a link added or a line cut.

Two texts are near-identical when their normalised forms share most of their sequences of five characters (Jaccard
similarity). Candidates are found by MinHash in bands, so that not every pair is compared, and each is then compared
exactly: https://infolab.stanford.edu/~ullman/mmds/ch3n.pdf
"""

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from language.text import clean, normalise

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]

_HASHES = 64
_MISSED = 1e-3  # probability that two texts just at the threshold meet in no band; far less a little above it
_CHARACTERS_AT_ONCE = 100_000  # fit the processor's cache
# A text is compared with so many clusters of its band: enough for real texts, and a bound for hostile ones.
_COMPARED = 50
_SEED = 20_210_101


def jaccard(a: str, b: str, n: int = 5) -> float:
    """Return the similarity of two texts, 0 to 1: the shared share of their normalised sequences of n characters.

    Texts shorter than that are 1 where identical, else 0.
    """
    a, b = _compared(a), _compared(b)
    return 1.0 if a == b else _similarity(_shingles(a, n), _shingles(b, n))


def clusters(texts: Sequence[str], *, threshold: float = 0.8, n: int = 5) -> list[int]:
    """Return a cluster number for each text: near-identical texts share it; numbers count up from 0 in text order.

    The same texts in another order fall into the same clusters. Texts shorter than n characters cluster only when
    their normalised forms are identical. Time grows with the amount of text, not with the number of pairs.
    """
    compared = [_compared(text) for text in texts]
    distinct = sorted(set(compared))
    long_enough = [text for text in distinct if len(text) >= n]
    cluster_of = dict(zip(long_enough, _joined(long_enough, threshold, n), strict=True))
    numbers: dict[str, int] = {}
    return [numbers.setdefault(cluster_of.get(text, text), len(numbers)) for text in compared]


def _compared(text: str) -> str:
    # A post of nothing but a link or a handle has no normalised form: it is compared as it stands.
    return normalise(text) or clean(text)


def _shingles(text: str, n: int) -> frozenset[str]:
    return frozenset(text[i : i + n] for i in range(len(text) - n + 1))


def _similarity(a: frozenset[str], b: frozenset[str]) -> float:
    shared = len(a & b)
    return shared / (len(a) + len(b) - shared) if shared else 0.0


def _joined(texts: Sequence[str], threshold: float, n: int) -> list[str]:
    """Return for each of the distinct, sorted texts the one that stands for its cluster."""
    if not texts:
        return []
    signatures = _all_signatures(texts, n)
    joining = _Joining(texts, signatures, threshold, n)
    for band in _bands(signatures, _rows(threshold)):
        for members in band:
            joining.join(members)
    return [texts[joining.root(i)] for i in range(len(texts))]


class _Joining:
    """Which of some texts belong together, as far as is known."""

    def __init__(self, texts: Sequence[str], signatures: "Hashes", threshold: float, n: int) -> None:
        self._parent = list(range(len(texts)))
        self._threshold = threshold
        self._sketches, self._most_apart = _sketches(signatures), _most_apart(threshold)
        self._shingles = lru_cache(maxsize=4096)(lambda i: _shingles(texts[i], n))

    def root(self, i: int) -> int:
        """Return the text that stands for the cluster of a text."""
        parent = self._parent
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    def join(self, members: Sequence[int]) -> None:
        """Join those of a band's texts that are near-identical."""
        firsts: dict[int, int] = {}
        sketches, most_apart = self._sketches, self._most_apart
        for i in members:
            if self.root(i) in firsts:
                continue
            sketch = sketches[i]
            for other in list(firsts.values())[:_COMPARED]:
                if (sketch ^ sketches[other]).bit_count() <= most_apart and self._is_near(i, other):
                    # The first of the sorted texts stands for all: the input's order decides nothing.
                    low, high = sorted((self.root(i), self.root(other)))
                    self._parent[high] = low
            firsts.setdefault(self.root(i), i)

    def _is_near(self, i: int, j: int) -> bool:
        a, b = sorted((self._shingles(i), self._shingles(j)), key=len)
        return len(a) >= self._threshold * len(b) and _similarity(a, b) >= self._threshold


def _rows(threshold: float) -> int:
    """Return how many hashes must agree in a band: the more, the fewer false candidates; 4 for .8."""
    return next((rows for rows in (4, 3, 2) if (1 - threshold**rows) ** (_HASHES // rows) < _MISSED), 1)


def _all_signatures(texts: Sequence[str], n: int) -> "Hashes":
    import numpy as np

    return np.concatenate([_signatures(batch, n) for batch in _batches(texts)])


def _sketches(signatures: "Hashes") -> list[int]:
    """Return one bit of each minimal hash, 64 in a number: of unlike texts half agree, of alike ones nearly all.

    See https://doi.org/10.1145/1772690.1772759
    """
    import numpy as np

    bits = np.packbits((signatures & np.uint64(1)).astype(np.uint8), axis=1)
    sketches: list[int] = bits.view(np.uint64).ravel().tolist()
    return sketches


def _most_apart(threshold: float) -> int:
    """Return in how many bits sketches of near-identical texts differ at most, but for one pair of a million."""
    share = (1 - threshold) / 2
    return math.ceil(_HASHES * share + 5 * math.sqrt(_HASHES * share * (1 - share)))


def _bands(signatures: "Hashes", rows: int) -> Iterator[list[list[int]]]:
    """Yield for each band the groups of texts that agree in it, each group in the texts' order."""
    import numpy as np

    for start in range(0, _HASHES - rows + 1, rows):
        # One number for a band's hashes sorts ten times as fast; what shares it by chance is compared anyway.
        keys = signatures[:, start]
        for column in range(start + 1, start + rows):
            keys = _mixed(keys) + signatures[:, column]
        _, group, sizes = np.unique(keys, return_inverse=True, return_counts=True)
        order = np.argsort(group, kind="stable")
        ends = np.cumsum(sizes)
        yield [
            order[end - size : end].tolist()
            for end, size in zip(ends.tolist(), sizes.tolist(), strict=True)
            if size > 1
        ]


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    start = characters = 0
    for i, text in enumerate(texts):
        characters += len(text)
        if characters >= _CHARACTERS_AT_ONCE or i + 1 == len(texts):
            yield texts[start : i + 1]
            start, characters = i + 1, 0


def _signatures(texts: Sequence[str], n: int) -> "Hashes":
    """Return 64 minimal hashes of each text's sequences of n characters."""
    import numpy as np

    points = np.frombuffer("".join(texts).encode("utf-32-le"), dtype="<u4").astype(np.uint64)
    lengths = np.array([len(text) for text in texts])
    hashes = np.zeros(len(points) - n + 1, dtype=np.uint64)
    for i in range(n):
        hashes = hashes * np.uint64(0x100000001B3) + points[i : len(points) - n + 1 + i]
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    # The n - 1 sequences that begin in one text and end in the next belong to none.
    inside = np.ones(len(points), dtype=bool)
    for i in range(1, n):
        inside[starts + lengths - i] = False
    hashes = _mixed(hashes[inside[: len(hashes)]])
    starts = np.concatenate([[0], np.cumsum(lengths - n + 1)[:-1]])
    factors = np.random.default_rng(_SEED).integers(1, 2**63, _HASHES, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    return np.stack([np.minimum.reduceat(hashes * factor, starts) for factor in factors], axis=1)


def _mixed(hashes: "Hashes") -> "Hashes":
    """Return the hashes with every bit depending on all.

    See https://prng.di.unimi.it/splitmix64.c
    """
    import numpy as np

    hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return hashes ^ (hashes >> np.uint64(31))
