"""What a page of posts means for the corpus: pure decisions, without a database or a clock.

The rules of ``merged`` make the final state independent of the order in which pages come, overlap or repeat: each part
of a post is a join (the later, the longer, the greater of two), and the join of any number of sightings is one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b
from operator import attrgetter

import msgspec

from corpus.post import Author, Counts, Gone, Post
from language.text import clean

NO_COUNTS = Counts()
STRENGTH: Mapping[Gone | None, int] = {
    None: 0,
    "expired": 1,
    "withheld": 2,
    "deleted": 3,
    "opted_out": 4,
    "erased": 5,
}
"""Which reason for a missing text stays when a network and a person give different ones."""
_NEVER = datetime.min.replace(tzinfo=UTC)
_content = attrgetter(
    "text",
    "hashtags",
    "links",
    "url",
    "reply_to",
    "quote_of",
    "repost_of",
    "discussion",
    "cut_from",
    "gone",
    "edited_at",
)
_encode = msgspec.json.Encoder().encode


class Known(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the corpus already knows of one post, enough to decide."""

    post_id: int
    fingerprint: bytes
    counts: Counts
    gone: Gone | None


class Insert(msgspec.Struct, frozen=True):
    """A post that the corpus does not have."""

    post: Post
    fingerprint: bytes
    earlier: tuple[Post, ...] = ()
    """Other versions that came on the same page."""


class Update(msgspec.Struct, frozen=True):
    """A post that may differ from what the corpus has; what really changes is settled by ``merged``."""

    known: Known
    post: Post
    earlier: tuple[Post, ...] = ()


class Bury(msgspec.Struct, frozen=True):
    """A post whose text may not be kept any longer."""

    network: str
    native_id: str
    gone: Gone
    at: datetime


class Skip(msgspec.Struct, frozen=True):
    """Nothing to do."""

    known: Known | None
    why: str
    """``unchanged``, ``uncounted`` (so, and came without counts), ``buried``, or ``repeated`` on one page."""


Change = Insert | Update | Bury | Skip


@dataclass(frozen=True, slots=True)
class Seen:
    """All that is known of a post, and since when."""

    post: Post
    at: datetime
    """When it was last seen."""
    version_at: datetime
    """When this version of its text was last seen."""
    counts_at: datetime
    """When these counts were seen."""

    @classmethod
    def once(cls, post: Post, at: datetime) -> "Seen":
        """Return what one sighting tells."""
        return cls(post, at, at, _NEVER if post.counts == NO_COUNTS else at)


def decide(fetched: Iterable[Post], known: Mapping[str, Known], now: datetime) -> list[Change]:
    """Return what the posts of one network mean for the corpus.

    A page may hold the same post twice: the later edited one wins and the other is kept as an earlier version. A
    tombstone is never revived. The same page again means nothing but ``Skip``.

    Args:
        fetched: posts of one network.
        known: what the corpus knows of them, by native id.
        now: when they were seen.
    """
    changes: list[Change] = []
    once: dict[str, Post] = {}
    again: dict[str, list[Post]] = {}
    for post in fetched:
        if post.native_id in once:
            again.setdefault(post.native_id, []).append(post)
        else:
            once[post.native_id] = post
    for native_id, sighting in once.items():
        post, before = sighting, known.get(native_id)
        earlier: tuple[Post, ...] = ()
        if native_id in again:
            post, earlier = _joined([post, *again[native_id]], now)
            changes.extend(Skip(before, "repeated") for _ in again[native_id])
        post, fingerprint = marked(post)
        changes.append(
            Insert(post, fingerprint, earlier) if before is None else _against(before, post, fingerprint, earlier, now)
        )
    return changes


def _against(known: Known, post: Post, fingerprint: bytes, earlier: tuple[Post, ...], now: datetime) -> Change:
    if post.gone is not None:
        if STRENGTH[post.gone] > STRENGTH[known.gone]:
            return Bury(post.network, post.native_id, post.gone, now)
        return Skip(known, "buried")
    if known.gone is not None:
        return Skip(known, "buried")
    if fingerprint == known.fingerprint and not earlier and post.counts in (known.counts, NO_COUNTS):
        return Skip(known, "uncounted" if post.counts == NO_COUNTS else "unchanged")
    return Update(known, post, earlier)


def _joined(posts: Sequence[Post], now: datetime) -> tuple[Post, tuple[Post, ...]]:
    """Return the posts of one id as one post, and the versions that it is not."""
    seen = Seen.once(marked(posts[0])[0], now)
    for post in posts[1:]:
        seen = merged(seen, Seen.once(marked(post)[0], now))
    if seen.post.gone is not None:
        return seen.post, ()
    others = {version(post): post for post in posts}
    others.pop(version(seen.post), None)
    return seen.post, tuple(others.values())


def merged(one: Seen, other: Seen) -> Seen:
    """Return what two sightings of the same post say together, whichever came first.

    The later edited text wins; where the network tells no time of edit, the later seen one. Counts are the later seen;
    a sighting without counts says nothing of them. What one sighting lacks the other fills in.
    """
    newer, older = (one, other) if _rank(one) >= _rank(other) else (other, one)
    a, b = newer.post, older.post
    at = max(one.at, other.at)
    gone = max(a.gone, b.gone, key=STRENGTH.__getitem__)
    post = replace(
        a,
        author=_author(a.author, b.author),
        url=_greater(a.url, b.url),
        lang=_greater(a.lang, b.lang),
        reply_to=_greater(a.reply_to, b.reply_to),
        quote_of=_greater(a.quote_of, b.quote_of),
        repost_of=_greater(a.repost_of, b.repost_of),
        discussion=_older_id(a.discussion, b.discussion),
    )
    if gone is not None:
        return Seen(buried(post, gone), at, at, _NEVER)
    same = (a.text, a.edited_at) == (b.text, b.edited_at)
    if same:
        post = replace(
            post,
            hashtags=max(a.hashtags, b.hashtags, key=_size),
            links=max(a.links, b.links, key=_size),
            cut_from=max(a.cut_from or 0, b.cut_from or 0) or None,
            raw=a.raw or b.raw,
        )
    counts, counts_at = _counts(one, other)
    version_at = max(one.version_at, other.version_at) if same else newer.version_at
    return Seen(replace(post, counts=counts), at, version_at, counts_at)


def _rank(seen: Seen) -> tuple[datetime, datetime, str]:
    return (seen.post.edited_at or _NEVER, seen.version_at, seen.post.text or "")


def _size(words: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    return (len(words), words)


def _greater(one: str | None, other: str | None) -> str | None:
    return max(one or "", other or "") or None


def _older_id(one: str | None, other: str | None) -> str | None:
    """Return the root that is further up: networks number posts in order of time."""
    if one is None or other is None:
        return one or other
    return min(one, other, key=lambda native_id: (len(native_id), native_id))


def _author(one: Author | None, other: Author | None) -> Author | None:
    """Return who made the post; how that author is called now is a matter of ``corpus.references``."""
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda author: (author.native_id, author.handle or "", author.name or ""))


def _counts(one: Seen, other: Seen) -> tuple[Counts, datetime]:
    if one.counts_at != other.counts_at:
        later = max(one, other, key=lambda seen: seen.counts_at)
        return later.post.counts, later.counts_at
    a, b = one.post.counts, other.post.counts
    return (
        Counts(
            replies=_most(a.replies, b.replies),
            reposts=_most(a.reposts, b.reposts),
            likes=_most(a.likes, b.likes),
            views=_most(a.views, b.views),
        ),
        one.counts_at,
    )


def _most(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else max(one, other)


def buried(post: Post, gone: Gone) -> Post:
    """Return the tombstone of a post: its ids and its time."""
    return replace(
        post,
        gone=gone,
        text=None,
        author=None,
        url=None,
        lang=None,
        edited_at=None,
        hashtags=(),
        links=(),
        counts=NO_COUNTS,
        cut_from=None,
        raw=None,
    )


def version(post: Post) -> bytes:
    """Return the hash that tells one version of a post's text from another."""
    return blake2b(_encode((post.text, post.edited_at)), digest_size=16).digest()


def marked(post: Post) -> tuple[Post, bytes]:
    """Return the post as it can be stored, and its fingerprint over all that is not counted or identified by us.

    The language tag is left out: an archive of ours carries the identified one.
    """
    if post.gone is not None and post != (tombstone := buried(post, post.gone)):
        post = tombstone
    author = post.author
    content = (_content(post), None if author is None else author.native_id)
    try:
        encoded = _encode(content)
    except UnicodeEncodeError:  # a lone surrogate
        encoded = b"\\u0000"
    if b"\\u0000" in encoded:
        post = _cleaned(post)
        encoded = _encode((_content(post), None if post.author is None else post.author.native_id))
    return post, blake2b(encoded, digest_size=16).digest()


def _cleaned(post: Post) -> Post:
    return replace(
        post,
        native_id=clean(post.native_id),
        author=None
        if post.author is None
        else msgspec.structs.replace(post.author, native_id=clean(post.author.native_id)),
        text=_optional_clean(post.text),
        url=_optional_clean(post.url),
        reply_to=_optional_clean(post.reply_to),
        quote_of=_optional_clean(post.quote_of),
        repost_of=_optional_clean(post.repost_of),
        discussion=_optional_clean(post.discussion),
        hashtags=tuple(clean(hashtag) for hashtag in post.hashtags),
        links=tuple(clean(link) for link in post.links),
    )


def _optional_clean(value: str | None) -> str | None:
    return None if value is None else clean(value)
