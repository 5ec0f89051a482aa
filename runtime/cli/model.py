"""`kuntakaiku model card` and `model accuracy`."""

from pathlib import Path
from typing import Annotated

import typer

from programme.errors import MisuseError
from runtime.wiring import Program

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)


@app.command()
def card(
    context: typer.Context,
    *,
    language: Annotated[str | None, typer.Option(metavar="CODE", help="Default: the programme's first.")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Markdown, or HTML with charts where the name ends so.")
    ] = None,
) -> None:
    """Write the card of the classifier in use: what it learnt from, how good it is, and what it does not know."""
    from corpus.export.pages import html, markdown
    from runtime.jobs.card import card_facts, card_of

    program: Program = context.obj
    asked = language or program.configuration.programme.default_language
    facts = card_facts(program)
    title, blocks = card_of(program, facts, asked)
    if out is None:
        program.tell(facts.as_json(), markdown(blocks).rstrip("\n").split("\n"))
        return
    is_page = out.suffix in (".html", ".htm")
    page = html(blocks, language=asked, title=title) if is_page else markdown(blocks)
    try:
        out.write_text(page, encoding="utf-8")
    except OSError as error:
        raise MisuseError(f"{out} cannot be written: {error.strerror}.", "Name another file with --out.") from error
    program.tell(facts.as_json() | {"file": str(out)}, [f"Written to {out}."])


@app.command()
def accuracy(
    context: typer.Context,
    week: Annotated[str | None, typer.Option(help="The last of the weeks; default: the last whole one.")] = None,
) -> None:
    """Tell how often the classifier was right in samples drawn at random: over four weeks, per theme over twelve."""
    from runtime.jobs.audit import estimate, lines

    program: Program = context.obj
    found = estimate(program, program.week(week))
    program.tell(found.as_json(), lines(found))
