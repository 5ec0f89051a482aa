"""Bluesky's firehose and Jetstream on loopback, whose connections go wrong on request. All text invented."""

import json
import threading
from collections import deque
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import libipld
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

from programme.values import FIREHOSE, JETSTREAM
from tests.collector.fake_bluesky import facet
from tests.collector.fake_wire import Clock

TAG = "tulevaisuudenkunta"
POST = "app.bsky.feed.post"


class FakeStream:
    """Tells events to whoever listens, from the cursor on.

    A fault is for one connection: ``429 60`` (a status and the seconds of Retry-After, or ``429`` alone), ``away``
    (redirected), ``drop 3`` (cut off after so many events), ``error Word 3`` (an error frame then), ``html`` (a page).

    Args:
        clock: its clock.
        kind: ``firehose`` or ``jetstream``.
    """

    def __init__(self, clock: Clock, kind: str) -> None:
        self.clock, self.kind = clock, kind
        self.faults: deque[str] = deque()
        self.opened: list[tuple[datetime, str | None]] = []
        """When somebody came, and with which cursor."""
        self.too_early: list[datetime] = []
        self.not_before: datetime | None = None
        self.is_busy = True
        """Whether something happens somewhere as soon as somebody listens."""
        self.oldest = 0
        """Number of the oldest event that it still has."""
        self._events: list[tuple[int, bytes | str]] = []
        self._told = threading.Condition()
        self._is_over = False
        self._server: Server = serve(self._serve, "127.0.0.1", 0, process_request=self._greet, close_timeout=0.1)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._told:
            self._is_over = True
            self._told.notify_all()
        self._server.shutdown()
        self._thread.join()

    @property
    def url(self) -> str:
        """Address of the stream."""
        port = self._server.socket.getsockname()[1]
        return f"ws://127.0.0.1:{port}{FIREHOSE if self.kind == 'firehose' else JETSTREAM}"

    # ---- what happens

    def post(self, text: str | None = None, *, did: str = "did:plc:asukas1", edits: str = "", **record: object) -> str:
        """Tell of a new post, or of one that is edited, and return its address."""
        rkey = edits.rpartition("/")[2] if edits else f"3l{self._next():011d}"
        text = f"Keksitty öinen 🌲 viesti {self._next()} #{TAG}" if text is None else text
        marks = [facet(text, f"#{TAG}", "tag", TAG)] if f"#{TAG}" in text.split() else []
        whole = {
            "$type": POST,
            "createdAt": self._time(timedelta(seconds=2)),
            "text": text,
            "langs": ["fi"],
            "facets": marks,
        } | record
        self._commit(did, "update" if edits else "create", rkey, whole)
        return f"at://{did}/{POST}/{rkey}"

    def answer(self, to: str, root: str | None = None, **more: Any) -> str:  # noqa: ANN401  # of ``post``
        """Tell of an answer without the hashtag."""
        reply = {"root": {"uri": root or to, "cid": "bafy"}, "parent": {"uri": to, "cid": "bafy"}}
        return self.post("Keksitty vastaus", reply=reply, **more)

    def delete(self, uri: str) -> None:
        """Tell that a post is gone."""
        did, _, path = uri.removeprefix("at://").partition("/")
        self._commit(did, "delete", path.rpartition("/")[2], None)

    def account(self, did: str, *, active: bool = False, status: str | None = None) -> None:
        """Tell how an account stands."""
        self._tell("account", {"did": did, "active": active} | ({"status": status} if status else {}))

    def identity(self, did: str, handle: str) -> None:
        """Tell what an account is called."""
        self._tell("identity", {"did": did, "handle": handle})

    def like(self) -> None:
        """Tell of something that is no post."""
        self._commit("did:plc:muu", "create", "3lmuu", {"$type": "app.bsky.feed.like"}, collection="app.bsky.feed.like")

    def raw(self, message: bytes | str) -> None:
        """Tell anything."""
        with self._told:
            self._events.append((self._next(), message))
            self._told.notify_all()

    @property
    def told(self) -> int:
        """How much has happened."""
        return len(self._events)

    def forget(self) -> None:
        """Drop all that happened so far: a cursor from before is too old."""
        self.oldest = self._next()

    # ---- how it is told

    def _next(self) -> int:
        """Return the number of the next event: of a firehose from 1 on, of a Jetstream by its clock."""
        start = 0 if self.kind == "firehose" else int((self.clock().timestamp() - 1) * 1_000_000)
        return max(start, self._events[-1][0] if self._events else 0) + 1

    def _time(self, before: timedelta = timedelta()) -> str:
        return (self.clock() - before).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _commit(self, did: str, action: str, rkey: str, record: object, *, collection: str = POST) -> None:
        if self.kind == "jetstream":
            commit = {"operation": action, "collection": collection, "rkey": rkey, "rev": "r"}
            self._tell("commit", {"did": did, "commit": commit | ({"record": record} if record else {})})
            return
        block = libipld.encode_dag_cbor(record)
        cid = b"\x01\x71\x12\x20" + sha256(block).digest()
        op = {"action": action, "path": f"{collection}/{rkey}", "cid": cid if record else None}
        blocks = car({cid: block} if record else {})
        self._tell("commit", {"repo": did, "ops": [op], "blocks": blocks, "rev": "r", "tooBig": False})

    def _tell(self, kind: str, body: dict[str, Any]) -> None:
        number = self._next()
        if self.kind == "firehose":
            self.raw(frame({"op": 1, "t": f"#{kind}"}, body | {"seq": number, "time": self._time()}))
            return
        inner = body if kind == "commit" else {"did": body["did"], kind: body}
        self.raw(json.dumps(inner | {"kind": kind, "time_us": number}))

    def _greet(self, _: ServerConnection, request: Request) -> Response | None:
        now = self.clock()
        self.opened.append((now, dict(parse_qsl(urlsplit(request.path).query)).get("cursor")))
        if self.not_before is not None and now < self.not_before:
            self.too_early.append(now)
        fault = self.faults[0] if self.faults else ""
        words = fault.split()
        if not words or words[0] in ("drop", "error"):
            return None
        self.faults.popleft()
        if words[0] == "away":
            return Response(302, "Found", Headers({"Location": "ws://127.0.0.1:1/elsewhere"}))
        if words[0] == "html":
            return Response(200, "OK", Headers({"Content-Type": "text/html"}), b"<!doctype html>")
        headers = Headers()
        if len(words) > 1:
            self.not_before = now + timedelta(seconds=int(words[1]))
            headers["Retry-After"] = words[1]
        return Response(int(words[0]), "Fault", headers)

    def _serve(self, connection: ServerConnection) -> None:
        asked = dict(parse_qsl(urlsplit(connection.request.path if connection.request else "").query))
        words = (self.faults.popleft() if self.faults else "").split()
        left = int(words[-1]) if words else None
        newest = self._events[-1][0] if self._events else 0
        after = int(asked["cursor"]) if "cursor" in asked else newest
        if "cursor" not in asked and self.is_busy:
            self.like()
        try:
            if self.kind == "firehose" and after > newest:
                connection.send(frame({"op": -1}, {"error": "FutureCursor", "message": "Cursor in the future."}))
                return
            if self.kind == "firehose" and after + 1 < self.oldest:
                connection.send(frame({"op": 1, "t": "#info"}, {"name": "OutdatedCursor"}))
            while left is None or left > 0:
                message = self._after(max(after, self.oldest - 1))
                if message is None:
                    return
                after = message[0]
                connection.send(message[1])
                left = left - 1 if left is not None else None
            if words[0] == "error":
                connection.send(frame({"op": -1}, {"error": words[1]}))
            else:
                connection.socket.close()
        except (ConnectionClosed, OSError):
            pass

    def _after(self, number: int) -> tuple[int, bytes | str] | None:
        with self._told:
            while not self._is_over:
                found = next((event for event in self._events if event[0] > number), None)
                if found is not None:
                    return found
                self._told.wait(0.5)
        return None


def frame(header: object, body: object) -> bytes:
    """Return a frame of the firehose."""
    return libipld.encode_dag_cbor(header) + libipld.encode_dag_cbor(body)


def car(blocks: dict[bytes, bytes]) -> bytes:
    """Return an archive of blocks."""
    root = next(iter(blocks), b"\x01\x71\x12\x20" + bytes(32))
    header = libipld.encode_dag_cbor({"roots": [root], "version": 1})
    parts = [header, *(cid + block for cid, block in blocks.items())]
    return b"".join(_length(len(part)) + part for part in parts)


def _length(number: int) -> bytes:
    """Return a number as LEB128."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])
