"""Texts by theme and area, with what is needed to read small numbers rightly. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import Literal

from language.gazetteer import BORDERS, RESIDENTS_ON, Gazetteer, Municipality, gazetteer

AreaKind = Literal["municipality", "region", "county"]
FEWEST = 5
"""Texts below which a rate says more about chance than about the area."""
_HELSINKI = "091"
_ALAND = "21"
_Z = 1.96
"""Of a 95 % interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """That a post speaks of a place."""

    kind: AreaKind
    code: str
    basis: str
    """``text`` or ``organisation``."""
    text: str
    """What copies and reposts of one text share."""
    theme: str
    """A theme's slug, ``none``, ``unsure`` or ``unclassified``."""
    at: tuple[int, str]
    """Time of creation, and what decides between equal ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """One municipality, region or county and the texts that speak of it."""

    code: str
    name_fi: str
    name_sv: str
    residents: int
    """On the table's ``residents_on``."""
    texts: int
    by_theme: Mapping[str, int]
    """By slug, ``none``, ``unsure`` or ``unclassified``."""
    from_text: int
    """Texts that name it, or a place in it."""
    from_organisation: int
    """Texts that a listed organisation at home there made."""

    @property
    def per_10000(self) -> float | None:
        """Texts per 10,000 residents; None for fewer texts than ``FEWEST``."""
        return None if self.texts < FEWEST else self.texts / self.residents * 10_000

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the rate, were texts made at random (Byar's approximation to Poisson's limits)."""
        n = self.texts
        low = n * (1 - 1 / (9 * n) - _Z / (3 * sqrt(n))) ** 3 if n else 0.0
        high = (n + 1) * (1 - 1 / (9 * (n + 1)) + _Z / (3 * sqrt(n + 1))) ** 3
        return low / self.residents * 10_000, high / self.residents * 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceTable:
    """Areas of one kind."""

    by: AreaKind
    residents_on: date
    borders: int
    """Year of the borders."""
    areas: tuple[Area, ...]
    """Those that any text speaks of, in the alphabet's order of Finnish and Swedish."""
    texts: int
    """That speak of any area of the kind, each once."""


def tabulate(by: AreaKind, spoken: Iterable[Spoken]) -> PlaceTable:
    """Return the table of what was spoken of, oldest first.

    In the table of regions a text counts for a region that it names, and for that of each municipality that it names.
    In that of counties likewise; Helsinki and Åland, which belong to none, stand beside them by their own codes.
    """
    places = gazetteer()
    names, residents = _names(by, places), _residents(by, places)
    found: dict[str, dict[str, tuple[str, set[str]]]] = {}
    for one in spoken:
        area = _area_of(one, by, places)
        if area is not None and area in names:
            found.setdefault(area, {}).setdefault(one.text, (one.theme, set()))[1].add(one.basis)
    areas = [
        Area(
            code=code,
            name_fi=names[code][0],
            name_sv=names[code][1],
            residents=residents[code],
            texts=len(texts),
            by_theme=_counted(theme for theme, _ in texts.values()),
            from_text=sum("text" in bases for _, bases in texts.values()),
            from_organisation=sum("organisation" in bases for _, bases in texts.values()),
        )
        for code, texts in found.items()
    ]
    return PlaceTable(
        by=by,
        residents_on=RESIDENTS_ON,
        borders=BORDERS,
        areas=tuple(sorted(areas, key=lambda area: (alphabetical(area.name_fi), area.code))),
        texts=len({text for texts in found.values() for text in texts}),
    )


def alphabetical(name: str) -> str:
    """Return a key that sorts as Finnish and Swedish do: å, ä and ö last, in this order."""
    return name.casefold().translate({ord("å"): "{", ord("ä"): "|", ord("ö"): "}"})


def _area_of(one: Spoken, by: AreaKind, places: Gazetteer) -> str | None:
    """Return the code of the area that a row counts for; None where it says nothing of such an area."""
    if one.kind == by:
        return one.code
    # An archive may bring a code that has ended since.
    municipality = places.municipalities.get(places.today(one.code) or "") if one.kind == "municipality" else None
    if municipality is None:
        return _ALAND if (by, one.kind, one.code) == ("county", "region", _ALAND) else None
    return _area_with(municipality, by)


def _area_with(municipality: Municipality, by: AreaKind) -> str:
    if by == "municipality":
        return municipality.code
    if by == "region" or municipality.region == _ALAND:
        return municipality.region
    return municipality.county or municipality.code


def _names(by: AreaKind, places: Gazetteer) -> Mapping[str, tuple[str, str]]:
    if by == "municipality":
        return {code: (one.name_fi, one.name_sv) for code, one in places.municipalities.items()}
    if by == "region":
        return {code: (one.name_fi, one.name_sv) for code, one in places.regions.items()}
    helsinki, aland = places.municipalities[_HELSINKI], places.regions[_ALAND]
    return {code: (one.name_fi, one.name_sv) for code, one in places.counties.items()} | {
        _HELSINKI: (helsinki.name_fi, helsinki.name_sv),
        _ALAND: (aland.name_fi, aland.name_sv),
    }


def _residents(by: AreaKind, places: Gazetteer) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for one in places.municipalities.values():
        area = _area_with(one, by)
        found[area] = found.get(area, 0) + one.residents
    return found


def _counted(themes: Iterable[str]) -> Mapping[str, int]:
    counts: dict[str, int] = {}
    for theme in themes:
        counts[theme] = counts.get(theme, 0) + 1
    return counts
