"""What posts that nobody has labelled say of one another, and what a few labels among them say of the rest.

Neighbours in sentence vectors mostly share a theme. So each post asks its nearest ones, labelled posts among them, and
the surest guesses teach a kernel in rounds.

See Zhu and Ghahramani (2002), http://pages.cs.wisc.edu/~jerryzhu/pub/CMU-CALD-02-107.pdf, for labels that spread.
"""

from dataclasses import dataclass

import numpy as np

from classifier.calibrate import Matrix, Numbers, log_softmax, pooled
from classifier.coldstart import SMALLEST_POOL, cold_vectors
from classifier.kernel import fit_kernel, kernel_opinion
from classifier.model_file import Array, Kernel
from classifier.opinions import centred, seed_opinion, vector_opinions
from classifier.study import Ground, Studied

_SHARES = (0.4, 0.6, 0.8)
_LEAST_LIKE = 0.2
_LARGEST_SHARE = 2.0
"""A class takes at most this many times an even part of the chosen posts: else the largest eats the others."""
_NEIGHBOURS, _NEARNESS, _ROWS_AT_ONCE = 10, 10.0, 512
_NONE_SPEAKS = 2.0
"""None is one of two answers, a theme one of many: what speaks for it reaches less far up."""
_LABELS_SPEAK = 2.0
"""What the kernel over labels weighs beside the themes' own texts, where both teach the pool."""
_KEPT_OF_TEACHER = 0.6
_LABEL_WEIGHT = 2.0
"""Of a labelled post beside a guessed one."""
_SURELY = 0.98
"""Of a label where neighbours ask for it: people err too, and certainty would have no logarithm for the rest."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Posts nobody has labelled, and what the themes' own texts say of them; read once, however many folds learn."""

    texts: Studied
    teacher: Matrix | None = None
    """Summed opinions on each post, none in the last column; None where the posts are too few to learn from."""
    moved: Array | None = None
    """Their centred vectors; None without sentence vectors."""
    none: Array | None = None
    """How much more a post looks like none of the themes than like any; None without sentence vectors."""


@dataclass(frozen=True, slots=True)
class Taught:
    """What the pool has taught."""

    kernel: Kernel
    opinion: Matrix
    """On each post of the pool, in log probabilities."""


def read_pool(ground: Ground, texts: Studied) -> Pool:
    """Return the unlabelled posts with what the themes' own texts say of them."""
    if len(texts) < SMALLEST_POOL:
        return Pool(texts)
    matches = [ground.matcher.match(words, lang) for words, lang in zip(texts.words, texts.languages, strict=True)]
    seeds = seed_opinion(matches, [len(words) for words in texts.words], len(ground.themes))
    if texts.vectors is None:
        return Pool(texts, seeds)
    moved = centred(texts.vectors, texts.languages, ground.means)
    likeness = vector_opinions(cold_vectors(ground), texts.vectors, texts.languages)["likeness"]
    teacher = pooled([seeds, likeness], [1.0, 1.0])
    # Whether a post is about any theme is asked apart: else *none* takes posts that only lie between two themes.
    none = teacher[:, -1] - teacher[:, :-1].max(axis=1)
    asked, trust = _neighbours(moved)
    return Pool(texts, teacher, moved, none + (none[asked] * trust).sum(axis=1))


def teach(
    ground: Ground, pool: Pool, labelled: Studied, targets: Numbers, of_labels: Kernel | None, *, seed: int
) -> Taught | None:
    """Return what a pool teaches together with labels; None where it is too small or without sentence vectors.

    ``of_labels`` is the kernel over the same labels; None leaves it to the neighbours to bring them in. Where a label
    says none, that is a class like the others.
    """
    if pool.moved is None or pool.teacher is None or pool.none is None:
        return None
    teacher, moved = pool.teacher, pool.moved
    knows_none = bool((targets == len(ground.themes)).any())
    classes = ground.classes if knows_none else len(ground.themes)
    known = moved[:0]
    if labelled.vectors is not None:
        known = centred(labelled.vectors, labelled.languages, ground.means)
    if of_labels is not None:
        teacher = teacher + _LABELS_SPEAK * kernel_opinion(of_labels, moved)
    sure = np.log(_SURELY * np.eye(classes)[targets] + (1 - _SURELY) / classes)
    said = _spread(np.vstack([moved, known]), np.vstack([log_softmax(teacher[:, :classes]), sure]), len(moved))
    kernel, opinion = _rounds(moved, said, known, targets, seed=seed)
    return Taught(kernel, opinion) if knows_none else _with_none(kernel, opinion, moved, pool.none, seed=seed)


def surest(opinion: Matrix, share: float, *, with_none: bool = False) -> tuple[Numbers, Numbers]:
    """Return rows that are surest by margin, at most a fair share of each class, and what they are thought to be.

    ``with_none``: the last column stands for *none*, and before any label that is the part of the pool that is least
    like any theme; later it is a class like the others.
    """
    count, classes = opinion.shape
    themes = opinion[:, :-1] if with_none else opinion
    guess = themes.argmax(axis=1).astype(np.intp)
    ordered = np.sort(themes, axis=1)
    margin = ordered[:, -1] - ordered[:, -2] if themes.shape[1] > 1 else ordered[:, -1]
    if with_none:
        unlike = np.argsort(themes.max(axis=1) - opinion[:, -1], kind="stable")[: int(_LEAST_LIKE * count)]
        guess[unlike] = classes - 1
        margin[unlike] = (opinion[:, -1] - themes.max(axis=1))[unlike]
    rows: list[int] = []
    most = max(1, int(_LARGEST_SHARE * share * count / classes))
    for wanted in range(classes):
        of_class = np.flatnonzero(guess == wanted)
        best_first = of_class[np.argsort(-margin[of_class], kind="stable")]
        rows += best_first[: min(most, int(np.ceil(share * len(of_class))))].tolist()
    chosen = np.array(sorted(rows), dtype=np.intp)
    return chosen, guess[chosen]


def _spread(moved: Array, said: Matrix, unlabelled: int) -> Matrix:
    """Return what the first posts think after asking the nearest, and then theirs; the others keep to their labels."""
    asked, trust = _neighbours(moved)
    own = said[:unlabelled]
    for _ in range(2):
        around = np.log(np.maximum((np.exp(said)[asked[:unlabelled]] * trust[:unlabelled, :, None]).sum(axis=1), 1e-9))
        said = np.vstack([log_softmax(around + own), said[unlabelled:]])
    return said[:unlabelled]


def _rounds(moved: Array, said: Matrix, known: Array, targets: Numbers, *, seed: int) -> tuple[Kernel, Matrix]:
    """Return a kernel taught by labels and by its surest guesses, and what it and its teacher think together."""
    opinion, classes = said, said.shape[1]
    kernel: Kernel | None = None
    for share in _SHARES:
        rows, guess = surest(opinion, share)
        if kernel is not None and len(np.unique(guess)) < len(np.unique(said.argmax(axis=1))):
            break  # a class ran empty: the next round would only deepen it
        answers = np.eye(classes)[np.concatenate([guess, targets])]
        weights = np.concatenate([np.ones(len(rows)), np.full(len(targets), _LABEL_WEIGHT)])
        kernel = fit_kernel(np.vstack([moved[rows], known]), answers, weights, seed=seed)
        opinion = log_softmax(kernel_opinion(kernel, moved) + _KEPT_OF_TEACHER * said)
    assert kernel is not None  # noqa: S101 - the first round always fits
    return kernel, opinion


def _with_none(kernel: Kernel, opinion: Matrix, moved: Array, none: Array, *, seed: int) -> Taught:
    """Return what the themes' kernel says together with one that knows what is least like any theme."""
    least = max(1, int(_LEAST_LIKE * len(none)))
    order = np.argsort(none, kind="stable")
    sides = np.concatenate([order[: 2 * least], order[-least:]])
    is_none = np.arange(len(sides)) >= len(sides) - least
    answers = np.stack([~is_none, is_none], axis=1).astype(np.float64)
    beside = fit_kernel(moved[sides], answers, np.ones(len(sides)), seed=seed)
    level = none - np.quantile(none, 1 - _LEAST_LIKE)  # above it lies what is least like any theme
    whole = np.hstack([opinion, (opinion.max(axis=1) + level)[:, None]])
    return Taught(_joined(kernel, beside), log_softmax(whole))


def _joined(themes: Kernel, none: Kernel) -> Kernel:
    """Return one kernel that answers for the themes as one does, and for none as the other does."""
    of_none = _NONE_SPEAKS * none.weights[:, 1:]
    near = np.zeros((len(themes.landmarks) + len(none.landmarks), themes.weights.shape[1] + 1))
    near[: len(themes.landmarks), :-1] = themes.weights[: len(themes.landmarks)]
    near[len(themes.landmarks) :, -1:] = of_none[: len(none.landmarks)]
    rest = np.hstack([themes.weights[len(themes.landmarks) :], of_none[len(none.landmarks) :]])
    return Kernel(landmarks=np.vstack([themes.landmarks, none.landmarks]), weights=np.vstack([near, rest]))


def _neighbours(moved: Array) -> tuple[Numbers, Array]:
    """Return each post's nearest ones, and how far each is asked."""
    asked = np.empty((len(moved), min(_NEIGHBOURS, len(moved) - 1)), dtype=np.intp)
    trust = np.empty(asked.shape)
    for start in range(0, len(moved), _ROWS_AT_ONCE):  # all at once would take a gigabyte for few thousand posts
        near = moved[start : start + _ROWS_AT_ONCE] @ moved.T
        near[np.arange(len(near)), np.arange(start, start + len(near))] = -1.0
        found = np.argpartition(-near, asked.shape[1], axis=1)[:, : asked.shape[1]]
        asked[start : start + len(near)] = found
        trust[start : start + len(near)] = np.exp(_NEARNESS * np.take_along_axis(near, found, axis=1))
    return asked, trust / trust.sum(axis=1, keepdims=True)
