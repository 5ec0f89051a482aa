"""Bluesky: post search, signed in, over XRPC under our own deadline, size cap and pauses.

The server is asked for ``#hashtag`` as words, since servers have ignored ``tag=``; whether a post carries the hashtag
is read from the post itself. Answers come newest first by a time that the server does not tell, so that a timeline is
followed by ``indexedAt``, when the server first saw a post. ``until`` only shortens the way to what an earlier round
left: a server that ignores or refuses it costs more requests, never a post.

See https://docs.bsky.app/docs/api/app-bsky-feed-search-posts and decision 0008
"""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

import msgspec
import requests
from msgspec import Raw

from collector.bluesky_post import PostView, as_post, has_opted_out, read_view
from collector.errors import RATE_PAUSE, Remedies, SourceError, SourceRefusedError, SourceUnavailableError
from collector.instants import read_instant
from collector.retry import Patience, persist
from collector.source import Page, Rejected
from collector.sources import Secrets
from collector.span import Position, Stretch, follow
from collector.unreadable import UNREADABLE, reason_of, rejection
from collector.wire import USER_AGENT, Wire, exhausted_until, named_time
from corpus.post import Post
from language.text import clean
from programme.types import Programme, SourceSettings
from programme.values import secret_name

_PAGE = 100
_SEARCH = "app.bsky.feed.searchPosts"
_SIGN_IN = "com.atproto.server.createSession"
_REFRESH = "com.atproto.server.refreshSession"
_EXPIRED = "ExpiredToken"
_REMEDIES = Remedies(
    by_status={
        400: "Check the programme's hashtags; if they are right, Bluesky has changed: look for a new version.",
        401: "Make a new app password in Bluesky's settings and set it as KUNTAKAIKU_TOKEN_<SOURCE NAME>; handle under "
        "options in sources.toml must be the account's own.",
        403: "The account may not search: Bluesky's settings say whether it is suspended.",
        404: "Check base_url in sources.toml: Bluesky signs in at https://bsky.social.",
        429: "Nothing to do: we go on when Bluesky allows it.",
    },
)


class _Session(msgspec.Struct, rename="camel"):
    """Tokens that a sign-in gives, for minutes (access) and months (refresh)."""

    access_jwt: str
    refresh_jwt: str


class _Found(msgspec.Struct):
    posts: list[Raw]
    cursor: str | None = None


class _Refusal(msgspec.Struct):
    error: str | None = None
    message: str | None = None


_read_session = msgspec.json.Decoder(_Session).decode
_read_found = msgspec.json.Decoder(_Found).decode
_read_refusal = msgspec.json.Decoder(_Refusal).decode


@dataclass(slots=True, kw_only=True)
class _Answer:
    """One page of search results."""

    posts: list[Post] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    seen_at: list[str | None] = field(default_factory=list)
    """When the server first saw each post, in the order of the answer; None where it does not tell."""
    uris: list[str | None] = field(default_factory=list)
    cursor: str | None = None
    """Where the next page begins; some servers send one with the last page too."""


class BlueskySource:
    """The posts under the programme's hashtags, as one account's server finds them."""

    network = "bluesky"
    reach: timedelta | None = None

    def __init__(self, settings: SourceSettings, programme: Programme, password: str | None) -> None:
        self.name = settings.name
        self._settings = settings
        self._programme = programme
        self._handle = settings.options.get("handle", "").removeprefix("@")
        self._password = password
        self._wire = Wire(settings.base_url, timeout=settings.timeout)
        self._http = self._wire.session()
        self._http.headers["User-Agent"] = USER_AGENT
        self._session: _Session | None = None
        self._not_before: datetime | None = None

    def fetch(self, position: str | None, patience: Patience) -> Generator[Page, None, None]:
        """Yield pages of posts under each hashtag, newest first, then what earlier rounds left unfinished.

        Raises:
            SourceUnavailableError: the server asked us to wait, or did not answer in a usable way.
            SourceRefusedError: there is no account, or the server does not accept it.
        """
        if not self._handle or not self._password:
            raise SourceRefusedError(
                f"Source {self.name!r}: Bluesky's search is for accounts only, and there is "
                f"{'no app password' if self._handle else 'no handle'}.",
                f"Set KUNTAKAIKU_TOKEN_{secret_name(self.name)} to an app password of the account."
                if self._handle
                else 'Add options = { handle = "name.bsky.social" } to the source in sources.toml.',
            )
        with self._http:
            yield from self._pages(position, patience)

    def _pages(self, position: str | None, patience: Patience) -> Iterator[Page]:
        hashtags = self._programme.hashtags
        place = Position.read(position, hashtags)
        for hashtag in hashtags:
            for line, stretch in follow(place.lines[hashtag], partial(self._search, hashtag, patience)):
                place = place.moved(hashtag, line)
                is_whole = hashtag == hashtags[-1] and stretch.is_last and not line.holes
                yield Page(
                    posts=tuple(stretch.holds.posts),
                    rejected=tuple(stretch.holds.rejected),
                    position=str(place),
                    watermark=str(place) if is_whole else None,
                    not_before=self._not_before,
                )

    def _search(
        self, hashtag: str, patience: Patience, above: str | None, below: str | None
    ) -> Iterator[Stretch[_Answer]]:
        asked = {"q": f"#{hashtag}", "sort": "latest", "limit": str(_PAGE)}
        if below is not None:
            asked["until"] = _until(below)
        before: list[str | None] = []
        while True:
            answer = persist(partial(self._ask, hashtag, asked, patience), patience)
            if answer.uris and answer.uris == before:
                raise self._unavailable("answers the same page again.")
            before = answer.uris
            seen_at = [instant for instant in answer.seen_at if instant is not None]
            is_last = not answer.uris or answer.cursor is None or _is_old(seen_at[-1] if seen_at else None, above)
            _forget_old(answer, above)
            yield Stretch(
                newest=max([*seen_at, *([above] if above else [])]) if seen_at else None,
                # What is younger than where the way began was read before, whatever the server answers.
                oldest=min([*seen_at, *([below] if below else [])]) if seen_at else None,
                is_last=is_last,
                holds=answer,
            )
            if is_last or answer.cursor is None:
                return
            asked["cursor"] = answer.cursor

    def _ask(self, hashtag: str, asked: dict[str, str], patience: Patience) -> _Answer:
        """Return a page, signing in first where needed; changes ``asked`` where the server does not take it."""
        now = patience.now()
        if self._not_before is not None and now < self._not_before:
            raise self._unavailable("allows no more requests for now.", "rate_limited", self._not_before)
        session = self._session or self._signed_in(patience)
        answer = self._call("GET", _SEARCH, patience, session.access_jwt, params=asked)
        if _said(answer).error == _EXPIRED:
            session = self._refreshed(session, patience)
            answer = self._call("GET", _SEARCH, patience, session.access_jwt, params=asked)
        if answer.status_code == requests.codes.bad_request and "until" in asked:
            del asked["until"]
            answer = self._call("GET", _SEARCH, patience, session.access_jwt, params=asked)
        now = patience.now()
        self._not_before = exhausted_until(answer.headers, now)
        if answer.status_code != requests.codes.ok:
            raise self._error(answer, now, "refused the search")
        return self._read(answer.content, hashtag, now)

    def _signed_in(self, patience: Patience) -> _Session:
        account = {"identifier": self._handle, "password": self._password}
        answer = self._call("POST", _SIGN_IN, patience, json=account)
        if answer.status_code != requests.codes.ok:
            raise self._error(answer, patience.now(), "did not let us sign in")
        return self._opened(answer)

    def _refreshed(self, session: _Session, patience: Patience) -> _Session:
        """Return new tokens for expired ones; signs in anew where the server takes the old ones no longer."""
        self._session = None
        answer = self._call("POST", _REFRESH, patience, session.refresh_jwt)
        return self._opened(answer) if answer.status_code == requests.codes.ok else self._signed_in(patience)

    def _opened(self, answer: requests.Response) -> _Session:
        try:
            self._session = _read_session(answer.content)
        except UNREADABLE as error:
            raise self._unavailable("answered our sign-in, but not with a session.") from error
        return self._session

    def _call(
        self,
        method: str,
        name: str,
        patience: Patience,
        token: str | None = None,
        *,
        params: Mapping[str, str] | None = None,
        json: Mapping[str, str | None] | None = None,
    ) -> requests.Response:
        self._wire.timeout = patience.timeout(self._settings.timeout)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            return self._http.request(
                method, f"{self._wire.base_url}/xrpc/{name}", params=params, json=json, headers=headers
            )
        except (requests.RequestException, ValueError) as error:
            # The latter for tokens that are no header.
            raise self._unavailable(f"did not answer ({type(error).__name__}).") from None

    def _read(self, body: bytes, hashtag: str, now: datetime) -> _Answer:
        try:
            found = _read_found(body)
        except UNREADABLE as error:
            raise self._unavailable("answered, but not with posts.") from error
        answer = _Answer(cursor=found.cursor or None)
        for position, raw in enumerate(found.posts, start=1):
            payload = bytes(raw)
            try:
                view = read_view(raw)
            except UNREADABLE as error:
                answer.rejected.append(rejection(position, reason_of(error), payload))
                view = PostView()
            else:
                try:
                    answer.posts.append(self._post(view, payload, hashtag, now))
                except ValueError as error:
                    kept = b"" if has_opted_out(view.author) else payload
                    answer.rejected.append(rejection(position, str(error), kept))
            answer.uris.append(view.uri)
            answer.seen_at.append(_seen_at(view, now))
        return answer

    def _post(self, view: PostView, payload: bytes, hashtag: str, now: datetime) -> Post:
        """Return a post that carries the hashtag; of people who opted out, only that there is one.

        Raises:
            ValueError: its reason says why it is none of ours.
        """
        read = partial(as_post, raw=payload, now=now, text_limit=self._programme.text_limit, via="hashtag")
        opted_out = has_opted_out(view.author)
        post = read(msgspec.structs.replace(view, author=None) if opted_out else view)
        if hashtag not in post.hashtags:
            raise ValueError(f"it does not carry #{hashtag}")
        return read(view) if opted_out else post

    def _error(self, answer: requests.Response, now: datetime, what: str) -> SourceError:
        status = answer.status_code
        resume_at = named_time(answer.headers, now)
        if status == requests.codes.too_many_requests:
            return SourceUnavailableError(
                f"Source {self.name!r}: {self._server} allows no more requests for now (429).",
                _REMEDIES[status],
                state="rate_limited",
                resume_at=resume_at,
                pause=None if resume_at else RATE_PAUSE,
            )
        if status >= requests.codes.internal_server_error:
            waits = resume_at if answer.headers.get("retry-after") else None
            return self._unavailable(f"is out of order ({status}).", resume_at=waits)
        said = self._without_secrets(clean(_said(answer).message or ""))
        return SourceRefusedError(
            f"Source {self.name!r}: {self._server} {what} ({status}{': ' if said else ''}{said:.200}).",
            _REMEDIES[status].replace("<SOURCE NAME>", secret_name(self.name)),
        )

    def _without_secrets(self, said: str) -> str:
        session = self._session
        for secret in (self._password, session and session.access_jwt, session and session.refresh_jwt):
            said = said.replace(secret, "…") if secret else said
        return said

    def _unavailable(
        self, what: str, state: str = "failing", resume_at: datetime | None = None
    ) -> SourceUnavailableError:
        return SourceUnavailableError(
            f"Source {self.name!r}: {self._server} {what}",
            state="rate_limited" if state == "rate_limited" else "failing",
            resume_at=resume_at,
        )

    @property
    def _server(self) -> str:
        return urlsplit(self._settings.base_url).netloc


def _said(answer: requests.Response) -> _Refusal:
    """Return what a server says in the body of a refusal; nothing where it is none."""
    if answer.status_code == requests.codes.ok:
        return _Refusal()
    try:
        return _read_refusal(answer.content)
    except UNREADABLE:
        return _Refusal()


def _seen_at(view: PostView, now: datetime) -> str | None:
    """Return when the server first saw a post, in a form whose order as text is that of time."""
    try:
        return _written(read_instant(view.indexed_at, now))
    except ValueError:
        return None


def _written(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _until(below: str) -> str:
    """Return the whole second after an instant: servers differ in what they make of fractions and of equality."""
    later = datetime.fromisoformat(below).replace(microsecond=0) + timedelta(seconds=1)
    return later.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _is_old(seen_at: str | None, above: str | None) -> bool:
    return seen_at is not None and above is not None and seen_at <= above


def _forget_old(answer: _Answer, above: str | None) -> None:
    """Drop the rejections that an earlier round noted: a record without a time is as old as its neighbour."""
    old: set[int] = set()
    following = next(filter(None, reversed(answer.seen_at)), None)
    for place in range(len(answer.seen_at), 0, -1):
        following = answer.seen_at[place - 1] or following
        if _is_old(following, above):
            old.add(place)
    answer.rejected = [one for one in answer.rejected if one.position not in old]


def open_source(settings: SourceSettings, programme: Programme, secrets: Secrets) -> BlueskySource:
    """Return the source; nothing is asked yet."""
    return BlueskySource(settings, programme, secrets(f"TOKEN_{secret_name(settings.name)}"))
