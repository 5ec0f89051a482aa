"""Who gets what and why: the list of recipients beside what became of the mails to them."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runtime.wiring import Program


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One recipient."""

    address: str
    language: str
    role: str
    standing: str
    """``active``, or ``suspended`` with the reason."""
    is_active: bool
    since_at: datetime | None
    """When it was suspended."""
    came_back: int
    """Issues that came back for good since it last became active."""
    last_issue: str | None
    last_state: str | None
    """Of the delivery of the last issue."""

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
        }


def listed(program: "Program") -> list[Listed]:
    """Return everybody on the list, in its order."""
    suspended = program.corpus.addresses.suspended()
    last: dict[str, tuple[str, str]] = {}
    for issue in program.corpus.issues.all():
        for delivery in program.corpus.issues.deliveries(issue.key):
            last[delivery.recipient.casefold()] = issue.key, delivery.state
    found = []
    for one in program.configuration.recipients:
        stop = suspended.get(one.address.casefold())
        issue_key, state = last.get(one.address.casefold(), (None, None))
        found.append(
            Listed(
                address=one.address,
                language=one.language,
                role=one.role,
                standing=f"suspended since {stop.since_at:%Y-%m-%d}: {stop.why}" if stop else "active",
                is_active=stop is None,
                since_at=stop.since_at if stop else None,
                came_back=program.corpus.addresses.returned(one.address),
                last_issue=issue_key,
                last_state=state,
            )
        )
    return found
