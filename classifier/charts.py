"""Two charts of a model card as SVG that stands in the page: no script, no font, no file of its own; pure."""

from collections.abc import Sequence
from html import escape

_SIDE, _EDGE = 260, 36
_LINE, _POINT, _FRAME = "#B4690E", "#2F7FC1", "#7C8894"
"""At least 3 : 1 on white; the same as in the digest."""
Point = tuple[float, float]
"""Both from 0 to 1."""


def calibration(points: Sequence[Point], *, across: str, up: str, title: str, point: str = ".") -> str:
    """Return how often answers were right by how sure they were; on the dashed line the two are equal."""
    diagonal = f'<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}" stroke="{_LINE}" stroke-dasharray="4 4"/>'
    return _chart(diagonal, points, across=across, up=up, title=title, point=point)


def coverage(points: Sequence[Point], *, across: str, up: str, title: str, point: str = ".") -> str:
    """Return how often the surest answers were right, by their share of all."""
    return _chart("", points, across=across, up=up, title=title, point=point)


def _chart(under: str, points: Sequence[Point], *, across: str, up: str, title: str, point: str) -> str:
    path = " ".join(f"{_x(x)},{_y(y)}" for x, y in points)
    dots = "".join(f'<circle cx="{_x(x)}" cy="{_y(y)}" r="3.5" fill="{_POINT}"/>' for x, y in points)
    marks = "".join(
        f'<text x="{_x(at)}" y="{_y(0) + 14}" text-anchor="middle">{_mark(at, point)}</text>'
        f'<text x="{_x(0) - 5}" y="{_y(at) + 4}" text-anchor="end">{_mark(at, point)}</text>'
        for at in (0.0, 0.5, 1.0)
    )
    middle = _x(0.5)
    return (
        f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 {_SIDE} {_SIDE}" width="{_SIDE}" height="{_SIDE}"'
        f' font-size="11" font-family="system-ui,sans-serif" fill="#1a1a1a"><title>{escape(title)}</title>'
        f'<rect x="{_x(0)}" y="{_y(1)}" width="{_x(1) - _x(0):.1f}" height="{_y(0) - _y(1):.1f}" fill="none"'
        f' stroke="{_FRAME}"/>{under}<polyline points="{path}" fill="none" stroke="{_POINT}" stroke-width="2"/>'
        f"{dots}{marks}"
        f'<text x="{middle}" y="{_SIDE - 4}" text-anchor="middle">{escape(across)}</text>'
        f'<text x="{_x(0)}" y="{_y(1) - 8}">{escape(up)}</text></svg>'
    )


def _mark(at: float, point: str) -> str:
    return f"{at:g}".replace(".", point)


def _x(share: float) -> float:
    return round(_EDGE + share * (_SIDE - _EDGE - 10), 1)


def _y(share: float) -> float:
    return round(_SIDE - _EDGE - share * (_SIDE - _EDGE - 24), 1)
