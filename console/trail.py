"""What one browser did last in the review: which posts it answered and which it passed over, newest last.

It travels in a cookie, so that two people who review at once take back their own answers and skip for themselves.
"""

import re
from dataclasses import dataclass

COOKIE = "review"
KEYS = "keys"
"""The cookie that switches single keys off."""
LONGEST = 60
"""Steps that are kept; a browser keeps four kilobytes."""
_STEP = re.compile(r"([0-9]{1,18})(?:\.([0-9]{1,17}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A post that was answered or passed over."""

    post_id: int
    at: int | None
    """When the answer was stored, in microseconds since 1970; None: passed over."""


def read(cookie: str) -> tuple[Step, ...]:
    """Return the steps that a cookie tells; anything else in it is left out."""
    found = [_STEP.fullmatch(part) for part in cookie[:4_000].split("-")]
    return tuple(Step(post_id=int(one[1]), at=int(one[2]) if one[2] else None) for one in found if one)[-LONGEST:]


def written(steps: tuple[Step, ...]) -> str:
    """Return steps as a cookie tells them."""
    return "-".join(str(step.post_id) + (f".{step.at}" if step.at is not None else "") for step in steps[-LONGEST:])
