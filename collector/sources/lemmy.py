"""Lemmy: its public search, newest first, for posts and comments under the programme's hashtags.

Lemmy knows no hashtags: the server is asked for ``#hashtag`` as words, and whether a text carries it is read from the
text. One search answers a page of posts and a page of comments, each newest first; a page cannot be asked for by time,
so that what an earlier round left is reached through the pages above it.

See https://join-lemmy.org/docs/contributors/04-api.html
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

import msgspec
import requests
from msgspec import Raw

from collector.counterpart import Counterpart
from collector.errors import Remedies
from collector.instants import read_instant
from collector.retry import Patience, persist
from collector.source import Page, Rejected
from collector.sources import Secrets
from collector.span import Hole, Stretch
from collector.timelines import pages_of
from collector.unreadable import UNREADABLE, as_count, reason_of, rejection
from collector.wire import USER_AGENT, Wire
from corpus.post import Author, Counts, Post
from language.text import clean, hashtags_in
from programme.types import Programme, SourceSettings

_SEARCH = "/api/v3/search"
_PAGE = 50
_REMEDIES = Remedies(
    by_status={
        400: "Check the programme's hashtags; if they are right, Lemmy has changed: look for a new version.",
        401: "The server shows its search to its own users only: choose another server.",
        403: "The server does not allow this: ask its administrator, or choose another server.",
        404: "Check base_url in sources.toml: it must be a server that speaks Lemmy's API.",
        429: "Nothing to do: we go on when the server allows it.",
    },
)


class _Creator(msgspec.Struct):
    name: str | None = None
    display_name: str | None = None
    actor_id: str | None = None
    bio: str | None = None


class _Said(msgspec.Struct):
    """A post (``name``, ``body``) or a comment (``content``)."""

    ap_id: str | None = None
    name: str | None = None
    body: str | None = None
    url: str | None = None
    content: str | None = None
    path: str | None = None
    published: str | None = None
    updated: str | None = None
    deleted: bool = False
    removed: bool = False


class _Figures(msgspec.Struct):
    comments: int | None = None
    child_count: int | None = None
    upvotes: int | None = None


class _View(msgspec.Struct):
    post: _Said
    comment: _Said | None = None
    creator: _Creator | None = None
    counts: _Figures | None = None


class _Found(msgspec.Struct):
    posts: list[Raw]
    comments: list[Raw]


_read_found = msgspec.json.Decoder(_Found).decode
_read_view = msgspec.json.Decoder(_View).decode


@dataclass(slots=True, kw_only=True)
class _Answer:
    """One page of posts and one of comments."""

    posts: list[Post] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    published: list[str] = field(default_factory=list)
    """Of all records that tell it, in a form whose order as text is that of time."""
    depths: list[str] = field(default_factory=list)
    """How far down the list of posts and that of comments reach, where they hold anything."""
    addresses: list[str | None] = field(default_factory=list)


class LemmySource:
    """The posts and comments under the programme's hashtags, as one server knows them."""

    network = "lemmy"
    reach: timedelta | None = None

    def __init__(self, settings: SourceSettings, programme: Programme) -> None:
        self.name = settings.name
        self._settings = settings
        self._programme = programme
        self._wire = Wire(settings.base_url, timeout=settings.timeout)
        self._http = self._wire.session()
        self._http.headers["User-Agent"] = USER_AGENT
        self._server = Counterpart(source=self.name, who=urlsplit(settings.base_url).netloc, remedies=_REMEDIES)
        self._read_pages: dict[str, int] = {}

    def fetch(self, position: str | None, patience: Patience) -> Generator[Page, None, None]:
        """Yield pages of posts and comments under each hashtag, newest first, then what earlier rounds left unfinished.

        Raises:
            SourceUnavailableError: the server asked us to wait, or did not answer in a usable way.
            SourceRefusedError: the server does not allow it.
        """
        with self._http:
            yield from pages_of(
                position,
                self._programme.hashtags,
                partial(self._search, patience),
                lambda: self._server.not_before,
            )

    def _search(self, patience: Patience, hashtag: str, hole: Hole) -> Iterator[Stretch[_Answer]]:
        above, below = hole.above, hole.below
        # Pages that this round has read for what is new lie above every hole.
        number = self._read_pages.get(hashtag, 0) if below is not None else 0
        before: list[str | None] = []
        while True:
            number += 1
            answer = persist(partial(self._ask, hashtag, number, above, patience), patience)
            if answer.addresses and answer.addresses == before:
                raise self._server.unavailable("answers the same page again.")
            before = answer.addresses
            if below is None:
                self._read_pages[hashtag] = number
            # Both lists have to reach what is known: until then it is the shorter way down that counts.
            oldest = max(answer.depths, default=None)
            is_last = oldest is None or (above is not None and oldest <= above)
            if below is not None and oldest is not None and not is_last and oldest >= below:
                continue  # nothing but what was read before
            yield Stretch(
                newest=max([*answer.published, *([above] if above else [])]) if answer.published else None,
                oldest=oldest if below is None or oldest is None else min(oldest, below),
                is_last=is_last,
                holds=answer,
            )
            if is_last:
                return

    def _ask(self, hashtag: str, number: int, above: str | None, patience: Patience) -> _Answer:
        self._server.check(patience.now())
        self._wire.timeout = patience.timeout(self._settings.timeout)
        asked = {"q": f"#{hashtag}", "type_": "All", "listing_type": "All", "sort": "New"}
        asked |= {"limit": str(_PAGE), "page": str(number)}
        try:
            answer = self._http.get(f"{self._wire.base_url}{_SEARCH}", params=asked)
        except (requests.RequestException, ValueError) as error:
            self._server.heard(self._wire.headers, patience.now())
            raise self._server.unavailable(f"did not answer ({type(error).__name__}).") from None
        now = patience.now()
        self._server.heard(answer.headers, now)
        if answer.status_code != requests.codes.ok:
            raise self._server.refusal("refused the search", answer.status_code, answer.headers, now)
        return self._read(answer.content, hashtag, above, now)

    def _read(self, body: bytes, hashtag: str, above: str | None, now: datetime) -> _Answer:
        try:
            found = _read_found(body)
        except UNREADABLE as error:
            raise self._server.unavailable("answered, but not with posts and comments.") from error
        answer = _Answer()
        old: set[int] = set()
        depth: str | None
        following: str | None
        position = 0
        for records in (found.posts, found.comments):
            times: list[tuple[int, str | None]] = []
            for raw in records:
                position += 1
                times.append((position, self._take(answer, raw, position, hashtag, now)))
            depth = following = None
            for place, published in reversed(times):
                depth = depth or published
                following = published or following
                if following is not None and above is not None and following <= above:
                    old.add(place)
            # A list without a single time is no way down.
            answer.depths += [depth] if depth is not None else []
        # What an earlier round rejected is not rejected again because it is read again; a record without a time is as
        # old as the one below it.
        answer.rejected = [one for one in answer.rejected if one.position not in old]
        return answer

    def _take(self, answer: _Answer, raw: Raw, position: int, hashtag: str, now: datetime) -> str | None:
        """Read a record into the answer; return when it was published, where it tells."""
        payload = bytes(raw)
        try:
            view = _read_view(raw)
        except UNREADABLE as error:
            answer.rejected.append(rejection(position, reason_of(error), payload))
            answer.addresses.append(None)
            return None
        said = view.comment or view.post
        answer.addresses.append(said.ap_id)
        try:
            created_at = read_instant(_zoned(said.published), now)
        except ValueError as error:
            answer.rejected.append(rejection(position, str(error), payload))
            return None
        try:
            answer.posts.append(self._post(view, said, payload, hashtag, created_at, now))
        except ValueError as error:
            answer.rejected.append(rejection(position, str(error), payload))
        answer.published.append(_written(created_at))
        return answer.published[-1]

    def _post(
        self, view: _View, said: _Said, payload: bytes, hashtag: str, created_at: datetime, now: datetime
    ) -> Post:
        """Return what a record says; of people who opted out and of what was taken back, only that there is one.

        Raises:
            ValueError: its reason says why it is none of ours.
        """
        if not said.ap_id:
            raise ValueError("ap_id is missing")
        native_id = clean(said.ap_id)
        gone = "opted_out" if _has_opted_out(view.creator) else "deleted" if said.deleted or said.removed else None
        text = clean("\n".join(filter(None, (said.name, said.body, said.content))))
        hashtags = hashtags_in(text)
        if gone is None and hashtag not in hashtags:
            raise ValueError(f"it does not carry #{hashtag}")
        if gone is not None:
            return Post(
                network=self.network,
                native_id=native_id,
                author=None,
                text=None,
                created_at=created_at,
                via="hashtag",
                gone="opted_out" if gone == "opted_out" else "deleted",
            )
        root = clean(view.post.ap_id) if view.post.ap_id else None
        figures = view.counts or _Figures()
        limit = self._programme.text_limit
        return Post(
            network=self.network,
            native_id=native_id,
            author=_author(view.creator),
            text=text[:limit],
            cut_from=len(text) if len(text) > limit else None,
            created_at=created_at,
            edited_at=_edited(said, created_at, now),
            via="hashtag",
            url=native_id,
            reply_to=root if view.comment is not None and _is_first_answer(said) else None,
            discussion=root,
            hashtags=hashtags,
            links=(clean(said.url),) if said.url else (),
            counts=Counts(
                replies=as_count(figures.child_count if view.comment else figures.comments),
                likes=as_count(figures.upvotes),
            ),
            raw=payload,
        )


def _zoned(written: str | None) -> str | None:
    """Return a time with its zone: older servers leave the ``Z`` of UTC out."""
    if not written or written.endswith("Z") or "+" in written:
        return written
    return f"{written}Z"


def _edited(said: _Said, created_at: datetime, now: datetime) -> datetime | None:
    try:
        edited_at = read_instant(_zoned(said.updated), now)
    except ValueError:
        return None
    return edited_at if edited_at > created_at else None


def _is_first_answer(said: _Said) -> bool:
    """Return whether a comment answers the post itself: its path is the top, ``0``, and its own number."""
    return (said.path or "").count(".") == 1


def _author(creator: _Creator | None) -> Author | None:
    if creator is None or not creator.actor_id:
        return None
    actor = clean(creator.actor_id)
    host = urlsplit(actor).hostname or ""
    name = clean(creator.name or "")
    return Author(
        native_id=actor,
        handle=f"{name}@{host}" if name and host else name or None,
        name=clean(creator.display_name or "") or None,
    )


def _has_opted_out(creator: _Creator | None) -> bool:
    """Return whether an author's description asks collectors to stay away."""
    return creator is not None and not {"nobot", "noindex"}.isdisjoint(hashtags_in(creator.bio or ""))


def _written(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def open_source(settings: SourceSettings, programme: Programme, secrets: Secrets) -> LemmySource:
    """Return the source; nothing is asked yet, and no secret is needed."""
    del secrets
    return LemmySource(settings, programme)
