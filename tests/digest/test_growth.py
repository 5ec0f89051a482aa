"""Themes, regions and themes in regions beside their usual week, in counts."""

from collections.abc import Iterable
from dataclasses import replace

from corpus.post import ClassifiedPost
from digest.growth import Growth, growth
from programme.types import Localised, Programme, Theme
from programme.week import Week
from tests.trends.invented import WEEK, utter
from trends.find import theme_change

NOTHING = Localised({})


def programme() -> Programme:
    """Return a programme of two themes."""
    themes = [
        Theme(
            slug=slug, name=NOTHING, short_name=NOTHING, tag=NOTHING, gloss=NOTHING, description=NOTHING, seed_words={}
        )
        for slug in ("services", "roles")
    ]
    return Programme(
        slug="p",
        name=NOTHING,
        languages=("fi",),
        time_zone="Europe/Helsinki",
        hashtags=("k",),
        themes=tuple(themes),
    )


def talk(week: Week, town: str, n: int, theme: str = "services") -> list[ClassifiedPost]:
    """Return posts on a theme that name a town."""
    return [
        utter(f"{town} sai oman numeron {k}{week.number}{k * 7}", author=f"{town}{k}", week=week, minute=k, theme=theme)
        for k in range(n)
    ]


def told(posts: Iterable[ClassifiedPost], gaps: Iterable[Week] = ()) -> dict[tuple[str | None, str | None], Growth]:
    """Return what is told, by theme and region."""
    found = growth(
        posts,
        week=WEEK,
        programme=programme(),
        covered=lambda week: week not in set(gaps),
        change=lambda this, before, asked: theme_change(this, before, themes=asked),
    )
    return {(one.theme, one.region): one for one in found}


def test_theme_that_grew_in_one_region_is_news_there_alone() -> None:
    """Nine posts on services in Pirkanmaa after weeks of one: news of the theme there, and of nothing in Lapland."""
    quiet = [
        p for week in WEEK.before(7) for p in (*talk(week, "Tampereella", 1), *talk(week, "Rovaniemellä", 3, "roles"))
    ]
    found = told([*quiet, *talk(WEEK, "Tampereella", 9), *talk(WEEK, "Rovaniemellä", 3, "roles")])
    pirkanmaa = found["services", "06"]
    assert (pirkanmaa.series[-1], pirkanmaa.low, pirkanmaa.high, pirkanmaa.is_news) == (9, 1, 1, True)
    assert pirkanmaa.name.by_language["sv"] == "Birkaland"
    assert (found["roles", "19"].is_news, found["roles", None].is_news) == (False, False)
    assert found["services", None].is_news


def test_few_posts_and_short_histories_are_no_news() -> None:
    """A region of two posts is not told of, and a week after two collected ones is not judged."""
    assert not [cell for cell in told(talk(WEEK, "Tampereella", 2)) if cell[1]]
    weeks = WEEK.before(7)
    posts = [p for week in weeks for p in talk(week, "Tampereella", 1)]
    one = told([*posts, *talk(WEEK, "Tampereella", 9)], gaps=list(weeks)[:5])["services", "06"]
    assert (one.low, one.is_news, one.series[:5]) == (None, False, (None,) * 5)


def test_copies_count_once() -> None:
    """The same text from many accounts is one post of its region."""
    same = talk(WEEK, "Tampereella", 1)[0]
    copies = [
        replace(same, stored=replace(same.stored, cluster="c", post=replace(same.stored.post, native_id=f"n{k}")))
        for k in range(9)
    ]
    assert ("services", "06") not in told(copies)
