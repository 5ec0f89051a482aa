"""Figures that can be believed: splits, calibration, report and queue."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.calibrate import (
    accuracy_at_coverage,
    expected_calibration_error,
    fit_weights,
    log_softmax,
    pooled,
    softmax,
    threshold_for,
)
from classifier.evaluate import evaluate, macro_f1
from classifier.example import Example
from classifier.folds import folds, groups_of
from classifier.predict import Classifier
from classifier.queue import margin, most_useful
from classifier.train import Fitted
from corpus.post import ClassifiedPost, Label, Post, Prediction, StoredPost
from programme.errors import MisuseError
from programme.types import Programme

AT = datetime(2026, 11, 24, tzinfo=UTC)


def example(text: str, author: str | None = None) -> Example:
    """Return an example of no theme."""
    return Example(id=text, text=text, theme=None, author=author)


def test_writers_and_near_identical_texts_are_one_group() -> None:
    """Sharing a writer, nearly a text, or either through a third example makes one group."""
    long = "Kunnan uusi koulu avataan syksyllä ja kaikki oppilaat muuttavat sinne"
    groups = groups_of(
        [
            example(long, "a"),
            example(f"{long}!", "b"),
            example("Aivan muuta", "b"),
            example("Kissa", "c"),
            example("Koira"),
        ]
    )
    assert groups[0] == groups[1] == groups[2]
    assert len({groups[0], groups[3], groups[4]}) == 3


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3)), min_size=1, max_size=40), st.integers(2, 5))
def test_folds_hold_every_row_once_and_no_group_twice(rows: list[tuple[int, int]], count: int) -> None:
    """However examples are grouped, each is in one fold with all of its group."""
    groups = np.unique([group for group, _ in rows], return_inverse=True)[1]
    found = folds(groups, np.array([target for _, target in rows]), count, seed=1)
    assert sorted(np.concatenate(found).tolist()) == list(range(len(rows)))
    seen = [set(groups[part].tolist()) for part in found]
    assert sum(map(len, seen)) == len(set(groups.tolist()))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.floats(-50, 50), min_size=3, max_size=3), min_size=1, max_size=5))
def test_softmax_sums_to_one_and_agrees_with_its_logarithm(rows: list[list[float]]) -> None:
    """Probabilities sum to 1 within rounding, and the two forms agree."""
    logits = np.array(rows)
    np.testing.assert_allclose(softmax(logits).sum(axis=1), 1, atol=1e-12)
    np.testing.assert_allclose(np.log(softmax(logits) + 1e-300), log_softmax(logits), atol=1e-6, rtol=1e-6)


def test_pooling_trusts_the_opinion_that_is_right() -> None:
    """An informed opinion gains weight, noise loses it, and overconfidence is cooled."""
    chance = np.random.default_rng(1)
    truth = chance.integers(3, size=600)
    informed = log_softmax(np.eye(3)[truth] * 1.5 + chance.normal(size=(600, 3)))
    noise = log_softmax(3 * chance.normal(size=(600, 3)))
    weights = fit_weights([informed, noise], truth, [0.5, 0.5], pull=1.0)
    assert weights[0] > 0.7
    assert weights[1] < 0.1
    shouted = fit_weights([5 * informed], truth, [1.0], pull=1.0)
    assert shouted[0] == pytest.approx(weights[0] / 5, abs=0.05)
    p = softmax(pooled([informed, noise], weights))
    assert expected_calibration_error(p.max(axis=1), p.argmax(axis=1) == truth) < 0.06


def test_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    """Full confidence with half of it right errs by a half; nothing errs by nothing."""
    right = np.array([True, False] * 50)
    assert expected_calibration_error(np.full(100, 0.5), right) == pytest.approx(0)
    assert expected_calibration_error(np.ones(100), right) == pytest.approx(0.5)
    assert expected_calibration_error(np.empty(0), np.empty(0, dtype=bool)) == 0


@pytest.mark.parametrize(
    ("right", "expected"),
    [([True, True, True, False], 0.7), ([True] * 4, 0.5), ([False] * 4, 0.8)],
    ids=["reached at .7", "lowest allowed", "never reached: highest"],
)
def test_threshold_is_the_least_confidence_that_is_right_often_enough(right: list[bool], expected: float) -> None:
    """Answers above it are right as often as asked, within bounds."""
    confidence = np.array([0.95, 0.8, 0.7, 0.4])
    assert threshold_for(0.9, confidence, np.array(right), lowest=0.5, highest=0.8) == expected


def test_accuracy_at_coverage_counts_the_surest() -> None:
    """Leaving out the unsure fifth leaves the surest four."""
    right = np.array([True, True, True, True, False])
    assert accuracy_at_coverage(0.8, np.array([0.9, 0.8, 0.7, 0.6, 0.5]), right) == 1.0
    assert accuracy_at_coverage(0.8, np.empty(0), np.empty(0, dtype=bool)) == 0.0


def test_macro_f1_equals_scikit_learn() -> None:
    """Our macro-F1 is scikit-learn's over the classes that occur."""
    from sklearn.metrics import f1_score

    chance = np.random.default_rng(2)
    targets, guess = chance.integers(4, size=200), chance.integers(4, size=200)
    assert macro_f1(targets, guess) == pytest.approx(f1_score(targets, guess, average="macro"))


def test_evaluation_reports_per_theme_language_and_interval(
    small: Programme, fitted: Fitted, examples: list[Example]
) -> None:
    """A report names what it measured on, and its intervals hold its figures."""
    mixed = [replace(one, lang="sv") if n % 4 == 0 else one for n, one in enumerate(examples)]
    report = evaluate(Classifier(fitted.model, small), [*mixed, replace(examples[0], theme="unsure")])
    assert (report.n, set(report.per_language)) == (60, {"fi", "sv"})
    assert report.per_theme["roads"].n == 20
    assert report.intervals["macro_f1"][0] <= report.macro_f1 <= report.intervals["macro_f1"][1]
    assert 0 < report.coverage <= 1
    assert report.notes == ("1 examples labelled unsure were left out.",)
    assert report.as_json()["n"] == 60


def test_where_none_is_labelled_none_it_is_no_choice(small: Programme, fitted: Fitted, examples: list[Example]) -> None:
    """A set of themes only measures which theme, and says so."""
    report = evaluate(Classifier(fitted.model, small), [one for one in examples if one.theme])
    assert set(report.per_theme) == {"schools", "roads"}
    assert "none of the themes was no choice" in report.measured_on


@pytest.mark.parametrize(
    "given_examples", [[], [Example(id="1", text="x", theme="unsure")]], ids=["empty file", "all unsure"]
)
def test_nothing_to_measure_on_is_an_error(given_examples: Sequence[Example], small: Programme, fitted: Fitted) -> None:
    """Without a usable label there is no figure, but a remedy."""
    with pytest.raises(MisuseError, match="no labelled example"):
        evaluate(Classifier(fitted.model, small), given_examples)


def post(
    number: int,
    scores: dict[str, float] | None,
    *,
    text: str | None = "teksti",
    label: bool = False,
    cluster: str | None = None,
) -> ClassifiedPost:
    """Return a post with a prediction's scores."""
    inner = Post(network="x", native_id=str(number), author=None, text=text, created_at=AT, via="hashtag")
    stored = StoredPost(post=inner, post_id=number, source="x", first_seen_at=AT, last_seen_at=AT, cluster=cluster)
    prediction = scores and Prediction(model="m", lang="fi", theme=None, themes=(), confidence=0.5, scores=scores)
    labels = (Label(theme=None, by="AB", at=AT),) if label else ()
    return ClassifiedPost(stored=stored, prediction=prediction or None, labels=labels)


def test_the_hardest_posts_come_first_and_every_fifth_by_chance() -> None:
    """Four of five have the least margin, in order; the fifth is drawn from all."""
    posts = [post(n, {"a": 0.5 + n / 200, "b": 0.5 - n / 200}) for n in range(100)]
    asked = [one.stored.post_id for one in most_useful(posts, 10, seed=3)]
    hard = [number for place, number in enumerate(asked) if place % 5 != 4]
    assert len(set(asked)) == 10
    assert hard == sorted(hard)
    assert max(hard) < 12
    assert asked == [one.stored.post_id for one in most_useful(posts, 10, seed=3)]


def test_labelled_erased_and_repeated_posts_are_not_asked_about() -> None:
    """A post with a label, without a text, or nearly identical to one that is asked about is left out."""
    scores = {"a": 0.5, "b": 0.5}
    posts = [
        post(1, scores, label=True),
        post(2, scores, text=None),
        post(3, scores, cluster="c"),
        post(4, scores, cluster="c"),
        post(5, None),
    ]
    assert {one.stored.post_id for one in most_useful(posts, 10, seed=1)} == {3, 5}
    assert most_useful([], 5, seed=1) == []


@pytest.mark.parametrize(
    ("scores", "expected"),
    [(None, 0), ({"a": 1.0}, 1), ({"a": 0.7, "b": 0.3}, 0.4)],
    ids=["unclassified", "one", "two"],
)
def test_margin_is_the_distance_of_the_two_likeliest(scores: dict[str, float] | None, expected: float) -> None:
    """What nobody has classified has no margin."""
    assert margin(post(1, scores)) == pytest.approx(expected)
