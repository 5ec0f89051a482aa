"""One round of the sources."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from runtime.jobs.sources import sources_named

if TYPE_CHECKING:
    from collector.round import Round
    from corpus.ledger import RunState
    from runtime.wiring import Program


def collect(program: "Program", names: Sequence[str] = ()) -> "list[Round]":
    """Return a round of each named source, or of each that is switched on.

    Raises:
        MisuseError: a named source does not exist or is switched off.
    """
    from collector.collect import collect_sources

    return collect_sources(
        sources_named(program, names),
        program.corpus,
        programme=program.configuration.programme,
        secrets=program.secrets,
        clock=program.clock,
        rest=program.rest,
        data_directory=program.settings.data,
    )


def standing(rounds: "Sequence[Round]") -> "tuple[RunState, dict[str, int], str | None]":
    """Return state, counts and problem of some rounds together: done, partly, or failed where none was complete."""
    complete = [one.complete for one in rounds]
    state: RunState = "done" if all(complete) else "partly" if any(complete) else "failed"
    counts = {
        name: sum(getattr(one, name) for one in rounds)
        for name in ("inserted", "updated", "buried", "skipped", "rejected")
    }
    return state, counts, " ".join(one.problem for one in rounds if one.problem) or None
