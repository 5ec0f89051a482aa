"""Our n-gram weights are scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from classifier.example import words_read
from classifier.features import CharacterFeatures, ngrams

TEXTS = [
    "kunnan uusi koulu", "a", "å ä ö", "ἀρχή ἦν ὁ λόγος", "中文 文本", "sote-uudistus ja EU:n rahat", "straße",
    "e\u0301te\u0301", "🙂🙂 ok", "ab abc abcd abcde abcdef", "hva hva hva hva", "\u200dnollaleveys", "ﬁ ﬂ",
]  # fmt: skip


def fitted(texts: list[str]) -> tuple[TfidfVectorizer, CharacterFeatures]:
    """Return scikit-learn's vectoriser and ours with its vocabulary."""
    vectoriser = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), lowercase=False, sublinear_tf=True)
    vectoriser.fit(texts)
    return vectoriser, CharacterFeatures(vectoriser.vocabulary_, vectoriser.idf_)


def dense(features: CharacterFeatures, texts: list[str]) -> np.ndarray:
    """Return our rows as a matrix."""
    rows = features.rows([text.split() for text in texts])
    matrix = np.zeros(rows.shape)
    matrix[rows.row, rows.column] = rows.value
    return matrix


def test_weights_equal_scikit_learn_on_odd_texts() -> None:
    """Greek, Chinese, combining marks, emoji and ligatures get the weights that scikit-learn gives them."""
    vectoriser, features = fitted(TEXTS)
    np.testing.assert_allclose(dense(features, TEXTS), vectoriser.transform(TEXTS).toarray(), atol=1e-14)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40), min_size=1, max_size=5))
def test_weights_equal_scikit_learn_on_any_text(texts: list[str]) -> None:
    """Whatever is written, an unseen text gets the weights that scikit-learn gives it."""
    vectoriser, features = fitted(TEXTS)
    prepared = [" ".join(words_read(text)) for text in texts]
    np.testing.assert_allclose(dense(features, prepared), vectoriser.transform(prepared).toarray(), atol=1e-14)


@pytest.mark.parametrize("texts", [[], [[]], [["xyzzy"]], [[], ["kunnan"]]], ids=["none", "empty", "unknown", "mixed"])
def test_texts_without_a_known_ngram_are_empty_rows(texts: list[list[str]]) -> None:
    """A text of which nothing is known weighs nothing, and its neighbours keep their weight."""
    _, features = fitted(TEXTS)
    rows = features.rows(texts)
    product = rows.times(np.ones((len(features.idf), 2)))
    known = [any(ngram in features.vocabulary for word in text for ngram in ngrams(word)) for text in texts]
    assert (product.any(axis=1) == known).all()
    assert product.shape == (len(texts), 2)


def test_remembered_words_are_forgotten_before_they_fill_the_memory() -> None:
    """After more distinct words than are remembered, a word still has its n-grams."""
    _, whole = fitted(TEXTS)
    features = CharacterFeatures(whole.vocabulary, whole.idf, remembered=2)
    first = features.columns("koulu").tolist()
    for word in ("kunnan", "uusi", "hva"):
        features.columns(word)
    assert features.columns("koulu").tolist() == first
