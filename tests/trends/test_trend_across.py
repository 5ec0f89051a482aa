"""One topic in several languages is told once, and two topics are never taken for one on weak evidence."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from corpus.decisions import Decision
from corpus.post import ClassifiedPost
from programme.types import Localised, Phenomenon, Programme
from programme.week import Week
from tests.trends.invented import WEEK, burst, everyday_talk
from trends.cognates import are_cognates
from trends.decided import decided_by
from trends.report import TrendReport

Find = Callable[..., TrendReport]
TALK = [*everyday_talk([*WEEK.before(12), WEEK])]
FINNISH, SWEDISH = "Rantasauna", "Strandbastu"


def said(
    word: str, lang: str, *, writers: int = 7, add: str = "", links: Sequence[str] = (), discussion: str | None = None
) -> list[ClassifiedPost]:
    """Return posts of people who write of one thing in a language, with what they add and link."""
    return [
        with_more(post, add=add, links=links, discussion=discussion)
        for post in burst(writers=writers, word=word, lang=lang)
    ]


def with_more(
    post: ClassifiedPost, *, add: str = "", links: Sequence[str] = (), discussion: str | None = None
) -> ClassifiedPost:
    """Return a post with more words, links and its discussion."""
    told = post.stored.post
    more = replace(told, text=f"{told.text} {add}".strip(), links=tuple(links))
    return replace(post, stored=replace(post.stored, post=more, discussion=discussion))


def both(find: Find, finnish: list[ClassifiedPost], swedish: list[ClassifiedPost], **more: object) -> TrendReport:
    """Return what stood out in a week of both."""
    return find([*TALK, *finnish, *swedish], lemmatise=lambda word, _: word.casefold(), **more)


def test_shared_address_makes_one_topic(find: Find) -> None:
    """People of both languages link one story: one topic, with the label of each language, and it says why."""
    story = ("https://news.example/uutiset/tuulivoimala-jakaa-kylan?utm_source=x",)
    found = both(
        find,
        said(FINNISH, "fi", links=story),
        said(SWEDISH, "sv", links=("https://news.example/uutiset/tuulivoimala-jakaa-kylan",)),
    )
    (trend,) = found.trends
    assert (trend.writers, trend.joined_by) == (14, ("link",))
    assert trend.label == {"fi": "Rantasauna", "sv": "Strandbastu"}


def test_shared_discussion_makes_one_topic(find: Find) -> None:
    """They answer one another."""
    found = both(find, said(FINNISH, "fi", discussion="x:1"), said(SWEDISH, "sv", discussion="x:1"))
    assert [trend.joined_by for trend in found.trends] == [("discussion",)]


def test_shared_hashtag_of_the_week_makes_one_topic(find: Find) -> None:
    """A hashtag that half of each write, and that was usual neither elsewhere nor before."""
    before = [post for week in WEEK.before(5) for post in burst(writers=1, word="#myllyt", week=week)]
    found = both(find, said(FINNISH, "fi", add="#myllyt"), [*before, *said(SWEDISH, "sv", add="#myllyt")])
    (trend,) = found.trends
    assert {"fi", "sv"} <= trend.label.keys()


def test_place_that_has_risen_makes_one_topic(find: Find) -> None:
    """The same municipality under its Finnish and its Swedish name, of which nobody wrote before."""
    found = both(find, said(FINNISH, "fi", add="Vaasassa"), said(SWEDISH, "sv", add="i Vasa stad"))
    assert [trend.joined_by for trend in found.trends] == [("place",)]


@pytest.mark.parametrize(
    ("finnish", "swedish", "topics"),
    [
        ("Työllisyyspalvelut", "Arbetskraftstjänsterna", 1),
        ("Tuulivoimala", "Vindkraftverk", 1),
        ("Kirjasto", "Simhallen", 2),
        ("Tuulivoimala", "Kärnkraft", 2),
    ],
)
def test_established_translations_make_one_topic(find: Find, finnish: str, swedish: str, topics: int) -> None:
    """Municipal words that mean the same are one topic, in bent forms too; words of other rows are two."""
    talk = [post for post in TALK if "kirjasto" not in (post.stored.post.text or "")]
    posts = [*talk, *said(finnish, "fi"), *said(swedish, "sv")]
    found = find(posts, lemmatise=lambda word, _: word.casefold()).trends
    assert (len(found), {kind for trend in found for kind in trend.joined_by}) == (
        topics,
        {"translation"} if topics == 1 else set(),
    )


def test_cognates_join_only_with_another_sign(find: Find, village: Programme) -> None:
    """Words that begin alike are two topics; with the programme's own vocabulary beside it they are one."""
    finnish, swedish = said("Digitalisaatio", "fi"), said("Digitalisering", "sv")
    assert len(both(find, finnish, swedish).trends) == 2
    words = {"fi": ("digitalisaatio",), "sv": ("digitalisering",)}
    technology = Phenomenon(slug="technology", name=Localised({"fi": "tekniikka"}), words=words)
    (trend,) = both(find, finnish, swedish, programme=replace(village, phenomena=(technology,))).trends
    assert trend.joined_by == ("cognate", "vocabulary")


def test_words_that_met_before_make_one_topic(find: Find) -> None:
    """Bilingual posts of earlier weeks teach that two words mean one thing."""
    taught = [with_more(post, add=SWEDISH) for back in (9, 7, 5, 3) for post in said_in(WEEK.plus(-back), FINNISH)]
    found = both(find, said(FINNISH, "fi"), [*taught, *said(SWEDISH, "sv")])
    assert [trend.joined_by for trend in found.trends] == [("used together",)]


def said_in(week: Week, word: str) -> list[ClassifiedPost]:
    """Return a post of an earlier week."""
    return burst(writers=1, word=word, week=week)


@pytest.mark.parametrize(
    ("finnish", "swedish"),
    [
        ({}, {}),
        (
            {"links": ("https://kunta.example/a/eras-pitka-otsikko-1",)},
            {"links": ("https://kommun.example/a/en-annan-lang-rubrik",)},
        ),
        ({"discussion": "x:1"}, {"discussion": "x:2"}),
        ({"add": "koulu"}, {"add": "koulu"}),
        ({"add": "#Kylä2030"}, {"add": "#Kylä2030"}),
        ({"add": "Vaasassa"}, {"add": "i Borgå stad"}),
    ],
    ids=["nothing", "other links", "other discussions", "everyday word", "the programme's tag", "another place"],
)
def test_weak_evidence_joins_nothing(find: Find, finnish: dict[str, object], swedish: dict[str, object]) -> None:
    """Two topics of one week stay two where they share nothing, or only what everybody shares."""
    found = both(find, said(FINNISH, "fi", **finnish), said(SWEDISH, "sv", **swedish))  # type: ignore[arg-type]
    assert len(found.trends) == 2
    assert not any(trend.joined_by for trend in found.trends)


def test_usual_address_and_one_mans_link_join_nothing(find: Find) -> None:
    """A page that is linked every week is no sign, nor is a story that one writer of each shares."""
    page = ("https://kunta.example/sivut/ohjelma-jatkuu-taas",)
    usual = [with_more(post, links=page) for post in said_in(WEEK.plus(-1), "Torimylly")]
    finnish, swedish = said(FINNISH, "fi", links=page), said(SWEDISH, "sv", links=page)
    assert len(both(find, [*usual, *finnish], swedish).trends) == 2
    story = ("https://news.example/uutiset/tuulivoimala-jakaa-kylan",)
    lone = [with_more(post, links=story if n == 0 else ()) for n, post in enumerate(said(FINNISH, "fi"))]
    assert len(both(find, lone, said(SWEDISH, "sv", links=story)).trends) == 2


def test_two_topics_of_one_language_are_not_joined_by_a_third(find: Find) -> None:
    """The Swedish topic joins the stronger Finnish one; the other stays by itself."""
    story = ("https://news.example/uutiset/tuulivoimala-jakaa-kylan",)
    finnish = [*said(FINNISH, "fi", writers=9, links=story), *said("Lauttaranta", "fi", links=story)]
    found = both(find, finnish, said(SWEDISH, "sv", links=story))
    assert sorted(len(trend.label) for trend in found.trends) == [1, 2]


def test_coordinator_parts_what_was_joined(find: Find) -> None:
    """Split, the two are told by themselves, and only one of them under the key of before."""
    story = ("https://news.example/uutiset/tuulivoimala-jakaa-kylan",)
    finnish, swedish = said(FINNISH, "fi", links=story), said(SWEDISH, "sv", links=story)
    (one,) = both(find, finnish, swedish).trends
    split = Decision(
        kind="split", topic=one.key, terms={one.key: one.terms}, who="MK", at=datetime(2026, 11, 24, tzinfo=UTC)
    )
    parted = both(find, finnish, swedish, decided=decided_by([split])).trends
    assert [trend.joined_by for trend in parted] == [(), ()]
    assert len({trend.key for trend in parted}) == 2
    assert one.key in {trend.key for trend in parted}


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("energia", "energi", True),
        ("koronavirus", "coronavirus", True),
        ("politiikka", "politik", True),
        ("demokratia", "democracy", True),
        ("kommun", "kommunikaatio", False),
        ("koulu", "kouluttautuminen", False),
        ("vesi", "vest", False),
        ("presidentti", "presse", False),
    ],
)
def test_cognates_begin_alike_for_the_most_part(one: str, other: str, *, alike: bool) -> None:
    """Loans are known by their beginning, spelling aside; false friends are not."""
    assert are_cognates(one, other) is alike
