"""Frames of Bluesky's firehose: two objects in DAG-CBOR, what it is and what it says; records lie in a CAR within.

See https://atproto.com/specs/event-stream and the lexicon ``com.atproto.sync.subscribeRepos``
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

import libipld
import msgspec

from collector.bluesky_event import Event, StreamFaultError, Written, gone_of_account
from collector.bluesky_post import COLLECTION
from collector.instants import read_instant
from language.text import clean

_BEHIND = "OutdatedCursor"
_UNREADABLE = (ValueError, TypeError, RecursionError)
"""What libipld and msgspec raise for what is not as it should be."""


class _Header(msgspec.Struct):
    op: int
    t: str = ""


class _Fault(msgspec.Struct):
    error: str = "unknown"


class _Info(msgspec.Struct):
    name: str = ""


class _Op(msgspec.Struct):
    action: str
    path: str
    cid: bytes | None = None


class _Commit(msgspec.Struct):
    repo: str
    ops: list[_Op]
    blocks: bytes = b""


class _Account(msgspec.Struct):
    did: str
    active: bool
    status: str | None = None


class _Identity(msgspec.Struct):
    did: str
    handle: str | None = None


class _Place(msgspec.Struct):
    seq: int | None = None
    time: str | None = None


def read_frame(frame: bytes | str, now: datetime) -> Event:
    """Return what a frame says; of one that cannot be read, that there was one.

    Raises:
        StreamFaultError: the server ends the stream.
    """
    if isinstance(frame, str):
        return Event(unread=1)
    try:
        header, body = libipld.decode_dag_cbor_multi(frame)
        head = msgspec.convert(header, _Header)
        if head.op == -1:
            raise StreamFaultError(clean(msgspec.convert(body, _Fault).error))
        if head.op != 1:
            return Event()
        place = msgspec.convert(body, _Place)
    except _UNREADABLE:
        return Event(unread=1)
    at = _instant(place.time, now)
    try:
        found = _event(head.t, body)
    except _UNREADABLE:
        found = Event(unread=1)
    return replace(found, cursor=place.seq, at=at)


def _event(kind: str, body: object) -> Event:
    if kind == "#commit":
        return _committed(body)
    if kind == "#account":
        account = msgspec.convert(body, _Account)
        return Event(did=clean(account.did), gone=gone_of_account(active=account.active, status=account.status))
    if kind == "#identity":
        identity = msgspec.convert(body, _Identity)
        return Event(did=clean(identity.did), handle=identity.handle)
    return Event(is_gap=kind == "#info" and msgspec.convert(body, _Info).name == _BEHIND)


def _committed(body: object) -> Event:
    commit = msgspec.convert(body, _Commit)
    beginning = f"{COLLECTION}/"
    ops = [(op, op.path.removeprefix(beginning)) for op in commit.ops if op.path.startswith(beginning)]
    if not ops:
        return Event()
    written, unread = [], 0
    blocks = libipld.decode_car(commit.blocks)[1] if any(op.action != "delete" for op, _ in ops) else {}
    for op, rkey in ops:
        if op.action not in ("create", "update"):
            continue
        try:
            payload = msgspec.json.encode(_as_json(blocks[op.cid or b""]))
        except (*_UNREADABLE, KeyError):
            unread += 1
            continue
        written.append(Written(rkey=rkey, payload=payload, is_edit=op.action == "update"))
    return Event(
        did=clean(commit.repo),
        written=tuple(written),
        deleted=tuple(rkey for op, rkey in ops if op.action == "delete"),
        unread=unread,
    )


def _as_json(value: Any) -> object:  # noqa: ANN401  # whatever a record holds
    """Return a value as JSON writes it: links to other blocks are bytes in a CAR."""
    if isinstance(value, bytes):
        return {"$link": libipld.encode_cid(value)}
    if isinstance(value, dict):
        return {name: _as_json(inner) for name, inner in value.items()}
    return [_as_json(inner) for inner in value] if isinstance(value, list) else value


def _instant(written: str | None, now: datetime) -> datetime | None:
    try:
        return read_instant(written, now)
    except ValueError:
        return None
