"""Networks on loopback that go wrong by a schedule, and that watch whether a time that they named is kept."""

import gzip
import json
import re
import socket
import struct
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import cache
from http.server import BaseHTTPRequestHandler

from tests.collector.fake_bluesky import FakeBluesky
from tests.collector.fake_feed import FakeFeed
from tests.collector.fake_lemmy import FakeLemmy
from tests.collector.fake_mastodon import FakeMastodon
from tests.collector.fake_wire import Answer, Asked, Clock, FakeServer
from tests.collector.fake_x import FakeX, snowflake
from tests.faults.schedule import Fault, Schedule

TIMEOUT = 5.0
"""Seconds that the sources wait for an answer. Nothing here takes so long in real time, however busy the machine: how
a source bears a server that is really slow is shown in ``tests/collector/test_sources_shared.py``."""
TIMED_OUT = 9.0
"""Seconds that go by, by the simulated clock, where an answer or its end does not come: beyond every deadline."""
TAGS = ("tulevaisuudenkunta", "framtidenskommun")
WINDOW = timedelta(days=7)
KEPT = 45
"""Entries that a feed holds."""
_OF_BODIES = frozenset({"truncated", "latin-1", "utf-16", "broken", "cut", "drip"})
"""What goes wrong with a body only: an answer without one is as it should be."""
_DAY = 86_400_000 << 16
"""Mastodon's ids of a day."""
_HOP = "/loop"
_REMAINING = {"x": "x-rate-limit-remaining", "bluesky": "RateLimit-Remaining"}


class Skewed(Clock):
    """A network's own clock beside ours."""

    def __init__(self, ours: Clock, seconds: float) -> None:
        super().__init__()
        self._ours, self._skew = ours, timedelta(seconds=seconds)

    def __call__(self) -> datetime:
        """Return the instant by this clock."""
        return self._ours() + self._skew


class Troubled(FakeServer):
    """What every network has in common when it goes wrong.

    ``spoilt`` counts answers that were spoilt, ``redirects`` those of a loop after its first, ``pages`` what was
    rightly shown.
    """

    network = ""
    harmless: frozenset[str] = frozenset()
    """What a client may read all the same."""

    def follow(self, schedule: Schedule, ours: Clock) -> None:
        """Go wrong by a schedule from now on."""
        self.schedule, self.ours = schedule, ours
        self.spoilt = self.redirects = 0
        self.beside = 0
        self.pages: list[frozenset[str]] = []
        self.refusals = 0
        """Questions that were not taken as they were, such as one for what is older than the window."""

    def publish_one(self, number: int) -> None:
        """Write a post under one of the hashtags."""
        tag = TAGS[number % 2] if self.schedule.two_hashtags else TAGS[0]
        self.publish(1, hashtag=tag, **self.words(tag))  # type: ignore[attr-defined]  # every network's own

    def words(self, tag: str) -> dict[str, object]:
        """Return the fields of a post whose text is not ASCII."""
        del tag
        return {}

    def shown(self, body: bytes) -> frozenset[str]:
        """Return the native ids in a right answer."""
        raise NotImplementedError

    def held(self) -> frozenset[str]:
        """Return the native ids of what the network holds now."""
        raise NotImplementedError

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        now = self.clock()
        asked = Asked(handler.path, {k.lower(): v for k, v in handler.headers.items()}, now)
        asked.body = handler.rfile.read(int(asked.headers.get("content-length", "0")))
        if self.not_before is not None and now < self.not_before:
            self.too_early.append(asked)
        self.ours.pass_by(seconds=self.schedule.latency)
        if asked.path.endswith(_HOP):
            self.redirects += 1
            self._respond(handler, Fault(kind="loop"), (200, {}, b""))
            return
        if aside := self.answer_aside(asked):
            faults = self.schedule.aside
            fault = faults[self.beside] if self.beside < len(faults) else Fault(kind="right")
            self.beside += 1
            self._respond(handler, fault, aside)
            return
        number = len(self.asked)
        self.asked.append(asked)
        for step in range(self.schedule.meanwhile.get(number, 0)):
            self.publish_one(step)
        answer = self.right_answer(asked)
        fault = self.schedule.faults.get(number, Fault(kind="right"))
        if fault.kind in (_OF_BODIES if answer[0] == 304 else self.harmless):
            fault = replace(fault, kind="right", is_last=fault.is_last)
        if fault.kind != "right":
            self.spoilt += 1
        elif answer[0] == 200:
            self.pages.append(self.shown(answer[2]))
        elif answer[0] != 304:
            self.refusals += 1
        self._respond(handler, fault, answer)

    def _respond(self, handler: BaseHTTPRequestHandler, fault: Fault, answer: Answer) -> None:
        kind = fault.kind
        if kind in ("rst", "slow"):
            if kind == "slow":
                self.ours.pass_by(seconds=TIMED_OUT)
            self._hang_up(handler)
            return
        status, headers, body = self._gone_wrong(fault, *answer)
        if kind == "drip":
            self.ours.pass_by(seconds=TIMED_OUT)
        handler.send_response(status)
        length = len(body) + (100 if kind in ("broken", "cut") else 0)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(length), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        if kind == "cut":
            handler.wfile.write(body[: len(body) // 2])
            self._hang_up(handler)
        else:
            handler.wfile.write(body)
        if kind in ("broken", "drip"):
            handler.close_connection = True

    def _hang_up(self, handler: BaseHTTPRequestHandler) -> None:
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()
        handler.close_connection = True

    def _gone_wrong(self, fault: Fault, status: int, headers: dict[str, str], body: bytes) -> Answer:
        headers = {**headers, **self._limits(fault)}
        kind = fault.kind
        code, _, how = kind.partition(" ")
        if code.isdigit():
            told = self._named_time(how, fault.seconds) if how else {} if code == "429" else headers
            return int(code), told, b'{"title": "Fault", "error": "made for a test"}'
        zipped = {**headers, "Content-Encoding": "gzip"}
        spoilt: Mapping[str, Answer] = {
            "html": (200, {**headers, "Content-Type": "text/html"}, b"<!doctype html><title>Huolto</title>"),
            "empty": (200, headers, b""),
            "truncated": (status, headers, _half(body)),
            "list": (200, headers, b'{"error": "no"}' if body[:1] == b"[" else b"[1, 2]"),
            "latin-1": (status, headers, body.decode().encode("latin-1", "replace")),
            "utf-16": (
                status,
                {**headers, "Content-Type": "application/json; charset=utf-8"},
                body.decode().encode("utf-16"),
            ),
            "huge": (200, headers, _huge() + body),
            "bomb": (200, zipped, _bomb()),
            "damaged": (200, zipped, _half(gzip.compress(body))),
            "loop": (302, {"Location": _HOP}, b""),
            "away": (302, {"Location": "http://127.0.0.1:1/elsewhere"}, b""),
        }
        return spoilt.get(kind, (status, headers, body))

    def _limits(self, fault: Fault) -> dict[str, str]:
        """Return what each answer says of how many more requests are allowed, and until when."""
        reset = self.clock() + timedelta(seconds=fault.seconds if fault.is_last else 900)
        name, value = self.reset_header(reset)
        if fault.is_last:
            self._leave_alone(reset)
        return {name: value, _REMAINING.get(self.network, "X-RateLimit-Remaining"): "0" if fault.is_last else "150"}

    def _named_time(self, how: str, seconds: int) -> dict[str, str]:
        until = self.clock() + timedelta(seconds=seconds)
        self._leave_alone(until)
        if how == "after":
            return {"Retry-After": str(seconds)}
        if how == "date":
            return {"Retry-After": format_datetime(until, usegmt=True)}
        return dict([self.reset_header(until)])

    def _leave_alone(self, until: datetime) -> None:
        until = until.replace(microsecond=0)  # headers tell whole seconds
        self.not_before = max(until, self.not_before or until)


def _half(body: bytes) -> bytes:
    return body[: len(body) // 2]


@cache
def _huge() -> bytes:
    return b" " * (33 * 1024 * 1024)


@cache
def _bomb() -> bytes:
    return gzip.compress(b" " * (40 * 1024 * 1024))


class TroubledX(Troubled, FakeX):
    """X, which forgets after seven days."""

    network = "x"

    def words(self, tag: str) -> dict[str, object]:
        """Return the text of a post."""
        return {"text": f"Keksitty öinen viesti {len(self.posts)} #{tag}"}

    def right_answer(self, asked: Asked) -> Answer:
        """Return a page of what is within the window."""
        self.window_start = self.clock() - WINDOW
        return super().right_answer(asked)

    def shown(self, body: bytes) -> frozenset[str]:
        """Return the native ids in a right answer."""
        return frozenset(post["id"] for post in json.loads(body).get("data", ()))

    def held(self) -> frozenset[str]:
        """Return what the network holds now."""
        oldest = snowflake(self.clock() - WINDOW)
        return frozenset(post["id"] for post in self.posts if int(post["id"]) > oldest)


class TroubledMastodon(Troubled, FakeMastodon):
    """A server of Mastodon."""

    network = "mastodon"

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock, page=40)
        self.latecomers: set[str] = set()

    def publish_one(self, number: int) -> None:
        """Write a status; some come late from another server."""
        late = timedelta(minutes=30) if number % 5 == 4 else timedelta()
        tag = TAGS[number % 2] if self.schedule.two_hashtags else TAGS[0]
        uris = self.publish(1, hashtag=tag, late=late, content=f"<p>Keksitty öinen viesti {len(self.statuses)}</p>")
        if late:
            self.latecomers.update(uris)

    def again(self, known: set[str], fresh: set[str], tag: str) -> int:
        """Return how many statuses of a day are to be read once more because the fresh ones are of a later one."""
        ids = {one["uri"]: int(one["id"]) for one in self.statuses if tag in {named["name"] for named in one["tags"]}}
        before, after = [[ids[uri] for uri in uris if uri in ids] for uris in (known, fresh)]
        if not before or not after or max(after) // _DAY <= max(before) // _DAY:
            return 0
        floor = max(before) // _DAY * _DAY - _DAY // 24
        return sum(floor < native_id <= max(before) for native_id in before)

    def shown(self, body: bytes) -> frozenset[str]:
        """Return the native ids in a right answer."""
        return frozenset(status["uri"] for status in json.loads(body))

    def held(self) -> frozenset[str]:
        """Return what the server holds now, but for what came late: that may be found on a later day."""
        return frozenset(self.truth - self.latecomers)


class TroubledBluesky(Troubled, FakeBluesky):
    """Bluesky."""

    network = "bluesky"

    def shown(self, body: bytes) -> frozenset[str]:
        """Return the native ids in a right answer."""
        return frozenset(post["uri"] for post in json.loads(body)["posts"])

    def held(self) -> frozenset[str]:
        """Return what the network holds now."""
        return frozenset(self.truth)


class TroubledLemmy(Troubled, FakeLemmy):
    """A server of Lemmy, which looks for one hashtag only."""

    network = "lemmy"

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock, page=50)

    def publish_one(self, number: int) -> None:
        """Write a post."""
        tag = TAGS[number % 2] if self.schedule.two_hashtags else TAGS[0]
        self.publish(1, body=f"Öinen viesti #{tag}")

    def right_answer(self, asked: Asked) -> Answer:
        """Return a page of what carries the hashtag."""
        every = self.posts
        self.posts = [view for view in every if asked.params["q"] in view["post"]["body"]]
        answer = super().right_answer(asked)
        self.posts = every
        return answer

    def shown(self, body: bytes) -> frozenset[str]:
        """Return the native ids in a right answer."""
        return frozenset(view["post"]["ap_id"] for view in json.loads(body)["posts"])

    def held(self) -> frozenset[str]:
        """Return what the server holds now."""
        return frozenset(self.truth)


class TroubledFeed(Troubled, FakeFeed):
    """A feed, which holds its newest entries."""

    network = "feed"
    harmless = frozenset({"latin-1", "utf-16"})

    def write(self, item: str) -> None:
        """Put an entry on top of the feed."""
        super().write(item.replace("uutinen", "öinen uutinen"))

    def publish_one(self, number: int) -> None:
        """Write an entry; the oldest leaves the feed."""
        super().publish_one(number)
        del self.entries[KEPT:]

    def shown(self, body: bytes) -> frozenset[str]:
        """Return the native ids in a right answer."""
        return frozenset(re.findall("<guid>(.*?)</guid>", body.decode()))

    def held(self) -> frozenset[str]:
        """Return what the feed holds now."""
        return self.shown("".join(self.entries).encode())


Network = TroubledX | TroubledMastodon | TroubledBluesky | TroubledLemmy | TroubledFeed
TROUBLED: Mapping[str, type[Network]] = {
    "x": TroubledX,
    "mastodon": TroubledMastodon,
    "bluesky": TroubledBluesky,
    "feed": TroubledFeed,
    "lemmy": TroubledLemmy,
}
