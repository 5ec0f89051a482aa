"""The catalogues: the same keys and placeholders, and every word that the mails ask for."""

import re
import string
from pathlib import Path

import pytest

from digest.speech import Speaker
from programme.messages import Messages
from programme.types import Localised
from programme.week import Week
from trends.find import NOTES

LANGUAGES = ("fi", "sv", "en")
DIGEST = Path(__file__).parents[2] / "digest"
NEVER = {
    "fi": ("julkaisu", "materiaali", "ohjelma ei osannut", "ääni", "ääntä"),
    "sv": ("programmet kunde inte", "sysselsättning", "material"),
    "en": ("material",),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_message(messages: Messages, language: str) -> None:
    """Nothing is borrowed from English, and nothing has another set of placeholders."""
    assert messages.missing(language) == []
    for key in messages._catalogues["en"]:
        assert messages.placeholders(key, language) == messages.placeholders(key, "en"), key
    assert set(messages._catalogues[language]) == set(messages._catalogues["en"])


def test_every_key_in_the_code_is_in_the_catalogues(messages: Messages) -> None:
    """A key written whole in the code, or named by the trends, has words."""
    written = {
        key
        for path in DIGEST.glob("*.py")
        for key in re.findall(
            r'(?:text|say)\(\s*"((?:digest|format|language|network)\.[a-z_.0-9]+)"', path.read_text("utf-8")
        )
    }
    assert len(written) > 60
    assert written | set(NOTES) <= set(messages._catalogues["en"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_style_guides_words_are_kept(messages: Messages, language: str) -> None:
    """No message uses a word that the style guide rules out, a percentage, or a typewriter's dash or quotation mark."""
    for key, message in messages._catalogues[language].items():
        for text in filter(None, (message.one, message.other)):
            # What posts are never called is the right word for a researcher's data set.
            never = [word for word in NEVER[language] if word != "material" or not key.startswith("package.")]
            assert not any(word in text.casefold() for word in never), key
            # How often the classifier is right is the one share that is told, with its number and interval.
            assert "%" not in text or key.startswith(("digest.ground.accuracy", "package.audit", "card.")), key
            assert " - " not in text, key
            assert "'" not in text or language == "en", key
            list(string.Formatter().parse(text))


@pytest.mark.parametrize(
    ("week", "fi", "sv", "en"),
    [
        (Week(year=2026, number=47), "16.–22.11.2026", "16–22.11.2026", "16–22 November 2026"),
        (Week(year=2026, number=31), "27.7.–2.8.2026", "27.7–2.8.2026", "27 July – 2 August 2026"),
        (
            Week(year=2026, number=53),
            "28.12.2026–3.1.2027",
            "28.12.2026–3.1.2027",
            "28 December 2026 – 3 January 2027",
        ),
    ],
    ids=str,
)
def test_weeks_are_dated_as_each_language_does(messages: Messages, week: Week, fi: str, sv: str, en: str) -> None:
    """Month and year stand once where they are the same; week 53 exists."""
    dates = [Speaker(messages, language, "Europe/Helsinki").week_dates(week) for language in LANGUAGES]
    assert dates == [fi, sv, en]


def test_numbers_and_lists(messages: Messages) -> None:
    """Thousands, decimals and lists follow the language."""
    fi, sv, en = (Speaker(messages, language, "Europe/Helsinki") for language in LANGUAGES)
    assert [one.number(12345) for one in (fi, sv, en)] == ["12\u00a0345", "12\u00a0345", "12,345"]
    assert [one.ratio(2.44) for one in (fi, sv, en)] == ["2,4", "2,4", "2.4"]
    assert [one.listed(["a", "b", "c"]) for one in (fi, sv, en)] == ["a, b ja c", "a, b och c", "a, b and c"]
    assert [one.language_name("et") for one in (fi, sv, en)] == ["viro", "estniska", "Estonian"]


def test_unknown_languages_and_networks_have_a_name(messages: Messages) -> None:
    """A code that nobody knows is shown as it is, harmless and short."""
    fi = Speaker(messages, "fi", "Europe/Helsinki")
    assert fi.language_name("no such code") == "no such code"
    assert fi.language_name("other") == "muut kielet"
    assert fi.in_languages(["se", "unsure"]) == "kieli: pohjoissaame"
    assert fi.in_languages([]) == ""
    assert fi.network("new\nplace") == "new place"
    assert fi.name(Localised({})).text == ""


def test_a_catalogue_cannot_be_mistaken_for_a_slot(messages: Messages) -> None:
    """Private characters in a value stay text: only our own runs fill places."""
    fi = Speaker(messages, "fi", "Europe/Helsinki")
    sentence = fi.say("language.quoted", text="\ue005")
    assert [run.text for run in sentence] == ["”\ue005”"]
