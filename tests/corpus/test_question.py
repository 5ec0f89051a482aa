"""What `corpus.question` promises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.question import MOST_CHARACTERS, Question, QuestionError, Wanted, read_question

LINES = st.text(st.sampled_from("ab ÄOR|-\"#@()*:^{}/\\'\n\x00\ud800\u200b\u201d") | st.characters(), max_size=60)


def _word(word: str) -> Wanted:
    return Wanted("word", (word,))


@pytest.mark.parametrize(
    ("line", "question"),
    [
        pytest.param("Kunta", Question(((_word("kunta"),),)), id="word"),
        pytest.param("kunta valtio", Question(((_word("kunta"),), (_word("valtio"),))), id="both"),
        pytest.param(
            "a kunta OR kommun", Question(((_word("a"),), (_word("kunta"), _word("kommun")))), id="or-binds-closer"
        ),
        pytest.param("kunta | kommun", Question(((_word("kunta"), _word("kommun")),)), id="bar"),
        pytest.param("”kunnan talous”", Question(((Wanted("phrase", ("kunnan", "talous")),),)), id="finnish-quotes"),
        pytest.param(
            'kunta -vero -"kunnan vero"',
            Question(((_word("kunta"),),), ((_word("vero"),), (Wanted("phrase", ("kunnan", "vero")),))),
            id="exclusions",
        ),
        pytest.param(
            "#Sote @Kunta", Question(((Wanted("hashtag", ("sote",)),), (Wanted("handle", ("kunta",)),))), id="signs"
        ),
        pytest.param("kunta/valtio", Question(((_word("kunta"),), (_word("valtio"),))), id="two-in-one"),
        pytest.param("sote-uudistus", Question(((_word("sote-uudistus"),),)), id="hyphen-is-no-minus"),
        pytest.param("kunta – valtio", Question(((_word("kunta"),), (_word("valtio"),))), id="dash-is-no-minus"),
        pytest.param("NEAR AND NOT", Question(((_word("near"),), (_word("and"),), (_word("not"),))), id="plain-words"),
    ],
)
def test_lines_are_understood(line: str, question: Question) -> None:
    """Words, phrases, exclusions, alternatives, hashtags and handles are read as documented."""
    assert read_question(line) == question


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param("", "empty", id="empty"),
        pytest.param("  \n", "empty", id="blank"),
        pytest.param("-vero", "only_exclusions", id="only-exclusions"),
        pytest.param("!?", "no_words", id="no-letters"),
        pytest.param('kunta ""', "no_words", id="empty-phrase"),
        pytest.param("https://kunta.example", "no_words", id="address"),
        pytest.param('"kunnan talous', "open_quote", id="open-quote"),
        pytest.param("OR kunta", "stray_or", id="or-first"),
        pytest.param("kunta OR", "stray_or", id="or-last"),
        pytest.param("kunta OR OR valtio", "stray_or", id="two-ors"),
        pytest.param("kunta OR -vero", "or_exclusion", id="or-before-exclusion"),
        pytest.param("kunta -vero OR maksu", "or_exclusion", id="or-behind-exclusion"),
        pytest.param("a" * (MOST_CHARACTERS + 1), "too_long", id="too-long"),
        pytest.param("a b " * 20, "too_long", id="too-many-words"),
    ],
)
def test_lines_without_meaning_are_refused(line: str, reason: str) -> None:
    """What cannot mean anything is misuse, with a reason and a remedy."""
    with pytest.raises(QuestionError) as caught:
        read_question(line)
    assert caught.value.reason == reason
    assert caught.value.remedy
    assert caught.value.exit_code == 2


@given(LINES)
def test_any_line_is_understood_or_refused(line: str) -> None:
    """No line makes the reader fail otherwise, and what is understood looks for something."""
    try:
        question = read_question(line)
    except QuestionError:
        return
    assert question.wanted
    assert all(word for wanted in question.wanted for word in wanted.words)
