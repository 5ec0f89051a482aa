"""Which sources were read, and which weeks were collected well enough to be compared."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from programme.errors import MisuseError
from programme.types import SourceSettings
from programme.week import Week

if TYPE_CHECKING:
    from collector.coverage import CoverageReport, Gap
    from corpus.ledger import HourCoverage
    from runtime.wiring import Program

_COLLECTED = frozenset({"covered", "empty"})


def coverage_of(program: "Program", week: Week) -> "CoverageReport":
    """Return what was collected of a week, per source that is switched on or was read in it."""
    from collector.coverage import coverage_report

    zone = program.configuration.programme.zone
    start_at, end_at = week.start_at(zone), week.end_at(zone)
    sources = sources_read(program, start_at, end_at)
    return coverage_report(program.corpus, sources, start_at, end_at, program.clock())


def sayer(program: "Program", language: str) -> "Callable[[Gap], str]":
    """Return what puts the remedy of a source's gap into words, as the digest does.

    Raises:
        MisuseError: there is no catalogue of the language.
    """
    from digest.remedy import remedy
    from digest.speech import Speaker

    if language not in program.messages.languages:
        raise MisuseError(
            f"There are no words in {language!r}.", f"Use one of {', '.join(program.messages.languages)}."
        )
    speak = Speaker(program.messages, language, program.configuration.programme.time_zone)

    def say(gap: "Gap") -> str:
        fix = gap.remedy
        return remedy(speak, fix.way, fix.until, posts=gap.posts, usd=gap.usd, command=gap.command)

    return say


def sources_read(program: "Program", start_at: datetime, end_at: datetime) -> list[SourceSettings]:
    """Return the sources that are switched on, and those that were read in a span although they are off now."""
    read = {hour.source for hour in program.corpus.ledger.coverage(start_at, end_at)}
    return [source for source in program.configuration.sources if source.enabled or source.name in read]


def covered_weeks(program: "Program", last: Week, weeks: int) -> Callable[[Week], bool]:
    """Return which of the weeks up to ``last`` were collected well enough to be compared with others.

    Where hours were recorded, at most ``gap_limit`` of the expected posts may be missing. A week of which no source has
    a record, since it came by an archive, counts where the archive holds posts of it: an empty week inside an archive
    is more likely a hole than silence.
    """
    zone = program.configuration.programme.zone
    start_at, end_at = last.plus(-weeks).start_at(zone), last.end_at(zone)
    hours: dict[Week, list[HourCoverage]] = defaultdict(list)
    for hour in program.corpus.ledger.coverage(start_at, end_at):
        hours[Week.of(hour.hour_at, zone)].append(hour)
    pace = _pace([hour for of_week in hours.values() for hour in of_week])
    limit = program.configuration.delivery.gap_limit

    @cache
    def covered(week: Week) -> bool:
        if week in hours:
            return missing_share(hours[week], pace, sum(1 for _ in week.hours(zone))) <= limit
        return next(program.corpus.posts.between(week.start_at(zone), week.end_at(zone)), None) is not None

    return covered


def _pace(hours: "list[HourCoverage]") -> dict[str, float]:
    """Return each source's posts per collected hour; a little for one that brought none, so that its gaps count."""
    collected: dict[str, int] = defaultdict(int)
    posts: dict[str, int] = defaultdict(int)
    for hour in hours:
        if hour.state in _COLLECTED:
            collected[hour.source] += 1
            posts[hour.source] += hour.posts
    sources = {hour.source for hour in hours}
    return {source: max(posts[source] / max(collected[source], 1), 0.001) for source in sources}


def missing_share(hours: "list[HourCoverage]", pace: dict[str, float], length: int) -> float:
    """Return the share of a week's expected posts that was not collected, by each source's usual pace.

    Args:
        hours: the records of the week, of all sources that were read in it.
        pace: posts an hour by source.
        length: hours of the week.
    """
    collected: dict[str, int] = dict.fromkeys({hour.source for hour in hours}, 0)
    for hour in hours:
        collected[hour.source] += hour.state in _COLLECTED
    expected = sum(pace[source] * length for source in collected)
    missing = sum(pace[source] * max(length - found, 0) for source, found in collected.items())
    return missing / expected if expected else 1.0
