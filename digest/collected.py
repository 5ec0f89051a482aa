"""What was collected in an issue's week, and what not."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

CoverageState = Literal["complete", "gaps", "failed", "imported", "none"]
"""Nothing missed; something missed; too much missed to compare; no live source, posts by import; neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A span in which a source brought nothing because it could not."""

    from_at: datetime
    to_at: datetime
    open: bool
    """It lasted to the end of the week."""
    state: str
    """``failed``, ``rate_limited``, ``paused``, ``refused``, ``off`` or ``unknown``."""
    code: str | None
    """The network's answer as a number, like 401."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Hours that were not collected, and what can be done about them when the issue is made."""

    from_at: datetime
    to_at: datetime
    way: str
    """As ``collector.recall`` says."""
    until: datetime | None
    """The network gives the whole of it up to then; None: it names no end, or gives nothing any more."""
    command: str | None
    """What fills it from the network's archive."""
    posts: int
    """What is probably missing in it."""
    usd: float | None
    """The most that they cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """One source in this week."""

    name: str
    network: str
    """``import`` for what archives brought."""
    hours_covered: int
    hours: int
    """Of the week; 0 for imports."""
    posts: int
    """Counted posts that it brought first."""
    missing: int
    """Estimated posts missed."""
    quota_hits: int
    outages: tuple[Outage, ...]
    missing_by: str | None = None
    """``count`` (by the network's own), ``pace`` (its usual one) or ``both``."""
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What was collected and what not."""

    state: CoverageState
    sources: tuple[SourceLine, ...]

    @property
    def missing(self) -> int:
        """Estimated posts missed."""
        return sum(source.missing for source in self.sources)

    @property
    def is_comparable(self) -> bool:
        """Whether the week's numbers may be set beside other weeks'."""
        return self.state not in ("failed", "none")
