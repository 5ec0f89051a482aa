"""What pages are made of: addresses, languages, trees and the strip of hours; pure."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.address import discussion_path, midnight, named_post, read_day, with_query
from console.strip import CELL, ROW, days, troubles
from console.thread import DEEPEST, Branch, grown
from console.tongue import choose, language_tag
from console.trail import LONGEST, Step, read, written
from console.views.marked import marked, spoke
from corpus.ledger import HourCoverage, HourState
from corpus.post import Reason
from programme.week import Week, zone_named

HELSINKI = zone_named("Europe/Helsinki")
STATES: list[HourState] = ["covered", "empty", "failed", "refused", "rate_limited", "paused", "off"]


@given(
    st.sampled_from(["x", "mastodon", "feed"]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1),
)
def test_address_of_a_discussion_names_its_post(network: str, native_id: str) -> None:
    """Whatever a network's id holds, its address is one path of safe characters and leads back to it."""
    path = discussion_path(network, native_id)
    assert path.count("/") == 2
    assert path.isascii()
    assert named_post(unquote(path.removeprefix("/discussions/"))) == (network, native_id)


@pytest.mark.parametrize("name", ["", ":", "x", "x:", ":1", "x:1\0"])
def test_what_names_no_post_is_told(name: str) -> None:
    """Without a network or an id, or with a byte that no database takes, nothing is asked for."""
    assert named_post(name) is None


def test_days_begin_at_midnight_in_the_programmes_time_zone() -> None:
    """A day's first instant is the local one."""
    assert midnight(date(2026, 11, 16), HELSINKI) == datetime(2026, 11, 15, 22, tzinfo=UTC)


def test_empty_parameters_are_left_out() -> None:
    """An address holds what was asked, encoded, and nothing empty."""
    assert with_query("/x", {"q": "a b&c", "lang": "", "key": None}) == "/x?q=a+b%26c"
    assert with_query("/x", {"q": ""}) == "/x"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("9.11.2026", date(2026, 11, 9)),
        (" 09/11/2026 ", date(2026, 11, 9)),
        ("2026-11-09", date(2026, 11, 9)),
        ("31.2.2026", None),
        ("9.11.26", None),
        ("1.1.0001", None),
        ("tomorrow", None),
        ("٩.١١.٢٠٢٦", None),
    ],
)
def test_days_are_read_as_people_write_them(text: str, day: date | None) -> None:
    """Finnish, Swedish, British and ISO dates are understood, nonsense is not."""
    assert read_day(text) == day


@pytest.mark.parametrize(
    ("asked", "cookie", "header", "language"),
    [
        ("sv", "fi", "en", "sv"),
        ("de", "sv", "en", "sv"),
        (None, "xx", "de, en-GB;q=0.5, sv;q=0.8", "sv"),
        (None, None, "en-US", "en"),
        (None, None, "en;q=0, de", "fi"),
        (None, None, "", "fi"),
        (None, None, "sv;q=1.2.3,;;,en", "en"),
    ],
)
def test_language_is_what_the_reader_wants(asked: str | None, cookie: str | None, header: str, language: str) -> None:
    """The address wins over an earlier choice, that over the browser; what nobody speaks is passed over."""
    assert choose(["fi", "sv", "en"], asked=asked, cookie=cookie, header=header) == language


@given(st.text())
def test_any_header_is_answered(header: str) -> None:
    """No header makes a page fail."""
    assert choose(["fi", "sv"], asked=header, cookie=header, header=header) in ("fi", "sv")


def test_languages_of_posts_are_tags_or_unknown() -> None:
    """What a network says of a post's language stands in a page only where it can be one."""
    found = [language_tag(one) for one in ("fi", "pt-BR", "other", "unsure", "", None, '"><b>', "klingonish")]
    assert found == ["fi", "pt-BR", *["und"] * 6]


@given(st.lists(st.integers(0, 12)))
def test_trees_keep_the_order_of_reading(depths: list[int]) -> None:
    """Read from top to bottom, a tree gives its items in their order, none deeper than the deepest."""
    read: list[int] = []

    def walk(branches: list[Branch[int]], depth: int) -> None:
        assert not branches or depth <= DEEPEST
        for branch in branches:
            read.append(branch.item)
            walk(branch.below, depth + 1)

    walk(grown((depth, n) for n, depth in enumerate(depths)), 0)
    assert read == list(range(len(depths)))


def test_answers_stand_under_what_they_answer() -> None:
    """Depths become branches."""
    tops = grown([(0, "a"), (1, "b"), (2, "c"), (1, "d"), (0, "e")])
    assert [top.item for top in tops] == ["a", "e"]
    assert [one.item for one in tops[0].below] == ["b", "d"]
    assert [one.item for one in tops[0].below[0].below] == ["c"]


@settings(deadline=None)  # a busy machine is no fault
@given(st.lists(st.sampled_from(STATES), min_size=168, max_size=168), st.booleans())
def test_strip_counts_every_hour_once(states: list[HourState], late: bool) -> None:
    """Each hour is drawn once and counted once, and the stretches together are the missing ones."""
    start = Week.named("2026-W47").start_at(HELSINKI)
    hours = [_hour(start + timedelta(hours=n), state, late) for n, state in enumerate(states)]
    found = days({"a": hours, "b": hours[:100]}, HELSINKI)
    assert [day.on for day in found] == [date(2026, 11, 16) + timedelta(days=n) for n in range(7)]
    assert sum(sum(day.counts["a"].values()) for day in found) == 168
    missing = sum(state not in ("covered", "empty") for state in states)
    stretches = [one for day in found for one in day.missing if one.source == "a"]
    assert sum((one.to_at - one.from_at) // timedelta(hours=1) for one in stretches) == missing
    assert set(troubles(found)) == set(states) - {"covered", "empty"}
    assert sum(day.refilled.get("a", 0) for day in found) == (168 - missing if late else 0)


@pytest.mark.parametrize(("week", "hours"), [("2026-W13", 23), ("2026-W43", 25)])
def test_days_on_which_clocks_change_are_as_long_as_they_are(week: str, hours: int) -> None:
    """The last Sunday of March has 23 hours, that of October 25."""
    some = [_hour(hour, "empty", late=False) for hour in Week.named(week).hours(HELSINKI)]
    found = days({"a": some, "b": []}, HELSINKI)
    assert [day.hours for day in found] == [24] * 6 + [hours]
    assert [(day.width // CELL, day.height // ROW) for day in found] == [(24, 2)] * 6 + [(max(hours, 24), 2)]


def test_no_source_makes_no_strip() -> None:
    """Nothing is drawn of nothing."""
    assert days({}, HELSINKI) == []
    assert days({"a": []}, HELSINKI) == []


def _hour(at: datetime, state: HourState, late: bool) -> HourCoverage:
    was: HourState | None = "failed" if late and state in ("covered", "empty") else None
    return HourCoverage(source="a", hour_at=at.astimezone(UTC), state=state, was=was)


@given(st.text(max_size=80), st.lists(st.sampled_from(["bussi", "ajoi puistoon", "sote-uudistus", "<b>", ""])))
def test_marked_text_is_the_text(said: str, words: list[str]) -> None:
    """Whatever words decided, the pieces together are the text, character by character."""
    text = f"{said} Bussi ajoi #puistoon @bussi Sote-uudistus {said}"
    reasons = [Reason(kind=("word", "against", "seed")[place % 3], text=word) for place, word in enumerate(words)]
    assert "".join(piece.text for piece in marked(text, spoke(reasons))) == text


def test_words_are_marked_by_their_side() -> None:
    """A word is marked in whatever case, in hashtags too, not in names; what speaks for wins over against."""
    reasons = [
        Reason(kind="unsure", text="parks, buses"),
        Reason(kind="against", text="puistoon"),
        Reason(kind="against", text="bussi"),
        Reason(kind="word", text="bussi"),
        Reason(kind="nearest", text="ajoi"),
    ]
    words = spoke(reasons)
    assert [(word.text, word.is_for) for word in words] == [("bussi", True), ("puistoon", False), ("bussi", False)]
    pieces = marked("BUSSI ajoi #puistoon, @bussi", words)
    assert [(piece.text, piece.side) for piece in pieces] == [
        ("BUSSI", "for"),
        (" ajoi ", ""),
        ("#puistoon", "against"),
        (", @bussi", ""),
    ]


@given(st.lists(st.tuples(st.integers(0, 10**18 - 1), st.none() | st.integers(0, 10**17 - 1)), max_size=LONGEST))
def test_trail_comes_back_from_its_cookie(steps: list[tuple[int, int | None]]) -> None:
    """The newest steps are read as they were written, and a cookie fits a browser; anything else is no step."""
    trail = tuple(Step(post_id=post_id, at=at) for post_id, at in steps)
    cookie = written(trail)
    assert len(cookie) < 4_000
    assert read(cookie) == trail
    assert read(f"<b>-{cookie}-1.2.3-x") == trail


@given(st.text())
def test_any_cookie_is_read(cookie: str) -> None:
    """Nothing in a cookie breaks the page."""
    assert len(read(cookie)) <= LONGEST
