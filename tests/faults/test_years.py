"""Years of weekly drafts. ``make soak`` lets ten years pass in every time zone; these are the odd zones."""

import pytest

from corpus.store import Corpus
from tests.faults.years import check_years

ODD = (
    "Europe/Helsinki",
    "America/St_Johns",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
)


@pytest.mark.everything
@pytest.mark.parametrize("zone", ODD)
def test_each_week_is_drafted_once(zone: str) -> None:
    """Four schedulers that look at odd times draft each week once, at its local hour, summer and winter."""
    with Corpus.open("sqlite://") as corpus:
        check_years(zone, 1, corpus, years=2)
