"""What a stream of Bluesky tells, alike for the firehose and for Jetstream, and posts made of it."""

from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec

from collector.bluesky_post import COLLECTION, NO_HANDLE, as_post, bare_view, gone_of, without_labels
from collector.bluesky_view import Reading
from collector.source import Heard, Interest
from collector.unreadable import UNREADABLE
from corpus.changes import buried
from corpus.post import Gone, Post
from language.text import clean

_STANDING: dict[str | None, Gone] = dict.fromkeys((None, "deactivated", "deleted", "suspended", "takendown"), "deleted")
"""Why an account is not active, as far as its people or the network mean it: ``desynchronized`` and ``throttled`` are
troubles of servers."""


class StreamFaultError(Exception):
    """The server ends the stream and says why, by a word such as ``FutureCursor``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A record that was made or changed."""

    rkey: str
    payload: bytes
    """The record as JSON."""
    is_edit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event."""

    cursor: int | None = None
    """Where to go on after it."""
    at: datetime | None = None
    """By the server's clock."""
    did: str = ""
    written: tuple[Written, ...] = ()
    deleted: tuple[str, ...] = ()
    """Keys of posts."""
    gone: Gone | None = None
    """Why nothing of the account is to be shown any more."""
    handle: str | None = None
    """What the account is called now."""
    is_gap: bool = False
    """The server has what was asked for no longer."""
    unread: int = 0


def gone_of_account(*, active: bool, status: str | None) -> Gone | None:
    """Return why nothing of an account is to be shown; None where it is, or where only servers are in trouble."""
    return None if active else _STANDING.get(status)


def native_id_of(did: str, rkey: str) -> str:
    """Return a post's address, which a stream tells in parts."""
    return clean(f"at://{did}/{COLLECTION}/{rkey}")


@dataclass(slots=True)
class Moment:
    """What was heard and not yet passed on."""

    interest: Interest
    reading: Reading
    posts: dict[str, Post] = field(default_factory=dict)
    edits: dict[str, Post] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    left: dict[str, Gone] = field(default_factory=dict)
    handles: dict[str, str] = field(default_factory=dict)
    unread: int = 0
    events: int = 0
    is_gap: bool = False

    def add(self, event: Event) -> None:
        """Take what concerns anybody out of an event."""
        self.events += 1
        self.unread += event.unread
        self.is_gap |= event.is_gap
        if event.handle is not None and event.handle != NO_HANDLE:
            self.handles[event.did] = clean(event.handle)
        if event.gone is not None:
            self.left[event.did] = event.gone
            self._forget(f"at://{event.did}/")
        for written in event.written:
            self._take(event, written)
        for rkey in event.deleted:
            native_id = native_id_of(event.did, rkey)
            self.deleted.add(native_id)
            self._forget(native_id)

    def _forget(self, beginning: str) -> None:
        """Let go of what is gone before anybody stored it."""
        for found in (self.posts, self.edits):
            for native_id in [one for one in found if one.startswith(beginning)]:
                del found[native_id]

    def _take(self, event: Event, written: Written) -> None:
        uri = native_id_of(event.did, written.rkey)
        raw = b'{"uri":%b,"value":%b}' % (msgspec.json.encode(uri), written.payload)
        reading = self.reading
        try:
            view = bare_view(uri, written.payload, event.at)
            post = as_post(without_labels(view), raw, now=reading.now, text_limit=reading.text_limit, via=reading.via)
        except UNREADABLE:
            self.unread += 1
            return
        except ValueError:
            return  # without a text or an address: nothing that could carry a hashtag
        via = self.interest(post)
        if via is None and not written.is_edit:
            return
        gone = gone_of(view)
        post = buried(post, gone) if gone is not None else replace(post, via=via or post.via)
        (self.edits if via is None else self.posts)[post.native_id] = post

    def told(self, position: str, reached_at: datetime | None, *, is_live: bool) -> Heard:
        """Return it all."""
        return Heard(
            position=position,
            reached_at=reached_at,
            posts=tuple(self.posts.values()),
            edits=tuple(post for native_id, post in self.edits.items() if native_id not in self.posts),
            deleted=frozenset(self.deleted),
            left=self.left,
            handles={did: handle for did, handle in self.handles.items() if did not in self.left},
            unread=self.unread,
            events=self.events,
            is_gap=self.is_gap,
            is_live=is_live,
        )
