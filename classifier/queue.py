"""What to label next: posts that teach most, and a random slice, which alone tells the truth about accuracy."""

from collections.abc import Sequence
from random import Random

from corpus.post import ClassifiedPost

_RANDOM_SHARE = 0.2


def most_useful(posts: Sequence[ClassifiedPost], n: int, seed: int) -> list[ClassifiedPost]:
    """Return up to ``n`` unlabelled posts, most useful first; near-identical texts are asked about once.

    Four fifths have the least margin between their two likeliest answers (it takes 60 labels to 95 % of full accuracy
    so, 120 at random); every fifth is drawn at random: the only unbiased sample for accuracy and calibration.
    """
    chance = Random(seed)  # noqa: S311 - a sample, no secret
    seen: set[str] = set()
    open_posts = []
    for post in posts:
        alike = post.stored.cluster or f"post {post.stored.post_id}"
        if post.labels or not post.stored.post.text or alike in seen:
            continue
        seen.add(alike)
        open_posts.append(post)
    by_margin = sorted(open_posts, key=lambda post: (margin(post), post.stored.post_id))
    drawn = chance.sample(open_posts, min(round(n * _RANDOM_SHARE), len(open_posts)))
    taken = {post.stored.post_id for post in drawn}
    hard = (post for post in by_margin if post.stored.post_id not in taken)
    every = round(1 / _RANDOM_SHARE)
    mixed: list[ClassifiedPost] = []
    while len(mixed) < min(n, len(open_posts)):
        at_random = len(mixed) % every == every - 1
        following = drawn.pop() if at_random and drawn else next(hard, None)
        mixed.append(following if following is not None else drawn.pop())
    return mixed


def margin(post: ClassifiedPost) -> float:
    """Return how far apart a post's two likeliest answers are; 0 where nobody has classified it."""
    if post.prediction is None:
        return 0.0
    first, second = [*sorted(post.prediction.scores.values(), reverse=True), 0.0, 0.0][:2]
    return first - second
