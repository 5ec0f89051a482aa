"""Fixtures of the trends' tests."""

from collections.abc import Callable, Iterable

import pytest

from corpus.post import ClassifiedPost
from programme.types import Localised, Programme, Theme
from tests.trends.invented import WEEK
from trends.find import find_trends
from trends.report import TrendReport


@pytest.fixture(scope="session")
def village() -> Programme:
    """A programme with two themes, one hashtag, and weeks in Helsinki."""
    return Programme(
        slug="village",
        name=Localised({"fi": "Kylä"}),
        languages=("fi", "sv"),
        time_zone="Europe/Helsinki",
        hashtags=("kylä2030",),
        themes=(_theme("services"), _theme("roles")),
    )


@pytest.fixture(scope="session")
def find(village: Programme) -> Callable[..., TrendReport]:
    """Finds the trends of the week among posts; every week covered and no lemmatiser where a test says nothing else."""

    def found(posts: Iterable[ClassifiedPost], **more: object) -> TrendReport:
        given = {"week": WEEK, "programme": village, "covered": lambda _: True, "lemmatise": None, **more}
        return find_trends(posts, **given)  # type: ignore[arg-type] # the tests' own arguments

    return found


def _theme(slug: str) -> Theme:
    name, nothing = Localised({"fi": slug}), Localised({})
    return Theme(slug=slug, name=name, short_name=name, tag=nothing, gloss=nothing, description=name, seed_words={})
