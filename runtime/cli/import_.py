"""`kuntakaiku import FILE…`."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from runtime.cli.speak import progress_bar
from runtime.wiring import Program


def command(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Plain, .gz or .zst.")],
    *,
    format_: Annotated[
        str, typer.Option("--format", metavar="F", help="A format, or auto: docs/archives.md names them.")
    ] = "auto",
    index: Annotated[bool, typer.Option("--index", help="Do at once what `index` would do.")] = False,
) -> None:
    """Read archives of X, Mastodon and Bluesky, tables, and our own JSONL.

    What cannot be read is kept aside with line and reason, and the rest is stored. Repeating it changes nothing.
    """
    from collector.archive.load import Progress, import_files
    from runtime.jobs import index as indexing

    program: Program = context.obj
    with progress_bar("bytes read", shown=not program.quiet) as show:

        def tell(progress: Progress) -> None:
            show(progress.bytes_read, progress.bytes_total)

        done = import_files(
            program.corpus,
            files,
            format=format_,
            programme=program.configuration.programme,
            now=program.clock(),
            rejects_directory=program.settings.data / "rejects",
            progress=tell,
        )
    indexed = indexing.index(program, partial(progress_bar, shown=not program.quiet)) if index else None
    program.tell(
        done.as_json() | ({"index": indexed} if indexed else {}),
        [
            f"{done.read} read: {done.inserted} new, {done.updated} updated, {done.skipped} known,"
            f" {done.rejected} rejected, in {done.seconds:.1f} s",
            *([f"The rejected ones and why: {done.rejects_file}"] if done.rejects_file else []),
            *(indexing.lines(indexed) if indexed else []),
            *_past_their_time(program),
        ],
    )


def _past_their_time(program: Program) -> list[str]:
    """Return what is said of texts that may be kept no longer."""
    months = program.configuration.site.privacy.retention_months
    posts = sum(one.posts for one in program.corpus.erasures.expiring(months, program.clock())) if months else 0
    if not posts:
        return []
    return [
        f"{posts} posts of the corpus are older than retention_months: their texts go at the next `kuntakaiku retain`,"
        " which `run` does daily."
    ]
