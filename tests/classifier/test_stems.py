"""Words are found where they are inflected or compounded, and not where they are not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.stems import StemIndex, stems

FOUND = [
    ("osallisuus", "fi", "osallisuuden"), ("osallisuus", "fi", "osallisuutta"), ("osallisuus", "fi", "osallisuustyö"),
    ("demokratia", "fi", "lähidemokratiaan"), ("kunta", "fi", "kunnassa"), ("kunta", "fi", "kuntien"),
    ("asukas", "fi", "asukkaat"), ("hanke", "fi", "hankkeen"), ("tarve", "fi", "tarpeisiin"), ("katu", "fi", "kadulla"),
    ("verkko", "fi", "verkossa"), ("ladu", "et", "ladu"), ("kommun", "sv", "kommunernas"), ("skola", "sv", "skolor"),
    ("service", "sv", "e-service"), ("EU", None, "eu:n"), ("HVA", "fi", "hva:lla"), ("hva", "fi", "hva-alue"),
    ("school", "en", "schools"), ("kai", "et", "kaid"), ("palvelu", "fi", "e-palvelut"),
]  # fmt: skip
NOT_FOUND = [
    ("kunta", "fi", "kunnianhimo"), ("kunta", "fi", "kunnossa"), ("EU", None, "euro"), ("val", "sv", "valross"),
    ("hva", "fi", "ahvan"), ("tie", "fi", "tieteellinen"), ("ö", "sv", "över"), ("art", "en", "start"),
    ("katu", "fi", "vakatunti"),
]  # fmt: skip


@pytest.mark.parametrize(("term", "language", "word"), FOUND, ids=[f"{word} has {term}" for term, _, word in FOUND])
def test_a_form_of_the_word_is_found(term: str, language: str | None, word: str) -> None:
    """Inflections, compounds, gradation and hyphens do not hide a word."""
    assert [found.term for found in StemIndex([(term, language)]).find(word)] == [0]


@pytest.mark.parametrize(
    ("term", "language", "word"), NOT_FOUND, ids=[f"{word} lacks {term}" for term, _, word in NOT_FOUND]
)
def test_another_word_is_not_found(term: str, language: str | None, word: str) -> None:
    """A word that only begins or sounds alike is not a form."""
    assert StemIndex([(term, language)]).find(word) == []


def test_the_longest_stem_speaks() -> None:
    """A form of "maakunta" is not one of the "kunta" in it."""
    index = StemIndex([("kunta", "fi"), ("maakunta", "fi")])
    assert [found.term for found in index.find("maakunnassa")] == [1]


def test_a_compound_says_less_than_the_word() -> None:
    """A later part of a compound is weaker evidence than the word itself; a longer tail weaker still."""
    index = StemIndex([("palvelu", "fi")])
    strengths = [index.find(word)[0].strength for word in ("palvelut", "lähipalvelut", "lähipalvelukeskuksessa")]
    assert strengths == sorted(strengths, reverse=True)
    assert strengths[0] == 1.0
    assert strengths[0] > strengths[1] > strengths[2] > 0


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20), st.text(max_size=20))
def test_any_word_finds_itself_and_nothing_crashes(term: str, word: str) -> None:
    """Every term is found in itself, whatever its letters."""
    index = StemIndex([(term, "fi")])
    assert [found.term for found in index.find(term.casefold())] == [0]
    assert all(0 < found.strength <= 1 for found in index.find(word))
    assert all(stems(term, language) for language in ("fi", None))
