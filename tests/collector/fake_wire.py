"""A loopback server whose answers go wrong on request. Nothing here knows a network."""

import json
import socket
import struct
import sys
import threading
from collections import deque
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qsl, urlsplit

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
RESET_AFTER = timedelta(minutes=15)
SHORT_RESET_AFTER = timedelta(seconds=10)


class Clock:
    """A clock that stands still until somebody rests."""

    def __init__(self, start: datetime = START) -> None:
        self.now = start
        self.rested: list[float] = []

    def __call__(self) -> datetime:
        """Return the present instant."""
        return self.now

    def rest(self, seconds: float) -> None:
        """Let time pass."""
        self.rested.append(seconds)
        self.now += timedelta(seconds=seconds)

    def pass_by(self, **duration: float) -> None:
        """Let time pass without anybody waiting for it."""
        self.now += timedelta(**duration)


class Asked:
    """One request as the server saw it."""

    def __init__(self, path: str, headers: dict[str, str], at: datetime) -> None:
        address = urlsplit(path)
        self.path = address.path
        self.query = address.query
        self.params = dict(parse_qsl(address.query, keep_blank_values=True))
        self.headers = headers
        self.at = at
        self.body = b""
        self.method = "GET"


Answer = tuple[int, dict[str, str], bytes]


class FakeServer:
    """Counts requests, and answers the next ones with the faults it was given.

    A fault is a word: a status (``503``), ``429 reset``, ``429 soon`` (ten seconds), ``last`` (an answer that says no
    more are allowed), ``last truncated`` and ``last broken`` (both at once), ``latin-1``, ``html``, ``empty``,
    ``truncated``, ``broken`` (shorter than announced), ``slow``, ``drip``, ``rst``, ``list``, ``away`` (redirected
    elsewhere), ``loop``, ``nonsense`` (headers that are none), ``ok``.
    """

    is_paged = True
    """Whether what is new comes in several answers."""
    cap = ("collector.wire", "_LARGEST")
    """Where the bytes of the largest answer stand."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.asked: list[Asked] = []
        self.faults: deque[str] = deque()
        self.not_before: datetime | None = None
        self.too_early: list[Asked] = []
        self._stopped = threading.Event()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # or headers and body come 40 ms apart

            def do_GET(self) -> None:
                fake._answer(self)

            def do_POST(self) -> None:
                fake._answer(self)

            def do_PUT(self) -> None:
                fake._answer(self)

            def log_message(self, *_: object) -> None:
                pass

            def send_header(self, keyword: str, value: str) -> None:
                if keyword == "Date":
                    value = format_datetime(fake.clock(), usegmt=True)
                super().send_header(keyword, value)

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: object, client_address: object) -> None:
                if not isinstance(sys.exception(), OSError):  # a client that hung up, or was hung up on
                    super().handle_error(request, client_address)  # type: ignore[arg-type]  # passed on

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Address of the server."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def right_answer(self, asked: Asked) -> Answer:
        """Return what the network answers when nothing goes wrong."""
        raise AssertionError(f"nothing answers {asked.path}")

    def answer_aside(self, asked: Asked) -> Answer | None:
        """Return the answer to a request that is no search and has a budget of its own, such as a sign-in."""
        del asked
        return None

    def reset_header(self, at: datetime) -> tuple[str, str]:
        """Return how the network names the time from which it may be asked again."""
        raise AssertionError(f"nobody is told to wait until {at}")

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        asked = Asked(handler.path, {k.lower(): v for k, v in handler.headers.items()}, self.clock())
        asked.method = handler.command
        asked.body = handler.rfile.read(int(asked.headers.get("content-length", "0")))
        if aside := self.answer_aside(asked):
            self._send(handler, *aside)
            return
        self.asked.append(asked)
        if self.not_before is not None and asked.at < self.not_before:
            self.too_early.append(asked)
        fault = self.faults.popleft() if self.faults else "ok"
        if fault == "rst":
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.close()
            handler.close_connection = True
            return
        if fault == "slow":
            self._stopped.wait(2)
        status, headers, body = self._spoilt(fault, *self.right_answer(asked))
        self._send(handler, status, headers, body, fault)
        if fault in ("broken", "last broken", "drip"):
            handler.close_connection = True

    def _send(
        self, handler: BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes, fault: str = "ok"
    ) -> None:
        length = len(body) + (100 if "broken" in fault else 0)
        handler.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(length), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        if fault == "drip":
            self._drip(handler, body)
        else:
            handler.wfile.write(body)

    def _drip(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        for byte in body:
            if self._stopped.wait(0.05):
                return
            try:
                handler.wfile.write(bytes([byte]))
            except OSError:
                return

    def _spoilt(self, fault: str, status: int, headers: dict[str, str], body: bytes) -> Answer:
        if fault.startswith("last") or fault in ("429 reset", "429 soon"):
            self.not_before = self.clock() + (SHORT_RESET_AFTER if fault == "429 soon" else RESET_AFTER)
            name, value = self.reset_header(self.not_before)
            if fault.startswith("last"):
                body = body[: len(body) // 2] if fault == "last truncated" else body
                return status, {**headers, name: value, name.lower().replace("reset", "remaining"): "0"}, body
            return 429, {name: value}, b'{"title": "Too Many Requests", "error": "Too many requests"}'
        if fault.isdigit():
            return int(fault), {}, json_body({"title": f"Fault {fault}", "detail": "made for a test", "error": "made"})
        spoilt: dict[str, Answer] = {
            "html": (status, {"Content-Type": "text/html"}, b"<!doctype html><title>Maintenance</title>"),
            "empty": (status, headers, b""),
            "latin-1": (status, headers, body.replace(b"Keksitty", "Hämäys".encode("latin-1"))),
            "truncated": (status, headers, body[: len(body) // 2]),
            "list": (status, headers, b'{"error": "no"}' if body[:1] == b"[" else b"[1, 2]"),
            "nonsense": (429, {"X-RateLimit-Reset": "soon", "x-rate-limit-reset": "soon", "Retry-After": "-"}, b"[]"),
            "away": (302, {"Location": "http://127.0.0.1:1/elsewhere"}, b""),
            "loop": (302, {"Location": "/loop"}, b""),
        }
        return spoilt.get(fault, (status, headers, body))


def json_body(value: object) -> bytes:
    """Return JSON as a network writes it."""
    return json.dumps(value, ensure_ascii=False).encode()
