"""The trend note: numbers of a span of weeks, and the page that tells them."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.post import Author, ClassifiedPost, Label, Post, StoredPost
from digest.compose import programme_facts
from digest.issue import StoredIssueError
from digest.note_mail import render_note
from digest.plain import plain_text
from digest.printed import printed
from digest.render import RenderingError
from digest.scene import Addresses
from digest.slots import UNSUBSCRIBE
from digest.speech import Speaker
from digest.trend_note import TrendNote, trend_note, weeks_of_month
from digest.trend_page import trend_page
from programme.load import load_or_raise, shipped_directory
from programme.messages import Messages
from programme.types import Programme
from programme.week import Week
from tests.digest.conftest import topic
from trends.find import theme_change

FIRST, LAST = Week(year=2026, number=40), Week(year=2026, number=43)
THEME = "operating-models"


@pytest.fixture(scope="module")
def programme() -> Programme:
    """The shipped programme."""
    return load_or_raise(shipped_directory()).programme


def posts_of(numbers: dict[int, int], theme: str = THEME) -> list[ClassifiedPost]:
    """Return invented posts of a theme: how many in which week."""
    return [
        ClassifiedPost(
            stored=StoredPost(
                post_id=number * 1_000 + n,
                post=Post(
                    network="mastodon",
                    native_id=f"{theme} {number} {n}",
                    text="Keksitty viesti",
                    created_at=datetime.combine(Week(year=2026, number=number).monday, datetime.min.time(), UTC)
                    + timedelta(hours=12, minutes=n),
                    via="hashtag",
                    author=Author(native_id=f"a{n % 7}", handle="x", name="X"),
                ),
                source="masto",
                first_seen_at=datetime(2026, 11, 1, tzinfo=UTC),
                last_seen_at=datetime(2026, 11, 1, tzinfo=UTC),
                lang="fi",
            ),
            prediction=None,
            labels=(Label(theme=theme, by="EK", at=datetime(2026, 11, 1, tzinfo=UTC)),),
        )
        for number, count in numbers.items()
        for n in range(count)
    ]


def made(programme: Programme, numbers: dict[int, int], **changes: object) -> TrendNote:
    """Return the note of weeks 40 to 43."""
    fields: dict[str, object] = {
        "posts": posts_of(numbers),
        "programme": programme,
        "facts": programme_facts(programme),
        "covered": lambda week: week.number >= 30,
        "change": lambda this, history: theme_change(this, history, themes=4),
        "topics": {},
        "model": "cold-1",
        "made_at": datetime(2026, 11, 1, tzinfo=UTC),
    }
    return trend_note(FIRST, LAST, **(fields | changes))  # type: ignore[arg-type]  # a test passes what it takes


STEADY = dict.fromkeys(range(32, 44), 10)


def turn_of(note: TrendNote, slug: str = THEME):  # type: ignore[no-untyped-def]  # noqa: ANN201 - as it stands there
    """Return one line."""
    return next(one for one in note.turns if one.slug == slug)


def test_weeks_are_counted_and_compared(programme: Programme) -> None:
    """A theme has its weekly numbers, and the sum of as many weeks before; a week that stands out is named."""
    turn = turn_of(made(programme, STEADY | {42: 60}))
    assert turn.series == (10, 10, 60, 10)
    assert turn.before == 40
    assert (turn.more, turn.fewer) == ((Week(year=2026, number=42),), ())


def test_nothing_is_compared_over_a_gap(programme: Programme) -> None:
    """A week that was not collected is told, has no number, and the span before is not set beside this one."""
    note = made(programme, STEADY, covered=lambda week: week.number >= 30 and week.number != 41)
    assert note.missing == (Week(year=2026, number=41),)
    assert turn_of(note).series == (10, None, 10, 10)
    assert turn_of(note).before is None


def test_span_that_is_compared_with_none_says_why(programme: Programme, messages: Messages) -> None:
    """Without the weeks before there is no column of dashes but a sentence; a demonstration's note says what it is."""
    lone = made(programme, STEADY, covered=lambda week: week.number >= 40, demonstration=True)
    page = trend_page(lone, Speaker(messages, "fi", "Europe/Helsinki"))
    said = " ".join(plain_text(page).split())
    assert "Edeltäviä viikkoja ei kerätty kaikkia" in said
    assert "Tämä on esittely." in said
    assert page.subject.startswith("Esittely: ")
    assert {
        len(row.cells) for band in page.bands for one in band.blocks if one.kind == "table" for row in one.rows
    } == {1}
    compared = plain_text(trend_page(made(programme, STEADY), Speaker(messages, "fi", "Europe/Helsinki")))
    assert "Edeltäviä viikkoja" not in compared
    assert "esittely" not in compared


def test_stored_note_is_read_as_it_was_made(programme: Programme) -> None:
    """What a draft keeps is all that its mails are made of; numbers of another form are refused."""
    note = made(programme, STEADY | {42: 60}, topics={LAST: (topic("work"),)}, theme=THEME)
    assert TrendNote.from_json(json.loads(json.dumps(note.as_json()))) == note
    with pytest.raises(StoredIssueError):
        TrendNote.from_json({"first": {"year": 2026, "number": 40}})


def test_note_too_large_for_a_mail_is_none(programme: Programme, messages: Messages) -> None:
    """No mail is made that a mail program would cut."""
    note = made(programme, STEADY)
    large = replace(note, turns=note.turns * 12)
    with pytest.raises(RenderingError, match="more than"):
        render_note(large, language="fi", messages=messages)
    mail = render_note(
        note, language="fi", messages=messages, addresses=Addresses(archive="https://k.example/archive/")
    )
    assert UNSUBSCRIBE in mail.html
    assert UNSUBSCRIBE in mail.text


def test_sums_agree(programme: Programme) -> None:
    """The lines make up the total, and one theme's note is that line alone."""
    both = posts_of(STEADY) + posts_of({41: 3}, "participation-and-services")
    note = made(programme, {}, posts=both)
    assert sum(one.posts for one in note.turns) == note.total.posts == 43
    lone = made(programme, {}, posts=both, theme="participation-and-services")
    assert [one.slug for one in lone.turns] == ["participation-and-services"]
    assert lone.total.posts == 3


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)))
def test_every_week_belongs_to_one_month(day: date) -> None:
    """Months share no week and leave none out: a month's first week follows the last one of the month before."""
    first, last = weeks_of_month(day.year, day.month)
    year, month = (day.year, day.month + 1) if day.month < 12 else (day.year + 1, 1)
    assert weeks_of_month(year, month)[0] == last.plus(1)
    assert 4 <= (last.monday - first.monday).days // 7 + 1 <= 5


def test_languages_say_the_same(programme: Programme, messages: Messages) -> None:
    """Finnish, Swedish and English have the same numbers and parts; the page stands alone; charts tell numbers."""
    told = {Week(year=2026, number=42): (topic("work"), topic("old", state="fading"))}
    note = made(programme, STEADY | {42: 60}, topics=told)
    numbers, tags = [], []
    for language in ("fi", "sv", "en"):
        page = trend_page(note, Speaker(messages, language, "Europe/Helsinki"))
        html = printed(page)
        assert "cid:" not in html
        assert not re.search(r'(?:src|href)="http', html.replace("http://www.w3.org", ""))
        assert len(page.charts) == len(note.turns) + 1 + len(programme.themes)
        alts = re.findall(r'alt="([^"]*)"', html)
        assert all(any(char.isdigit() for char in alt) for alt in alts)
        assert page.subject
        numbers.append([int(n) for n in re.findall(r"\d+", _without_dates(plain_text(page)))])
        tags.append(re.findall(r"<(h[1-3]|table|img)", html))
    assert sorted(numbers[0]) == sorted(numbers[1]) == sorted(numbers[2])
    assert tags[0] == tags[1] == tags[2]


def _without_dates(text: str) -> str:
    return re.sub(r"\d{1,2}\.\d{1,2}\.\d{4}|\d{1,2} [A-Z][a-z]+ \d{4}", "", text)


@pytest.mark.parametrize(("weeks", "bars"), [(8, 8), (12, 3), (53, 5)], ids=["weeks", "months", "quarters"])
def test_long_spans_are_summed(programme: Programme, messages: Messages, weeks: int, bars: int) -> None:
    """No chart has more bars than a phone can show; the alternative text has every week."""
    last = Week(year=2026, number=43)
    first = last.plus(1 - weeks)
    note = trend_note(
        first,
        last,
        posts=posts_of(STEADY),
        programme=programme,
        facts=programme_facts(programme),
        covered=lambda _: True,
        change=theme_change,
        topics={},
        model=None,
        made_at=datetime(2026, 11, 1, tzinfo=UTC),
        theme=THEME,
    )
    page = trend_page(note, Speaker(messages, "fi", "Europe/Helsinki"))
    (chart,) = [block for band in page.bands for block in band.blocks if block.kind == "bars"]
    assert len(chart.labels) == len(chart.values) == bars
    assert chart.chart.alt.count(",") + chart.chart.alt.count(" ja ") >= weeks - 1
