"""Work that is really killed: at the n-th write, or after a time. Run as a program; it answers a line for each order.

An order is JSON: ``job`` (``collect``, ``import``, ``index``, which imports first, ``send`` to ``port``, or ``stream``,
which is heard up to the event ``last``), ``database``, ``directory``, and ``at_write`` (a number) or ``after``
(seconds). The answer holds ``killed`` and, where the job came to its end, the ``writes`` that it made.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Engine, event

from collector import bluesky_stream
from collector.archive import load
from collector.collect import collect_sources
from collector.source import Heard, Streaming
from collector.sources import open_source
from collector.stream import hear
from collector.stream_state import Kept, kept_of, stream_name
from corpus import indexing
from corpus.ledger import Checkpoint
from corpus.search_part import SearchPart
from corpus.store import Corpus
from corpus.vocabulary import Vocabulary
from digest.mail import Letterhead
from digest.outbox import send_issue
from digest.transport import SmtpTransport
from programme.types import Localised, Programme, Smtp, SourceSettings
from tests.collector.conftest import SECRETS
from tests.collector.fake_bluesky import HANDLE
from tests.collector.fake_wire import START

PROGRAMME = Programme(
    slug="keksitty",
    name=Localised({"fi": "Keksitty ohjelma"}),
    languages=("fi", "sv"),
    time_zone="Europe/Helsinki",
    hashtags=("tulevaisuudenkunta",),
    themes=(),
)
VOCABULARY = Vocabulary(("fi", "sv"), lemma=lambda word, _: word, identify=lambda *_: "fi")
_BATCH = 40
"""Posts of one transaction of an import."""
_ROUNDS = 2
ISSUE = "2026-W47"
EVENTS = 4
"""Of a stream, that are stored in one transaction."""
_NOW = START + timedelta(minutes=1)


class Writes:
    """Counts what is about to be written, and kills the process at one of them."""

    def __init__(self, last: int | None) -> None:
        self.count = 0
        self._last = last
        event.listen(Engine, "before_cursor_execute", self._statement)
        event.listen(Engine, "commit", self._one)
        sys.addaudithook(self._audit)

    def _one(self, _connection: object) -> None:
        self.count += 1
        if self.count == self._last:
            os.kill(os.getpid(), signal.SIGKILL)

    def _statement(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.lstrip().upper().startswith(("SELECT", "PRAGMA", "EXPLAIN")):
            self._one(None)

    def _audit(self, name: str, about: tuple[Any, ...]) -> None:
        if name == "open" and isinstance(about[1], str) and set(about[1]) & set("awx+"):
            self._one(None)


def settings(network: str, url: str) -> SourceSettings:
    """Return the settings of a source."""
    return SourceSettings(
        name=network,
        network=network,
        enabled=True,
        base_url=url,
        every=timedelta(minutes=15),
        government_use_attested=True,
        timeout=5.0,
        options={"handle": HANDLE} if network == "bluesky" else {},
    )


def collect(database: Path, directory: Path, urls: Mapping[str, str]) -> None:
    """Collect from every network until all is there."""
    sources = [settings(network, url) for network, url in urls.items()]
    with Corpus.open(f"sqlite:///{database}") as corpus:
        for _ in range(_ROUNDS):
            collect_sources(
                sources,
                corpus,
                programme=PROGRAMME,
                secrets=SECRETS.get,
                clock=lambda: _NOW,
                rest=lambda _: None,
                data_directory=directory,
            )


def import_archive(database: Path, directory: Path) -> None:
    """Import the archive of a directory."""
    load._BATCH = _BATCH  # several transactions in a small archive
    with Corpus.open(f"sqlite:///{database}") as corpus:
        load.import_files(
            corpus, [directory / "posts.jsonl"], programme=PROGRAMME, now=START, rejects_directory=directory
        )


def make_searchable(database: Path) -> None:
    """Fill the search index."""
    indexing.BATCH = _BATCH
    with Corpus.open(f"sqlite:///{database}") as corpus:
        corpus.fill(SearchPart(VOCABULARY))


def hear_stream(database: Path, url: str, stream: str, last: int) -> None:
    """Hear a stream from its beginning, or from where an earlier run came to, up to an event."""
    bluesky_stream._MOST = EVENTS
    bluesky_stream._OF_TIMEOUT = bluesky_stream._MOMENT = 60  # seconds: a moment ends by its events alone
    of_source = replace(settings("bluesky", url), stream=stream)
    source = open_source(of_source, PROGRAMME, SECRETS.get)
    assert isinstance(source, Streaming)

    def position(cursor: int) -> str:
        return msgspec.json.encode({"of": stream, "cursor": cursor}).decode()

    with Corpus.open(f"sqlite:///{database}") as corpus:
        if kept_of(corpus, source.name) is None:  # who has heard nothing yet hears only what comes from now on
            kept = msgspec.json.encode(Kept(position=position(0), since_at=START, reached_at=START)).decode()
            place = Checkpoint(name=stream_name(source.name), value=kept)
            corpus.posts.apply([], source=source.name, now=START, checkpoint=place)

        def is_over(heard: Heard) -> bool:
            return heard.position == position(last)

        kept_now = kept_of(corpus, source.name)
        if kept_now is None or kept_now.position != position(last):
            found = hear(
                source,
                corpus,
                programme=PROGRAMME,
                settings=of_source,
                clock=lambda: _NOW,
                rest=lambda _: None,
                is_over=is_over,
            )
            assert found.problem is None, found.problem


def send(database: Path, port: int) -> None:
    """Send the approved issue to a mail server on this machine."""
    smtp = Smtp(host="127.0.0.1", port=port, security="none", auth="none", timeout=5.0)
    letterhead = Letterhead(sender="kooste@kunta.example", list_name="Kunnat", list_slug="kunnat")
    with Corpus.open(f"sqlite:///{database}") as corpus:
        send_issue(corpus, ISSUE, transport=SmtpTransport(smtp), letterhead=letterhead, clock=lambda: _NOW)


def _work(order: Mapping[str, Any], urls: Mapping[str, str]) -> int:
    writes = Writes(order.get("at_write"))
    database, directory = Path(order["database"]), Path(order["directory"])
    if order["job"] == "collect":
        collect(database, directory, {network: urls[network] for network in ("x", "mastodon")})
    elif order["job"] == "send":
        send(database, order["port"])
    elif order["job"] == "stream":
        hear_stream(database, urls["bluesky"], urls["stream"], order["last"])
    else:
        import_archive(database, directory)
    if order["job"] == "index":
        make_searchable(database)
    return writes.count


def _carried_out(order: Mapping[str, Any], urls: Mapping[str, str]) -> dict[str, object]:
    """Return what became of an order, which a process of its own carries out."""
    reading, writing = os.pipe()
    began_at = time.monotonic()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, json.dumps({"writes": _work(order, urls)}).encode())
        except BaseException as error:  # noqa: BLE001  # told, and the process ends
            os.write(writing, json.dumps({"error": repr(error)}).encode())
        os._exit(0)
    os.close(writing)
    if "after" in order:
        time.sleep(order["after"])
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as said:
        told = json.loads(said.read() or b"{}")
    return {"killed": os.WIFSIGNALED(status), "seconds": time.monotonic() - began_at, **told}


def main() -> None:
    """Carry out the orders of standard input; the arguments are networks and their addresses."""
    urls = dict(argument.split("=", 1) for argument in sys.argv[1:])
    for network, url in urls.items():  # their libraries are loaded once
        if network == "stream":
            continue
        open_source(settings(network, url), PROGRAMME, SECRETS.get)
    for line in sys.stdin:
        print(json.dumps(_carried_out(json.loads(line), urls)), flush=True)  # noqa: T201  # its answer


if __name__ == "__main__":
    main()
