"""Which language a text is in: a small linear model over the letters of its words, for short and noisy posts.

The programme's languages come first: an answer is one of them, ``other`` or ``unsure``. The weights under
``profiles/`` are made by ``benchmarks/language_profiles.py``; their sources stand in ``profiles/SOURCES.md``.
"""

import math
import re
import struct
import zlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from language.text import hashtags_in, split_hashtag, strip_noise, words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

OTHER = "other"
"""Surely another language than the programme's."""
UNSURE = "unsure"
"""Too short, too close, or like no language that has a profile."""
PROFILES = Path(__file__).with_name("profiles") / "letters.npz"
BUCKETS = 1 << 16
STRANGE = "zz"
"""Stands in the profiles for languages without a profile of their own, and for no words at all."""

_ALIASES = {"no": "nb"}  # Norwegian goes by either code
_LONGEST_GRAM = 5
_LONGEST_WORD = 40  # has at most 201 weights of 8 bits
_LANE_OFFSET = 1 << 15  # keeps a word's sums positive, and those of all words below 32 bits
_MOST_WORDS = 60
_MOST_CHARACTERS = 2_000
_WORDS_KEPT = 50_000
_WORDS_AT_ONCE = 2_000
_CLOSE = 1e-9  # sums of many texts at once may differ from those of one in their last digits
_PRIOR_OTHER = 0.05  # share of posts expected in other languages than the programme's
_SURE = 0.5
_SURE_OF_TAGS = 0.9
_SURE_OF_OTHER = 0.7
# All but Latin with its extensions and marks, and Cyrillic: the scripts that have profiles.
_FOREIGN = re.compile(r"[\u0370-\u03ff\u0530-\u1dff\u1f00-\U0010ffff]")


def buckets(word: str) -> list[int]:
    """Return the rows of the profiles that a casefolded word calls: its letter sequences of 1 to 5, and itself."""
    marked = f"<{word}>"
    if marked.isascii():  # a byte a letter: cut after encoding, which is the faster order
        letters = marked.encode()
        cut = [letters[i : i + n] for n in range(1, _LONGEST_GRAM + 1) for i in range(len(letters) - n + 1)]
        return [zlib.crc32(gram) % BUCKETS for gram in (*cut, b"=" + letters[1:-1])]
    grams = [marked[i : i + n] for n in range(1, _LONGEST_GRAM + 1) for i in range(len(marked) - n + 1)]
    return [zlib.crc32(gram.encode()) % BUCKETS for gram in (*grams, "=" + word)]


def read_words(text: str) -> list[str]:
    """Return the words by which a text's language is judged: casefolded, without hashtags, handles and addresses."""
    return [word.casefold()[:_LONGEST_WORD] for word in words(strip_noise(text[:_MOST_CHARACTERS]))[:_MOST_WORDS]]


class _Profiles:
    """The weights of every language that has a profile."""

    def __init__(self, file: Path) -> None:
        import numpy as np

        with np.load(file, allow_pickle=False) as stored:
            self.languages: list[str] = stored["languages"].tolist()
            self.bias: list[float] = stored["bias"].tolist()
            self.step = float(stored["step"])
            self.weights: NDArray[np.int8] = stored["weights"]
        self._row_of: dict[str, int] = {}
        self._sums = np.zeros((0, len(self.bias)), dtype=np.int32)
        weights = self.weights

        @lru_cache(maxsize=_WORDS_KEPT)
        def weigh(word: str) -> int:
            lanes = weights[buckets(word)].sum(axis=0, dtype=np.int32) + _LANE_OFFSET
            return int.from_bytes(lanes.astype("<u4").tobytes(), "little")

        self._weigh = weigh

    def scores(self, spoken: Sequence[str]) -> list[float]:
        """Return how much speaks for each language, in natural logarithms."""
        # A word's sums lie side by side in one whole number, so that words add up in one addition each.
        total = sum(map(self._weigh, spoken))
        lanes = struct.unpack(f"<{len(self.bias)}I", total.to_bytes(4 * len(self.bias), "little"))
        offset = _LANE_OFFSET * len(spoken)
        return [bias + self.step * (lane - offset) for bias, lane in zip(self.bias, lanes, strict=True)]

    def scores_all(self, texts: Sequence[Sequence[str]]) -> "NDArray[np.float64]":
        """Return ``scores`` of each of some texts, none of them empty, in rows."""
        import numpy as np

        self._learn(texts)
        rows = [self._row_of[word] for spoken in texts for word in spoken]
        starts = np.cumsum([0, *map(len, texts[:-1])])
        scores: NDArray[np.float64] = np.array(self.bias) + self.step * np.add.reduceat(self._sums[rows], starts)
        return scores

    def _learn(self, texts: Sequence[Sequence[str]]) -> None:
        """Weigh the words that are new, all of them at once."""
        import numpy as np

        different = dict.fromkeys(word for spoken in texts for word in spoken)
        fresh = [word for word in different if word not in self._row_of]
        if len(self._row_of) + len(fresh) > _WORDS_KEPT:
            self._row_of, self._sums, fresh = {}, self._sums[:0], list(different)
        if not fresh:
            return
        fresh.sort(key=str.isascii)
        ascii_at = next((at for at, word in enumerate(fresh) if word.isascii()), len(fresh))
        lettered = [self.weights[buckets(word)].sum(axis=0, dtype=np.int32) for word in fresh[:ascii_at]]
        plain = [
            _plain_sums(self.weights, fresh[at : at + _WORDS_AT_ONCE])
            for at in range(ascii_at, len(fresh), _WORDS_AT_ONCE)
        ]
        self._row_of |= {word: row for row, word in enumerate(fresh, len(self._row_of))}
        self._sums = np.vstack([self._sums, *lettered, *plain])


def _plain_sums(weights: "NDArray[np.int8]", words: Sequence[str]) -> "NDArray[np.int32]":
    """Return the sums of the weights of ``buckets``, a row for each word; the words are ASCII.

    The checksums of all sequences of letters are carried on letter by letter, as zlib does it for one.
    """
    import numpy as np

    letters = np.frombuffer("".join([f"<{word}>" for word in words]).encode(), dtype=np.uint8)
    lengths = np.array([len(word) + 2 for word in words])
    ends = np.cumsum(lengths)
    left = np.repeat(ends, lengths) - np.arange(len(letters))  # letters from here to the word's end
    register = np.full(len(letters), 0xFFFFFFFF, dtype=np.uint32)
    sums = np.zeros((len(letters), weights.shape[1]), dtype=np.int16)
    table = _checksum_table()
    for n in range(_LONGEST_GRAM):
        inside = left > n
        register = table[(register ^ np.roll(letters, -n)) & 0xFF] ^ (register >> 8)
        sums[inside] += weights[(register[inside] ^ 0xFFFFFFFF) % BUCKETS]
    whole = [zlib.crc32(b"=" + word.encode()) % BUCKETS for word in words]
    return np.add.reduceat(sums, ends - lengths, dtype=np.int32) + weights[whole].astype(np.int32)


@lru_cache(maxsize=1)
def _checksum_table() -> "NDArray[np.uint32]":
    """Return what each byte does to a CRC-32 (https://www.rfc-editor.org/rfc/rfc1952#section-8)."""
    import numpy as np

    values = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        values = np.where(values & 1, values >> 1 ^ np.uint32(0xEDB88320), values >> 1)
    return values


@lru_cache(maxsize=1)
def _shipped() -> _Profiles:
    return _Profiles(PROFILES)


class Identifier:
    """Tells which of the programme's languages a text is in. The profiles are opened at the first text."""

    def __init__(self, languages: Sequence[str]) -> None:
        self.languages = tuple(languages)
        self._ours = {_ALIASES.get(language, language): language for language in reversed(self.languages)}
        self._priors: list[float] | None = None

    def identify(self, text: str) -> str:
        """Return one of the programme's languages, ``other`` or ``unsure``.

        Hashtags, handles and addresses are left out: a Finnish hashtag says nothing of the post around it. Where
        nothing else is there, the hashtags' words decide if they are clear. A language of the programme that has no
        profile is never claimed: its texts are ``unsure``.
        """
        return self.identify_words(read_words(text), hashtags_in(text[:_MOST_CHARACTERS]))

    def identify_texts(self, texts: Sequence[str]) -> list[str]:
        """Return what ``identify`` says of each of many texts, in a fraction of the time."""
        read = [read_words(text) for text in texts]
        return self.identify_all(
            [
                # Hashtags decide only where there are no words.
                (spoken, () if sum(map(len, spoken)) > 1 else hashtags_in(text[:_MOST_CHARACTERS]))
                for spoken, text in zip(read, texts, strict=True)
            ]
        )

    def identify_words(self, words: Sequence[str], hashtags: Sequence[str]) -> str:
        """Return what ``identify`` says, for a text whose casefolded words and hashtags are known already."""
        spoken = [word[:_LONGEST_WORD] for word in words[:_MOST_WORDS]]
        if sum(map(len, spoken)) > 1:
            return self._judge(spoken, _SURE)
        tagged = [part for tag in hashtags for part in split_hashtag(tag)]
        spoken = [part[:_LONGEST_WORD] for part in tagged[:_MOST_WORDS] if part.isalpha()]
        return self._judge(spoken, _SURE_OF_TAGS) if spoken else UNSURE

    def identify_all(self, asked: Sequence[tuple[Sequence[str], Sequence[str]]]) -> list[str]:
        """Return what ``identify_words`` says of each of many texts, in a fraction of the time."""
        answers: dict[int, str | None] = {}
        texts: dict[int, list[str]] = {}
        for place, (said, hashtags) in enumerate(asked):
            spoken = [word[:_LONGEST_WORD] for word in said[:_MOST_WORDS]]
            if sum(map(len, spoken)) > 1 and not _is_foreign_script("".join(spoken)):
                texts[place] = spoken
            else:
                answers[place] = self.identify_words(said, hashtags)
        if texts:
            answers |= zip(texts, self._judge_all(list(texts.values())), strict=True)
        return [answers[place] or self.identify_words(*asked[place]) for place in range(len(asked))]

    def _judge_all(self, texts: Sequence[Sequence[str]]) -> list[str | None]:
        """Return what ``_judge`` says of texts in a script that has profiles; None where a rounding could decide."""
        import numpy as np

        profiles, priors = self._opened()
        scores = profiles.scores_all(texts) + np.array(priors)
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        is_ours = np.array([language in self._ours for language in profiles.languages])
        sums = odds.sum(axis=1)
        surely = _SURE * sums - 1
        surely_other = odds[:, ~is_ours].sum(axis=1) / sums - _SURE_OF_OTHER
        whole = self._is_whole(profiles)
        answers: list[str | None] = []
        for best, ours, other in zip(
            scores.argmax(axis=1).tolist(), surely.tolist(), surely_other.tolist(), strict=True
        ):
            language = profiles.languages[best]
            if language in self._ours:
                answers.append(None if abs(ours) < _CLOSE else self._ours[language] if ours < 0 else UNSURE)
            else:
                is_other = other > 0 and (whole or language != STRANGE)
                answers.append(None if abs(other) < _CLOSE else OTHER if is_other else UNSURE)
        return answers

    def _judge(self, spoken: Sequence[str], sure: float) -> str:
        profiles, priors = self._opened()
        if _is_foreign_script("".join(spoken)):
            return OTHER if self._is_whole(profiles) else UNSURE
        scores = [score + prior for score, prior in zip(profiles.scores(spoken), priors, strict=True)]
        highest = max(scores)
        odds = [math.exp(score - highest) for score in scores]
        best = profiles.languages[scores.index(highest)]
        if best in self._ours:
            return self._ours[best] if sure * sum(odds) <= 1 else UNSURE
        others = sum(odd for odd, language in zip(odds, profiles.languages, strict=True) if language not in self._ours)
        is_strange = best == STRANGE and not self._is_whole(profiles)
        return OTHER if others >= max(sure, _SURE_OF_OTHER) * sum(odds) and not is_strange else UNSURE

    def _opened(self) -> tuple[_Profiles, list[float]]:
        """Return the profiles and what is taken for likely before reading, in natural logarithms."""
        profiles = _shipped()
        if self._priors is None:
            ours = sum(language in self._ours for language in profiles.languages)
            others = len(profiles.languages) - ours
            self._priors = [
                math.log((1 - _PRIOR_OTHER) / ours if language in self._ours else _PRIOR_OTHER / others)
                for language in profiles.languages
            ]
        return profiles, self._priors

    def _is_whole(self, profiles: _Profiles) -> bool:
        """Return whether every language of the programme has a profile."""
        return all(language in profiles.languages for language in self._ours)


def _is_foreign_script(letters: str) -> bool:
    """Return whether most letters are of a script in which no profile is written."""
    return not letters.isascii() and 2 * len(_FOREIGN.findall(letters)) > len(letters)
