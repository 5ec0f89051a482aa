"""Finland's municipalities, regions and wellbeing services counties: read once, when first asked for.

Year, sources and licences: ``language/municipalities/SOURCES.md``.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files

RESIDENTS_ON = date(2020, 12, 31)
"""The day of which the numbers of residents are."""
BORDERS = 2024
"""The year of the borders, and of what belongs to which region and county."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Municipality:
    """A municipality of today."""

    code: str
    """Three digits, as Statistics Finland gives them."""
    name_fi: str
    genitive_fi: str
    """With a bar where the name's first part bends too."""
    name_sv: str
    region: str
    county: str | None
    """None for Helsinki, which needs none, and for Åland."""
    residents: int
    """On ``RESIDENTS_ON``, within the borders of 2021."""
    swedish: bool
    """Bilingual or Swedish-speaking: Finnish texts may use its Swedish name."""
    doubt_fi: frozenset[str]
    """What else the Finnish name may be.

    ``lower``: a word, which is no likely beginning of a sentence; ``word``: a common word; ``name``: of persons;
    ``company``; ``place``: other places are called so too.
    """
    doubt_sv: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """A municipality that was joined to another."""

    code: str
    name_fi: str
    genitive_fi: str
    name_sv: str
    merged_on: date
    successor: str
    """Code of the municipality that it belongs to."""
    doubt_fi: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A region (maakunta, landskap)."""

    code: str
    """Two digits."""
    name_fi: str
    genitive_fi: str
    name_sv: str
    name_en: str
    people: tuple[str, ...]
    """Words for who or what is of the region, in lower case; Finnish ones in the nominative."""
    doubt_fi: frozenset[str]
    doubt_sv: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class County:
    """A wellbeing services county (hyvinvointialue, välfärdsområde)."""

    code: str
    """Two letters."""
    name_fi: str
    name_sv: str
    brand: str | None
    """What it calls itself, where that is no ordinary word."""
    brand_genitive: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gazetteer:
    """All of them, by code."""

    municipalities: Mapping[str, Municipality]
    former: Mapping[str, Former]
    regions: Mapping[str, Region]
    counties: Mapping[str, County]

    def today(self, code: str) -> str | None:
        """Return the code of the municipality that a municipality's area belongs to now; None for an unknown code."""
        if code in self.former:
            return self.former[code].successor
        return code if code in self.municipalities else None


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    """Return the municipalities, regions and counties that come with the program."""
    return Gazetteer(
        municipalities={
            row["code"]: Municipality(
                code=row["code"],
                name_fi=row["name_fi"],
                genitive_fi=row["genitive_fi"],
                name_sv=row["name_sv"],
                region=row["region"],
                county=row["county"] or None,
                residents=int(row["residents_2020"]),
                swedish=row["swedish"] == "yes",
                doubt_fi=frozenset(row["doubt_fi"].split()),
                doubt_sv=frozenset(row["doubt_sv"].split()),
            )
            for row in _rows("municipalities.csv")
        },
        former={
            row["code"]: Former(
                code=row["code"],
                name_fi=row["name_fi"],
                genitive_fi=row["genitive_fi"],
                name_sv=row["name_sv"],
                merged_on=date.fromisoformat(row["merged_on"]),
                successor=row["successor"],
                doubt_fi=frozenset(row["doubt_fi"].split()),
            )
            for row in _rows("mergers.csv")
        },
        regions={
            row["code"]: Region(
                code=row["code"],
                name_fi=row["name_fi"],
                genitive_fi=row["genitive_fi"],
                name_sv=row["name_sv"],
                name_en=row["name_en"],
                people=tuple(row["people"].split()),
                doubt_fi=frozenset(row["doubt_fi"].split()),
                doubt_sv=frozenset(row["doubt_sv"].split()),
            )
            for row in _rows("regions.csv")
        },
        counties={
            row["code"]: County(
                code=row["code"],
                name_fi=row["name_fi"],
                name_sv=row["name_sv"],
                brand=row["brand"] or None,
                brand_genitive=row["brand_genitive"] or None,
            )
            for row in _rows("counties.csv")
        },
    )


@lru_cache(maxsize=1)
def first_names() -> frozenset[str]:
    """Return common first names and titles, casefolded: what follows one of them is a person's name."""
    return frozenset((files("language") / "municipalities" / "first_names.txt").read_text("utf-8").casefold().split())


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = (files("language") / "municipalities" / name).read_text("utf-8")
    return iter(csv.DictReader(text.splitlines()))
