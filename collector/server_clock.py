"""What time a configured server says it is."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from collector.wire import USER_AGENT


def server_time(address: str, *, timeout: float) -> datetime | None:
    """Return the time in the ``Date`` header of an answer, whatever the answer; None where none comes.

    Nothing is downloaded and no redirect followed (RFC 9110, 6.6.1).

    Args:
        address: of a configured source.
        timeout: seconds for each step of the request.
    """
    import httpx2

    try:
        answer = httpx2.head(address, timeout=timeout, follow_redirects=False, headers={"User-Agent": USER_AGENT})
        said = parsedate_to_datetime(answer.headers.get("date", ""))
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError):
        return None
    return said.replace(tzinfo=said.tzinfo or UTC).astimezone(UTC)
