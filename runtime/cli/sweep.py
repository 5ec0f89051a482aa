"""`kuntakaiku sweep`."""

import typer

from runtime.cli.collect import SourcesOption
from runtime.wiring import Program


def command(context: typer.Context, source: SourcesOption = None) -> None:
    """Look up known posts that nobody has seen for a day, for edits and deletions.

    Exit 0: every post that was due was asked for; 3: some were not; 1: none were.
    """
    from collector.sweep import standing
    from runtime.jobs.exports import recall_json, summary
    from runtime.jobs.redact import redact
    from runtime.jobs.sweep import sweep

    program: Program = context.obj
    found = sweep(program, source or ())
    told = []
    for one in found:
        told.append(
            f"{one.source}: {one.state}, {one.looked_at} looked up, {one.updated} updated, {one.buried} buried,"
            f" {one.unjudged} not judged, {one.left} left"
        )
        if one.problem:
            told.append(f"  {one.problem}")
    told = told or ["No source that is on can be asked by ids."]
    if redacted := redact(program, who="sweep"):
        told.append(f"{redacted} printed issues rid of posts that are gone")
    recalls = program.corpus.exports.recalls()
    told += [f"{summary(one)}: see `kuntakaiku exports recall`" for one in recalls]
    program.tell(
        {
            "runs": [one.as_json() for one in found],
            "redacted": redacted,
            "recalls": [recall_json(one) for one in recalls],
        },
        told,
    )
    raise typer.Exit({"done": 0, "partly": 3, "failed": 1}[standing(found)])
