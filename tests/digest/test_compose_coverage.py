"""What was not collected: weeks, gaps and sources that an issue tells of, and does not compare with."""

from dataclasses import replace
from datetime import timedelta

import pytest

from collector.misses import Missed
from tests.digest.composing import WEEK, composed, covered_source, gap, many, report, said


def test_weeks_without_collection_are_not_zero() -> None:
    """An uncovered week is unknown in every series, in the usual range and as the week before."""
    issue = composed(many(4), covered=lambda week: week >= WEEK)
    assert issue.total.series == (None,) * 7 + (4,)
    assert issue.total.before is None
    assert issue.total.rise == 0
    assert (issue.usual, issue.level, issue.copies.extra_before) == (None, "unknown", None)


@pytest.mark.parametrize(("posts", "level"), [(5, "usual"), (9, "more"), (4, "fewer")])
def test_the_usual_range_is_that_of_the_weeks_before(posts: int, level: str) -> None:
    """The week is set beside the lowest and highest of the seven weeks before it."""
    history = [p for week in range(1, 8) for p in many(5 if week % 2 else 7, after=timedelta(days=-7 * week))]
    issue = composed([*history, *many(posts)])
    assert issue.usual is not None
    assert (issue.usual.low, issue.usual.high, issue.usual.weeks) == (5, 7, 7)
    assert issue.level == level


def test_a_week_with_hardly_any_posts_is_quiet_only_if_collection_worked() -> None:
    """Three posts make a quiet week; the same after a day without a source that matters are incomplete numbers."""
    assert composed(many(3)).kind == "quiet"
    assert composed(many(4)).kind == "normal"
    down = composed(many(3), coverage=report(covered_source("mastodon", gap(100, 24))))
    assert (down.kind, down.coverage.state) == ("failed", "failed")


def test_a_short_gap_is_told_and_does_not_stop_comparison() -> None:
    """A few hours are a gap with its answer's number; what is missing is what the collector's report says."""
    history = [p for week in range(1, 8) for p in many(40, after=timedelta(days=-7 * week))]
    issue = composed([*history, *many(40)], coverage=report(covered_source("mastodon", gap(10, 8))))
    assert (issue.kind, issue.coverage.state, issue.coverage.missing) == ("normal", "gaps", 2)
    line = issue.coverage.sources[0]
    assert (line.hours, line.hours_covered, line.quota_hits) == (168, 160, 1)
    assert (line.outages[0].code, line.outages[0].open) == ("503", False)
    assert (line.missing_by, [piece.way for piece in line.pieces]) == ("pace", ["next_round"])


def test_a_gap_in_pieces_is_one_outage() -> None:
    """What the network gives by itself and what only its archive has are two remedies of one outage."""
    pieces = [gap(10, 20), replace(gap(30, 10), state="failed", problem=None)]
    line = composed(many(40), coverage=report(covered_source("mastodon", *pieces))).coverage.sources[0]
    assert [(one.to_at - one.from_at, one.code) for one in line.outages] == [(timedelta(hours=30), "503")]
    assert len(line.pieces) == 2


def test_posts_missed_in_collected_hours_are_no_complete_week() -> None:
    """Where the network counts posts that collected hours did not bring, the week is not called complete."""
    told = replace(covered_source(), missed=Missed(posts=2, by="count"))
    issue = composed(many(40), coverage=report(told))
    assert (issue.coverage.state, issue.coverage.missing) == ("gaps", 2)


def test_too_many_estimated_misses_stop_comparison() -> None:
    """Twenty hours under a limit of a tenth are too many, though no day was lost."""
    history = [p for week in range(1, 8) for p in many(40, after=timedelta(days=-7 * week))]
    issue = composed([*history, *many(30)], coverage=report(covered_source("mastodon", gap(10, 20, problem=None))))
    assert issue.kind == "failed"
    assert issue.coverage.sources[0].outages[0].code is None


def test_a_source_that_hardly_matters_may_be_down() -> None:
    """A day without a source that brings under a fifth of the posts is a gap."""
    small = report(covered_source(), replace(covered_source("x", gap(0, 168)), missed=Missed(posts=0, by="pace")))
    issue = composed(many(40), coverage=small, networks={"mastodon": "mastodon", "x": "x"})
    assert (issue.kind, issue.coverage.state) == ("normal", "gaps")
    assert issue.coverage.sources[1].outages[0].open


def test_imported_posts_are_said_to_be_imported() -> None:
    """Without a source nobody can tell silence from a gap; sources newer than the archive have missed nothing."""
    archive = many(5, source="import")
    assert composed(archive, networks={}).coverage.state == "imported"
    newer = composed(archive, coverage=report(covered_source("mastodon", gap(0, 168, state="off"))))
    assert newer.coverage.state == "imported"
    assert [line.network for line in newer.coverage.sources] == ["import"]
    own = composed(many(5), coverage=report(covered_source("mastodon", gap(0, 168, state="off"))))
    assert (own.coverage.state, [line.network for line in own.coverage.sources]) == ("imported", ["import"])


def test_many_archives_are_told_as_one() -> None:
    """An archive may name any number of sources; beyond a handful they share one line with all their posts."""
    named = [said(f"n{n}", author=f"w{n}", source=f"archive {n}") for n in range(9)]
    few = composed(named[:8], networks={}).coverage.sources
    assert len(few) == 8
    (one,) = composed(named, networks={}).coverage.sources
    assert (one.name, one.posts) == ("import", 9)


def test_without_source_and_posts_nothing_is_claimed() -> None:
    """No source and no post is no quiet week."""
    issue = composed([], networks={})
    assert (issue.kind, issue.coverage.state) == ("failed", "none")


def test_a_source_that_the_report_does_not_know_collected_nothing() -> None:
    """A source that is switched on and unknown to the report counts as down."""
    issue = composed(many(5), networks={"mastodon": "mastodon", "x": "x"})
    assert [line.hours_covered for line in issue.coverage.sources] == [168, 0]
