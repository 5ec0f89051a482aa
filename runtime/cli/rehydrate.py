"""`kuntakaiku rehydrate IDS`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from programme.errors import MisuseError
from runtime.cli.price import agree
from runtime.wiring import Program

if TYPE_CHECKING:
    from collector.rehydrate import Rehydrated
    from runtime.jobs.rehydrate import Asking

_COUNTS = ("inserted", "updated", "skipped", "gone", "rejected")


def command(
    context: typer.Context,
    ids: Annotated[str, typer.Argument(metavar="IDS", help="A file of ids, or - for standard input.")],
    network: Annotated[str | None, typer.Option(help="Of lines that name none.")] = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Pay the price without being asked.")] = False,
) -> None:
    """Fetch posts by their ids, one a line: network:native_id, or as `export --format ids` writes them.

    Exit 0: every id was asked for; 3: some were not; 1: none were.
    """
    from runtime.jobs import rehydrate

    program: Program = context.obj
    planned = rehydrate.plan(program, rehydrate.read_ids(_lines(ids), network))
    prices = rehydrate.price(program, planned)
    estimate = {name: {"posts": one.posts, "usd": one.usd, "left_usd": one.left_usd} for name, one in prices.items()}
    if prices:
        agree(program, prices, {"runs": [], "estimate": estimate}, yes=yes)
    found = [(asking, rehydrate.rehydrate(program, asking)) for asking in planned]
    runs = [one for _, of_network in found for one in of_network]
    unaskable = {
        asking.network: len(asking.native_ids) for asking in planned if asking.native_ids and not asking.sources
    }
    told = {name: sum(getattr(one, name) for one in runs) for name in _COUNTS}
    told["skipped"] += sum(asking.known for asking in planned)
    told["unknown"] = sum(len(one.unknown) for one in runs)
    told["left"] = sum(len(one.left) for one in runs) + sum(unaskable.values())
    lines = [line for asking, of_network in found for line in _told(asking, of_network)]
    program.tell({**told, "runs": [one.as_json() for one in runs], "estimate": estimate}, lines)
    asked = sum(told.values()) - told["left"]
    raise typer.Exit(0 if not told["left"] else 3 if asked else 1)


def _lines(ids: str) -> list[str]:
    if ids == "-":
        return sys.stdin.read().splitlines()
    path = Path(ids)
    if not path.is_file():
        raise MisuseError(f"{ids}: there is no such file.", "Name a file of ids, one a line, or - for standard input.")
    try:
        return path.read_text("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise MisuseError(f"{ids} is no text in UTF-8.", "Name a file of ids, one a line.") from error


def _told(asking: "Asking", found: "list[Rehydrated]") -> list[str]:
    lines = [f"{asking.network}: {asking.known} need not be asked for"] if asking.known else []
    if asking.native_ids and not asking.sources:
        lines.append(f"{asking.network}: no source that is on can be asked by ids; {len(asking.native_ids)} are left")
    for one in found:
        lines.append(
            f"{one.source}: {one.inserted} new, {one.updated} updated, {one.skipped} known, {one.gone} gone,"
            f" {len(one.unknown)} unknown, {one.rejected} rejected, {len(one.left)} left"
        )
        lines += [f"  {one.problem}"] if one.problem else []
    return lines or ["No ids."]
