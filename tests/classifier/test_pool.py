"""What `classifier.pool` promises: labels reach the posts beside them, and rounds never take more than a fair share."""

from dataclasses import replace

import numpy as np
import pytest

from classifier.kernel import fit_kernel
from classifier.opinions import centred
from classifier.pool import Pool, Taught, read_pool, surest, teach
from classifier.study import Embedder, Ground, Studied, lay_ground, study
from language.identify import Identifier
from programme.types import Programme

NO_LABELS = np.array([], dtype=np.intp)


def ground_and_posts(programme: Programme, vectors: Embedder) -> tuple[Ground, Pool, Studied]:
    """Return the ground, a pool of 200 posts about two matters that no theme names, and ten more, five of each."""
    identifier = Identifier(programme.languages)
    texts = [f"jäätelö kioski kesä {i}" for i in range(105)] + [f"orkesteri soitto ilta {i}" for i in range(105)]
    given = [(text, "fi") for text in texts]
    posts = study(given, ignored=frozenset(), identifier=identifier, vectors=vectors)
    ground = lay_ground(programme, identifier=identifier, vectors=vectors, posts=posts)
    unlabelled = np.array([*range(100), *range(105, 205)])
    return ground, read_pool(ground, posts.take(unlabelled)), posts.take(np.setdiff1d(np.arange(210), unlabelled))


def taught_by(labels: tuple[int, int], ground: Ground, pool: Pool, labelled: Studied) -> Taught:
    """Return what is taught where the posts of either matter carry a label."""
    assert labelled.vectors is not None
    targets = np.repeat(labels, 5).astype(np.intp)
    moved = centred(labelled.vectors, labelled.languages, ground.means)
    kernel = fit_kernel(moved, np.eye(ground.classes)[targets], np.ones(10), seed=1)
    taught = teach(ground, pool, labelled, targets, kernel, seed=1)
    assert taught is not None
    return taught


@pytest.mark.everything
def test_labels_reach_the_posts_beside_them(small: Programme, vectors: Embedder) -> None:
    """A few labels turn the posts near them to their theme, whatever the themes' own texts say of these."""
    known = ground_and_posts(small, vectors)
    for labels in ((0, 1), (1, 0)):
        guess = taught_by(labels, *known).opinion[:, :-1].argmax(axis=1)
        assert (guess == np.repeat(labels, 100)).mean() > 0.8


def test_none_is_a_class_where_a_label_says_so(small: Programme, vectors: Embedder) -> None:
    """Posts beside some labelled as none of the themes are thought to be none, the others are not."""
    ground, pool, labelled = ground_and_posts(small, vectors)
    taught = taught_by((2, 0), ground, pool, labelled)
    assert (taught.opinion.argmax(axis=1) == np.repeat([2, 0], 100)).mean() > 0.8
    assert taught.kernel.weights.shape[1] == ground.classes


def test_few_posts_and_posts_without_vectors_teach_nothing(small: Programme, vectors: Embedder) -> None:
    """Below 200 posts, and without sentence vectors, there are no neighbours to ask."""
    ground, pool, labelled = ground_and_posts(small, vectors)
    few = read_pool(ground, pool.texts.take(np.arange(199)))
    plain = read_pool(replace(ground, directions=None), Studied(pool.texts.words, pool.texts.languages))
    assert few.teacher is None
    assert plain.teacher is not None
    for one in (few, plain):
        assert teach(ground, one, labelled.take(NO_LABELS), NO_LABELS, None, seed=1) is None


def test_no_class_takes_more_than_twice_its_part() -> None:
    """Where nearly all posts are thought to be of one class, the surest of it are kept, and all of the others."""
    opinion = np.log(np.tile([0.8, 0.1, 0.1], (100, 1)))
    opinion[:, 0] += np.linspace(0, 1, 100)
    opinion[:4] = np.log([0.1, 0.8, 0.1])
    rows, guess = surest(opinion, 0.5)
    assert (guess == 0).sum() == 33
    assert set(rows[guess == 0].tolist()) == set(range(67, 100))
    assert (guess == 1).sum() == 2
