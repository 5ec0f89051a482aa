"""Agreement between people, against published examples, a peer, and what must hold of any coefficient."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from classifier.agreement import Judgement, agreement, alpha, kappa

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


def judgements(**said: str) -> list[Judgement]:
    """Return what people said of the posts 0, 1, 2…, a letter a post; ``.`` nothing, ``u`` unsure."""
    return [
        Judgement(post=str(post), by=by, at=NOW, theme=theme)
        for by, themes in said.items()
        for post, theme in enumerate(themes)
        if theme != "."
    ]


def test_alpha_is_that_of_the_published_example() -> None:
    """Four observers, eleven units and gaps: 0.743, as in *Computing Krippendorff's Alpha-Reliability* (2011)."""
    observers = {"a": "123321412...", "b": "1233224125.3", "c": ".3332342251.", "d": "12332441251."}
    found = agreement(judgements(**observers), unsure="u", seed=1)
    assert found.alpha.value == pytest.approx(0.743, abs=0.001)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2, max_size=40))
def test_kappa_is_that_of_scikit_learn(units: list[tuple[str, str]]) -> None:
    """Cohen's kappa equals the peer's wherever that is defined."""
    first, second = zip(*units, strict=True)
    ours = kappa(units)
    if len({*first, *second}) > 1:
        assert ours == pytest.approx(cohen_kappa_score(first, second))
    else:
        assert ours != ours  # noqa: PLR0124 - NaN


@given(st.lists(st.lists(st.sampled_from("abc"), min_size=2, max_size=4), min_size=1, max_size=30), st.randoms())
def test_alpha_does_not_depend_on_the_order(units: list[list[str]], chance: Random) -> None:
    """Neither the order of the posts nor that of the people changes alpha, and it is at most 1."""
    shuffled = [tuple(chance.sample(unit, len(unit))) for unit in chance.sample(units, len(units))]
    before = alpha([tuple(unit) for unit in units])
    if before == before:  # noqa: PLR0124 - not NaN
        assert alpha(shuffled) == pytest.approx(before)
        assert before <= 1
        assert (before == pytest.approx(1)) == all(len(set(unit)) == 1 for unit in units)


@pytest.mark.everything
def test_agreement_of_chance_is_near_nought() -> None:
    """People who guess agree no better than chance, and the interval says so."""
    chance = Random(1)
    said = {by: "".join(chance.choice("abcd") for _ in range(200)) for by in ("one", "two", "three")}
    found = agreement(judgements(**said), unsure="u", seed=1)
    assert found.alpha.low is not None
    assert found.alpha.high is not None
    assert found.alpha.low < 0 < found.alpha.high


def test_last_word_of_a_person_counts_and_doubt_is_left_out() -> None:
    """A label that a person has changed is no disagreement with themselves; who cannot tell has not judged."""
    early = Judgement(post="0", by="one", at=NOW - timedelta(days=1), theme="b")
    found = agreement([*judgements(one="ab", two="au"), early], unsure="u", seed=1)
    assert (found.alpha.posts, found.disagreements, found.unsure) == (1, {}, 1)


def test_disagreements_are_listed_with_what_each_said() -> None:
    """Whoever wants to talk about it sees the post and the people's words."""
    found = agreement(judgements(one="aab", two="abb", three="..a"), unsure="u", seed=1)
    assert found.disagreements == {"1": {"one": "a", "two": "b"}, "2": {"one": "b", "three": "a", "two": "b"}}
    assert [pair.people for pair in found.pairs] == [("one", "three"), ("one", "two"), ("three", "two")]


@pytest.mark.parametrize("said", [{}, {"one": "ab"}, {"one": "aaa", "two": "aaa"}])
def test_undefined_coefficient_is_none(said: dict[str, str]) -> None:
    """Without posts in common, or with one answer only, there is no coefficient, and no number is made up."""
    found = agreement(judgements(**said), unsure="u", seed=1)
    assert found.alpha.value is None
