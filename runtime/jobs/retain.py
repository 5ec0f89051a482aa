"""The limit of retention: texts older than the configured number of months go, what was counted stays."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runtime.due import UPKEEP

if TYPE_CHECKING:
    from corpus.erasures import Expiring
    from runtime.wiring import Program


@dataclass(frozen=True, slots=True, kw_only=True)
class Retained:
    """What keeping the limit came to."""

    months: int | None
    """None: no limit is configured."""
    found: "tuple[Expiring, ...]"
    """What was past its time, by network and month of writing."""
    expired: int
    redacted: int
    """Issues whose kept mails were written anew."""
    complete: bool

    @property
    def counts(self) -> Mapping[str, int]:
        """The counts, for the run ledger."""
        return {"expired": self.expired, "redacted": self.redacted}

    def as_json(self) -> dict[str, object]:
        """Return it as ``retain --json`` prints it."""
        return {
            "months": self.months,
            "found": [{"network": one.network, "month": one.month, "posts": one.posts} for one in self.found],
            **self.counts,
            "complete": self.complete,
        }


def retain(program: "Program", *, who: str = UPKEEP, dry_run: bool = False) -> Retained:
    """Take out texts that are past their time and return the counts; with ``dry_run`` tell them only.

    A thousand posts are one transaction: where it is stopped, the next run goes on.
    """
    from runtime.jobs.redact import redact

    months = program.configuration.site.privacy.retention_months
    if months is None:
        return Retained(months=None, found=(), expired=0, redacted=0, complete=True)
    now, erasures = program.clock(), program.corpus.erasures
    found = tuple(erasures.expiring(months, now))
    if dry_run:
        return Retained(months=months, found=found, expired=0, redacted=0, complete=not found)
    expired = 0
    while not program.stop.is_set() and (batch := erasures.expire(months, now)):
        expired += batch
    if expired:
        program.corpus.ledger.audit(at=now, who=who, what="expired", subject=f"{expired} posts")
    return Retained(
        months=months,
        found=found,
        expired=expired,
        redacted=redact(program, who=who),
        complete=not program.stop.is_set(),
    )
