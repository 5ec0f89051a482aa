"""`kuntakaiku privacy notice|record`."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from programme.errors import MisuseError
from runtime.wiring import Program

if TYPE_CHECKING:
    from digest.privacy.document import Kind

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)


class Form(StrEnum):
    """How the page is written."""

    MARKDOWN = "md"
    HTML = "html"


Language = Annotated[str | None, typer.Option(metavar="CODE", help="Default: the programme's first.")]
Out = Annotated[Path | None, typer.Option(metavar="FILE", help="Default: standard output.")]
Format = Annotated[Form | None, typer.Option("--format", help="Default: as the file's name ends, else md.")]


@app.command()
def notice(context: typer.Context, *, language: Language = None, form: Format = None, out: Out = None) -> None:
    """Write the privacy notice for the people concerned: GDPR, Articles 13 and 14."""
    _write(context.obj, "notice", language, form, out)


@app.command()
def record(context: typer.Context, *, language: Language = None, form: Format = None, out: Out = None) -> None:
    """Write the record of processing: GDPR, Article 30."""
    _write(context.obj, "record", language, form, out)


def _write(program: Program, kind: "Kind", language: str | None, form: Form | None, out: Path | None) -> None:
    from digest.privacy.write import to_html, to_markdown
    from runtime.jobs.privacy import privacy_document

    program.tells_privacy = True
    made = privacy_document(program, kind, language=language)
    ending = Form.HTML if out and out.suffix in (".html", ".htm") else Form.MARKDOWN
    page = to_html(made) if (form or ending) is Form.HTML else to_markdown(made)
    if out is None:
        program.tell(made.as_json(), page.rstrip("\n").split("\n"))
        return
    try:
        out.write_text(page, encoding="utf-8")
    except OSError as error:
        raise MisuseError(f"{out} cannot be written: {error.strerror}.", "Name another file with --out.") from error
    missing = [f"Missing in site.toml, [privacy]: {', '.join(made.missing)}."] if made.missing else []
    program.tell(made.as_json() | {"file": str(out)}, [f"Written to {out}.", *missing])
