"""Who gets what and why: the list of recipients beside what became of the mails to them."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from runtime.jobs.links import tickets

if TYPE_CHECKING:
    from corpus.addresses import Suspension
    from runtime.wiring import Program


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One recipient."""

    address: str
    language: str
    role: str
    standing: str
    """``active``, ``suspended`` with the reason, or ``left``; for those alone who get alerts, that."""
    is_active: bool
    since_at: datetime | None
    """When it was suspended, or left."""
    came_back: int
    """Issues that came back for good since it last became active."""
    last_issue: str | None
    last_state: str | None
    """Of the delivery of the last issue."""
    gets: str
    """What it is sent: the long or the short digest, alerts, or nothing."""
    name: str | None
    """By what its answers to the links of mails are called; None where links cannot be signed."""

    def as_json(self) -> dict[str, object]:
        """Return it as plain JSON values."""
        return {
            "address": self.address,
            "language": self.language,
            "role": self.role,
            "active": self.is_active,
            "standing": self.standing,
            "since": self.since_at and self.since_at.isoformat(),
            "came_back": self.came_back,
            "last_issue": self.last_issue,
            "last_state": self.last_state,
            "gets": self.gets,
            "name": self.name,
        }


def listed(program: "Program") -> list[Listed]:
    """Return everybody on the list, in its order."""
    suspended, left = program.corpus.addresses.suspended(), program.corpus.addresses.left()
    signed = tickets(program)
    last: dict[str, tuple[str, str]] = {}
    for issue in program.corpus.issues.all():
        for delivery in program.corpus.issues.deliveries(issue.key):
            last[delivery.recipient.casefold()] = issue.key, delivery.state
    found = []
    for one in program.configuration.recipients:
        stop, left_at = suspended.get(one.address.casefold()), left.get(one.address.casefold())
        issue_key, state = last.get(one.address.casefold(), (None, None))
        found.append(
            Listed(
                address=one.address,
                language=one.language,
                role=one.role,
                standing=_standing(stop, left_at),
                is_active=stop is None and left_at is None,
                since_at=stop.since_at if stop else left_at,
                came_back=program.corpus.addresses.returned(one.address),
                last_issue=issue_key,
                last_state=state,
                gets=_gets(one.role, is_active=stop is None and left_at is None),
                name=signed.name(one.address) if signed else None,
            )
        )
    return found


def _standing(stop: "Suspension | None", left_at: datetime | None) -> str:
    if stop:
        return f"suspended since {stop.since_at:%Y-%m-%d}: {stop.why}"
    return f"left on {left_at:%Y-%m-%d}" if left_at else "active"


def _gets(role: str, *, is_active: bool) -> str:
    """Return what somebody on the list is sent; alerts are duty, and come to those who left the digest too."""
    if role == "administrator":
        return "alerts"
    return ("the long digest" if role == "editor" else "the short digest") if is_active else "nothing"
