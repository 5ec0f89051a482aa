"""Every number of an issue computed again from the corpus, and why those differ that do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from programme.edition import Edition
from programme.errors import MisuseError
from programme.week import Week
from runtime.jobs.audit import accuracy_facts
from runtime.jobs.classify import classifier_facts
from runtime.jobs.compose import basis_key, compose_issue, history_of, places_rule, posts_of
from runtime.jobs.coverage import covered_weeks

if TYPE_CHECKING:
    from corpus.decisions import Decision
    from corpus.history import Since
    from corpus.issues import StoredIssue
    from corpus.post import ClassifiedPost
    from digest.issue import Issue
    from digest.recompute import Cause, Numbers, Recomputed
    from runtime.wiring import Program
    from trends.report import Raised

_WEEKS = 8
"""Weeks of an issue's tables, its own among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Then:
    """What is known of the corpus when an issue was printed."""

    since: "Since"
    recent: "Since"
    """The same of the weeks of the tables alone."""
    discussions: Mapping[str, str]
    """Of the week's posts, by key, the discussions that were printed."""
    covered: Callable[[Week], bool]
    judged: "Mapping[int, ClassifiedPost]"
    """By our id, each post as the classifier of then judges it; empty where it is the one of today."""
    decisions: "Sequence[Decision]"
    """On topics: those that held then, so that a later one makes no difference."""
    raised: "Sequence[Raised]"
    """Topics that earlier issues had raised then."""
    places_read_anew: bool
    """Whether places are recognised by other rules, names or homes than then."""


def recompute(program: "Program", edition: Edition) -> "Recomputed":
    """Return how an issue's numbers differ from those printed, each with its causes.

    Raises:
        MisuseError: nobody has drafted the issue.
        StoredIssueError: another version of Kuntakaiku wrote it.
    """
    from digest.issue import Issue
    from digest.recompute import CAUSES, compare, numbers

    week, stored = edition.week, program.corpus.issues.get(str(edition))
    if stored is None:
        raise MisuseError(f"There is no issue {edition}.", f"Draft it first: kuntakaiku digest draft --week {week}")
    printed = Issue.from_json(stored.numbers)
    posts = posts_of(program, week)
    then = _then(program, printed, stored)
    stages: list[Numbers] = []
    for applied in (CAUSES[:count] for count in range(len(CAUSES) + 1)):
        if stages and not _matters(applied[-1], then):
            stages.append(stages[-1])
            continue
        composed = _composed(program, printed, posts, then, applied)
        stages.append(_with_coverage(printed, numbers(composed), applied))
    return compare(numbers(printed), stages, lambda path: _lost(then, path))


def _then(program: "Program", printed: "Issue", stored: "StoredIssue") -> _Then:
    import msgspec

    from corpus.history import Mark
    from trends.report import Raised

    week = printed.week
    zone = program.configuration.programme.zone
    known = program.corpus.facts.get(basis_key(printed.key)) or {}
    mark = Mark(at=stored.drafted_at, last_post=known.get("last_post"), last_label=known.get("last_label"))
    active = program.corpus.judgements.active_model()
    other = stored.model if active is None or active.version != stored.model else None
    return _Then(
        since=program.corpus.history.since(mark, *history_of(program, week)),
        recent=program.corpus.history.since(mark, week.plus(1 - _WEEKS).start_at(zone), week.end_at(zone)),
        discussions={row.post: row.discussion or row.post for row in printed.counted},
        covered=_covered(program, week, known.get("covered")),
        judged={one.stored.post_id: one for one in posts_of(program, week, model=other)} if other else {},
        decisions=program.corpus.decisions.all(up_to=known.get("last_decision", 0)),
        raised=msgspec.convert(known.get("raised", ()), tuple[Raised, ...]),
        places_read_anew=known.get("places") != places_rule(program.configuration.programme.homes),
    )


def _covered(program: "Program", week: Week, known: Sequence[str] | None) -> Callable[[Week], bool]:
    """Return which weeks counted as collected then; as far as is known now where nobody noted it."""
    if known is None:
        from trends.find import WEEKS_NEEDED

        return covered_weeks(program, week, WEEKS_NEEDED)
    weeks = frozenset(known)
    return lambda one: str(one) in weeks


def _matters(cause: "Cause", then: _Then) -> bool:
    """Tell whether a cause can have changed anything; hours are refilled without a trace, so that late always can."""
    return {
        "deletions": bool(then.since.deleted),
        "late": True,
        "labels": bool(then.since.labels),
        "model": bool(then.judged),
    }[cause]


def _composed(
    program: "Program",
    printed: "Issue",
    posts: "Sequence[ClassifiedPost]",
    then: _Then,
    applied: "Sequence[Cause]",
) -> "Issue":
    from trends.find import WEEKS_NEEDED

    week = printed.week
    # Which model had been in use at each label is not noted: of the sample the printed figures stand for then.
    accuracy = accuracy_facts(program, week) if "labels" in applied else printed.classifier.accuracy
    now = "model" in applied or not then.judged
    facts = classifier_facts(program, week) if now else printed.classifier
    issue, _ = compose_issue(
        program,
        week,
        [found for post in posts if (found := _as_of(post, then, applied))],
        covered=covered_weeks(program, week, WEEKS_NEEDED) if "late" in applied else then.covered,
        classifier=replace(facts, accuracy=accuracy),
        now=printed.composed_at,
        decisions=then.decisions,
        raised=then.raised,
        corrects=_corrects(program, printed),
        explanation=printed.explanation,
    )
    return _as_printed_then(issue, printed)


def _as_printed_then(issue: "Issue", printed: "Issue") -> "Issue":
    """Return an issue without the parts that an older version did not print."""
    known = [*printed.topics, *printed.recurring]
    if known and all(topic.municipalities is None for topic in known):
        issue = replace(
            issue,
            topics=tuple(replace(topic, municipalities=None) for topic in issue.topics),
            recurring=tuple(replace(topic, municipalities=None) for topic in issue.recurring),
        )
    return replace(
        issue,
        places=None if printed.places is None else issue.places,
        followed=None if printed.followed is None else issue.followed,
        record=None if printed.record is None else issue.record,
    )


def _corrects(program: "Program", printed: "Issue") -> "Issue | None":
    from digest.issue import Issue

    if not printed.correction:
        return None
    stored = program.corpus.issues.get(str(Edition(week=printed.week, correction=printed.correction - 1)))
    return Issue.from_json(stored.numbers) if stored else None


def _as_of(post: "ClassifiedPost", then: _Then, applied: "Sequence[Cause]") -> "ClassifiedPost | None":
    """Return a post as it was before the causes that are not applied yet; None where it was not there."""
    found, since, post_id = post, then.since, post.stored.post_id
    if "late" not in applied and post_id in since.late:
        return None
    # Late posts join discussions that were two, and deletions part what they held together.
    if ("late" if since.late else "deletions") not in applied:
        key = f"{post.stored.post.network}:{post.stored.post.native_id}"
        found = replace(found, stored=replace(found.stored, discussion=then.discussions.get(key)))
    if "deletions" not in applied and post_id in since.deleted:
        found = replace(found, stored=replace(found.stored, post=replace(found.stored.post, gone=None)))
    if "labels" not in applied and found.labels:
        labels = tuple(one for one in found.labels if (post_id, one.by, one.at) not in since.labels)
        found = replace(found, labels=labels)
    if "model" not in applied and then.judged:
        judged = then.judged.get(post_id)
        found = replace(found, prediction=judged.prediction if judged else None)
    return found


def _with_coverage(printed: "Issue", composed: "Numbers", applied: "Sequence[Cause]") -> "Numbers":
    """Return the numbers with the coverage as printed where hours came late and late is not applied.

    Nobody notes which hours were missing then but the issue itself.
    """
    from digest.recompute import numbers

    known = numbers(printed)
    hours = {path for path in known.keys() | composed.keys() if path.endswith((".hours_covered", ".hours"))}
    if "late" in applied or all(known.get(path) == composed.get(path) for path in hours):
        return composed
    kept = {path: value for path, value in known.items() if path.startswith("coverage.")}
    return {path: value for path, value in composed.items() if not path.startswith("coverage.")} | kept


def _lost(then: _Then, path: str) -> "frozenset[Cause]":
    """Return what keeps a number from being composed as of then.

    A deletion took words away, and so did an edit, whose version is late. Other rules for places judge the same words
    otherwise, as another version of the classifier does.
    """
    from digest.recompute import rests_on_history

    since = then.since if rests_on_history(path) else then.recent
    lost: set[Cause] = set()
    if since.deleted:
        lost.add("deletions")
    if since.edited:
        lost.add("late")
    if then.places_read_anew and path.startswith("places."):
        lost.add("model")
    return frozenset(lost)
