"""Learning from what there is: the themes' texts, labels where people gave them, and posts nobody has labelled."""

from dataclasses import dataclass

import numpy as np

from classifier.calibrate import Matrix, Numbers, pooled
from classifier.coldstart import SMALLEST_POOL, cold_vectors
from classifier.fit import fit_characters, fit_vectors
from classifier.model_file import Characters, VectorOpinion
from classifier.opinions import CharacterOpinion, centred, seed_opinion, vector_opinion
from classifier.study import Ground, Studied

_TEACHING = {"seeds": 0.5, "likeness": 0.5, "characters": 0.3, "vectors": 0.6}
"""What each opinion weighs where the pool is taught."""
_SHARES = (0.2, 0.4, 0.6)
_LEAST_LIKE = 0.2
_LARGEST_SHARE = 2.0
"""A class takes at most this many times an even part of the chosen posts: else the largest eats the others."""
_TEXT_WEIGHT, _PSEUDO_WEIGHT = 1.0, 0.5
_CHARACTER_STRENGTH, _VECTOR_STRENGTH = 10.0, 10.0


@dataclass(frozen=True, slots=True)
class Learnt:
    """The opinions after learning."""

    characters: Characters
    vectors: VectorOpinion | None
    estimators: dict[str, object]
    """The scikit-learn estimators they were taken from."""
    taught_by_pool: int
    """Unlabelled posts that served as examples."""


def learn(ground: Ground, labelled: Studied, targets: Numbers, pool: Studied, *, seed: int) -> Learnt:
    """Return opinions learnt from the themes' texts, the labelled posts and, by self-training, the unlabelled ones."""
    learnt = _fit(ground, labelled, targets, None, seed=seed) if len(labelled) else None
    if len(pool) < SMALLEST_POOL:
        return learnt or _fit(ground, labelled, targets, None, seed=seed)
    teacher = _teach(ground, learnt, pool)
    chosen: tuple[Numbers, Numbers] | None = None
    student = teacher
    for share in _SHARES:
        newly = _surest(student, share, with_none=not len(labelled))
        if len(np.unique(newly[1])) < len(np.unique(teacher.argmax(axis=1))):
            break  # a class ran empty: the next round would only deepen it
        chosen = newly
        learnt = _fit(ground, labelled, targets, (pool.take(chosen[0]), chosen[1]), seed=seed)
        taught = _opinions(learnt, pool)
        student = 0.6 * teacher + 0.4 * pooled(list(taught.values()), [1 / len(taught)] * len(taught))
    return learnt or _fit(ground, labelled, targets, None, seed=seed)


def opinions_of(ground: Ground, learnt: Learnt, texts: Studied) -> dict[str, Matrix]:
    """Return every opinion on some texts, by name."""
    matches = [ground.matcher.match(words, lang) for words, lang in zip(texts.words, texts.languages, strict=True)]
    seeds = seed_opinion(matches, [len(words) for words in texts.words], len(ground.themes))
    return {"seeds": seeds, **_opinions(learnt, texts)}


def _opinions(learnt: Learnt, texts: Studied) -> dict[str, Matrix]:
    found = {"characters": CharacterOpinion(learnt.characters).opinion(texts.words)}
    if learnt.vectors is not None and texts.vectors is not None:
        found["vectors"] = vector_opinion(learnt.vectors, texts.vectors, texts.languages)
    return found


def _teach(ground: Ground, learnt: Learnt | None, pool: Studied) -> Matrix:
    """Return what is thought of the pool before any of it has taught."""
    matches = [ground.matcher.match(words, lang) for words, lang in zip(pool.words, pool.languages, strict=True)]
    found = {"seeds": seed_opinion(matches, [len(words) for words in pool.words], len(ground.themes))}
    if pool.vectors is not None:
        found["likeness"] = vector_opinion(cold_vectors(ground), pool.vectors, pool.languages)
    if learnt is not None:
        found |= _opinions(learnt, pool)
    return pooled(list(found.values()), [_TEACHING[name] for name in found])


def _surest(opinion: Matrix, share: float, *, with_none: bool) -> tuple[Numbers, Numbers]:
    """Return rows that are surest by margin, at most a fair share of each class, and what they are thought to be.

    Before any label, *none* is the part of the pool that is least like any theme; later it is a class like the others.
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
    ground: Ground, labelled: Studied, targets: Numbers, pseudo: tuple[Studied, Numbers] | None, *, seed: int
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
    vectors = None
    if texts.vectors is not None:
        moved = centred(texts.vectors, texts.languages, ground.means)
        regression, linear = fit_vectors(
            moved, answers, weights, classes=ground.classes, strength=_VECTOR_STRENGTH, seed=seed
        )
        estimators["vectors"] = regression
        vectors = VectorOpinion(linear=linear, means=ground.means)
    return Learnt(characters, vectors, estimators, 0 if pseudo is None else len(pseudo[1]))
