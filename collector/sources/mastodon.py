"""Mastodon: tag timelines through Mastodon.py, under our own deadline and pauses.

See https://docs.joinmastodon.org/methods/timelines/#tag and https://docs.joinmastodon.org/api/rate-limits/
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

import mastodon
import requests
from msgspec import Raw

from collector.counterpart import Counterpart
from collector.errors import Remedies
from collector.mastodon_post import (
    NOT_PUBLIC,
    Status,
    Viewpoint,
    as_post,
    read_context,
    read_local_id,
    read_status,
    read_timeline,
)
from collector.reply_depth import within
from collector.retry import Patience, persist
from collector.source import Opening, Page, Rejected
from collector.sources import Secrets
from collector.span import Stretch
from collector.timelines import pages_of
from collector.unreadable import UNREADABLE, reason_of, rejection
from collector.wire import USER_AGENT, Wire
from corpus.post import Post
from programme.types import Programme, SourceSettings
from programme.values import secret_name

_PAGE = 40
_OVERLAP_MS = 3_600_000
"""Milliseconds behind the newest status that are read again: a status that arrives late from another server gets an id
of the time at which it was written, which the newest has already passed."""
_DAY = 86_400_000 << 16
"""Ids of a day, by the clock of UTC."""
_SNOWFLAKE = 10**17
"""Mastodon's ids have been larger than this since 2018; they are milliseconds shifted by 16 bits."""
_REMEDIES = Remedies(
    by_status={
        401: "This server shows tag timelines to its own users only: make an application on it and set its access "
        "token as KUNTAKAIKU_TOKEN_<SOURCE NAME>.",
        403: "The server does not allow this: ask its administrator, or choose another server.",
        404: "Check base_url in sources.toml: it must be a server that speaks Mastodon's API.",
        410: "The server is closed: choose another one in sources.toml.",
        422: "Check the programme's hashtags.",
        429: "Nothing to do: we go on when the server allows it.",
    },
)


@dataclass(slots=True, kw_only=True)
class _Answer:
    """One page of a tag timeline."""

    posts: list[Post] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    """The server's own ids, newest first."""
    places: dict[int, str] = field(default_factory=dict)
    """The same by their place in the answer."""
    has_next: bool | None = None
    """What the Link header says; None where the server sends none."""


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
        self._server = Counterpart(source=self.name, who=urlsplit(settings.base_url).netloc, remedies=_REMEDIES)

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

        A server that has never heard of the post, or of discussions, shows nothing.

        Raises:
            SourceUnavailableError: the server asked us to wait, or did not answer in a usable way.
            SourceRefusedError: the server does not allow it.
        """
        with self._session:
            local_id = self._id_in(opening.native_id)
            if local_id is None:
                local_id = persist(partial(self._search, opening.native_id, patience), patience)
                yield self._shown(_Answer(), is_last=local_id is None)
            if local_id is not None:
                around = persist(partial(self._context, opening, local_id, depth, patience), patience)
                # Ids of other networks' discussions mean nothing here.
                around.posts = list(within(around.posts, replace(opening, discussion=None), depth))
                yield self._shown(around, is_last=True)

    def _shown(self, answer: _Answer, *, is_last: bool) -> Page:
        return Page(
            posts=tuple(answer.posts),
            rejected=tuple(answer.rejected),
            position="",
            watermark="whole" if is_last else None,
            not_before=self._server.not_before,
        )

    def _id_in(self, uri: str) -> str | None:
        """Return the id of a status of this server itself, whose address ends with it."""
        address = urlsplit(uri)
        head, _, last = address.path.rpartition("/")
        is_ours = address.netloc == urlsplit(self._settings.base_url).netloc and head.endswith("/statuses")
        return last if is_ours and last.isalnum() else None

    def _search(self, uri: str, patience: Patience) -> str | None:
        request = partial(self._client.search_v2, uri, resolve=False, result_type="statuses")
        answer, _ = self._request(request, patience, "its search", may_lack=True)
        try:
            return read_local_id(answer.content, uri) if answer.ok else None
        except UNREADABLE as error:
            raise self._server.unavailable("answered, but not with what it found.") from error

    def _context(self, opening: Opening, local_id: str, depth: int, patience: Patience) -> _Answer:
        request = partial(self._client.status_context, local_id)
        answer, now = self._request(request, patience, "a discussion", may_lack=True)
        if not answer.ok:
            return _Answer()
        try:
            raws = read_context(answer.content, depth)
        except UNREADABLE as error:
            raise self._server.unavailable("answered, but not with a discussion.") from error
        view = replace(self._view(None, now, {local_id: opening.native_id}), via="thread")
        return self._converted(raws, view, _Answer())

    def _timeline(
        self, patience: Patience, hashtag: str, above: str | None, below: str | None
    ) -> Iterator[Stretch[_Answer]]:
        uris: dict[str, str] = {}
        since, floor = _since(above), above
        if _is_old(below, above) or _is_new_day(below, above):
            since, floor = None, _floor(above)  # an earlier round stopped while it read a day once more
        elif _is_new_day(str(int(patience.now().timestamp() * 1000) << 16), above):
            since = None
        while True:
            answer = persist(partial(self._ask, hashtag, patience, since, below, uris), patience)
            oldest = answer.ids[-1] if answer.ids else None
            if oldest is not None and oldest == below:
                raise self._server.unavailable("answers the same page again.")
            # Mastodon sends a next page until one is empty; other servers send no Link at all.
            was_all = answer.has_next is False
            if answer.ids and _is_new_day(answer.ids[0], above):
                was_all = was_all and since is None
                since, floor = None, _floor(above)
            is_last = oldest is None or was_all or _contains(answer.ids, floor)
            newest = _later(answer.ids[0], above) if answer.ids else None
            # What an earlier round rejected is not rejected again because it is read again.
            answer.rejected = [one for one in answer.rejected if not _is_old(answer.places.get(one.position), above)]
            yield Stretch(newest=newest, oldest=oldest, is_last=is_last, holds=answer)
            if is_last:
                return
            below = oldest

    def _ask(
        self, hashtag: str, patience: Patience, since: str | None, below: str | None, uris: dict[str, str]
    ) -> _Answer:
        request = partial(self._client.timeline_hashtag, hashtag, since_id=since, max_id=below, limit=_PAGE)
        answer, now = self._request(request, patience, "its tag timeline")
        return self._read(answer, hashtag, now, uris)

    def _request(
        self, request: Callable[[], object], patience: Patience, what: str, *, may_lack: bool = False
    ) -> tuple[requests.Response, datetime]:
        """Return the server's answer and when it came; one that says it has no such thing only where that may be."""
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
        lacks = may_lack and answer.status_code in (requests.codes.not_found, requests.codes.gone)
        if answer.status_code != requests.codes.ok and not lacks:
            asked = "with our token" if self._token else "without a token"
            raise self._server.refusal(f"refused {what} {asked}", answer.status_code, answer.headers, now) from failure
        return answer, now

    def _read(self, answer: requests.Response, hashtag: str, now: datetime, uris: dict[str, str]) -> _Answer:
        try:
            raws = read_timeline(answer.content)
        except UNREADABLE as error:
            raise self._server.unavailable("answered, but not with a timeline.") from error
        found = _Answer(has_next="next" in answer.links if answer.headers.get("link") else None)
        return self._converted(raws, self._view(hashtag, now, uris), found)

    def _view(self, hashtag: str | None, now: datetime, uris: dict[str, str]) -> Viewpoint:
        return Viewpoint(
            server=urlsplit(self._settings.base_url).netloc,
            hashtag=hashtag,
            now=now,
            text_limit=self._programme.text_limit,
            indexable_needed=self._settings.indexable_needed,
            uris=uris,
        )

    def _converted(self, raws: Sequence[Raw], view: Viewpoint, found: _Answer) -> _Answer:
        statuses: list[tuple[int, Raw, Status]] = []
        for position, raw in enumerate(raws, start=1):
            try:
                statuses.append((position, raw, read_status(raw)))
            except UNREADABLE as error:
                found.rejected.append(rejection(position, reason_of(error), bytes(raw)))
        view.uris.update({str(status.id): status.uri for _, _, status in statuses if status.uri})
        for position, raw, status in statuses:
            if status.id is not None:
                found.places[position] = str(status.id)
            payload = bytes(raw)
            try:
                found.posts.append(as_post(status, payload, view))
            except ValueError as error:
                reason = str(error)
                found.rejected.append(rejection(position, reason, b"" if reason == NOT_PUBLIC else payload))
        found.ids = list(found.places.values())
        return found


def _since(above: str | None) -> str | None:
    """Return the id from which to read: far enough back to see what came late, and that the end was reached."""
    if above is None or not above.isdecimal():
        return above
    number = int(above)
    return str(number - (_OVERLAP_MS << 16) if number > _SNOWFLAKE else max(number - 1, 0))


def _is_new_day(native_id: str | None, above: str | None) -> bool:
    """Return whether the day of the newest known status is to be read once more, since another has begun.

    A page that reaches the newest known one ends a round. What came late on a busy day may lie on pages below it.
    """
    if not (_tells_time(native_id) and _tells_time(above)):
        return False
    return int(native_id or 0) // _DAY > int(above or 0) // _DAY


def _floor(above: str | None) -> str | None:
    """Return the id down to which the day of a status is read once more."""
    return str(int(above or 0) // _DAY * _DAY - (_OVERLAP_MS << 16)) if _tells_time(above) else above


def _tells_time(native_id: str | None) -> bool:
    return native_id is not None and native_id.isdecimal() and int(native_id) > _SNOWFLAKE


def _contains(ids: list[str], floor: str | None) -> bool:
    """Return whether a page reaches down to an id; ids that are not numbers are only ever compared for equality."""
    return bool(ids) and (_is_old(ids[-1], floor) or floor in ids)


def _is_old(native_id: str | None, above: str | None) -> bool:
    """Return whether an id is known to be no newer than another."""
    if native_id is None or above is None:
        return False
    return native_id == above or (native_id.isdecimal() and above.isdecimal() and int(native_id) <= int(above))


def _later(newest: str, above: str | None) -> str:
    """Return the newer of the page's newest id and the newest known: an overlap may hold nothing else."""
    if above is not None and above.isdecimal() and newest.isdecimal():
        return str(max(int(newest), int(above)))
    return newest


def open_source(settings: SourceSettings, programme: Programme, secrets: Secrets) -> MastodonSource:
    """Return the source; nothing is asked yet."""
    return MastodonSource(settings, programme, secrets(f"TOKEN_{secret_name(settings.name)}"))
