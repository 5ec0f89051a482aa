"""What a topic is called: a form that people wrote, in the order in which forms are preferred."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from programme.week import Week
from trends.count import Utterance
from trends.naming import labels
from trends.terms import Reader

WEEK = Week(year=2026, number=47)
LEMMAS = {
    "lähikirjaston": "lähikirjasto",
    "lähikirjastossa": "lähikirjasto",
    "omatoimiajan": "omatoimiaika",
    "istutuksia": "istutus",
    "istutukset": "istutus",
    "istutuksille": "istutus",
    "vaasan": "vaasa",
}
READER = Reader(own=frozenset(), lemmatise=lambda word, _: LEMMAS.get(word.casefold(), word.casefold()))


def said(texts: Sequence[str], language: str = "fi") -> list[Utterance]:
    """Return posts of one week with these texts."""
    return [
        Utterance(
            key=("x", f"{language}{n}"),
            week=WEEK,
            created_at=datetime(2026, 11, 17, tzinfo=UTC),
            account=("x", str(n)),
            repost_of=None,
            text=text,
            terms=READER.terms(text, language),
            lang=language,
            theme=None,
        )
        for n, text in enumerate(texts)
    ]


@pytest.mark.parametrize(
    ("terms", "texts", "label"),
    [
        pytest.param(
            ("lähikirjasto",),
            ["Lähikirjaston omatoimiaika jatkuu", "Miksi lähikirjaston omatoimiaika", "Lähikirjastossa luetaan", "ei"],
            "lähikirjaston omatoimiaika",
            id="a phrase of half of the posts, in its form",
        ),
        pytest.param(
            ("lähikirjasto",),
            ["oma lähikirjaston aika", "taas lähikirjaston väki", "lähikirjasto auki", "se lähikirjastossa soi"],
            "lähikirjasto",
            id="the base form, where somebody wrote it",
        ),
        pytest.param(
            ("istutus",),
            ["uudet istutukset puistoon", "nämä istutukset kukkivat", "kaipaan istutuksia", "vettä istutuksille"],
            "istutukset",
            id="else the most frequent form, never the bare lemma",
        ),
        pytest.param(
            ("vaasa",),
            ["Vaasan tori", "Uusi. Vaasan satama", "Kuljin vaasan läpi", "tuttu Vaasan valo", "vielä Vaasan ilta"],
            "Vaasan",
            id="capitalised as inside a sentence",
        ),
        pytest.param(
            ("istutus",),
            ["Istutukset kukkivat", "Taas. Istutukset jäivät", "joka istutukset hoitaa"],
            "istutukset",
            id="the beginning of a second sentence tells nothing",
        ),
        pytest.param(
            ("lähikirjasto",),
            ["#LähiKirjasto auki", "taas #LähiKirjasto", "#LähiKirjasto on meidän"],
            "Lähi Kirjasto",
            id="a hashtag without its sign, split at its capitals",
        ),
        pytest.param(
            ("uusi katu",),
            ["uusi katu tuli", "kun uusi katu aukesi", "se uusi katu", "ei", "ei", "ei", "ei"],
            "uusi katu",
            id="a pair alone",
        ),
    ],
)
def test_labels_prefer_what_people_wrote(terms: tuple[str, ...], texts: list[str], label: str) -> None:
    """A shared phrase first, then the base form, then the most frequent form."""
    assert labels(terms, said(texts), READER) == {"fi": label}


def test_each_language_has_its_own_label() -> None:
    """The language of most posts comes first; each is named by its own posts."""
    posts = said(["Vaasan tori", "Vaasan satama"]) + said(["vi i Vaasa"], "sv")
    assert list(labels(("vaasa",), posts, READER).items()) == [("fi", "Vaasan"), ("sv", "Vaasa")]


def test_a_long_post_does_not_hide_where_a_sentence_begins() -> None:
    """Far inside a text only a sign before the word makes it a beginning."""
    far = "sana " * 30
    posts = said([f"{far}Istutukset jäi", f"{far}loppui. istutukset alkoi", "se istutukset"])
    assert labels(("istutus",), posts, READER)["fi"] == "istutukset"
