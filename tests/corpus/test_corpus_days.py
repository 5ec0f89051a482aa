"""How many posts each day has."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from corpus.post import Post
from corpus.store import Corpus

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def test_each_day_is_told_once_with_its_posts(
    corpus: Corpus, make_post: Callable[..., Post], store: Callable[..., object]
) -> None:
    """Days with posts come oldest first, also those before 1970, and empty days between them are left out."""
    assert corpus.posts.days() == []
    hours = [-49, -48, -1, 0, 23, 24, 24 * 300, 24 * 300 + 23, 24 * 20_000]
    store(corpus, [make_post(number, created_at=_EPOCH + timedelta(hours=hour)) for number, hour in enumerate(hours)])
    found = corpus.posts.days()
    assert {day: posts for day, posts, _ in found} == Counter(hour // 24 for hour in hours)
    assert [day for day, _, _ in found] == sorted({hour // 24 for hour in hours})
    assert max(last for _, _, last in found) == max(post_id for post_id, _, _ in corpus.posts.texts())
