"""The real Bluesky network on this machine, and people who write on it. All text invented."""

import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

HERE = Path(__file__).parent / "bluesky"
POST = "app.bsky.feed.post"
HASHTAG = "tulevaisuudenkunta"
_LIMIT = 60
"""Seconds in which anything that is waited for must have happened."""


def until(happened: Callable[[], object], what: str) -> None:
    """Watch until something has happened."""
    limit = time.monotonic() + _LIMIT
    while not happened():
        assert time.monotonic() < limit, f"not within {_LIMIT} s: {what}"
        threading.Event().wait(0.1)


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def redis() -> Iterator[str]:
    """Run Redis without a file, and give its address."""
    port = free_port()
    command = [str(shutil.which("redis-server")), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:  # noqa: S603 - Debian's own
        try:
            until(lambda: answers(port), "Redis")
            yield f"127.0.0.1:{port}"
        finally:
            process.kill()


def answers(port: int) -> bool:
    """Tell whether somebody listens at a port of this machine."""
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


class Network:
    """The network's one address, and whoever has an account there."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.stream = f"{url.replace('http', 'ws', 1)}/xrpc/com.atproto.sync.subscribeRepos"
        self.reader = Person(self, "lukija.test")
        self._people = 0

    def person(self, name: str) -> "Person":
        """Return somebody new."""
        self._people += 1
        return Person(self, f"{name}{self._people}.test")

    def call(self, name: str, body: object = None, token: str | None = None, **asked: object) -> Any:  # noqa: ANN401  # JSON
        """Return what the network answers."""
        address = f"{self.url}/xrpc/{name}" + (f"?{urlencode(asked, doseq=True)}" if asked else "")
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        request = Request(address, data=None if body is None else json.dumps(body).encode(), headers=headers)  # noqa: S310  # loopback
        try:
            with urlopen(request) as answer:  # noqa: S310 - loopback
                said = answer.read()
        except HTTPError as error:
            raise AssertionError(f"{name}: {error.code} {error.read().decode()}") from error
        return json.loads(said) if said else None

    def until_shown(self, *uris: str) -> None:
        """Wait until the app server shows posts: it follows the firehose itself."""
        until(lambda: self._shown(uris) == set(uris), "posts are shown")

    def until_hidden(self, *uris: str) -> None:
        """Wait until the app server shows posts no longer."""
        until(lambda: not self._shown(uris), "posts are hidden")

    def _shown(self, uris: tuple[str, ...]) -> set[str]:
        found = self.call("app.bsky.feed.getPosts", token=self.reader.token, uris=uris)
        return {post["uri"] for post in found["posts"]}


class Person:
    """Somebody with an account."""

    def __init__(self, network: Network, handle: str) -> None:
        self._network = network
        self.handle, self.password = handle, f"canary-{handle}"
        account = {"handle": handle, "email": f"{handle}@example.org", "password": self.password}
        made = network.call("com.atproto.server.createAccount", account)
        self.did, self.token = made["did"], made["accessJwt"]

    def post(
        self,
        text: str,
        *,
        answers: str | None = None,
        root: str | None = None,
        quotes: str | None = None,
        **more: object,
    ) -> str:
        """Write a post, its hashtags marked as the app marks them, and return its address."""
        record = _record(text) | more
        if answers is not None:
            record["reply"] = {"root": self._named(root or answers), "parent": self._named(answers)}
        if quotes is not None:
            record["embed"] = {"$type": "app.bsky.embed.record", "record": self._named(quotes)}
        made = self._call("createRecord", collection=POST, record=record)
        return str(made["uri"])

    def edit(self, uri: str, text: str) -> None:
        """Put another text in a post's place."""
        self._call("putRecord", collection=POST, rkey=uri.rpartition("/")[2], record=_record(text))

    def delete(self, uri: str) -> None:
        """Take a post back."""
        self._call("deleteRecord", collection=POST, rkey=uri.rpartition("/")[2])

    def ask_not_to_be_shown(self) -> None:
        """Ask, in the profile, not to be shown to the public."""
        labels = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "!no-unauthenticated"}]}
        record = {"$type": "app.bsky.actor.profile", "labels": labels}
        self._call("putRecord", collection="app.bsky.actor.profile", rkey="self", record=record)
        network = self._network

        def is_known() -> bool:
            found = network.call("app.bsky.actor.getProfiles", token=network.reader.token, actors=[self.did])
            return any(profile["labels"] for profile in found["profiles"])

        until(is_known, "the profile's label is known")

    def deactivate(self) -> None:
        """Close the account until further notice."""
        self._network.call("com.atproto.server.deactivateAccount", {}, self.token)

    def rename(self, handle: str) -> None:
        """Take another handle."""
        self._network.call("com.atproto.identity.updateHandle", {"handle": handle}, self.token)
        self.handle = handle

    def _call(self, name: str, **said: object) -> Any:  # noqa: ANN401  # JSON
        return self._network.call(f"com.atproto.repo.{name}", {"repo": self.did, **said}, self.token)

    def _named(self, uri: str) -> dict[str, str]:
        did, _, place = uri.removeprefix("at://").partition("/")
        collection, _, rkey = place.partition("/")
        found = self._network.call("com.atproto.repo.getRecord", repo=did, collection=collection, rkey=rkey)
        return {"uri": found["uri"], "cid": found["cid"]}


def _record(text: str) -> dict[str, Any]:
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    words = [word for word in text.split() if word.startswith("#")]
    return {
        "$type": POST,
        "text": text,
        "createdAt": at,
        "langs": ["fi"],
        "facets": [_mark(text, word) for word in words],
    }


def _mark(text: str, word: str) -> dict[str, Any]:
    """Return the mark of a hashtag; its place counts bytes."""
    start = len(text[: text.index(word)].encode())
    return {
        "index": {"byteStart": start, "byteEnd": start + len(word.encode())},
        "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": word[1:]}],
    }


@contextmanager
def tapped(url: str) -> Iterator[tuple[str, list[str]]]:
    """Pass requests on to a server and note what was asked for: give the address and the names so far."""
    asked: list[str] = []

    class Tap(BaseHTTPRequestHandler):
        def _pass_on(self) -> None:
            asked.append(self.path.partition("?")[0].removeprefix("/xrpc/"))
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or None
            kept = {name: value for name, value in self.headers.items() if name in ("Authorization", "Content-Type")}
            request = Request(url + self.path, data=body, headers=kept, method=self.command)  # noqa: S310  # loopback
            try:
                answer = urlopen(request)  # noqa: S310 - loopback
            except HTTPError as error:
                answer = error
            said = answer.read()
            self.send_response(answer.status or 500)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = _pass_on  # noqa: N815 - the library's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Tap) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()
