"""Which posts of a stream are ours: those with the hashtag, and what answers or quotes a post that is. Pure."""

from collections.abc import Iterable

from corpus.post import Post, Via


class Interest:
    """Remembers the posts of a network that are known, and how far each stands from the hashtag."""

    def __init__(self, hashtags: Iterable[str], depth: int, known: Iterable[tuple[str, str | None, str]]) -> None:
        """Prepare it.

        Args:
            hashtags: casefolded, without ``#``.
            depth: answers to answers that are followed; 0: none at all.
            known: native id, the post that it answers or quotes, and ``via``.
        """
        self._hashtags = frozenset(hashtags)
        self._depth = depth
        self._above = {native_id: above if via == "thread" else None for native_id, above, via in known}
        """What each known post answers or quotes; None where it belongs to us by itself."""

    def __call__(self, post: Post) -> Via | None:
        """Return how a post belongs to us; what answers it belongs to us too from now on."""
        if not self._hashtags.isdisjoint(post.hashtags):
            self._above[post.native_id] = None
            return "hashtag"
        above = next((one for one in (post.reply_to, post.quote_of) if one in self._above), None)
        if above is None or self._distance(above) >= self._depth:
            return None
        self._above[post.native_id] = above
        return "thread"

    def _distance(self, native_id: str) -> int:
        """Return how many posts lie between a known one and one that belongs to us by itself, as far as it matters."""
        above, steps = self._above.get(native_id), 0
        while above is not None and steps < self._depth:
            above, steps = self._above.get(above), steps + 1
        return steps
