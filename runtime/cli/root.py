"""The root of the command line: global options, and the asked verb behind them."""

import importlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from runtime.cli import VERBS
from runtime.settings import Options

Text = Annotated[str | None, typer.Option]


def build(verb: str | None) -> Callable[[Sequence[str]], int]:
    """Return the command as a function of its arguments; only the module of ``verb`` is imported."""
    app = typer.Typer(
        help="Kuntakaiku follows the public discussion about a development programme.",
        rich_markup_mode=None,
        pretty_exceptions_enable=False,  # its frames show values: texts and addresses
        add_completion=False,
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    for name, line in VERBS.items():
        if name == verb:
            _add(app, name, line)
        else:
            app.command(name, help=line)(_unasked)

    def call(arguments: Sequence[str]) -> int:
        try:
            app(args=list(arguments), prog_name="kuntakaiku")
        except SystemExit as exit_:
            return exit_.code if isinstance(exit_.code, int) else int(exit_.code is not None)
        return 0

    return call


def _add(app: typer.Typer, name: str, line: str) -> None:
    module = importlib.import_module(f"runtime.cli.{_module(name)}")
    if hasattr(module, "app"):
        app.add_typer(module.app, name=name, help=line)
    else:
        app.command(name)(module.command)


def _module(verb: str) -> str:
    # `import` is Python's own word, and `runtime.cli.run` the function that runs a command.
    return f"{verb}_" if verb in ("import", "run") else verb.replace("-", "_")


def _unasked() -> None:
    """Stand in the list of verbs for one that was not asked."""


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"kuntakaiku {version('kuntakaiku')}")
        raise typer.Exit


def _options(
    context: typer.Context,
    config: Annotated[
        str | None, typer.Option(metavar="DIR", help="Configuration directory (KUNTAKAIKU_CONFIG).", show_default=False)
    ] = None,
    database: Annotated[
        str | None, typer.Option(metavar="URL", help="Database (KUNTAKAIKU_DATABASE).", show_default=False)
    ] = None,
    data: Annotated[
        str | None, typer.Option(metavar="DIR", help="Data directory (KUNTAKAIKU_DATA).", show_default=False)
    ] = None,
    now: Annotated[
        str | None,
        typer.Option(
            metavar="INSTANT", help="The program's clock, for rehearsals (KUNTAKAIKU_NOW).", show_default=False
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress and no log on standard error.")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="The version.")] = False,
) -> None:
    """Kuntakaiku follows the public discussion about a development programme.

    Global options are accepted before and after the verb.
    """
    del version
    from runtime.wiring import Program

    context.obj = context.with_resource(
        Program(
            Options(config=config, database=database, data=data, now=now, as_json=json, quiet=quiet),
            environment=os.environ,
            working_directory=Path.cwd(),
        )
    )
