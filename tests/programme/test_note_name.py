"""Names of trend notes: read back as they were written, and never a digest's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programme.edition import Edition
from programme.errors import MisuseError
from programme.note_name import NoteName, is_note
from programme.week import Week

WEEKS = st.builds(Week, year=st.integers(1990, 8999), number=st.integers(1, 52))


@given(WEEKS, WEEKS, st.none() | st.from_regex(r"[a-z][a-z0-9]*(-[a-z0-9]+){0,3}", fullmatch=True))
def test_name_is_read_as_it_was_written(first: Week, last: Week, theme: str | None) -> None:
    """A name gives back its weeks and its theme."""
    name = NoteName(first=first, last=last, theme=theme)
    assert NoteName.named(str(name)) == name
    assert is_note(str(name))
    with pytest.raises(MisuseError):
        Edition.named(str(name))


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("2026-W47", id="a digest's"),
        pytest.param("trend-note-2026-W47", id="one week"),
        pytest.param("trend-note-2026-W40--2026-W54", id="no such week"),
        pytest.param("trend-note-2026-W40--2026-W44--", id="an empty theme"),
        pytest.param("trend-note-", id="nothing behind"),
    ],
)
def test_what_is_no_name_is_refused(name: str) -> None:
    """Whatever is no trend note's name is told to be none."""
    with pytest.raises(MisuseError):
        NoteName.named(name)
