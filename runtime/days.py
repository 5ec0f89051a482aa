"""Days and instants as people write them."""

from datetime import UTC, datetime, tzinfo

from programme.errors import MisuseError


def instant(text: str, zone: tzinfo, name: str = "") -> datetime:
    """Return the instant that is named: a day is its midnight in a time zone.

    Args:
        text: as written.
        zone: of days, and of instants that tell none.
        name: of the option, told where it cannot be read.

    Raises:
        MisuseError: it is no day and no instant.
    """
    try:
        named = datetime.fromisoformat(text)
        return (named if named.tzinfo else named.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise MisuseError(f"{name} {text!r} is no date.".strip(), "Write it like 2026-01-31.") from error
