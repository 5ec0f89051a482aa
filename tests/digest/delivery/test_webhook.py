"""Services that are told of an issue, on a real server of this machine."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self

import pytest

from digest.webhook import announce, understood


class Service:
    """A chat service that keeps what it is told."""

    def __init__(self, status: int) -> None:
        self.told: list[dict[str, Any]] = []
        service = self

        class Ear(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                service.told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Ear)
        self.address = f"json://127.0.0.1:{self.server.server_port}/hush-token"

    def __enter__(self) -> Self:
        self.thread = Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def services() -> Iterator[tuple[Service, Service]]:
    """One service that takes what it is told, and one that fails."""
    with ExitStack() as open_:
        yield open_.enter_context(Service(200)), open_.enter_context(Service(500))


def test_service_is_told_subject_and_link(services: tuple[Service, Service]) -> None:
    """A service gets the subject and the address of the issue's page, and nothing of anybody's."""
    good, _ = services
    ending = announce([good.address], subject="Viikko 47: penkit", link="https://k.example/archive/2026-W47")
    assert (ending.services, ending.told, ending.problem) == (1, 1, None)
    assert (good.told[0]["title"], good.told[0]["message"]) == (
        "Viikko 47: penkit",
        "https://k.example/archive/2026-W47",
    )


def test_failing_service_stops_no_other(
    services: tuple[Service, Service], capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """One that fails, one that nobody answers and an address that means nothing are counted; none is ever named."""
    good, bad = services
    nowhere = "json://127.0.0.1:9/hush-token"
    ending = announce([bad.address, nowhere, "hush-token", good.address], subject="x", link=None)
    assert (ending.told, len(good.told)) == (1, 1)
    assert ending.problem == ("2 of 4 services did not take it; 1 of 4 addresses mean nothing to apprise")
    out, err = capfd.readouterr()
    assert "hush" not in out + err + caplog.text + str(ending)


def test_subject_calls_nobody(services: tuple[Service, Service]) -> None:
    """Words of strangers in a subject ring no bell: an at sign is followed by a mark that breaks the call."""
    good, _ = services
    announce([good.address], subject="@everyone\n<!channel> @here", link="https://k.example")
    title = good.told[0]["title"]
    assert "@everyone" not in title
    assert "@here" not in title
    assert "\n" not in title


def test_addresses_are_looked_at_without_asking(services: tuple[Service, Service]) -> None:
    """An address that means nothing is told by its place, and no service hears of it."""
    good, _ = services
    assert understood([good.address]) is None
    assert understood([good.address, "hush-token"]) == "address 2 of 2 means nothing to apprise"
    assert good.told == []
