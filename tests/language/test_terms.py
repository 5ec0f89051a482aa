"""What `language.text` promises of what a text can be found by."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.text import fold, raw_terms, terms, unsigned, word_parts

TEXTS = st.text(st.sampled_from("abÄö ü#@\u00ad\u0308-:'_.\n5\uff03\uff20") | st.characters(), max_size=40)


def test_each_kind_is_found_at_its_place() -> None:
    """Words, numbers, hashtags and handles are found, addresses are not, and each knows where it stands."""
    text = "Sote-uudistus 2023: https://kunta.example/a #HyvinvointiAlue @kunta@some.example EU:n a@b.example"
    found = terms(text)
    assert [(term.kind, term.word) for term in found] == [
        ("word", "sote-uudistus"),
        ("word", "2023"),
        ("hashtag", "hyvinvointialue"),
        ("handle", "kunta@some.example"),
        ("word", "eu:n"),
        ("word", "a"),
        ("word", "b"),
        ("word", "example"),
    ]
    assert [text[term.start : term.end] for term in found][2:4] == ["#HyvinvointiAlue", "@kunta@some.example"]


def test_invisible_characters_do_not_hide_a_word() -> None:
    """A soft hyphen inside a word changes neither the word nor where it stands."""
    text = "kun\u00adnan \u200btalous"
    assert [(term.word, text[term.start : term.end]) for term in terms(text)] == [
        ("kunnan", "kun\u00adnan"),
        ("talous", "talous"),
    ]


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        pytest.param("sote-uudistus", ["sote", "uudistus"], id="hyphen"),
        pytest.param("eu:n", ["eu"], id="case-ending"),
        pytest.param("helsinki\u2019s", ["helsinki"], id="apostrophe"),
        pytest.param("kunta", [], id="one-word"),
    ],
)
def test_joined_words_have_parts(word: str, parts: list[str]) -> None:
    """The words of which a word is joined are told; letters alone and case endings are not."""
    assert word_parts(word) == parts


@given(TEXTS)
def test_both_ways_find_the_same(text: str) -> None:
    """The fast way and the one with places find the same, in order and without overlaps, in composed lower case."""
    found = terms(text)
    assert [term.raw for term in found] == raw_terms(text)
    assert [term.word for term in found] == [fold(unsigned(raw)) for raw in raw_terms(text)]
    places = [place for term in found for place in (term.start, term.end)]
    assert places == sorted(places)
    assert all(0 <= term.start < term.end <= len(text) for term in found)
    assert all(term.word == unicodedata.normalize("NFC", term.word) for term in found)


@pytest.mark.parametrize("piece", ["#", "@a", "a-", "a\u0301", "\u00ad", "http://", "@a@", "a:b"], ids=ascii)
def test_hostile_texts_take_linear_time(piece: str) -> None:
    """A hundred thousand characters of anything are read in far less time than a square would take."""
    began = time.process_time()
    terms(piece * (100_000 // len(piece)))
    assert time.process_time() - began < 20
