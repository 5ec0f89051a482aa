"""Small charts: pictures without text on transparent ground, and the same in block characters."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import escape
from io import BytesIO

PAST, NOW, LEVEL = "#7C8894", "#2F7FC1", "#B4690E"
"""Bars of earlier weeks and of this one, and the usual level: at least 3.2 : 1 on light and on dark ground."""
_BLOCKS = "▁▂▃▄▅▆▇█"
_GAP = "·"
SPARK = (160, 48)
"""Pixels; shown at half of it, so that it is sharp on dense screens."""
WIDE = (1072, 224)


def spark_text(series: Sequence[int | None]) -> str:
    """Return a series in block characters, scaled from zero to its highest; a dot where nothing was collected."""
    top = max((value for value in series if value), default=1)
    return "".join(_GAP if value is None else _BLOCKS[max(0, round(value / top * 8) - 1)] for value in series)


def with_pictures(html: str, charts: Mapping[str, bytes]) -> str:
    """Return a mail's HTML with its pictures inside instead of attached."""
    for cid, png in charts.items():
        html = html.replace(f"cid:{escape(cid)}", f"data:image/png;base64,{b64encode(png).decode()}")
    return html


@lru_cache(maxsize=256)
def sparkline(series: tuple[int | None, ...]) -> bytes:
    """Return a series as a small PNG, this week's bar in its own colour; an empty place where nothing was collected."""
    return _bars(series, SPARK, gap=4, level=None)


@lru_cache(maxsize=64)
def wide_bars(series: tuple[int | None, ...], level: float) -> bytes:
    """Return a series as a wide PNG with a dashed line at the usual level."""
    return _bars(series, WIDE, gap=72, level=level)


def _bars(series: tuple[int | None, ...], size: tuple[int, int], *, gap: int, level: float | None) -> bytes:
    from PIL import Image, ImageDraw

    width, height = size
    image = Image.new("P", size, 0)
    image.putpalette([component for colour in ("#FFFFFF", PAST, NOW, LEVEL) for component in bytes.fromhex(colour[1:])])
    draw = ImageDraw.Draw(image)
    top = max([value for value in series if value] + [level or 0, 1])
    step = width / max(1, len(series))
    for place, value in enumerate(series):
        if value is None:
            continue
        left = round(place * step + gap / 2)
        right = round((place + 1) * step - gap / 2) - 1
        # Nothing said is a thin line on the ground; nothing collected is an empty place.
        rise = max(2, round(value / top * (height - 2)))
        draw.rectangle((left, height - rise, max(left, right), height - 1), fill=2 if place == len(series) - 1 else 1)
    if level is not None:
        y = height - max(2, round(level / top * (height - 2)))
        for left in range(0, width, 16):
            draw.rectangle((left, y - 1, left + 9, y + 1), fill=3)
    file = BytesIO()
    image.save(file, "PNG", transparency=0, optimize=True)
    return file.getvalue()
