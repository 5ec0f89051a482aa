"""`kuntakaiku guidelines [--language CODE] [--theme SLUG]`."""

import dataclasses
from typing import TYPE_CHECKING, Annotated

import typer

from programme.errors import MisuseError
from runtime.wiring import Program

if TYPE_CHECKING:
    from corpus.export.pages import Block


def command(
    context: typer.Context,
    *,
    language: Annotated[str | None, typer.Option(metavar="CODE", help="Default: the programme's first.")] = None,
    theme: Annotated[str | None, typer.Option(metavar="SLUG", help="Default: every theme.")] = None,
) -> None:
    """Print what belongs to each theme, what does not, and what lies between: for people who label."""
    from corpus.export.pages import markdown

    program: Program = context.obj
    programme, found = program.configuration.programme, program.guidelines
    asked = language or programme.default_language
    if asked not in program.messages.languages:
        raise MisuseError(
            f"There is no catalogue of {asked!r}.", f"Choose one of {', '.join(program.messages.languages)}."
        )
    if theme is not None and theme not in programme.slugs:
        raise MisuseError(f"There is no theme {theme!r}.", f"Use one of {', '.join(programme.slugs)}.")
    pages = {slug: by_language for slug, by_language in found.pages.items() if theme in (None, slug)}
    value = {
        "version": found.version or None,
        "missing": found.missing(programme),
        "themes": {
            slug: {code: dataclasses.asdict(page) for code, page in by_language.items()}
            for slug, by_language in pages.items()
        },
    }
    nothing = [f"There are no guidelines: write {program.settings.config / 'guidelines'}/<theme>.toml."]
    page = markdown(_blocks(program, list(pages), asked)).rstrip("\n").split("\n") if pages else nothing
    program.tell(value, page)


def _blocks(program: Program, slugs: list[str], language: str) -> "list[Block]":
    from corpus.export.pages import Heading, Listing, Paragraph, grid

    def say(key: str, **values: object) -> str:
        return program.messages.translate(f"guideline.{key}", language, **values)

    names = {theme.slug: theme.name[language] for theme in program.configuration.programme.themes}
    names["none"] = say("none")
    blocks: list[Block] = [
        Heading(level=1, text=say("title")),
        Paragraph(text=say("version", version=program.guidelines.version)),
    ]
    for slug in slugs:
        page = program.guidelines.page(slug, language)
        if page is None:
            continue
        blocks.append(Heading(level=2, text=names[slug]))
        for key, items in (("inclusion", page.inclusion), ("exclusion", page.exclusion)):
            if items:
                blocks += [Heading(level=3, text=say(key)), Listing(items=items)]
        if page.borderline:
            rows = [(one.text, names[one.theme], one.why) for one in page.borderline]
            blocks += [Heading(level=3, text=say("borderline")), grid((say("text"), say("theme"), say("why")), rows)]
    return blocks
