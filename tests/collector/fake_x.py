"""X's recent search on loopback, shaped after recordings and its OpenAPI document, in both namings; text invented."""

import re
from datetime import datetime, timedelta
from typing import Any

from tests.collector.fake_wire import START, Answer, Asked, Clock, FakeServer, json_body

EPOCH_MS = 1_288_834_974_657
BEARER = "canary-bearer-AAAAAAAA"
_COMMON = {"query", "max_results", "next_token", "since_id", "until_id", "sort_order", "expansions", "user.fields"}


def snowflake(at: datetime, step: int = 0) -> int:
    """Return an id that X would give at an instant."""
    return (int(at.timestamp() * 1000) - EPOCH_MS << 22) + step


class FakeX(FakeServer):
    """Answers recent search, newest first, in pages of at most ``page`` posts."""

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

    def _named(self, name: str) -> str:
        return name if self.naming == "tweet" else name.replace("retweet", "repost").replace("tweet", "post")

    def right_answer(self, asked: Asked) -> Answer:
        """Return a page of recent search, or X's refusal of what it does not take."""
        if asked.headers.get("authorization") != f"Bearer {BEARER}":
            body = {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}
            return 401, {}, json_body(body)
        if asked.path != "/2/tweets/search/recent":
            return 404, {}, json_body({"title": "Not Found", "status": 404, "detail": "Not Found"})
        refused = self._refused(asked.params)
        if refused is not None:
            return 400, {}, json_body(_invalid(refused, asked.params.get(refused, "")))
        return 200, {}, json_body(self._page_of(asked.params))

    def _refused(self, params: dict[str, str]) -> str | None:
        """Return the parameter that X would not take."""
        for name in params:
            if name not in _COMMON | {f"{self.naming}.fields"}:
                return name
        if len(params["query"]) > 512:
            return "query"
        if not 10 <= int(params.get("max_results", "10")) <= 100:
            return "max_results"
        for name in ("since_id", "until_id"):
            if name in params and not re.fullmatch("[0-9]{1,19}", params[name]):
                return name
            if name in params and self.window_start and int(params[name]) < snowflake(self.window_start):
                return name
        return None

    def _page_of(self, params: dict[str, str]) -> dict[str, Any]:
        wanted = {word.casefold() for word in re.findall(r"#(\w+)", params["query"])}
        below = int(params.get("next_token", params.get("until_id", str(2**63))).removeprefix("b26v89c19zqg8o3f"))
        oldest = snowflake(self.window_start) if self.window_start else 0
        above = max(int(params.get("since_id", 0)), oldest)
        found = [
            post
            for post in sorted(self.posts, key=lambda post: -int(post["id"]))
            if above < int(post["id"]) < below
            and wanted & {tag["tag"].casefold() for tag in post.get("entities", {}).get("hashtags", [])}
        ]
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
        authors = sorted({post["author_id"] for post in page if "author_id" in post})
        users = [{"id": native_id, "username": f"asukas_{native_id}", "name": "Keksitty"} for native_id in authors]
        return {"data": page, "includes": {"users": users}, "meta": meta}

    def reset_header(self, at: datetime) -> tuple[str, str]:
        """Return X's header: seconds of 1970."""
        return "x-rate-limit-reset", str(int(at.timestamp()))


def _invalid(name: str, value: str) -> dict[str, Any]:
    return {
        "errors": [{"parameters": {name: [value]}, "message": f"The query parameter [{name}] is not valid"}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": "https://api.twitter.com/2/problems/invalid-request",
    }


__all__ = ["BEARER", "START", "FakeX", "snowflake"]
