"""`kuntakaiku queue [--n N] [--audit [--week W]] [--out FILE]`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the posts as JSONL, to be filled in.")] = None,
    week: Annotated[str | None, typer.Option(help="With --audit: which week; default: the last whole one.")] = None,
) -> None:
    """List the posts to label next: the most useful first, every fifth at random; or a week's audit sample."""
    from runtime.jobs.classify import classify

    program: Program = context.obj
    if week and not audit:
        raise MisuseError("A week is for the audit only.", "Add --audit.")
    classify(program)
    if audit:
        _audit(program, week, n, out)
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
    _tell(program, {"posts": posts}, out, "No post waits for a label.")


def _audit(program: Program, week: str | None, n: int, out: Path | None) -> None:
    """Show the sample of a week that is over: what is drawn from a week that goes on is drawn from a part of it."""
    from programme.week import Week
    from runtime.jobs.audit import audit_sample

    asked = program.week(week)
    if asked.end_at(program.configuration.programme.zone) > program.clock():
        last = Week.of(program.clock(), program.configuration.programme.zone).plus(-1)
        raise MisuseError(f"The week {asked} is not over.", f"Take the sample of a closed week: --week {last}")
    version = program.guidelines.version or None
    posts = [_shown(one, version) | {"blind": True, "audit": True} for one in audit_sample(program, asked, n)]
    nothing = f"Every post of the sample of {asked} is labelled; --n makes it larger."
    _tell(program, {"posts": posts, "week": str(asked)}, out, nothing)


def _tell(program: Program, value: dict[str, Any], out: Path | None, nothing: str) -> None:
    posts: list[dict[str, object]] = value["posts"]
    if out is None:
        lines = [f"{post['network']}:{post['native_id']}  {post['text']}" for post in posts]
        program.tell(value, lines or [nothing])
        return
    try:
        out.write_text("".join(json.dumps(post, ensure_ascii=False) + "\n" for post in posts), encoding="utf-8")
    except OSError as error:
        raise MisuseError(f"{out} cannot be written: {error.strerror}.", "Name another file with --out.") from error
    told = f"{len(posts)} posts in {out}: fill in theme, by and at, then `kuntakaiku labels import {out}`."
    program.tell(value | {"file": str(out)}, [told if posts else nothing])


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
