"""What a request of the API asks for: each parameter is read strictly, and what cannot be read is told by its name."""

from collections.abc import Collection
from datetime import UTC, datetime

from starlette.requests import Request

from console.api.answers import ProblemError
from programme.errors import MisuseError
from programme.week import Week

MOST = 100
"""Posts on a page."""
_LONGEST = 500


def text(request: Request, name: str) -> str | None:
    """Return a parameter; None where it is not given."""
    value = request.query_params.get(name)
    if value is not None and (len(value) > _LONGEST or "\0" in value):
        raise ProblemError(400, f"{name}: too long, or no text.")
    return value or None


def one_of(request: Request, name: str, known: Collection[str]) -> str | None:
    """Return a parameter that is one of some."""
    value = text(request, name)
    if value is not None and value not in known:
        raise ProblemError(400, f"{name}: use one of {', '.join(sorted(known))}.")
    return value


def number(request: Request, name: str, *, default: int, most: int) -> int:
    """Return a parameter that is a number from 1 on."""
    value = text(request, name)
    if value is None:
        return default
    if not (value.isascii() and value.isdecimal() and len(value) < 10 and 1 <= int(value) <= most):  # noqa: PLR2004 - nine digits
        raise ProblemError(400, f"{name}: a number from 1 to {most}.")
    return int(value)


def instant(request: Request, name: str) -> datetime | None:
    """Return a parameter that is an instant with its offset, or a day (UTC)."""
    value = text(request, name)
    return None if value is None else read_instant(name, value)


def read_instant(name: str, value: str) -> datetime:
    """Return an instant with its offset, or the beginning of a day (UTC).

    Raises:
        ProblemError: it is neither, or lies beyond what can be stored.
    """
    try:
        found = datetime.fromisoformat(value)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None and len(value) == len("2026-11-09") else found
        if found.tzinfo is not None and datetime(1990, 1, 1, tzinfo=UTC) <= found < datetime(9000, 1, 1, tzinfo=UTC):
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ProblemError(400, f"{name}: an instant like 2026-11-09T06:00:00Z, or a day like 2026-11-09.")


def week(request: Request, default: Week) -> Week:
    """Return the week that is asked for."""
    value = text(request, "week")
    try:
        return Week.named(value) if value else default
    except MisuseError as error:
        raise ProblemError(400, "week: one like 2026-W47.") from error
