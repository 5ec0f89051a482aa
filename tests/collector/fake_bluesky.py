"""Bluesky's post search as an account's server answers it, on loopback. All text invented."""

import json
from collections import deque
from datetime import datetime, timedelta
from typing import Any

from tests.collector.fake_wire import Answer, Asked, Clock, FakeServer, json_body

HANDLE = "kuntakaiku.bsky.example"
PASSWORD = "canary-pass-CCCC"  # noqa: S105  # invented
_SERVER = "/xrpc/com.atproto.server."


class FakeBluesky(FakeServer):
    """Answers searches, newest first, in pages of at most ``page`` posts, to who has signed in.

    Sign-ins are counted apart in ``sign_ins`` and fail as ``sign_in_faults`` say.

    Args:
        clock: its clock.
        page: posts of an answer.
        until: ``kept``, ``ignored`` or ``refused``.
        cursor: ``always`` (with the last page too) or ``more`` (only where there is more).
    """

    network = "bluesky"

    def __init__(self, clock: Clock, *, page: int = 10, until: str = "kept", cursor: str = "always") -> None:
        super().__init__(clock)
        self.page, self.until, self.cursor = page, until, cursor
        self.posts: list[dict[str, Any]] = []
        self.sign_ins: list[Asked] = []
        self.sign_in_faults: deque[Answer] = deque()
        self.token = 0
        """Number of the access token that is good."""
        self._step = 0

    def publish(self, count: int = 1, **fields: object) -> list[str]:
        """Write posts at the present instant and return their addresses.

        ``hashtag`` names another hashtag; ``created_at`` is what author and server both say; ``record`` and ``author``
        change parts of them.
        """
        uris = []
        tag = str(fields.pop("hashtag", "tulevaisuudenkunta"))
        record = fields.pop("record", {})
        for _ in range(count):
            self._step += 1
            at = (self.clock() - timedelta(minutes=2, milliseconds=-self._step)).isoformat(timespec="milliseconds")
            at = str(fields["created_at"]) if fields.get("created_at") else at.replace("+00:00", "Z")
            did = f"did:plc:asukas{self._step % 3}"
            uri = f"at://{did}/app.bsky.feed.post/3l{self._step:011d}"
            text = f"Keksitty öinen viesti {self._step} #{tag}"
            post = {
                "uri": uri,
                "cid": f"bafy{self._step}",
                "author": {"did": did, "handle": f"asukas{self._step % 3}.bsky.example", "displayName": "Keksitty"},
                "record": {"$type": "app.bsky.feed.post", "createdAt": at, "text": text, "langs": ["fi"]}
                | {"facets": [facet(text, f"#{tag}", "tag", tag)]}
                | dict(record),  # type: ignore[call-overload]  # a dict
                "replyCount": 0,
                "repostCount": 1,
                "likeCount": 2,
                "indexedAt": at,
                "_tag": tag.casefold(),
                **fields,
            }
            if "created_at" in fields and not post.pop("created_at"):
                del post["indexedAt"], post["record"]["createdAt"]
            self.posts.append(post)
            uris.append(uri)
        return uris

    @property
    def truth(self) -> set[str]:
        """Native ids of all that was published."""
        return {post["uri"] for post in self.posts}

    def answer_aside(self, asked: Asked) -> Answer | None:
        """Sign in or refresh."""
        if not asked.path.startswith(_SERVER):
            return None
        self.sign_ins.append(asked)
        if self.sign_in_faults:
            return self.sign_in_faults.popleft()
        if asked.path == f"{_SERVER}refreshSession":
            is_right = asked.headers.get("authorization") == f"Bearer {self._refresh_token}"
        else:
            is_right = json.loads(asked.body) == {"identifier": HANDLE, "password": PASSWORD}
        if not is_right:
            return 401, {}, json_body({"error": "AuthenticationRequired", "message": "Invalid identifier or password"})
        self.token += 1
        tokens = {"accessJwt": self._access_token, "refreshJwt": self._refresh_token}
        return 200, {}, json_body({"did": "did:plc:kuntakaiku", "handle": HANDLE, **tokens})

    @property
    def _access_token(self) -> str:
        return f"canary-access-{self.token}"

    @property
    def _refresh_token(self) -> str:
        return f"canary-refresh-{self.token}"

    def right_answer(self, asked: Asked) -> Answer:
        """Return a page of posts, or what the server does not take."""
        if asked.path != "/xrpc/app.bsky.feed.searchPosts":
            return 404, {}, json_body({"error": "XRPCNotSupported", "message": "Not found"})
        if asked.headers.get("authorization") != f"Bearer {self._access_token}":
            return 400, {}, json_body({"error": "ExpiredToken", "message": "Token has expired"})
        if self.until == "refused" and "until" in asked.params:
            return 400, {}, json_body({"error": "BadRequest", "message": "use the firehose instead"})
        tag = asked.params["q"].removeprefix("#").casefold()
        found = [post for post in reversed(self.posts) if tag in post["_tag"]]
        if "until" in asked.params and self.until == "kept":
            until = datetime.fromisoformat(asked.params["until"])
            found = [post for post in found if "indexedAt" not in post or _time(post) < until]
        start = int(asked.params.get("cursor", "0"))
        page = found[start : start + min(self.page, int(asked.params.get("limit", "25")))]
        body: dict[str, Any] = {"posts": [{k: v for k, v in post.items() if k != "_tag"} for post in page]}
        if start + len(page) < len(found) or (page and self.cursor == "always"):
            body["cursor"] = str(start + len(page))
        return 200, {}, json_body(body)

    def reset_header(self, at: datetime) -> tuple[str, str]:
        """Return Bluesky's header: seconds of 1970."""
        return "RateLimit-Reset", str(int(at.timestamp()))


def _time(post: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(post["indexedAt"])


def facet(text: str, marked: str, kind: str, value: str) -> dict[str, Any]:
    """Return the mark of a part of a text; its place counts bytes."""
    start = len(text[: text.index(marked)].encode())
    name = {"tag": "tag", "link": "uri"}[kind]
    return {
        "index": {"byteStart": start, "byteEnd": start + len(marked.encode())},
        "features": [{"$type": f"app.bsky.richtext.facet#{kind}", name: value}],
    }
