"""Build the profiles of `language.identify` from openly licensed text, and measure them on text kept aside.

    python benchmarks/language_profiles.py --wordfreq FOLDER [--sets FOLDER] [--build]

``--sets`` is the folder of the shared sets (else KUNTAKAIKU_TEST_DATA); ``--wordfreq`` is ``wordfreq/data`` of an
unpacked wordfreq 3.1.1 wheel, needed with ``--build`` and for the strange languages. Learnt from: SIB-200 *train*,
municipal strategies, library titles, wordfreq. Measured on: SIB-200 *dev* and sets never learnt from.
Building takes about five minutes and 2 GB.
"""

import argparse
import csv
import gzip
import json
import os
import random
import time
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from language.identify import BUCKETS, PROFILES, STRANGE, Identifier, buckets, read_words
from language.text import strip_noise

SIB = {"fi": "fin", "sv": "swe", "en": "eng", "et": "est", "nb": "nob", "da": "dan"}
LANGUAGES = [*SIB, "de", "nl", "is", "fr", "es", "it", "pt", "pl", "cs", "ro", "hu", "lt", "lv", "tr", "ru", "uk"]
LEARNT_AS_STRANGE = ("ca", "sk", "sh", "id", "ms", "bg", "mk")
KEPT_STRANGE = ("sl", "fil", "vi")
SMALL_LISTS = ("nb", "da")  # the large list of one only would make every rare word look Norwegian
PER_SOURCE = 6_000
CLIP = 3.0
Texts = list[list[str]]


def lines(file: Path) -> list[dict[str, Any]]:
    """Return the records of a compressed JSONL file."""
    with gzip.open(file, "rt", encoding="utf-8") as opened:
        return [json.loads(line) for line in opened]


def sib(sets: Path, language: str, part: str) -> list[str]:
    """Return one part of SIB-200 in one language."""
    text = (sets / "sib200" / f"{SIB[language]}_Latn.{part}.tsv").read_text(encoding="utf-8")
    return [line.split("\t", 2)[2].strip() for line in text.splitlines()[1:]]


def word_list(folder: Path, language: str) -> tuple[list[str], np.ndarray]:
    """Return wordfreq's words of a language and their frequencies; the list holds centibels."""
    large, small = (folder / f"{size}_{language}.msgpack.gz" for size in ("large", "small"))
    with gzip.open(small if language in SMALL_LISTS or not large.exists() else large) as opened:
        levels = msgspec.msgpack.decode(opened.read())[1:]
    found = [
        (word, 10 ** (-level / 100))
        for level, listed in enumerate(levels, 1)
        for word in listed
        if any(map(str.isalpha, word)) and not any(map(str.isdigit, word))
    ][:200_000]
    return [word for word, _ in found], np.array([frequency for _, frequency in found])


def cut_at_words(text: str, length: int) -> str:
    """Return the text's beginning of at most a length, ending with a whole word where it has one."""
    return text if len(text) <= length else (text[: length + 1].rsplit(" ", 1)[0])[:length]


def snippets(sentences: Sequence[str], count: int, chance: random.Random) -> Texts:
    """Return pieces of 8 to 100 characters of the sentences, mostly from the beginning of a word."""
    pieces: Texts = []
    for _ in range(count):
        text, length = chance.choice(sentences), chance.choice((8, 12, 16, 20, 25, 25, 40, 60, 60, 100))
        if len(text) > length:
            start = chance.randrange(len(text) - length + 1)
            if chance.random() < 0.7:
                start = text.rfind(" ", 0, start) + 1
            text = text[start : start + length]
            if chance.random() < 0.5:
                text = cut_at_words(text, length - 1)
        pieces.append(read_words(text))
    return [piece for piece in pieces if piece]


def bags(listed: tuple[list[str], np.ndarray], count: int, chance: random.Random) -> Texts:
    """Return that many handfuls of words, drawn by a flattened frequency."""
    listing, frequencies = listed
    shares = frequencies**0.8 / (frequencies**0.8).sum()
    draw = np.random.default_rng(chance.randrange(1 << 30))
    lengths = draw.choice([1, 2, 3, 4, 6, 10], count, p=[0.2, 0.25, 0.2, 0.15, 0.1, 0.1])
    drawn = iter(draw.choice(len(listing), lengths.sum(), p=shares).tolist())
    return [[listing[next(drawn)] for _ in range(length)] for length in lengths]


def without_marks(word: str) -> str:
    """Return a word as typed on a keyboard without its letters: ``hyvaa paivaa``."""
    return "".join(letter for letter in unicodedata.normalize("NFD", word) if not unicodedata.combining(letter))


def learnt_from(sets: Path, wordfreq: Path, language: str, chance: random.Random) -> Texts:
    """Return the texts from which a language is learnt."""
    texts: Texts = []
    if language in SIB:
        texts += snippets(sib(sets, language, "train"), PER_SOURCE, chance)
    if language in ("fi", "sv", "en"):
        titles = lines(sets / "yso_municipal_themes" / "single_label.jsonl.gz")
        texts += snippets([row["text"] for row in titles if row["lang"] == language], PER_SOURCE // 3, chance)
    if language == "fi":
        strategies = lines(sets / "kunta_strategiat" / "strategia.jsonl.gz")
        texts += snippets([row["text"] for row in strategies], PER_SOURCE // 3, chance)
    if language != "et":  # wordfreq knows no Estonian
        texts += bags(word_list(wordfreq, language), PER_SOURCE if language in SIB else PER_SOURCE // 2, chance)
    if language not in ("ru", "uk"):
        texts += [[without_marks(word) for word in text] for text in chance.sample(texts, len(texts) // 25)]
    return texts


def strange_texts(wordfreq: Path, chance: random.Random) -> Texts:
    """Return texts of languages without a profile, and of no language."""
    texts = [text for name in LEARNT_AS_STRANGE for text in bags(word_list(wordfreq, name), PER_SOURCE // 6, chance)]
    letters = "abcdefghijklmnopqrstuvwxyzåäö"
    gibberish = [
        ["".join(chance.choices(letters, k=chance.randint(2, 12))) for _ in range(chance.randint(1, 4))]
        for _ in range(PER_SOURCE // 4)
    ]
    return texts + gibberish


def build(sets: Path, wordfreq: Path) -> None:
    """Fit the model and write the profiles."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    chance = random.Random(1)
    classes = {name: learnt_from(sets, wordfreq, name, chance) for name in LANGUAGES}
    classes[STRANGE] = strange_texts(wordfreq, chance)
    texts = [text for learnt in classes.values() for text in learnt]
    rows = [np.concatenate([buckets(word[:40]) for word in text]).astype(np.int32) for text in texts]
    ends = np.cumsum([0, *map(len, rows)])
    counts = csr_matrix((np.ones(ends[-1], np.float32), np.concatenate(rows), ends), shape=(len(texts), BUCKETS))
    counts.sum_duplicates()
    wanted = np.repeat(np.arange(len(classes)), [len(learnt) for learnt in classes.values()])
    model = LogisticRegression(C=1.0, max_iter=100, tol=1e-3).fit(counts, wanted)
    step = CLIP / 127
    np.savez_compressed(
        PROFILES,
        weights=np.clip(np.round(model.coef_.T / step), -127, 127).astype(np.int8),
        bias=model.intercept_.astype(np.float32),
        step=np.float32(step),
        languages=np.array(list(classes)),
    )
    print(f"{PROFILES.name}: {PROFILES.stat().st_size / 1e6:.2f} MB from {len(texts)} texts")


def pieces_of(sentences: Iterable[str], length: int, chance: random.Random) -> list[str]:
    """Return three pieces of whole words of at most a length from each sentence."""
    starts = [
        (text, text.rfind(" ", 0, chance.randrange(max(1, len(text) - length))) + 1)
        for text in sentences
        for _ in range(3)
    ]
    return [cut_at_words(text[start:], length) for text, start in starts]


def noisy(text: str, chance: random.Random) -> str:
    """Return a text as people post it: with the programme's Finnish hashtags, a handle and an address."""
    tags = [
        "#tulevaisuudenkunta",
        "#kuntakehitys",
        "#maakuntauudistus",
        "#kuntaliitto",
        "#osallisuus",
        "#KuntaMarkkinat",
    ]
    return " ".join(["RT @kunta_uutiset:", text, *chance.sample(tags, 3), "https://t.co/aB3xY9zQ1w"])


def kept_aside(sets: Path, wordfreq: Path | None) -> dict[str, tuple[str, list[str]]]:
    """Return the measured sets: name to language and texts."""
    chance = random.Random(5)
    found: dict[str, tuple[str, list[str]]] = {}
    for language in SIB:
        dev = sib(sets, language, "dev")
        for length in (25, 60):
            found[f"SIB dev <= {length} {language}"] = (language, pieces_of(dev, length, chance))
        found[f"SIB dev noisy {language}"] = (language, [noisy(text, chance) for text in dev])
        found[f"SIB dev noisy <= 60 {language}"] = (
            language,
            [noisy(text, chance) for text in pieces_of(dev, 60, chance)],
        )
    posts = [row["text"] for row in lines(sets / "swe_posts" / "posts.jsonl.gz")]
    spoken = [text for text in posts if len(strip_noise(text)) >= 15]
    found["swe_posts, all"] = ("sv", posts)
    found["swe_posts, 15 characters or more"] = ("sv", spoken)
    comments = [row["text"] for row in lines(sets / "yle15_comments" / "comments.jsonl.gz") if row["lang"] == "fi"]
    found["yle15_comments <= 25"] = ("fi", [cut_at_words(text, 25) for text in chance.sample(comments, 2000)])
    with gzip.open(sets / "hn-posts" / "posts.csv.gz", "rt", encoding="utf-8") as opened:
        found["hn-posts"] = ("en", [row["text"] for row, _ in zip(csv.DictReader(opened), range(2000), strict=False)])
    if wordfreq:
        for language in KEPT_STRANGE:
            drawn = bags(word_list(wordfreq, language), 600, chance)
            found[f"strange {language}"] = (language, [" ".join(text) for text in drawn])
    return found


def measure(languages: Sequence[str], sets: Mapping[str, tuple[str, list[str]]]) -> None:
    """Print the share of right answers, and what was answered instead."""
    identifier = Identifier(languages)
    identifier.identify("Hei maailma")
    print(f"\nProgramme's languages: {' '.join(languages)}")
    texts, start = 0, time.process_time()
    for name, (language, measured) in sets.items():
        answers = Counter(map(identifier.identify, measured))
        right = answers.pop(language if language in languages else "other", 0) / len(measured)
        rest = ", ".join(f"{answer} {count / len(measured):.3f}" for answer, count in answers.most_common(3))
        print(f"{name:34} n {len(measured):5}  {right:.3f}  else {rest}")
        texts += len(measured)
    print(f"{texts / (time.process_time() - start):,.0f} texts per CPU second")


def main() -> None:
    """Build if asked to, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=Path, default=os.environ.get("KUNTAKAIKU_TEST_DATA"))
    parser.add_argument("--wordfreq", type=Path)
    parser.add_argument("--build", action="store_true")
    asked = parser.parse_args()
    if asked.sets is None or (asked.build and asked.wordfreq is None):
        parser.error("--sets or KUNTAKAIKU_TEST_DATA is needed, and --wordfreq with --build")
    if asked.build:
        build(Path(asked.sets), asked.wordfreq)
    measured = kept_aside(Path(asked.sets), asked.wordfreq)
    measure(["fi", "sv", "en"], measured)
    measure(list(SIB), {name: texts for name, texts in measured.items() if name.startswith("SIB")})


if __name__ == "__main__":
    main()
