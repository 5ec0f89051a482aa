"""`kuntakaiku recompute ISSUE`."""

from typing import Annotated

import typer

from programme.edition import Edition
from runtime.wiring import Program


def command(
    context: typer.Context,
    issue: Annotated[str, typer.Argument(metavar="ISSUE", help="Like 2026-W47; a correction like 2026-W47.1.")],
) -> None:
    """Compute every number of an issue again; exit 1 where a difference has no cause."""
    from runtime.jobs.recompute import recompute

    program: Program = context.obj
    found = recompute(program, Edition.named(issue))
    lines = [
        f"{found.checked} numbers checked, {len(found.differing)} differ, {len(found.unexplained)} without a cause."
    ]
    lines += [
        f"{one.number}: printed {_said(one.printed)}, now {_said(one.now)}: {', '.join(one.causes) or 'NO CAUSE'}"
        for one in found.differing
    ]
    program.tell({"checked": found.checked, "differing": [one.as_json() for one in found.differing]}, lines)
    raise typer.Exit(1 if found.unexplained else 0)


def _said(value: float | None) -> str:
    return "nothing" if value is None else f"{value:g}"
