"""Names of editions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programme.edition import Edition
from programme.errors import MisuseError
from programme.week import Week

EDITIONS = st.builds(
    Edition,
    week=st.builds(Week, year=st.integers(1990, 2100), number=st.integers(1, 52)),
    correction=st.integers(0, 999),
)


@given(EDITIONS)
def test_name_is_read_back(edition: Edition) -> None:
    """Every edition is the one that its name names."""
    assert Edition.named(str(edition)) == edition


@given(EDITIONS)
def test_corrections_follow_their_original(edition: Edition) -> None:
    """Each correction comes after what it corrects, and before the next week's digest."""
    assert edition.original <= edition < edition.following < Edition(week=edition.week.plus(1))


@pytest.mark.parametrize(
    "name", ["2026-W47.", "2026-W47.0", "2026-W47.01", "2026-W47.x", "2026-W47.1.1", "W47", "2026-W47.²"]
)
def test_other_names_are_refused(name: str) -> None:
    """No two names mean one edition."""
    with pytest.raises(MisuseError, match="There is no"):
        Edition.named(name)
