"""A sweep of the sources that can be asked for posts by their ids."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from runtime.jobs.sources import sources_named

if TYPE_CHECKING:
    from collector.comply import Complied
    from collector.sweep import Swept
    from runtime.wiring import Program


def sweep(
    program: "Program", names: Sequence[str] = (), *, only: Mapping[str, Sequence[str]] | None = None
) -> "list[Swept]":
    """Return the sweep of each named source, or of each that is switched on; those that cannot be asked are left out.

    Args:
        program: the house.
        names: of sources.
        only: native ids by network, to look up these instead of what nobody has seen for a day.

    Raises:
        MisuseError: a named source does not exist or is switched off.
    """
    from collector.errors import SourceError
    from collector.source import Seeing
    from collector.sources import open_source
    from collector.sweep import Swept, sweep_source

    found = []
    for settings in sources_named(program, names):
        try:
            source = open_source(settings, program.configuration.programme, program.secrets)
        except SourceError as error:
            found.append(Swept(source=settings.name, state=error.state, problem=str(error)))
            continue
        if isinstance(source, Seeing) and (only is None or source.network in only):
            found.append(
                sweep_source(
                    source,
                    program.corpus,
                    settings=settings,
                    clock=program.clock,
                    rest=program.rest,
                    data_directory=program.settings.data,
                    only=None if only is None else only[source.network],
                )
            )
    return found


def sweep_all(program: "Program", names: Sequence[str] = ()) -> "list[Complied]":
    """Return how far every post of each source whose network judges lists was held against the network's.

    Raises:
        MisuseError: a named source does not exist or is switched off.
        SourceRefusedError: a source cannot be opened.
    """
    from collector.comply import Batched, comply
    from collector.sources import open_source

    return [
        comply(source, program.corpus, clock=program.clock, rest=program.rest)
        for settings in sources_named(program, names)
        if isinstance(source := open_source(settings, program.configuration.programme, program.secrets), Batched)
    ]
