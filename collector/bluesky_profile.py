"""Who writes on Bluesky: a stream tells DIDs only, neither what people call themselves nor that they opted out.

Somebody who asks not to be shown to the public says so in the profile, so that no post of a stream is stored before its
author's was read.

See https://docs.bsky.app/docs/api/app-bsky-actor-get-profiles
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

import msgspec
from msgspec import Raw

from collector.bluesky_post import BlueskyAuthor, introduced_by
from collector.bluesky_wire import BlueskyServer
from collector.retry import Patience, persist
from collector.unreadable import UNREADABLE
from corpus.post import Post

_PROFILES = "app.bsky.actor.getProfiles"
_AT_ONCE = 25
"""What one request may hold."""
_TRIES = 3
"""An account that was made a moment ago is shown a moment later."""
_KEPT_FOR = timedelta(minutes=15)
"""As long as an opt-out may take to reach us by the search."""


class _Answer(msgspec.Struct):
    profiles: list[Raw]


_read_answer = msgspec.json.Decoder(_Answer).decode
_read_author = msgspec.json.Decoder(BlueskyAuthor).decode


class Profiles:
    """Authors as a server shows them, remembered for a quarter of an hour."""

    def __init__(self, server: BlueskyServer) -> None:
        self._server = server
        self._known: dict[str, tuple[datetime, BlueskyAuthor]] = {}

    def introduced(self, posts: Sequence[Post], patience: Patience) -> Sequence[Post]:
        """Return posts with what their authors' profiles say.

        Posts of an account that the server does not show, asked three times, are left out: it was suspended or closed,
        or the server does not know it yet, and then the search finds its posts as soon as it does.

        Raises:
            SourceUnavailableError: the server asked us to wait, or did not answer in a usable way.
            SourceRefusedError: it does not accept the account.
        """
        now = patience.now()
        self._known = {did: (at, who) for did, (at, who) in self._known.items() if now - at < _KEPT_FOR}
        authors = {post.author.native_id for post in posts if post.author is not None}
        for tries in range(_TRIES):
            if not (wanted := sorted(authors - self._known.keys())) or (tries and not patience.wait_briefly(tries)):
                break
            for start in range(0, len(wanted), _AT_ONCE):
                found = persist(partial(self._asked, wanted[start : start + _AT_ONCE], patience), patience)
                self._known |= {author.did: (now, author) for author in found if author.did is not None}
        return [shown for post in posts if (shown := self._shown(post)) is not None]

    def _shown(self, post: Post) -> Post | None:
        if post.author is None:
            return post
        known = self._known.get(post.author.native_id)
        return introduced_by(post, known[1]) if known is not None else None

    def _asked(self, dids: Sequence[str], patience: Patience) -> list[BlueskyAuthor]:
        body = self._server.ask(_PROFILES, {"actors": dids}, patience, "profiles") or b""
        try:
            return [_read_author(raw) for raw in _read_answer(body).profiles]
        except UNREADABLE as error:
            raise self._server.counterpart.unavailable("answered, but not with profiles.") from error
