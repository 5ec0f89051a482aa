"""Which places posts speak of, read step by step; and the table of themes by area."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corpus.place_table import AreaKind, PlaceTable
    from runtime.wiring import Program


def read_places(program: "Program", progress: Callable[[int, int], None]) -> int:
    """Read the places of the posts that are new or edited, and return how many posts that were.

    Args:
        program: the house.
        progress: told how many of how many are done.
    """
    homes = program.configuration.programme.homes
    read, waiting = 0, program.corpus.places.waiting(homes)
    while not program.stop.is_set() and (step := program.corpus.places.advance(homes, now=program.clock())):
        read += step
        progress(read, max(waiting, read))
    return read


def by_area(
    program: "Program", by: "AreaKind", since: datetime | None, until: datetime | None
) -> tuple[dict[str, object], list[str]]:
    """Return the table of themes by area, as a JSON value and as lines for people."""
    from runtime.cli.speak import table

    found = program.corpus.places.table(by, since=since, until=until)
    language = program.configuration.programme.languages[0]
    themes = [theme.slug for theme in program.configuration.programme.themes]
    themes += sorted({slug for area in found.areas for slug in area.by_theme} - set(themes))
    lines = [
        f"{found.texts} texts, copies and reposts counted once; residents of {found.residents_on},"
        f" borders of {found.borders}.",
        "",
        *table(
            (by, "texts", *themes, "per 10,000", "95 %"),
            [
                (
                    area.name_sv if language == "sv" else area.name_fi,
                    area.texts,
                    *(area.by_theme.get(theme, 0) for theme in themes),
                    *_rate(area.per_10000, area.interval),
                )
                for area in found.areas
            ],
        ),
    ]
    return _value(found, since, until), lines


def _value(found: "PlaceTable", since: datetime | None, until: datetime | None) -> dict[str, object]:
    return {
        "by": found.by,
        "since": since and since.isoformat(),
        "until": until and until.isoformat(),
        "residents_on": found.residents_on.isoformat(),
        "borders": found.borders,
        "texts": found.texts,
        "areas": [
            {
                "code": area.code,
                "name": {"fi": area.name_fi, "sv": area.name_sv},
                "residents": area.residents,
                "texts": area.texts,
                "by_theme": dict(area.by_theme),
                "from_text": area.from_text,
                "from_organisation": area.from_organisation,
                "per_10000": area.per_10000 and round(area.per_10000, 3),
                "per_10000_low": round(area.interval[0], 3),
                "per_10000_high": round(area.interval[1], 3),
            }
            for area in found.areas
        ],
    }


def _rate(rate: float | None, interval: tuple[float, float]) -> tuple[str, str]:
    return "–" if rate is None else f"{rate:.2f}", f"{interval[0]:.2f}–{interval[1]:.2f}"
