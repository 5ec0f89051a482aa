"""Pages that come doubled, late, overlapping or from two sources at once, drawn from a seed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from corpus.changes import decide
from corpus.post import Author, Counts, Post
from corpus.store import Corpus

_START = datetime(2026, 11, 1, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_POSTS = 5
_VERSIONS = (("versio 0", None), ("versio 1", None), ("versio 2", _START + _HOUR * 2), ("versio 3", _START + _HOUR * 3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A page, and when it was seen by whom."""

    posts: tuple[Post, ...]
    seen_at: datetime
    source: str


def check_order(seed: int, corpus: Corpus) -> None:
    """Store the pages of a seed in three orders, each in a network of its own, and compare what they leave.

    Raises:
        AssertionError: the final state depends on the order.
    """
    chance = Random(seed)
    count = chance.randint(1, 8)
    states = []
    orders: Sequence[list[int]] = [
        list(range(count)),
        chance.sample(range(count), count),
        [*range(count), *chance.choices(range(count), k=count)],
    ]
    for number, order in enumerate(orders):
        network = f"n{seed}.{number}"
        sheets = _sheets(Random(seed), network, count)
        _store(corpus, network, (sheets[place] for place in order))
        states.append(_state(corpus, network))
    assert states[0] == states[1], f"seed {seed}: another order of {orders[1]} leaves another state"
    assert states[0] == states[2], f"seed {seed}: repetition {orders[2]} leaves another state"


def _sheets(chance: Random, network: str, count: int) -> list[Sheet]:
    """Return overlapping pages; each sighting is of an instant of its own."""
    sheets = []
    for place in range(count):
        first = chance.randrange(_POSTS)
        ids = [first + step for step in range(chance.randint(1, _POSTS - first))]
        ids += chance.choices(ids, k=chance.choice((0, 0, 1)))
        sheets.append(
            Sheet(
                posts=tuple(_sighting(chance, network, native_id) for native_id in ids),
                seen_at=_START + _HOUR * (10 + place),
                source=chance.choice(("eka", "toka")),
            )
        )
    return sheets


def _sighting(chance: Random, network: str, native_id: int) -> Post:
    text, edited_at = chance.choice(_VERSIONS)
    return Post(
        network=network,
        native_id=str(native_id),
        author=chance.choice((None, Author(native_id=f"a{native_id}", handle="h", name="n"))),
        text=text,
        created_at=_START + timedelta(minutes=native_id),
        via="hashtag",
        lang="fi",  # a network says it each time
        edited_at=edited_at,
        reply_to=chance.choice((None, "1")),
        discussion=chance.choice((None, "1", "2")),
        hashtags=("a", "b")[: _VERSIONS.index((text, edited_at)) % 3],
        counts=chance.choice((Counts(), Counts(likes=1), Counts(likes=2, replies=chance.randint(0, 3)))),
        gone="deleted" if chance.random() < 0.06 else None,
        raw=text.encode(),
    )


def _store(corpus: Corpus, network: str, sheets: Iterable[Sheet]) -> None:
    for sheet in sheets:
        known = corpus.posts.known(network, [post.native_id for post in sheet.posts])
        changes = decide(sheet.posts, known, sheet.seen_at)
        corpus.posts.apply(changes, source=sheet.source, now=sheet.seen_at)


def _state(corpus: Corpus, network: str) -> list[object]:
    """Return what is known of each post, but for when and by whom it was first seen.

    What a tombstone was an answer to is known only where it was seen before it went.
    """
    state: list[object] = []
    for number in range(_POSTS):
        native_id = str(number)
        found = corpus.posts.by_native_id(network, native_id)
        if found is None:
            continue
        post = found.stored.post
        state.append(
            (
                {name: getattr(post, name) for name in (_COMPARED if post.gone is None else _REMAINS)},
                found.stored.last_seen_at if post.gone is None else None,
                corpus.posts.payload(network, native_id),
                sorted((one.text or "", str(one.edited_at)) for one in corpus.posts.revisions(network, native_id)),
            )
        )
    return state


_REMAINS = ("native_id", "author", "text", "created_at", "lang", "edited_at", "hashtags", "counts", "gone")
_COMPARED = (*_REMAINS, "reply_to", "discussion")
