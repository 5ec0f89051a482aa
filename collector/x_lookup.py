"""What X says of posts that are asked for by their ids.

X names what it does not show one by one: gone, or of an account that is suspended or protected by now. An edited post
that is asked for by its first id comes as it was first; its newest version has an id of its own.

See https://docs.x.com/x-api/posts/lookup/introduction
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import msgspec

from collector.source import Rejected
from collector.unreadable import UNREADABLE
from collector.x_page import Reading, read_page
from collector.x_post import Id, as_id
from corpus.post import Post

_GONE = ("resource-not-found", "not-authorized-for-resource")
"""Ends of the types of problems with which X says that it shows a post to nobody like us any more."""


class _Problem(msgspec.Struct):
    type: str = ""
    parameter: str = ""
    resource_id: Id | None = None
    value: Id | None = None


class _Answer(msgspec.Struct):
    data: list[msgspec.Raw] | None = None
    errors: list[_Problem] | None = None


class _Version(msgspec.Struct):
    id: Id | None = None
    edit_history_tweet_ids: list[Id] = []
    edit_history_post_ids: list[Id] = []


_read_answer = msgspec.json.Decoder(_Answer).decode
_read_version = msgspec.json.Decoder(_Version).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedUp:
    """One answer."""

    posts: tuple[Post, ...] = ()
    """In their newest version."""
    gone: frozenset[str] = frozenset()
    newer: Mapping[str, str] = field(default_factory=dict)
    """Id of the newest version of a post that came in an older one, to the post's native id."""
    rejected: tuple[Rejected, ...] = ()


def read_looked_up(body: bytes, asked: Collection[str], reading: Reading) -> LookedUp | None:
    """Return what an answer says of the ids; None where it is no answer."""
    try:
        answer = _read_answer(body)
    except UNREADABLE:
        return None
    gone, named = set(), False
    for problem in answer.errors or ():
        native_id = as_id(problem.resource_id or problem.value)
        if problem.parameter in ("id", "ids") and native_id is not None and native_id in asked:
            named = True
            if problem.type.endswith(_GONE):
                gone.add(native_id)
    if answer.data is None:
        # Also where none of them is judged: a post that X does not show for now may be all that was asked for.
        return LookedUp(gone=frozenset(gone)) if named else None
    page = read_page(body, reading)
    posts, newer = [], {}
    for post in page.posts:
        newest = _newer(post)
        if newest is None:
            posts.append(post)
        else:
            newer[newest] = post.native_id
    return LookedUp(posts=tuple(posts), gone=frozenset(gone), newer=newer, rejected=tuple(page.rejected))


def _newer(post: Post) -> str | None:
    """Return the id of a newer version than the one that came."""
    version = _read_version(post.raw or b"{}")
    ids = [as_id(one) for one in (*version.edit_history_tweet_ids, *version.edit_history_post_ids)]
    known = sorted((one for one in ids if one), key=int)
    return known[-1] if known and known[-1] != as_id(version.id) else None
