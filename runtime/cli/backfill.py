"""`kuntakaiku backfill`."""

from typing import Annotated

import typer

from runtime.cli.price import agree
from runtime.wiring import Program


def command(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="Name of a source.")],
    since: Annotated[str, typer.Option(help="First day, or an instant: 2026-01-01.")],
    until: Annotated[str, typer.Option(help="The day after the last, or an instant.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Pay the price without being asked.")] = False,
) -> None:
    """Tell what older posts would cost, then read them from the network's archive.

    Exit 0: the whole span is read; 3: a part of it; 1: nothing. The same command goes on where it stopped.
    """
    from runtime.jobs import backfill

    program: Program = context.obj
    start, end = backfill.span(since, until, program.configuration.programme.zone, program.clock())
    archive = backfill.open_archive(program, source)
    price = backfill.estimate(program, archive, start, end)
    told = {"posts": price.posts, "usd": price.usd, "left_usd": price.left_usd}
    agree(program, {source: price}, {"runs": [], "estimate": told}, yes=yes)
    found = backfill.backfill(program, archive, start, end)
    lines = [
        f"{found.source}: {found.state}, {found.inserted} new, {found.updated} updated, {found.skipped} known,"
        f" {found.rejected} rejected{'' if found.complete else '; not complete'}",
        *([f"  {found.problem}"] if found.problem else []),
    ]
    program.tell({"runs": [found.as_json()], "estimate": told}, lines)
    raise typer.Exit(0 if found.complete else 3 if found.inserted or found.updated or found.skipped else 1)
