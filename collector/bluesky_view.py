"""Views of posts in an answer of Bluesky: each becomes a post or is kept aside, and no fault of one harms another."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import msgspec
from msgspec import Raw

from collector.bluesky_post import PostView, as_post, gone_of, read_view, without_labels
from collector.source import Rejected
from collector.unreadable import UNREADABLE, reason_of, rejection
from corpus.post import Post, Via


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How views are read."""

    now: datetime
    text_limit: int
    via: Via
    hashtag: str | None = None
    """What a post must carry to be ours; None where it need not."""


@dataclass(slots=True, kw_only=True)
class Views:
    """What an answer's views came to."""

    posts: list[Post] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    views: list[PostView] = field(default_factory=list)
    """All of them in the order of the answer, empty ones for those that cannot be read."""


def read_views(raws: Iterable[Raw], reading: Reading) -> Views:
    """Return the posts that views show; of people who opted out, only that there is one."""
    found = Views()
    for position, raw in enumerate(raws, start=1):
        payload = bytes(raw)
        view = PostView()
        try:
            view = read_view(raw)
            found.posts.append(_post(view, payload, reading))
        except UNREADABLE as error:
            found.rejected.append(rejection(position, reason_of(error), payload))
        except ValueError as error:
            found.rejected.append(rejection(position, str(error), payload if gone_of(view) is None else b""))
        found.views.append(view)
    return found


def _post(view: PostView, payload: bytes, reading: Reading) -> Post:
    """Return the post of a view.

    Raises:
        ValueError: its reason says why it is none of ours.
    """
    read: Callable[[PostView], Post] = partial(
        as_post, raw=payload, now=reading.now, text_limit=reading.text_limit, via=reading.via
    )
    post = read(without_labels(view))
    if reading.hashtag is not None and reading.hashtag not in post.hashtags:
        raise ValueError(f"it does not carry #{reading.hashtag}")
    return post if gone_of(view) is None else read(view)


class _Listed(msgspec.Struct):
    posts: list[Raw]
    cursor: str | None = None


read_listed = msgspec.json.Decoder(_Listed).decode
"""Decode a list of views. Raises ``msgspec.DecodeError``."""
