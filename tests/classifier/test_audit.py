"""What a sample drawn at random says, and how sure that is."""

import random
from collections import Counter

import pytest

from classifier.audit import Answer, by_theme, sample_of, share_right, unclear, wilson


def answers(week: str, right: int, wrong: int) -> list[Answer]:
    """Return answers of a week."""
    return [Answer(week=week, right="a", guessed="a")] * right + [Answer(week=week, right="a", guessed="b")] * wrong


def test_a_sample_is_drawn_by_lot_and_stays() -> None:
    """The order depends on text and week alone: order of arrival, late posts and copies move nobody's place."""
    texts = [(n, f"viesti numero {n} aiheesta") for n in range(200)]
    drawn = sample_of(texts, 20, week="2026-W47")
    assert sample_of(reversed(texts), 20, week="2026-W47") == drawn
    assert sample_of(texts, 40, week="2026-W47")[:20] == drawn
    assert sample_of(texts, 20, week="2026-W48") != drawn
    later = sample_of([*texts, *((n, f"myöhäinen {n}") for n in range(200, 220))], 20, week="2026-W47")
    assert [n for n in later if n < 200] == drawn[: sum(n < 200 for n in later)]
    copies = [(1_000 + n, text) for n, text in texts]
    assert sample_of([*texts, *copies], 20, week="2026-W47") == drawn


def test_every_text_is_drawn_as_often_as_any_other() -> None:
    """Over many weeks long and short, early and late texts come up alike."""
    texts = [(n, "sana " * (n + 1)) for n in range(20)]
    drawn = Counter(n for week in range(2_000) for n in sample_of(texts, 5, week=f"w{week}"))
    assert all(420 <= drawn[n] <= 580 for n in range(20))


def test_wilson_is_known() -> None:
    """Thirty-four of forty: the interval of the books."""
    assert wilson(34 / 40, 40) == pytest.approx((0.7093, 0.9294), abs=1e-4)
    assert wilson(1.0, 10)[1] == 1.0
    assert wilson(0.0, 10)[0] == pytest.approx(0.0)


def test_a_large_week_counts_for_more() -> None:
    """Ten of each week were labelled: the week of 900 posts decides, and unequal weights widen the interval."""
    sample = answers("w1", 10, 0) + answers("w2", 5, 5)
    even = share_right(sample, {"w1": 100, "w2": 100})
    uneven = share_right(sample, {"w1": 100, "w2": 900})
    assert even is not None
    assert uneven is not None
    assert even.value == pytest.approx(0.75)
    assert uneven.value == pytest.approx(0.55)
    assert uneven.high - uneven.low > even.high - even.low
    assert share_right([], {}) is None


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Weeks of different size and accuracy, sampled alike: the truth lies inside in about 95 of 100 cases."""
    chance = random.Random(11)
    sizes, truth = {"w1": 100, "w2": 300, "w3": 600}, {"w1": 0.6, "w2": 0.8, "w3": 0.9}
    right = sum(sizes[week] * truth[week] for week in sizes) / 1_000
    inside = 0
    for _ in range(1_000):
        sample = [
            Answer(week=week, right="a", guessed="a" if chance.random() < truth[week] else "b")
            for week in sizes
            for _ in range(15)
        ]
        found = share_right(sample, sizes)
        assert found is not None
        inside += found.low <= right <= found.high
    assert inside >= 930


def test_what_is_left_unclear_is_not_right() -> None:
    """An abstention is no right answer, and is counted apart."""
    sample = [Answer(week="w", right="a", guessed="unsure"), Answer(week="w", right="a", guessed="a")]
    found = share_right(sample, {"w": 2})
    assert found is not None
    assert found.value == 0.5
    assert unclear(sample) == 1


def test_themes_have_figures_of_their_own() -> None:
    """Precision, recall and F1 of a theme, weighted, with an interval; none where nobody spoke of it."""
    sample = [
        *answers("w", 8, 2),
        Answer(week="w", right="b", guessed="b"),
        Answer(week="w", right="none", guessed="none"),
    ]
    found = by_theme(sample, {"w": 120}, ("a", "b", "c"), seed=1)
    assert (found["a"].n, found["a"].precision, found["a"].recall) == (10, 1.0, 0.8)
    assert found["a"].f1 is not None
    assert found["a"].f1.value == pytest.approx(16 / 18)
    assert found["a"].f1.low <= found["a"].f1.value <= found["a"].f1.high
    assert found["b"].precision == pytest.approx(1 / 3)
    assert (found["c"].n, found["c"].f1) == (0, None)
    assert found["none"].n == 1
    assert by_theme([], {}, ("a",), seed=1)["a"].f1 is None
