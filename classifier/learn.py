"""Learning from what there is: the themes' texts, labels where people gave them, and posts nobody has labelled."""

from dataclasses import dataclass

import numpy as np

from classifier.calibrate import Matrix, Numbers, log_softmax, pooled
from classifier.coldstart import SMALLEST_POOL, cold_vectors
from classifier.fit import fit_characters, kernel_estimator
from classifier.kernel import fit_kernel, kernel_opinion
from classifier.model_file import Array, Characters, Kernel, VectorOpinion
from classifier.opinions import CharacterOpinion, centred, seed_opinion, vector_opinions
from classifier.study import Ground, Studied

_TEACHING = {"seeds": 1.0, "likeness": 1.0, "characters": 0.3, "neighbours": 0.6, "vectors": 1.0}
"""What each opinion weighs where the pool is taught."""
_SHARES = (0.4, 0.6, 0.8)
_SHARES_OF_WORDS = (0.2, 0.4, 0.6)
"""Without sentence vectors a wrong guess is repeated more easily."""
_SHARE_FOR_CHARACTERS = 0.6
_LEAST_LIKE = 0.2
_LARGEST_SHARE = 2.0
"""A class takes at most this many times an even part of the chosen posts: else the largest eats the others."""
_NEIGHBOURS, _NEARNESS = 10, 10.0
_NONE_SPEAKS = 2.0
"""None is one of two answers, a theme one of many: what speaks for it reaches less far up."""
_TEXT_WEIGHT, _PSEUDO_WEIGHT = 1.0, 0.5
_TEXT_WEIGHT_BESIDE_LABELS = 0.3
_CHARACTER_STRENGTH = 10.0


@dataclass(frozen=True, slots=True)
class Learnt:
    """The opinions after learning."""

    characters: Characters
    vectors: VectorOpinion | None
    estimators: dict[str, object]
    """The scikit-learn estimators they were taken from."""
    taught_by_pool: int
    """Unlabelled posts that served as examples."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Posts nobody has labelled, and what is thought of them before anybody has."""

    texts: Studied
    opinion: Matrix | None
    """None where the posts are too few to learn from."""
    kernel: Kernel | None
    """None without sentence vectors."""


def read_pool(ground: Ground, texts: Studied, *, seed: int) -> Pool:
    """Return the unlabelled posts with what they say of one another: once, however many folds are learnt."""
    if len(texts) < SMALLEST_POOL:
        return Pool(texts, None, None)
    matches = [ground.matcher.match(words, lang) for words, lang in zip(texts.words, texts.languages, strict=True)]
    found = {"seeds": seed_opinion(matches, [len(words) for words in texts.words], len(ground.themes))}
    if texts.vectors is None:
        return Pool(texts, pooled(list(found.values()), [_TEACHING[name] for name in found]), None)
    moved = centred(texts.vectors, texts.languages, ground.means)
    found |= vector_opinions(cold_vectors(ground), texts.vectors, texts.languages)
    teacher = pooled(list(found.values()), [_TEACHING[name] for name in found])
    # Whether a post is about any theme is asked apart: else *none* takes posts that only lie between two themes.
    none = teacher[:, -1] - teacher[:, :-1].max(axis=1)
    asked, trust = _neighbours(moved)
    none += (none[asked] * trust).sum(axis=1)
    themes = log_softmax(teacher[:, :-1])
    said = themes
    for _ in range(2):  # the nearest posts, and then theirs
        around = np.log(np.maximum((np.exp(said)[asked] * trust[:, :, None]).sum(axis=1), 1e-9))
        said = log_softmax(around + themes)
    kernel, opinion = _teach_kernel(moved, said, none, seed=seed)
    return Pool(texts, opinion, kernel)


def _teach_kernel(moved: Array, themes: Matrix, none: Array, *, seed: int) -> tuple[Kernel, Matrix]:
    """Return a kernel that has taught itself by its surest guesses, and what it and its teacher think together."""
    opinion, classes = themes, themes.shape[1]
    kernel: Kernel | None = None
    for share in _SHARES:
        rows, guess = _surest(opinion, share)
        if kernel is not None and len(np.unique(guess)) < len(np.unique(themes.argmax(axis=1))):
            break  # a class ran empty: the next round would only deepen it
        kernel = fit_kernel(moved[rows], np.eye(classes)[guess], np.ones(len(rows)), seed=seed)
        opinion = log_softmax(kernel_opinion(kernel, moved) + _TEACHING["neighbours"] * themes)
    assert kernel is not None  # noqa: S101 - the first round always fits
    least = max(1, int(_LEAST_LIKE * len(none)))
    order = np.argsort(none, kind="stable")
    sides = np.concatenate([order[: 2 * least], order[-least:]])
    is_none = np.arange(len(sides)) >= len(sides) - least
    answers = np.stack([~is_none, is_none], axis=1).astype(np.float64)
    beside = fit_kernel(moved[sides], answers, np.ones(len(sides)), seed=seed)
    level = none - np.quantile(none, 1 - _LEAST_LIKE)  # above it lies what is least like any theme
    whole = np.hstack([opinion, (opinion.max(axis=1) + level)[:, None]])
    return _joined(kernel, beside), log_softmax(whole)


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
    near = moved @ moved.T
    np.fill_diagonal(near, -1.0)
    asked = np.argpartition(-near, _NEIGHBOURS, axis=1)[:, :_NEIGHBOURS]
    trust = np.exp(_NEARNESS * np.take_along_axis(near, asked, axis=1))
    return asked, trust / trust.sum(axis=1, keepdims=True)


def learn(ground: Ground, labelled: Studied, targets: Numbers, pool: Pool, *, seed: int) -> Learnt:
    """Return opinions learnt from the themes' texts, the labelled posts and, by self-training, the unlabelled ones."""
    if ground.directions is None:
        return _learn_words(ground, labelled, targets, pool, seed=seed)
    vectors = cold_vectors(ground, kernels={} if pool.kernel is None else {"neighbours": pool.kernel})
    if len(labelled):
        vectors = cold_vectors(
            ground, kernels={**vectors.kernels, "vectors": _fit_labels(ground, labelled, targets, seed=seed)}
        )
    pseudo = None
    if pool.opinion is not None and pool.texts.vectors is not None:
        opinion = pool.opinion
        if len(labelled):
            said = vector_opinions(vectors, pool.texts.vectors, pool.texts.languages)["vectors"]
            opinion = log_softmax(opinion + _TEACHING["vectors"] * said)
        rows, guess = _surest(opinion, _SHARE_FOR_CHARACTERS, with_none=not len(labelled))
        pseudo = pool.texts.take(rows), guess
    return _fit(ground, labelled, targets, pseudo, vectors, seed=seed)


def _fit_labels(ground: Ground, labelled: Studied, targets: Numbers, *, seed: int) -> Kernel:
    both = ground.texts + labelled
    assert both.vectors is not None  # noqa: S101 - the caller embeds
    weights = np.ones(len(both))
    weights[: len(ground.texts)] = _TEXT_WEIGHT_BESIDE_LABELS
    answers = np.eye(ground.classes)[np.concatenate([ground.targets, targets])]
    return fit_kernel(centred(both.vectors, both.languages, ground.means), answers, weights, seed=seed)


def _learn_words(ground: Ground, labelled: Studied, targets: Numbers, pool: Pool, *, seed: int) -> Learnt:
    learnt = _fit(ground, labelled, targets, None, None, seed=seed)
    if pool.opinion is None:
        return learnt
    teacher = pool.opinion
    if len(labelled):
        teacher = teacher + _TEACHING["characters"] * CharacterOpinion(learnt.characters).opinion(pool.texts.words)
    student = teacher
    for share in _SHARES_OF_WORDS:
        rows, guess = _surest(student, share, with_none=not len(labelled))
        if len(np.unique(guess)) < len(np.unique(teacher.argmax(axis=1))):
            break  # a class ran empty: the next round would only deepen it
        learnt = _fit(ground, labelled, targets, (pool.texts.take(rows), guess), None, seed=seed)
        student = 0.6 * teacher + 0.4 * CharacterOpinion(learnt.characters).opinion(pool.texts.words)
    return learnt


def opinions_of(ground: Ground, learnt: Learnt, texts: Studied) -> dict[str, Matrix]:
    """Return every opinion on some texts, by name."""
    matches = [ground.matcher.match(words, lang) for words, lang in zip(texts.words, texts.languages, strict=True)]
    found = {"seeds": seed_opinion(matches, [len(words) for words in texts.words], len(ground.themes))}
    found["characters"] = CharacterOpinion(learnt.characters).opinion(texts.words)
    if learnt.vectors is not None and texts.vectors is not None:
        found |= vector_opinions(learnt.vectors, texts.vectors, texts.languages)
    return found


def _surest(opinion: Matrix, share: float, *, with_none: bool = False) -> tuple[Numbers, Numbers]:
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


def _fit(
    ground: Ground,
    labelled: Studied,
    targets: Numbers,
    pseudo: tuple[Studied, Numbers] | None,
    vectors: VectorOpinion | None,
    *,
    seed: int,
) -> Learnt:
    texts, answers = ground.texts + labelled, np.concatenate([ground.targets, targets])
    # Everyday talk only holds the place of none until somebody has labelled a post so, or the pool has shown it.
    weights = np.full(len(texts), _TEXT_WEIGHT)
    if pseudo is not None:
        texts, answers = texts + pseudo[0], np.concatenate([answers, pseudo[1]])
        weights = np.concatenate([weights, np.full(len(pseudo[1]), _PSEUDO_WEIGHT if len(labelled) else _TEXT_WEIGHT)])
    pipeline, characters = fit_characters(
        texts.words, answers, weights, classes=ground.classes, strength=_CHARACTER_STRENGTH, seed=seed
    )
    estimators: dict[str, object] = {"characters": pipeline}
    if vectors is not None:
        estimators |= {name: kernel_estimator(kernel) for name, kernel in vectors.kernels.items()}
    return Learnt(characters, vectors, estimators, 0 if pseudo is None else len(pseudo[1]))
