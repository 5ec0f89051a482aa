"""Learning from what there is: the themes' texts, labels where people gave them, and posts nobody has labelled."""

from dataclasses import dataclass

import numpy as np

from classifier.calibrate import Matrix, Numbers
from classifier.coldstart import cold_vectors
from classifier.fit import fit_characters, kernel_estimator
from classifier.kernel import fit_kernel
from classifier.model_file import Characters, Kernel, VectorOpinion
from classifier.opinions import CharacterOpinion, centred, seed_opinion, vector_opinions
from classifier.pool import Pool, surest, teach
from classifier.study import Ground, Studied

_CHARACTERS_TEACH = 0.3
"""What characters learnt from labels weigh beside the seed words, where both teach a pool without sentence vectors."""
_SHARES_OF_WORDS = (0.2, 0.4, 0.6)
"""Without sentence vectors a wrong guess is repeated more easily."""
_SHARE_FOR_CHARACTERS = 0.6
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


def learn(ground: Ground, labelled: Studied, targets: Numbers, pool: Pool, *, seed: int) -> Learnt:
    """Return opinions learnt from the themes' texts, the labelled posts and, by self-training, the unlabelled ones."""
    if ground.directions is None:
        return _learn_words(ground, labelled, targets, pool, seed=seed)
    kernels: dict[str, Kernel] = {}
    if len(labelled):
        kernels["vectors"] = _fit_labels(ground, labelled, targets, seed=seed)
    taught = teach(ground, pool, labelled, targets, kernels.get("vectors"), seed=seed)
    pseudo = None
    if taught is not None:
        kernels["neighbours"] = taught.kernel
        is_none_apart = ground.classes - 1 not in targets
        rows, guess = surest(taught.opinion, _SHARE_FOR_CHARACTERS, with_none=is_none_apart)
        pseudo = pool.texts.take(rows), guess
    vectors = cold_vectors(ground, kernels=kernels)
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
    if pool.teacher is None:
        return learnt
    teacher = pool.teacher
    if len(labelled):
        teacher = teacher + _CHARACTERS_TEACH * CharacterOpinion(learnt.characters).opinion(pool.texts.words)
    student = teacher
    for share in _SHARES_OF_WORDS:
        rows, guess = surest(student, share, with_none=not len(labelled))
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
