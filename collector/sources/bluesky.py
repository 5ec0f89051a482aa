"""Bluesky: post search, signed in, over XRPC under our own deadline, size cap and pauses.

The server is asked for ``#hashtag`` as words, since servers have ignored ``tag=``; whether a post carries the hashtag
is read from the post itself. Answers come newest first by a time that the server does not tell, so that a timeline is
followed by ``indexedAt``, when the server first saw a post. ``until`` only shortens the way to what an earlier round
left: a server that ignores or refuses it costs more requests, never a post.

See https://docs.bsky.app/docs/api/app-bsky-feed-search-posts and decision 0008
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from collector.bluesky_lookup import LOOK_UP, MOST_AT_ONCE, askable, read_looked_up
from collector.bluesky_post import PostView
from collector.bluesky_profile import Profiles
from collector.bluesky_thread import Answered, Question, first_question, read_answer
from collector.bluesky_view import Reading, read_listed, read_views
from collector.bluesky_wire import NOT_FOUND, BlueskyServer, Params
from collector.instants import read_instant
from collector.retry import Patience, persist
from collector.source import Heard, Interest, Opening, Page, Rejected, Sighting
from collector.sources import Secrets
from collector.span import Hole, Stretch
from collector.timelines import pages_of
from collector.unreadable import UNREADABLE
from corpus.post import Post, Via
from programme.types import Programme, SourceSettings
from programme.values import secret_name

_PAGE = 100
_SEARCH = "app.bsky.feed.searchPosts"


@dataclass(slots=True, kw_only=True)
class _Answer:
    """One page of search results."""

    posts: list[Post]
    rejected: list[Rejected]
    seen_at: list[str | None]
    """When the server first saw each post, in the order of the answer; None where it does not tell."""
    uris: list[str | None]
    cursor: str | None
    """Where the next page begins; some servers send one with the last page too."""


class BlueskySource:
    """The posts under the programme's hashtags, as one account's server finds them."""

    network = "bluesky"
    reach: timedelta | None = None
    most_at_once = MOST_AT_ONCE

    def __init__(self, settings: SourceSettings, programme: Programme, password: str | None) -> None:
        self.name = settings.name
        self._programme = programme
        self._server = BlueskyServer(settings, password)
        self._profiles = Profiles(self._server)
        self._settings = settings

    @property
    def has_stream(self) -> bool:
        """Whether one is configured."""
        return self._settings.stream is not None

    def listen(self, position: str | None, interest: Interest, patience: Patience) -> Generator[Heard, None, None]:
        """Yield what the configured stream tells.

        Raises:
            SourceUnavailableError: the server did not answer, broke off, or asked us to wait.
            SourceRefusedError: it does not let us in, or no stream is configured.
        """
        from collector.bluesky_stream import open_stream

        return open_stream(self._settings, self._programme).listen(position, interest, patience)

    def introduced(self, posts: Sequence[Post], patience: Patience) -> Sequence[Post]:
        """Return posts with handles and names of their authors; tombstones of those who opted out.

        Raises:
            SourceUnavailableError: the server asked us to wait, or did not answer in a usable way.
            SourceRefusedError: there is no account, or the server does not accept it.
        """
        with self._server.opened():
            return self._profiles.introduced(posts, patience)

    def fetch(self, position: str | None, patience: Patience) -> Generator[Page, None, None]:
        """Yield pages of posts under each hashtag, newest first, then what earlier rounds left unfinished.

        Raises:
            SourceUnavailableError: the server asked us to wait, or did not answer in a usable way.
            SourceRefusedError: there is no account, or the server does not accept it.
        """
        with self._server.opened():
            yield from pages_of(
                position,
                self._programme.hashtags,
                partial(self._search, patience),
                lambda: self._server.counterpart.not_before,
            )

    def thread(self, opening: Opening, depth: int, patience: Patience) -> Generator[Page, None, None]:
        """Yield the discussion's tree of replies, and then pages of quotes.

        Raises:
            SourceUnavailableError: the server asked us to wait, or did not answer in a usable way.
            SourceRefusedError: there is no account, or the server does not accept it.
        """
        with self._server.opened():
            questions = [first_question(opening, depth)]
            while questions:
                question = questions.pop(0)
                found = persist(partial(self._discussed, question, opening, depth, patience), patience)
                questions += found.then
                yield Page(
                    posts=found.posts,
                    rejected=found.rejected,
                    position="",
                    watermark=None if questions else "whole",
                    not_before=self._server.counterpart.not_before,
                )

    def look_up(self, native_ids: Sequence[str], patience: Patience) -> Sighting:
        """Return what has become of posts; of what is no address on Bluesky, nothing.

        Raises:
            SourceUnavailableError: the server asked us to wait, or did not answer in a usable way.
            SourceRefusedError: there is no account, or the server does not accept it.
        """
        asked = askable(native_ids)
        if not asked:
            return Sighting()
        with self._server.opened():
            return persist(partial(self._looked_up, asked, patience), patience)

    def _looked_up(self, asked: Sequence[str], patience: Patience) -> Sighting:
        body = self._server.ask(LOOK_UP, {"uris": asked}, patience, "posts by their addresses") or b""
        try:
            return read_looked_up(body, asked, self._reading(patience, "hashtag"), self._server.counterpart.not_before)
        except UNREADABLE as error:
            raise self._server.counterpart.unavailable("answered, but not with posts.") from error

    def _discussed(self, question: Question, opening: Opening, depth: int, patience: Patience) -> Answered:
        body = self._server.ask(question.name, question.params, patience, "a discussion", lacking=NOT_FOUND)
        try:
            return read_answer(body, question, opening, depth, self._reading(patience, "thread"))
        except UNREADABLE as error:
            raise self._server.counterpart.unavailable("answered, but not with a discussion.") from error

    def _reading(self, patience: Patience, via: Via, hashtag: str | None = None) -> Reading:
        return Reading(now=patience.now(), text_limit=self._programme.text_limit, via=via, hashtag=hashtag)

    def _search(self, patience: Patience, hashtag: str, hole: Hole) -> Iterator[Stretch[_Answer]]:
        above, below = hole.above, hole.below
        asked: Params = {"q": f"#{hashtag}", "sort": "latest", "limit": str(_PAGE)}
        if below is not None:
            asked["until"] = _until(below)
        before: list[str | None] = []
        while True:
            answer = persist(partial(self._ask, hashtag, asked, patience), patience)
            if answer.uris and answer.uris == before:
                raise self._server.counterpart.unavailable("answers the same page again.")
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

    def _ask(self, hashtag: str, asked: Params, patience: Patience) -> _Answer:
        """Return a page; changes ``asked`` where the server does not take it."""
        body = self._server.ask(_SEARCH, asked, patience, "the search", dropping="until") or b""
        reading = self._reading(patience, "hashtag", hashtag)
        try:
            listed = read_listed(body)
        except UNREADABLE as error:
            raise self._server.counterpart.unavailable("answered, but not with posts.") from error
        found = read_views(listed.posts, reading)
        return _Answer(
            posts=found.posts,
            rejected=found.rejected,
            uris=[view.uri for view in found.views],
            seen_at=[_seen_at(view, reading.now) for view in found.views],
            cursor=listed.cursor or None,
        )


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
