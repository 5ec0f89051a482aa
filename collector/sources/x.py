"""X through tweepy, under our own address, deadline, pauses and account: search, threads, look-up, counts, archive.

See https://docs.x.com/x-api/posts/search/introduction and https://docs.x.com/x-api/fundamentals/rate-limits
"""

import logging
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import requests
import tweepy

from collector.errors import SourceError
from collector.reply_depth import within
from collector.retry import Patience, persist
from collector.source import Estimate, Memory, Opening, Page, Sighting
from collector.sources import Secrets
from collector.span import Hole, Position, Stretch, follow
from collector.wire import USER_AGENT, Wire
from collector.x_account import NoMemory, XAccount
from collector.x_archive import read_reached
from collector.x_batch import XBatch
from collector.x_bill import COUNTS, EACH, delivered_in, month_of, next_month, used_since
from collector.x_counts import Counted, read_counts
from collector.x_lookup import LookedUp, read_looked_up
from collector.x_page import Reading, XPage, read_page
from collector.x_permission import check_permission
from collector.x_question import (
    ALL,
    ALL_COUNTS,
    DIALECTS,
    LARGEST,
    LEAST,
    LOOK_UP,
    RECENT,
    RECENT_COUNTS,
    USAGE,
    Question,
    queries_for,
)
from collector.x_refusal import counterpart, never_left, refusal
from collector.x_thread import thread_query
from corpus.post import Via
from programme.types import Programme, SourceSettings

_BUILT_IN = ("https://api.twitter.com", "https://api.x.com")
_WINDOW = timedelta(days=7)
_PACE = 1.0
"""Seconds between requests to the archive: X allows one a second."""
_ENDS_BEFORE = timedelta(seconds=15)
"""X takes no end later than ten seconds ago."""


class XSource:
    """The posts under the programme's hashtags on X."""

    network = "x"
    reach: timedelta | None = _WINDOW
    most_at_once = LARGEST[LOOK_UP]

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
        self._x = counterpart(self.name)
        self._dialect = "tweet"
        self._account: XAccount | None = None

    def keep_account(self, memory: Memory) -> None:
        """Keep the account of what X costs there."""
        self._account = XAccount(self.name, self._settings.monthly_budget_usd, memory)

    def has_means_again(self, paused_until: datetime, now: datetime) -> bool:
        """Return whether a pause to the end of the month has lost its reason: somebody raised the budget."""
        if self._account is None or paused_until != next_month(now):
            return False
        left = self._account.left(now)
        return left is None or left >= LEAST[RECENT] * EACH[self._dialect]

    def price(self, posts: int, now: datetime) -> Estimate:
        """Return the most that a number of posts costs, each with its writer."""
        left = self._account.left(now) if self._account else None
        return Estimate(
            posts=posts, usd=posts * EACH[self._dialect] / 1000, left_usd=None if left is None else left / 1000
        )

    def fetch(self, position: str | None, patience: Patience) -> Generator[Page, None, None]:
        """Yield pages of posts under the hashtags, newest first, then what earlier rounds left unfinished.

        Raises:
            SourceUnavailableError: X asked us to wait, has no more credits for us, or did not answer in a usable way;
                or the month's budget is spent.
            SourceRefusedError: X, or the missing attestation or token, does not allow it.
        """
        self._check_permission()
        with self._client.session:
            self._ask_for_usage(patience)
            yield from self._pages(position, patience)

    def thread(self, opening: Opening, depth: int, patience: Patience) -> Generator[Page, None, None]:
        """Yield pages of replies and quotes of the last seven days, in one search.

        Raises:
            SourceUnavailableError: as of ``fetch``.
            SourceRefusedError: as of ``fetch``.
        """
        self._check_permission()
        with self._client.session:
            self._ask_for_usage(patience)
            for stretch in self._search(thread_query(opening), patience, Hole(opening.since), via="thread"):
                posts = within(stretch.holds.posts, opening, depth)
                page = self._as_page(stretch.holds, "", is_whole=stretch.is_last)
                yield replace(page, posts=posts)

    def look_up(self, native_ids: Sequence[str], patience: Patience) -> Sighting:
        """Return what has become of posts; one request, and one more where some were edited.

        Raises:
            SourceUnavailableError: as of ``fetch``.
            SourceRefusedError: as of ``fetch``.
        """
        self._check_permission()
        with self._client.session:
            self._ask_for_usage(patience)
            found = self._looked_up(native_ids, patience)
            posts, gone, rejected = [*found.posts], set(found.gone), [*found.rejected]
            if found.newer:
                newest = self._looked_up(tuple(found.newer), patience)
                posts += newest.posts
                gone |= {found.newer[one] for one in newest.gone}
                rejected += newest.rejected
        return Sighting(
            posts=tuple(posts),
            gone=dict.fromkeys(sorted(gone), "deleted"),
            rejected=tuple(rejected),
            not_before=self._x.not_before,
        )

    def count_hours(self, start: datetime, end: datetime, patience: Patience) -> Mapping[datetime, int]:
        """Return the posts under the hashtags by hour, as X counts them; only of the last seven days.

        Raises:
            SourceUnavailableError: as of ``fetch``.
            SourceRefusedError: as of ``fetch``.
        """
        start = max(start, patience.now() - _WINDOW + timedelta(minutes=1))
        return self._counted(RECENT_COUNTS, start, end, patience, granularity="hour")

    def estimate(self, start: datetime, end: datetime, patience: Patience) -> Estimate:
        """Return how many posts the archive has of a time, and the most that they cost.

        Raises:
            SourceUnavailableError: as of ``fetch``.
            SourceRefusedError: as of ``fetch``.
        """
        posts = sum(self._counted(ALL_COUNTS, start, end, patience, granularity="day").values())
        return self.price(posts, patience.now())

    def fetch_between(
        self, start: datetime, end: datetime, position: str | None, patience: Patience
    ) -> Generator[Page, None, None]:
        """Yield pages of the full archive, each query newest first.

        Raises:
            SourceUnavailableError: as of ``fetch``.
            SourceRefusedError: as of ``fetch``.
        """
        self._check_permission()
        queries = queries_for(self._programme.hashtags)
        reached = read_reached(position)
        with self._client.session:
            self._ask_for_usage(patience)
            for query in queries:
                if query in reached.done:
                    continue
                reached = reached.at(query)
                asked = {"query": query, **self._bounds(start, reached.below or end, patience)}
                for stretch in self._answers(Question(path=ALL, asked=asked), patience):
                    reached = reached.after(stretch.holds.posts, is_last=stretch.is_last)
                    yield self._as_page(stretch.holds, str(reached))
                    patience.rest(_PACE)
        yield self._as_page(XPage(), str(reached), is_whole=True)

    @property
    def batch(self) -> XBatch:
        """What X's compliance jobs are asked through."""
        return XBatch(self._x, self._settings, self._ask_of_jobs, instead_of=_BUILT_IN)

    def _ask_of_jobs(self, method: str, path: str, asked: Mapping[str, str], patience: Patience) -> bytes:
        self._check_permission()
        self._x.check(patience.now())
        self._wire.timeout = patience.timeout(self._settings.timeout)
        with self._client.session:
            answer = self._request(path, asked, method)
        self._x.heard(answer.headers, patience.now())
        if answer.status_code != requests.codes.ok:
            raise refusal(self._x, answer, self._bearer, patience.now())
        return answer.content

    def _pages(self, position: str | None, patience: Patience) -> Iterator[Page]:
        queries = queries_for(self._programme.hashtags)
        place = Position.read(position, queries)
        self._dialect = place.dialect or "tweet"
        for query in queries:
            for line, stretch in follow(place.lines[query], partial(self._search, query, patience)):
                place = Position(lines={**place.lines, query: line}, dialect=self._dialect)
                is_whole = query == queries[-1] and stretch.is_last and not line.holes
                yield self._as_page(stretch.holds, str(place), is_whole=is_whole)

    def _as_page(self, page: XPage, position: str, *, is_whole: bool = False) -> Page:
        return Page(
            posts=tuple(page.posts),
            rejected=tuple(page.rejected),
            position=position,
            watermark=(position or "whole") if is_whole else None,
            partial_errors=len(page.problems),
            not_before=self._x.not_before,
        )

    def _check_permission(self) -> None:
        check_permission(self._settings, self._bearer, has_account=self._account is not None)

    def _search(self, query: str, patience: Patience, hole: Hole, via: Via = "hashtag") -> Iterator[Stretch[XPage]]:
        bounds = {"since_id": hole.above, "until_id": hole.below}
        asked = {name: native_id for name, native_id in bounds.items() if native_id is not None}
        return self._answers(Question(path=RECENT, asked={"query": query, **asked}), patience, via)

    def _answers(self, question: Question, patience: Patience, via: Via = "hashtag") -> Iterator[Stretch[XPage]]:
        question.asked["sort_order"] = "recency"
        while True:
            page = persist(partial(self._ask_page, question, via, patience), patience)
            is_last = page.next_token is None
            yield Stretch(newest=page.newest_id, oldest=page.oldest_id, is_last=is_last, holds=page)
            if page.next_token is None:
                return
            question.asked["next_token"] = page.next_token

    def _looked_up(self, native_ids: Sequence[str], patience: Patience) -> LookedUp:
        return persist(
            partial(self._ask_look_up, Question(path=LOOK_UP, asked={"ids": ",".join(native_ids)}), patience), patience
        )

    def _counted(
        self, path: str, start: datetime, end: datetime, patience: Patience, *, granularity: str
    ) -> dict[datetime, int]:
        self._check_permission()
        by_hour: dict[datetime, int] = {}
        with self._client.session:
            self._ask_for_usage(patience)
            for query in queries_for(self._programme.hashtags):
                asked = {"query": query, "granularity": granularity, **self._bounds(start, end, patience)}
                question = Question(path=path, asked=asked)
                while True:
                    counted = persist(partial(self._ask_counts, question, patience), patience)
                    for hour, posts in counted.by_hour.items():
                        by_hour[hour] = by_hour.get(hour, 0) + posts
                    if counted.next_token is None:
                        break
                    question.asked["next_token"] = counted.next_token
                    patience.rest(_PACE)
        return by_hour

    def _bounds(self, start: datetime, end: datetime, patience: Patience) -> dict[str, str]:
        end = min(end, patience.now() - _ENDS_BEFORE)
        return {
            name: f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for name, at in (("start_time", start), ("end_time", end))
        }

    def _ask_page(self, question: Question, via: Via, patience: Patience) -> XPage:
        body = self._ask(question, patience)
        if body is None:
            return XPage()
        page = read_page(body, self._reading(via, patience))
        if not page.is_answer:
            said = page.rejected[0].reason if page.rejected else "nothing"
            raise self._x.unavailable(f"answered, but not with posts: {said:.150}.")
        return page

    def _ask_look_up(self, question: Question, patience: Patience) -> LookedUp:
        body = self._ask(question, patience) or b""
        found = read_looked_up(body, question.asked["ids"].split(","), self._reading("hashtag", patience))
        if found is None:
            raise self._x.unavailable("answered, but not with posts.")
        return found

    def _ask_counts(self, question: Question, patience: Patience) -> Counted:
        counted = read_counts(self._ask(question, patience) or b"", patience.now())
        if counted is None:
            raise self._x.unavailable("answered, but not with counts.")
        return counted

    def _reading(self, via: Via, patience: Patience) -> Reading:
        programme = self._programme
        return Reading(now=patience.now(), text_limit=programme.text_limit, via=via, country=programme.country)

    def _ask_for_usage(self, patience: Patience) -> None:
        """Once a day compare our account with X's own; where X does not tell, ours stands."""
        now = patience.now()
        is_early = self._x.not_before is not None and now < self._x.not_before
        if self._account is None or is_early or not self._account.is_check_due(now):
            return
        self._wire.timeout = patience.timeout(self._settings.timeout)
        asked = {"days": str(now.day), "usage.fields": "daily_project_usage"}
        try:
            answer = self._request(USAGE, asked)
        except SourceError:
            return
        posts = used_since(answer.content, month_of(now)) if answer.status_code == requests.codes.ok else None
        if posts is not None:
            self._account.compare(posts, now)

    def _ask(self, question: Question, patience: Patience) -> bytes | None:
        """Return an answer; changes the question where X does not take it as it is, and asks once more.

        None where all that is asked for lies behind X's window by now.
        """
        asked = question.asked
        while True:
            self._x.check(patience.now())
            self._wire.timeout = patience.timeout(self._settings.timeout)
            answer = self._paid(question, patience)
            now = patience.now()
            self._x.heard(answer.headers, now)
            if answer.status_code == requests.codes.ok:
                return answer.content
            if answer.status_code != requests.codes.bad_request:
                raise refusal(self._x, answer, self._bearer, now)
            if "until_id" in asked and b"until_id" in answer.content:
                return None  # what an earlier round left lies behind X's window by now
            if "since_id" in asked and b"since_id" in answer.content:
                del asked["since_id"]
            elif self._dialect == "tweet" and b"tweet.fields" in answer.content:
                self._dialect = "post"
            elif self._dialect == "post" and b"post.fields" in answer.content:
                self._dialect = "tweet"
            else:
                raise refusal(self._x, answer, self._bearer, now)

    def _paid(self, question: Question, patience: Patience) -> requests.Response:
        """Return X's answer, whatever it is, and book what it costs."""
        now, account = patience.now(), self._account
        if account is None:
            account = XAccount(self.name, None, NoMemory())
        each, most, least = COUNTS, 1, 1
        if question.shows_posts:
            each, most, least = EACH[self._dialect], question.most, LEAST[question.path]
        count, name = account.set_aside(str(question), each, most=most, least=least, now=now)
        asked = {**DIALECTS[self._dialect], **question.sized(count)} if question.shows_posts else question.asked
        try:
            answer = self._request(question.path, asked)
        except SourceError as error:
            self._x.heard(self._wire.headers, patience.now())
            error.resume_at = self._x.not_before
            settle = account.give_back if never_left(error.__cause__) else account.lose
            settle(name, patience.now())
            raise
        if answer.status_code != requests.codes.ok:
            account.give_back(name, patience.now())
        elif not question.shows_posts:
            account.settle_whole(name, patience.now())
        elif (delivered := delivered_in(answer.content)) is not None:
            account.settle(name, delivered, patience.now())
        else:
            account.lose(name, patience.now())
        return answer

    def _request(self, path: str, asked: Mapping[str, str], method: str = "GET") -> requests.Response:
        given = {"params" if method == "GET" else "json": dict(asked)}
        try:
            answer: requests.Response = self._client.request(method, path, **given)
        except (tweepy.TweepyException, ValueError, TypeError, AttributeError) as error:
            # The last three come from tweepy's reading of error bodies and headers that are not as it expects.
            if self._wire.answer is None:
                raise self._x.unavailable("did not answer.") from error
            return self._wire.answer
        except requests.RequestException as error:
            raise self._x.unavailable(f"did not answer ({type(error).__name__}).") from error
        return answer


def _is_no_debug(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG


def open_source(settings: SourceSettings, programme: Programme, secrets: Secrets) -> XSource:
    """Return the source; nothing is asked yet."""
    return XSource(settings, programme, secrets("X_BEARER_TOKEN"))
