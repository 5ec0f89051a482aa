"""`kuntakaiku stats`."""

import dataclasses

import typer

from runtime.cli.speak import table
from runtime.wiring import Program


def command(context: typer.Context) -> None:
    """Count posts, writers, discussions and labels, by theme, language and source."""
    program: Program = context.obj
    statistics = program.corpus.posts.statistics()
    value = dataclasses.asdict(statistics)
    for key in ("first_at", "last_at"):
        value[key] = value[key].isoformat() if value[key] else None
    lines = [f"{name}: {count}" for name, count in value.items() if count is not None and not isinstance(count, dict)]
    for name in ("by_theme", "by_language", "by_source"):
        lines += ["", *table((name.removeprefix("by_"), "posts"), list(value[name].items()))]
    program.tell(value, lines)
