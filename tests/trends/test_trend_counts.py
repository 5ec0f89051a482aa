"""Voices: neither one person nor one text counts twice, whatever the order of arrival."""

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.post import ClassifiedPost
from programme.types import Programme
from tests.trends.invented import WEEK, burst, everyday_talk, utter
from trends.copies import copy_groups
from trends.count import WeekCounts, count_week, voices
from trends.find import reader_for, utterances_of


def counted(posts: Sequence[ClassifiedPost], programme: Programme) -> WeekCounts:
    """Return the week's counts."""
    reader = reader_for(programme, None)
    return count_week(WEEK, utterances_of(posts, week=WEEK, programme=programme, reader=reader))


def spoken(counts: WeekCounts, word: str) -> int:
    """Return the voices of a word, which is cut as the reader cuts it."""
    return counts.voices_by_term.get(word[:7], 0)


def test_loud_writer_is_one_voice(village: Programme) -> None:
    """Thirty posts of one person in other words each are one voice."""
    posts = [utter(f"silta {'abcdefgh'[n % 8] * 3}{n}x tuulee", author="loud", minute=n) for n in range(30)]
    assert spoken(counted(posts, village), "silta") == 1


def test_copies_are_one_voice(village: Programme) -> None:
    """Thirty accounts with nearly the same text are one voice."""
    text = "Allekirjoita adressi uuden sillan puolesta nyt heti täällä"
    posts = [utter(f"{text} kohta{n}", author=f"a{n}", minute=n) for n in range(30)]
    assert spoken(counted(posts, village), "adressi") == 1


def test_reposts_are_one_voice_and_leave_their_writers_free(village: Programme) -> None:
    """Reposts count with their original; who reposts and also writes is still heard."""
    original = utter("Silta avataan", author="town", native_id="1")
    reposts = [utter(None if n % 2 else "", author=f"a{n}", repost_of="1", minute=n) for n in range(6)]
    own = [utter(f"Tämä silta on komea {'xyzåäö'[n] * 4}", author=f"a{n}", minute=50 + n) for n in range(6)]
    assert spoken(counted([original, *reposts, *own], village), "silta") == 7


def test_reposts_of_an_unknown_original_are_one_voice(village: Programme) -> None:
    """Reposts of a post that we do not hold say one thing together."""
    posts = [utter("Silta avataan" + " heti" * n, author=f"a{n}", repost_of="gone", minute=n) for n in range(5)]
    assert spoken(counted(posts, village), "silta") == 1


def test_unknown_writers_stand_alone(village: Programme) -> None:
    """Posts without an author are a writer each, unless their texts are alike."""
    posts = [utter(f"silta {'abcdef'[n] * 5} {'ghijkl'[n] * 5}", native_id=str(n), minute=n) for n in range(6)]
    assert spoken(counted(posts, village), "silta") == 6
    assert spoken(counted([*posts, utter("silta aaaaa ggggg", native_id="copy")], village), "silta") == 6


def test_own_hashtag_is_no_term(village: Programme) -> None:
    """The collection's own hashtag never is counted, in any case, as hashtag or as word; other hashtags are words."""
    counts = counted([utter("Kylä2030 #KYLÄ2030 #Omatoimi silta", author="a")], village)
    assert set(counts.voices_by_term) == {"omatoim", "silta", "omatoim silta"}


def test_hashtags_and_hyphens_are_also_their_parts(village: Programme) -> None:
    """What one writes as a joined word and another as words is counted together."""
    counts = counted([utter("#OmatoimiKirjasto metro-asema EU:n", author="a")], village)
    assert {"omatoim", "kirjast", "metro", "asema", "eu"} <= set(counts.voices_by_term)


def test_addresses_and_handles_are_no_terms(village: Programme) -> None:
    """Neither links with fragments nor handles are words."""
    counts = counted([utter("silta https://example.org/a#osio @joku@example.org", author="a")], village)
    assert set(counts.voices_by_term) == {"silta"}


@settings(max_examples=12, deadline=None)
@given(order=st.randoms(use_true_random=False), cut=st.integers(0, 40))
def test_order_and_halves_change_nothing(village: Programme, order: Random, cut: int) -> None:
    """Any order of arrival, repeated arrival, and two halves put together give the counts of the whole."""
    posts = [
        *everyday_talk([WEEK], posts=30),
        *burst(writers=8),
        *[utter("Sama teksti kaikilla", author=f"c{n}") for n in range(4)],
    ]
    mixed = order.sample(posts, len(posts))
    assert counted([*mixed[cut:], *mixed[:cut], *mixed[:5]], village) == counted(posts, village)


def test_deleted_post_is_as_if_it_had_never_been(village: Programme) -> None:
    """A tombstone changes no count."""
    posts = list(everyday_talk([WEEK]))
    buried = [utter("silta", author="x", gone=True), utter(None, author="y")]
    assert counted([*posts, *buried], village) == counted(posts, village)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=14))
def test_voices_are_the_groups_of_a_plain_search(posts: list[tuple[int, int]]) -> None:
    """Counting voices agrees with joining by repeated search."""
    groups: list[set[tuple[str, int]]] = []
    for writer, text in posts:
        joined = {("writer", writer), ("text", text)}
        for group in [group for group in groups if group & joined]:
            groups.remove(group)
            joined |= group
        groups.append(joined)
    assert voices([writer for writer, _ in posts], [text for _, text in posts]) == len(groups)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sets(st.sampled_from("abcdefghij"), max_size=7), max_size=12))
def test_copies_are_those_of_a_plain_comparison(texts: list[set[str]]) -> None:
    """The fast search for copies agrees with comparing all with all."""
    plain = list(range(len(texts)))
    for i, one in enumerate(texts):
        for j, other in enumerate(texts[:i]):
            if one and other and len(one & other) >= 0.6 * len(one | other):
                low, high = sorted((plain[i], plain[j]))
                plain = [low if group == high else group for group in plain]
    assert copy_groups([sorted(text) for text in texts]) == plain


@pytest.mark.parametrize(
    "text", ["", "🎉🎉", "https://example.org", "2026 12", "…"], ids=["none", "emoji", "link", "numbers", "dots"]
)
def test_texts_without_words_are_no_copies(village: Programme, text: str) -> None:
    """Posts without a word are not taken for copies of one another."""
    counts = counted([utter(text, author=f"a{n}", minute=n) for n in range(4)], village)
    assert counts.voices == 4
