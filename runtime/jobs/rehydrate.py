"""Posts by their ids: which source is asked for which, what it costs, and the asking."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from programme.errors import MisuseError
from programme.networks import NETWORKS

if TYPE_CHECKING:
    from collector.rehydrate import Rehydrated
    from collector.source import Estimate
    from collector.sweep import SeeingSource
    from runtime.wiring import Program

_NAMED = re.compile(rf"({'|'.join(NETWORKS)})[:\t](.+)")
_LONGEST = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What is to be asked of one network."""

    network: str
    sources: "tuple[SeeingSource, ...]"
    """In the order of the configuration; none where no source that is on can be asked by ids."""
    native_ids: tuple[str, ...]
    """Without what need not be asked for."""
    known: int
    """Ids that need not."""


def read_ids(lines: Iterable[str], network: str | None) -> dict[str, list[str]]:
    """Return native ids by network, of lines ``network:native_id``, ``network<tab>native_id`` or ids alone.

    Args:
        lines: of a file; empty ones, and those that begin with ``#``, are no ids.
        network: of the lines that name none; None: X where they are numbers, Bluesky where they are its addresses.

    Raises:
        MisuseError: a line cannot be read; it is told by its number.
    """
    found: dict[str, list[str]] = {}
    for number, line in enumerate(lines, start=1):
        written = line.strip().removeprefix("\ufeff")
        if not written or written.startswith("#"):
            continue
        named = _NAMED.fullmatch(written)
        where, native_id = (named[1], named[2]) if named else (network or _guessed(written), written)
        if where is None or len(native_id) > _LONGEST or any(character.isspace() for character in native_id):
            raise MisuseError(
                f"Line {number} names no post of a known network.",
                "Write network:native_id, or name the network of all lines with --network.",
            )
        found.setdefault(where, []).append(native_id)
    return found


def _guessed(native_id: str) -> str | None:
    if native_id.isdecimal() and native_id.isascii():
        return "x"
    return "bluesky" if native_id.startswith("at://") else None


def plan(program: "Program", ids: Mapping[str, Sequence[str]]) -> list[Asking]:
    """Return what is to be asked of each network.

    Raises:
        SourceRefusedError: a source cannot be opened.
    """
    from collector.rehydrate import to_ask
    from collector.source import Seeing
    from collector.sources import open_source

    planned = []
    for network, native_ids in ids.items():
        opened = [
            open_source(settings, program.configuration.programme, program.secrets)
            for settings in program.configuration.enabled_sources
            if settings.network == network
        ]
        asked = to_ask(program.corpus, network, native_ids, program.clock())
        planned.append(
            Asking(
                network=network,
                sources=tuple(source for source in opened if isinstance(source, Seeing)),
                native_ids=tuple(asked),
                known=len(native_ids) - len(asked),
            )
        )
    return planned


def price(program: "Program", planned: Iterable[Asking]) -> "dict[str, Estimate]":
    """Return what the sources that cost money may cost, by name; only those that are asked for something."""
    from collector.source import Billed

    prices = {}
    for asking in planned:
        for source in asking.sources[:1]:
            if isinstance(source, Billed) and asking.native_ids:
                source.keep_account(program.corpus.facts)
                prices[source.name] = source.price(len(asking.native_ids), program.clock())
    return prices


def rehydrate(program: "Program", asking: Asking) -> "list[Rehydrated]":
    """Return what came of asking a network: what one source does not tell, the next one of the network is asked for."""
    from collector.rehydrate import rehydrate_source

    found: list[Rehydrated] = []
    remaining = asking.native_ids
    for source in asking.sources:
        if not remaining:
            break
        one = rehydrate_source(
            source,
            program.corpus,
            remaining,
            hashtags=program.configuration.programme.hashtags,
            clock=program.clock,
            rest=program.rest,
            data_directory=program.settings.data,
        )
        if found:
            found[-1] = replace(found[-1], unknown=(), left=())
        found.append(one)
        remaining = (*one.unknown, *one.left)
    return found
