"""What lies behind a source's watermark: first what it would cost, then the filling."""

from datetime import datetime
from typing import TYPE_CHECKING

from programme.errors import MisuseError
from runtime.days import instant
from runtime.jobs.sources import sources_named

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from collector.backfill import Archive
    from collector.round import Round
    from collector.source import Estimate
    from runtime.wiring import Program


def span(since: str, until: str, zone: "ZoneInfo", now: datetime) -> tuple[datetime, datetime]:
    """Return the span of two dates or instants; a date is its midnight in the programme's time zone.

    Raises:
        MisuseError: one cannot be read, or there is no time between them.
    """
    start, end = instant(since, zone, "--since"), min(instant(until, zone, "--until"), now)
    if start >= end:
        raise MisuseError("--since must lie before --until, and in the past.", "Exchange or correct them.")
    return start, end


def open_archive(program: "Program", name: str) -> "Archive":
    """Return a source with an archive, ready to be asked.

    Raises:
        MisuseError: there is no such source, it is switched off or paused, or its network has no archive.
        SourceRefusedError: this version reads no such network.
    """
    from collector.round import written
    from collector.source import Archived, Billed
    from collector.sources import open_source

    (settings,) = sources_named(program, [name])
    source = open_source(settings, program.configuration.programme, program.secrets)
    if not isinstance(source, Archived):
        raise MisuseError(
            f"The source {name!r} cannot be backfilled: {source.network} has no archive that may be searched.",
            "Bring older posts in with `import`; `collect` reads as far back as the network shows.",
        )
    if isinstance(source, Billed):
        source.keep_account(program.corpus.facts)
    state = program.corpus.ledger.source_state(name)
    now = program.clock()
    if state is not None and state.resume_at is not None and now < state.resume_at:
        is_free = (
            state.state == "paused" and isinstance(source, Billed) and source.has_means_again(state.resume_at, now)
        )
        if not is_free:
            raise MisuseError(
                f"The source {name!r} rests until {written(state.resume_at)}. {state.problem or ''}".strip(),
                "Run the command again after that.",
            )
    return source


def estimate(program: "Program", source: "Archive", start: datetime, end: datetime) -> "Estimate":
    """Return how many posts a backfill would read, and what they cost at most."""
    from random import Random

    from collector.retry import Patience

    patience = Patience(clock=program.clock, rest=program.rest, chance=Random(source.name))  # noqa: S311  # jitter
    return source.estimate(start, end, patience)


def backfill(program: "Program", source: "Archive", start: datetime, end: datetime) -> "Round":
    """Return what came of filling [start, end)."""
    from collector.backfill import backfill_span

    return backfill_span(
        source,
        program.corpus,
        start,
        end,
        clock=program.clock,
        rest=program.rest,
        data_directory=program.settings.data,
    )
