"""What was collected in a week and what not, pure: whether its numbers are whole, and what is probably missing."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from corpus.post import ClassifiedPost
from digest.collected import Coverage, CoverageState, Outage, Piece, SourceLine
from digest.tally import Tally

if TYPE_CHECKING:
    from collector.coverage import CoverageReport, Gap, SourceCoverage

IMPORT = "import"
"""Source of what archives brought."""
_ARCHIVES = 8
"""Sources of archives that are told one by one: an archive may name any number of them."""
_LONG = timedelta(days=1)
"""An outage of a source that matters, after which weeks are not compared."""
_MATTERS = 0.2
"""Share of recent posts that makes a source matter."""
_ANSWER = re.compile(r"\b([45]\d\d)\b")
_UNTRIED = "off"
"""State of hours in which nothing was tried: the machine was off, or the source is newer than the week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How many posts the sources usually bring."""

    posts: Mapping[str, int]
    """Counted posts by source over the weeks compared, this one among them."""

    def share(self, source: str) -> float:
        """Return a source's share of all recent posts."""
        return self.posts.get(source, 0) / max(1, sum(self.posts.values()))


def pace_of(tallies: Iterable[Tally]) -> Pace:
    """Return the usual pace from the weeks before and this one."""
    return Pace(posts=Counter(post.stored.source for one in tallies for post in one.posts))


def reach(
    report: "CoverageReport",
    posts: Sequence[ClassifiedPost],
    pace: Pace,
    *,
    networks: Mapping[str, str],
    gap_limit: float,
) -> Coverage:
    """Return the week's coverage.

    ``networks`` names the network of each source that the report speaks of; ``gap_limit`` is the share of estimated
    misses above which weeks are not compared.
    """
    brought = Counter(post.stored.source for post in posts)
    reported = {line.source: line for line in report.sources}
    live = [
        _line(source, network, reported.get(source), brought[source], report.end_at)
        for source, network in networks.items()
    ]
    if brought and all(_is_untried(line) for line in live):
        # An archive, perhaps of these very sources, from before they were read: they have missed nothing.
        live = []
    names = {line.name for line in live}
    archives = [_archive(name, n) for name, n in sorted(brought.items()) if name not in names]
    if len(archives) > _ARCHIVES:
        archives = [_archive(IMPORT, sum(line.posts for line in archives))]
    return Coverage(state=_state(live, len(posts), pace, gap_limit), sources=(*live, *archives))


def _is_untried(line: SourceLine) -> bool:
    return line.hours_covered == 0 and all(one.state == _UNTRIED for one in line.outages)


def _archive(name: str, posts: int) -> SourceLine:
    return SourceLine(
        name=name, network=IMPORT, hours_covered=0, hours=0, posts=posts, missing=0, quota_hits=0, outages=()
    )


def _line(source: str, network: str, told: "SourceCoverage | None", posts: int, end_at: datetime) -> SourceLine:
    covered, missing = (told.hours_covered, told.hours_missing) if told else (0, 168)
    return SourceLine(
        name=source,
        network=network,
        hours_covered=covered,
        hours=covered + missing,
        posts=posts,
        missing=told.missed.posts if told and told.missed else 0,
        quota_hits=told.quota_hits if told else 0,
        outages=tuple(_outages(told.gaps, end_at)) if told else (),
        missing_by=told.missed.by if told and told.missed else None,
        pieces=tuple(_piece(gap) for gap in told.gaps) if told else (),
    )


def _outages(gaps: "Sequence[Gap]", end_at: datetime) -> list[Outage]:
    """Return the gaps as spans: what one gap's remedies have cut in pieces is one outage."""
    found: list[Outage] = []
    for gap in gaps:
        code = _ANSWER.search(gap.problem or "")
        one = Outage(
            from_at=gap.from_at,
            to_at=gap.to_at,
            open=gap.to_at >= end_at,
            state=gap.state,
            code=code[1] if code else None,
        )
        if found and (found[-1].to_at, found[-1].state) == (one.from_at, one.state):
            one = replace(one, from_at=found[-1].from_at, code=found.pop().code)
        found.append(one)
    return found


def _piece(gap: "Gap") -> Piece:
    return Piece(
        from_at=gap.from_at,
        to_at=gap.to_at,
        way=gap.remedy.way,
        until=gap.remedy.until,
        command=gap.command,
        posts=gap.posts,
        usd=gap.usd,
    )


def _state(live: Sequence[SourceLine], posts: int, pace: Pace, gap_limit: float) -> CoverageState:
    if not live:
        return "imported" if posts else "none"
    missing = sum(line.missing for line in live)
    too_much = missing > gap_limit * (posts + missing)
    down = any(pace.share(line.name) >= _MATTERS and _was_down_long(line) for line in live)
    blind = all(line.hours_covered == 0 for line in live)
    if too_much or down or blind:
        return "failed"
    return "gaps" if missing or any(line.hours_covered < line.hours for line in live) else "complete"


def _was_down_long(line: SourceLine) -> bool:
    return any(outage.to_at - outage.from_at >= _LONG for outage in line.outages)
