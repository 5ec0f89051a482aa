"""The console's review: a round of posts to label, what a person says of each, and what came of it.

A round is made once and remembered: what stands in it decides whether an answer was blind and for the audit, never the
form that brings the answer.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import TYPE_CHECKING, Any

from programme.errors import MisuseError
from programme.types import NONE, UNSURE
from programme.week import Week

if TYPE_CHECKING:
    from console.house import Ahead, Learning
    from corpus.post import ClassifiedPost, Label
    from corpus.reviews import Outcome
    from runtime.wiring import Program

ROUND = 50
"""Posts asked about before the queue is made anew."""
FACT = "review round"
"""The fact that holds the round and the one before it: pages of that one may still be open."""
LOOKED_AT = 4_000
"""Newest unlabelled posts among which the most useful are looked for: a page must not read a million."""
SAMPLE = 20
"""Texts of the last whole week that are labelled for the audit, as ``queue --audit`` gives them."""
_EVERY = 5
"""One post in so many is blind."""


def ahead(program: "Program", skipped: AbstractSet[int]) -> "Ahead | None":
    """Return the post to label next, but for those with some ids; None where nothing waits."""
    from console.house import Ahead

    version = _version(program)
    proposed = {one.post_id: one.theme for one in program.corpus.mail_answers.proposed(ROUND)}
    fact = _fact(program)
    waiting: list[tuple[ClassifiedPost, str]] = []
    if fact["day"] == _today(program) and fact["model"] == version:
        asked = {post_id for post_id, _ in fact["round"]}
        fact = {**fact, "round": _with_proposed(fact["round"], proposed)}
        if not proposed.keys() <= asked:
            program.corpus.facts.put(FACT, fact, now=program.clock())
        waiting = _waiting(program, fact["round"], skipped)
    if not waiting:
        drawn = [(post.stored.post_id, way) for post, way in _round(program, skipped)]
        fresh = _with_proposed(drawn, proposed)
        before = fact["round"] or fact["before"]
        told = {"day": _today(program), "model": version, "round": fresh, "before": before}
        program.corpus.facts.put(FACT, told, now=program.clock())
        waiting = _waiting(program, fresh, skipped)
    if not waiting:
        return None
    post, way = waiting[0]
    said = post.stored.post
    above = program.corpus.posts.by_native_id(said.network, said.reply_to) if said.reply_to else None
    theme = proposed.get(post.stored.post_id) if way == "useful" else None
    return Ahead(post=post, answers=above, is_blind=way != "useful", left=len(waiting), proposed=theme)


def answer(program: "Program", post_id: int, theme: str, who: str) -> "tuple[Outcome, Label]":
    """Store what somebody says of a post that was asked about, and return what became of it, with the label.

    Raises:
        MisuseError: the programme has no such theme.
    """
    from corpus.post import Label

    if theme not in (*program.configuration.programme.slugs, NONE, UNSURE):
        raise MisuseError("The programme has no such theme.", "Open the page again.")
    fact = _fact(program)
    way = {**dict(fact["before"]), **dict(fact["round"])}.get(post_id)
    label = Label(
        theme=None if theme == NONE else theme,
        by=who,
        at=program.clock(),
        guideline=program.guidelines.version or None,
        blind=way in ("blind", "audit"),
        audit=way == "audit",
    )
    return ("stale" if way is None else program.corpus.reviews.answer(post_id, label)), label


def take_back(program: "Program", post_id: int, who: str, at: datetime) -> bool:
    """Remove the label of a post that somebody gave at an instant, and return whether there was one."""
    return program.corpus.reviews.take_back(post_id, by=who, at=at)


def learning(program: "Program") -> "Learning":
    """Return what the classifier in use has learnt, from the corpus' records alone: no model is opened."""
    from console.house import Learning
    from runtime.jobs.classify import TAKE_OVER
    from runtime.jobs.train import ENOUGH_NEW, standing

    found = standing(program)
    active = program.corpus.judgements.active_model()
    run = next(iter(program.corpus.ledger.runs(job=TAKE_OVER, limit=1)), None)
    counts = run.counts if run else {}
    return Learning(
        trained_at=found.trained_at if found else None,
        new_labels=found.new_labels if found else 0,
        due_at=ENOUGH_NEW,
        report=active.report if active else {},
        compared=counts.get("compared"),
        changed=counts.get("changed", 0),
    )


def _with_proposed(ways: Sequence[tuple[int, str]], proposed: Mapping[int, str]) -> list[tuple[int, str]]:
    """Return a round with the posts first for which readers proposed a theme.

    What is to be judged blind stays so, and is not told of a proposal.
    """
    blind = {post_id for post_id, way in ways if way != "useful"}
    first = [(post_id, "useful") for post_id in proposed if post_id not in blind]
    return [*first, *((post_id, way) for post_id, way in ways if (post_id, way) not in first)]


def _fact(program: "Program") -> Mapping[str, Any]:
    return program.corpus.facts.get(FACT) or {"day": "", "model": None, "round": [], "before": []}


def _today(program: "Program") -> str:
    return program.clock().astimezone(program.configuration.programme.zone).date().isoformat()


def _version(program: "Program") -> str | None:
    active = program.corpus.judgements.active_model()
    return active.version if active else None


def _waiting(
    program: "Program", ways: Sequence[tuple[int, str]], skipped: AbstractSet[int]
) -> "list[tuple[ClassifiedPost, str]]":
    """Return the posts of a round that still wait, in its order, each with how it is asked about."""
    posts = program.corpus.reviews.posts([post_id for post_id, _ in ways])
    found = [(posts[post_id], way) for post_id, way in ways if post_id in posts]
    return [
        (post, way)
        for post, way in found
        if post.stored.post.text
        and post.stored.post_id not in skipped
        and not any(label.audit or way != "audit" for label in post.labels)
    ]


def _round(program: "Program", skipped: AbstractSet[int]) -> "list[tuple[ClassifiedPost, str]]":
    """Return a new round: most useful first; each fifth is of the audit sample, or drawn at random, and blind."""
    from classifier.queue import most_useful
    from runtime.jobs.audit import audit_sample

    now, zone = program.clock(), program.configuration.programme.zone
    unlabelled = [one for one in program.corpus.reviews.unlabelled(LOOKED_AT) if one.stored.post_id not in skipped]
    this_week = now.isocalendar()
    sample = audit_sample(program, Week.of(now, zone).plus(-1), SAMPLE)
    drawn = {post.stored.post_id for post in sample}
    mixed = most_useful(
        [post for post in unlabelled if post.stored.post_id not in drawn],
        ROUND,
        seed=this_week.year * 100 + this_week.week,
    )
    audit = iter([post for post in sample if post.stored.post_id not in skipped])
    found: list[tuple[ClassifiedPost, str]] = []
    for place, post in enumerate(mixed, start=1):
        is_blind = place % _EVERY == 0
        drawn_post = next(audit, None) if is_blind else None
        found.append((drawn_post, "audit") if drawn_post else (post, "blind" if is_blind else "useful"))
    found += [(post, "audit") for post in audit][: ROUND - len(found)]
    return found
