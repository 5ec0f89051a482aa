"""What stood out in a week, by the method of the room ``trends`` on the corpus as it is."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from programme.edition import Edition
from programme.types import UNSURE
from programme.week import Week
from runtime.jobs.counted import counted_window
from runtime.jobs.coverage import covered_weeks

if TYPE_CHECKING:
    from corpus.decisions import Decision
    from corpus.post import ClassifiedPost
    from digest.growth import Growth
    from runtime.wiring import Program
    from trends.calibrate import Calibration
    from trends.explain import Explanation
    from trends.report import Earlier, Raised, Trend, TrendReport

SEED = 2021
"""Of the shuffled weeks; any number does, the same one gives the same answer."""
_REMEMBERED = 8
"""Issues whose topics keep their keys."""


def trends_of(
    program: "Program",
    week: Week,
    *,
    posts: "Sequence[ClassifiedPost] | None" = None,
    covered: Callable[[Week], bool] | None = None,
    decisions: "Sequence[Decision] | None" = None,
    raised: "Sequence[Raised] | None" = None,
) -> "TrendReport":
    """Return the topics of a week, with the care that was measured on the project's own stream this month.

    Args:
        program: the house.
        week: the week that is asked about.
        posts: those of the week and of its history; by default those that the corpus holds now, of which what was
            counted before is not counted again.
        covered: which weeks were collected well enough to be compared; by default as far as is known now.
        decisions: what coordinators decided on topics; by default until now.
        raised: topics that earlier issues raised; by default what is known of them now.
    """
    from trends.decided import decided_by
    from trends.find import MEASURED_SETTINGS, WEEKS_NEEDED, find_trends, trends_in

    programme = program.configuration.programme
    covered = covered or covered_weeks(program, week, WEEKS_NEEDED)
    decided = decided_by(program.corpus.decisions.all() if decisions is None else decisions)
    raised = raised_before(program, week) if raised is None else raised
    earlier = _earlier(program, week)
    calibration = _calibration(program, week, posts, covered)
    if posts is None:
        by_name = [one.terms for told in (decided.follows, decided.known, earlier, raised) for one in told]
        asked = {term for terms in by_name for term in terms}
        window, reader = counted_window(program, week, covered, MEASURED_SETTINGS, asked=asked)
        return trends_in(
            window,
            programme=programme,
            reader=reader,
            covered=covered,
            calibration=calibration,
            earlier=earlier,
            decided=decided,
            raised=raised,
        )
    return find_trends(
        posts,
        week=week,
        programme=programme,
        covered=covered,
        lemmatise=program.lemmatiser.lemma,
        calibration=calibration,
        earlier=earlier,
        decided=decided,
        raised=raised,
    )


def growth_of(program: "Program", week: Week) -> "tuple[Growth, ...]":
    """Return how each theme, each region and each theme in a region compares with the weeks before."""
    from digest.compose import WEEKS
    from digest.growth import growth
    from trends.find import WEEKS_NEEDED, theme_change

    programme = program.configuration.programme
    return growth(
        program.corpus.posts.classified_between(
            week.plus(1 - WEEKS).start_at(programme.zone), week.end_at(programme.zone)
        ),
        week=week,
        programme=programme,
        covered=covered_weeks(program, week, WEEKS_NEEDED),
        change=lambda this, before, asked: theme_change(this, before, themes=asked),
    )


def told_with_places(program: "Program", report: "TrendReport", grown: "Sequence[Growth]") -> dict[str, object]:
    """Return a report as plain JSON values, with the municipalities that each topic's posts speak of.

    ``grown`` tells of themes and regions.
    """
    from digest.mentioned import municipalities_of

    by_native_id = program.corpus.posts.by_native_id

    def told(trend: "Trend") -> dict[str, object]:
        posts = [post for network, native_id in trend.post_ids if (post := by_native_id(network, native_id))]
        spoken = [
            {"code": one.slug.partition("-")[2], "name": dict(one.name.by_language), "posts": one.posts}
            for one in municipalities_of(posts)
        ]
        return {**trend.as_json(), "municipalities": spoken}

    return {
        **report.as_json(),
        "trends": [told(trend) for trend in report.trends],
        "watch_list": [told(trend) for trend in report.watch_list],
        "themes": [one.as_json() for one in grown if not one.region],
        "regions": [one.as_json() for one in grown if one.region],
    }


def explained(program: "Program", week: Week, terms: Sequence[str]) -> "Explanation":
    """Return every count of a topic, given by its terms, in a week, the test and the threshold."""
    from trends.explain import explain
    from trends.find import MEASURED_SETTINGS, WEEKS_NEEDED

    covered = covered_weeks(program, week, WEEKS_NEEDED)
    calibration = _calibration(program, week, None, covered)
    window, _ = counted_window(program, week, covered, MEASURED_SETTINGS, asked=terms)
    return explain(window, terms, calibration.alpha if calibration else MEASURED_SETTINGS.alpha)


def _calibration(
    program: "Program", week: Week, posts: "Sequence[ClassifiedPost] | None", covered: Callable[[Week], bool]
) -> "Calibration | None":
    """Return this month's calibration, measured on the history before the week where none is stored yet."""
    from trends.calibrate import CALIBRATED_WEEKS, Calibration
    from trends.find import calibrate

    month = f"{week.monday:%Y-%m}"
    basis = sum(covered(earlier) for earlier in week.before(CALIBRATED_WEEKS))
    key = f"trends calibration {month} {basis}"
    if stored := program.corpus.facts.get(key):
        return Calibration.from_json(stored)
    programme = program.configuration.programme
    found = calibrate(
        posts
        if posts is not None
        else program.corpus.posts.classified_between(
            week.plus(-CALIBRATED_WEEKS).start_at(programme.zone), week.end_at(programme.zone)
        ),
        week=week,
        programme=programme,
        covered=covered,
        lemmatise=program.lemmatiser.lemma,
        seed=SEED,
    )
    if found:
        program.corpus.facts.put(key, found.as_json(), now=program.clock())
    return found


def _earlier(program: "Program", week: Week) -> "tuple[Earlier, ...]":
    """Return the topics of the issues before a week, newest first."""
    from trends.report import Earlier

    issues = [issue for issue in program.corpus.issues.all() if issue.key < str(week)]
    return tuple(
        Earlier(key=topic["key"], terms=tuple(topic["terms"]))
        for issue in reversed(issues[-_REMEMBERED:])
        for topic in program.corpus.facts.get(f"topics {issue.key}") or ()
    )


def raised_before(program: "Program", week: Week) -> "tuple[Raised, ...]":
    """Return the topics that the issues before a week told as being on the rise; a draft has raised none yet.

    A corrected issue counts as its latest correction.
    """
    from trends.report import Raised

    frozen = [stored for stored in program.corpus.issues.all() if stored.state != "draft" and stored.key < str(week)]
    latest = {Edition.named(stored.key).week: stored.numbers.get("topics", ()) for stored in frozen}
    terms = {
        (each, topic["key"]): tuple(topic["terms"])
        for each in latest
        for topic in program.corpus.facts.get(f"topics {each}") or ()
    }
    return tuple(
        Raised(
            key=topic["key"],
            label=topic["label"],
            week=each,
            terms=terms[each, topic["key"]],
            baseline=topic["baseline"],
        )
        for each, topics in sorted(latest.items())
        for topic in topics
        if topic["state"] != "fading" and (each, topic["key"]) in terms
    )


def remember_topics(program: "Program", report: "TrendReport") -> None:
    """Store the topics that an issue tells, so that later ones know them again."""
    topics = [
        {
            "key": trend.key,
            "terms": list(trend.terms),
            "label": {next(iter(trend.languages), UNSURE): trend.topic, **trend.label},
            "state": trend.state,
            "joined_by": list(trend.joined_by),
            "first_seen_at": trend.first_seen_at.isoformat(),
        }
        for trend in report.trends
    ]
    program.corpus.facts.put(f"topics {report.week}", topics, now=program.clock())
