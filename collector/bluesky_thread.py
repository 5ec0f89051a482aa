"""The discussion around a post of Bluesky: the tree of replies from its root, then the quotes of root and post.

What the server withholds, deleted posts and those of people who block us, leaves a gap in the tree; what hangs below it
is not shown either. The post itself is asked for where the root's tree does not reach it.

See https://docs.bsky.app/docs/api/app-bsky-feed-get-post-thread and app-bsky-feed-get-quotes
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

import msgspec
from msgspec import Raw

from collector.bluesky_view import Reading, Views, read_listed, read_views
from collector.bluesky_wire import Params
from collector.source import Opening, Rejected
from collector.unreadable import UNREADABLE
from corpus.post import Post

_THREAD = "app.bsky.feed.getPostThread"
_QUOTES = "app.bsky.feed.getQuotes"
_DEEPEST = 1000
"""What the network allows."""
_MOST_QUOTES = 100


class _Node(msgspec.Struct):
    post: Raw = Raw()
    """Missing where the server withholds the post."""
    replies: list[Raw] | None = None


class _Thread(msgspec.Struct):
    thread: _Node


_read_thread = msgspec.json.Decoder(_Thread).decode
_read_node = msgspec.json.Decoder(_Node).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One request."""

    name: str
    uri: str
    params: Params

    @property
    def is_tree(self) -> bool:
        """Whether it asks for replies rather than quotes."""
        return self.name == _THREAD


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One answer."""

    posts: tuple[Post, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    then: tuple[Question, ...] = ()
    """What is to be asked next."""


def first_question(opening: Opening, depth: int) -> Question:
    """Return the request for the tree from the discussion's root."""
    return _tree(opening.discussion or opening.native_id, depth)


def read_answer(body: bytes | None, asked: Question, opening: Opening, depth: int, reading: Reading) -> Answered:
    """Return the posts of an answer without the post itself, and what it leaves to ask; None is a post that is gone.

    Raises:
        msgspec.DecodeError: it is no such answer.
    """
    if not asked.is_tree:
        return _quotes(body, asked, opening, reading)
    found = read_views(_unfolded(_read_thread(body).thread), reading) if body is not None else Views()
    seen = {view.uri: view for view in found.views}
    then = []
    if asked.uri != opening.native_id and opening.native_id not in seen:
        then.append(_tree(opening.native_id, depth))
    for uri in dict.fromkeys([asked.uri, opening.native_id]):
        if uri in seen and (seen[uri].quote_count or 0) > 0:
            params: Params = {"uri": uri, "limit": str(_MOST_QUOTES)}
            then.append(Question(name=_QUOTES, uri=uri, params=params))
    return Answered(posts=_others(found.posts, opening), rejected=tuple(found.rejected), then=tuple(then))


def _quotes(body: bytes | None, asked: Question, opening: Opening, reading: Reading) -> Answered:
    if body is None:
        return Answered()
    listed = read_listed(body)
    found = read_views(listed.posts, reading)
    # A cursor comes with the last page too, and with nothing behind it.
    has_more = listed.posts and listed.cursor and listed.cursor != asked.params.get("cursor")
    then = (replace(asked, params={**asked.params, "cursor": listed.cursor}),) if has_more and listed.cursor else ()
    return Answered(posts=_others(found.posts, opening), rejected=tuple(found.rejected), then=then)


def _tree(uri: str, depth: int) -> Question:
    return Question(name=_THREAD, uri=uri, params={"uri": uri, "depth": str(min(depth, _DEEPEST)), "parentHeight": "0"})


def _unfolded(top: _Node) -> list[Raw]:
    """Return the views of a tree, from the top down."""
    views, level = [], [top]
    while level:
        views += [node.post for node in level if bytes(node.post)]
        level = [_node(raw) for node in level for raw in node.replies or ()]
    return views


def _node(raw: Raw) -> _Node:
    """Return a node; what is none is handed on as if it were a view, so that it is kept aside with the reason."""
    try:
        return _read_node(raw)
    except UNREADABLE:
        return _Node(post=raw)


def _others(posts: Collection[Post], opening: Opening) -> tuple[Post, ...]:
    return tuple(post for post in posts if post.native_id != opening.native_id)
