"""Exports that are ordered in the console or by the API: made aside, gated like the command's, kept for a day."""

import json
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from programme.errors import KuntakaikuError, MisuseError

if TYPE_CHECKING:
    from console.orders import Offer, Order, Ordered
    from corpus.classified import Selection
    from runtime.wiring import Program

FACT = "orders"
KEPT = timedelta(days=1)
"""For which a file may be downloaded: what is deleted at its source must not stand here longer."""
_REMEMBERED = 200
_FORMATS = {"ids": "ids", "package": "package"}
_SUFFIXES = {"csv-fi": "csv", "ids": "txt", "package": "zip"}
_ABANDONED = timedelta(hours=1)
"""After which an order that still waits was left by a console that ended."""
_MANIFEST = "manifest.json"


def offer(program: "Program", selection: "Selection", person: str) -> "Offer":
    """Return what a selection comes to now, and what a person may still be handed of it today."""
    from console.orders import Offer

    limits = {"x": program.configuration.site.export.x_posts_per_day}
    exports, now = program.corpus.exports, program.clock()
    left = {network: max(limit - exports.handed(person, network, now), 0) for network, limit in limits.items()}
    return Offer(networks=exports.counted(selection), left=left, limits=limits)


def take_order(program: "Program", order: "Order") -> "Ordered":
    """Remember an order, which waits to be made.

    Raises:
        MisuseError: it lacks a plan, a person, or that the terms were accepted.
    """
    from console.orders import Ordered

    if not (order.plan.strip() and order.person.strip() and order.accepts_terms):
        raise MisuseError("An order needs a plan, a person, and that the terms were accepted.", "Fill them in.")
    file_format = _FORMATS.get(order.content) or ("csv" if order.content == "open" else order.format)
    ordered = Ordered(
        number=secrets.token_hex(8),
        by=order.by,
        person=order.person.strip(),
        plan=order.plan.strip(),
        at=program.clock(),
        content=order.content,
        format=file_format,
        state="waiting",
    )
    _tidy(program)
    _change(program, lambda known: [_packed(ordered), *known][:_REMEMBERED])
    return ordered


def make(program: "Program", number: str, order: "Order") -> None:
    """Make what was ordered, and remember how that ended."""
    from corpus.exports import LimitReachedError
    from runtime.jobs.export import Asked, make_export

    ordered = next(one for one in orders(program) if one.number == number)
    selection = order.selection
    projection = {"ids": "display", "open": "open"}.get(order.content, "research")
    if projection == "research" and not program.secrets("PSEUDONYM_KEY"):
        _put(program, replace(ordered, state="failed", problem="key"))
        return
    directory = _directory(program)
    directory.mkdir(mode=0o700, exist_ok=True)
    path = directory / f"{number}.{_SUFFIXES.get(ordered.format, ordered.format)}"
    is_open = order.content == "open"
    asked = Asked(
        out=path,
        format=ordered.format,
        projection=projection,
        since=selection.since,
        until=selection.until,
        theme=None if is_open else selection.theme,
        language=None if is_open else selection.lang,
        plan=ordered.plan,
        without_text=order.content == "coded",
        by=order.by,
        person=ordered.person,
        accepts_terms=order.accepts_terms,
    )
    try:
        done = make_export(program, asked)
    except LimitReachedError:
        _put(program, replace(ordered, state="failed", problem="limit"))
    except KuntakaikuError as error:
        _put(program, replace(ordered, state="failed", problem=error.problem))
    else:
        citation = str(manifest_of(path).get("citation", "")) if ordered.format == "package" else ""
        made = replace(
            ordered,
            state="done",
            export_id=done.export_id,
            posts=done.posts,
            sha256=done.sha256,
            citation=citation,
        )
        _put(program, made)


def orders(program: "Program") -> "list[Ordered]":
    """Return the orders, newest first, each with whether its file is there still."""
    return [_unpacked(program, one) for one in program.corpus.facts.get(FACT) or ()]


def file_of(program: "Program", number: str) -> "tuple[Ordered, Path] | None":
    """Return an order and its file; None: there is no such order, or no file of it any more."""
    found = next((one for one in orders(program) if one.number == number and one.is_there), None)
    return (found, _path(program, found.number, found.format)) if found else None


def manifest_of(path: Path) -> dict[str, Any]:
    """Return what a package tells of itself."""
    with ZipFile(path) as package:
        name = next((one for one in package.namelist() if one.rpartition("/")[2] == _MANIFEST), None)
        return dict(json.loads(package.read(name))) if name else {}


def _tidy(program: "Program") -> None:
    """Remove the files that are past their day."""
    directory = _directory(program)
    if directory.is_dir():
        kept = {_path(program, one.number, one.format) for one in orders(program) if one.is_there}
        waiting = {one.number for one in orders(program) if one.state == "waiting"}
        for path in directory.iterdir():
            if path not in kept and path.name.partition(".")[0] not in waiting:
                path.unlink(missing_ok=True)


def _directory(program: "Program") -> Path:
    return program.settings.data / "handed"


def _path(program: "Program", number: str, file_format: str) -> Path:
    return _directory(program) / f"{number}.{_SUFFIXES.get(file_format, file_format)}"


def _put(program: "Program", ordered: "Ordered") -> None:
    fresh = _packed(ordered)
    _change(program, lambda known: [fresh if one["number"] == ordered.number else one for one in known])


def _change(program: "Program", turn: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> None:
    program.corpus.facts.change(FACT, lambda known: (turn(known or []), None), now=program.clock())


def _packed(ordered: "Ordered") -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(replace(ordered, is_there=False)) | {"at": ordered.at.isoformat()}


def _unpacked(program: "Program", packed: dict[str, Any]) -> "Ordered":
    from console.orders import Ordered

    at = datetime.fromisoformat(packed["at"])
    age = program.clock() - at
    state = "failed" if packed["state"] == "waiting" and age > _ABANDONED else packed["state"]
    there = state == "done" and age < KEPT and _path(program, packed["number"], packed["format"]).is_file()
    return Ordered(**(packed | {"at": at, "state": state, "is_there": there}))
