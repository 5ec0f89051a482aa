"""A price is told, and nothing is paid that nobody agreed to."""

import sys
from collections.abc import Mapping
from math import ceil
from typing import TYPE_CHECKING

import typer

from programme.errors import MisuseError

if TYPE_CHECKING:
    from collector.source import Estimate
    from runtime.wiring import Program


def agree(program: "Program", prices: "Mapping[str, Estimate]", told: Mapping[str, object], *, yes: bool) -> None:
    """Tell what the sources may cost and return where somebody agrees; else leave with exit 2.

    Args:
        program: the house.
        prices: by source.
        told: what JSON says where nothing is read for want of a terminal to ask at.
        yes: agreed beforehand.

    Raises:
        MisuseError: nobody agreed.
    """
    for source, price in prices.items():
        left = "" if price.left_usd is None else f"; ${price.left_usd:.2f} of this month's budget are left"
        typer.echo(f"{source}: {price.posts} posts, at most ${_rounded_up(price.usd):.2f}{left}.", err=True)
    if yes:
        return
    if sys.stdin.isatty():
        if not typer.confirm("Read them?", err=True):
            raise MisuseError("Nothing was read.", "Answer y, or add --yes.")
        return
    unasked = MisuseError("Reading them costs money, and there is no terminal to ask at.", "Add --yes to read them.")
    if not program.as_json:
        raise unasked
    program.tell({**told, "error": {"problem": unasked.problem, "remedy": unasked.remedy}}, [])
    raise typer.Exit(unasked.exit_code)


def _rounded_up(usd: float) -> float:
    """Return whole cents, never fewer than it may cost; prices are in tenths of a cent."""
    return ceil(round(usd * 1000) / 10) / 100
