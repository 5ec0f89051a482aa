"""`kuntakaiku stats`."""

import dataclasses
from enum import StrEnum
from functools import partial
from typing import Annotated

import typer

from runtime.cli.speak import progress_bar, table
from runtime.wiring import Program


class By(StrEnum):
    """Kind of area."""

    MUNICIPALITY = "municipality"
    COUNTY = "county"
    REGION = "region"


def command(
    context: typer.Context,
    *,
    by: Annotated[By | None, typer.Option(help="Count texts by theme and this kind of area.")] = None,
    since: Annotated[str | None, typer.Option(help="With --by: from this day or instant on.")] = None,
    until: Annotated[str | None, typer.Option(help="With --by: before this day or instant.")] = None,
) -> None:
    """Count posts, writers, discussions and labels, by theme, language, source and way in; or texts by area."""
    from programme.errors import MisuseError
    from runtime.days import instant
    from runtime.jobs import places
    from runtime.jobs.index import make_ready

    program: Program = context.obj
    show = partial(progress_bar, shown=not program.quiet)
    if by is not None:
        make_ready(program, show, "copies", "places")
        zone = program.configuration.programme.zone
        start = instant(since, zone, "--since") if since else None
        end = instant(until, zone, "--until") if until else None
        program.tell(*places.by_area(program, by.value, start, end))
        return
    if since or until:
        raise MisuseError("A window is for counting by area only.", "Add --by municipality, county or region.")
    make_ready(program, show, "placed")
    statistics = program.corpus.posts.statistics()
    value = dataclasses.asdict(statistics)
    for key in ("first_at", "last_at"):
        value[key] = value[key].isoformat() if value[key] else None
    lines = [f"{name}: {count}" for name, count in value.items() if count is not None and not isinstance(count, dict)]
    ways = list(statistics.by_via)
    for dimension, kinds in statistics.figures.items():
        head = (dimension, "posts", "writers", "discussions", "labels", *(f"via {way}" for way in ways))
        rows = [
            (kind, one.posts, one.writers, one.discussions, one.labels, *(one.via.get(way, 0) for way in ways))
            for kind, one in kinds.items()
        ]
        lines += ["", *table(head, rows)]
    for name, facet in (("project", statistics.by_project), ("phenomenon", statistics.by_phenomenon)):
        if facet:
            lines += ["", *table((name, "posts"), list(facet.items()))]
    program.tell(value, lines)
