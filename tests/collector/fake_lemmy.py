"""Lemmy's public search as a server answers it, on loopback. All text invented."""

from datetime import timedelta
from typing import Any

from tests.collector.fake_wire import Answer, Asked, Clock, FakeServer, json_body


class FakeLemmy(FakeServer):
    """Answers searches with a page of posts and a page of comments, newest first.

    Args:
        clock: its clock.
        page: texts of an answer.
    """

    network = "lemmy"

    def __init__(self, clock: Clock, *, page: int = 10) -> None:
        super().__init__(clock)
        self.page = page
        self.posts: list[dict[str, Any]] = []
        self.comments: list[dict[str, Any]] = []
        self._step = 0

    def publish(self, count: int = 1, **fields: object) -> list[str]:
        """Write posts at the present instant and return their addresses; ``fields`` change the text itself.

        ``created_at`` is what is said instead of the instant; None says nothing.
        """
        if "created_at" in fields:
            fields["published"] = fields.pop("created_at")
        addresses = []
        for _ in range(count):
            self._step += 1
            at = (self.clock() - timedelta(minutes=2, milliseconds=-self._step)).isoformat(timespec="microseconds")
            address = f"https://lemmy.example/post/{self._step}"
            post = {
                "id": self._step,
                "name": f"Keksitty aihe {self._step}",
                "body": "Öinen viesti #TulevaisuudenKunta",
                "ap_id": address,
                "published": at.replace("+00:00", "Z"),
                "deleted": False,
                "removed": False,
                **fields,
            }
            self.posts.append({"post": post, "creator": creator(self._step % 3), "counts": {"comments": 0}})
            addresses.append(address)
        return addresses

    def comment(self, on: str, path: str = "0.7", **fields: object) -> str:
        """Write a comment on the post of an address at the present instant, and return its own address."""
        self._step += 1
        address = f"https://lemmy.example/comment/{self._step}"
        at = (self.clock() - timedelta(minutes=2, milliseconds=-self._step)).isoformat(timespec="microseconds")
        said = {
            "id": self._step,
            "content": "Samaa mieltä #tulevaisuudenkunta",
            "ap_id": address,
            "path": path,
            "published": at.replace("+00:00", "Z"),
            **fields,
        }
        self.comments.append({"comment": said, "post": {"ap_id": on}, "creator": creator(1), "counts": {}})
        return address

    @property
    def truth(self) -> set[str]:
        """Native ids of all that was published."""
        return {view["post"]["ap_id"] for view in self.posts} | {view["comment"]["ap_id"] for view in self.comments}

    def right_answer(self, asked: Asked) -> Answer:
        """Return a page of each, empty behind the last."""
        if asked.path != "/api/v3/search":
            return 404, {}, json_body({"error": "unknown"})
        start = (int(asked.params["page"]) - 1) * self.page
        body = {
            "type_": "All",
            "posts": self.posts[::-1][start : start + self.page],
            "comments": self.comments[::-1][start : start + self.page],
            "communities": [],
            "users": [],
        }
        return 200, {}, json_body(body)

    def reset_header(self, at: Any) -> tuple[str, str]:  # noqa: ANN401  # the wire's instant
        """Return a header that proxies before Lemmy send."""
        return "X-RateLimit-Reset", str(int(at.timestamp()))


def creator(number: int) -> dict[str, Any]:
    """Return an invented account."""
    name = f"asukas{number}"
    return {"name": name, "display_name": "Keksitty", "actor_id": f"https://lemmy.example/u/{name}"}
