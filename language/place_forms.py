"""All forms of the names of municipalities, regions and counties in one table: made once, looked up by word."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from language.bending import bent_swedish, cases, resident, resident_forms, with_clitics
from language.gazetteer import Former, Gazetteer, Municipality, gazetteer

Kind = Literal["municipality", "region", "county"]
_UUSIMAA = "01"
_COMPOUNDS_FI = ("kaupunki", "kunta", "kaupunginvaltuusto", "kunnanvaltuusto", "seutu", "seudun", "seudulla")
_COMPOUNDS_SV = ("stad", "kommun", "regionen", "stadsfullmäktige")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a form may mean."""

    kind: Kind
    code: str
    """Of today's municipality, of a region, or of a county."""
    case: str
    """Finnish case; ``resident`` for who or what is of the place; ``compound`` for a word that holds the name."""
    lang: str
    """Whose name it is: ``fi``, ``sv`` or ``en``."""
    doubt: frozenset[str]
    """What else it may be."""
    doubt_abroad: frozenset[str] = frozenset()
    """What else it may be in a text that is not Finnish."""
    only_in: str = ""
    """Language of the only texts in which it is meant; empty for any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """The table."""

    readings: Mapping[str, Reading]
    """By casefolded form; the words of a form of several stand apart by one space."""
    heads: frozenset[str]
    """First words of the forms of several words."""
    triggers: frozenset[str]
    """Words without which a text names no place."""


@lru_cache(maxsize=1)
def place_forms() -> Forms:
    """Return the table of forms."""
    return _table(gazetteer())


def _table(places: Gazetteer) -> Forms:
    found: dict[str, Reading] = {}

    def add(form: str, reading: Reading) -> None:
        # What stands first wins: a form that two places share is left to the one that is named so in its own language.
        found.setdefault(" ".join(form.casefold().replace(":", " ").split()), reading)

    _add_regions(places, add)
    for municipality in places.municipalities.values():
        _add_finnish(municipality, municipality.code, municipality.doubt_fi, add)
    for former in places.former.values():
        _add_finnish(former, former.successor, former.doubt_fi, add)
    for municipality in places.municipalities.values():
        _add_swedish(municipality, add)
    _add_counties(places, add)
    heads = frozenset(form.split()[0] for form in found if " " in form)
    # Of several words the last is the rarer one.
    triggers = frozenset(form.replace("-", " ").split()[-1] for form in found)
    return Forms(readings=found, heads=heads, triggers=triggers)


_Add = Callable[[str, Reading], None]


def _add_finnish(place: Municipality | Former, code: str, doubt: frozenset[str], add: _Add) -> None:
    name, genitive = place.name_fi, place.genitive_fi
    head, _, tail = name.partition(" ")
    if tail:  # Koski Tl, Pedersören kunta
        _add_two_words(name, code, add)
        return
    abroad = place.doubt_sv if isinstance(place, Municipality) and place.name_sv == name else doubt
    doubted = {"nominative": doubt} if genitive.endswith("sten") else {}
    for case, forms in cases(name, genitive).items():
        reading = Reading(
            "municipality", code, case, "fi", doubted.get(case, frozenset() if doubted else doubt), abroad
        )
        _add_all(forms, reading, add)
    if genitive.endswith("sten"):  # Kaskisen beside Kaskisten; a person's name bends so too
        for case, forms in cases(name, genitive[:-3] + "en").items():
            _add_all(forms, Reading("municipality", code, case, "fi", doubt | {"name"}, doubt | {"name"}), add)
    people = resident(name, genitive)
    for form in resident_forms(people) if people and "place" not in doubt else ():
        add(form, Reading("municipality", code, "resident", "fi", frozenset()))
    compound = Reading("municipality", code, "compound", "fi", frozenset())
    for tail in _COMPOUNDS_FI:
        add(genitive.replace("|", "") + tail, compound)
    for before in ("visit", "cityof", "my"):
        add(before + head, compound)


def _add_two_words(name: str, code: str, add: _Add) -> None:
    head, tail = name.split()
    if tail == "kunta":
        for case, forms in cases("kunta", "kunnan").items():
            for form in forms:
                add(f"{head} {form}", Reading("municipality", code, case, "fi", frozenset()))
        return
    for case, forms in cases(head, "Kosken").items():
        for form in forms:
            add(f"{form} {tail}", Reading("municipality", code, case, "fi", frozenset()))


def _add_swedish(place: Municipality, add: _Add) -> None:
    only_in = "" if place.swedish else "sv"
    name = place.name_sv
    for case, forms in bent_swedish(name).items():
        reading = Reading("municipality", place.code, case, "sv", place.doubt_sv, place.doubt_sv, only_in)
        for form in forms:
            add(form, reading)
    compound = Reading("municipality", place.code, "compound", "sv", frozenset())
    genitive = name if name.endswith("s") else name + "s"
    for tail in _COMPOUNDS_SV:
        add(name + tail, compound)
        add(genitive + tail, compound)
    for tail in ("bo", "bor", "borna", "bornas") if place.swedish and not place.doubt_sv else ():
        add(name + tail, compound)


def _add_regions(places: Gazetteer, add: _Add) -> None:
    for region in places.regions.values():
        for case, forms in cases(region.name_fi, region.genitive_fi).items():
            _add_all(forms, Reading("region", region.code, case, "fi", region.doubt_fi, region.doubt_fi), add)
            if region.code == _UUSIMAA:
                _add_parts_of_uusimaa(case, forms, add)
        for case, forms in bent_swedish(region.name_sv).items():
            for form in forms:
                add(form, Reading("region", region.code, case, "sv", region.doubt_sv, region.doubt_sv))
        for form in (region.name_en, region.name_en + "n"):
            add(form, Reading("region", region.code, "nominative", "en", frozenset()))
        for word in region.people:
            finnish = word.endswith("inen")
            of_it = Reading("region", region.code, "resident", "fi" if finnish else "sv", frozenset())
            for form in resident_forms(word) if finnish else (word,):
                add(form, of_it)
        compound = Reading("region", region.code, "compound", "fi", frozenset())
        add(region.genitive_fi.replace("|", "") + "liitto", compound)


def _add_parts_of_uusimaa(case: str, forms: Iterable[str], add: _Add) -> None:
    # Newspapers bear these names too: Itä-Uusimaa, Keski-Uusimaa, Länsi-Uusimaa.
    doubt = frozenset({"company"}) if case == "nominative" else frozenset[str]()
    for part in ("itä", "länsi", "keski"):
        for form in forms:
            add(f"{part}-{form}", Reading("region", _UUSIMAA, case, "fi", doubt, doubt))


def _add_counties(places: Gazetteer, add: _Add) -> None:
    for county in places.counties.values():
        *before, _ = county.name_fi.split()
        stem = " ".join(before)
        for case, forms in cases("hyvinvointialue", "hyvinvointialueen").items():
            for form in _with_all_clitics(forms):
                add(f"{stem} {form}", Reading("county", county.code, case, "fi", frozenset()))
        *before, _ = county.name_sv.split()
        stem = " ".join(before)
        for ending in ("", "s", "t", "ts", "n"):
            add(f"{stem} välfärdsområde{ending}", Reading("county", county.code, "compound", "sv", frozenset()))
        if county.brand and county.brand_genitive:
            head, _, tail = county.brand.partition(" ")
            bends = cases(tail or head, county.brand_genitive.split()[-1])
            for case, forms in bends.items():
                for form in forms:
                    written = f"{head} {form}" if tail else form
                    add(written, Reading("county", county.code, case, "fi", frozenset({"word"}), frozenset({"word"})))


def _add_all(forms: Iterable[str], reading: Reading, add: _Add) -> None:
    for form in _with_all_clitics(forms):
        add(form, reading)


def _with_all_clitics(forms: Iterable[str]) -> list[str]:
    return [one for form in forms for one in with_clitics(form)]
