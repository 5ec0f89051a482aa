"""What a reader looks for among the discussions: the form's fields, read and checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from console.address import midnight, read_day
from console.paper import Face
from corpus.search_query import Filters
from language.gazetteer import gazetteer
from programme.networks import NETWORKS

FIELDS = ("q", "theme", "network", "source", "language", "place", "from", "to")
LONGEST = 600
"""Characters of a field that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One line of a list to choose from."""

    value: str
    name: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a reader looks for."""

    fields: Mapping[str, str]
    """As written, to be written again."""
    filters: Filters
    faults: Mapping[str, str]
    """Field to what is wrong with it, in words."""
    choices: Mapping[str, tuple[Choice, ...]]

    @property
    def is_anything(self) -> bool:
        """Whether any field was filled in."""
        return any(self.fields.values())


def asked(face: Face) -> Asked:
    """Return what the address asks for; a field that means nothing is told and left out of the search."""
    query = face.request.query_params
    fields = {name: query.get(name, "").strip()[:LONGEST] for name in FIELDS}
    faults: dict[str, str] = {}
    zone = face.house.configuration.programme.zone

    def day(name: str) -> datetime | None:
        if not fields[name]:
            return None
        found = read_day(fields[name])
        if found is None:
            faults[name] = face.t("search.fault.day")
            return None
        return midnight(found + timedelta(days=1 if name == "to" else 0), zone)

    code = _municipalities().get(fields["place"].casefold())
    if fields["place"] and code is None:
        faults["place"] = face.t("search.fault.place")
    offered = _offered(face)
    chosen = {name: fields[name] if fields[name] in offered[name] else None for name in offered}
    return Asked(
        fields=fields,
        filters=Filters(
            theme=chosen["theme"],
            network=chosen["network"],
            source=chosen["source"],
            language=chosen["language"],
            municipality=code,
            since=day("from"),
            until=day("to"),
        ),
        faults=faults,
        choices={
            name: tuple(Choice(value=value, name=said, is_chosen=value == chosen[name]) for value, said in some.items())
            for name, some in offered.items()
        },
    )


def _offered(face: Face) -> dict[str, dict[str, str]]:
    """Return what can be chosen of each field, value to name."""
    configuration = face.house.configuration
    used = {source.network for source in configuration.sources} or set(NETWORKS)
    return {
        "theme": {shelf.slug: f"{shelf.mark} {shelf.name}" for shelf in face.themes},
        "network": {network: face.speak.network(network) for network in NETWORKS if network in used},
        "source": {source.name: face.source(source.name) for source in configuration.sources}
        | {"import": face.speak.network("import")},
        "language": {code: face.speak.language_name(code) for code in configuration.programme.languages},
    }


def place_names(face: Face) -> list[str]:
    """Return the municipalities' names as the reader's language writes them."""
    swedish = face.language.partition("-")[0] == "sv"
    return sorted({one.name_sv if swedish else one.name_fi for one in gazetteer().municipalities.values()})


def place_name(face: Face, code: str) -> str:
    """Return what a municipality is called; its code where nobody knows it."""
    one = gazetteer().municipalities.get(code)
    if one is None:
        return code
    return one.name_sv if face.language.partition("-")[0] == "sv" else one.name_fi


@lru_cache(maxsize=1)
def _municipalities() -> dict[str, str]:
    """Return codes of municipalities by their names in both languages, casefolded, and by themselves."""
    found: dict[str, str] = {}
    for code, one in gazetteer().municipalities.items():
        found |= {code: code, one.name_sv.casefold(): code, one.name_fi.casefold(): code}
    return found
