"""Charts as shapes: what is drawn stands for its numbers, and chance is no change."""

from hypothesis import given
from hypothesis import strategies as st

from console.charts import bars, change, nice_top, tones
from console.map import outlines
from language.gazetteer import gazetteer

SERIES = st.lists(st.none() | st.integers(0, 10_000), max_size=60)


@given(SERIES)
def test_bars_stand_within_their_ground(series: list[int | None]) -> None:
    """Each number has its bar, within the drawing; more is never drawn lower; a gap is an outline."""
    drawn = bars(series, width=240, height=44, usual=1.0)
    assert len(drawn.bars) == len(series)
    for number, bar in zip(series, drawn.bars, strict=True):
        assert 0 <= bar.x <= bar.x + bar.width <= 240.2
        assert 0 <= bar.y <= bar.y + bar.height <= 44.2
        assert (bar.tone == "gap") == (number is None)
    heights = sorted((n, bar.height) for n, bar in zip(series, drawn.bars, strict=True) if n is not None)
    assert [height for _, height in heights] == sorted(height for _, height in heights)


@given(st.integers(0, 10**9))
def test_upper_edge_is_round_and_high_enough(highest: int) -> None:
    """The edge is 1, 2 or 5 with noughts, at or above the number, and less than two and a half times it."""
    top = nice_top(highest)
    assert top >= highest
    assert str(top).rstrip("0") in {"1", "2", "5"}
    assert highest == 0 or top <= 2.5 * highest


@given(st.dictionaries(st.text(max_size=3), st.none() | st.floats(0, 100), max_size=30))
def test_tones_rise_with_rates(rates: dict[str, float | None]) -> None:
    """No rate, no tone; a higher rate never has a paler one; a bound belongs to the tone above it."""
    tone, bounds = tones(rates)
    assert all((tone[code] == 0) == (rate is None) for code, rate in rates.items())
    known = sorted((rate, tone[code]) for code, rate in rates.items() if rate is not None)
    assert [one for _, one in known] == sorted(one for _, one in known)
    assert list(bounds) == sorted(set(bounds))
    assert all(1 <= one <= len(bounds) + 1 for _, one in known)


def test_change_is_told_with_what_chance_allows() -> None:
    """Twice as many of few may be chance, of many not; nothing against something has no ratio."""
    few = change(4, 8, weeks_before=1, weeks_after=1)
    many = change(400, 800, weeks_before=1, weeks_after=1)
    assert few is not None
    assert many is not None
    assert few[1] < 1 < few[0] == many[0] == 2
    assert many[1] > 1
    assert change(0, 5, weeks_before=1, weeks_after=1) is None
    longer = change(10, 10, weeks_before=10, weeks_after=5)
    assert longer is not None
    assert longer[0] == 2


def test_map_has_every_area() -> None:
    """Each municipality, region and county of today has an outline; Helsinki and Åland stand beside the counties."""
    places = gazetteer()
    assert set(outlines("municipality").paths) == set(places.municipalities)
    assert set(outlines("region").paths) == set(places.regions)
    assert set(outlines("county").paths) == {*places.counties, "091", "21"}
    for kind in ("municipality", "region", "county"):
        assert all(path.startswith("M") and path.endswith("z") for path in outlines(kind).paths.values())
