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
            known: native id, the post that it answers or quotes, and ``via``, oldest first.
        """
        self._hashtags = frozenset(hashtags)
        self._depth = depth
        self._distances: dict[str, int] = {}
        for native_id, above, via in known:
            self._distances[native_id] = self._below(above) if via == "thread" else 0

    def __call__(self, post: Post) -> Via | None:
        """Return how a post belongs to us; what answers it belongs to us too from now on."""
        distance = 0
        if self._hashtags.isdisjoint(post.hashtags):
            above = next((one for one in (post.reply_to, post.quote_of) if one in self._distances), None)
            if above is None or (distance := self._below(above)) > self._depth:
                return None
        self._distances[post.native_id] = distance
        return "thread" if distance else "hashtag"

    def _below(self, above: str | None) -> int:
        return self._distances.get(above or "", 0) + 1
