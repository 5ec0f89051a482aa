"""Which of a week's texts are copies of one another: templates and slightly changed copies count as one text."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from trends.joining import Groups

ALIKE = 0.6
"""Shared terms among all terms of two texts (Jaccard) from which they are one text."""


def copy_groups(texts: Sequence[Sequence[str]], *, alike: float = ALIKE) -> list[int]:
    """Return for each text, given as its terms, the position of the first text of its group.

    Texts are one group where a chain of pairs leads from one to the other, so that order does not matter. Texts
    without a term are alone. Exact; near-linear since only texts that share one of their rarest terms are compared
    (prefix filtering, https://doi.org/10.1145/1242572.1242591).
    """
    groups = Groups(len(texts))
    for i, j in _alike_pairs(texts, alike):
        groups.join(i, j)
    return groups.firsts()


def _alike_pairs(texts: Sequence[Sequence[str]], alike: float) -> Iterator[tuple[int, int]]:
    first_with: dict[frozenset[str], int] = {}
    for i, text in enumerate(texts):
        if text:
            first = first_with.setdefault(frozenset(text), i)
            if first != i:
                yield first, i
    frequency = Counter(term for terms in first_with for term in terms)
    seen: defaultdict[str, list[tuple[int, frozenset[str]]]] = defaultdict(list)
    for terms, i in sorted(first_with.items(), key=lambda item: (len(item[0]), item[1])):
        compared: set[int] = set()
        for term in sorted(terms, key=lambda term: (frequency[term], term))[: _prefix(len(terms), alike)]:
            for j, others in seen[term]:
                if j not in compared and len(others) >= alike * len(terms):
                    compared.add(j)
                    shared = len(terms & others)
                    if shared >= alike * (len(terms) + len(others) - shared):
                        yield i, j
            seen[term].append((i, terms))


def _prefix(size: int, alike: float) -> int:
    """Return how many of the rarest terms suffice: two alike texts share at least ``alike`` of the larger's terms."""
    least_shared = -int(-alike * size // 1)
    return size - least_shared + 1
