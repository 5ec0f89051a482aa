"""The topic sheet: one page that can be defended, with the strongest objection to itself."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from digest.issue import ProgrammeFacts, ShownPost
from digest.plain import plain_text
from digest.printed import printed
from digest.speech import Speaker
from digest.topic_sheet import Told, TopicSheet, objection, sheet_page
from programme.messages import Messages
from programme.week import Week
from tests.digest.conftest import NAMES, ROLES, invented, three
from trends.report import Trend

SEEN = datetime(2026, 9, 1, tzinfo=UTC)
TREND = Trend(
    topic="työllisyyspalvelut",
    label={"fi": "työllisyyspalvelut", "sv": "arbetskraftstjänster"},
    terms=("työllisyyspalvelu",),
    theme="roles",
    state="growing",
    posts=13,
    writers=11,
    baseline=2.2,
    ratio=5.0,
    ratio_low=2.4,
    ratio_high=9.8,
    first_seen_at=SEEN,
    example_ids=(("mastodon", "101"),),
    languages={"fi": 10, "sv": 3},
    largest_share=0.2,
    weekly=(2, 3, 1, 2, 3, 2, 3, 2, 3, 11),
    key="0123456789abcdef",
    p=1e-6,
    recurrence_known=True,
)
SHEET = TopicSheet(
    week=Week(year=2026, number=47),
    programme=invented().programme,
    trend=TREND,
    theme=NAMES[ROLES],
    organisations=(three("Koivurannan kunta | Björkstrands kommun | Koivuranta"),),
    loudest=2,
    p=1e-6,
    threshold=1e-4,
    earlier=(Told(week=Week(year=2026, number=46), writers=6, posts=7, state="new"),),
    examples=(
        ShownPost(style="link", network="mastodon", url="https://m.example/@x/101", created_at=SEEN, language="fi"),
    ),
    made_at=datetime(2026, 11, 23, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("change", "sheet", "key"),
    [
        ({"writers": 4}, {}, "few"),
        ({}, {"loudest": 7}, "loud"),
        ({"weekly": (None, None, 1, 2, 3, 2, 3, 11)}, {}, "history"),
        ({"state": "recurring"}, {}, "recurring"),
        ({"ratio_low": 1.2}, {}, "interval"),
        ({"recurrence_known": False}, {}, "year"),
        ({}, {}, "selection"),
        ({"writers": 4, "state": "recurring"}, {"loudest": 13}, "few"),
    ],
)
def test_strongest_objection(change: dict[str, object], sheet: dict[str, object], key: str) -> None:
    """The weakest point of a topic is told, and always one; chance goes before everything else."""
    assert objection(replace(SHEET, trend=replace(TREND, **change), **sheet)) == key  # type: ignore[arg-type]  # any field


@pytest.mark.parametrize("state", ["new", "growing", "back", "fading", "recurring"])
def test_page_has_every_part_in_each_language(messages: Messages, state: str) -> None:
    """What, since when, who, languages, evidence, objection, earlier notes and links stand in it; numbers agree."""
    numbers = []
    for language in ("fi", "sv", "en"):
        sheet = replace(SHEET, trend=replace(TREND, state=state))
        page = sheet_page(sheet, Speaker(messages, language, "Europe/Helsinki"))
        html = printed(page)
        assert html.count("<h2") == 7
        assert "https://m.example/@x/101" in html
        assert "@page{size:A4" in html
        assert "cid:" not in html
        text = re.sub(r"\d{1,2}\.\d{1,2}\.\d{4}|\d{1,2} [A-Z][a-z]+ \d{4}", "", plain_text(page))
        numbers.append(sorted(re.findall(r"\d+", text)))
    assert numbers[0] == numbers[1] == numbers[2]


def test_names_of_private_people_are_not_on_it(messages: Messages) -> None:
    """Only listed organisations are named, and posts are linked, not quoted."""
    quoted = replace(SHEET.examples[0], style="text", text="Yksityinen lause", handle="matti")
    page = sheet_page(replace(SHEET, examples=(quoted,)), Speaker(messages, "fi", "Europe/Helsinki"))
    text = plain_text(page)
    assert "Koivurannan kunta" in text
    assert "Yksityinen" not in text
    assert "matti" not in text


def test_topic_without_links_says_so(messages: Messages) -> None:
    """Where every example was deleted, the page says that there is nothing to link to."""
    bare = replace(SHEET, examples=(), earlier=(), organisations=(), theme=None, p=None)
    text = plain_text(sheet_page(bare, Speaker(messages, "en", "Europe/Helsinki")))
    assert "There are no posts left to link to." in text
    assert "The digests have not told of this topic before." in text
    assert isinstance(bare.programme, ProgrammeFacts)
