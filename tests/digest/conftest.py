"""An invented week, and pieces to build others from."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from digest.collected import Coverage, Outage, SourceLine
from digest.issue import (
    ClassifierFacts,
    CopyCount,
    Corrections,
    Doubt,
    Issue,
    Item,
    ProgrammeFacts,
    Recount,
    Row,
    Section,
    ShownPost,
    UsualRange,
)
from digest.matters import NamedCount, Topic, TopicNotes
from programme.messages import Messages
from programme.types import Localised
from programme.week import Week

LOCALES = Path(__file__).parents[2] / "config"
NOWHERE = Localised({})
WEEK = Week(year=2026, number=47)


def three(words: str) -> Localised:
    """Return a name in Finnish, Swedish and English, written in this order."""
    return Localised(dict(zip(("fi", "sv", "en"), words.split(" | "), strict=True)))


PARTICIPATION, MODELS, COOPERATION, ROLES = "participation", "models", "cooperation", "roles"
NAMES = {
    PARTICIPATION: three(
        "Osallisuus ja asukaslähtöiset palvelukanavat | Delaktighet och servicekanaler som utgår från invånarnas behov"
        " | Participation and resident-driven service channels"
    ),
    MODELS: three(
        "Hyvinvoinnin, osaamisen, elinvoiman ja johtamisen toimintamallit"
        " | Verksamhetsmodeller för välfärd, kunnande, livskraft och ledarskap"
        " | Models for well-being, skills, vitality and leadership"
    ),
    COOPERATION: three(
        "Kunnan ja maakunnan yhteistyö | Samarbete mellan kommunen och landskapet"
        " | Co-operation between municipality and region"
    ),
    ROLES: three(
        "Erilaisten kuntien roolit, vahvuudet ja toimintaedellytykset"
        " | Olika kommuners roller, styrkor och verksamhetsförutsättningar"
        " | Roles, strengths and conditions of different municipalities"
    ),
}
GLOSS = three(
    "vuodesta 2023 kumppani on ennen kaikkea hyvinvointialue"
    " | sedan 2023 är motparten framför allt välfärdsområdet"
    " | since 2023 the partner is above all the wellbeing services county"
)
SERIES = {
    PARTICIPATION: (16, 18, 13, 17, 11, 16, 14, 9),
    MODELS: (51, 46, 50, 57, 52, 50, 55, 44),
    COOPERATION: (12, 11, 17, 13, 18, 12, 19, 29),
    ROLES: (16, 15, 11, 17, 16, 10, 15, 12),
    "none": (5, 7, 4, 6, 5, 3, 6, 3),
    "unsure": (6, 4, 7, 5, 8, 6, 5, 5),
    "total": (106, 101, 102, 115, 110, 97, 114, 102),
}


def row(slug: str, **changes: Any) -> Row:  # noqa: ANN401 - any field of the carrier
    """Return a line of the invented table."""
    name = NAMES.get(slug, NOWHERE)
    fields = {"slug": slug, "name": name, "short_name": name, "gloss": NOWHERE, "series": SERIES[slug]}
    return Row(**(fields | changes))


def topic(key: str, **changes: Any) -> Topic:  # noqa: ANN401 - any field of the carrier
    """Return the invented leading topic, or another made of it."""
    fields: dict[str, Any] = {
        "key": key,
        "label": {"fi": "Kuntien rooli työllisyyspalveluissa", "sv": "Kommunernas roll i arbetskraftstjänsterna"},
        "language": "fi",
        "state": "growing",
        "posts": 13,
        "writers": 11,
        "baseline": 2.2,
        "ratio": 5.0,
        "ratio_low": 2.4,
        "ratio_high": 9.8,
        "languages": ("fi", "sv"),
        "weekly": (2, 3, 1, 2, 3, 2, 3, 11),
        "examples": ("mastodon:101",),
    }
    return Topic(**(fields | changes))


LIBRARY = {
    "label": {"fi": "Lähikirjaston omatoimiaika", "sv": "Meröppet på närbiblioteket"},
    "posts": 9,
    "writers": 8,
    "ratio": 3.0,
    "ratio_low": 1.6,
    "ratio_high": 5.9,
    "languages": ("fi",),
    "weekly": (2, 3, 2, 3, 2, 3, 6, 8),
    "examples": (),
}
RIDES = {
    "label": {"sv": "Skolskjutsar över kommungränsen"},
    "language": "sv",
    "state": "new",
    "posts": 6,
    "writers": 6,
    "baseline": 0.0,
    "ratio": None,
    "ratio_low": 2.3,
    "ratio_high": None,
    "languages": ("sv",),
    "weekly": (0, 0, 0, 0, 0, 0, 0, 6),
    "examples": ("bluesky:107",),
}
GAP = Outage(
    from_at=datetime(2026, 11, 21, 1, tzinfo=UTC),
    to_at=datetime(2026, 11, 21, 8, tzinfo=UTC),
    open=False,
    state="failed",
    code="502",
)


def source(name: str, posts: int, **changes: Any) -> SourceLine:  # noqa: ANN401 - any field of the carrier
    """Return a source that collected all week."""
    fields: dict[str, Any] = {
        "name": name,
        "network": name,
        "hours_covered": 168,
        "hours": 168,
        "posts": posts,
        "missing": 0,
        "quota_hits": 0,
        "outages": (),
    }
    return SourceLine(**(fields | changes))


SOURCES = (
    source("x", 45),
    source("mastodon", 32),
    source("bluesky", 19, hours_covered=161, missing=2, outages=(GAP,)),
    source("feed", 6),
)


def named(slug: str, posts: int, words: str) -> NamedCount:
    """Return a mention count with its name."""
    return NamedCount(slug=slug, name=three(words), posts=posts)


def invented(**changes: Any) -> Issue:  # noqa: ANN401 - any field of the carrier
    """Return the invented week."""
    fields: dict[str, Any] = {
        "week": WEEK,
        "kind": "normal",
        "programme": ProgrammeFacts(
            name=three(
                "Kunnat 2021 -kehittämisohjelma | utvecklingsprogrammet Kommunerna 2021 | the programme Kunnat 2021"
            ),
            page=three("Tulevaisuuden kunta | Framtidens kommun | The municipality of the future"),
            hashtags=("tulevaisuudenkunta",),
            languages=("fi", "sv", "en"),
            time_zone="Europe/Helsinki",
        ),
        "composed_at": datetime(2026, 11, 23, 5, tzinfo=UTC),
        "demonstration": False,
        "posts": 102,
        "writers": 74,
        "discussions": 31,
        "usual": UsualRange(low=97, high=115, weeks=7),
        "level": "usual",
        "themes": (
            row(PARTICIPATION),
            row(MODELS),
            row(COOPERATION, gloss=GLOSS, is_news=True, low=11, high=19),
            row(ROLES),
        ),
        "none": row("none"),
        "unclear": row("unsure"),
        "total": row("total"),
        "awaiting": 0,
        "copies": CopyCount(extra=26, texts=1, accounts=27, extra_before=0, widest=27),
        "projects": (
            named(
                "points",
                6,
                "Yhteiset palvelupisteet -verkosto | Gemensamma serviceställen | shared service points",
            ),
            named("lead", 4, "Johtamisen verkosto | Nätverket för ledarskap | the leadership network"),
        ),
        "phenomena": (
            named("climate", 7, "ilmasto | klimat | climate"),
            named("technology", 4, "älykäs teknologia | smart teknik | intelligent technology"),
            named("age", 0, "väestön ikääntyminen | åldrande befolkning | ageing population"),
        ),
        "places": (
            named("municipality-179", 5, "Jyväskylä | Jyväskylä | Jyväskylä"),
            named("region-06", 4, "Pirkanmaa | Birkaland | Pirkanmaa"),
            named("municipality-905", 3, "Vaasa | Vasa | Vaasa"),
        ),
        "languages": {"fi": 78, "sv": 21, "en": 3},
        "found_by": {"hashtag": 63, "thread": 33, "feed": 6},
        "topics": (topic("work"), topic("library", **LIBRARY), topic("rides", **RIDES)),
        "recurring": (
            topic("budget", state="recurring", label={"fi": "Talousarvio 2027", "sv": "Budgeten 2027"}, examples=()),
        ),
        "topic_notes": TopicNotes(note=None, history_weeks=25, detectable=6, chance_weeks=12),
        "sections": (
            Section(
                slug=PARTICIPATION,
                items=(
                    Item(post="mastodon:111", networks=("mastodon",), language="fi"),
                    Item(post="bluesky:112", posts=4, networks=("bluesky",), language="sv"),
                ),
            ),
            Section(slug=MODELS, items=(Item(post="mastodon:121", posts=11, networks=("mastodon",), language="fi"),)),
            Section(
                slug=COOPERATION,
                items=(
                    Item(post="x:131", networks=("x",), language="fi"),
                    Item(post="mastodon:132", posts=14, networks=("bluesky", "mastodon", "x"), language=None),
                ),
            ),
            Section(slug=ROLES, items=(Item(post="mastodon:141", networks=("mastodon",), language="fi"),)),
        ),
        "doubts": (
            Doubt(post="mastodon:151", candidates=(PARTICIPATION, MODELS)),
            Doubt(post="bluesky:152", candidates=(MODELS, "none")),
        ),
        "corrections": Corrections(
            week=Week(year=2026, number=46),
            labels=4,
            model=2,
            late=0,
            deletions=0,
            rows=(
                recount(PARTICIPATION, 12, 14, by_model=2),
                recount(MODELS, 59, 55, by_labels=-4),
                recount(COOPERATION, 15, 19, by_labels=4),
                recount("unsure", 7, 5, by_model=-2),
            ),
        ),
        "coverage": Coverage(state="gaps", sources=SOURCES),
        "classifier": ClassifierFacts(version="m", trained_at=datetime(2026, 11, 19, tzinfo=UTC), trained_on=412),
    }
    return Issue(**(fields | changes))


def recount(slug: str, printed: int, now: int, **causes: int) -> Recount:
    """Return one differing line."""
    fields = {"by_labels": 0, "by_model": 0, "by_late": 0, "by_deletions": 0} | causes
    return Recount(slug=slug, printed=printed, now=now, **fields)


def post(style: str, network: str, native_id: str, day: int, **changes: Any) -> ShownPost:  # noqa: ANN401 - any field of the carrier
    """Return a shown post."""
    fields: dict[str, Any] = {
        "style": style,
        "network": network,
        "url": f"https://{network}.example/{native_id}",
        "created_at": datetime(2026, 11, day, 10, 20, tzinfo=UTC),
        "language": "fi",
    }
    return ShownPost(**(fields | changes))


def organisation(network: str, native_id: str, day: int, name: str, text: str, **changes: Any) -> ShownPost:  # noqa: ANN401 - any field of the carrier
    """Return a listed organisation's post."""
    return post("organisation", network, native_id, day, name=Localised({"fi": name}), text=text, **changes)


SHOWN: Mapping[str, ShownPost] = {
    "mastodon:101": organisation(
        "mastodon",
        "101",
        17,
        "Koivurannan kunta",
        "Työllisyyspalvelut ovat nyt kunnan asia, mutta kattaako valtionosuus menot? Meillä laskelma on vielä kesken.",
    ),
    "bluesky:107": post("link", "bluesky", "107", 19, language="sv"),
    "mastodon:111": organisation(
        "mastodon",
        "111",
        18,
        "Koivurannan kunta",
        "Asukasraati kokoontui kolmannen kerran. Nyt bussiaikataulut tulivat pöydälle ennen päätöstä.",
    ),
    "bluesky:112": post("link", "bluesky", "112", 18, language="sv"),
    "mastodon:121": post("link", "mastodon", "121", 19),
    "x:131": post(
        "x",
        "x",
        "131",
        19,
        name=Localised({"": "Pirkan palveluverkko"}),
        handle="palveluverkko_ex",
        text="Kuka vastaa lähipalveluista, jos sopimus puuttuu? #tulevaisuudenkunta",
    ),
    "mastodon:132": post("link", "mastodon", "132", 19),
    "mastodon:141": post("link", "mastodon", "141", 16),
    "mastodon:151": post("link", "mastodon", "151", 16),
    "bluesky:152": post("link", "bluesky", "152", 18, language="sv"),
}


@pytest.fixture(scope="session")
def messages() -> Messages:
    """The shipped catalogues."""
    return Messages.load(LOCALES)


@pytest.fixture
def make_issue() -> Callable[..., Issue]:
    """The invented week 47 of 2026, with whatever a test changes in it."""
    return invented


@pytest.fixture
def week47() -> Issue:
    """The invented week as it is."""
    return invented()


@pytest.fixture
def shown47() -> Mapping[str, ShownPost]:
    """What may be shown of its posts."""
    return SHOWN


@pytest.fixture
def quiet30() -> Issue:
    """A quiet week in which collection worked."""
    counts = {PARTICIPATION: (2, 1), MODELS: (3, 2), COOPERATION: (1, 0), ROLES: (1, 0)}
    empty = {"series": (0, 0)}
    return invented(
        week=Week(year=2026, number=30),
        kind="quiet",
        posts=3,
        writers=3,
        discussions=0,
        level="fewer",
        themes=tuple(row(slug, series=series) for slug, series in counts.items()),
        none=row("none", **empty),
        unclear=row("unsure", **empty),
        total=row("total", series=(7, 3)),
        copies=CopyCount(extra=0, texts=0, accounts=0, extra_before=0, widest=0),
        topics=(),
        recurring=(),
        sections=(
            Section(slug=PARTICIPATION, items=(Item(post="mastodon:111", networks=("mastodon",), language="fi"),)),
        ),
        doubts=(),
        corrections=None,
        coverage=Coverage(state="complete", sources=(source("x", 0), source("mastodon", 3))),
    )


@pytest.fixture
def failed31() -> Issue:
    """A week in which a source was refused on Tuesday and did not come back."""
    down = Outage(
        from_at=datetime(2026, 7, 28, 11, tzinfo=UTC),
        to_at=datetime(2026, 8, 2, 21, tzinfo=UTC),
        open=True,
        state="refused",
        code="401",
    )
    return invented(
        week=Week(year=2026, number=31),
        kind="failed",
        posts=31,
        coverage=Coverage(
            state="failed",
            sources=(source("x", 9, hours_covered=38, missing=20, outages=(down,)), source("mastodon", 22)),
        ),
    )
