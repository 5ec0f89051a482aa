"""A model directory is whole, or it is refused with the remedy."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from classifier.errors import ModelUnusableError
from classifier.predict import Classifier, Text
from classifier.train import train
from programme.types import Programme, Theme

NOW = datetime(2026, 11, 24, tzinfo=UTC)
FILES = ("manifest.json", "model.skops", "weights.npz", "vocabulary.json")


@pytest.fixture(scope="module")
def written(small: Programme, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that nobody touches."""
    into = tmp_path_factory.mktemp("models") / "model"
    train(small, [], [], into=into, seed=1, now=NOW)
    return into


@pytest.fixture
def directory(written: Path, tmp_path: Path) -> Path:
    """A model of one's own."""
    return Path(shutil.copytree(written, tmp_path / "model"))


@pytest.mark.parametrize("name", FILES)
def test_a_cut_file_is_refused(name: str, directory: Path, small: Programme) -> None:
    """A file that lost its end is named as damaged, with what to do."""
    file = directory / name
    file.write_bytes(file.read_bytes()[:-7])
    with pytest.raises(ModelUnusableError, match=f"damaged: (.*{name}|its manifest)") as raised:
        Classifier.load(directory, small)
    assert "train" in raised.value.remedy


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_refused(name: str, directory: Path, small: Programme) -> None:
    """A file that is gone is named, with what to do."""
    (directory / name).unlink()
    with pytest.raises(ModelUnusableError, match=name) as raised:
        Classifier.load(directory, small)
    assert raised.value.remedy


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"format": 99}, "not one that this version reads"),
        ({"sha256": {}}, "names no hashes"),
        ({"pooling": None}, "not one that this version reads"),
        ({"version": None, "answer_threshold": "much"}, "not one that this version reads"),
    ],
    ids=["later format", "no hashes", "no pooling", "no number"],
)
def test_a_foreign_manifest_is_refused(
    change: dict[str, object], problem: str, directory: Path, small: Programme
) -> None:
    """A manifest of another program or version is refused."""
    manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    (directory / "manifest.json").write_text(json.dumps(manifest | change), encoding="utf-8")
    with pytest.raises(ModelUnusableError, match=problem):
        Classifier.load(directory, small)


def test_a_manifest_that_is_no_table_is_refused(directory: Path, small: Programme) -> None:
    """JSON of another shape is not a manifest."""
    (directory / "manifest.json").write_text("[]", encoding="utf-8")
    with pytest.raises(ModelUnusableError, match="not one that this version reads"):
        Classifier.load(directory, small)


def test_no_model_is_said_plainly(small: Programme, tmp_path: Path) -> None:
    """Where there is no directory, the remedy is to train."""
    with pytest.raises(ModelUnusableError, match="There is no model") as raised:
        Classifier.load(tmp_path / "nowhere", small)
    assert "kuntakaiku train" in raised.value.remedy


def test_a_model_for_other_themes_is_refused(
    directory: Path, make_programme: Callable[..., Programme], make_theme: Callable[..., Theme]
) -> None:
    """A model never sorts into themes that it was not trained for."""
    with pytest.raises(ModelUnusableError, match=r"other themes \(schools, roads\)"):
        Classifier.load(directory, make_programme(make_theme("parks", "Puistot.")))


def test_a_directory_of_other_things_is_not_overwritten(small: Programme, tmp_path: Path) -> None:
    """Training into a directory that holds something else is refused, and everything stays."""
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "one.jpg").write_bytes(b"photo")
    with pytest.raises(ModelUnusableError, match="something else than a model"):
        train(small, [], [], into=tmp_path / "photos", seed=1, now=NOW)
    assert [path.name for path in tmp_path.rglob("*")] == ["photos", "one.jpg"]


def test_a_file_in_the_way_is_not_overwritten(small: Programme, tmp_path: Path) -> None:
    """Training into a file is refused."""
    (tmp_path / "model").write_text("x", encoding="utf-8")
    with pytest.raises(ModelUnusableError, match="something else"):
        train(small, [], [], into=tmp_path / "model", seed=1, now=NOW)


def test_an_empty_directory_is_written_into(small: Programme, tmp_path: Path) -> None:
    """A directory made beforehand serves."""
    (tmp_path / "model").mkdir()
    train(small, [], [], into=tmp_path / "model", seed=1, now=NOW)
    assert Classifier.load(tmp_path / "model", small).version.startswith("pool-")


def test_a_swap_cut_short_falls_back_on_the_model_before(directory: Path, small: Programme) -> None:
    """A kill between the two renames leaves the previous model in use; nothing else lies about after training."""
    directory.rename(directory.with_name("model.previous"))
    known = Classifier.load(directory, small)
    assert known.predict([Text(text="Koulu", lang="fi")])[0].theme == "schools"
    train(small, [], [], into=directory, seed=2, now=NOW)
    assert sorted(path.name for path in directory.parent.iterdir()) == ["model", "model.previous"]


def test_a_model_with_vectors_is_read_back_whole(small: Programme, vectors: object, tmp_path: Path) -> None:
    """Sentence vectors' weights survive writing."""
    train(small, [], [], into=tmp_path / "model", seed=1, now=NOW, vectors=vectors)  # type: ignore[arg-type] # a fixture
    known = Classifier.load(tmp_path / "model", small, vectors=vectors)  # type: ignore[arg-type] # a fixture
    assert known.version.endswith("+e5")
    assert known.predict([Text(text="Koulut ja oppilaat", lang="fi")])[0].theme == "schools"
