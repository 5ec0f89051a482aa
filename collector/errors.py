"""What a source tells instead of an answer: who, what, what to do next, and when we may ask again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from programme.errors import KuntakaikuError

Trouble = Literal["failing", "refused", "rate_limited", "paused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """How long a source is left alone where the network names no time: doubling from the first to the last."""

    first: timedelta
    last: timedelta

    def after(self, troubled_since: datetime, now: datetime) -> timedelta:
        """Return the next pause for a source that has been in this trouble since an instant.

        The pauses so far add up to the time that has passed: that and one more ``first`` is their double.
        """
        return min(max(now - troubled_since, timedelta()) + self.first, self.last)


RATE_PAUSE = Pause(first=timedelta(minutes=1), last=timedelta(minutes=15))
"""After a 429 without a usable header: one request, then growing pauses."""
CREDIT_PAUSE = Pause(first=timedelta(hours=1), last=timedelta(days=1))
"""After a 402: credits come back when a person buys some, so one probing request each time."""


class SourceError(KuntakaikuError):
    """A source did not give what it was asked for. It never stops another source."""

    def __init__(
        self,
        problem: str,
        remedy: str = "",
        *,
        state: Trouble,
        resume_at: datetime | None = None,
        pause: Pause | None = None,
    ) -> None:
        super().__init__(problem, remedy)
        self.state = state
        self.resume_at = resume_at
        """The time before which the network asked for no further request; None where it named none."""
        self.pause = pause
        """How to wait where the network should be left alone but named no time."""


class SourceUnavailableError(SourceError):
    """The network asked us to wait, or did not answer in a usable way: the same request may succeed later."""

    def __init__(
        self,
        problem: str,
        remedy: str = "The next round tries again.",
        *,
        state: Trouble = "failing",
        resume_at: datetime | None = None,
        pause: Pause | None = None,
    ) -> None:
        super().__init__(problem, remedy, state=state, resume_at=resume_at, pause=pause)

    @property
    def is_passing(self) -> bool:
        """Whether the same request may succeed within seconds."""
        return self.state == "failing" and self.resume_at is None and self.pause is None


class SourceRefusedError(SourceError):
    """The network, or the configuration, does not allow the request: a person must change something."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem, remedy, state="refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedies:
    """What a person can do about each refusal of one network."""

    by_status: Mapping[int, str]
    otherwise: str = "Read the network's status page; the next round tries again."

    def __getitem__(self, status: int) -> str:
        """Return the remedy for an HTTP status."""
        return self.by_status.get(status, self.otherwise)
