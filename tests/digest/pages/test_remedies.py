"""What can be done about a gap, in words: for editors beside the source, in every language."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from collector.recall import Way
from digest.collected import Coverage, Outage, Piece
from digest.issue import Issue
from digest.remedy import remedy
from digest.render import RenderedIssue
from digest.speech import Speaker
from programme.messages import Messages

Render = Callable[..., RenderedIssue]
FROM = datetime(2026, 11, 17, 6, tzinfo=UTC)
COMMAND = "kuntakaiku backfill x --since 2026-11-17T06:00:00Z --until 2026-11-18T06:00:00Z"


def piece(way: str, days: int, until: datetime | None = None) -> Piece:
    """Return a day of a gap."""
    at = FROM + timedelta(days=days)
    is_paid = way == "backfill"
    return Piece(
        from_at=at,
        to_at=at + timedelta(days=1),
        way=way,
        until=until,
        command=COMMAND if is_paid else None,
        posts=12,
        usd=0.18 if is_paid else None,
    )


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize("way", get_args(Way))
def test_every_way_has_words(messages: Messages, language: str, way: str) -> None:
    """Each way to fill a gap is a sentence of its own; the archive's names the command and the price."""
    speak = Speaker(messages, language, "Europe/Helsinki")
    said = remedy(speak, way, None, posts=12, usd=0.18, command=COMMAND)
    assert said
    assert ("$0.18" in said, COMMAND in said) == ((True, True) if way == "backfill" else (False, False))
    until = remedy(speak, way, FROM, posts=12, usd=0.18, command=COMMAND)
    assert (until != said) == (way != "backfill")


def test_editors_read_what_to_do_about_each_piece(rendered: Render, week47: Issue) -> None:
    """Two remedies of one outage are told with their hours; readers get neither."""
    outage = Outage(from_at=FROM, to_at=FROM + timedelta(days=2), open=False, state="off", code=None)
    x, *others = week47.coverage.sources
    pieces = (piece("backfill", 0), piece("next_round", 1, until=FROM + timedelta(days=8)))
    down = replace(x, hours_covered=120, outages=(outage,), missing=12, missing_by="count", pieces=pieces)
    issue = replace(week47, coverage=Coverage(state="gaps", sources=(down, *others)))
    text = " ".join(rendered(issue, role="editor").text.split())
    assert "noin 12 viestiä puuttuu (verkoston oman laskennan mukaan)" in text
    assert "vain arkistostaan: noin 12 viestiä, enintään $0.18, kuntakaiku backfill x" in text
    assert "hakee puuttuvat viestit itsestään, jos se onnistuu ennen ke 25.11. klo 8" in text
    assert "backfill" not in rendered(issue, role="reader").text


def test_posts_missed_in_collected_hours_are_told(rendered: Render, week47: Issue) -> None:
    """Where no hour is missing and the network counts more than we have, the line says so and claims no outage."""
    sources = tuple(replace(line, hours_covered=line.hours, outages=(), missing=0) for line in week47.coverage.sources)
    short = replace(sources[0], missing=2, missing_by="count")
    issue = replace(week47, coverage=Coverage(state="gaps", sources=(short, *sources[1:])))
    text = " ".join(rendered(issue, role="reader").text.split())
    assert "Keräys toimi koko viikon; verkostojen oman laskennan mukaan 2 viestiä puuttuu." in text
