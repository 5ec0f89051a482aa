"""What `language.text` promises."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from language.text import (
    clean,
    hashtags_in,
    html_to_text,
    normalise,
    plain,
    split_hashtag,
    strip_noise,
    text_hash,
    words,
)

ALL = (clean, strip_noise, plain, normalise, words, html_to_text, hashtags_in, split_hashtag, text_hash)
TEXTS = st.text(alphabet=st.one_of(st.sampled_from("aAäÖ1_#@&<>/.:-' \n\u0308\u200bİſ"), st.characters()), max_size=60)


def test_clean_replaces_only_what_cannot_be_stored() -> None:
    """NUL and lone surrogates become U+FFFD; bidirectional controls and everything else stay."""
    assert clean("a\x00b\ud800c\u202ed\r\n\U0001f600") == "a\ufffdb\ufffdc\u202ed\r\n\U0001f600"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        pytest.param("Katso https://kunta.fi/a?b=1#c nyt", "Katso nyt", id="address"),
        pytest.param("Katso www.kunta.fi ja pic.twitter.com/xY1", "Katso ja", id="address-without-scheme"),
        pytest.param("@kunta @nimi@palvelin.example @nimi.bsky.social hei", "hei", id="handles"),
        pytest.param("Kirjoita osoitteeseen kirjaamo@kunta.fi", "Kirjoita osoitteeseen kirjaamo@kunta.fi", id="mail"),
        pytest.param("Hyvä #tulevaisuudenkunta \uff03kunta2021 päivä", "Hyvä päivä", id="hashtags"),
        pytest.param("Sija #1 C# a#b &#228;", "Sija #1 C# a#b &#228;", id="not-hashtags"),
        pytest.param("#vain @vain https://vain.fi", "", id="nothing-left"),
    ],
)
def test_strip_noise_leaves_what_was_said(text: str, left: str) -> None:
    """Addresses of pages, handles and hashtags go; mail addresses, numbers and the rest stay."""
    assert strip_noise(text) == left


@pytest.mark.parametrize(
    ("text", "same"),
    [
        pytest.param("A\u0308iti", "äiti", id="decomposed"),
        pytest.param("KUNTA  ja\nmaakunta", "kunta ja maakunta", id="case-and-space"),
        pytest.param("Hei @kunta https://t.co/x", "hei", id="noise"),
        pytest.param("##TulevaisuudenKunta", "tulevaisuudenkunta", id="hashtag-stays-as-word"),
        pytest.param("kunta\u00adraken\u200bne", "kuntarakenne", id="invisible"),
        pytest.param("", "", id="empty"),
    ],
)
def test_normalise_makes_equal_what_reads_equal(text: str, same: str) -> None:
    """The compared form ignores case, composition, noise and invisible characters; hashtags stay as words."""
    assert normalise(text) == same


def test_plain_text_keeps_its_case() -> None:
    """What a sentence model reads: everything that was said, as it was written."""
    assert plain("Hyvä #TulevaisuudenKunta, @kunta! https://t.co/x") == "Hyvä TulevaisuudenKunta, !"


@given(TEXTS)
def test_normalising_twice_changes_nothing(text: str) -> None:
    """The normalised form is its own normalised form."""
    assert normalise(normalise(text)) == normalise(text)


@given(TEXTS)
def test_texts_share_a_hash_exactly_with_their_normal_form(text: str) -> None:
    """The hash is 16 bytes, the same for a text and its normalised form, and another for another text."""
    assert text_hash(text) == text_hash(normalise(text))
    assert len(text_hash(text)) == 16
    assert text_hash(text) != text_hash(text + " x1")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Sote-uudistus etenee, eikö?", ["Sote-uudistus", "etenee", "eikö"], id="hyphen"),
        pytest.param("EU:n ja THL:ssä", ["EU:n", "ja", "THL:ssä"], id="case-ending-after-colon"),
        pytest.param("Aihe:seuraavaksi klo 12:30", ["Aihe", "seuraavaksi", "klo"], id="colon-of-a-sentence"),
        pytest.param("maa- ja metsätalous", ["maa", "ja", "metsätalous"], id="hanging-hyphen"),
        pytest.param("it's vi\u2019s", ["it's", "vi\u2019s"], id="apostrophes"),
        pytest.param("2021 5g covid-19 12-14", ["5g", "covid-19"], id="numbers-alone-are-none"),
        pytest.param("A\u0308iti snake_case", ["Äiti", "snake", "case"], id="composed-and-underscore"),
        pytest.param("q\u0308a x", ["q\u0308a", "x"], id="marks-without-composed-form"),
        pytest.param("\U0001f600 !", [], id="no-words"),
    ],
)
def test_words_are_what_a_reader_counts(text: str, expected: list[str]) -> None:
    """Words keep their case and order; hyphens and case endings join, numbers alone are left out."""
    assert words(text) == expected


@pytest.mark.parametrize(
    ("html", "text"),
    [
        pytest.param("<p>Hei<br>taas</p><p>Toinen</p>", "Hei\ntaas\n\nToinen", id="paragraphs-and-breaks"),
        pytest.param(
            '<p>Katso <a href="https://kunta.fi/x"><span class="invisible">https://</span>kunta.fi/x</a></p>',
            "Katso https://kunta.fi/x",
            id="link-keeps-visible-text",
        ),
        pytest.param("<ul><li>yksi</li><li>kaksi</li></ul>", "yksi\n\nkaksi", id="list"),
        pytest.param("a<script>alert(1)</script><style>b{}</style>c", "ac", id="scripts-vanish"),
        pytest.param("1 &lt; 2 &amp;amp; &auml;&nbsp;&#228;", "1 < 2 &amp; ä ä", id="entities-once"),
        pytest.param("kaksi\n  riviä", "kaksi riviä", id="source-newlines-are-spaces"),
        pytest.param("<p>auki <b>ja <i>rikki", "auki ja rikki", id="broken"),
        pytest.param("ilman\x00 \ud800", "ilman\ufffd \ufffd", id="unstorable"),
        pytest.param("", "", id="empty"),
    ],
)
def test_html_reads_as_in_a_browser(html: str, text: str) -> None:
    """Text comes out as seen: no markup, no scripts, newlines where paragraphs and breaks were."""
    assert html_to_text(html) == text


def test_hashtags_come_once_in_order_and_casefolded() -> None:
    """Tags inside addresses or mere numbers do not count; full-width signs and decomposed letters do."""
    text = "#Kunta \uff03ÄITI #a\u0308iti (#kunta2021) https://x.fi/#osa #2021 x#y"
    assert hashtags_in(text) == ("kunta", "äiti", "kunta2021")


@pytest.mark.parametrize(
    ("tag", "parts"),
    [
        pytest.param("TulevaisuudenKunta", ["Tulevaisuuden", "Kunta"], id="camel"),
        pytest.param("#framtidensKommun2021", ["framtidens", "Kommun", "2021"], id="number"),
        pytest.param("kunta_ja_maakunta", ["kunta", "ja", "maakunta"], id="underscores"),
        pytest.param("THLTutkii", ["THL", "Tutkii"], id="acronym"),
        pytest.param("SOTE", ["SOTE"], id="capitals"),
        pytest.param("tulevaisuudenkunta", ["tulevaisuudenkunta"], id="no-sign-of-parts"),
        pytest.param("aA" * 200, ["aA" * 200], id="too-long-to-be-words"),
        pytest.param("#", [], id="empty"),
    ],
)
def test_hashtag_splits_where_it_shows(tag: str, parts: list[str]) -> None:
    """A tag is split at capitals, digits and underscores, and nowhere else."""
    assert split_hashtag(tag) == parts


@settings(max_examples=200)
@given(TEXTS)
def test_any_text_has_an_answer(text: str) -> None:
    """No text whatever makes a function of the room fail."""
    assert all(function(text) is not None for function in ALL)


@pytest.mark.parametrize(
    "unit",
    [
        *("a", "@", "@a", "@a.a-", "#", "#1", "&#", "a-", "a:", "a:b", "aA", "[@", " \n", "http://", "www."),
        *("\u0308", "a\u0308", "\u0f71\u0f72", "<", "<div>", "<ul><li>", "<p>", "<br> ", "<a href='", "<svg>"),
    ],
    ids=ascii,
)
def test_time_is_linear_in_the_worst_case(unit: str) -> None:
    """100 kB of any repeated unit takes no function longer than a fraction of a second; quadratic ones take ten."""
    text = unit * (100_000 // len(unit))
    for function in ALL:
        start = time.process_time()
        function(text)
        assert time.process_time() - start < 0.5, function.__name__
