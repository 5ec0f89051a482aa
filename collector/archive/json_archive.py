"""What the archives of JSON share: documents within records, rejections, and how their posts are stored."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import msgspec
from msgspec import Raw

from collector.archive.formats import Found
from collector.archive.records import Record
from collector.source import Rejected
from collector.unreadable import UNREADABLE, reason_of, rejection, without_lone_surrogates
from corpus.changes import decide
from corpus.ledger import Checkpoint
from corpus.post import Post
from corpus.posts import IMPORT, Applied
from corpus.store import Corpus
from programme.types import Programme

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Unfit:
    """Part of a document that is no post."""

    reason: str
    record: bytes
    """The part; empty where it may not be kept."""


class JsonArchive(ABC):
    """Reads archives of one network, whose documents hold posts in shapes of its own."""

    def __init__(self, programme: Programme, now: datetime) -> None:
        self.text_limit = programme.text_limit
        self.country = programme.country
        self.now = now

    @abstractmethod
    def posts_in(self, document: bytes) -> Iterator[Post | Unfit]:
        """Yield what a JSON document without lone surrogates holds; may raise what ``UNREADABLE`` names."""

    def read(self, record: Record) -> Found[Post]:
        """Return what a record holds; nothing is raised for what is wrong with it."""
        if record.problem is not None:
            return Found(rejected=(rejection(record.position, record.problem, record.payload),))
        posts: list[Post] = []
        rejected: list[Rejected] = []
        for document in documents(without_lone_surrogates(record.payload)):
            try:
                for found in self.posts_in(document):
                    if isinstance(found, Unfit):
                        rejected.append(rejection(record.position, found.reason, found.record))
                    else:
                        posts.append(found)
            except UNREADABLE as error:
                rejected.append(rejection(record.position, reason_of(error), document))
        return Found(posts, rejected)

    def store(self, corpus: Corpus, posts: Sequence[Post], checkpoint: Checkpoint) -> Applied:
        """Store posts and how far the file was read in one transaction, and return what changed."""
        return store_posts(corpus, posts, self.now, checkpoint)


def store_posts(corpus: Corpus, posts: Sequence[Post], now: datetime, checkpoint: Checkpoint) -> Applied:
    """Store posts of any networks and how far a file was read in one transaction, and return what changed."""
    by_network: dict[str, list[Post]] = {}
    for post in posts:
        by_network.setdefault(post.network, []).append(post)
    changes = [
        change
        for network, found in by_network.items()
        for change in decide(found, corpus.posts.known(network, [post.native_id for post in found]), now)
    ]
    return corpus.posts.apply(changes, source=IMPORT, now=now, checkpoint=checkpoint)


class _Body(msgspec.Struct):
    string: str | None = None


class _Response(msgspec.Struct):
    body: _Body | None = None


class _Interaction(msgspec.Struct):
    response: _Response | None = None


class _Recorded(msgspec.Struct):
    """What recorders of HTTP answers write: one answer with its address and status, or a whole conversation."""

    body: Raw = Raw()
    url: str | None = None
    interactions: list[_Interaction] | None = None


_read_recorded = msgspec.json.Decoder(_Recorded).decode
_read_text = msgspec.json.Decoder(str).decode
_read_list = msgspec.json.Decoder(list[Raw]).decode
_read_fields = msgspec.json.Decoder(dict[str, Raw]).decode


def documents(payload: bytes) -> Iterator[bytes]:
    """Yield the JSON documents that a record holds: itself, or the bodies of the answers that were recorded."""
    bodies = _bodies(payload) if b'"body"' in payload else ()
    for body in bodies or (payload,):
        if body[:1] == b"[":
            try:
                yield from map(bytes, _read_list(body))
                continue
            except UNREADABLE:
                pass  # whoever reads it says what is wrong
        yield body


def _bodies(payload: bytes) -> list[bytes]:
    try:
        recorded = _read_recorded(payload)
        if recorded.interactions is not None:
            answers = (one.response.body for one in recorded.interactions if one.response is not None)
            return [without_lone_surrogates(body.string.encode()) for body in answers if body and body.string]
        body = bytes(recorded.body)
        if recorded.url is None or not body:
            return []
        return [without_lone_surrogates(_read_text(body).encode()) if body[:1] == b'"' else body]
    except UNREADABLE:
        return []


def made(convert: Callable[[], Post], record: bytes, *unkept: str) -> Post | Unfit:
    """Return a converted post, or why there is none; without a copy where the reason is among ``unkept``."""
    try:
        return convert()
    except UNREADABLE as error:
        return Unfit(reason_of(error), record)
    except ValueError as error:
        reason = str(error)
        return Unfit(reason, b"" if reason in unkept else record)


def no_posts(document: bytes) -> Unfit:
    """Return that a document holds no posts, and what it holds instead."""
    names = ", ".join(sorted(_read_fields(document))[:6])
    return Unfit(f"holds no posts but records of {names:.120}" if names else "holds no posts", document)
