"""X: recent search through tweepy, under our own address, deadline and pauses.

See https://docs.x.com/x-api/posts/search/introduction and https://docs.x.com/x-api/fundamentals/rate-limits
"""

import logging
from collections.abc import Generator, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial

import requests
import tweepy

from collector.errors import CREDIT_PAUSE, RATE_PAUSE, Remedies, SourceError, SourceRefusedError, SourceUnavailableError
from collector.retry import Patience, persist
from collector.source import Page
from collector.sources import Secrets
from collector.span import Position, Stretch, follow
from collector.wire import USER_AGENT, Wire, exhausted_until, named_time
from collector.x_page import Reading, XPage, read_page, said_in
from programme.types import Programme, SourceSettings

_BUILT_IN = ("https://api.twitter.com", "https://api.x.com")
_PATH = "/2/tweets/search/recent"
_QUERY_LIMIT = 512
"""Characters of a query: https://docs.x.com/x-api/posts/search/integrate/build-a-query"""
_PAGE = 100
_WINDOW = timedelta(days=7)
_DIALECTS: Mapping[str, Mapping[str, str]] = {
    "tweet": {
        "tweet.fields": "author_id,conversation_id,created_at,edit_history_tweet_ids,entities,lang,note_tweet,"
        "public_metrics,referenced_tweets",
        "expansions": "author_id",
        "user.fields": "name,username",
    },
    "post": {
        "post.fields": "conversation_id,created_at,entities,lang,note_post,public_metrics",
        "expansions": "author_id,edit_history_post_ids,referenced_posts",
        "user.fields": "name,username",
    },
}
"""How fields are asked for, in the old naming and in the new; X says 400 to the one that it does not know."""
_REMEDIES = Remedies(
    by_status={
        400: "Check the programme's hashtags; if they are right, X has changed its interface: look for a new version.",
        401: "Make a new bearer token in X's developer console and set KUNTAKAIKU_X_BEARER_TOKEN.",
        402: "Buy credits or raise the spending limit in X's developer console; we look again by ourselves.",
        403: "X's developer console says what this app may do: recent search must be among it.",
        404: "Check base_url in sources.toml; X answers at https://api.x.com.",
        429: "Nothing to do: we go on when X allows it.",
    },
)


class XSource:
    """The recent posts under the programme's hashtags on X."""

    network = "x"
    reach: timedelta | None = _WINDOW

    def __init__(self, settings: SourceSettings, programme: Programme, bearer: str | None) -> None:
        self.name = settings.name
        self._settings = settings
        self._programme = programme
        self._bearer = bearer
        self._wire = Wire(settings.base_url, timeout=settings.timeout, instead_of=_BUILT_IN)
        # tweepy writes the bearer token into its debug log.
        logging.getLogger("tweepy.client").addFilter(_is_no_debug)
        self._client = tweepy.Client(bearer_token=bearer, return_type=requests.Response)
        self._client.session = self._wire.session()
        self._client.user_agent = USER_AGENT
        self._not_before: datetime | None = None

    def fetch(self, position: str | None, patience: Patience) -> Generator[Page, None, None]:
        """Yield pages of posts under the hashtags, newest first, then what earlier rounds left unfinished.

        Raises:
            SourceUnavailableError: X asked us to wait, has no more credits for us, or did not answer in a usable way.
            SourceRefusedError: X, or the missing attestation or token, does not allow it.
        """
        self._check_permission()
        with self._client.session:
            yield from self._pages(position, patience)

    def _pages(self, position: str | None, patience: Patience) -> Iterator[Page]:
        queries = queries_for(self._programme.hashtags)
        place = Position.read(position, queries)
        self._dialect = place.dialect or "tweet"
        for query in queries:
            for line, stretch in follow(place.lines[query], partial(self._search, query, patience)):
                place = Position(lines={**place.lines, query: line}, dialect=self._dialect)
                is_whole = query == queries[-1] and stretch.is_last and not line.holes
                yield Page(
                    posts=tuple(stretch.holds.posts),
                    rejected=tuple(stretch.holds.rejected),
                    position=str(place),
                    watermark=str(place) if is_whole else None,
                    partial_errors=len(stretch.holds.problems),
                    not_before=self._not_before,
                )

    def _check_permission(self) -> None:
        if not self._settings.government_use_attested:
            raise SourceRefusedError(
                f"Source {self.name!r}: X's developer terms limit use by or for government bodies to what X has "
                "approved, and nobody has attested that this use is.",
                "Read X's Developer Agreement, get X's approval of the use case, then set "
                "government_use_attested = true in sources.toml.",
            )
        if not self._bearer:
            raise SourceRefusedError(
                f"Source {self.name!r}: there is no bearer token for X.", "Set KUNTAKAIKU_X_BEARER_TOKEN."
            )

    def _search(self, query: str, patience: Patience, above: str | None, below: str | None) -> Iterator[Stretch[XPage]]:
        asked = {"query": query, "max_results": str(_PAGE), "sort_order": "recency"}
        bounds = {"since_id": above, "until_id": below}
        asked |= {name: native_id for name, native_id in bounds.items() if native_id is not None}
        while True:
            page = persist(partial(self._ask, asked, patience), patience)
            is_last = page.next_token is None
            yield Stretch(newest=page.newest_id, oldest=page.oldest_id, is_last=is_last, holds=page)
            if page.next_token is None:
                return
            asked["next_token"] = page.next_token

    def _ask(self, asked: dict[str, str], patience: Patience) -> XPage:
        """Return a page; changes ``asked`` where X does not take it as it is, and asks once more."""
        while True:
            now = patience.now()
            if self._not_before is not None and now < self._not_before:
                raise self._unavailable("allows no more requests for now.", "rate_limited", self._not_before)
            self._wire.timeout = patience.timeout(self._settings.timeout)
            answer = self._answer(asked)
            now = patience.now()
            self._not_before = exhausted_until(answer.headers, now)
            if answer.status_code == requests.codes.ok:
                return self._page(answer.content, now)
            if answer.status_code != requests.codes.bad_request:
                raise self._error(answer, now)
            if "until_id" in asked and b"until_id" in answer.content:
                return XPage()  # what an earlier round left lies behind X's window by now
            if "since_id" in asked and b"since_id" in answer.content:
                del asked["since_id"]
            elif self._dialect == "tweet" and b"tweet.fields" in answer.content:
                self._dialect = "post"
            elif self._dialect == "post" and b"post.fields" in answer.content:
                self._dialect = "tweet"
            else:
                raise self._error(answer, now)

    def _answer(self, asked: Mapping[str, str]) -> requests.Response:
        try:
            answer: requests.Response = self._client.request("GET", _PATH, params={**_DIALECTS[self._dialect], **asked})
        except (tweepy.TweepyException, ValueError, TypeError, AttributeError) as error:
            # The last three come from tweepy's reading of error bodies and headers that are not as it expects.
            if self._wire.answer is None:
                raise self._unavailable("did not answer.") from error
            return self._wire.answer
        except requests.RequestException as error:
            raise self._unavailable(f"did not answer ({type(error).__name__}).") from error
        return answer

    def _page(self, body: bytes, now: datetime) -> XPage:
        reading = Reading(now=now, text_limit=self._programme.text_limit, via="hashtag")
        page = read_page(body, reading)
        if not page.is_answer:
            said = page.rejected[0].reason if page.rejected else "nothing"
            raise self._unavailable(f"answered, but not with posts: {said:.150}.")
        return page

    def _error(self, answer: requests.Response, now: datetime) -> SourceError:
        status = answer.status_code
        if status == requests.codes.too_many_requests:
            resume_at = named_time(answer.headers, now)
            return SourceUnavailableError(
                f"Source {self.name!r}: X allows no more requests for now (429).",
                _REMEDIES[status],
                state="rate_limited",
                resume_at=resume_at,
                pause=None if resume_at else RATE_PAUSE,
            )
        if status == requests.codes.payment_required:
            return SourceUnavailableError(
                f"Source {self.name!r}: the credits for X are used up (402).",
                _REMEDIES[status],
                state="paused",
                pause=CREDIT_PAUSE,
            )
        if status >= requests.codes.internal_server_error:
            return self._unavailable(f"is out of order ({status}).", resume_at=named_time(answer.headers, now))
        # The token stays out, should an answer repeat it.
        said = said_in(answer.content).replace(self._bearer or "\0", "…")
        return SourceRefusedError(
            f"Source {self.name!r}: X refused the request ({status}{': ' if said else ''}{said:.200}).",
            _REMEDIES[status],
        )

    def _unavailable(
        self, what: str, state: str = "failing", resume_at: datetime | None = None
    ) -> SourceUnavailableError:
        return SourceUnavailableError(
            f"Source {self.name!r}: X {what}",
            state="rate_limited" if state == "rate_limited" else "failing",
            resume_at=resume_at,
        )


def queries_for(hashtags: tuple[str, ...]) -> tuple[str, ...]:
    """Return as few queries as hold all hashtags, each within X's limit."""
    queries: list[str] = []
    for hashtag in hashtags:
        longer = f"{queries[-1]} OR #{hashtag}" if queries else ""
        if queries and len(longer) <= _QUERY_LIMIT:
            queries[-1] = longer
        else:
            queries.append(f"#{hashtag}")
    return tuple(queries)


def _is_no_debug(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG


def open_source(settings: SourceSettings, programme: Programme, secrets: Secrets) -> XSource:
    """Return the source; nothing is asked yet."""
    return XSource(settings, programme, secrets("X_BEARER_TOKEN"))
