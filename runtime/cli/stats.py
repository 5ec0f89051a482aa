"""`kuntakaiku stats`."""

import dataclasses

import typer

from runtime.cli.speak import table
from runtime.wiring import Program


def command(context: typer.Context) -> None:
    """Count posts, writers, discussions and labels, by theme, language, source and way of coming in."""
    program: Program = context.obj
    program.corpus.discussions.update()
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
    program.tell(value, lines)
