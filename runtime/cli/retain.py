"""`kuntakaiku retain [--dry-run]`."""

import getpass
from typing import Annotated

import typer

from runtime.cli.speak import table
from runtime.wiring import Program


def command(
    context: typer.Context,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell the counts, change nothing.")] = False,
) -> None:
    """Take out texts older than `retention_months`; themes, times and counts stay. `run` does it daily."""
    from runtime.jobs.retain import retain

    program: Program = context.obj
    done = retain(program, who=getpass.getuser(), dry_run=dry_run)
    if done.months is None:
        program.tell(done.as_json(), ["No limit is set: site.toml, [privacy] retention_months."])
        return
    lines = table(["network", "month", "posts"], [(one.network, one.month, one.posts) for one in done.found])
    total = sum(one.posts for one in done.found)
    lines = lines if done.found else []
    lines.append(f"{total} texts are older than {done.months} months.")
    if not dry_run:
        lines.append(f"{done.expired} taken out, {done.redacted} issues written anew.")
    program.tell(done.as_json(), lines)
