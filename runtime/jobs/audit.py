"""The audit: which posts are drawn, and how good the classifier was on those that people labelled."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from programme.types import UNSURE
from programme.week import Week

if TYPE_CHECKING:
    from classifier.audit import Answer, Share, ThemeAudit
    from corpus.post import ClassifiedPost
    from digest.issue import Accuracy
    from runtime.wiring import Program

WEEKS, WEEKS_OF_THEMES = 4, 12
"""Closed weeks over which the estimate rolls: of all posts, and of each theme."""
_SEED = 2021


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What the audit sample says of the classifier that was in use."""

    first: Week
    last: Week
    first_of_themes: Week
    labelled_ever: int
    """Posts labelled for the audit since the beginning."""
    is_provisional: bool
    """Too few of these for any percentage."""
    n: int
    right: int
    unclear: int
    """Of ``n``, what the classifier left unclear; never right."""
    unsure: int
    """Left out: the person could not tell either."""
    models: tuple[str, ...]
    share: "Share | None"
    per_theme: "dict[str, ThemeAudit]"
    n_of_themes: int

    @property
    def measured_on(self) -> str:
        """On what, in words."""
        return (
            f"{self.n} posts drawn at random of the weeks {self.first} to {self.last}, labelled without sight of the"
            f" guess; each judged by the classifier in use that had not learnt from it. Per theme: {self.n_of_themes}"
            f" posts of the weeks {self.first_of_themes} to {self.last}"
        )

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values; no share while it is provisional."""
        shown = not self.is_provisional
        return {
            "measured_on": self.measured_on,
            "first": str(self.first),
            "last": str(self.last),
            "labelled_ever": self.labelled_ever,
            "provisional": self.is_provisional,
            "n": self.n,
            "right": self.right,
            "unclear": self.unclear,
            "unsure": self.unsure,
            "models": list(self.models),
            "share": asdict(self.share) if self.share and shown else None,
            "per_theme": {slug: asdict(one) for slug, one in self.per_theme.items()} if shown else {},
        }


def audit_sample(program: "Program", week: Week, n: int) -> "list[ClassifiedPost]":
    """Return the posts of a closed week's sample that nobody has labelled for the audit yet, in their order by lot."""
    from classifier.audit import sample_of
    from digest.tally import tally

    zone = program.configuration.programme.zone
    posts = program.corpus.posts.classified_between(week.start_at(zone), week.end_at(zone))
    counted = tally(posts).posts
    drawn = sample_of(((post, post.stored.post.text) for post in counted if post.stored.post.text), n, week=str(week))
    return [post for post in drawn if not any(label.audit for label in post.labels)]


def estimate(program: "Program", week: Week) -> Estimate:
    """Return what the audit says of the closed weeks up to one."""
    from classifier.audit import ENOUGH, by_theme, share_right, unclear

    programme = program.configuration.programme
    recent = [*week.before(WEEKS - 1), week]
    answers, unsure, models, sizes = _answers(program, [*week.before(WEEKS_OF_THEMES - 1), week])
    here = [one for one in answers if one.week in {str(one) for one in recent}]
    ever = program.corpus.audits.labelled()
    return Estimate(
        first=recent[0],
        last=week,
        first_of_themes=week.plus(1 - WEEKS_OF_THEMES),
        labelled_ever=ever,
        is_provisional=ever < ENOUGH,
        n=len(here),
        right=sum(one.right == one.guessed for one in here),
        unclear=unclear(here),
        unsure=unsure,
        models=models,
        share=share_right(here, sizes),
        per_theme=by_theme(answers, sizes, programme.slugs, seed=_SEED),
        n_of_themes=len(answers),
    )


def _answers(program: "Program", weeks: Sequence[Week]) -> "tuple[list[Answer], int, tuple[str, ...], dict[str, int]]":
    """Return answers, how many people were unsure of, the classifiers, and each week's size."""
    from classifier.audit import Answer

    zone = program.configuration.programme.zone
    spans = [(week.start_at(zone), week.end_at(zone)) for week in weeks]
    found = program.corpus.audits.between(spans[0][0], spans[-1][1])
    answers = [
        Answer(week=str(Week.of(one.created_at, zone)), right=one.right, guessed=one.guessed)
        for one in found
        if one.right != UNSURE and one.guessed is not None
    ]
    sizes = dict(zip(map(str, weeks), program.corpus.audits.texts(spans), strict=True))
    models = tuple(sorted({one.model for one in found if one.model}))
    return answers, sum(one.right == UNSURE for one in found), models, sizes


def accuracy_facts(program: "Program", week: Week) -> "Accuracy":
    """Return what an issue tells of the classifier's accuracy."""
    from digest.issue import Accuracy

    found = estimate(program, week)
    share = None if found.is_provisional else found.share
    return Accuracy(
        labelled=found.labelled_ever,
        n=found.n,
        right=found.right,
        unclear=found.unclear,
        share=share.value if share else None,
        low=share.low if share else None,
        high=share.high if share else None,
    )


def lines(found: Estimate) -> list[str]:
    """Return an estimate for people."""
    from classifier.audit import ENOUGH
    from runtime.cli.speak import table

    if found.is_provisional:
        return [
            f"Provisional: {found.labelled_ever} of the {ENOUGH} random labels that a percentage needs.",
            "Label more: kuntakaiku queue --audit",
        ]
    told = [f"Measured on {found.measured_on}."]
    if found.share is None:
        return [*told, "None of these weeks' posts was labelled for the audit: kuntakaiku queue --audit"]
    share = found.share
    told.append(
        f"{found.right} of {found.n} right ({share.value:.0%}, 95 % {share.low:.0%}–{share.high:.0%}; each week counts"
        f" by its posts), {found.unclear} left unclear."
    )
    rows = [
        (slug, one.n, f"{one.f1.value:.2f}", f"{one.f1.low:.2f}–{one.f1.high:.2f}")
        for slug, one in found.per_theme.items()
        if one.f1
    ]
    return [*told, "", *table(("theme", "n", "F1", "95 %"), rows)]
