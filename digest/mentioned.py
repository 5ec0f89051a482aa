"""The municipalities, regions and counties that a week's posts speak of, pure.

By the posts' own words and the homes of listed organisations, never by a private person's profile.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from corpus.place_rows import Unread, fill
from corpus.post import ClassifiedPost
from digest.matters import NamedCount
from language.gazetteer import gazetteer
from language.place_forms import Kind
from programme.types import Localised


def places_of(posts: Iterable[ClassifiedPost], homes: Mapping[str, str]) -> tuple[NamedCount, ...]:
    """Return how many posts speak of each place, most first; a place has a slug like ``municipality-853``.

    A post that names a municipality counts for it, and for a region or county only where it names that too.

    Args:
        posts: each text once.
        homes: municipality of each listed organisation, by account (``network:handle``, casefolded).
    """
    rows = fill((_unread(number, post) for number, post in enumerate(posts) if post.stored.post.text), homes)
    spoken: set[tuple[int, Kind, str]] = set(rows.areas)
    spoken |= {(number, "municipality", code) for number, code, _ in rows.municipalities}
    counts = Counter((kind, code) for _, kind, code in spoken)
    listed = [NamedCount(slug=f"{kind}-{code}", name=_name(kind, code), posts=n) for (kind, code), n in counts.items()]
    return tuple(sorted(listed, key=lambda one: (-one.posts, one.slug)))


def municipalities_of(posts: Iterable[ClassifiedPost]) -> tuple[NamedCount, ...]:
    """Return how many posts name each municipality in their own words, most first; a home is no word."""
    return tuple(one for one in places_of(posts, {}) if one.slug.startswith("municipality-"))


def regions_named(posts: Sequence[ClassifiedPost], homes: Mapping[str, str]) -> list[dict[str, Localised]]:
    """Return for each post the regions that it speaks of, itself or by a municipality of theirs: code to name."""
    rows = fill((_unread(number, post) for number, post in enumerate(posts) if post.stored.post.text), homes)
    found: list[dict[str, Localised]] = [{} for _ in posts]
    for number, kind, code in rows.areas:
        if kind == "region":
            found[number][code] = _name("region", code)
    for number, code, _ in rows.municipalities:
        region = gazetteer().municipalities[code].region
        found[number][region] = _name("region", region)
    return found


def _unread(number: int, post: ClassifiedPost) -> Unread:
    told = post.stored.post
    handle = told.author.handle if told.author else None
    account = f"{told.network}:{handle.removeprefix('@').casefold()}" if handle else ""
    return Unread(post_id=number, text=told.text or "", lang=post.stored.lang or told.lang, account=account)


def _name(kind: Kind, code: str) -> Localised:
    known = gazetteer()
    if kind == "region":
        region = known.regions[code]
        return Localised({"fi": region.name_fi, "sv": region.name_sv, "en": region.name_en})
    one = known.municipalities[code] if kind == "municipality" else known.counties[code]
    return Localised({"fi": one.name_fi, "sv": one.name_sv, "en": one.name_fi})
