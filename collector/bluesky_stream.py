"""The websocket under Bluesky's streams: one configured address, resumed by cursor, and nothing kept beyond a moment.

The library's own reconnection is not used: when we may ask again is decided by our clock and by what the server named.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from collector.bluesky_event import Event, Moment, StreamFaultError
from collector.bluesky_firehose import read_frame
from collector.bluesky_jetstream import cursor_time, read_line
from collector.bluesky_post import COLLECTION
from collector.bluesky_view import Reading
from collector.counterpart import Counterpart
from collector.errors import Remedies, SourceRefusedError
from collector.retry import Patience
from collector.source import Heard, Interest
from collector.wire import LOOPBACK, USER_AGENT
from programme.types import Programme, SourceSettings
from programme.values import JETSTREAM

_MOMENT = 1.0
"""Seconds of one moment, or less where the source's timeout is short."""
_OF_TIMEOUT = 0.05
_QUIET = 2
"""Moments in which nothing comes, after which nothing more is waiting."""
_MOST = 2000
"""Events of one moment: the whole network writes as many in a second or two."""
_LARGEST = 5 * 1024 * 1024
"""Bytes of a frame that the specification allows."""
_CLOSING = 1.0
"""Seconds that a goodbye may take."""
_LOST = timedelta(minutes=5)
"""A Jetstream that begins so much later than asked for has forgotten what was before."""
_AHEAD = "FutureCursor"
_REMEDIES = Remedies(
    by_status={
        404: "Check stream in sources.toml: there is no such stream at this address.",
        429: "Nothing to do: we go on when the server allows it.",
    },
    otherwise="Check stream in sources.toml. Without the stream, the rounds go on finding posts.",
)


class _RedirectedError(WebSocketException):
    """The server sends us elsewhere, and only configured addresses are asked."""


class _Straight(ClientConnection):
    """A connection to where it was asked for, or none."""

    def handshake(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401  # of the library, passed on
        try:
            super().handshake(*arguments, **named)
        except InvalidStatus as error:
            if 300 <= error.response.status_code < 400:  # noqa: PLR2004  # HTTP's redirections
                raise _RedirectedError from error
            raise


class _Position(msgspec.Struct):
    """What is remembered of a stream."""

    of: str
    """Its address: cursors of one server mean nothing to another."""
    cursor: int | None = None


_read_position = msgspec.json.Decoder(_Position).decode


@dataclass(slots=True)
class _Reached:
    """How far a connection has come."""

    cursor: int | None
    at: datetime | None
    """Everything before it was told; None while nothing was."""
    is_gap: bool
    quiet: int = 0
    """Moments since anything came."""
    end: Exception | None = None

    def note(self, event: Event) -> None:
        self.cursor = event.cursor if event.cursor is not None else self.cursor
        self.at = event.at or self.at


class BlueskyStream:
    """One stream of a source."""

    def __init__(self, settings: SourceSettings, address: str, text_limit: int) -> None:
        self._address = address
        self._is_jetstream = urlsplit(address).path == JETSTREAM
        self._read: Callable[[bytes | str, datetime], Event] = read_line if self._is_jetstream else read_frame
        self._text_limit = text_limit
        self._timeout = settings.timeout
        self._moment = min(_MOMENT, settings.timeout * _OF_TIMEOUT)
        who = urlsplit(address).netloc
        self._counterpart = Counterpart(source=settings.name, who=who, remedies=_REMEDIES)

    def listen(self, position: str | None, interest: Interest, patience: Patience) -> Generator[Heard, None, None]:
        """Yield what is told; see ``Streaming.listen``."""
        before = _read_position(position) if position else None
        cursor = before.cursor if before is not None and before.of == self._address else None
        try:
            yield from self._connected(cursor, interest, patience, is_gap=before is not None and cursor is None)
        except StreamFaultError as error:
            if str(error) != _AHEAD or cursor is None:
                raise self._counterpart.unavailable(f"ended the stream ({error!s:.60}).") from None
        # The server was set up anew and counts from the beginning: what we missed it cannot tell.
        yield from self._connected(None, interest, patience, is_gap=True)

    def _connected(
        self, cursor: int | None, interest: Interest, patience: Patience, *, is_gap: bool
    ) -> Generator[Heard, None, None]:
        began_at = patience.now()
        socket = self._open(cursor, began_at)
        reached = _Reached(cursor, began_at if cursor is None else None, is_gap)
        try:
            while reached.end is None:
                now = patience.now()
                moment = Moment(interest=interest, reading=_reading(now, self._text_limit), is_gap=reached.is_gap)
                self._fill(moment, socket, reached, now)
                reached.is_gap = False
                is_live = reached.quiet >= _QUIET
                if is_live:
                    reached.at = now
                position = msgspec.json.encode(_Position(of=self._address, cursor=reached.cursor)).decode()
                yield moment.told(position, reached.at, is_live=is_live)
        finally:
            socket.close()
        if isinstance(reached.end, StreamFaultError):
            raise reached.end
        raise self._counterpart.unavailable("closed the stream.")

    def _fill(self, moment: Moment, socket: ClientConnection, reached: _Reached, now: datetime) -> None:
        """Hear what comes within a moment."""
        until = monotonic() + self._moment
        while moment.events < _MOST and (left := until - monotonic()) > 0:
            try:
                event = self._read(socket.recv(timeout=left), now)
            except TimeoutError:
                break
            except (ConnectionClosed, StreamFaultError) as error:
                reached.end = error
                break
            if self._is_jetstream and reached.at is None and event.at is not None and reached.cursor is not None:
                moment.is_gap |= event.at - cursor_time(reached.cursor) > _LOST
            reached.note(event)
            moment.add(event)
        reached.quiet = 0 if moment.events else reached.quiet + 1

    def _open(self, cursor: int | None, now: datetime) -> ClientConnection:
        asked: list[tuple[str, str]] = [("wantedCollections", COLLECTION)] if self._is_jetstream else []
        asked += [("cursor", str(cursor))] if cursor is not None else []
        host = urlsplit(self._address).hostname or ""
        try:
            return connect(
                self._address + (f"?{urlencode(asked)}" if asked else ""),
                create_connection=_Straight,
                # A proxy cannot reach our own loopback.
                proxy=None if host in LOOPBACK else True,
                user_agent_header=USER_AGENT,
                open_timeout=self._timeout,
                close_timeout=_CLOSING,
                max_size=_LARGEST,
            )
        except InvalidStatus as error:
            headers = {name.lower(): value for name, value in error.response.headers.raw_items()}
            raise self._counterpart.refusal("refused the stream", error.response.status_code, headers, now) from None
        except (WebSocketException, OSError, ValueError) as error:
            raise self._counterpart.unavailable(f"gave no stream ({type(error).__name__}).") from None


def _reading(now: datetime, text_limit: int) -> Reading:
    return Reading(now=now, text_limit=text_limit, via="hashtag")


def open_stream(settings: SourceSettings, programme: Programme) -> BlueskyStream:
    """Return the source's stream; nothing is asked yet.

    Raises:
        SourceRefusedError: none is configured.
    """
    if settings.stream is None:
        raise SourceRefusedError(
            f"Source {settings.name!r}: no stream is configured.", "Set stream for the source in sources.toml."
        )
    return BlueskyStream(settings, settings.stream, programme.text_limit)
