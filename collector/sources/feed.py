"""Feeds of news sites and blogs: fetched by our own client, then read by feedparser.

A feed is asked for once a round, and answers "not modified" (304) where nothing is new. Where it has moved for good is
remembered with the position; a feed that says that it is gone (410) is asked again once a week. Redirects lead to the
same site, or to public addresses: never into the network that we stand in.

See https://www.rfc-editor.org/rfc/rfc9110#name-conditional-requests and decision 0008
"""

import logging
import socket
import ssl
import zlib
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, partial
from http import HTTPStatus
from ipaddress import ip_address
from time import monotonic
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx2
import msgspec

from collector.counterpart import Counterpart
from collector.errors import Pause, Remedies, SourceRefusedError
from collector.feed_document import Feed, FeedError, FeedTooHeavyError, read_feed
from collector.feed_post import Watched, as_post, fingerprint
from collector.retry import Patience, persist
from collector.source import Page, Rejected
from collector.sources import Secrets
from collector.unreadable import rejection
from collector.wire import USER_AGENT
from corpus.post import Post
from programme.types import Programme, SourceSettings

_LARGEST = 2 * 1024 * 1024
"""Bytes of a feed, decompressed: it takes longer to read than a feed may take."""
_DEADLINE = 1.5
"""Timeouts within which the whole answer must have come, however steadily it drips."""
_HOPS = 3
_MOVED = frozenset({301, 308})
_ELSEWHERE = _MOVED | {302, 303, 307}
_GONE = "says that its feed is gone for good"
_GONE_FOR = timedelta(days=7)
_HEAVY_PAUSE = Pause(first=timedelta(hours=1), last=timedelta(days=1))
"""After a feed that is too large or takes too long: it will not be lighter within minutes."""
_LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})
_HEADERS = {
    "User-Agent": USER_AGENT,
    "Accept": "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1",
    "Accept-Encoding": "gzip, deflate",
}
_CHECK_ADDRESS = "Check base_url in sources.toml: open the site in a browser and look for its feed."
_REMEDIES = Remedies(
    by_status={
        401: "The feed is for members: ask the site for a public one.",
        403: "The site does not let us in: ask it whether the feed may be read by programs.",
        404: _CHECK_ADDRESS,
        410: "Set enabled = false in sources.toml, or base_url to where the site is now.",
        429: "Nothing to do: we go on when the site allows it.",
    },
    otherwise=_CHECK_ADDRESS,
)


class _Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is remembered of a feed between rounds."""

    configured: str
    watched: str
    """Fingerprint of what was looked for; where that or the address has changed, nothing else counts."""
    address: str
    """Where the feed was last said to be for good."""
    etag: str = ""
    modified: str = ""
    rejected: tuple[str, ...] = ()
    """Fingerprints of the feed's entries that were rejected, so that each is noted once."""
    gone_at: datetime | None = None
    newest_at: datetime | None = None
    """Of the entries seen so far: a feed whose oldest entry is younger may have dropped some between."""


_read_place = msgspec.json.Decoder(_Place).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What came over the wire."""

    status: int
    headers: httpx2.Headers
    body: bytes = b""
    url: str
    """Where it came from."""
    address: str
    """Where to ask from now on."""


class FeedSource:
    """What one feed writes about the programme."""

    network = "feed"
    reach: timedelta | None = None

    def __init__(self, settings: SourceSettings, programme: Programme) -> None:
        self.name = settings.name
        self._settings = settings
        self._programme = programme
        self._watched = Watched.of(programme)
        # The host alone: the whole address may hold a key.
        host = urlsplit(settings.base_url).hostname or "the site"
        self._site = Counterpart(source=self.name, who=host, remedies=_REMEDIES)
        # Both write whole addresses into their logs, and an address may hold a key.
        for name in ("httpx2", "httpcore2"):
            logging.getLogger(name).setLevel(logging.WARNING)

    def fetch(self, position: str | None, patience: Patience) -> Generator[Page, None, None]:
        """Yield what the feed holds as one page; an empty one where it has not changed.

        Raises:
            SourceUnavailableError: the site asked us to wait, or did not answer in a usable way.
            SourceRefusedError: there is no such feed, or it is not for us.
        """
        place = self._place(position)
        if place.gone_at is not None and patience.now() - place.gone_at < _GONE_FOR:
            until = f"{place.gone_at + _GONE_FOR:%Y-%m-%d}"
            raise self._site.refused(f"{_GONE} (410; it is not asked before {until}).", HTTPStatus.GONE)
        with self._client() as client:
            try:
                page = persist(partial(self._ask, client, place, patience), patience)
            except SourceRefusedError:
                if place.address == place.configured:
                    raise
                # Where it was said to have moved for good it is no more: the configured address may know better.
                place = self._fresh()
                page = persist(partial(self._ask, client, place, patience), patience)
        yield page
        if page.watermark is None:
            raise self._site.refused(f"{_GONE} (410).", HTTPStatus.GONE)

    def _place(self, position: str | None) -> _Place:
        fresh = self._fresh()
        with suppress(msgspec.DecodeError):
            place = _read_place(position or "")
            if (place.configured, place.watched) == (fresh.configured, fresh.watched):
                return place
        return fresh

    def _fresh(self) -> _Place:
        address = self._settings.base_url
        return _Place(configured=address, watched=self._watched.fingerprint, address=address)

    def _client(self) -> httpx2.Client:
        # A proxy cannot reach our own loopback.
        is_local = (urlsplit(self._settings.base_url).hostname or "") in _LOCAL
        return httpx2.Client(headers=_HEADERS, verify=_authorities(), trust_env=not is_local, follow_redirects=False)

    def _ask(self, client: httpx2.Client, place: _Place, patience: Patience) -> Page:
        conditions = {"If-None-Match": place.etag, "If-Modified-Since": place.modified}
        conditions = {name: value for name, value in conditions.items() if value}
        answer = self._answer(client, place.address, conditions, patience)
        now = patience.now()
        if answer.status == HTTPStatus.GONE and place.address == place.configured:
            return Page(posts=(), position=_written(msgspec.structs.replace(self._fresh(), gone_at=now)))
        place = msgspec.structs.replace(place, address=answer.address, gone_at=None)
        if answer.status == HTTPStatus.NOT_MODIFIED and conditions:
            return self._page(place)
        if answer.status != HTTPStatus.OK:
            what = _GONE if answer.status == HTTPStatus.GONE else "does not give us its feed"
            raise self._site.refusal(what, answer.status, answer.headers, now)
        return self._read(place, answer, now)

    def _answer(
        self, client: httpx2.Client, address: str, conditions: Mapping[str, str], patience: Patience
    ) -> _Answer:
        """Return the answer after at most three redirects."""
        url, is_for_good = address, True
        for _ in range(_HOPS + 1):
            answer = self._request(client, url, address, conditions, patience)
            target = answer.headers.get("location")
            if answer.status not in _ELSEWHERE or not target:
                return answer
            url = self._redirected(url, target)
            is_for_good = is_for_good and answer.status in _MOVED
            if is_for_good:
                address = url
        raise self._site.unavailable("sends us from one address to the next.")

    def _request(
        self, client: httpx2.Client, url: str, address: str, conditions: Mapping[str, str], patience: Patience
    ) -> _Answer:
        self._site.check(patience.now())
        self._site.not_before = None
        timeout = patience.timeout(self._settings.timeout)
        deadline = monotonic() + timeout * _DEADLINE
        try:
            with client.stream("GET", url, headers=conditions, timeout=timeout) as response:
                self._site.heard(response.headers, patience.now())
                body = b""
                if response.status_code == HTTPStatus.OK:
                    body = b"".join(self._pieces(response, deadline))
        except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError) as error:
            raise self._site.unavailable(f"did not answer ({type(error).__name__}).") from None
        except zlib.error as error:
            raise self._site.unavailable("answered in a damaged compression.") from error
        return _Answer(status=response.status_code, headers=response.headers, body=body, url=url, address=address)

    def _pieces(self, response: httpx2.Response, deadline: float) -> Iterator[bytes]:
        """Yield the body decompressed, in pieces that a few bytes on the wire cannot make large."""
        coding = response.headers.get("content-encoding", "identity").strip().lower()
        if coding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise self._site.unavailable(f"answered in a compression that we did not ask for ({coding:.20}).")
        unpack = _as_is if coding in ("", "identity") else _Inflation()
        size = 0
        for received in response.iter_raw():
            if monotonic() > deadline:
                raise self._site.unavailable("takes too long to answer.")
            for piece in unpack(received):
                size += len(piece)
                if size > _LARGEST:
                    raise self._site.unavailable("answered with a feed that is too large.", pause=_HEAVY_PAUSE)
                yield piece

    def _redirected(self, url: str, target: str) -> str:
        """Return where a redirect leads, if we may go there."""
        try:
            there = urldefrag(urljoin(url, target)).url
            here_at, there_at = urlsplit(url), urlsplit(there)
            ports = {here_at.port, there_at.port}
        except ValueError:
            raise self._site.unavailable("redirects us to what is no address.") from None
        is_same = here_at.hostname == there_at.hostname and (len(ports) == 1 or ports <= {None, 80, 443})
        if there_at.scheme not in ("http", "https") or not (is_same or _is_public(there_at.hostname or "")):
            raise self._site.unavailable("redirects us to an address that is not public.")
        return there

    def _read(self, place: _Place, answer: _Answer, now: datetime) -> Page:
        try:
            feed = read_feed(answer.body, answer.headers, answer.url)
        except FeedTooHeavyError as error:
            raise self._site.unavailable(f"{error}.", pause=_HEAVY_PAUSE) from error
        except FeedError as error:
            raise self._site.unavailable(f"{error}.") from error
        posts, rejected = self._posts(feed, now)
        marks = [fingerprint(f"{one.reason} {one.record}") for one in rejected]
        fresh = tuple(one for one, mark in zip(rejected, marks, strict=True) if mark not in place.rejected)
        dates = sorted(at for entry in feed.entries if (at := entry.published_at or entry.updated_at) is not None)
        has_dropped = bool(dates) and place.newest_at is not None and dates[0] > place.newest_at
        place = msgspec.structs.replace(
            place,
            newest_at=min(dates[-1], now) if dates else place.newest_at,
            etag=answer.headers.get("etag", ""),
            modified=answer.headers.get("last-modified", ""),
            rejected=tuple(marks),
        )
        return replace(self._page(place, tuple(posts), fresh), shown_from=dates[0] if has_dropped else None)

    def _posts(self, feed: Feed, now: datetime) -> tuple[list[Post], list[Rejected]]:
        posts: dict[str, Post] = {}
        rejected: list[Rejected] = []
        for position, entry in enumerate(feed.entries, start=1):
            try:
                post = as_post(
                    entry,
                    feed,
                    self._watched,
                    address=self._settings.base_url,
                    now=now,
                    text_limit=self._programme.text_limit,
                )
            except ValueError as error:
                record = f"{entry.native_id or entry.link or ''}\n{entry.title}\n{entry.body}"
                rejected.append(rejection(position, str(error), record.encode("utf-8", "replace")))
            else:
                if post is not None:
                    posts.setdefault(post.native_id, post)
        return list(posts.values()), rejected

    def _page(self, place: _Place, posts: tuple[Post, ...] = (), rejected: tuple[Rejected, ...] = ()) -> Page:
        position = _written(place)
        return Page(
            posts=posts,
            rejected=rejected,
            position=position,
            watermark=position,
            not_before=self._site.not_before,
        )


class _Inflation:
    """Decompresses gzip and deflate, several members too, a bounded piece at a time."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(wbits=47)
        self._has_begun = False

    def __call__(self, received: bytes) -> Iterator[bytes]:
        while received:
            try:
                piece = self._stream.decompress(received, 64 * 1024)
            except zlib.error:
                if self._has_begun:
                    raise
                self._stream = zlib.decompressobj(wbits=-15)  # deflate without its wrapping, as some servers send it
                piece = self._stream.decompress(received, 64 * 1024)
            self._has_begun = True
            received = self._stream.unconsumed_tail
            if self._stream.eof:
                received = self._stream.unused_data.lstrip(b"\0")
                self._stream = zlib.decompressobj(wbits=47)
            yield piece


def _as_is(received: bytes) -> Iterator[bytes]:
    yield received


@cache
def _authorities() -> ssl.SSLContext:
    """Return the trusted authorities: reading them takes longer than asking a feed."""
    return httpx2.create_ssl_context()


def _is_public(host: str) -> bool:
    """Return whether a host has public addresses only; what cannot be looked up is not known to be public."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        return bool(found) and all(ip_address(str(address[0]).partition("%")[0]).is_global for *_, address in found)
    except (OSError, ValueError):
        return False


def _written(place: _Place) -> str:
    return msgspec.json.encode(place).decode()


def open_source(settings: SourceSettings, programme: Programme, secrets: Secrets) -> FeedSource:
    """Return the source; nothing is asked yet."""
    del secrets  # feeds are public
    return FeedSource(settings, programme)
