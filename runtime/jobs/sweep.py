"""A sweep of the sources that can be asked for posts by their ids."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from programme.errors import MisuseError

if TYPE_CHECKING:
    from collector.sweep import Swept
    from runtime.wiring import Program


def sweep(program: "Program", names: Sequence[str] = ()) -> "list[Swept]":
    """Return the sweep of each named source, or of each that is switched on; those that cannot be asked are left out.

    Raises:
        MisuseError: a named source does not exist or is switched off.
    """
    from collector.errors import SourceError
    from collector.source import Seeing
    from collector.sources import open_source
    from collector.sweep import Swept, sweep_source

    configuration = program.configuration
    enabled = {source.name: source for source in configuration.enabled_sources}
    for name in names:
        if name not in enabled:
            raise MisuseError(
                f"There is no source {name!r} that is switched on.", f"sources.toml has {', '.join(enabled) or 'none'}."
            )
    found = []
    for settings in [enabled[name] for name in names] or list(enabled.values()):
        try:
            source = open_source(settings, configuration.programme, program.secrets)
        except SourceError as error:
            found.append(Swept(source=settings.name, state=error.state, problem=str(error)))
            continue
        if isinstance(source, Seeing):
            found.append(
                sweep_source(
                    source,
                    program.corpus,
                    settings=settings,
                    clock=program.clock,
                    rest=program.rest,
                    data_directory=program.settings.data,
                )
            )
    return found
