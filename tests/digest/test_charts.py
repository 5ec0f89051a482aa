"""Small charts: in block characters and as pictures."""

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from digest.charts import SPARK, WIDE, spark_text, sparkline, wide_bars

SERIES = st.lists(st.none() | st.integers(0, 5000), max_size=12).map(tuple)


@pytest.mark.parametrize(
    ("series", "drawn"),
    [
        pytest.param((16, 18, 13, 17, 11, 16, 14, 9), "▇█▆█▅▇▆▄", id="a theme"),
        pytest.param((0, None, 4), "▁·█", id="nothing said, nothing collected"),
        pytest.param((0, 0), "▁▁", id="silence"),
        pytest.param((), "", id="empty"),
    ],
)
def test_a_series_is_drawn_in_blocks(series: tuple[int | None, ...], drawn: str) -> None:
    """Each row has its own scale from zero; a week without collection is a dot, not a zero."""
    assert spark_text(series) == drawn


@settings(max_examples=40, deadline=None)
@given(series=SERIES)
def test_any_series_becomes_a_small_picture(series: tuple[int | None, ...]) -> None:
    """Any series is a transparent PNG of the size that the page says."""
    for png, size in ((sparkline(series), SPARK), (wide_bars(series, 2.5), WIDE)):
        with Image.open(BytesIO(png)) as image:
            assert image.size == size
            assert "transparency" in image.info
        assert len(png) < 4000


def test_a_week_without_collection_is_an_empty_place() -> None:
    """Nothing is drawn where nothing was collected, and a line where nothing was said."""

    def painted(series: tuple[int | None, ...]) -> bool:
        with Image.open(BytesIO(sparkline(series))) as image:
            return any(image.crop((0, 0, 40, 48)).getdata())

    assert not painted((None, 1, 1, 1))
    assert painted((0, 1, 1, 1))
