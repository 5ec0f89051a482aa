"""Who writes on Bluesky: a stream tells DIDs only, neither what people call themselves nor that they opted out.

Somebody who asks not to be shown to the public says so in the profile, so that no post of a stream is stored before its
author's was read.

See https://docs.bsky.app/docs/api/app-bsky-actor-get-profiles
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import islice

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

        An account that the server does not show, as one that was made a moment ago, stays without a name.

        Raises:
            SourceUnavailableError: the server asked us to wait, or did not answer in a usable way.
            SourceRefusedError: it does not accept the account.
        """
        now = patience.now()
        self._known = {did: (at, who) for did, (at, who) in self._known.items() if now - at < _KEPT_FOR}
        wanted = iter(sorted({post.author.native_id for post in posts if post.author is not None} - self._known.keys()))
        while dids := list(islice(wanted, _AT_ONCE)):
            for author in persist(partial(self._asked, dids, patience), patience):
                if author.did is not None:
                    self._known[author.did] = (now, author)
        unknown = (now, BlueskyAuthor())
        return [
            introduced_by(post, self._known.get(post.author.native_id, unknown)[1]) if post.author is not None else post
            for post in posts
        ]

    def _asked(self, dids: Sequence[str], patience: Patience) -> list[BlueskyAuthor]:
        body = self._server.ask(_PROFILES, {"actors": dids}, patience, "profiles") or b""
        try:
            return [_read_author(raw) for raw in _read_answer(body).profiles]
        except UNREADABLE as error:
            raise self._server.counterpart.unavailable("answered, but not with profiles.") from error
