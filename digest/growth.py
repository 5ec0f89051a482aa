"""How themes, regions and themes in regions grew or shrank in a week, pure: in counts, never in percentages."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from corpus.post import ClassifiedPost
from digest.compose import WEEKS, Change
from digest.mentioned import regions_named
from digest.tally import standing, tally
from programme.types import Localised, Programme
from programme.week import Week

LEAST_POSTS = 3
"""Posts of this week, or of one before, without which a region is not told of."""
_HISTORY = 3
Cell = tuple[str | None, str | None]
"""Theme and region; None where all count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """A theme, a region, or a theme in a region, beside its usual week."""

    theme: str | None
    """Slug; None: whatever the theme."""
    region: str | None
    """Code; None: wherever."""
    name: Localised
    """Of the region."""
    series: tuple[int | None, ...]
    """Posts a week, oldest first, this week last; None for a week that was not collected."""
    low: int | None
    high: int | None
    """Usual range; None where the history is too short."""
    is_news: bool
    """More than chance, by the topics' test; the level is shared by all that is told of its kind."""

    def as_json(self) -> dict[str, object]:
        """Return it as the command line prints it."""
        return {
            **({"theme": self.theme} if self.theme else {}),
            **({"region": self.region, "name": dict(self.name.by_language)} if self.region else {}),
            "posts": self.series[-1],
            "weekly": list(self.series),
            "usual": None if self.low is None else [self.low, self.high],
            "is_news": self.is_news,
        }


def growth(
    posts: Iterable[ClassifiedPost],
    *,
    week: Week,
    programme: Programme,
    covered: Callable[[Week], bool],
    change: Callable[[int, Sequence[int], int], Change],
) -> tuple[Growth, ...]:
    """Return how each theme, each region and each theme in a region compares with the weeks before, in this order.

    Args:
        posts: of the week and of the seven before it, in any order; others are ignored.
        week: the week that is asked about.
        programme: its themes, time zone, and the homes of its organisations.
        covered: which weeks were collected.
        change: the topics' test of a number against those before it, where so many are asked about.
    """
    weeks = (*week.before(WEEKS - 1), week)
    counts = _counts(posts, weeks, programme)
    regions = {code: name for found in counts.values() for (_, code), name in found[1].items() if code}
    kinds: dict[str, list[Cell]] = {"theme": [(slug, None) for slug in programme.slugs], "region": [], "both": []}
    cells = sorted({cell for by_cell, _ in counts.values() for cell in by_cell if cell[1]}, key=str)
    for cell in cells:
        if max(counts[each][0][cell] for each in weeks) >= LEAST_POSTS:
            kinds["both" if cell[0] else "region"].append(cell)
    compared = covered(week)
    told = []
    for asked in kinds.values():
        for theme, region in asked:
            series = tuple(counts[each][0][theme, region] if covered(each) or each == week else None for each in weeks)
            before = [n for n in series[:-1] if n is not None]
            found = change(series[-1] or 0, before, len(asked)) if compared and len(before) >= _HISTORY else None
            told.append(
                Growth(
                    theme=theme,
                    region=region,
                    name=regions[region] if region else Localised({}),
                    series=series,
                    low=found.low if found else None,
                    high=found.high if found else None,
                    is_news=found.is_news if found else False,
                )
            )
    return tuple(told)


def _counts(
    posts: Iterable[ClassifiedPost], weeks: Sequence[Week], programme: Programme
) -> Mapping[Week, tuple[Counter[Cell], dict[Cell, Localised]]]:
    """Return by week the posts of each cell, each text once, and the names of the regions."""
    by_week: defaultdict[Week, list[ClassifiedPost]] = defaultdict(list)
    for post in posts:
        by_week[Week.of(post.stored.post.created_at, programme.zone)].append(post)
    found = {}
    for week in weeks:
        once = tally(by_week[week]).posts
        cells: Counter[Cell] = Counter()
        names: dict[Cell, Localised] = {}
        for post, regions in zip(once, regions_named(once, programme.homes), strict=True):
            theme = standing(post, programme.slugs)
            cells[theme, None] += 1
            for code, name in regions.items():
                names[None, code] = name
                cells.update([(None, code), (theme, code)])
        found[week] = (cells, names)
    return found
