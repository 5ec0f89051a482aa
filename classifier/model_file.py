"""A model as a directory: written whole or not at all, and refused where a byte of it has changed.

``weights.npz`` and ``vocabulary.json`` are what prediction reads; ``model.skops`` holds the scikit-learn estimators
they came from, for audit and training; ``manifest.json`` names versions, the hash of what was learnt from, the hash of
the themes' texts, the measured report, and the SHA-256 of the other files. No file can run code.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from zipfile import ZIP_DEFLATED, BadZipFile

import numpy as np
from numpy.typing import NDArray

from classifier.errors import ModelUnusableError
from classifier.seeds import ThemeTexts
from programme.types import Programme

FORMAT = 2
MANIFEST, WEIGHTS, VOCABULARY, PIPELINE = "manifest.json", "weights.npz", "vocabulary.json", "model.skops"
_RETRAIN = "Run `kuntakaiku train` to make a new one, or restore the directory from a backup."
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear:
    """A linear opinion: one column of weights for each theme in order, and the last for none of them."""

    weights: Array
    bias: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Characters:
    """The opinion formed from character n-grams."""

    vocabulary: Mapping[str, int]
    idf: Array
    linear: Linear


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """A regression on how near a sentence vector lies to landmarks, see ``classifier.kernel``."""

    landmarks: Array
    weights: Array
    """One column for each class: a row a landmark, then a row for each number of a vector."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorOpinion:
    """The opinions formed from sentence vectors, from which the middle of their language is taken first."""

    likeness: Linear
    """By likeness to the themes' own texts."""
    kernels: Mapping[str, Kernel] = field(default_factory=dict)
    """``neighbours``, learnt from posts nobody has labelled, and ``vectors``, learnt from labels; what there is."""
    means: Mapping[str, Array]
    """By language; ``""`` is the middle of all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """What a probability must reach."""

    answer: float = 0.4
    """For naming a theme."""
    off_topic: float = 0.4
    """For saying that it is none of them."""
    themes: tuple[float, ...]
    """For each theme to be named beside the primary one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """All that prediction needs."""

    version: str
    themes: tuple[ThemeTexts, ...]
    ignored_words: tuple[str, ...]
    """The watched hashtags: every post carries them."""
    characters: Characters | None = None
    vectors: VectorOpinion | None = None
    pooling: Mapping[str, Mapping[str, float]]
    """For ``core`` and ``vectors``: the weight of each opinion."""
    thresholds: Thresholds
    provisional: bool = True
    """Too few labels to promise a percentage."""
    manifest: Mapping[str, object] = field(default_factory=dict)

    @property
    def slugs(self) -> tuple[str, ...]:
        """The themes' slugs in order."""
        return tuple(theme.slug for theme in self.themes)


def theme_hash(themes: tuple[ThemeTexts, ...]) -> str:
    """Return what changes exactly when a theme's words change."""
    return _digest(json.dumps([asdict(theme) for theme in themes], sort_keys=True, ensure_ascii=False).encode())


def write_model(model: Model, pipeline: object, into: Path) -> None:
    """Write a model directory in the place of the one there, which stays beside it as ``<name>.previous``.

    Raises:
        ModelUnusableError: ``into`` is something else than a model directory.
    """
    if into.exists() and not (into / MANIFEST).exists() and (not into.is_dir() or any(into.iterdir())):
        raise ModelUnusableError(f"{into} holds something else than a model.", "Name another directory for the model.")
    into.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{into.name}-", dir=into.parent))
    try:
        _write_files(model, pipeline, fresh)
        fresh.chmod(0o755)
        _swap(fresh, into)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def read_model(directory: Path, programme: Programme | None = None) -> Model:
    """Return the model of a directory, or, where writing it was cut short between two renames, the previous one.

    Raises:
        ModelUnusableError: there is none, it is damaged or foreign, or it was trained for other themes.
    """
    previous = _previous(directory)
    if not directory.exists() and previous.exists():
        directory = previous
    manifest = read_manifest(directory)
    for name, expected in _named_hashes(manifest, directory).items():
        if _digest(_bytes(directory / name)) != expected:
            raise ModelUnusableError(f"The model in {directory} is damaged: {name} is not as it was written.", _RETRAIN)
    try:
        model = _assemble(directory, manifest)
    except (KeyError, TypeError, ValueError, BadZipFile) as error:
        raise ModelUnusableError(f"The model in {directory} is not one that this version reads.", _RETRAIN) from error
    if programme is not None and model.slugs != programme.slugs:
        raise ModelUnusableError(
            f"The model in {directory} was trained for other themes ({', '.join(model.slugs)}).",
            "Run `kuntakaiku train` for the themes of this configuration.",
        )
    return model


def read_manifest(directory: Path) -> dict[str, object]:
    """Return the manifest of a model directory.

    Raises:
        ModelUnusableError: there is none, or another format's.
    """
    if not directory.is_dir():
        raise ModelUnusableError(f"There is no model in {directory}.", "Run `kuntakaiku train` to make one.")
    try:
        manifest = json.loads(_bytes(directory / MANIFEST))
    except ValueError as error:
        raise ModelUnusableError(f"The model in {directory} is damaged: {MANIFEST} is no JSON.", _RETRAIN) from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ModelUnusableError(f"The model in {directory} is not one that this version reads.", _RETRAIN)
    return manifest


def _write_files(model: Model, pipeline: object, directory: Path) -> None:
    import skops.io

    arrays: dict[str, Array] = {"thresholds": np.array(model.thresholds.themes)}
    if model.characters:
        linear = model.characters.linear
        arrays |= {"idf": model.characters.idf, "characters": linear.weights, "characters_bias": linear.bias}
    if model.vectors:
        linear = model.vectors.likeness
        arrays |= {"likeness": linear.weights, "likeness_bias": linear.bias}
        arrays |= {f"kernel_{name}": kernel.weights for name, kernel in model.vectors.kernels.items()}
        arrays |= {f"landmarks_{name}": kernel.landmarks for name, kernel in model.vectors.kernels.items()}
        arrays |= {f"mean_{language}": mean for language, mean in model.vectors.means.items()}
    np.savez_compressed(directory / WEIGHTS, allow_pickle=False, **arrays)
    ngrams = (
        sorted(model.characters.vocabulary, key=model.characters.vocabulary.__getitem__) if model.characters else None
    )
    _write_json(directory / VOCABULARY, {"ngrams": ngrams, "themes": [asdict(theme) for theme in model.themes]})
    skops.io.dump(pipeline, directory / PIPELINE, compression=ZIP_DEFLATED)
    manifest = {
        **model.manifest,
        "format": FORMAT,
        "version": model.version,
        "theme_hash": theme_hash(model.themes),
        "themes": list(model.slugs),
        "ignored_words": list(model.ignored_words),
        "pooling": {tier: dict(weights) for tier, weights in model.pooling.items()},
        "answer_threshold": model.thresholds.answer,
        "off_topic_threshold": model.thresholds.off_topic,
        "provisional": model.provisional,
        "sha256": {name: _digest((directory / name).read_bytes()) for name in (WEIGHTS, VOCABULARY, PIPELINE)},
    }
    _write_json(directory / MANIFEST, manifest, indent=1)


def _assemble(directory: Path, manifest: Mapping[str, object]) -> Model:
    vocabulary = json.loads(_bytes(directory / VOCABULARY))
    themes = tuple(
        ThemeTexts(
            slug=theme["slug"],
            seed_words={language: tuple(words) for language, words in theme["seed_words"].items()},
            names=theme["names"],
            descriptions=theme["descriptions"],
        )
        for theme in vocabulary["themes"]
    )
    with np.load(directory / WEIGHTS, allow_pickle=False) as file:
        arrays = {name: np.asarray(file[name], dtype=np.float64) for name in file.files}
    characters = vectors = None
    if "characters" in arrays:
        characters = Characters(
            vocabulary={ngram: column for column, ngram in enumerate(vocabulary["ngrams"])},
            idf=arrays["idf"],
            linear=Linear(weights=arrays["characters"], bias=arrays["characters_bias"]),
        )
    if "likeness" in arrays:
        landmarks, weights = _named(arrays, "landmarks_"), _named(arrays, "kernel_")
        kernels = {name: Kernel(landmarks=landmarks[name], weights=weights[name]) for name in weights}
        likeness = Linear(weights=arrays["likeness"], bias=arrays["likeness_bias"])
        vectors = VectorOpinion(likeness=likeness, kernels=kernels, means=_named(arrays, "mean_"))
    settings: dict[str, object] = dict(manifest)
    ignored, pooling = settings["ignored_words"], settings["pooling"]
    if not isinstance(ignored, list) or not isinstance(pooling, dict):
        raise TypeError
    return Model(
        version=str(settings["version"]),
        themes=themes,
        ignored_words=tuple(map(str, ignored)),
        characters=characters,
        vectors=vectors,
        pooling=pooling,
        thresholds=Thresholds(
            answer=float(str(settings["answer_threshold"])),
            off_topic=float(str(settings["off_topic_threshold"])),
            themes=tuple(map(float, arrays["thresholds"])),
        ),
        provisional=bool(settings["provisional"]),
        manifest=settings,
    )


def _named(arrays: Mapping[str, Array], beginning: str) -> dict[str, Array]:
    return {name.removeprefix(beginning): array for name, array in arrays.items() if name.startswith(beginning)}


def _swap(fresh: Path, into: Path) -> None:
    previous = _previous(into)
    if into.exists():
        shutil.rmtree(previous, ignore_errors=True)
        into.rename(previous)  # from here to the next line read_model finds the previous one
    fresh.rename(into)


def _previous(directory: Path) -> Path:
    return directory.with_name(f"{directory.name}.previous")


def _named_hashes(manifest: Mapping[str, object], directory: Path) -> dict[str, str]:
    hashes = manifest.get("sha256")
    if not isinstance(hashes, dict) or set(hashes) != {WEIGHTS, VOCABULARY, PIPELINE}:
        raise ModelUnusableError(f"The model in {directory} is damaged: its manifest names no hashes.", _RETRAIN)
    return hashes


def _write_json(path: Path, value: object, *, indent: int | None = None) -> None:
    with path.open("w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, indent=indent)
        file.flush()
        os.fsync(file.fileno())


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelUnusableError(f"{path} cannot be read: {error.strerror}.", _RETRAIN) from error


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
