"""Counts over classified posts, pure: copies of one text count once, and the order of the posts never matters."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from corpus.post import ClassifiedPost, Post
from digest.issue import CopyCount
from programme.types import NONE, UNSURE

WITHDRAWN = frozenset({"deleted", "erased"})
"""Posts that no longer count: numbers always tell what is public now."""


def key_of(post: Post) -> str:
    """Return a post's key: ``network:native_id``."""
    return f"{post.network}:{post.native_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The posts of one week, each text once."""

    posts: tuple[ClassifiedPost, ...]
    """One for each text, oldest first."""
    copies: Mapping[str, tuple[ClassifiedPost, ...]]
    """By the key of the counted post, every post with its text, itself among them; only texts that came twice."""

    @property
    def extra(self) -> int:
        """Copies that are not counted."""
        return sum(len(group) - 1 for group in self.copies.values())


def tally(posts: Iterable[ClassifiedPost]) -> Tally:
    """Return the posts of a week with copies and reposts joined.

    A text's labelled post stands for it, else the earliest: a person's judgement of one copy holds for all.
    """
    public = sorted((post for post in posts if post.stored.post.gone not in WITHDRAWN), key=_age)
    texts = {key_of(post.stored.post): _text_of(post) for post in public}
    groups: dict[str, list[ClassifiedPost]] = defaultdict(list)
    for post in public:
        groups[_group(post, texts)].append(post)
    chosen = {key_of((first := min(group, key=_rank)).stored.post): (first, tuple(group)) for group in groups.values()}
    return Tally(
        posts=tuple(sorted((first for first, _ in chosen.values()), key=_age)),
        copies={key: group for key, (_, group) in sorted(chosen.items()) if len(group) > 1},
    )


def _age(post: ClassifiedPost) -> tuple[float, str]:
    return post.stored.post.created_at.timestamp(), key_of(post.stored.post)


def _rank(post: ClassifiedPost) -> tuple[bool, bool, float, str]:
    return not post.labels, post.stored.post.repost_of is not None, *_age(post)


def _text_of(post: ClassifiedPost) -> str:
    cluster = post.stored.cluster
    return f"text {cluster}" if cluster else key_of(post.stored.post)


def _group(post: ClassifiedPost, texts: Mapping[str, str]) -> str:
    if post.stored.cluster is None and post.stored.post.repost_of is not None:
        original = f"{post.stored.post.network}:{post.stored.post.repost_of}"
        return texts.get(original, original)
    return _text_of(post)


def standing(post: ClassifiedPost, slugs: Iterable[str]) -> str:
    """Return the line of the table on which a post counts: a theme of the programme, ``none`` or ``unsure``."""
    stands = post.standing
    return stands if stands in slugs or stands == NONE else UNSURE


def writer_of(post: ClassifiedPost) -> str:
    """Return who wrote a post, as an opaque key; a post without an author is a writer of its own."""
    author = post.stored.post.author
    return f"{post.stored.post.network} {author.native_id}" if author else key_of(post.stored.post)


def writers(posts: Iterable[ClassifiedPost]) -> int:
    """Return how many people or accounts wrote the posts."""
    return len({writer_of(post) for post in posts})


def loudest(posts: Iterable[ClassifiedPost]) -> int:
    """Return how many of the posts the account that wrote most of them wrote."""
    return max(Counter(map(writer_of, posts)).values(), default=0)


def copy_count(this: Tally, before: Tally | None) -> CopyCount:
    """Return what the table says of copies, without a name or an account."""
    sizes = [writers(group) for group in this.copies.values()]
    return CopyCount(
        extra=this.extra,
        texts=len(this.copies),
        accounts=writers(post for group in this.copies.values() for post in group),
        extra_before=before.extra if before else None,
        widest=max(sizes, default=0),
    )


def ranked(counts: Counter[str]) -> dict[str, int]:
    """Return counts by size, then by name."""
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def languages(posts: Iterable[ClassifiedPost]) -> dict[str, int]:
    """Return posts by identified language, most first."""
    return ranked(Counter(post.stored.lang or UNSURE for post in posts))


def found_by(posts: Iterable[ClassifiedPost]) -> dict[str, int]:
    """Return posts by how they came in, most first."""
    return ranked(Counter("feed" if p.stored.post.network == "feed" else p.stored.post.via for p in posts))


def mentions(named: Iterable[Iterable[str]]) -> Counter[str]:
    """Return how many posts mention each project or phenomenon, from what each post mentions."""
    return Counter(slug for slugs in named for slug in set(slugs))


def discussions(posts: Iterable[ClassifiedPost]) -> list[tuple[ClassifiedPost, ...]]:
    """Return the exchanges among the posts, largest first: at least two posts by at least two writers.

    What belongs together, across networks, says ``corpus.discussion``.
    """
    threads: dict[str, list[ClassifiedPost]] = defaultdict(list)
    for post in posts:
        threads[discussion_of(post)].append(post)
    exchanges = [tuple(sorted(thread, key=_age)) for thread in threads.values() if writers(thread) > 1]
    return sorted(exchanges, key=lambda thread: (-len(thread), *_age(thread[0])))


def discussion_of(post: ClassifiedPost) -> str:
    """Return the name of a post's discussion; one that was not placed yet is alone."""
    return post.stored.discussion or key_of(post.stored.post)
