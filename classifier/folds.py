"""Splits that do not flatter: one writer's posts and near-identical texts never stand on both sides."""

from collections.abc import Sequence

import numpy as np

from classifier.calibrate import Numbers
from classifier.example import Example
from language.duplicates import clusters


def groups_of(examples: Sequence[Example]) -> Numbers:
    """Return a group for each example: sharing a writer or nearly a text, directly or through others, is being one."""
    parent = list(range(len(examples)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    firsts: dict[tuple[str, str], int] = {}
    for i, (example, cluster) in enumerate(zip(examples, clusters([one.text for one in examples]), strict=True)):
        marks = [("text", str(cluster))] + ([("author", example.author)] if example.author else [])
        for mark in marks:
            parent[root(i)] = root(firsts.setdefault(mark, i))
    return np.unique([root(i) for i in range(len(examples))], return_inverse=True)[1].astype(np.intp)


def folds(groups: Numbers, targets: Numbers, count: int, *, seed: int) -> list[Numbers]:
    """Return disjoint sets of all rows, no group in two, each class spread as evenly as that allows."""
    chance = np.random.default_rng(seed)
    classes = int(targets.max(initial=0)) + 1
    sizes = np.zeros((int(groups.max(initial=-1)) + 1, classes))
    np.add.at(sizes, (groups, targets), 1)
    totals = np.maximum(sizes.sum(axis=0), 1)
    order = chance.permutation(len(sizes))
    order = order[np.argsort(-sizes[order].sum(axis=1), kind="stable")]  # large groups first, while there is room
    filled = np.zeros((count, classes))
    fold_of = np.empty(len(sizes), dtype=np.intp)
    for group in order:
        has = sizes[group] > 0
        burden = (filled[:, has] / totals[has]).max(axis=1) + filled.sum(axis=1) / (1000 * totals.sum())
        fold_of[group] = int(burden.argmin())
        filled[fold_of[group]] += sizes[group]
    return [rows for fold in range(count) if len(rows := np.flatnonzero(fold_of[groups] == fold))]
