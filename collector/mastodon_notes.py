"""What a server of Mastodon told beside the posts and will be needed again.

A status has an id of its own on every server that shows it, and only a search with a token finds it by its address. It
is noted when the status is seen, for as long as the status is looked up or its thread is followed.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from collector.source import Memory

_KEPT = timedelta(days=31)
"""Age of a status up to which its id is noted: a day more than it is looked up."""
_SINGLY_FOR = timedelta(days=7)
"""After which a server that takes no several ids at once is tried again: it may have been renewed."""


class _Noted(msgspec.Struct, frozen=True, array_like=True):
    local_id: str
    created_at: int
    """Seconds of the epoch."""


class _Notes(msgspec.Struct, frozen=True):
    ids: dict[str, _Noted] = {}
    """By address."""
    singly_since: int | None = None
    left_out: list[str] = []
    is_whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """A status as one server knows it."""

    uri: str
    local_id: str
    created_at: datetime


class ServerNotes:
    """The notes of one source."""

    def __init__(self, source: str) -> None:
        self._key = f"notes of {source}"
        self._memory: Memory | None = None
        self._notes = _Notes()

    def keep_in(self, memory: Memory) -> None:
        """Keep the notes there from now on, and read what stands there."""
        self._memory = memory
        self._notes = _read(memory.get(self._key))

    def id_of(self, uri: str) -> str | None:
        """Return the server's own id of a status; None where it is not known."""
        noted = self._notes.ids.get(uri)
        return noted.local_id if noted else None

    def uris(self) -> dict[str, str]:
        """Return what the server's own ids mean."""
        return {noted.local_id: uri for uri, noted in self._notes.ids.items()}

    def note(self, statuses: Iterable[Local], now: datetime) -> None:
        """Note the ids of statuses that are young enough."""
        young = (now - _KEPT).timestamp()
        fresh = {one.uri: _Noted(one.local_id, int(one.created_at.timestamp())) for one in statuses}
        fresh = {
            uri: noted for uri, noted in fresh.items() if noted.created_at > young and self._notes.ids.get(uri) != noted
        }
        if fresh:
            self._change(lambda notes: replace(notes, ids=_younger({**notes.ids, **fresh}, young)), now)

    def asks_singly(self, now: datetime) -> bool:
        """Return whether the server is known to take one id at a time only."""
        since = self._notes.singly_since
        return since is not None and now.timestamp() - since < _SINGLY_FOR.total_seconds()

    def ask_singly(self, now: datetime) -> None:
        """Note that the server takes one id at a time only."""
        self._change(lambda notes: replace(notes, singly_since=int(now.timestamp())), now)

    @property
    def is_whole(self) -> bool:
        """Whether the server was seen to show answers to answers with what they answer."""
        return self._notes.is_whole

    def shows_whole(self, now: datetime) -> None:
        """Note that the server shows answers to answers at once."""
        if not self._notes.is_whole:
            self._change(lambda notes: replace(notes, is_whole=True), now)

    @property
    def left_out(self) -> frozenset[str]:
        """Addresses of statuses that an answer for several did not hold, and that were not asked for since."""
        return frozenset(self._notes.left_out)

    def leave_out(self, uris: frozenset[str], now: datetime) -> None:
        """Note that an answer for several did not hold some."""

        def turn(notes: _Notes) -> _Notes:
            return replace(notes, left_out=sorted(uris.union(uri for uri in notes.left_out if uri in notes.ids)))

        if uris - self.left_out:
            self._change(turn, now)

    def asked_for(self, uri: str, now: datetime) -> None:
        """Note that a status was asked for by itself."""
        if uri in self.left_out:
            self._change(lambda notes: replace(notes, left_out=[one for one in notes.left_out if one != uri]), now)

    def _change(self, change: Callable[[_Notes], _Notes], now: datetime) -> None:
        def turn(fact: object) -> tuple[object, _Notes]:
            notes = change(_read(fact))
            return msgspec.to_builtins(notes), notes

        if self._memory is None:
            self._notes = change(self._notes)
        else:
            self._notes = self._memory.change(self._key, turn, now=now)


def _younger(ids: Mapping[str, _Noted], limit: float) -> dict[str, _Noted]:
    return {uri: noted for uri, noted in ids.items() if noted.created_at > limit}


def _read(fact: object) -> _Notes:
    return msgspec.convert(fact, _Notes) if fact is not None else _Notes()
