"""Which posts and discussions tell what was said on a theme: central to it, and unlike each other."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from math import sqrt

from corpus.post import ClassifiedPost
from digest.issue import Doubt, Item, Section
from digest.tally import discussion_of, discussions, key_of, standing, writer_of
from language.text import normalise, words
from programme.types import NONE, UNSURE

ITEMS = 2
"""Shown for each theme; readers see the first."""
DOUBTS = 5
"""Unclear posts that editors are asked about."""
_ALIKE = 0.4
"""Share of common words above which two posts say the same."""
_FEW_WORDS = 4
"""A post of fewer words tells little."""

Quotable = Callable[[ClassifiedPost], bool]
"""Whether a post's text may be shown: of a listed organisation, or as the settings allow."""


def sections(posts: Sequence[ClassifiedPost], slugs: Sequence[str], quotable: Quotable) -> tuple[Section, ...]:
    """Return for each theme what to show of it: a telling post and its largest discussion where it has both."""
    by_theme: dict[str, list[ClassifiedPost]] = {slug: [] for slug in slugs}
    for post in posts:
        by_theme.get(standing(post, slugs), []).append(post)
    threads = discussions(posts)
    return tuple(Section(slug=slug, items=_items(slug, by_theme[slug], threads, slugs, quotable)) for slug in slugs)


def _items(
    slug: str,
    posts: Sequence[ClassifiedPost],
    threads: Iterable[tuple[ClassifiedPost, ...]],
    slugs: Sequence[str],
    quotable: Quotable,
) -> tuple[Item, ...]:
    talk = next((thread for thread in threads if _theme_of(thread, slugs) == slug), ())
    telling = list(_one_a_discussion(telling_first(posts), map(discussion_of, talk)))
    # At most one text is quoted a theme: the most telling of those that may be.
    quote = next((post for post in telling if quotable(post)), None)
    rest = (post for post in telling if not quotable(post) and (quote is None or not _alike(post, quote)))
    found = [_lone(quote)] if quote else []
    found += [_exchange(talk)] if talk else []
    found += [_lone(post) for post in rest]
    return tuple(found[:ITEMS])


def _one_a_discussion(posts: Iterable[ClassifiedPost], shown: Iterable[str]) -> Iterator[ClassifiedPost]:
    """Yield the first post of each discussion that is not shown yet: one discussion is one example."""
    seen = set(shown)
    for post in posts:
        if (discussion := discussion_of(post)) not in seen:
            seen.add(discussion)
            yield post


def _theme_of(thread: Sequence[ClassifiedPost], slugs: Sequence[str]) -> str:
    counts = Counter(standing(post, slugs) for post in thread)
    return min(counts, key=lambda slug: (slug in (NONE, UNSURE), -counts[slug], slug))


def _lone(post: ClassifiedPost) -> Item:
    return Item(post=key_of(post.stored.post), networks=(post.stored.post.network,), language=post.stored.lang)


def _exchange(thread: Sequence[ClassifiedPost]) -> Item:
    spoken = {post.stored.lang for post in thread}
    networks = sorted({post.stored.post.network for post in thread})
    return Item(
        post=key_of(thread[0].stored.post),
        posts=len(thread),
        networks=tuple(networks),
        language=spoken.pop() if len(spoken) == 1 else None,
    )


def telling_first(posts: Sequence[ClassifiedPost]) -> list[ClassifiedPost]:
    """Return posts that have a text, the most central first: surely of the theme, in words that many others use."""
    terms = {key_of(post.stored.post): _terms(post) for post in posts if post.stored.post.text}
    spread = Counter(term for own in terms.values() for term in own)
    shared = {term: n - 1 for term, n in spread.items()}

    def rank(post: ClassifiedPost) -> tuple[float, float, str]:
        own = terms[key_of(post.stored.post)]
        # Divided by the root, long posts do not win by length alone; very short ones tell nothing.
        central = sum(shared[term] for term in own) / sqrt(max(len(own), _FEW_WORDS))
        sure = 1.0 if post.labels else post.prediction.confidence if post.prediction else 0.0
        weight = sure * (1 + central) if len(own) >= _FEW_WORDS else 0.0
        return -weight, post.stored.post.created_at.timestamp(), key_of(post.stored.post)

    one_a_writer: dict[str, ClassifiedPost] = {}
    for post in sorted((post for post in posts if post.stored.post.text), key=rank):
        one_a_writer.setdefault(writer_of(post), post)
    return list(one_a_writer.values())


def _terms(post: ClassifiedPost) -> frozenset[str]:
    return frozenset(words(normalise(post.stored.post.text or "")))


def _alike(post: ClassifiedPost, other: ClassifiedPost) -> bool:
    ours, theirs = _terms(post), _terms(other)
    return len(ours & theirs) > _ALIKE * max(1, len(ours | theirs))


def doubts(posts: Iterable[ClassifiedPost], slugs: Sequence[str]) -> tuple[Doubt, ...]:
    """Return the unclear posts that a person's judgement would help most: those between two nearly equal themes."""
    asked = []
    for post in posts:
        if post.standing == UNSURE and not post.labels and post.prediction and post.stored.post.text:
            scores = _likeliest(post.prediction.scores, slugs)
            asked.append((_margin(scores), key_of(post.stored.post), tuple(slug for slug, _ in scores[:2])))
    return tuple(Doubt(post=key, candidates=candidates) for _, key, candidates in sorted(asked)[:DOUBTS])


def _likeliest(scores: Mapping[str, float], slugs: Sequence[str]) -> list[tuple[str, float]]:
    known = [(slug, score) for slug, score in scores.items() if slug in slugs or slug == NONE]
    return sorted(known, key=lambda pair: (-pair[1], pair[0]))


def _margin(scores: Sequence[tuple[str, float]]) -> float:
    return next((first - second for (_, first), (_, second) in pairwise(scores)), 1.0)
