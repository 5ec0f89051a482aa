"""What stands out in a week, what never does, and what is said where nothing can be known."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from programme.week import Week, zone_named
from tests.trends.invented import WEEK, burst, everyday_talk, utter
from trends.find import theme_change
from trends.report import Earlier, TrendReport
from trends.window import TrendSettings, are_kindred, rise

Find = Callable[..., TrendReport]
HISTORY = list(everyday_talk(WEEK.before(12)))
THIS_WEEK = list(everyday_talk([WEEK], seed=2))


def topics(report: TrendReport) -> list[str]:
    """Return the names of the notes."""
    return [trend.topic for trend in report.trends]


def test_planted_burst_is_found(find: Find) -> None:
    """Six people who write of one thing in their own words are the week's one note, with its figures."""
    (trend,) = find([*HISTORY, *THIS_WEEK, *burst(writers=6)]).trends
    assert (trend.topic, trend.writers, trend.posts, trend.state) == ("Tuulivoimala", 6, 6, "new")
    assert (trend.baseline, trend.ratio, trend.ratio_high) == (0, None, None)
    assert trend.ratio_low > 2
    assert trend.weekly == (*[0] * 12, 6)
    assert trend.languages == {"fi": 6}
    assert trend.largest_share == pytest.approx(1 / 6)
    assert len(trend.example_ids) == 3


@pytest.mark.parametrize("seed", range(5), ids=str)
def test_quiet_week_has_no_note(find: Find, seed: int) -> None:
    """Where nothing happens nothing is said, and it is told what would have been found."""
    report = find([*HISTORY, *everyday_talk([WEEK], seed=100 + seed)])
    assert report.trends == ()
    assert report.note is None
    assert report.quiet.detectable_in_nine_of_ten in range(3, 15)
    assert report.quiet.chance_notes_per_quiet_week is None


@pytest.mark.parametrize("posts", [10, 30, 100], ids=str)
def test_flood_of_one_writer_is_no_note(find: Find, posts: int) -> None:
    """One account makes no topic, however much it writes."""
    chance = Random(3)
    flood = [
        utter(f"Tuulivoimala {''.join(chance.choices('aeiklnt', k=9))} nyt {n}x", author="loud", minute=n)
        for n in range(posts)
    ]
    assert find([*HISTORY, *THIS_WEEK, *flood]).trends == ()


@pytest.mark.parametrize("accounts", [10, 30, 100], ids=str)
def test_copies_are_no_note_but_one_line(find: Find, accounts: int) -> None:
    """One text from many accounts makes no topic; it is told as one text by so many accounts."""
    text = "Allekirjoita adressi tuulivoimalan puolesta ennen perjantaita"
    flood = [utter(text + "!" * (n % 3), author=f"copy{n}", minute=n) for n in range(accounts)]
    report = find([*HISTORY, *THIS_WEEK, *flood])
    assert report.trends == ()
    assert [(copies.accounts, copies.posts) for copies in report.copies] == [(accounts, accounts)]


def test_template_is_no_note(find: Find) -> None:
    """A template with its gaps filled makes no topic."""
    template = (
        "Minä {} allekirjoitin adressin tuulivoimalan puolesta koska haluan puhdasta sähköä, allekirjoita sinäkin"
    )
    flood = [
        utter(template.format("".join(Random(n).choices("aeiklnt", k=6))), author=f"t{n}", minute=n) for n in range(30)
    ]
    report = find([*HISTORY, *THIS_WEEK, *flood])
    assert report.trends == ()
    assert report.copies[0].accounts == 30


def test_busy_week_is_no_trend_of_everything(find: Find) -> None:
    """A week with three times the posts brings no topic of its own."""
    careful = TrendSettings(alpha=0.01)
    assert find([*HISTORY, *everyday_talk([WEEK], posts=60, seed=9)], settings=careful).trends == ()


def test_weeks_without_collection_are_no_zeros(find: Find) -> None:
    """What is always written of is no news after weeks in which nothing was collected."""
    steady = [post for n, week in enumerate(WEEK.before(8)) for post in burst(writers=4, week=week) if n % 2]
    posts = [*HISTORY, *steady, *THIS_WEEK, *burst(writers=4)]
    uncovered = set(WEEK.before(8)[::2])
    report = find(posts, covered=lambda week: week not in uncovered)
    assert "Tuulivoimala" not in topics(report)
    assert report.history_weeks == 8


def test_gap_shows_in_the_weekly_counts(find: Find) -> None:
    """A week without collection is None among the weekly voices, not 0."""
    gap = WEEK.plus(-3)
    (trend,) = find([*HISTORY, *THIS_WEEK, *burst(writers=6)], covered=lambda week: week != gap).trends
    assert trend.weekly == (*[0] * 9, None, 0, 0, 6)


def test_short_history_says_growing_not_new(find: Find) -> None:
    """Under eight covered weeks nobody can say that a topic is new."""
    history = everyday_talk(WEEK.before(6))
    assert [trend.state for trend in find([*history, *THIS_WEEK, *burst(writers=7)]).trends] == ["growing"]


def test_topic_after_a_long_silence_is_back(find: Find) -> None:
    """What was written of before, and not for eight covered weeks, is back."""
    history = [*HISTORY, *burst(writers=3, week=WEEK.plus(-11))]
    (trend,) = find([*history, *THIS_WEEK, *burst(writers=9)]).trends
    assert trend.state == "back"
    assert trend.first_seen_at < WEEK.plus(-10).start_at(zone_named("Europe/Helsinki"))


def test_topic_with_recent_voices_is_growing(find: Find) -> None:
    """A few voices last week make it a growing topic, with both ends of its interval."""
    (trend,) = find([*HISTORY, *burst(writers=1, week=WEEK.plus(-1)), *THIS_WEEK, *burst(writers=9)]).trends
    assert trend.state == "growing"
    assert trend.ratio == pytest.approx(9 * 12)
    assert trend.ratio_low < trend.ratio < (trend.ratio_high or 0)


def test_yearly_topic_is_recurring(find: Find) -> None:
    """What people wrote of in the same season a year before recurs; the note knows how far it could look."""
    history = everyday_talk(WEEK.before(54), posts=6)
    posts = [*history, *burst(writers=8, word="joulu tori", week=WEEK.plus(-51)), *THIS_WEEK[:6]]
    (trend,) = find([*posts, *burst(writers=9, word="joulu tori")]).trends
    assert (trend.state, trend.recurrence_known) == ("recurring", True)


def test_yearly_needs_a_second_shared_word(find: Find) -> None:
    """A single shared word does not make last year's topic this year's."""
    history = everyday_talk(WEEK.before(54), posts=6)
    posts = [*history, *burst(writers=8, word="Qatar", week=WEEK.plus(-51)), *THIS_WEEK[:6]]
    assert [trend.state for trend in find([*posts, *burst(writers=9, word="Qatar")]).trends] == ["back"]


def test_under_a_year_recurrence_is_unknown(find: Find) -> None:
    """With twelve weeks of history nobody can know whether a topic is yearly, and the note says so."""
    assert not find([*HISTORY, *THIS_WEEK, *burst(writers=6)]).trends[0].recurrence_known


def test_words_of_the_same_posts_are_one_topic(find: Find) -> None:
    """Two words that people write together make one note, named by both."""
    assert topics(find([*HISTORY, *THIS_WEEK, *burst(writers=6, word="merituuli hanke")])) == ["merituuli hanke"]


def test_words_that_were_apart_before_do_not_hide_a_topic(find: Find) -> None:
    """Where its words together were common before, the topic is counted by its strongest word alone."""
    before = [
        post
        for n, week in enumerate(WEEK.before(10))
        for post in burst(writers=2, word="Merituuli" if n % 2 else "Rautatie", week=week)
    ]
    now = burst(writers=8, word="Merituuli ja Rautatie")
    (trend,) = find([*HISTORY, *before, *THIS_WEEK, *now]).trends
    assert len(trend.terms) == 1
    assert trend.ratio == pytest.approx(8 / (10 / 12))


@pytest.mark.parametrize(
    ("y", "weekly", "before", "surprising"),
    [(2, [0] * 12, 100, False), (9, [0] * 12, 0, True), (9, [9] * 12, 200, False)],
    ids=["too few", "nobody else wrote", "as usual"],
)
def test_rise(y: int, weekly: list[int], before: int, *, surprising: bool) -> None:
    """Fewer than three voices, or no doubling, is no rise; a history without other voices still is one."""
    assert (rise(y, weekly, voices_now=20, voices_before=before) is not None) == surprising


@pytest.mark.parametrize(
    ("said", "kindred"),
    [
        ([(0, ("silta", "auki")), (1, ("silta", "kiinni"))], False),
        ([(0, ("silta", "auki")), (1, ("silta", "auki"))], True),
        ([(0, ("silta", "auki")), (0, ("silta", "auki"))], False),
        ([(0, ("silta", "uusi", "uusi silta")), (1, ("silta", "uusi", "uusi silta"))], False),
    ],
    ids=["only the term", "a second word", "one text", "everyday words and pairs with the term"],
)
def test_kindred_texts_share_more_than_the_term(said: list[tuple[int, tuple[str, ...]]], *, kindred: bool) -> None:
    """Two different texts are kindred by a term of their own, not by everyday speech nor by the term's own pairs."""
    assert are_kindred(said, "silta", {"uusi"}) == kindred


def test_language_of_the_network_serves_before_classification(find: Find) -> None:
    """A post whose language nobody identified yet counts in the language that its network says, or as unsure."""
    posts = burst(writers=6)
    told = [replace(post, stored=replace(post.stored, lang=None)) for post in posts]
    half = [replace(p, stored=replace(p.stored, post=replace(p.stored.post, lang="fi-FI"))) for p in told[:4]]
    assert find([*HISTORY, *THIS_WEEK, *half, *told[4:]]).trends[0].languages == {"fi": 4, "unsure": 2}


def test_topics_of_different_people_stay_apart(find: Find) -> None:
    """Two bursts are two notes, the stronger first."""
    posts = [*HISTORY, *THIS_WEEK, *burst(writers=6, word="Merituuli"), *burst(writers=9, word="Rautatie")]
    assert topics(find(posts)) == ["Rautatie", "Merituuli"]


def test_at_most_five_notes(find: Find) -> None:
    """A week of seven bursts prints the five strongest."""
    words = ("Ahtaus", "Burgeri", "Citymme", "Diesel", "Eläinten", "Fasaani", "Galleria")
    bursts = [post for n, word in enumerate(words) for post in burst(writers=9 + n, word=word)]
    assert len(find([*HISTORY, *everyday_talk([WEEK], posts=40), *bursts]).trends) == 5


def test_weaker_topics_are_on_the_watch_list(find: Find) -> None:
    """What falls short of a note is watched, and is never in both lists."""
    careful = TrendSettings(alpha=1e-6, watch_factor=1e6)
    report = find([*HISTORY, *THIS_WEEK, *burst(writers=4)], settings=careful)
    assert topics(report) == []
    assert "Tuulivoimala" in [trend.topic for trend in report.watch_list]


def test_swedish_and_finnish_names_stand_side_by_side(find: Find) -> None:
    """A topic written in two languages has its name in each."""
    posts = [*burst(writers=5, word="Vaasa"), *burst(writers=4, word="Vaasa i", lang="sv")]
    (trend,) = find([*HISTORY, *THIS_WEEK, *posts]).trends
    assert dict(trend.label) == {"fi": "Vaasa", "sv": "Vaasa"}
    assert dict(trend.languages) == {"fi": 5, "sv": 4}


def test_name_is_a_form_that_people_wrote(find: Find) -> None:
    """The name is the commonest written form, though another word is its lemma."""
    report = find(
        [*HISTORY, *THIS_WEEK, *burst(writers=6, word="Vastaamo")],
        lemmatise=lambda word, _: {"vastaamo": "vastata"}.get(word.casefold(), word),
    )
    assert topics(report) == ["Vastaamo"]
    assert report.trends[0].terms == ("vastata",)


def test_topic_keeps_its_key_over_weeks(find: Find) -> None:
    """Half of its terms carried over, a topic is the one of an earlier issue."""
    posts = [*HISTORY, *THIS_WEEK, *burst(writers=6)]
    (trend,) = find(posts).trends
    assert find(posts).trends[0].key == trend.key
    known = [Earlier(key="other", terms=("silta",)), Earlier(key="t1", terms=(trend.terms[0], "myllyjä"))]
    assert find(posts, earlier=known).trends[0].key == "t1"


@pytest.mark.parametrize(("now", "fades"), [(0, True), (1, True), (7, False)], ids=["silent", "one writer", "as many"])
def test_topic_of_an_earlier_issue_fades(find: Find, now: int, *, fades: bool) -> None:
    """An earlier topic of which significantly fewer write is told as fading, under its key; others are not."""
    posts = [*HISTORY, *burst(writers=9, week=WEEK.plus(-1)), *THIS_WEEK, *burst(writers=now)]
    earlier = [Earlier(key="mill", terms=("tuulivo",)), Earlier(key="other", terms=("silta",))]
    report = find(posts, earlier=earlier)
    assert [trend.key for trend in report.trends if trend.state == "fading"] == ["mill"] * fades
    if fades:
        (trend,) = report.trends
        assert (trend.topic, trend.writers, trend.ratio) == ("Tuulivoimala", now, pytest.approx(now * 12 / 9))
        assert trend.as_json()["state"] == "fading"


def test_theme_is_that_of_half_of_the_posts(find: Find) -> None:
    """A topic has a theme only where one theme holds half of its posts."""
    words = ["".join(Random(n).choices("aeiklntrs", k=9)) for n in range(6)]
    posts = [
        utter(f"Tuulivoimala {word}", author=word, minute=90 + n, theme="roles" if n < 3 else None)
        for n, word in enumerate(words)
    ]
    assert find([*HISTORY, *THIS_WEEK, *posts]).trends[0].theme == "roles"
    assert find([*HISTORY, *THIS_WEEK, *posts[1:], *burst(writers=2)]).trends[0].theme is None


@settings(max_examples=3, deadline=None)
@given(order=st.randoms(use_true_random=False))
def test_order_of_arrival_changes_nothing(find: Find, order: Random) -> None:
    """The report is the same for any order of the posts."""
    posts = [*HISTORY, *THIS_WEEK, *burst(writers=6), *burst(writers=5, word="Rautatie")]
    assert find(order.sample(posts, len(posts))) == find(posts)


def test_posts_of_other_weeks_do_not_matter(find: Find) -> None:
    """Posts after the week, and posts from long before, change nothing."""
    posts = [*HISTORY, *THIS_WEEK, *burst(writers=6)]
    others = [*burst(writers=9, week=WEEK.plus(1)), *burst(writers=9, week=WEEK.plus(-80))]
    assert find([*posts, *others]) == find(posts)


def test_week_53(find: Find) -> None:
    """The year 2026 has a week 53, which is compared like any other."""
    week = Week(year=2026, number=53)
    posts = [*everyday_talk([*week.before(10), week]), *burst(writers=6, week=week)]
    assert topics(find(posts, week=week)) == ["Tuulivoimala"]
    after = Week(year=2027, number=1)
    posts = [*everyday_talk([*after.before(10), after]), *burst(writers=6, week=after)]
    assert find(posts, week=after).trends[0].weekly == (*[0] * 10, 6)


@pytest.mark.parametrize(
    ("posts", "note"),
    [
        ([], "trends.no_posts"),
        (HISTORY, "trends.no_posts"),
        (burst(writers=9), "trends.no_history"),
        ([*everyday_talk(WEEK.before(3)), *burst(writers=9)], "trends.too_little_history"),
        ([*HISTORY, *[utter("🎉", author=f"a{n}", minute=n) for n in range(9)]], "trends.no_words"),
        (
            [*HISTORY, *[utter(f"silta {'xyzåäö'[n] * 5}", author="a", minute=n) for n in range(6)]],
            "trends.too_few_writers",
        ),
        (
            [*HISTORY, *[utter("Sama teksti täällä", author=f"a{n}", minute=n) for n in range(9)]],
            "trends.too_few_writers",
        ),
    ],
    ids=["nothing", "no posts", "no history", "three weeks", "no words", "one writer", "one text"],
)
def test_where_nothing_can_be_known_it_says_why(find: Find, posts: list[object], note: str) -> None:
    """Bad input brings a reason, no note, no detectable size and no crash."""
    report = find(posts)
    assert (report.note, report.trends, report.watch_list) == (note, (), ())
    assert report.quiet.detectable_in_nine_of_ten is None


def test_uncovered_week_says_so(find: Find) -> None:
    """A week that was not collected is not compared with others."""
    report = find([*HISTORY, *THIS_WEEK, *burst(writers=6)], covered=lambda week: week != WEEK)
    assert (report.note, report.trends) == ("trends.not_covered", ())


def test_a_flood_of_distinct_hashtags_is_survived(find: Find) -> None:
    """Six thousand hashtags that nobody shares make no note."""
    flood = [utter(" ".join(f"#t{n}x{i}" for i in range(100)), author=f"h{n}", minute=n) for n in range(60)]
    assert find([*HISTORY, *THIS_WEEK, *flood]).trends == ()


def test_json_has_the_keys_of_the_contract(find: Find) -> None:
    """The printed report has what scripts rely on."""
    printed = find(
        [*HISTORY, *THIS_WEEK, *burst(writers=6), *[utter("Sama teksti täällä", author=f"a{n}") for n in range(4)]]
    ).as_json()
    assert {"trends", "watch_list", "quiet", "week"} <= set(printed)
    assert set(printed["quiet"]) == {"detectable_in_nine_of_ten", "chance_notes_per_quiet_week"}
    (trend,) = printed["trends"]
    keys = "topic theme state posts writers baseline ratio ratio_low ratio_high first_seen_at examples languages"
    assert set(keys.split()) <= set(trend)
    assert all(set(example) == {"network", "native_id"} for example in trend["examples"])
    assert trend["first_seen_at"].endswith("Z")


@pytest.mark.parametrize(
    ("this", "history", "expected"),
    [
        (29, [15, 17, 14, 19, 16, 15, 18, 17], (14, 19, True)),
        (19, [15, 17, 14, 19, 16, 15, 18, 17], (14, 19, False)),
        (1, [15, 17, 14, 19, 16, 15, 18, 17], (14, 19, True)),
        (29, [2, 40, 3, 35, 1, 30, 5, 28], (1, 40, False)),
        (3, [1, 99, 15, 15, 15, 15, 15, 15, 15, 15], (15, 15, True)),
        (9, [], (None, None, False)),
        (9, [1], (1, 1, False)),
        (0, [0, 0, 0], (0, 0, False)),
    ],
    ids=["more", "usual", "fewer", "restless", "eight weeks only", "no history", "one week", "silence"],
)
def test_theme_change(this: int, history: list[int], expected: tuple[int | None, int | None, bool]) -> None:
    """A theme's change is news only where chance and its own restlessness do not explain it."""
    change = theme_change(this, history, themes=4)
    assert (change.low, change.high, change.is_news) == expected


def test_one_account_does_not_tip_what_few_others_write(find: Find) -> None:
    """Nine posts by one account beside those of a few make no note where these few make none; beside many they do."""
    history = [post for week in WEEK.before(12) for post in burst(writers=week.number % 2, week=week)]
    loud = [utter(f"oma {n} asia{n} Tuulivoimala juttu{n} {n * 7}", author="loud", minute=300 + n) for n in range(9)]
    talk = [*everyday_talk([*WEEK.before(12), WEEK]), *history]
    few, many = burst(writers=3), burst(writers=9)
    assert not find([*talk, *few, *loud]).trends
    assert [trend.writers for trend in find([*talk, *many, *loud]).trends] == [10]
