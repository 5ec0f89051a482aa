"""The wire under the networks' client libraries: one configured address, a deadline, a size cap, and what was answered.

The libraries set no timeout, or one of five minutes, and follow redirects anywhere. Both speak through ``requests``, so
one adapter serves them.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import ProtocolError

USER_AGENT = "Kuntakaiku (municipal programme monitor)"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_LARGEST = 32 * 1024 * 1024
"""Bytes of one decoded answer: pages are below two million."""
_PIECE = 64 * 1024
_DEADLINE = 1.5
"""Timeouts within which the whole answer must have come, however steadily it drips."""
_LONGEST_WAIT = timedelta(days=31)
"""A time named further ahead than this is nonsense: the longest window is a month's quota."""
_NAMING = ("retry-after", "x-rate-limit-reset", "x-ratelimit-reset", "ratelimit-reset")
_CLOCKS_AGREE = timedelta(days=2)


class Wire(HTTPAdapter):
    """Sends every request of a session to one configured address, or not at all."""

    def __init__(self, base_url: str, *, timeout: float, instead_of: tuple[str, ...] = ()) -> None:
        """Prepare the adapter.

        Args:
            base_url: the configured address.
            timeout: seconds without an answer after which a request is given up.
            instead_of: addresses that the library has built in and that mean the configured one.
        """
        super().__init__()
        self.base_url = base_url.rstrip("/")
        self.timeout = timeout
        self._instead_of = tuple(address.rstrip("/") for address in instead_of)
        self.answer: requests.Response | None = None
        """The last answer; None where the last request got none."""
        self.headers: Mapping[str, str] = {}
        """Of the last answer, even of one whose body broke off; empty where the last request got nothing at all."""

    def session(self) -> requests.Session:
        """Return a session that knows no other way out."""
        session = requests.Session()
        session.mount("https://", self)
        session.mount("http://", self)
        session.max_redirects = 3
        # A proxy cannot reach our own loopback.
        session.trust_env = (urlsplit(self.base_url).hostname or "") not in LOOPBACK
        return session

    def send(  # type: ignore[override]  # the stub of requests spells the same parameters out
        self,
        request: requests.PreparedRequest,
        **options: Any,  # noqa: ANN401  # the parameters of requests, passed on as they are
    ) -> requests.Response:
        """Return the answer to a request, its body read within the deadline.

        Raises:
            requests.RequestException: nothing usable came, or the request would leave the configured address.
        """
        self.answer, self.headers = None, {}
        request.url = self._address(request.url or "")
        deadline = monotonic() + self.timeout * _DEADLINE
        options |= {"stream": True, "timeout": self.timeout}
        response = super().send(request, **options)
        self.headers = response.headers
        response.raw = _Guarded(response.raw, deadline)
        try:
            body = response.content  # read now: an answer that breaks off is none
        except requests.RequestException:
            response.close()
            raise
        if response.status_code == requests.codes.ok and not _is_text(body):
            # What was damaged on the way would be rejected post by post, and never asked for again.
            raise requests.exceptions.ContentDecodingError("the answer is not UTF-8")
        if not response.is_redirect:
            self.answer = response
        return response

    def _address(self, url: str) -> str:
        for address in self._instead_of:
            if url.startswith(address + "/"):
                url = self.base_url + url[len(address) :]
        if not url.startswith(self.base_url + "/"):
            raise requests.exceptions.InvalidURL("redirected away from the configured address")
        return url


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


class _Guarded:
    """A body that is given up when it takes too long or grows too large."""

    def __init__(self, raw: BaseHTTPResponse, deadline: float) -> None:
        self._raw = raw
        self._deadline = deadline

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever requests reads of the body
        return getattr(self._raw, name)

    def stream(self, amt: int = _PIECE, *, decode_content: bool = True) -> Iterator[bytes]:
        del amt  # what has arrived is taken at once, so that a slow drip meets the deadline
        size = 0
        while piece := self._raw.read1(_PIECE, decode_content=decode_content):
            size += len(piece)
            if size > _LARGEST:
                raise ProtocolError("the answer is too large")
            if monotonic() > self._deadline:
                raise ProtocolError("the answer takes too long")
            yield piece


def named_time(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Return the time before which the network wants no further request; None where it names none.

    Reads ``Retry-After`` (seconds or a date) and ``X-RateLimit-Reset`` (epoch, ISO 8601 or seconds) and believes the
    later. Where the network's clock differs from ours, the later of both readings counts.
    """
    date = _instant(headers.get("date"))
    named = [headers.get(name) for name in _NAMING]
    if headers.get("x-app-limit-24hour-remaining") == "0":
        named.append(headers.get("x-app-limit-24hour-reset"))
    instants = [instant for written in named if (instant := _instant(written, since=now)) is not None]
    if date is not None:
        theirs = [instant for written in named if (instant := _instant(written, since=date)) is not None]
        instants += [now + (i - date) for i in theirs if timedelta() < i - date < _CLOCKS_AGREE]
    return max((instant for instant in instants if now < instant < now + _LONGEST_WAIT), default=None)


def exhausted_until(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Return when requests are allowed again if this answer was the last one allowed; else None."""
    names = ("x-rate-limit-remaining", "x-ratelimit-remaining", "ratelimit-remaining")
    return named_time(headers, now) if "0" in [headers.get(name) for name in names] else None


def _instant(written: str | None, since: datetime | None = None) -> datetime | None:
    """Return an instant from a header: a date, an epoch, or where ``since`` is given a number of seconds from then."""
    if not written:
        return None
    written = written.strip()
    try:
        number = float(written)
    except ValueError:
        return _date(written)
    try:
        if number < 1e8 and since is not None:  # noqa: PLR2004  # three years of seconds, or 1973: never an epoch
            return since + timedelta(seconds=number)
        return datetime.fromtimestamp(number, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _date(written: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            instant = read(written)
        except (ValueError, TypeError):
            continue
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    return None
