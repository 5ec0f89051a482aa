"""A new model takes the place of the one in use only where it is not worse."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from classifier.evaluate import Report
from classifier.example import Example
from classifier.gate import compare
from classifier.measured import conformal_share, guesses, key_of, read_guesses
from classifier.model_file import read_manifest
from classifier.predict import Classifier
from classifier.train import Fitted, fit_model, train
from programme.types import Programme
from tests.invented import matters

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def learn(programme: Programme, examples: list[Example], into: Path, *, force: bool = False) -> Report:
    """Train a model on some examples."""
    return train(programme, examples, [], into=into, seed=1, now=NOW, force=force)


@pytest.fixture(scope="module")
def known() -> list[Example]:
    """Two posts about each of thirty matters: what one teaches helps to sort the other."""
    themes = ("schools", "roads", None)
    return [
        Example(id=str(n), text=text, lang="fi", theme=theme, author=f"a{n}")
        for n, (text, theme) in enumerate(matters(themes, 30, 2))
    ]


@pytest.fixture(scope="module")
def learnt(small: Programme, known: list[Example], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that knows every matter; nobody changes it."""
    into = tmp_path_factory.mktemp("known") / "model"
    learn(small, known, into)
    return into


def test_a_worse_model_is_not_put_in_use(small: Programme, known: list[Example], learnt: Path, tmp_path: Path) -> None:
    """Taught by one post of each matter alone, a model is worse: every file stays, and both figures are told."""
    into = Path(shutil.copytree(learnt, tmp_path / "model"))
    before = {path.name: path.read_bytes() for path in into.iterdir()}
    report = learn(small, known[::2], into)
    assert report.in_use is False
    assert report.comparison is not None
    assert report.comparison["n"] == 30
    assert report.comparison["high"] < 0
    assert {path.name: path.read_bytes() for path in into.iterdir()} == before


@pytest.mark.everything
def test_force_puts_a_worse_model_in_use(small: Programme, known: list[Example], learnt: Path, tmp_path: Path) -> None:
    """Who insists gets the new model, and the comparison all the same."""
    into = Path(shutil.copytree(learnt, tmp_path / "model"))
    report = learn(small, known[::2], into, force=True)
    assert report.in_use
    assert report.comparison is not None
    assert report.comparison["is_worse"]
    assert read_manifest(into)["version"] == report.model


def test_a_model_that_is_not_worse_is_put_in_use(small: Programme, examples: list[Example], tmp_path: Path) -> None:
    """More labels of the same kind pass, and the model before is beside the new one."""
    learn(small, examples[::2], tmp_path / "model")
    report = learn(small, examples, tmp_path / "model")
    assert report.in_use
    assert report.comparison is not None
    assert not report.comparison["is_worse"]
    assert read_manifest(tmp_path / "model")["version"] == report.model
    assert (tmp_path / "model.previous").is_dir()


def test_what_a_model_learnt_by_heart_does_not_win(small: Programme, fitted: Fitted) -> None:
    """Compared with itself a model is exactly as good: it is judged by its cross-validation, not by its memory."""
    found = compare(fitted.measured, Classifier(fitted.model, small), seed=1)
    assert found is not None
    assert found.before == found.after
    assert (found.low, found.high, found.is_worse) == (0.0, 0.0, False)


@pytest.mark.everything
def test_too_few_labels_do_not_replace_a_measured_model(
    small: Programme, examples: list[Example], trained: Path, tmp_path: Path
) -> None:
    """Of a model made from two labels nobody knows how good it is: the one that was measured stays."""
    into = Path(shutil.copytree(trained, tmp_path / "model"))
    report = learn(small, [examples[0], examples[20]], into)
    assert (report.n, report.in_use) == (0, False)
    learn(small, [], tmp_path / "cold")
    assert learn(small, [examples[0], examples[20]], tmp_path / "cold").in_use


def test_guesses_are_known_again_by_text(fitted: Fitted) -> None:
    """What was guessed of each example survives packing, by its text and without it."""
    assert fitted.measured is not None
    found = read_guesses(guesses(fitted.measured))
    expected = fitted.measured.probabilities.argmax(axis=1)
    assert [found[key_of(one.text)] for one in fitted.measured.examples] == expected.tolist()
    assert read_guesses(None) == {}


def test_shown_sets_hold_the_right_answer_as_often_as_promised(small: Programme, examples: list[Example]) -> None:
    """Sets that gather the fitted share hold the right answer in nine of ten cases, also where a model is too sure."""
    chance = np.random.default_rng(3)
    logits = chance.normal(size=(4_000, 4)) * 3
    truth = np.array([chance.choice(4, p=np.exp(row / 3) / np.exp(row / 3).sum()) for row in logits], dtype=np.intp)
    sure = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    share = conformal_share(sure[:2_000], truth[:2_000])
    order = np.argsort(-sure[2_000:], axis=1)
    gathered = np.cumsum(np.take_along_axis(sure[2_000:], order, axis=1), axis=1)
    size = (gathered < share - 1e-9).sum(axis=1) + 1
    place = (order == truth[2_000:, None]).argmax(axis=1)
    assert (place < size).mean() > 0.88
    made = fit_model(small, examples, [], vectors=None, seed=1)
    assert 0 < float(str(made.model.manifest["conformal"])) <= 1
