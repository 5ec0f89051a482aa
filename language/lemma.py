"""Words to their dictionary forms, by simplemma (https://github.com/adbar/simplemma).

Its dictionaries are kept as tries in the data directory: built once, opened in a hundredth of a second. Whether a
capitalised word is a name is the caller's to know; a word is looked up as it is written.
"""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from programme.errors import KuntakaikuError

if TYPE_CHECKING:
    from simplemma import Lemmatizer

_WORDS_KEPT = 100_000
_LONGEST_WORD = 80
_ALIASES = {"no": "nb"}  # Norwegian goes by either code


class LemmaError(KuntakaikuError):
    """The dictionaries cannot be made, or not be kept in the data directory."""


class Lemmatiser:
    """Finds the dictionary forms of words of some languages. Dictionaries are opened, or built, at the first word."""

    def __init__(self, data_directory: Path, languages: Sequence[str], *, words_kept: int = _WORDS_KEPT) -> None:
        """Remember the place; ``words_kept`` words are looked up once each, none by a caller that remembers them."""
        self.languages = tuple(languages)
        self._data_directory = data_directory
        self._opened: Lemmatizer | None = None
        self.lemma: Callable[[str, str], str] = lru_cache(maxsize=words_kept)(self._lemma)
        """The dictionary form of a word in a language; the word itself where the language has no dictionary here."""

    @property
    def ready(self) -> bool:
        """Whether every dictionary of the languages is built."""
        return not self._missing()

    @property
    def version(self) -> str:
        """Names the dictionaries: where it changes, words may have other dictionary forms."""
        return self._folder().name

    def build(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Build the dictionaries that are missing; ``progress`` is told how many of how many are done.

        Each appears under its name only when it is whole: a build that is killed, or two at once, do no harm.

        Raises:
            LemmaError: the data directory cannot be written or has no room, or marisa-trie is missing.
        """
        missing = self._missing()
        for done, language in enumerate(missing):
            if progress:
                progress(done, len(missing))
            self._build(language)
        if progress:
            progress(len(missing), len(missing))

    def _lemma(self, word: str, language: str) -> str:
        language = _ALIASES.get(language, language)
        # The trie's library fails on U+0000, and taking a word apart costs the square of its length.
        if not word or len(word) > _LONGEST_WORD or not word.isprintable() or language not in self._known:
            return word
        if self._opened is None:
            self.build()
            self._opened = self._open()
        return self._opened.lemmatize(word, language)

    @cached_property
    def _known(self) -> list[str]:
        """Codes, as simplemma has them, of the languages for which it has a dictionary."""
        from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES

        codes = (_ALIASES.get(language, language) for language in self.languages)
        return [code for code in dict.fromkeys(codes) if code in SUPPORTED_LANGUAGES]

    def _folder(self) -> Path:
        from simplemma import __version__

        return self._data_directory / "lemmas" / f"simplemma-{__version__}"

    def _missing(self) -> list[str]:
        return [code for code in self._known if not (self._folder() / f"{code}.dic").exists()]

    def _build(self, code: str) -> None:
        from simplemma.strategies.dictionaries import TrieDictionaryFactory

        folder = self._folder()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            workplace = Path(tempfile.mkdtemp(prefix=f".{code}-", dir=folder))
            try:
                # simplemma writes straight to the name that a second process would read, and only logs a full disk.
                TrieDictionaryFactory(disk_cache_dir=str(workplace)).get_dictionary(code)
                (workplace / f"{code}.dic").replace(folder / f"{code}.dic")
            finally:
                shutil.rmtree(workplace, ignore_errors=True)
        except ImportError as error:
            raise LemmaError("Lemmas need the library marisa-trie.", "Install it: pip install marisa-trie.") from error
        except OSError as error:
            raise LemmaError(
                f"The dictionary of {code} cannot be written to {folder}: {error.strerror}.",
                "Give the data directory 40 MB of room and write permission.",
            ) from error

    def _open(self) -> "Lemmatizer":
        from simplemma import Lemmatizer
        from simplemma.strategies import DefaultStrategy
        from simplemma.strategies.dictionaries import TrieDictionaryFactory

        tries = TrieDictionaryFactory(cache_max_size=len(self.languages), disk_cache_dir=str(self._folder()))
        # Our own cache stands in front; simplemma's would keep every word twice.
        return Lemmatizer(cache_max_size=0, lemmatization_strategy=DefaultStrategy(dictionary_factory=tries))
