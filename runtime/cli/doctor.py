"""`kuntakaiku doctor`."""

from typing import Annotated

import typer

from runtime.wiring import Program


def command(
    context: typer.Context,
    *,
    language: Annotated[str, typer.Option(help="Language of the remedies: fi, sv or en.")] = "en",
) -> None:
    """Find what is broken, each with its remedy; exit 1 where anything is."""
    from runtime.doctor import examine

    program: Program = context.obj
    program.tells_privacy = True
    checks = examine(program, language)
    lines = [
        f"{'ok ' if check.ok else 'NOT'}  {check.name}: {check.detail}" + (f" → {check.remedy}" if check.remedy else "")
        for check in checks
    ]
    program.tell({"checks": [check.as_json() for check in checks]}, lines)
    raise typer.Exit(0 if all(check.ok for check in checks) else 1)
