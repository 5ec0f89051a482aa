"""What a source's stream tells, for as long as the program runs."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collector.round import Overheard
    from corpus.ledger import RunState
    from programme.types import SourceSettings
    from runtime.wiring import Program


def follow(program: "Program", settings: "SourceSettings", tell: "Callable[[datetime, Overheard], None]") -> None:
    """Listen until the program is asked to end, and tell what each connection brought and when it began.

    Raises:
        SourceRefusedError: the source cannot be opened.
    """
    from collector.source import Streaming
    from collector.sources import open_source
    from collector.stream import follow_stream

    source = open_source(settings, program.configuration.programme, program.secrets)
    assert isinstance(source, Streaming)  # noqa: S101 - the configuration names no stream for others
    follow_stream(
        source,
        program.corpus,
        programme=program.configuration.programme,
        settings=settings,
        clock=program.clock,
        rest=program.rest,
        is_asked_to_end=program.stop.is_set,
        tell=tell,
    )


def standing(found: "Overheard") -> "tuple[RunState, dict[str, int]]":
    """Return state and counts of a connection: done where it ended since it was asked to."""
    state: RunState = "done" if found.problem is None else "partly" if found.events else "failed"
    counts = {"inserted": found.inserted, "updated": found.updated, "buried": found.buried, "events": found.events}
    return state, counts
