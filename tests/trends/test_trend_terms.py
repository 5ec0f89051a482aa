"""Which words of a text can make a topic."""

import pytest

from trends.terms import Reader


@pytest.mark.parametrize(
    ("text", "language", "subjects"),
    [
        ("Vi skal gå til torget med alle", "nb", ["torget"]),
        ("Vi skal til havnen", "da", ["havnen"]),
        ("Ma lähen kooli ja iga päev", "et", ["lähen", "kooli", "päev"]),
        ("EU ja sote", "fi", ["eu", "sote"]),
        ("EU?", "unsure", ["eu"]),
    ],
)
def test_words_without_a_subject_make_no_topic(text: str, language: str, subjects: list[str]) -> None:
    """Listed words nowhere; in a language that nobody listed, no short word: most of these have no subject."""
    tokens = Reader(own=(), lemmatise=None).tokens(text, language)
    assert [token.lemma for token in tokens if token.lemma] == [word[:7] for word in subjects]
