"""Draws the outlines of municipalities, regions and counties for the console's map; run by hand.

    python -m console.draw_borders kuntarajat.json

The source is named in ``console/borders.SOURCE.md``. Borders between municipalities of one area cancel each other out,
since neighbours share their points exactly; what is left is the area's outline.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import cos, radians
from pathlib import Path

from language.gazetteer import gazetteer

HEIGHT = 520
"""Of the drawing; its width follows."""
_MIDDLE = 26.0
"""Degrees east, which stand upright: a sinusoidal projection."""
_ALAND = "21"
_SMALLEST = 3
"""Points of a ring; fewer enclose nothing at this scale."""

Point = tuple[float, float]
Ring = Sequence[Point]


def main() -> None:
    """Write ``console/borders.json``."""
    features = json.loads(Path(sys.argv[1]).read_text("utf-8"))["features"]
    rings = {feature["properties"]["NATCODE"]: _rings(feature["geometry"]) for feature in features}
    points = [_projected(point) for some in rings.values() for ring in some for point in ring]
    left, top = min(x for x, _ in points), min(y for _, y in points)
    scale = HEIGHT / (max(y for _, y in points) - top)
    places = gazetteer().municipalities
    kinds: dict[str, dict[str, list[str]]] = {"municipality": {}, "region": {}, "county": {}}
    for code in rings:
        one = places[code]
        kinds["municipality"][code] = [code]
        kinds["region"].setdefault(one.region, []).append(code)
        county = _ALAND if one.region == _ALAND else one.county or code
        kinds["county"].setdefault(county, []).append(code)

    def drawn(codes: Iterable[str]) -> str:
        outlines = _outlines([ring for code in codes for ring in rings[code]])
        return "".join(filter(None, (_path(ring, left, top, scale) for ring in outlines)))

    width = round((max(x for x, _ in points) - left) * scale)
    value = {
        "width": width,
        "height": HEIGHT,
        "areas": {kind: {code: drawn(some) for code, some in sorted(areas.items())} for kind, areas in kinds.items()},
    }
    target = Path(__file__).with_name("borders.json")
    target.write_text(json.dumps(value, separators=(",", ":")) + "\n", "utf-8")


def _rings(geometry: Mapping[str, object]) -> list[Ring]:
    coordinates: object = geometry["coordinates"]
    polygons = [coordinates] if geometry["type"] == "Polygon" else coordinates
    return [
        [(float(x), float(y)) for x, y, *_ in ring]
        for polygon in polygons  # type: ignore[attr-defined] # GeoJSON
        for ring in polygon
    ]


def _outlines(rings: Iterable[Ring]) -> list[Ring]:
    """Return the rings around what several rings fill: an edge that two share lies inside."""
    edges: dict[tuple[Point, Point], int] = defaultdict(int)
    for ring in rings:
        for start, end in zip(ring, [*ring[1:], ring[0]], strict=True):
            if start != end:
                edges[start, end] += 1
    outer: dict[Point, list[Point]] = defaultdict(list)
    for start, end in edges:
        if (end, start) not in edges:
            outer[start].append(end)
    found: list[Ring] = []
    while outer:
        start, ends = next(iter(outer.items()))
        ring, point = [start], ends.pop()
        _tidy(outer, start)
        while point != start and point in outer:
            ring.append(point)
            following = outer[point].pop()
            _tidy(outer, point)
            point = following
        found.append(ring)
    return found


def _tidy(outer: dict[Point, list[Point]], point: Point) -> None:
    if not outer[point]:
        del outer[point]


def _projected(point: Point) -> Point:
    east, north = point
    return (east - _MIDDLE) * cos(radians(north)), -north


def _path(ring: Ring, left: float, top: float, scale: float) -> str:
    """Return a ring in whole units, each step told from the one before; nothing where it is too small to see."""
    placed: list[tuple[int, int]] = []
    for x, y in map(_projected, ring):
        point = round((x - left) * scale), round((y - top) * scale)
        if not placed or placed[-1] != point:
            placed.append(point)
    if len(set(placed)) < _SMALLEST:
        return ""
    steps = [f"{x - a} {y - b}" for (a, b), (x, y) in pairwise(placed)]
    return f"M{placed[0][0]} {placed[0][1]}l{'l'.join(steps)}z".replace(" -", "-")


if __name__ == "__main__":
    main()
