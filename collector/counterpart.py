"""Whom a source asks, and what its refusals mean: alike for every network."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from collector.errors import (
    RATE_PAUSE,
    Pause,
    Remedies,
    SourceError,
    SourceRefusedError,
    SourceUnavailableError,
    Trouble,
)
from collector.wire import exhausted_until, named_time
from programme.values import secret_name


@dataclass(slots=True, kw_only=True)
class Counterpart:
    """The server of a source, and until when it wants to be left alone."""

    source: str
    who: str
    """How people are told of it; never an address with a key."""
    remedies: Remedies
    """``<SOURCE NAME>`` in them stands for the source in the name of its token."""
    not_before: datetime | None = None
    """The latest answer allowed no further request before this."""

    def check(self, now: datetime) -> None:
        """Ask nothing too early.

        Raises:
            SourceUnavailableError: an earlier answer of this round allows no further request yet.
        """
        if self.not_before is not None and now < self.not_before:
            raise self.unavailable("allows no more requests for now.", state="rate_limited")

    def heard(self, headers: Mapping[str, str], now: datetime) -> None:
        """Note what the headers of an answer allow, be the rest of it usable or not."""
        self.not_before = exhausted_until(headers, now)

    def unavailable(
        self,
        what: str,
        *,
        state: Trouble = "failing",
        resume_at: datetime | None = None,
        pause: Pause | None = None,
    ) -> SourceUnavailableError:
        """Return the error of a server that gave nothing usable."""
        problem = f"Source {self.source!r}: {self.who} {what}"
        return SourceUnavailableError(problem, state=state, resume_at=resume_at or self.not_before, pause=pause)

    def refusal(
        self, what: str, status: int, headers: Mapping[str, str], now: datetime, *, said: str = ""
    ) -> SourceError:
        """Return what an answer means that is not what was asked for.

        Args:
            what: what it does in words, such as ``refused the search``.
            status: its HTTP status.
            headers: its headers.
            now: the present instant.
            said: what the server says of it, without secrets.
        """
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            resume_at = named_time(headers, now)
            return SourceUnavailableError(
                f"Source {self.source!r}: {self.who} allows no more requests for now (429).",
                self.remedies[status],
                state="rate_limited",
                resume_at=resume_at,
                pause=None if resume_at else RATE_PAUSE,
            )
        if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return self.refused(f"{what} ({status}{': ' if said else ''}{said:.200}).", status)
        # The reset of a limit that is not reached is no wish.
        waits = named_time(headers, now) if headers.get("retry-after") else None
        return self.unavailable(f"is out of order ({status}).", resume_at=waits)

    def refused(self, what: str, status: int) -> SourceRefusedError:
        """Return the error of a server that does not allow it."""
        remedy = self.remedies[status].replace("<SOURCE NAME>", secret_name(self.source))
        return SourceRefusedError(f"Source {self.source!r}: {self.who} {what}", remedy)
