"""What `language.lemma` promises. Malay stands in: its dictionary builds in a blink."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from language.lemma import LemmaError, Lemmatiser

pytest.importorskip("marisa_trie", reason="marisa-trie is not installed: no tries of dictionaries")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the dictionary of Malay."""
    directory = tmp_path_factory.mktemp("lemmas")
    Lemmatiser(directory, ["ms"]).build()
    return directory


def test_dictionaries_are_built_at_first_need(tmp_path: Path) -> None:
    """The first word builds what is missing; nothing but whole dictionaries is left behind."""
    lemmatiser = Lemmatiser(tmp_path, ["ms"])
    assert not lemmatiser.ready
    assert lemmatiser.lemma("pengarahnya", "ms") == "pengarah"
    assert lemmatiser.ready
    assert [path.name for path in tmp_path.rglob("*") if not path.is_dir()] == ["ms.dic"]


def test_what_is_built_is_opened_again(built: Path) -> None:
    """A second start builds nothing, and opens no dictionary before the first word."""
    lemmatiser = Lemmatiser(built, ["ms"])
    told: list[tuple[int, int]] = []
    lemmatiser.build(lambda done, of: told.append((done, of)))
    assert told == [(0, 0)]
    assert [lemmatiser.lemma(word, "ms") for word in ("pengarahnya", "pengarahku")] == ["pengarah", "pengarah"]


def test_progress_counts_dictionaries(tmp_path: Path) -> None:
    """Progress tells how many of how many dictionaries are done, up to all."""
    told: list[tuple[int, int]] = []
    Lemmatiser(tmp_path, ["ms", "xx", "id"]).build(lambda done, of: told.append((done, of)))
    assert told == [(0, 2), (1, 2), (2, 2)]


@pytest.mark.parametrize(
    ("word", "language"),
    [
        pytest.param("pengarahnya", "xx", id="language-unknown-to-simplemma"),
        pytest.param("pengarahnya", "fi", id="language-not-asked-for"),
        pytest.param("", "ms", id="no-word"),
        pytest.param("qqzzkrt", "ms", id="no-such-word"),
        pytest.param("\x00\U0001f600", "ms", id="not-a-word"),
    ],
)
def test_a_word_without_dictionary_form_is_itself(built: Path, word: str, language: str) -> None:
    """No word and no language whatever makes it fail."""
    assert Lemmatiser(built, ["ms", "xx"]).lemma(word, language) == word


def test_two_builds_at_once_leave_one_whole_dictionary(tmp_path: Path) -> None:
    """Two builds of one dictionary at once both end well."""
    with ThreadPoolExecutor(2) as pool:
        builds = [pool.submit(Lemmatiser(tmp_path, ["ms"]).build) for _ in range(2)]
    assert [build.result() for build in builds] == [None, None]
    assert Lemmatiser(tmp_path, ["ms"]).lemma("pengarahnya", "ms") == "pengarah"


def test_a_directory_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """The error names the place and the remedy."""
    (tmp_path / "lemmas").write_text("a file, not a directory")
    with pytest.raises(LemmaError, match="dictionary of ms cannot be written"):
        Lemmatiser(tmp_path, ["ms"]).build()


def test_a_missing_library_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without marisa-trie the error names what to install."""
    monkeypatch.setattr("simplemma.strategies.dictionaries.trie_dictionary_factory._TRIE_DEPS_AVAILABLE", False)
    with pytest.raises(LemmaError, match="pip install marisa-trie"):
        Lemmatiser(tmp_path, ["ms"]).build()


@pytest.mark.everything
def test_whole_dictionaries_of_the_programme_are_built(tmp_path: Path) -> None:
    """The dictionaries of Finnish, Swedish and English build, and know inflected words."""
    lemmatiser = Lemmatiser(tmp_path, ["fi", "sv", "en"])
    lemmatiser.build()
    assert lemmatiser.ready
    known = {("kunnassa", "fi"): "kunta", ("kommuner", "sv"): "kommun", ("municipalities", "en"): "municipality"}
    assert {key: lemmatiser.lemma(*key) for key in known} == known
