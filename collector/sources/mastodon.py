"""Mastodon: tag timelines through Mastodon.py, under our own deadline and pauses.

See https://docs.joinmastodon.org/methods/timelines/#tag and https://docs.joinmastodon.org/api/rate-limits/
"""

from collections import deque
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

import mastodon
import requests
from msgspec import Raw

from collector.counterpart import Counterpart
from collector.errors import Remedies
from collector.mastodon_answer import Answer, converted, left_out, seen
from collector.mastodon_notes import ServerNotes
from collector.mastodon_order import contains, floor_of, has_new_day, is_new_day, is_old, later, since_for
from collector.mastodon_post import Viewpoint, read_context, read_local_id, read_shown, read_timeline, says_gone
from collector.reply_depth import within
from collector.retry import Patience, persist
from collector.source import Memory, Opening, Page, Sighting
from collector.sources import Secrets
from collector.span import Hole, Stretch
from collector.timelines import pages_of
from collector.unreadable import UNREADABLE
from collector.wire import USER_AGENT, Wire
from programme.types import Programme, SourceSettings
from programme.values import secret_name

_PAGE = 40
_LACKING = frozenset({requests.codes.not_found, requests.codes.gone})
_NOT_SHOWN = _LACKING | {requests.codes.forbidden}
_NOT_AT_ONCE = frozenset({400, 403, 404, 405, 410, 422, 501})
"""What servers answer that cannot be asked for several statuses: Mastodon can since 4.3, others seldom."""
_REMEDIES = Remedies(
    by_status={
        401: "This server shows that to its own users only: make an application on it and set its access "
        "token as KUNTAKAIKU_TOKEN_<SOURCE NAME>.",
        403: "The server does not allow this: ask its administrator, or choose another server.",
        404: "Check base_url in sources.toml: it must be a server that speaks Mastodon's API.",
        410: "The server is closed: choose another one in sources.toml.",
        422: "Check the programme's hashtags.",
        429: "Nothing to do: we go on when the server allows it.",
    },
)


class _Client(mastodon.Mastodon):
    """Mastodon.py without the request with which it asks whether it may ask."""

    def timeline_is_available(self, *_: object, **__: object) -> bool:
        """Return True: the server's own answer tells."""
        return True

    def verify_minimum_version(self, *_: object, **__: object) -> bool:
        """Return True: the server's own answer tells."""
        return True


class MastodonSource:
    """The posts under the programme's hashtags, as one server sees them."""

    network = "mastodon"
    reach: timedelta | None = None
    most_at_once = 20

    def __init__(self, settings: SourceSettings, programme: Programme, token: str | None) -> None:
        self.name = settings.name
        self._settings = settings
        self._programme = programme
        self._token = token
        self._wire = Wire(settings.base_url, timeout=settings.timeout)
        self._session = self._wire.session()
        self._client = _Client(
            api_base_url=settings.base_url,
            access_token=token,
            request_timeout=settings.timeout,
            ratelimit_method="throw",
            version_check_mode="none",
            session=self._session,
            user_agent=USER_AGENT,
        )
        self._notes = ServerNotes(settings.name)
        self._was_empty = False
        """Whether the last answer for several held none."""
        self._shows_statuses = False
        """Whether the server showed something of what it was asked for."""
        self._server = Counterpart(source=self.name, who=urlsplit(settings.base_url).netloc, remedies=_REMEDIES)

    def keep_notes(self, memory: Memory) -> None:
        """Keep there under which ids the server shows statuses."""
        self._notes.keep_in(memory)

    def fetch(self, position: str | None, patience: Patience) -> Generator[Page, None, None]:
        """Yield pages of each hashtag's timeline, newest first, then what earlier rounds left unfinished.

        Raises:
            SourceUnavailableError: the server asked us to wait, or did not answer in a usable way.
            SourceRefusedError: the server does not allow it.
        """
        with self._session:
            yield from pages_of(
                position,
                self._programme.hashtags,
                partial(self._timeline, patience),
                lambda: self._server.not_before,
            )

    def thread(self, opening: Opening, depth: int, patience: Patience) -> Generator[Page, None, None]:
        """Yield what the server knows around a post; before it an empty page where its own id had to be searched for.

        A server that has never heard of the post, or of discussions, shows nothing; nor does one where the post was not
        seen and that we have no token for.

        Raises:
            SourceUnavailableError: the server asked us to wait, or did not answer in a usable way.
            SourceRefusedError: the server does not allow it.
        """
        with self._session:
            local_id = self._local_id(opening.native_id)
            if local_id is None and not self._token:
                yield self._shown(Answer(), is_last=True)  # no server searches by address for strangers
            elif local_id is None:
                local_id = persist(partial(self._search, opening.native_id, patience), patience)
                yield self._shown(Answer(), is_last=local_id is None)
            if local_id is not None:
                # Ids of other networks' discussions mean nothing here.
                yield from self._around(replace(opening, discussion=None), local_id, depth, patience)

    def _around(self, opening: Opening, local_id: str, depth: int, patience: Patience) -> Iterator[Page]:
        """Yield the context of a status, and on servers that show only the next answers, those of the answers too."""
        seen_so_far = {opening.native_id}
        questions = deque([(opening, local_id, depth)])
        while questions:
            above, local_id, left = questions.popleft()
            around = persist(partial(self._context, above, local_id, left, patience), patience)
            fresh = [post for post in within(around.posts, above, left) if post.native_id not in seen_so_far]
            answers = {post.native_id: post for post in fresh if post.reply_to == above.native_id}
            if any(post.reply_to in answers for post in fresh):
                self._notes.shows_whole(patience.now())
            if left > 1 and not self._notes.is_whole:
                for uri, post in answers.items():
                    if post.counts.replies and (below := self._local_id(uri)) is not None:
                        questions.append((replace(above, native_id=uri), below, left - 1))
            seen_so_far.update(post.native_id for post in around.posts)
            around.posts = fresh
            yield self._shown(around, is_last=not questions)

    def look_up(self, native_ids: Sequence[str], patience: Patience) -> Sighting:
        """Return what has become of posts whose ids on this server are known; of others nothing, and nothing is asked.

        One request, for several posts where the server takes them; what that leaves out is asked for by itself. One
        more where the first that a server says is that a post is not there.

        Raises:
            SourceUnavailableError: the server asked us to wait, or did not answer in a usable way.
            SourceRefusedError: the server does not allow it.
        """
        asked = {uri: local_id for uri in native_ids if (local_id := self._local_id(uri)) is not None}
        if not asked:
            return Sighting()
        left_out = [uri for uri in asked if uri in self._notes.left_out]
        with self._session:
            if left_out or len(asked) == 1 or self._notes.asks_singly(patience.now()):
                uri = left_out[0] if left_out else next(iter(asked))
                found = persist(partial(self._look_up_one, uri, asked[uri], patience), patience)
                found = replace(found, unasked=frozenset(asked) - {uri})
            else:
                found = persist(partial(self._look_up_all, asked, patience), patience)
        return replace(found, not_before=self._server.not_before)

    def _look_up_all(self, asked: Mapping[str, str], patience: Patience) -> Sighting:
        request = partial(self._client.statuses, list(asked.values()))
        answer, now = self._request(request, patience, "statuses by their ids", lacking=_NOT_AT_ONCE)
        if not answer.ok:
            self._notes.ask_singly(now)
            return Sighting(unasked=frozenset(asked))
        found = self._read(answer, None, now, self._notes.uris())
        missed = left_out(found, asked)
        self._notes.leave_out(missed, now)
        self._was_empty = len(missed) == len(asked)
        self._shows_statuses |= bool(found.ids)
        return seen(found, asked.keys(), missed)

    def _look_up_one(self, uri: str, local_id: str, patience: Patience) -> Sighting:
        request = partial(self._client.status, local_id)
        answer, now = self._request(request, patience, "a status by its id", lacking=_NOT_SHOWN)
        if answer.ok:
            try:
                raw = read_shown(answer.content)
            except UNREADABLE as error:
                raise self._server.unavailable("answered, but not with a status.") from error
            self._shows_statuses = True
            if self._was_empty and uri in self._notes.left_out:
                self._notes.ask_singly(now)  # it takes several ids, and shows none of what is there
            self._notes.asked_for(uri, now)
            return seen(self._converted([raw], self._view(None, now, self._notes.uris())), {uri})
        self._notes.asked_for(uri, now)
        if answer.status_code not in _LACKING:
            return Sighting()
        self._check_server(patience)
        if says_gone(answer.content):
            return Sighting(gone={uri: "deleted"})
        return Sighting(missing=frozenset({uri}))

    def _check_server(self, patience: Patience) -> None:
        """Ask for a timeline, unless a status was shown: a server that is not itself may say of all that it is lacking.

        Raises:
            SourceUnavailableError: the server gives no timeline.
            SourceRefusedError: the server does not give it.
        """
        if not self._shows_statuses:
            self._ask(self._programme.hashtags[0], patience, None, None, {})
            self._shows_statuses = True

    def _shown(self, answer: Answer, *, is_last: bool) -> Page:
        return Page(
            posts=tuple(answer.posts),
            rejected=tuple(answer.rejected),
            position="",
            watermark="whole" if is_last else None,
            not_before=self._server.not_before,
        )

    def _local_id(self, uri: str) -> str | None:
        """Return the server's own id of a status: as noted, or of its own statuses the end of the address."""
        noted = self._notes.id_of(uri)
        if noted is not None:
            return noted
        address = urlsplit(uri)
        head, _, last = address.path.rpartition("/")
        is_ours = address.netloc == urlsplit(self._settings.base_url).netloc and head.endswith("/statuses")
        return last if is_ours and last.isalnum() else None

    def _search(self, uri: str, patience: Patience) -> str | None:
        # Mastodon finds an address only where it may fetch it, be the status there already or not.
        request = partial(self._client.search_v2, uri, resolve=True, result_type="statuses")
        answer, _ = self._request(request, patience, "its search", lacking=_LACKING)
        try:
            return read_local_id(answer.content, uri) if answer.ok else None
        except UNREADABLE as error:
            raise self._server.unavailable("answered, but not with what it found.") from error

    def _context(self, opening: Opening, local_id: str, depth: int, patience: Patience) -> Answer:
        request = partial(self._client.status_context, local_id)
        answer, now = self._request(request, patience, "a discussion", lacking=_LACKING)
        if not answer.ok:
            return Answer()
        try:
            raws = read_context(answer.content, depth)
        except UNREADABLE as error:
            raise self._server.unavailable("answered, but not with a discussion.") from error
        view = replace(self._view(None, now, {**self._notes.uris(), local_id: opening.native_id}), via="thread")
        return self._converted(raws, view)

    def _timeline(self, patience: Patience, hashtag: str, hole: Hole) -> Iterator[Stretch[Answer]]:
        above, below, floor = hole.above, hole.below, hole.floor
        uris = self._notes.uris()
        # A day that an earlier round began to read once more, or that is over, may have to be read from its beginning.
        since = None if floor is not None or has_new_day(patience.now(), above) else since_for(above)
        while True:
            answer = persist(partial(self._ask, hashtag, patience, since, below, uris), patience)
            oldest = answer.ids[-1] if answer.ids else None
            if oldest is not None and oldest == below:
                raise self._server.unavailable("answers the same page again.")
            # Mastodon sends a next page until one is empty; other servers send no Link at all.
            was_all = answer.has_next is False
            if answer.ids and is_new_day(answer.ids[0], above):
                was_all = was_all and since is None
                since, floor = None, floor_of(above)
            is_last = oldest is None or was_all or contains(answer.ids, floor or above)
            newest = later(answer.ids[0], above) if answer.ids else None
            # What an earlier round rejected is not rejected again because it is read again.
            answer.rejected = [one for one in answer.rejected if not is_old(answer.places.get(one.position), above)]
            yield Stretch(newest=newest, oldest=oldest, is_last=is_last, holds=answer, floor=floor)
            if is_last:
                return
            below = oldest

    def _ask(
        self, hashtag: str, patience: Patience, since: str | None, below: str | None, uris: dict[str, str]
    ) -> Answer:
        request = partial(self._client.timeline_hashtag, hashtag, since_id=since, max_id=below, limit=_PAGE)
        answer, now = self._request(request, patience, "its tag timeline")
        return self._read(answer, hashtag, now, uris)

    def _request(
        self, request: Callable[[], object], patience: Patience, what: str, *, lacking: Collection[int] = ()
    ) -> tuple[requests.Response, datetime]:
        """Return the server's answer and when it came; one with another status only where that says what is lacking."""
        self._server.check(patience.now())
        self._wire.timeout = patience.timeout(self._settings.timeout)
        failure: Exception | None = None
        try:
            request()
        except (mastodon.MastodonError, ValueError, TypeError, AttributeError, KeyError) as error:
            # The last four come from Mastodon.py's casts of answers that are not as it expects: ours reads the bytes.
            failure = error
        answer = self._wire.answer
        now = patience.now()
        self._server.heard(self._wire.headers, now)
        if answer is None:
            raise self._server.unavailable("did not answer.") from failure
        if answer.status_code != requests.codes.ok and answer.status_code not in lacking:
            asked = "with our token" if self._token else "without a token"
            raise self._server.refusal(f"refused {what} {asked}", answer.status_code, answer.headers, now) from failure
        return answer, now

    def _read(self, answer: requests.Response, hashtag: str | None, now: datetime, uris: dict[str, str]) -> Answer:
        try:
            raws = read_timeline(answer.content)
        except UNREADABLE as error:
            raise self._server.unavailable("answered, but not with a timeline.") from error
        has_next = "next" in answer.links if answer.headers.get("link") else None
        return self._converted(raws, self._view(hashtag, now, uris), has_next=has_next)

    def _converted(self, raws: Sequence[Raw], view: Viewpoint, *, has_next: bool | None = None) -> Answer:
        found = converted(raws, view, has_next=has_next)
        self._notes.note(found.local, view.now)
        return found

    def _view(self, hashtag: str | None, now: datetime, uris: dict[str, str]) -> Viewpoint:
        return Viewpoint(
            server=urlsplit(self._settings.base_url).netloc,
            hashtag=hashtag,
            now=now,
            text_limit=self._programme.text_limit,
            indexable_needed=self._settings.indexable_needed,
            uris=uris,
        )


def open_source(settings: SourceSettings, programme: Programme, secrets: Secrets) -> MastodonSource:
    """Return the source; nothing is asked yet."""
    return MastodonSource(settings, programme, secrets(f"TOKEN_{secret_name(settings.name)}"))
