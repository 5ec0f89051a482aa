"""`kuntakaiku queue [--n N]`."""

from typing import Annotated

import typer

from runtime.wiring import Program


def command(
    context: typer.Context,
    n: Annotated[int, typer.Option("--n", min=1, max=1000, help="How many posts.")] = 20,
) -> None:
    """List the posts to label next: the most useful first, every fifth at random."""
    from classifier.queue import most_useful
    from runtime.jobs.classify import classify

    program: Program = context.obj
    classify(program)
    unlabelled = [post for post in program.corpus.posts.all_classified() if not post.labels]
    week = program.clock().isocalendar()
    chosen = most_useful(unlabelled, n, seed=week.year * 100 + week.week)
    posts = [
        {
            "network": one.stored.post.network,
            "native_id": one.stored.post.native_id,
            "text": one.stored.post.text,
            "lang": one.stored.lang,
            "theme": one.prediction.theme if one.prediction else None,
            "confidence": one.prediction.confidence if one.prediction else None,
        }
        for one in chosen
    ]
    lines = [f"{post['network']}:{post['native_id']}  {post['text']}" for post in posts]
    program.tell({"posts": posts}, lines or ["No post waits for a label."])
