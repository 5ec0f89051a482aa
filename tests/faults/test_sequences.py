"""The order in which pages come does not matter. ``make soak`` tries 10,000 sequences; these are the first of them."""

from corpus.store import Corpus
from tests.faults.sequences import check_order


def test_final_state_does_not_depend_on_the_order_of_pages() -> None:
    """Pages that overlap, repeat, come late or from two sources leave the same posts and earlier versions."""
    with Corpus.open("sqlite://") as corpus:
        for seed in range(60):
            check_order(seed, corpus)
        assert corpus.verify() == []
