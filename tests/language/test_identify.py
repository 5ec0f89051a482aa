"""What `language.identify` promises."""

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from language.identify import BUCKETS, PROFILES, Identifier, _plain_sums, buckets

NORDIC = ("fi", "sv", "en")
identifier = Identifier(NORDIC)
WORDS = st.sampled_from(["kunta", "kuntaa", "och", "på", "the", "library", "мэр", "λόγος", "ä", ""]) | st.text(
    max_size=6
)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        pytest.param("Kunta kuuntelee asukkaitaan", "fi", id="finnish"),
        pytest.param("Samaa mieltä!", "fi", id="finnish-short"),
        pytest.param("Hyvaa paivaa kaikille", "fi", id="finnish-without-dots"),
        pytest.param("Kommunen lyssnar på invånarna", "sv", id="swedish"),
        pytest.param("Bra skrivet!", "sv", id="swedish-short"),
        pytest.param("The council listens to residents", "en", id="english"),
        pytest.param("KOMMUNEN LYSSNAR", "sv", id="capitals"),
    ],
)
def test_programme_languages_are_told_apart(text: str, language: str) -> None:
    """Short posts are identified, however they are typed."""
    assert identifier.identify(text) == language


def test_finnish_hashtags_do_not_make_a_post_finnish() -> None:
    """Hashtags, handles and addresses are left out before judging."""
    noise = "#tulevaisuudenkunta #hyvinvointialue @kunnat_uutiset https://kunta.fi/uudistus"
    assert identifier.identify(f"Vi diskuterade kommunernas framtid {noise}") == "sv"
    assert identifier.identify(f"Looking forward to the next session {noise}") == "en"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        pytest.param("#HyvinvointiAlueidenTulevaisuus #KuntienYhteistyö", "fi", id="clear"),
        pytest.param("#sote", "unsure", id="weak"),
        pytest.param("#2021kunta2", "fi", id="digits-left-out"),
    ],
)
def test_hashtags_alone_decide_only_if_clear(text: str, language: str) -> None:
    """Where nothing but hashtags is said, their words are read, with more caution."""
    assert identifier.identify(text) == language


@pytest.mark.parametrize(
    "text",
    ["", " ", "\U0001f600\U0001f389", "https://kunta.fi", "@kunta", "2021", "a", "\x00\ud800", "!!!", "#2021"],
    ids=ascii,
)
def test_no_words_are_unsure(text: str) -> None:
    """Without words there is nothing to be sure of."""
    assert identifier.identify(text) == "unsure"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Wir haben heute über die Zukunft der Gemeinden gesprochen", id="german"),
        pytest.param("Omavalitsused arutasid täna tulevikku ja elanike kaasamist", id="estonian"),
        pytest.param("Kommunestyret vedtok i går å bygge nytt bibliotek på stedet", id="norwegian"),
        pytest.param("Сегодня мы говорили о будущем муниципалитетов", id="russian"),
        pytest.param("Σήμερα μιλήσαμε για το μέλλον των δήμων", id="script-without-profile"),
        pytest.param("今日は自治体の未来について話しました", id="script-without-spaces"),
    ],
)
def test_other_languages_are_other(text: str) -> None:
    """A text in another language than the programme's is never claimed for one of them."""
    assert identifier.identify(text) == "other"


def test_any_language_with_a_profile_can_be_a_programme_language() -> None:
    """Languages are the programme's choice; Norwegian may be called by either code."""
    assert Identifier(["et", "de"]).identify("Omavalitsused arutasid täna tulevikku ja elanike kaasamist") == "et"
    assert Identifier(["de"]).identify("Wir haben heute über die Zukunft gesprochen") == "de"
    assert Identifier(["no"]).identify("Kommunestyret vedtok i går å bygge nytt bibliotek på stedet") == "no"
    assert Identifier(["de"]).identify("Kunta kuuntelee asukkaitaan") == "other"


@pytest.mark.parametrize(
    "text", ["Σήμερα μιλήσαμε για το μέλλον των δήμων", "qxz wvkj zzrtq"], ids=["greek", "no-words"]
)
def test_a_language_without_a_profile_is_never_claimed(text: str) -> None:
    """Where the programme has a language that we cannot know, what fits no profile is unsure instead of other."""
    assert Identifier(["fi", "el"]).identify(text) == "unsure"
    assert Identifier(["el"]).identify("Kunta kuuntelee asukkaitaan") == "other"


def test_no_languages_at_all_are_no_fault() -> None:
    """A programme without languages gets an answer too."""
    assert Identifier([]).identify("Kunta kuuntelee asukkaitaan") in {"other", "unsure"}


@settings(max_examples=100)
@given(st.text(max_size=80))
def test_any_text_has_an_answer(text: str) -> None:
    """Every text whatever is one of the programme's languages, other or unsure, and the same each time."""
    assert identifier.identify(text) in {*NORDIC, "other", "unsure"}
    assert identifier.identify(text) == Identifier(NORDIC).identify(text)


@given(st.lists(st.tuples(st.lists(WORDS, max_size=4), st.lists(WORDS, max_size=2)), max_size=5))
@settings(deadline=None)
def test_many_texts_are_told_as_each_alone(asked: list[tuple[list[str], list[str]]]) -> None:
    """Asked for all at once, every text has the answer that it has alone, whatever was asked before."""
    assert identifier.identify_all(asked) == [identifier.identify_words(*one) for one in asked]


@given(st.lists(st.text(st.characters(max_codepoint=127), max_size=45), min_size=1, max_size=6))
@settings(deadline=None)
def test_words_are_weighed_together_as_alone(words: list[str]) -> None:
    """The checksums that are carried on letter by letter call the same rows as those of each sequence."""
    weights = np.random.default_rng(7).integers(-128, 128, (BUCKETS, 3), dtype=np.int8)
    alone = [weights[buckets(word)].sum(axis=0, dtype=np.int32).tolist() for word in words]
    assert _plain_sums(weights, words).tolist() == alone


def test_a_megabyte_is_read_no_longer_than_a_page() -> None:
    """Only the beginning of a long text is read."""
    identifier.identify("auki")
    start = time.process_time()
    assert identifier.identify("Kunta kuuntelee asukkaitaan. " * 35_000) == "fi"
    assert identifier.identify("ä" * 1_000_000) is not None
    assert time.process_time() - start < 0.5


def test_profiles_are_small_and_their_sources_named() -> None:
    """What ships stays under 1.5 MB and names what it was learnt from."""
    assert PROFILES.stat().st_size < 1_500_000
    assert "SIB-200" in PROFILES.with_name("SOURCES.md").read_text(encoding="utf-8")


def sib(test_data: Path, code: str) -> list[str]:
    """The part of SIB-200 that the profiles were not learnt from."""
    file = test_data / "sib200" / f"{code}_Latn.dev.tsv"
    return [line.split("\t", 2)[2] for line in file.read_text(encoding="utf-8").splitlines()[1:]]


@pytest.mark.parametrize(("language", "code"), [("fi", "fin"), ("sv", "swe"), ("en", "eng")], ids=NORDIC)
def test_accuracy_on_sentences_kept_aside(test_data: Path, language: str, code: str) -> None:
    """At most 25 characters of a sentence are enough 95 times of 100; a whole one always, even among hashtags."""
    sentences = sib(test_data, code)
    short = [sentence[:26].rsplit(" ", 1)[0] for sentence in sentences]
    noisy = [f"RT @kunta: {sentence} #tulevaisuudenkunta #osallisuus https://t.co/a" for sentence in sentences]
    assert sum(identifier.identify(text) == language for text in short) >= 0.95 * len(short)
    assert sum(identifier.identify(text) == language for text in noisy) >= 0.995 * len(noisy)


@given(st.lists(st.text(max_size=60) | st.sampled_from(["", "#TulevaisuudenKunta", "Kunta kuuntelee", "ja #kunta"])))
@settings(deadline=None, max_examples=50)
def test_many_posts_are_told_as_each_alone(texts: list[str]) -> None:
    """Whole texts, hashtags among them, have together the answers that they have one by one."""
    assert identifier.identify_texts(texts) == [identifier.identify(text) for text in texts]
