"""`kuntakaiku queue [--n N] [--audit [--week W]]`."""

from typing import TYPE_CHECKING, Annotated

import typer

from programme.errors import MisuseError
from runtime.wiring import Program

if TYPE_CHECKING:
    from corpus.post import ClassifiedPost


def command(
    context: typer.Context,
    *,
    n: Annotated[int, typer.Option("--n", min=1, max=1000, help="How many posts; with --audit, of the sample.")] = 20,
    audit: Annotated[
        bool, typer.Option("--audit", help="Posts of a closed week drawn at random, without the guess.")
    ] = False,
    week: Annotated[str | None, typer.Option(help="With --audit: which week; default: the last whole one.")] = None,
) -> None:
    """List the posts to label next: the most useful first, every fifth at random; or a week's audit sample."""
    from runtime.jobs.classify import classify

    program: Program = context.obj
    if week and not audit:
        raise MisuseError("A week is for the audit only.", "Add --audit.")
    classify(program)
    if audit:
        _audit(program, week, n)
        return
    from classifier.queue import most_useful

    unlabelled = [post for post in program.corpus.posts.all_classified() if not post.labels]
    this_week = program.clock().isocalendar()
    chosen = most_useful(unlabelled, n, seed=this_week.year * 100 + this_week.week)
    version = program.guidelines.version or None
    posts = [
        _shown(one, version)
        | {
            "theme": one.prediction.theme if one.prediction else None,
            "confidence": one.prediction.confidence if one.prediction else None,
            "could_be": list(one.prediction.could_be) if one.prediction else [],
        }
        for one in chosen
    ]
    lines = [f"{post['network']}:{post['native_id']}  {post['text']}" for post in posts]
    program.tell({"posts": posts}, lines or ["No post waits for a label."])


def _audit(program: Program, week: str | None, n: int) -> None:
    """Show the sample of a week that is over: what is drawn from a week that goes on is drawn from a part of it."""
    from programme.week import Week
    from runtime.jobs.audit import audit_sample

    asked = program.week(week)
    if asked.end_at(program.configuration.programme.zone) > program.clock():
        last = Week.of(program.clock(), program.configuration.programme.zone).plus(-1)
        raise MisuseError(f"The week {asked} is not over.", f"Take the sample of a closed week: --week {last}")
    version = program.guidelines.version or None
    posts = [_shown(one, version) | {"blind": True, "audit": True} for one in audit_sample(program, asked, n)]
    lines = [f"{post['network']}:{post['native_id']}  {post['text']}" for post in posts]
    program.tell(
        {"posts": posts, "week": str(asked)},
        lines or [f"Every post of the sample of {asked} is labelled; --n makes it larger."],
    )


def _shown(post: "ClassifiedPost", guideline: str | None) -> dict[str, object]:
    """Return a post as it is offered; the guideline in force stays in the line when it becomes a label."""
    said = post.stored.post
    return {
        "network": said.network,
        "native_id": said.native_id,
        "text": said.text,
        "lang": post.stored.lang,
        "guideline": guideline,
    }
