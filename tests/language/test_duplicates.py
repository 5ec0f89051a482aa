"""What `language.duplicates` promises."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from language.duplicates import clusters, jaccard

BASE = "Kunnan ja maakunnan yhteistyö sai tänään uuden sopimuksen, ja asukkaat kutsutaan kertomaan mielipiteensä siitä."
OTHER = "Kommunens invånare fick i dag en ny servicekanal, och biblioteken håller öppet längre under hela hösten."
TEXTS = st.lists(
    st.one_of(
        st.sampled_from([BASE, BASE + "!", BASE.upper(), BASE[:-9], OTHER, OTHER + " #kommun", "joo", "Joo", "ok", ""]),
        st.text(max_size=30),
    ),
    max_size=12,
)


def partition(texts: list[str]) -> set[frozenset[str]]:
    """The clusters as sets of texts."""
    numbers = clusters(texts)
    return {frozenset(text for text, number in zip(texts, numbers, strict=True) if number == k) for k in set(numbers)}


def test_copies_with_small_changes_share_a_cluster() -> None:
    """A copy with another case, link or handle, or a word more, belongs to its original; another text does not."""
    copies = [BASE, BASE.upper(), f"RT @joku: {BASE} https://t.co/abc", BASE + " Hienoa!"]
    assert clusters([*copies, OTHER]) == [0, 0, 0, 0, 1]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        pytest.param([], [], id="none"),
        pytest.param(["joo", "Joo", "jaa", "joo "], [0, 0, 1, 0], id="short-only-identical"),
        pytest.param(["", " ", "https://a.fi", "https://b.fi", "https://a.fi"], [0, 1, 2, 3, 2], id="links-alone"),
        pytest.param(["kunta", "kunta", "kuntaa"], [0, 0, 1], id="one-sequence"),
    ],
)
def test_short_texts_cluster_only_when_identical(texts: list[str], expected: list[int]) -> None:
    """Too little text proves no copying."""
    assert clusters(texts) == expected


@settings(max_examples=25)
@given(TEXTS, st.randoms(use_true_random=False))
def test_order_does_not_matter(texts: list[str], chance: random.Random) -> None:
    """The same texts in any order fall into the same clusters."""
    shuffled = list(texts)
    chance.shuffle(shuffled)
    assert partition(shuffled) == partition(texts)


@settings(max_examples=25)
@given(TEXTS)
def test_numbers_count_up_and_identical_texts_share_them(texts: list[str]) -> None:
    """Numbers are 0, 1, 2 in the order of first appearance; the same text twice has one number."""
    numbers = clusters(texts + texts)
    assert numbers[: len(texts)] == numbers[len(texts) :]
    assert list(dict.fromkeys(numbers)) == list(range(len(set(numbers))))


@settings(max_examples=25)
@given(st.text(max_size=40), st.text(max_size=40))
def test_similarity_is_symmetric_and_one_of_itself(a: str, b: str) -> None:
    """Similarity lies between 0 and 1, the same both ways, and is 1 of a text with itself."""
    assert jaccard(a, a) == 1
    assert 0 <= jaccard(a, b) == jaccard(b, a) <= 1


def test_similarity_counts_shared_sequences() -> None:
    """Of abcdef and abcdeg one sequence of five in three is shared."""
    assert jaccard("abcdef", "abcdeg") == pytest.approx(1 / 3)


def test_threshold_decides() -> None:
    """Texts below the threshold stay apart, and together above it."""
    a, b = BASE, BASE[:60] + " täysin toinen loppu jota kukaan ei ole ennen lukenut."
    assert clusters([a, b], threshold=0.8) == [0, 1]
    assert clusters([a, b], threshold=jaccard(a, b)) == [0, 0]


def test_bands_find_what_comparing_every_pair_finds() -> None:
    """Candidates by bands miss no near-identical pair of fifty texts with small changes."""
    chance = random.Random(7)
    words = (BASE + " " + OTHER).split()
    originals = [" ".join(chance.choices(words, k=20)) for _ in range(12)]
    texts = [original + chance.choice(["", " ja", "!", " heti nyt"]) for original in originals for _ in range(4)]
    numbers = clusters(texts)
    for i, a in enumerate(texts):
        for j in range(i):
            assert jaccard(a, texts[j]) < 0.8 or numbers[i] == numbers[j]


def test_a_flood_takes_time_by_its_length_only() -> None:
    """Two thousand copies of one text that differ in a number are clustered in seconds, not hours."""
    texts = [f"{BASE} {i}" for i in range(2_000)]
    start = time.process_time()
    assert len(set(clusters(texts))) == 1
    assert time.process_time() - start < 10
