"""Tag timelines as Mastodon, GoToSocial and snac serve them, on loopback. All text invented."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from tests.collector.fake_wire import Answer, Asked, Clock, FakeServer, json_body

TOKEN = "canary-token-BBBBBBBB"  # noqa: S105  # invented
_MOST_TOGETHER = 20
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class FakeMastodon(FakeServer):
    """Answers tag timelines, newest first, in pages of at most ``page`` statuses.

    Args:
        ids: ``numeric`` (Mastodon), ``ulid`` (GoToSocial) or ``hex`` (snac).
        link: ``always`` (Mastodon: a next page until one is empty), ``more`` (only where there is more) or ``never``.
        reset: ``iso`` (Mastodon) or ``epoch``.
        closed: tag timelines are for users of the server only.
        together: what comes of several statuses asked for by their ids: ``shown`` (Mastodon since 4.3), ``empty``, or
            the status with which a server says that it cannot.
        shallow: whether a discussion shows the next answers only (snac).
        page_for_people: whether a status that is not there is told as HTML (snac).
    """

    network = "mastodon"

    def __init__(  # the class describes them
        self,
        clock: Clock,
        *,
        ids: str = "numeric",
        link: str = "always",
        reset: str = "iso",
        page: int = 10,
        closed: bool = False,
        together: str | int = "shown",
        shallow: bool = False,
        page_for_people: bool = False,
    ) -> None:
        super().__init__(clock)
        self.ids, self.link, self.reset, self.page, self.closed = ids, link, reset, page, closed
        self.shallow = shallow
        self.together, self.page_for_people = together, page_for_people
        self.statuses: list[dict[str, Any]] = []
        self._step = 0

    def publish(self, count: int = 1, *, late: timedelta = timedelta(), **fields: object) -> list[str]:
        """Write statuses at the present instant, or in the past, and return their addresses."""
        uris = []
        for _ in range(count):
            self._step += 1
            at = self.clock() - late
            tag = fields.pop("hashtag", "tulevaisuudenkunta")
            uri = f"https://kylat.example/users/asukas{self._step % 3}/statuses/{self._step}"
            status = {
                "id": self._id(at),
                "created_at": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                "edited_at": None,
                "uri": uri,
                "url": f"https://kylat.example/@asukas{self._step % 3}/{self._step}",
                "content": f'<p>Keksitty viesti {self._step} <a href="https://kylat.example/tags/{tag}" '
                f'class="mention hashtag" rel="tag">#<span>{tag}</span></a></p>',
                "spoiler_text": "",
                "visibility": "public",
                "language": "fi",
                "in_reply_to_id": None,
                "reblog": None,
                "tags": [{"name": tag, "url": f"https://kylat.example/tags/{tag}"}],
                "replies_count": 0,
                "reblogs_count": 1,
                "favourites_count": 2,
                "account": account(f"asukas{self._step % 3}"),
                **fields,
            }
            self.statuses.append(status)
            uris.append(uri)
        return uris

    @property
    def truth(self) -> set[str]:
        """Native ids of all that was published."""
        return {status["uri"] for status in self.statuses}

    def _id(self, at: datetime) -> str:
        millis = int(at.timestamp() * 1000)
        if self.ids == "hex":
            return f"{millis // 1000}.{self._step:032x}"
        number = (millis << 16) + self._step
        if self.ids == "numeric":
            return str(number)
        number = (millis << 80) + self._step
        return "".join(_ALPHABET[number >> 5 * place & 31] for place in range(25, -1, -1))

    def right_answer(self, asked: Asked) -> Answer:
        """Return a page of a tag timeline."""
        if asked.path == "/api/v2/search":
            return self._search(asked)
        if asked.path == "/api/v1/statuses":
            return self._together([value for name, value in parse_qsl(asked.query) if name == "id[]"])
        if asked.path.startswith("/api/v1/statuses/"):
            local_id, _, around = asked.path.removeprefix("/api/v1/statuses/").partition("/")
            return self._context(local_id) if around == "context" else self._one(local_id)
        prefix = "/api/v1/timelines/tag/"
        if not asked.path.startswith(prefix):
            return 404, {}, json_body({"error": "Record not found"})
        if self.closed and asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, {}, json_body({"error": "This method requires an authenticated user"})
        tag = asked.path.removeprefix(prefix).casefold()
        found = [status for status in self.statuses if tag in {named["name"].casefold() for named in status["tags"]}]
        found.sort(key=lambda status: status["id"], reverse=True)
        # snac takes min_id for since_id.
        since = asked.params.get("since_id", asked.params.get("min_id"))
        if since is not None:
            found = [status for status in found if _key(status["id"]) > _key(since)]
        if "max_id" in asked.params:
            found = [status for status in found if _key(status["id"]) < _key(asked.params["max_id"])]
        size = min(self.page, int(asked.params.get("limit", "20")))
        page, rest = found[:size], found[size:]
        headers = {}
        if page and self.link != "never":
            links = [f'<{self.url}{asked.path}?min_id={page[0]["id"]}>; rel="prev"']
            if rest or self.link == "always":
                links.insert(0, f'<{self.url}{asked.path}?max_id={page[-1]["id"]}>; rel="next"')
            headers["Link"] = ", ".join(links)
        return 200, headers, json_body(page)

    def retract(self, uri: str) -> None:
        """Delete a status."""
        self.statuses = [status for status in self.statuses if status["uri"] != uri]

    def amend(self, uri: str, text: str, **fields: object) -> None:
        """Change a status; on snac it gets another id by that, and the old one still finds it."""
        for status in self.statuses:
            if status["uri"] == uri:
                at = self.clock().strftime("%Y-%m-%dT%H:%M:%S.000Z")
                status |= {"content": f"<p>{text}</p>", "edited_at": at, **fields}

    def _search(self, asked: Asked) -> Answer:
        """Find a status by its address, where somebody with a token lets it be fetched: as Mastodon does."""
        resolved = asked.params.get("resolve") in ("true", "True", "1")
        if resolved and asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, {}, json_body({"error": "Search queries that resolve remote resources need a user"})
        found = [status for status in self.statuses if resolved and status["uri"] == asked.params["q"]]
        return 200, {}, json_body({"accounts": [], "hashtags": [], "statuses": found})

    def _together(self, local_ids: list[str]) -> Answer:
        if isinstance(self.together, int):
            return self.together, {}, json_body({"error": "Not Found"})
        if len(local_ids) > _MOST_TOGETHER:
            return 422, {}, json_body({"error": "Validation failed"})
        shown = [status for status in self.statuses if status["id"] in local_ids and self.together == "shown"]
        return 200, {}, json_body(shown)

    def _one(self, local_id: str) -> Answer:
        for status in self.statuses:
            if status["id"] == local_id:
                return 200, {}, json_body(status)
        if self.page_for_people:
            return 404, {"Content-Type": "text/html"}, b"<h1>404 Not Found</h1>"
        return 404, {}, json_body({"error": "Record not found"})

    def _context(self, local_id: str) -> Answer:
        by_id = {status["id"]: status for status in self.statuses}
        if local_id not in by_id:
            return 404, {}, json_body({"error": "Record not found"})

        def above(one: str) -> list[str]:
            parent = by_id[one]["in_reply_to_id"]
            return [*above(parent), parent] if parent else []

        below = [one for one in by_id if local_id in (above(one)[-1:] if self.shallow else above(one))]
        around = {"ancestors": above(local_id), "descendants": below}
        return 200, {}, json_body({name: [by_id[one] for one in ids] for name, ids in around.items()})

    def reset_header(self, at: datetime) -> tuple[str, str]:
        """Return the header as Mastodon writes it, or as others do."""
        if self.reset == "epoch":
            return "X-RateLimit-Reset", str(int(at.timestamp()))
        return "X-RateLimit-Reset", at.strftime("%Y-%m-%dT%H:%M:%S.000000Z")


def _key(native_id: str) -> tuple[int, str]:
    return len(native_id), native_id


def account(name: str, **fields: object) -> dict[str, Any]:
    """Return an account of another server as it is shown here."""
    return {
        "id": "7",
        "username": name,
        "acct": f"{name}@kylat.example",
        "display_name": "Keksitty Asukas",
        "url": f"https://kylat.example/@{name}",
        "uri": f"https://kylat.example/users/{name}",
        "note": "<p>Keksitty.</p>",
        "indexable": False,
        "noindex": False,
        **fields,
    }
