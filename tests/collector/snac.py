"""snac, a small server of the fediverse that speaks a part of Mastodon's API in its own way. All text invented.

It sends no Link header, takes ``min_id`` for ``since_id``, gives ids that are hexadecimal and change with an edit,
tells times in whole seconds and no limits, wants a token for all but timelines, shows of a discussion the next answers
only, and says in HTML that something is not there.
"""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import pytest
import requests

_PATIENCE = 20.0
"""Seconds in which a server starts, or hears from another."""


class Snac:
    """A server of its own on a free port of loopback, with one user."""

    def __init__(self, directory: Path, user: str) -> None:
        command = shutil.which("snac")
        if command is None:
            pytest.fail("snac is not installed: tests/everything.sh installs it when root")
        self._snac, self._directory, self.user = command, directory, user
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.host = f"127.0.0.1:{free.getsockname()[1]}"
        self.url = f"http://{self.host}"

    def __enter__(self) -> Self:
        address, port = self.host.split(":")
        self._run("init", said=f"{address}\n{port}\n{self.host}\n\n\n")
        settings = self._directory / "server.json"
        settings.write_text(settings.read_text("utf-8").replace('"protocol": "https"', '"protocol": "http"'), "utf-8")
        password = re.search(r"password is (\S+)", self._run("adduser", self.user))
        assert password is not None
        self._password = password[1]
        with (self._directory.parent / f"{self.user}.log").open("wb") as log:
            command = [self._snac, "httpd", str(self._directory)]
            self._server = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603  # as installed
        self._wait(self._answers)
        form = {"login": self.user, "passwd": self._password}
        page = requests.post(f"{self.url}/oauth/x-snac-get-token", data=form, timeout=5).text
        token = re.search(r"\b[0-9a-f]{32}\b", page)
        assert token is not None
        self.token = token[0]
        return self

    def __exit__(self, *_: object) -> None:
        self._server.terminate()
        self._server.wait(_PATIENCE)

    def post(self, text: str, *, answers: str | None = None) -> dict[str, Any]:
        """Write a status and return it."""
        return self._api("POST", "statuses", {"status": text, **({"in_reply_to_id": answers} if answers else {})})

    def edit_later(self, local_id: str, text: str) -> None:
        """Change a status in a later second than that in which it was written: it has another id then."""

        def has_another_id() -> bool:
            return bool(self._api("PUT", f"statuses/{local_id}", {"status": text})["id"] != local_id)

        self._wait(has_another_id)

    def delete(self, uri: str) -> None:
        """Delete a status as its author does in the browser."""
        form = {"id": uri, "actor": f"{self.url}/{self.user}", "action": "Delete", "redir": "/"}
        address = f"{self.url}/{self.user}/admin/action"
        answer = requests.post(address, data=form, auth=(self.user, self._password), allow_redirects=False, timeout=5)
        assert answer.status_code == 303

    def follow(self, other: "Snac") -> None:
        """Follow the user of another server, who thereby sends what is written there."""
        self._run("follow", self.user, f"{other.url}/{other.user}")
        followers = other._directory / "user" / other.user / "followers"
        other._wait(lambda: any(followers.glob("*.json")))

    def shows(self, hashtag: str, count: int) -> list[dict[str, Any]]:
        """Wait until a timeline holds so many statuses, and return them."""
        self._wait(lambda: len(self._timeline(hashtag)) == count)
        return self._timeline(hashtag)

    def _timeline(self, hashtag: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = requests.get(
            f"{self.url}/api/v1/timelines/tag/{hashtag}", params={"limit": "50"}, timeout=5
        ).json()
        return found

    def _api(self, method: str, path: str, form: dict[str, str]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = requests.request(method, f"{self.url}/api/v1/{path}", data=form, headers=headers, timeout=5)
        answer.raise_for_status()
        shown: dict[str, Any] = answer.json()
        return shown

    def _run(self, verb: str, *arguments: str, said: str = "") -> str:
        command = [self._snac, verb, str(self._directory), *arguments]
        done = subprocess.run(  # noqa: S603  # as installed
            command, input=said, capture_output=True, text=True, timeout=_PATIENCE, check=True
        )
        return done.stdout + done.stderr

    def _answers(self) -> bool:
        try:
            return requests.get(self.url, timeout=1).ok
        except requests.RequestException:
            return False

    def _wait(self, holds: Callable[[], bool]) -> None:
        until = time.monotonic() + _PATIENCE
        while not holds():
            if time.monotonic() > until:
                pytest.fail(f"snac did not come so far within {_PATIENCE} seconds")
            time.sleep(0.05)
