"""A week's posts, its coverage and the issue composed from them, for tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from collector.coverage import CoverageReport, Gap, SourceCoverage
from collector.misses import Missed
from collector.recall import Remedy
from corpus.ledger import HourState
from corpus.post import Author, ClassifiedPost, Label, Post, Prediction, Reason, StoredPost
from digest.compose import Material, compose
from digest.issue import ClassifierFacts, Issue
from programme.types import Localised, Programme, Theme
from programme.week import Week, zone_named
from trends.report import Trend, TrendReport

WEEK = Week(year=2026, number=47)
ZONE = zone_named("Europe/Helsinki")
START = WEEK.start_at(ZONE)
NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
NOWHERE = Localised({})
THEMES = ("a", "b")


def theme(slug: str, **changes: Any) -> Theme:  # noqa: ANN401 - any field of the carrier
    """Return a theme."""
    fields: dict[str, Any] = {
        "slug": slug,
        "name": Localised({"fi": slug}),
        "short_name": NOWHERE,
        "tag": NOWHERE,
        "gloss": NOWHERE,
        "description": NOWHERE,
        "seed_words": {},
    }
    return Theme(**(fields | changes))


def programme(**changes: Any) -> Programme:  # noqa: ANN401 - any field of the carrier
    """Return a programme of two themes."""
    fields: dict[str, Any] = {
        "slug": "p",
        "name": Localised({"fi": "Ohjelma"}),
        "languages": ("fi",),
        "time_zone": "Europe/Helsinki",
        "hashtags": ("tag",),
        "themes": tuple(theme(slug) for slug in THEMES),
    }
    return Programme(**(fields | changes))


def said(native_id: str, standing: str = "a", **changes: Any) -> ClassifiedPost:  # noqa: ANN401 - any field of the carrier
    """Return a judged post of the week."""
    at = START + changes.pop("after", timedelta(hours=12))
    kind = {"none": "off_topic", "unsure": "unsure"}.get(standing)
    labels = tuple(Label(theme=one, by="x", at=NOW) for one in changes.pop("labels", ()))
    projects = changes.pop("projects", ())
    cluster, source = changes.pop("cluster", None), changes.pop("source", "mastodon")
    fields: dict[str, Any] = {
        "network": "mastodon",
        "native_id": native_id,
        "author": Author(native_id=changes.pop("author", native_id), handle="h", name="n"),
        "text": f"Sanoja kunnan asiasta numero {native_id} tulee tähän",
        "created_at": at,
        "via": "hashtag",
    }
    prediction = Prediction(
        model="m",
        lang="fi",
        theme=None if kind else standing,
        themes=(),
        confidence=0.7,
        scores={"a": 0.4, "b": 0.35, "none": 0.25},
        reasons=(Reason(kind=kind, text=""),) if kind else (),
        projects=projects,
    )
    return ClassifiedPost(
        stored=StoredPost(
            post=Post(**(fields | changes)),
            post_id=1,
            source=source,
            first_seen_at=at,
            last_seen_at=at,
            lang="fi",
            cluster=cluster,
        ),
        prediction=None if standing == "unclassified" else prediction,
        labels=labels,
    )


@dataclass(frozen=True)
class Fixed:
    """What a theme's test says, whatever it is asked."""

    low: int | None = 0
    high: int | None = 2
    is_news: bool = True


def covered_source(name: str = "mastodon", *gaps: Gap) -> SourceCoverage:
    """Return a source with the given gaps."""
    missing = sum(int((gap.to_at - gap.from_at) / timedelta(hours=1)) for gap in gaps)
    return SourceCoverage(
        source=name,
        hours_covered=168 - missing,
        hours_missing=missing,
        gaps=gaps,
        quota_hits=1 if gaps else 0,
        posts=0,
        state="ok",
        missed=Missed(posts=round(missing / 4), by="pace") if missing else None,
    )


def gap(start: int, hours: int, state: HourState = "failed", problem: str | None = "the server answered 503") -> Gap:
    """Return a gap that begins so many hours into the week."""
    at = START + timedelta(hours=start)
    end = at + timedelta(hours=hours)
    remedy = Remedy(from_at=at, to_at=end, way="next_round")
    return Gap(from_at=at, to_at=end, state=state, problem=problem, remedy=remedy, posts=round(hours / 4))


def report(*sources: SourceCoverage) -> CoverageReport:
    """Return the collector's report on the week."""
    return CoverageReport(start_at=START, end_at=WEEK.end_at(ZONE), sources=sources or (covered_source(),))


def composed(posts: Sequence[ClassifiedPost], **changes: Any) -> Issue:  # noqa: ANN401 - any field of the carrier
    """Return the issue of the posts."""
    fields: dict[str, Any] = {
        "week": WEEK,
        "programme": programme(),
        "posts": posts,
        "covered": lambda _: True,
        "change": lambda _this, _history: Fixed(is_news=False),
        "trends": TrendReport(week=WEEK),
        "coverage": report(),
        "networks": {"mastodon": "mastodon"},
        "gap_limit": 0.1,
        "previous": None,
        "classifier": ClassifierFacts(version="m", trained_at=NOW, trained_on=0),
        "quotable": lambda _: False,
        "composed_at": NOW,
    }
    return compose(Material(**(fields | changes)))


def many(n: int, standing: str = "a", **changes: Any) -> list[ClassifiedPost]:  # noqa: ANN401 - any field of the carrier
    """Return as many posts."""
    return [said(f"{standing}{place}{changes.get('after', '')}", standing, **changes) for place in range(n)]


POSTS = st.lists(
    st.builds(
        said,
        st.integers(0, 30).map(str),
        st.sampled_from(["a", "b", "none", "unsure", "unclassified", "gone-theme"]),
        after=st.integers(-30, 6).map(lambda days: timedelta(days=days, hours=12)),
        cluster=st.sampled_from([None, "1", "2"]),
        author=st.sampled_from(["p", "q", "r"]),
        labels=st.sampled_from([(), ("a",), (None,), ("unsure",)]),
    ),
    max_size=16,
    unique_by=lambda post: post.stored.post.native_id,
)


def trend(**changes: Any) -> Trend:  # noqa: ANN401 - any field of the carrier
    """Return a topic of the trends."""
    fields: dict[str, Any] = {
        "topic": "Kirjasto",
        "label": {"fi": "Kirjasto"},
        "terms": ("kirjasto",),
        "theme": "a",
        "state": "growing",
        "posts": 5,
        "writers": 4,
        "baseline": 1.0,
        "ratio": 4.0,
        "ratio_low": 2.0,
        "ratio_high": 8.0,
        "first_seen_at": START,
        "example_ids": (("mastodon", "1"),),
        "languages": {"fi": 5},
        "largest_share": 0.2,
        "weekly": (1,) * 20 + (4,),
        "key": "k",
        "p": 0.001,
    }
    return Trend(**(fields | changes))
