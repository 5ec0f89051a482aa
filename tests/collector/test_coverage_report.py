"""What was and was not collected, told hour by hour."""

import json
from datetime import UTC, datetime, timedelta

from collector.collect import Bounds, collect_sources
from collector.coverage import CoverageReport, coverage_report
from corpus.ledger import HourCoverage
from tests.collector.conftest import Bench


def report(bench: Bench, hours: int) -> CoverageReport:
    """Return the report of the last hours."""
    now = bench.clock()
    return coverage_report(bench.corpus, [bench.settings], now - timedelta(hours=hours), now + timedelta(days=1), now)


def test_complete_rounds_cover_the_hours_between_them(x_bench: Bench) -> None:
    """After two complete rounds every whole hour between them is covered, or empty, with its posts."""
    x_bench.collect()
    x_bench.clock.pass_by(minutes=30)
    x_bench.network.publish(3)
    x_bench.clock.pass_by(hours=2)
    x_bench.collect()
    one = report(x_bench, 2).sources[0]
    assert (one.hours_covered, one.hours_missing, one.gaps, one.posts, one.state) == (2, 0, (), 3, "ok")
    states = [
        hour.state for hour in x_bench.corpus.ledger.coverage(datetime(2026, 11, 20, 7, tzinfo=UTC), x_bench.clock())
    ]
    assert states == ["empty", "covered", "empty"]


def test_first_round_covers_what_x_still_shows(x_bench: Bench) -> None:
    """A first complete round of X covers its seven days, but for the hour that began before them."""
    x_bench.clock.pass_by(minutes=20)
    x_bench.collect()
    one = report(x_bench, 24 * 8).sources[0]
    assert (one.hours_covered, one.hours_missing) == (24 * 7 - 1, 25)
    assert [gap.state for gap in one.gaps] == ["off"]


def test_first_round_of_mastodon_covers_from_the_oldest_post(mastodon_bench: Bench) -> None:
    """Where the network keeps everything, the first round covers from the oldest post on."""
    mastodon_bench.network.publish(1)
    mastodon_bench.clock.pass_by(hours=5)
    mastodon_bench.collect()
    assert report(mastodon_bench, 6).sources[0].hours_covered == 5


def test_failed_hours_are_a_gap_with_its_reason(bench: Bench) -> None:
    """Hours in which every round failed are one gap that says why, and a quiet week never looks like it."""
    bench.collect()
    for _ in range(3):
        bench.clock.pass_by(hours=1)
        bench.collect("503", "503", "503")
    bench.clock.pass_by(hours=1)
    one = report(bench, 4).sources[0]
    assert [(gap.state, gap.to_at - gap.from_at) for gap in one.gaps][-1] == ("failed", timedelta(hours=3))
    assert "(503)" in (one.gaps[-1].problem or "")
    assert one.state == "failing"


def test_gap_is_refilled_by_a_round_that_reaches_back(bench: Bench) -> None:
    """When the network answers again and still has the posts, the failed hours are covered after all."""
    bench.collect()
    bench.clock.pass_by(hours=1)
    bench.collect("503", "503", "503")
    bench.network.publish(2)
    bench.clock.pass_by(hours=2)
    bench.collect()
    one = report(bench, 3).sources[0]
    assert (one.hours_covered, one.hours_missing, one.posts) == (3, 0, 2)


def test_quota_hits_stay_counted(bench: Bench) -> None:
    """A rate limit is counted as one hit, also after its hours were covered; resting is no further hit."""
    bench.clock.pass_by(minutes=5)
    bench.collect("429 reset")
    bench.clock.pass_by(minutes=5)
    bench.collect()
    bench.clock.pass_by(hours=1)
    bench.collect()
    one = report(bench, 3).sources[0]
    assert (one.quota_hits, one.state) == (1, "empty")


def test_unfinished_round_covers_nothing_yet(paged_bench: Bench) -> None:
    """A round that stopped at its bounds leaves the hours uncovered until a later one reaches the end."""
    paged_bench.collect()
    paged_bench.network.publish(25)
    paged_bench.clock.pass_by(hours=2)
    paged_bench.collect(bounds=Bounds(pages=1))
    assert report(paged_bench, 2).sources[0].hours_covered == 0
    paged_bench.collect()
    assert report(paged_bench, 2).sources[0].hours_covered == 2


def test_source_never_run_is_off(bench: Bench) -> None:
    """Of a source that never ran every hour is missing, and the report is the contract's JSON."""
    found = report(bench, 2)
    way = "document" if bench.settings.network == "feed" else "next_round"
    assert json.loads(json.dumps(found.as_json(lambda gap: gap.remedy.way))) == {
        "from": "2026-11-20T06:00:00Z",
        "to": "2026-11-20T08:00:00Z",
        "sources": [
            {
                "source": bench.settings.name,
                "state": None,
                "hours_covered": 0,
                "hours_missing": 2,
                "gaps": [
                    {
                        "from": "2026-11-20T06:00:00Z",
                        "to": "2026-11-20T08:00:00Z",
                        "state": "off",
                        "problem": None,
                        "refillable": True,
                        "until": "2026-11-27T06:00:00Z" if bench.settings.network == "x" else None,
                        "way": way,
                        "remedy": way,
                        "command": None,
                        "posts": 0,
                        "usd": None,
                    }
                ],
                "refilled": [],
                "quota_hits": 0,
                "posts": 0,
                "gone": {},
                "estimated_missed": 0,
                "estimated_by": "pace",
            }
        ],
    }


def test_neighbouring_hours_of_one_reason_are_one_gap(bench: Bench) -> None:
    """Hours are merged while their reason is the same."""
    start = bench.clock() - timedelta(hours=4)
    name = bench.settings.name
    bench.corpus.ledger.cover(
        HourCoverage(source=name, hour_at=start + timedelta(hours=n), state=state)
        for n, state in enumerate(("failed", "failed", "paused", "empty"))
    )
    gaps = report(bench, 4).sources[0].gaps
    assert [(gap.state, gap.from_at - start, gap.to_at - start) for gap in gaps] == [
        ("failed", timedelta(), timedelta(hours=2)),
        ("paused", timedelta(hours=2), timedelta(hours=3)),
    ]


def test_one_source_never_stops_another(bench: Bench) -> None:
    """A network that cannot be read here, and one that refuses, leave the third its round."""
    from dataclasses import replace

    bench.network.publish(2)
    settings = [
        replace(bench.settings, name="unknown", network="carrier-pigeon"),
        replace(bench.settings, name="nowhere", network="mastodon", base_url="http://127.0.0.1:1"),
        bench.settings,
    ]
    rounds = collect_sources(
        settings,
        bench.corpus,
        programme=bench.programme,
        secrets=bench.secrets.get,
        clock=bench.clock,
        rest=bench.clock.rest,
        data_directory=bench.directory,
    )
    assert [(one.source, one.state) for one in rounds] == [
        ("unknown", "refused"),
        ("nowhere", "failing"),
        (bench.settings.name, "ok"),
    ]
    assert "choose one of: x, mastodon" in (rounds[0].problem or "")
    assert rounds[2].as_json()["inserted"] == 2


def test_programme_without_hashtags_asks_nothing(bench: Bench) -> None:
    """With no hashtag to watch nothing is asked, and the round says so."""
    from dataclasses import replace

    bench.programme = replace(bench.programme, hashtags=())
    found = bench.collect()
    assert (found.state, found.complete, bench.network.asked) == ("empty", True, [])
    assert found.problem == "The programme watches no hashtag."


def test_round_is_bounded_by_time_too(paged_bench: Bench) -> None:
    """A round that has lasted as long as it may ends after its page; the next one goes on."""
    paged_bench.network.publish(25)
    assert paged_bench.collect(bounds=Bounds(longest=timedelta())).inserted == 10
    assert paged_bench.collect().inserted == 15


def test_every_round_is_in_the_ledger(paged_bench: Bench) -> None:
    """Complete, stopped and failed rounds are recorded with what they brought."""
    paged_bench.network.publish(15)
    paged_bench.collect(bounds=Bounds(pages=1))
    paged_bench.collect()
    paged_bench.collect("401")
    runs = paged_bench.corpus.ledger.runs(job="collect")
    assert [(run.state, run.counts["inserted"]) for run in runs] == [("failed", 0), ("done", 5), ("partly", 10)]
    assert all(run.source == paged_bench.settings.name and run.ended_at for run in runs)
