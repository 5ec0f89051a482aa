"""`kuntakaiku backfill`."""

import sys
from typing import Annotated

import typer

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
    from programme.errors import MisuseError
    from runtime.jobs import backfill

    program: Program = context.obj
    start, end = backfill.span(since, until, program.configuration.programme.zone, program.clock())
    archive = backfill.open_archive(program, source)
    price = backfill.estimate(program, archive, start, end)
    told = {"posts": price.posts, "usd": price.usd, "left_usd": price.left_usd}
    left = "" if price.left_usd is None else f"; ${price.left_usd:.2f} of this month's budget are left"
    typer.echo(f"{source}: {price.posts} posts, at most ${price.usd:.2f}{left}.", err=True)
    if not yes and not sys.stdin.isatty():
        unasked = MisuseError(
            "Reading them costs money, and there is no terminal to ask at.", "Add --yes to read them."
        )
        if not program.as_json:
            raise unasked
        error = {"problem": unasked.problem, "remedy": unasked.remedy}
        program.tell({"runs": [], "estimate": told, "error": error}, [])
        raise typer.Exit(unasked.exit_code)
    if not yes and not typer.confirm("Read them?", err=True):
        raise MisuseError("Nothing was read.", "Answer y, or add --yes.")
    found = backfill.backfill(program, archive, start, end)
    lines = [
        f"{found.source}: {found.state}, {found.inserted} new, {found.updated} updated, {found.skipped} known,"
        f" {found.rejected} rejected{'' if found.complete else '; not complete'}",
        *([f"  {found.problem}"] if found.problem else []),
    ]
    program.tell({"runs": [found.as_json()], "estimate": told}, lines)
    raise typer.Exit(0 if found.complete else 3 if found.inserted or found.updated or found.skipped else 1)
