"""The discussion around a post of X: what to search for, and how far its replies are followed.

X answers a conversation flat, whatever its depth: what lies deeper than asked for is left out where the chain of
replies up to the post is known.
"""

from collections.abc import Iterable, Mapping

from collector.source import Opening
from corpus.post import Post


def thread_query(opening: Opening) -> str:
    """Return the search that finds replies and quotes; an edited post has two ids, and people answer either."""
    newest = (opening.url or "").rpartition("/")[2]
    ids = dict.fromkeys([opening.native_id, *([newest] if newest.isdecimal() else [])])
    roots = dict.fromkeys([opening.discussion or opening.native_id, *list(ids)[1:]])
    return " OR ".join([*(f"conversation_id:{one}" for one in roots), *(f"quotes_of_tweet_id:{one}" for one in ids)])


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
