"""X's search, look-up, counts and usage on loopback, after recordings and its OpenAPI document, in both namings."""

import re
from datetime import datetime, timedelta
from typing import Any

from tests.collector.fake_wire import START, Answer, Asked, Clock, FakeServer, json_body
from tests.collector.fake_x_jobs import JOBS, FakeJobs

EPOCH_MS = 1_288_834_974_657
BEARER = "canary-bearer-AAAAAAAA"
_SEARCH = {"query", "max_results", "next_token", "since_id", "until_id", "sort_order", "expansions", "user.fields"}
_COUNTS = {"query", "granularity", "next_token", "start_time", "end_time"}
_TAKES = {
    "/2/tweets/search/recent": _SEARCH,
    "/2/tweets/search/all": _SEARCH | {"start_time", "end_time"},
    "/2/tweets": {"ids", "expansions", "user.fields"},
    "/2/tweets/counts/recent": _COUNTS,
    "/2/tweets/counts/all": _COUNTS,
}
"""Parameters by path, beside the fields of posts."""


def snowflake(at: datetime, step: int = 0) -> int:
    """Return an id that X would give at an instant."""
    return (int(at.timestamp() * 1000) - EPOCH_MS << 22) + step


class FakeX(FakeServer):
    """Answers search newest first, in pages of at most ``page`` posts, and bills what it delivers as X does."""

    network = "x"

    def __init__(self, clock: Clock, *, naming: str = "tweet", page: int = 10) -> None:
        super().__init__(clock)
        self.naming = naming
        self.page = page
        self.window_start: datetime | None = None
        """Ids older than this are refused, as X does with those older than seven days."""
        self.empty_page_after: int | None = None
        """Beside this many answers, one without posts but with a next page."""
        self.posts: list[dict[str, Any]] = []
        self.hidden: dict[str, str] = {}
        """Native id to why the post is not shown: the end of a problem's type."""
        self.billed = 0
        """Thousandths of a dollar."""
        self.usage: bytes | None = None
        """What the usage endpoint says; None: it is not there."""
        self.usage_asked: list[Asked] = []
        self._paid: set[tuple[object, str, str]] = set()
        self.jobs = FakeJobs(self)
        self._step = 0

    def publish(self, count: int = 1, **fields: object) -> list[str]:
        """Write posts at the present instant and return their ids."""
        ids = []
        for _ in range(count):
            self._step += 1
            native_id = str(snowflake(self.clock() - timedelta(hours=2), self._step))
            tag = str(fields.pop("hashtag", "tulevaisuudenkunta"))
            post = {
                "id": native_id,
                "text": f"Keksitty viesti {self._step} #{tag}",
                "created_at": self.clock().strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                "author_id": str(100 + self._step % 3),
                "lang": "fi",
                "conversation_id": native_id,
                "entities": {"hashtags": [{"start": 20, "end": 39, "tag": tag}]},
                "public_metrics": {self._named("retweet_count"): 1, "reply_count": 0, "like_count": 2},
                self._named("edit_history_tweet_ids"): [native_id],
                **fields,
            }
            self.posts.append(post)
            ids.append(native_id)
        return ids

    @property
    def truth(self) -> set[str]:
        """Native ids of all that was published."""
        return {post["id"] for post in self.posts}

    def retract(self, native_id: str) -> None:
        """Delete a post."""
        self.hidden[native_id] = "resource-not-found"

    def amend(self, native_id: str, text: str) -> None:
        """Change the text of a post."""
        for post in self.posts:
            if post["id"] == native_id:
                post["text"] = text

    def _named(self, name: str) -> str:
        return name if self.naming == "tweet" else name.replace("retweet", "repost").replace("tweet", "post")

    def right_answer(self, asked: Asked) -> Answer:
        """Return a page of recent search, or X's refusal of what it does not take."""
        if asked.headers.get("authorization") != f"Bearer {BEARER}":
            body = {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}
            return 401, {}, json_body(body)
        if asked.path.startswith(JOBS):
            return self.jobs.answer(asked)
        if asked.path not in _TAKES:
            return 404, {}, json_body({"title": "Not Found", "status": 404, "detail": "Not Found"})
        refused = self._refused(asked)
        if refused is not None:
            return 400, {}, json_body(_invalid(refused, asked.params.get(refused, "")))
        if "counts" in asked.path:
            self.billed += 5
            return 200, {}, json_body(self._counts_of(asked.params))
        answer = self._looked_up(asked.params) if asked.path == "/2/tweets" else self._page_of(asked.params)
        self._bill(answer)
        return 200, {}, json_body(answer)

    def answer_aside(self, asked: Asked) -> Answer | None:
        """Return what the usage endpoint says, which has a budget of its own, and where the files of jobs lie."""
        if asked.path.startswith("/files/"):
            return self.jobs.file(asked)
        if asked.path != "/2/usage/tweets":
            return None
        self.usage_asked.append(asked)
        return (404, {}, b"{}") if self.usage is None else (200, {}, self.usage)

    def _bill(self, answer: dict[str, Any]) -> None:
        """Bill posts and writers, each once a day."""
        kinds = [("p", 5, answer.get("data", [])), ("u", 10, answer.get("includes", {}).get("users", []))]
        for kind, price, things in kinds:
            for thing in things:
                mark = (self.clock().date(), kind, thing["id"])
                self.billed += 0 if mark in self._paid else price
                self._paid.add(mark)

    def _counts_of(self, params: dict[str, str]) -> dict[str, Any]:
        by_hour: dict[str, int] = {}
        for post in self._matching(params):
            hour = post["created_at"][:13] + ":00:00.000Z"
            by_hour[hour] = by_hour.get(hour, 0) + 1
        key = self._named("tweet_count")
        data = [{"start": hour, "end": hour, key: found} for hour, found in sorted(by_hour.items())]
        return {"data": data, "meta": {f"total_{key}": sum(by_hour.values())}}

    def _looked_up(self, params: dict[str, str]) -> dict[str, Any]:
        ids = params["ids"].split(",")
        by_id = {post["id"]: post for post in self.posts if post["id"] not in self.hidden}
        found = [by_id[one] for one in ids if one in by_id]
        errors = [
            {
                "resource_id": one,
                "value": one,
                "parameter": "ids",
                "resource_type": "tweet",
                "title": "Not Found Error",
                "type": f"https://api.twitter.com/2/problems/{self.hidden.get(one, 'resource-not-found')}",
            }
            for one in ids
            if one not in by_id
        ]
        answer: dict[str, Any] = {"errors": errors} if errors else {}
        return {**answer, "data": found, "includes": {"users": _users(found)}} if found else answer

    def _refused(self, asked: Asked) -> str | None:
        """Return the parameter that X would not take."""
        params = asked.params
        for name in params:
            if name not in _TAKES[asked.path] | (set() if "counts" in asked.path else {f"{self.naming}.fields"}):
                return name
        if len(params.get("query", "")) > 512 or len(params.get("ids", "").split(",")) > 100:
            return "query" if "query" in params else "ids"
        if not 10 <= int(params.get("max_results", "10")) <= (500 if asked.path.endswith("all") else 100):
            return "max_results"
        for name in ("since_id", "until_id"):
            if name in params and not re.fullmatch("[0-9]{1,19}", params[name]):
                return name
            if name in params and self.window_start and int(params[name]) < snowflake(self.window_start):
                return name
        return None

    def _matching(self, params: dict[str, str]) -> list[dict[str, Any]]:
        words = params["query"].split(" OR ")
        oldest = snowflake(self.window_start) if self.window_start else 0
        above = max(int(params.get("since_id", 0)), oldest)
        start, end = params.get("start_time", ""), params.get("end_time", "9")
        return [
            post
            for post in sorted(self.posts, key=lambda post: -int(post["id"]))
            if above < int(post["id"]) < _below(params)
            and start <= (post["created_at"] or "")[:19] < end[:19]
            and post["id"] not in self.hidden
            and any(self._matches(post, word) for word in words)
        ]

    def _matches(self, post: dict[str, Any], word: str) -> bool:
        operator, _, value = word.partition(":")
        if operator == "conversation_id":
            return bool(post["conversation_id"] == value != post["id"])
        if operator == "quotes_of_tweet_id":
            references = post.get(self._named("referenced_tweets"), [])
            return {"type": "quoted", "id": value} in references
        tags = {tag["tag"].casefold() for tag in post.get("entities", {}).get("hashtags", [])}
        return word.removeprefix("#").casefold() in tags

    def _page_of(self, params: dict[str, str]) -> dict[str, Any]:
        found, below = self._matching(params), _below(params)
        if self.empty_page_after == len(self.asked) - 1 and "next_token" not in params:
            return {"meta": {"result_count": 0, "next_token": f"b26v89c19zqg8o3f{below}"}}
        size = min(self.page, int(params.get("max_results", "10")))
        page, rest = found[:size], found[size:]
        meta: dict[str, Any] = {"result_count": len(page)}
        if not page:
            return {"meta": meta}
        meta |= {"newest_id": page[0]["id"], "oldest_id": page[-1]["id"]}
        if rest:
            meta["next_token"] = f"b26v89c19zqg8o3f{page[-1]['id']}"
        return {"data": page, "includes": {"users": _users(page)}, "meta": meta}

    def reset_header(self, at: datetime) -> tuple[str, str]:
        """Return X's header: seconds of 1970."""
        return "x-rate-limit-reset", str(int(at.timestamp()))


def _below(params: dict[str, str]) -> int:
    return int(params.get("next_token", params.get("until_id", str(2**63))).removeprefix("b26v89c19zqg8o3f"))


def _users(posts: list[dict[str, Any]]) -> list[dict[str, str]]:
    authors = sorted({post["author_id"] for post in posts if "author_id" in post})
    return [{"id": native_id, "username": f"asukas_{native_id}", "name": "Keksitty"} for native_id in authors]


def _invalid(name: str, value: str) -> dict[str, Any]:
    return {
        "errors": [{"parameters": {name: [value]}, "message": f"The query parameter [{name}] is not valid"}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": "https://api.twitter.com/2/problems/invalid-request",
    }


__all__ = ["BEARER", "START", "FakeX", "snowflake"]
