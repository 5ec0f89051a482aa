"""Bluesky's search, threads, quotes and posts by address, as an account's server answers. All text invented."""

import json
from collections import deque
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

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
        self.hidden: set[str] = set()
        """Accounts that it does not show."""
        self.labels: dict[str, list[str]] = {}
        """Of accounts, by DID."""
        self.blocked: set[str] = set()
        """Posts that a thread shows as withheld."""
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

    def answer(self, to: str, root: str, count: int = 1, **fields: object) -> list[str]:
        """Write replies without the hashtag."""
        relation = {"reply": {"root": {"uri": root}, "parent": {"uri": to}}}
        return self._aside(to, "replyCount", relation, count, **fields)

    def quote(self, quoted: str, count: int = 1, **fields: object) -> list[str]:
        """Write quotes without the hashtag."""
        relation = {"embed": {"$type": "app.bsky.embed.record", "record": {"uri": quoted}}}
        return self._aside(quoted, "quoteCount", relation, count, **fields)

    def _aside(self, to: str, counted: str, relation: dict[str, Any], count: int, **fields: object) -> list[str]:
        above = self.post(to)
        if above is not None:
            above[counted] = above.get(counted, 0) + count
        record = {"text": "Keksitty vastaus", "facets": [], **relation}
        return self.publish(count, record=record, _tag="", **fields)

    def post(self, uri: str) -> dict[str, Any] | None:
        """Return a post."""
        return next((post for post in self.posts if post["uri"] == uri), None)

    def retract(self, uri: str) -> None:
        """Take a post away."""
        self.posts = [post for post in self.posts if post["uri"] != uri]

    def amend(self, uri: str, text: str) -> None:
        """Change the text of a post."""
        for post in self.posts:
            if post["uri"] == uri:
                post["record"] |= {"text": text, "facets": []}

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
        answers = {
            "searchPosts": self._search,
            "getPosts": self._posts,
            "getPostThread": self._discussion,
            "getQuotes": self._quotes,
        }
        answer = answers.get(asked.path.removeprefix("/xrpc/app.bsky.feed."))
        if asked.path == "/xrpc/app.bsky.actor.getProfiles":
            answer = self._profiles
        if answer is None:
            return 404, {}, json_body({"error": "XRPCNotSupported", "message": "Not found"})
        if asked.headers.get("authorization") != f"Bearer {self._access_token}":
            return 400, {}, json_body({"error": "ExpiredToken", "message": "Token has expired"})
        return answer(asked)

    def _profiles(self, asked: Asked) -> Answer:
        dids = parse_qs(asked.query).get("actors", [])
        if len(dids) > 25:
            return 400, {}, json_body({"error": "InvalidRequest", "message": "actors must not have more than 25"})
        shown = [did for did in dids if did not in self.hidden]
        profiles = [
            {"did": did, "handle": f"{did.rpartition(':')[2]}.bsky.example", "displayName": "Keksitty"}
            | {"labels": [{"val": val} for val in self.labels.get(did, ())]}
            for did in shown
        ]
        return 200, {}, json_body({"profiles": profiles})

    def _posts(self, asked: Asked) -> Answer:
        uris = parse_qs(asked.query).get("uris", [])
        if len(uris) > 25 or not all(uri.startswith("at://did:") for uri in uris):
            return 400, {}, json_body({"error": "InvalidRequest", "message": "uris must be at-uris"})
        return 200, {}, json_body({"posts": [_shown(post) for uri in uris if (post := self.post(uri))]})

    def _discussion(self, asked: Asked) -> Answer:
        post = self.post(asked.params["uri"])
        if post is None:
            return 400, {}, json_body({"error": "NotFound", "message": "Post not found"})
        return 200, {}, json_body({"thread": self._node(post, int(asked.params["depth"]))})

    def _node(self, post: dict[str, Any], depth: int) -> dict[str, Any]:
        if post["uri"] in self.blocked:
            return {"$type": "app.bsky.feed.defs#blockedPost", "uri": post["uri"], "blocked": True}
        node: dict[str, Any] = {"$type": "app.bsky.feed.defs#threadViewPost", "post": _shown(post)}
        if depth:
            node["replies"] = [
                self._node(one, depth - 1)
                for one in self.posts
                if one["record"].get("reply", {}).get("parent", {}).get("uri") == post["uri"]
            ]
        return node

    def _quotes(self, asked: Asked) -> Answer:
        uri, start = asked.params["uri"], int(asked.params.get("cursor", "0"))
        found = [one for one in self.posts if one["record"].get("embed", {}).get("record", {}).get("uri") == uri]
        page = found[start : start + min(self.page, int(asked.params["limit"]))]
        body: dict[str, Any] = {"uri": uri, "posts": [_shown(post) for post in page]}
        if page:
            body["cursor"] = str(start + len(page))
        return 200, {}, json_body(body)

    def _search(self, asked: Asked) -> Answer:
        if self.until == "refused" and "until" in asked.params:
            return 400, {}, json_body({"error": "BadRequest", "message": "use the firehose instead"})
        tag = asked.params["q"].removeprefix("#").casefold()
        found = [post for post in reversed(self.posts) if tag in post["_tag"]]
        if "until" in asked.params and self.until == "kept":
            until = datetime.fromisoformat(asked.params["until"])
            found = [post for post in found if "indexedAt" not in post or _time(post) < until]
        start = int(asked.params.get("cursor", "0"))
        page = found[start : start + min(self.page, int(asked.params.get("limit", "25")))]
        body: dict[str, Any] = {"posts": [_shown(post) for post in page]}
        if start + len(page) < len(found) or (page and self.cursor == "always"):
            body["cursor"] = str(start + len(page))
        return 200, {}, json_body(body)

    def reset_header(self, at: datetime) -> tuple[str, str]:
        """Return Bluesky's header: seconds of 1970."""
        return "RateLimit-Reset", str(int(at.timestamp()))


def _shown(post: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in post.items() if k != "_tag"}


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
