"""The order in which pages come does not matter. ``make soak`` tries 10,000 sequences; these are the first of them."""

import pytest

from corpus.store import Corpus
from tests.faults.sequences import check_order


@pytest.mark.everything
@pytest.mark.fault("F9", how="three orders of the pages of sixty seeds")
def test_final_state_does_not_depend_on_the_order_of_pages() -> None:
    """Pages that overlap, repeat, come late or from two sources leave the same posts and earlier versions."""
    with Corpus.open("sqlite://") as corpus:
        for seed in range(60):
            check_order(seed, corpus)
        assert corpus.verify() == []


@pytest.mark.control("F9")
def test_state_of_whoever_came_last_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that does not ask which sighting is the later does not pass."""
    monkeypatch.setattr("corpus.changes._rank", lambda _: 0)
    with pytest.raises(AssertionError, match="leaves another state"):
        test_final_state_does_not_depend_on_the_order_of_pages()
