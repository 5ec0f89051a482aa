"""Numbers that must not say more than they hold: one loud account, a multiple of almost nothing, few people."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from digest.issue import Issue, Level, UsualRange
from digest.render import RenderedIssue

Render = Callable[..., RenderedIssue]
LANGUAGES = ("fi", "sv", "en")
WRITERS = UsualRange(low=60, high=70, weeks=7)


def words(made: RenderedIssue) -> str:
    """Return a mail's plain text in one line."""
    return " ".join(made.text.split())


@pytest.mark.parametrize(
    ("language", "summary", "note"),
    [
        ("fi", "Yksi tili kirjoitti niistä 28.", "(26 yhdeltä tililtä)"),
        ("sv", "Ett enda konto skrev 28 av dem.", "(26 från ett enda konto)"),
        ("en", "One account wrote 28 of them.", "(26 from one account)"),
    ],
)
def test_one_loud_account_is_told_and_not_named(
    rendered: Render, week47: Issue, language: str, summary: str, note: str
) -> None:
    """Where one account wrote a tenth of the week, its part stands in the summary and on its line."""
    loud = replace(week47, total=replace(week47.total, loudest=28), none=replace(week47.none, loudest=26))
    assert summary in words(rendered(loud, language))
    assert note in words(rendered(loud, language))
    assert summary not in words(rendered(week47, language))


@pytest.mark.parametrize(("posts", "loudest"), [(102, 10), (20, 4)], ids=["under a tenth", "under five"])
def test_usual_diligence_is_not_told(rendered: Render, week47: Issue, posts: int, loudest: int) -> None:
    """Less than a tenth of the week, or fewer than five posts, is nothing to warn of."""
    assert "Yksi tili" not in words(
        rendered(replace(week47, posts=posts, total=replace(week47.total, loudest=loudest)))
    )


def test_a_theme_that_one_account_made_says_so(rendered: Render, week47: Issue) -> None:
    """The theme of the summary tells the account's part; elsewhere its gloss gives way to it."""
    first, second, cooperation, last = week47.themes
    loud = replace(week47, themes=(first, second, replace(cooperation, loudest=20), last))
    text = words(rendered(loud))
    assert "Viikolla 46 niitä oli 19. Yksi tili kirjoitti niistä 20." in text
    assert "(20 yhdeltä tililtä)" in text


@pytest.mark.parametrize(
    ("level", "subject", "sentence"),
    [
        ("more", "viestejä tavallista enemmän, 102", "Viestejä ja kirjoittajia on tavallista enemmän: edeltäneillä 7"),
        ("fewer", "viestejä tavallista vähemmän, 102", "Viestejä ja kirjoittajia on tavallista vähemmän: edeltäneillä"),
        ("mixed", "102 viestiä", "Edeltäneillä 7 viikolla viestejä oli 97–115 ja kirjoittajia 60–70."),
        ("usual", "viestejä tavallinen määrä, 102", "tavallinen määrä: edeltäneillä 7 viikolla niitä oli 97–115."),
    ],
)
def test_the_level_is_carried_by_writers_too(
    rendered: Render, week47: Issue, level: Level, subject: str, sentence: str
) -> None:
    """Posts and writers are both told where the week is not usual; where they disagree the subject only counts."""
    made = rendered(replace(week47, level=level, usual_writers=WRITERS))
    assert made.subject.endswith(f"– {subject}")
    assert sentence in words(made)


def test_an_issue_that_knows_no_usual_writers_compares_its_posts(rendered: Render, week47: Issue) -> None:
    """An issue of an earlier version is still told."""
    assert "Viestejä on tavallista enemmän: edeltäneillä 7" in words(rendered(replace(week47, level="more")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_multiple_of_almost_nothing_is_not_told(rendered: Render, week47: Issue, language: str) -> None:
    """Below one writer in a usual week no ratio is printed, in any language."""
    rare = replace(week47.topics[0], baseline=0.25, ratio=60.0, ratio_low=19.5, ratio_high=231.5)
    text = words(rendered(replace(week47, topics=(rare,)), language))
    assert "60" not in text
    assert "231" not in text
    said = {"fi": "viikossa enintään yksi", "sv": "högst en person i veckan", "en": "at most one a week"}[language]
    assert text.count(said) == 2


def test_a_handful_of_writers_may_be_chance(rendered: Render, week47: Issue) -> None:
    """A topic of three or four people says so; one of five does not."""
    few, enough = (replace(week47.topics[2], writers=writers) for writers in (4, 5))
    assert "kyse voi olla sattumasta" in words(rendered(replace(week47, topics=(few,))))
    assert "kyse voi olla sattumasta" not in words(rendered(replace(week47, topics=(enough,))))


def test_a_fading_topic_is_no_topic_on_the_rise(rendered: Render, week47: Issue) -> None:
    """It stands in a line of its own after what silence means, without a heading, chart or example."""
    fading = replace(week47.topics[0], state="fading", ratio=0.3, writers=1, examples=("mastodon:101",))
    alone = words(rendered(replace(week47, topics=(fading,))))
    assert "Mikään aihe ei erottunut 102 viestistä." in alone
    assert "Hiipumassa: ”Kuntien rooli työllisyyspalveluissa” (1 kirjoittaja)." in alone
    assert "kattaako valtionosuus menot" not in alone
    beside = words(rendered(replace(week47, topics=(week47.topics[1], fading))))
    assert "Muuta ei erottunut." in beside
    assert "Hiipumassa:" in beside


@pytest.mark.parametrize("language", LANGUAGES)
def test_silent_themes_share_one_line(rendered: Render, week47: Issue, language: str) -> None:
    """A theme of which nobody wrote has its line in the table, but no section that says nothing."""
    first, *others = (replace(row, series=(3, 0)) for row in week47.themes)
    said = {"fi": "Ei viestejä tällä viikolla: ", "sv": "Inga inlägg den här veckan: ", "en": "No posts this week: "}
    made = rendered(replace(week47, themes=(first, *others)), language)
    names = " · ".join(row.name[language] for row in (first, *others))
    assert said[language] + names in words(made)
    assert said[language] not in words(rendered(week47, language))
