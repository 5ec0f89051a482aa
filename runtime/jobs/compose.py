"""The issue of a week from given posts, and what it must remember so that each of its numbers can be computed again."""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

from programme.types import Localised
from programme.week import Week
from runtime.jobs.coverage import coverage_of
from runtime.jobs.trends import trends_of

if TYPE_CHECKING:
    from datetime import datetime

    from corpus.decisions import Decision
    from corpus.history import Mark
    from corpus.post import ClassifiedPost
    from digest.issue import ClassifierFacts, Issue
    from runtime.wiring import Program
    from trends.report import Raised, TrendReport

DEMONSTRATION = "demonstration"
"""The fact that marks a corpus as a demonstration's."""


def basis_key(key: str) -> str:
    """Return the name of the fact that an issue's basis is kept under."""
    return f"basis {key}"


def basis(
    mark: "Mark",
    week: Week,
    covered: Callable[[Week], bool],
    homes: Mapping[str, str],
    decisions: "Sequence[Decision]",
    raised: "Sequence[Raised]",
) -> dict[str, object]:
    """Return what an issue rests on beside the posts.

    That is the corpus' state, the compared weeks, how places are read, the last decision on topics, and the topics that
    earlier issues had raised: a correction of one of them may tell others later.
    """
    import msgspec

    from trends.find import WEEKS_NEEDED

    return {
        "places": places_rule(homes),
        "last_decision": decisions[-1].number if decisions else 0,
        "raised": msgspec.to_builtins(raised),
        "last_post": mark.last_post,
        "last_label": mark.last_label,
        "covered": [str(one) for one in (*week.before(WEEKS_NEEDED), week) if covered(one)],
    }


def places_rule(homes: Mapping[str, str]) -> str:
    """Return a name of how places are recognised: by which rules and names, and which organisations' homes."""
    from language.places import VERSION

    return f"{VERSION} {sha256(repr(sorted(homes.items())).encode()).hexdigest()[:16]}"


def posts_of(program: "Program", week: Week, *, model: str | None = None) -> "list[ClassifiedPost]":
    """Return all posts that an issue rests on: those of its week and of the history of its topics."""
    start_at, end_at = history_of(program, week)
    return list(program.corpus.posts.classified_between(start_at, end_at, model=model))


def history_of(program: "Program", week: Week) -> "tuple[datetime, datetime]":
    """Return the span of the posts that an issue rests on."""
    from trends.find import WEEKS_NEEDED

    zone = program.configuration.programme.zone
    return week.plus(-WEEKS_NEEDED).start_at(zone), week.end_at(zone)


def compose_issue(
    program: "Program",
    week: Week,
    posts: "Sequence[ClassifiedPost]",
    *,
    covered: Callable[[Week], bool],
    classifier: "ClassifierFacts",
    now: "datetime",
    decisions: "Sequence[Decision]",
    raised: "Sequence[Raised]",
    corrects: "Issue | None" = None,
    explanation: Localised | None = None,
) -> "tuple[Issue, TrendReport]":
    """Return the issue that the posts make, and its topics.

    Args:
        program: the house.
        week: whose issue it is.
        posts: as ``posts_of`` gives them.
        covered: which weeks were collected well enough to be compared.
        classifier: who judged them.
        now: when it is composed.
        decisions: what coordinators decided on topics.
        raised: topics that earlier issues raised.
        corrects: the issue that this one corrects.
        explanation: what a person says of the correction.
    """
    from digest.week import gather

    report = trends_of(program, week, posts=posts, covered=covered, decisions=decisions, raised=raised)
    issue = gather(
        program.corpus,
        program.configuration,
        week,
        posts=posts,
        trends=report,
        coverage=coverage_of(program, week),
        covered=covered,
        classifier=classifier,
        now=now,
        demonstration=bool(program.corpus.facts.get(DEMONSTRATION)),
        corrects=corrects,
        explanation=explanation,
    )
    return issue, report
