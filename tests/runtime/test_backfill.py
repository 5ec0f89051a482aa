"""`backfill` as its user meets it."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.collector.fake_wire import Clock
from tests.collector.fake_x import BEARER, FakeX
from tests.runtime.conftest import Command

NOW = "2026-11-23T06:00:00Z"


@pytest.fixture
def fake(configured: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeX]:
    """X on loopback with twelve posts of October, and a source that reads it."""
    monkeypatch.setenv("KUNTAKAIKU_X_BEARER_TOKEN", BEARER)
    with FakeX(Clock(datetime(2026, 10, 2, 8, tzinfo=UTC)), page=5) as network:
        for _ in range(12):
            network.clock.pass_by(hours=1)
            network.publish(1, hashtag="pieniohjelma")
        (configured / "sources.toml").write_text(
            f'[[source]]\nname = "x"\nnetwork = "x"\nenabled = true\nbase_url = "{network.url}"\n'
            "government_use_attested = true\nmonthly_budget_usd = 10\ntimeout = 2\n"
            '[[source]]\nname = "blog"\nnetwork = "feed"\nenabled = true\nbase_url = "http://127.0.0.1:1/"\n'
            '[[source]]\nname = "off"\nnetwork = "x"\nenabled = false\n'
        )
        yield network


SPAN = ("--since", "2026-10-01", "--until", "2026-11-01")


@pytest.mark.everything
def test_price_is_told_and_the_span_filled(kuntakaiku: Command, fake: FakeX) -> None:
    """With --yes the price is told, everything is stored, and the JSON has runs as of collect and the estimate."""
    told = kuntakaiku("backfill", "x", *SPAN, "--yes", "--json")
    assert told.exit == 0
    assert told.json["estimate"] == {"posts": 12, "usd": 0.18, "left_usd": 9.995}
    assert (told.json["runs"][0]["inserted"], told.json["runs"][0]["complete"]) == (12, True)
    assert "12 posts, at most $0.18" in told.err
    assert fake.billed <= 185
    assert "empty, 0 new" in kuntakaiku("backfill", "x", *SPAN, "--yes").out


def test_without_a_terminal_nothing_is_paid_unasked(kuntakaiku: Command, fake: FakeX) -> None:
    """Where nobody can be asked and --yes is missing, only the count is paid, the price told and the exit 2."""
    told = kuntakaiku("backfill", "x", *SPAN)
    assert (told.exit, {asked.path for asked in fake.asked}) == (2, {"/2/tweets/counts/all"})
    assert "12 posts, at most $0.18; $9.99 of this month's budget are left." in told.err
    assert "Add --yes" in told.err
    assert fake.billed == 5


def test_without_a_terminal_the_estimate_is_json_too(kuntakaiku: Command, fake: FakeX) -> None:
    """A script gets the price as one JSON value with the remedy, and nothing is read."""
    told = kuntakaiku("backfill", "x", *SPAN, "--json")
    assert told.exit == 2
    assert told.json["estimate"] == {"posts": 12, "usd": 0.18, "left_usd": 9.995}
    assert (told.json["runs"], told.json["error"]["remedy"]) == ([], "Add --yes to read them.")
    assert not any("search" in asked.path for asked in fake.asked)


@pytest.mark.everything
@pytest.mark.parametrize(("answer", "code", "inserted"), [("y\n", 0, 12), ("n\n", 2, 0)], ids=["yes", "no"])
def test_price_is_asked_at_a_terminal(
    kuntakaiku: Command,
    fake: FakeX,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    code: int,
    inserted: int,
) -> None:
    """At a terminal the price is shown and nothing is read unless a person says so."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal(answer))
    told = kuntakaiku("backfill", "x", *SPAN)
    assert told.exit == code
    assert "at most $0.18" in told.err
    assert any("search" in asked.path for asked in fake.asked) == bool(inserted)


@pytest.mark.usefixtures("fake")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(("blog", *SPAN), "no archive", id="feed"),
        pytest.param(("off", *SPAN), "switched off", id="off"),
        pytest.param(("none", *SPAN), "There is no source", id="unknown"),
        pytest.param(("x", "--since", "soon", "--until", "2026-11-01"), "is no date", id="no-date"),
        pytest.param(("x", "--since", "2026-11-01", "--until", "2026-10-01"), "must lie before", id="reversed"),
    ],
)
def test_misuse_is_told(kuntakaiku: Command, arguments: tuple[str, ...], said: str) -> None:
    """What cannot be backfilled is refused with its reason and exit 2."""
    told = kuntakaiku("backfill", *arguments, "--yes")
    assert told.exit == 2
    assert said in told.err


def test_part_and_nothing_have_their_codes(kuntakaiku: Command, fake: FakeX) -> None:
    """A part of the span is exit 3; a source that rests is told and asked nothing."""
    fake.faults.extend(["ok", "ok", "429 reset"])  # the counts, a page, and no more
    fake.clock.now = datetime.fromisoformat(NOW)
    told = kuntakaiku("backfill", "x", *SPAN, "--yes")
    assert told.exit == 3
    assert "not complete" in told.out
    asked = len(fake.asked)
    resting = kuntakaiku("backfill", "x", *SPAN, "--yes")
    assert (resting.exit, len(fake.asked)) == (2, asked)
    assert "rests until" in resting.err
