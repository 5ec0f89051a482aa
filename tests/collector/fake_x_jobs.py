"""X's compliance jobs on loopback, after its OpenAPI document and recordings."""

import json
from typing import TYPE_CHECKING, Any

from tests.collector.fake_wire import Answer, Asked, json_body

if TYPE_CHECKING:
    from tests.collector.fake_x import FakeX

JOBS = "/2/compliance/jobs"


class FakeJobs:
    """Opens one job at a time, takes a list of ids, and says what became of them after a few looks."""

    def __init__(self, fake: "FakeX") -> None:
        self._fake = fake
        self.all: list[dict[str, Any]] = []
        self.handed_in: dict[str, list[str]] = {}
        self.reasons: dict[str, str] = {}
        """Native id to why the post is gone."""
        self.takes_looks = 1
        """Looks at a job after which it is done."""
        self.fails = False
        self.home: str | None = None
        """Where files are said to lie, if not here."""
        self.files_asked: list[Asked] = []

    def answer(self, asked: Asked) -> Answer:
        """Return what the endpoints of jobs say."""
        if asked.path != JOBS:
            return self._one(asked.path.rpartition("/")[2])
        if asked.method == "GET":
            return 200, {}, json_body({"data": self.all, "meta": {"result_count": len(self.all)}})
        if any(job["status"] in ("created", "in_progress") for job in self.all):
            return 409, {}, json_body({"title": "Conflict", "detail": "there is a job already", "status": 409})
        number = str(1_400_000_000_000_000_000 + len(self.all))
        home = self.home or f"{self._fake.url}/files/"
        job = {
            "id": number,
            "name": json.loads(asked.body)["name"],
            "type": json.loads(asked.body)["type"],
            "resumable": False,
            "status": "created",
            "created_at": "2026-11-20T08:00:00.000Z",
            "upload_url": f"{home}up-{number}?X-Goog-Signature=00",
            "download_url": f"{home}down-{number}?X-Goog-Signature=00",
        }
        self.all.append(job)
        return 200, {}, json_body({"data": job})

    def _one(self, number: str) -> Answer:
        job = next(job for job in self.all if job["id"] == number)
        if number in self.handed_in:
            job["looks"] = job.get("looks", 0) + 1
            is_done = job["looks"] > self.takes_looks
            job["status"] = ("failed" if self.fails else "complete") if is_done else "in_progress"
        return 200, {}, json_body({"data": {name: value for name, value in job.items() if name != "looks"}})

    def file(self, asked: Asked) -> Answer:
        """Take the list of ids, or give the list of what is gone."""
        self.files_asked.append(asked)
        direction, _, number = asked.path.removeprefix("/files/").partition("-")
        if direction == "up":
            if asked.headers.get("content-type") != "text/plain":
                return 403, {}, b"the signature does not match"
            self.handed_in[number] = asked.body.decode().split()
            return 200, {}, b""
        lines = [
            {
                "id": native_id,
                "action": "delete",
                "created_at": "2026-11-19T08:00:00.000Z",
                "reason": self.reasons[native_id],
            }
            for native_id in self.handed_in[number]
            if native_id in self.reasons
        ]
        return 200, {}, b"\n".join(json_body(line) for line in lines) + b"\nno verdict\n"
