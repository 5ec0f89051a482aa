"""Damaged bytes for every parser: each answers, or refuses in its own words, within a moment.

``make fuzz`` goes on for an hour and prints the seed of what it finds; ``make test-all`` tries the first of its inputs.
"""

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from random import Random

from collector.archive.load import import_files
from collector.bluesky_firehose import read_frame
from collector.bluesky_jetstream import read_line
from collector.feed_document import FeedError, read_feed
from collector.mastodon_html import links_in, without_quoted
from corpus import backup_file
from corpus.store import Corpus
from digest.bounce import read_report
from language.text import clean, normalise, plain
from programme.errors import KuntakaikuError
from programme.load import load
from tests.collector.fake_stream import FakeStream
from tests.collector.fake_wire import Clock
from tests.faults.killed import PROGRAMME

PAYLOADS = Path(__file__).parents[1] / "payloads"
NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
MOMENT = 2.0
"""Seconds of processor time that one input may take."""
_TOKENS = (
    b"\0", b"\xff\xfe", b"\xed\xa0\x80", b'"', b"{", b"[" * 200, b"}" * 9, b"<", b"<!ENTITY a '&a;'>", b"&#0;", b"-1",
    b"1e999", b"9" * 40, b"null", b"\r\n\r\n", b"--", b"\x1f\x8b", b"\\u0000", b"\\ud800", b",,,,", b"=?utf-8?b?/w==?=",
)  # fmt: skip
Parser = Callable[[bytes], object]


class SlowError(AssertionError):
    """An input took longer than a moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A parser, inputs that it knows, and how it may refuse others."""

    parse: Parser
    seeds: tuple[bytes, ...]
    refuses: tuple[type[Exception], ...] = ()


@contextmanager
def targets() -> Iterator[Mapping[str, Target]]:
    """Give every parser of what comes from outside."""
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        corpus = stack.enter_context(Corpus.open("sqlite://"))
        archives = tuple(_bytes("archives/*") + _bytes("x/[fp]*") + _bytes("mastodon/timeline.json"))
        yield {
            "archive": Target(parse=_archive(corpus, work), seeds=archives, refuses=(KuntakaikuError,)),
            "feed": Target(
                parse=lambda body: read_feed(body, {}, "https://kunta.example/feed"),
                seeds=tuple(_bytes("feed/*.xml")),
                refuses=(FeedError,),
            ),
            "firehose": Target(
                parse=lambda frame: read_frame(frame, NOW), seeds=_told("firehose"), refuses=(KuntakaikuError,)
            ),
            "jetstream": Target(parse=lambda line: read_line(line, NOW), seeds=_told("jetstream")),
            "bounce": Target(parse=read_report, seeds=(_BOUNCE,)),
            "backup": Target(parse=_backup(work), seeds=(_whole_backup(work),), refuses=(KuntakaikuError,)),
            "markup": Target(parse=_markup, seeds=(b'<p>Hei <a href="https://a.example/">t</a> <br/>&amp; #x</p>',)),
            "configuration": Target(
                parse=_configuration(work),
                seeds=(b'[programme]\nlanguages = ["fi"]\n[[theme]]\nname = { fi = "a" }\n',),
            ),
        }


_BOUNCE = (
    b"From: a@b.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n--x\r\n"
    b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; b.example\r\n\r\nFinal-Recipient: rfc822; "
    b"c@d.example\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 no\r\n\r\n--x\r\n"
    b"Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <1@kunta.example>\r\n\r\n--x--\r\n"
)


def _bytes(pattern: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted(PAYLOADS.glob(pattern))]


def _told(kind: str) -> tuple[bytes, ...]:
    with FakeStream(Clock(), kind) as stream:
        stream.delete(stream.post("Keksitty #tulevaisuudenkunta"))
        stream.identity("did:plc:asukas0", "uusi.example")
        stream.account("did:plc:asukas2", status="deactivated")
        return tuple(said if isinstance(said, bytes) else said.encode() for _, said in stream._events)


def _archive(corpus: Corpus, work: Path) -> Parser:
    def parse(content: bytes) -> object:
        path = work / "archive"
        path.write_bytes(content)
        found = import_files(corpus, [path], programme=PROGRAMME, now=NOW, rejects_directory=work)
        for rejects in work.glob("*rejects*"):
            rejects.unlink()
        return found

    return parse


def _whole_backup(work: Path) -> bytes:
    path = work / "whole.backup"
    with backup_file.writing(path) as writer:
        writer.add("config/programme.toml", [b"[programme]\n" * 20])
        writer.finish(
            backup_file.Manifest(
                format=backup_file.FORMAT,
                program="1",
                made_at=NOW,
                database="sqlite",
                revision="0001",
                posts=0,
                columns={},
                members=writer.members,
            )
        )
    return path.read_bytes()


def _backup(work: Path) -> Parser:
    def parse(content: bytes) -> object:
        path = work / "some.backup"
        path.write_bytes(content)
        with backup_file.reading(path) as reader:
            reader.check()
            return [list(pieces) for _, pieces in reader.files_under("config")]

    return parse


def _markup(content: bytes) -> object:
    text = content.decode("utf-8", "replace")
    return links_in(text), without_quoted(text), clean(text), plain(text), normalise(text)


def _configuration(work: Path) -> Parser:
    def parse(content: bytes) -> object:
        (work / "programme.toml").write_bytes(content)
        return load(work).faults

    return parse


def damaged(seeds: tuple[bytes, ...], chance: Random) -> bytes:
    """Return one of the seeds with a few changes: bits, pieces cut, doubled or moved, tokens that mean something."""
    content = bytearray(chance.choice(seeds))
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        start = chance.randrange(len(content) + 1)
        end = min(start + chance.choice((1, 2, 8, 64, 1024)), len(content))
        what = chance.randrange(6)
        if what == 0 and start < len(content):
            content[start] ^= 1 << chance.randrange(8)
        elif what == 1:
            del content[start:end]
        elif what == 2:
            content[start:start] = content[start:end] * chance.choice((1, 3, 50))
        elif what == 3:
            other = chance.choice(seeds)
            place = chance.randrange(len(other) + 1)
            content[start:end] = other[place : place + 64]
        else:
            content[start:end] = chance.choice(_TOKENS)
    return bytes(content[:200_000])


def attempt(target: Target, content: bytes) -> None:
    """Give a parser an input.

    Raises:
        SlowError: it took longer than a moment.
        Exception: the parser's own, where it may not refuse so.
    """

    def stop(*_: object) -> None:
        raise SlowError(f"longer than {MOMENT} s")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, MOMENT)
    try:
        target.parse(content)
    except target.refuses:
        pass
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def main() -> int:
    """Fuzz every parser in turn until the time is over; return 1 where one failed."""
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("--seconds", type=float, default=3600)
    reading.add_argument("--seed", type=int, default=0, help="to begin with")
    asked = reading.parse_args()
    ends_at, tried, broken = time.monotonic() + asked.seconds, 0, 0
    with targets() as found:
        for seed in count(asked.seed):
            if time.monotonic() > ends_at:
                break
            for name, target in found.items():
                tried += 1
                try:
                    attempt(target, damaged(target.seeds, Random(seed)))
                except Exception as error:  # noqa: BLE001 - what is looked for
                    broken += 1
                    print(f"{name}, seed {seed}: {type(error).__name__}: {str(error)[:200]}", flush=True)  # noqa: T201 - its result
    print(f"{tried:,} inputs, {broken} not answered as they should be")  # noqa: T201 - its result
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main())
