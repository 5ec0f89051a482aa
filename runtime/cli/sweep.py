"""`kuntakaiku sweep`."""

from typing import TYPE_CHECKING, Annotated

import typer

from runtime.cli.collect import SourcesOption
from runtime.wiring import Program

if TYPE_CHECKING:
    from collector.comply import Complied
    from collector.sweep import Swept


def command(
    context: typer.Context,
    source: SourcesOption = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every post ever, as one job of the network's: X only.")] = False,
) -> None:
    """Look up known posts that nobody has seen for a day, for edits and deletions.

    Exit 0: every post that was due was asked for; 3: some were not; 1: none were.
    """
    from collector.sweep import standing
    from runtime.jobs.exports import recall_json, summary
    from runtime.jobs.redact import redact
    from runtime.jobs.sweep import sweep, sweep_all

    program: Program = context.obj
    found: list[Swept] | list[Complied] = sweep_all(program, source or ()) if every else sweep(program, source or ())
    told = [line for one in found for line in _told(one)]
    told = told or ["No source that is on can be asked by ids."]
    if redacted := redact(program, who="sweep"):
        told.append(f"{redacted} printed issues rid of posts that are gone")
    recalls = program.corpus.exports.recalls()
    told += [f"{summary(one)}: see `kuntakaiku exports recall`" for one in recalls]
    program.tell(
        {
            "runs": [one.as_json() for one in found],
            "redacted": redacted,
            "recalls": [recall_json(one, program.secrets("PSEUDONYM_KEY")) for one in recalls],
        },
        told,
    )
    raise typer.Exit({"done": 0, "partly": 3, "failed": 1}[standing(found)])


def _told(found: "Swept | Complied") -> list[str]:
    from collector.sweep import Swept

    if isinstance(found, Swept):
        line = (
            f"{found.source}: {found.state}, {found.looked_at} looked up, {found.updated} updated,"
            f" {found.buried} buried, {found.unjudged} not judged, {found.left} left"
        )
    else:
        line = f"{found.source}: {found.state}, {found.posts} handed in, {found.buried} buried"
    return [line, *([f"  {found.problem}"] if found.problem else [])]
