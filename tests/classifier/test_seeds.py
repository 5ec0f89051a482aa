"""The themes' own words, and what they do not mean."""

from collections.abc import Callable

import pytest

from classifier.coldstart import cold_classifier
from classifier.errors import UntrainableError
from classifier.predict import Text
from classifier.seeds import SeedMatcher, ThemeTexts
from programme.types import Localised, Phenomenon, Programme, Project, Theme

REGION = ["maakunta", "landskap", "hyvinvointialue", "sote-uudistus", "-landskapsbild", "-kulturlandskap",
          "-landskapsregering", "-maakuntalehti", "-landskapet Åland"]  # fmt: skip
MEANT = [
    "maakunnan tehtävät",
    "sote-uudistuksen aikataulu",
    "hyvinvointialueella",
    "landskapet och kommunen",
    "maakuntauudistus",
]
NOT_MEANT = [
    "en vacker landskapsbild",
    "gamla kulturlandskapet",
    "landskapsregeringen svarade",
    "maakuntalehdessä lukee",
    "landskapet åland",
]


def matcher(*themes: ThemeTexts) -> SeedMatcher:
    """Return what matches some themes."""
    return SeedMatcher(themes)


def region() -> SeedMatcher:
    """Return the theme of regions beside another."""
    return matcher(ThemeTexts("region", {"": tuple(REGION)}, {}, {}), ThemeTexts("other", {"": ("koulu",)}, {}, {}))


@pytest.mark.parametrize("text", MEANT)
def test_words_of_the_region_are_met(text: str) -> None:
    """The region of the programme and of today is recognised in any form."""
    assert region().match(text.split()).evidence[0] > 0


@pytest.mark.parametrize("text", NOT_MEANT)
def test_words_not_meant_say_nothing(text: str) -> None:
    """A seed word with a minus names what only looks like the theme: scenery, Åland, a newspaper."""
    assert not region().match(text.split()).evidence.any()


def test_a_phrase_is_met_only_where_its_words_follow_one_another() -> None:
    """A seed phrase is found inflected, and its words apart say nothing."""
    found = matcher(ThemeTexts("a", {"fi": ("sähköinen asiointi",)}, {}, {}))
    assert found.match(["kunnan", "sähköisen", "asioinnin", "opas"]).seeds[0][0] == "sähköisen asioinnin"
    assert not found.match(["asiointi", "on", "sähköinen"]).evidence.any()
    assert not found.match(["sähköinen"]).evidence.any()


def test_repeating_a_word_adds_nothing() -> None:
    """A word shouted three times is one piece of evidence."""
    assert region().match(["maakunta"] * 3).evidence[0] == region().match(["maakunta"]).evidence[0]


def test_a_seed_word_of_two_themes_says_less_for_each() -> None:
    """What two themes claim tells them apart less."""
    shared = matcher(
        ThemeTexts("a", {"fi": ("palvelu", "koulu")}, {}, {}), ThemeTexts("b", {"fi": ("palvelu",)}, {}, {})
    )
    found = shared.match(["palvelu"]).evidence
    assert found[0] == found[1] < shared.match(["koulu"]).evidence[0]


def test_words_of_another_language_say_less() -> None:
    """In Finnish, "kunnan" is hardly the Swedish "kunnande"; where the language is unsure, it may be."""
    found = matcher(ThemeTexts("a", {"sv": ("kunnande",), "fi": ("osaaminen",)}, {}, {}))
    assert found.match(["kunnan"], "fi").evidence[0] < found.match(["kunnan"], "unsure").evidence[0]


def test_everyday_words_of_a_description_say_nothing() -> None:
    """Everyday words recognise nothing; a description's own words do, and less than seed words."""
    found = matcher(ThemeTexts("a", {"fi": ("koulu",)}, {}, {"fi": "Tämä teema on kaikille: oppimisympäristöt"}))
    assert not found.match(["tämä", "kaikille"]).evidence.any()
    assert 0 < found.match(["oppimisympäristö"]).evidence[0] < found.match(["koulu"]).evidence[0]


def test_projects_and_phenomena_are_met_in_any_form(make_programme: Callable[..., Programme], small: Programme) -> None:
    """A project is found by its words or its name, speaks for its theme, and phenomena are found beside."""
    project = Project(
        slug="bus", kind="project", themes=("schools",), name=Localised({"fi": "Koulukyyti"}), words=("kimppakyyti",)
    )
    warming = Phenomenon(slug="climate", name=Localised({"fi": "Ilmasto"}), words={"fi": ("ilmastonmuutos",)})
    known = cold_classifier(make_programme(*small.themes, projects=[project], phenomena=[warming]))
    by_word, by_name, neither = known.predict(
        [
            Text(text=text, lang="fi")
            for text in ("Kimppakyydillä ilmastonmuutosta vastaan", "Koulukyydit alkavat", "Katu on auki")
        ]
    )
    assert (by_word.projects, by_word.phenomena, by_word.theme) == (("bus",), ("climate",), "schools")
    assert (by_name.projects, by_name.phenomena) == (("bus",), ())
    assert (neither.projects, neither.phenomena) == ((), ())


@pytest.mark.parametrize(
    ("first", "second", "problem"),
    [
        (("a", "Koulut ja opetus."), ("b", "koulut  ja opetus."), "same description"),
        (("a", "", ["koulu", "opetus"]), ("b", "", ["opetus", "koulu"]), "same description or the same seed words"),
        (("a", "Koulut"), ("b", ""), "neither a description nor seed words"),
        (("a", "Koulut"), ("b", "", ["-koulu"]), "neither a description nor seed words"),
    ],
    ids=["same description", "same seeds", "silent theme", "only what is not meant"],
)
def test_themes_that_cannot_be_told_apart_are_refused(
    first: tuple[str],
    second: tuple[str],
    problem: str,
    make_theme: Callable[..., Theme],
    make_programme: Callable[..., Programme],
) -> None:
    """Two themes with the same words, or one without any, are named with the remedy."""
    with pytest.raises(UntrainableError, match=problem) as raised:
        cold_classifier(make_programme(make_theme(*first), make_theme(*second)))
    assert "programme.toml" in raised.value.remedy


def test_a_programme_without_themes_is_refused(make_programme: Callable[..., Programme]) -> None:
    """Nothing can be sorted into nothing."""
    with pytest.raises(UntrainableError, match="no theme"):
        cold_classifier(make_programme())
