"""Invented posts: a stream of weeks in which nothing happens, and what is planted in it."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from random import Random
from zoneinfo import ZoneInfo

from corpus.post import Author, ClassifiedPost, Label, Post, StoredPost
from programme.week import Week

WEEK = Week(year=2026, number=47)
_SUBJECTS = ("koulu", "kirjasto", "tie", "puisto", "uimahalli", "bussi", "talous", "vesi", "sähkö", "metsä", "museo")
_VERBS = ("avataan", "suljetaan", "korjataan", "rakennetaan", "siivotaan", "maalataan", "mitataan", "myydään")
_PLACES = ("torilla", "keskustassa", "rannassa", "asemalla", "kylässä", "lahdella", "mäellä", "satamassa")


def utter(
    text: str | None,
    *,
    author: str | None = None,
    week: Week = WEEK,
    native_id: str | None = None,
    minute: int = 0,
    lang: str | None = "fi",
    theme: str | None = None,
    repost_of: str | None = None,
    gone: bool = False,
) -> ClassifiedPost:
    """Return an invented post of a week."""
    at = week.start_at(ZoneInfo("Europe/Helsinki")) + timedelta(hours=30, minutes=minute)
    post = Post(
        network="mastodon",
        native_id=native_id or f"{week}/{author}/{minute}",
        author=Author(native_id=author, handle=None, name=None) if author else None,
        text=text,
        created_at=at,
        via="hashtag",
        repost_of=repost_of,
        gone="deleted" if gone else None,
    )
    labels = (Label(theme=theme, by="ab", at=at),) if theme else ()
    stored = StoredPost(post=post, post_id=1, source="m", first_seen_at=at, last_seen_at=at, lang=lang)
    return ClassifiedPost(stored=stored, prediction=None, labels=labels)


def everyday_talk(weeks: Iterable[Week], *, posts: int = 20, seed: int = 1) -> Iterator[ClassifiedPost]:
    """Yield posts of weeks in which nothing happens."""
    chance = Random(seed)
    for week in weeks:
        for n in range(posts):
            words = [chance.choice(_SUBJECTS), chance.choice(_VERBS), _word(chance), chance.choice(_PLACES)]
            yield utter(" ".join([*words, "#Kylä2030"]), author=f"author{chance.randrange(60)}", week=week, minute=n)


def burst(*, writers: int, word: str = "Tuulivoimala", week: Week = WEEK, lang: str = "fi") -> list[ClassifiedPost]:
    """Return posts of many people who write of one thing in their own words."""
    chance = Random(word)
    return [
        utter(
            f"{_word(chance)} {_word(chance)} {word} {_word(chance)} {_word(chance)}",
            author=f"{word}{n}",
            week=week,
            minute=100 + n,
            lang=lang,
        )
        for n in range(writers)
    ]


def _word(chance: Random) -> str:
    return "".join(chance.choices("aeioukltnsrmp", k=7))
