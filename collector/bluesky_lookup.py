"""What Bluesky says of posts that are asked for by their addresses.

It leaves out, without a word, what is deleted, what belongs to a deactivated or suspended account, and what somebody
wrote who blocks the account that asks: none of it is shown to us any more.

See https://docs.bsky.app/docs/api/app-bsky-feed-get-posts
"""

import re
from collections.abc import Collection, Iterable
from datetime import datetime

from collector.bluesky_view import Reading, read_listed, read_views
from collector.source import Sighting
from corpus.post import Gone

LOOK_UP = "app.bsky.feed.getPosts"
MOST_AT_ONCE = 25
_ADDRESS = re.compile(r"at://did:[a-z]+:[\w.:%-]+/app\.bsky\.feed\.post/[\w.:~-]{1,512}", re.ASCII)


def askable(native_ids: Iterable[str]) -> list[str]:
    """Return the addresses that are well formed: for one that is not, the server refuses the whole question."""
    return [native_id for native_id in native_ids if _ADDRESS.fullmatch(native_id)]


def read_looked_up(body: bytes, asked: Collection[str], reading: Reading, not_before: datetime | None) -> Sighting:
    """Return what an answer says of posts; a record that cannot be read is there, and so not gone.

    Raises:
        msgspec.DecodeError: it is no such answer.
    """
    found = read_views(read_listed(body).posts, reading)
    named = {view.uri for view in found.views}
    gone: dict[str, Gone] = {post.native_id: post.gone for post in found.posts if post.gone is not None}
    return Sighting(
        posts=tuple(post for post in found.posts if post.gone is None and post.native_id in asked),
        gone=gone,
        missing=frozenset(asked) - named - gone.keys() if None not in named else frozenset(),
        rejected=tuple(found.rejected),
        not_before=not_before,
    )
