"""People who put one word into different compounds write of one thing."""

from collections.abc import Callable
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.trends.invented import WEEK, everyday_talk, utter
from trends.compounds import with_parts
from trends.count import Utterance
from trends.report import TrendReport
from trends.window import are_kindred

Find = Callable[..., TrendReport]
TALK = [*everyday_talk([*WEEK.before(12), WEEK])]
COMPOUNDS = ("Juhannusliikenne", "juhannusjuhlat", "Juhannussalko", "juhannussauna", "juhannuskokko")


def spoken(*terms: str, lang: str = "fi", number: int = 0) -> Utterance:
    """Return a post with some terms."""
    return Utterance(
        key=("x", str(number)),
        week=WEEK,
        created_at=utter("").stored.post.created_at,
        account=None,
        repost_of=None,
        text=" ".join(terms),
        terms=terms,
        lang=lang,
        theme=None,
    )


def parts(lang: str, *words: str) -> list[tuple[str, ...]]:
    """Return what the words' posts are counted by, where each of the others is written alone twice."""
    posts = [spoken(word, lang=lang, number=number) for number, word in enumerate(words)]
    return [one.terms[1:] for one in with_parts(posts)]


def test_first_parts_are_found_as_they_are_bent() -> None:
    """Nominative, genitive and the forms of -nen in Finnish; the linking s in Swedish; the longest part wins."""
    assert parts("fi", "juhannus", "juhannus", "juhannusliikenne")[2] == ("juhannus",)
    assert parts("fi", "pääsiäinen", "pääsiäinen", "pääsiäistervehdys")[2] == ("pääsiäinen",)
    assert parts("fi", "koulu", "koulu", "koulunkäynti")[2] == ("koulu",)
    assert parts("sv", "kommun", "kommun", "kommunsammanslagning")[2] == ("kommun",)
    words = ("tuuli", "tuuli", "tuulivoima", "tuulivoima", "tuulivoimapuisto")
    assert parts("fi", *words)[4] == ("tuulivoima",)


def test_bent_names_are_found() -> None:
    """A name that no dictionary knows counts in every case, and a short word is no name."""
    assert parts("fi", "biden", "biden", "bidenin", "bidenille")[2:] == [("biden",), ("biden",)]
    assert parts("sv", "lindtman", "lindtman", "lindtmans")[2] == ("lindtman",)
    assert parts("fi", "abe", "abe", "aben")[2] == ()


def test_what_nobody_writes_alone_is_no_part() -> None:
    """A word written alone once, in another language, or cut too short, parts nothing."""
    assert parts("fi", "juhannus", "juhannusliikenne")[1] == ()
    assert parts("fi", "tie", "tie", "tiedottaja")[2] == ()
    posts = [*(spoken("kommun", lang="sv", number=n) for n in range(2)), spoken("kommunikaatio", number=3)]
    assert with_parts(posts)[2].terms == ("kommunikaatio",)


@given(seed=st.integers(), cut=st.integers(min_value=0, max_value=6))
def test_order_and_halves_make_no_difference(seed: int, cut: int) -> None:
    """The same posts have the same parts in any order, however they came together."""
    posts = [
        spoken(w, number=n) for n, w in enumerate(("juhannus", "juhannus", "juhannussalko", "äiti", "äiti", "äitiys"))
    ]
    mixed = [*posts[cut:], *posts[:cut]]
    Random(seed).shuffle(mixed)
    assert {one.key: one.terms for one in with_parts(mixed)} == {one.key: one.terms for one in with_parts(posts)}


def test_five_people_with_five_compounds_are_a_topic(find: Find) -> None:
    """Each writes another word; the part that they share is the topic, named as people wrote it."""
    alone = [utter("Juhannus oli", author=f"u{n}", week=WEEK.plus(-9 - n), minute=90) for n in range(2)]
    posts = [utter(f"{word} {n}", author=f"j{n}", minute=n) for n, word in enumerate(COMPOUNDS)]
    (trend,) = find([*TALK, *alone, *posts], lemmatise=lambda word, _: word.casefold()).trends
    assert (trend.writers, trend.terms[0], trend.topic.casefold()) == (5, "juhannus", "juhannus")


def test_compounds_of_a_word_are_no_second_word() -> None:
    """Sharing a compound beside its part is sharing one word; another word is evidence of a topic."""
    said = [(1, ("juhannus", "juhannusliikenne")), (2, ("juhannus", "juhannusliikenne"))]
    assert not are_kindred(said, "juhannus", ())
    assert are_kindred([(n, (*terms, "ruuhka")) for n, terms in said], "juhannus", ())
