"""How far down a discussion answers are followed: pure, and the same for every network."""

from collections.abc import Iterable, Mapping

from collector.source import Opening
from corpus.post import Post


def within(posts: Iterable[Post], opening: Opening, depth: int) -> tuple[Post, ...]:
    """Return the posts of a page that are no deeper than asked for, without the post itself."""
    posts = tuple(posts)
    answers = {post.native_id: post.reply_to for post in posts}
    tops = {opening.native_id, opening.discussion}
    return tuple(post for post in posts if post.native_id not in tops and _depth(post, answers, tops) <= depth)


def _depth(post: Post, answers: Mapping[str, str | None], tops: set[str | None]) -> int:
    """Return the answers between a post and the one above; 0 where the chain leads elsewhere."""
    above, steps = post.reply_to, 1
    while above not in tops:
        if above is None or above not in answers or steps > len(answers):
            return 0
        above, steps = answers[above], steps + 1
    return steps
