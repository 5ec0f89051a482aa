"""What people call one discussion, across networks: which posts belong together, and in which order to read them. Pure.

Posts are one discussion where one answers, quotes or repeats the other, where their network gives them one
conversation, where both answer or quote the same post (held here or not), or where they link the same story within
days of one another; and so on from post to post (decision 0016).
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from corpus.canonical import canonical_link
from corpus.post import Post

FEED = "feed"
"""The network whose posts are the stories themselves: they share their own address."""
MOST_LINKS = 3
"""A post that links more stories is a list of them, and joins none."""
REST = timedelta(days=7)
"""A story that nobody linked for so long is taken up anew: another discussion."""
LONGEST = timedelta(days=28)
"""An address that is linked for longer without such a rest is a place that people point to, no story."""
MOST_POSTS = 1_000
"""An address with more posts is a place, too."""

SPEAKS = "p.repost_of IS NULL AND (p.gone IS NULL OR p.gone NOT IN ('deleted', 'erased'))"
"""In the database: a post that counts in a discussion. A repost says nothing of its own; others were taken back."""
WRITER = "coalesce(p.author_id, -p.post_id)"
"""In the database: who wrote a post; one whose author is unknown is a writer of its own."""

_LOOKED_AT = 40
"""Links of a post that are looked at."""
_MICROSECOND = timedelta(microseconds=1)

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Discussion:
    """One discussion in a span of time.

    Every figure counts that span's posts only, without reposts and what was taken back.
    """

    network: str
    native_id: str
    """With ``network`` the discussion's name: its earliest post that we hold, by creation, network and native id.

    It stays while that post is the earliest; an earlier post that comes in late, or one that joins two discussions,
    renames it.
    """
    posts: int
    writers: int
    networks: tuple[str, ...]
    """In order of the alphabet."""
    first_at: datetime
    last_at: datetime
    via: Mapping[str, int]
    """Posts by how they came in."""
    themes: Mapping[str, Mapping[str, int]]
    """Posts by theme's slug, ``none``, ``unsure`` or ``unclassified``, and within it by how they came in."""


def ties(
    native_id: str, reply_to: str | None, quote_of: str | None, repost_of: str | None, discussion: str | None
) -> set[str]:
    """Return the ids of one network by which a post hangs together with others, its own among them."""
    found = {native_id, reply_to, quote_of, repost_of, discussion}
    found.discard(None)
    return found  # type: ignore[return-value]  # None was just taken out


def shared_links(
    network: str, url: str | None, links: Sequence[str], *, gone: bool, repost_of: str | None
) -> tuple[str, ...]:
    """Return the stories, as canonical links, by which a post joins a discussion.

    A tombstone shares none. Nor does a repost, which says nothing of its own, or a list of many stories. A feed's
    entry is its own story, whatever it links.
    """
    if gone or repost_of is not None:
        return ()
    addresses = (url,) if network == FEED and url else links[:_LOOKED_AT]
    found = dict.fromkeys(link for address in addresses if (link := canonical_link(address)) is not None)
    return tuple(found) if len(found) <= MOST_LINKS else ()


def runs(shared: Iterable[tuple[int, T]]) -> list[list[T]]:
    """Return which of the posts with one link it joins, each group at least two.

    Args:
        shared: of each post with the link the instant of its creation in microseconds, and the post.
    """
    ordered = sorted(shared, key=_instant)
    if not 1 < len(ordered) <= MOST_POSTS:
        return []
    groups = [[ordered[0]]]
    for one in ordered[1:]:
        if one[0] - groups[-1][-1][0] > REST // _MICROSECOND:
            groups.append([])
        groups[-1].append(one)
    return [
        [post for _, post in group]
        for group in groups
        if len(group) > 1 and group[-1][0] - group[0][0] <= LONGEST // _MICROSECOND
    ]


def _instant(one: tuple[int, object]) -> int:
    return one[0]


class Groups(Generic[T]):
    """Things joined into groups, in any order."""

    __slots__ = ("_above",)

    def __init__(self) -> None:
        self._above: dict[T, T] = {}

    def head(self, one: T) -> T:
        """Return what stands for the group of a thing; things are alone until joined."""
        above = self._above
        top = one
        while (higher := above.get(top, top)) != top:
            top = higher
        while one != top:
            above[one], one = top, above[one]
        return top

    def join(self, one: T, other: T) -> None:
        """Make the groups of two things one."""
        first, second = self.head(one), self.head(other)
        if first != second:
            self._above[second] = first


def partition(posts: Iterable[Post], micros: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], tuple[str, str]]:
    """Return for each post, as network and native id, the earliest post of its discussion: the rule over everything.

    Args:
        posts: all posts that are held.
        micros: when each was created, in microseconds.
    """
    groups: Groups[Hashable] = Groups()
    shared: defaultdict[str, list[tuple[int, tuple[str, str]]]] = defaultdict(list)
    for post in posts:
        key = (post.network, post.native_id)
        for tie in ties(post.native_id, post.reply_to, post.quote_of, post.repost_of, post.discussion):
            groups.join(("tie", post.network, tie), key)
        for link in shared_links(
            post.network, post.url, post.links, gone=post.gone is not None, repost_of=post.repost_of
        ):
            shared[link].append((micros[key], key))
    for linked in shared.values():
        for first, *others in runs(linked):
            for other in others:
                groups.join(first, other)
    earliest: dict[Hashable, tuple[str, str]] = {}
    for key in sorted(micros, key=lambda key: (micros[key], key)):
        earliest.setdefault(groups.head(key), key)
    return {key: earliest[groups.head(key)] for key in micros}


def in_thread_order(posts: Iterable[Post]) -> list[tuple[int, Post]]:
    """Return a discussion's posts as they are read, each with its depth: what answers, quotes or repeats stands below.

    Posts that hang on nothing held here stand at depth 0, and all that stand side by side go by time.
    """
    ordered = sorted(posts, key=lambda post: (post.created_at, post.network, post.native_id))
    held = {(post.network, post.native_id): post for post in ordered}
    below: defaultdict[tuple[str, str], list[Post]] = defaultdict(list)
    tops = []
    for post in ordered:
        above = _above(post, held)
        if above is None:
            tops.append(post)
        else:
            below[above].append(post)
    read: dict[tuple[str, str], tuple[int, Post]] = {}
    # Whoever stands in a circle, as only false ids can, is read where its earliest post comes in time.
    for top in [*tops, *ordered]:
        waiting = [(0, top)]
        while waiting:
            depth, post = waiting.pop()
            key = (post.network, post.native_id)
            if key not in read:
                read[key] = (depth, post)
                waiting += [(depth + 1, answer) for answer in reversed(below[key])]
    return list(read.values())


def _above(post: Post, held: Mapping[tuple[str, str], Post]) -> tuple[str, str] | None:
    for other in (post.reply_to, post.quote_of, post.repost_of, post.discussion):
        if other is not None and other != post.native_id and (post.network, other) in held:
            return (post.network, other)
    return None
