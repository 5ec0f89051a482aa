"""Lines of Jetstream, which tells what the firehose does in JSON and is counted by microseconds of 1970.

See https://github.com/bluesky-social/jetstream
"""

from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import Raw

from collector.bluesky_event import Event, Written, gone_of_account
from collector.bluesky_post import COLLECTION
from collector.unreadable import UNREADABLE
from language.text import clean


class _Commit(msgspec.Struct):
    operation: str
    collection: str
    rkey: str
    record: Raw = Raw()


class _Account(msgspec.Struct):
    active: bool
    status: str | None = None


class _Identity(msgspec.Struct):
    handle: str | None = None


class _Line(msgspec.Struct):
    did: str
    time_us: int
    commit: _Commit | None = None
    account: _Account | None = None
    identity: _Identity | None = None


_read_line = msgspec.json.Decoder(_Line).decode


def read_line(line: bytes | str, now: datetime) -> Event:
    """Return what a line says; of one that cannot be read, that there was one."""
    del now  # a line is placed by the server's clock, and so is the cursor
    try:
        found = _read_line(line)
        at = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=found.time_us)
    except (*UNREADABLE, OverflowError):
        return Event(unread=1)
    account, commit = found.account, found.commit
    is_post = commit is not None and commit.collection == COLLECTION
    written: tuple[Written, ...] = ()
    deleted: tuple[str, ...] = ()
    if commit is not None and is_post and commit.operation == "delete":
        deleted = (commit.rkey,)
    elif commit is not None and is_post and commit.operation in ("create", "update"):
        is_edit = commit.operation == "update"
        written = (Written(rkey=commit.rkey, payload=bytes(commit.record), is_edit=is_edit),)
    return Event(
        cursor=found.time_us,
        at=at,
        did=clean(found.did),
        written=written,
        deleted=deleted,
        gone=gone_of_account(active=account.active, status=account.status) if account is not None else None,
        handle=found.identity.handle if found.identity is not None else None,
    )


def cursor_time(cursor: int) -> datetime:
    """Return the instant that a cursor names."""
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=cursor)
