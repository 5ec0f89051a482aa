"""Which sources a person means."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from programme.errors import MisuseError

if TYPE_CHECKING:
    from programme.types import SourceSettings
    from runtime.wiring import Program


def sources_named(program: "Program", names: Sequence[str] = ()) -> "list[SourceSettings]":
    """Return the named sources, or all that are switched on.

    Raises:
        MisuseError: a named source does not exist or is switched off.
    """
    known = {source.name: source for source in program.configuration.sources}
    for name in names:
        if name not in known:
            raise MisuseError(f"There is no source {name!r}.", f"sources.toml has {', '.join(known) or 'none'}.")
        if not known[name].enabled:
            raise MisuseError(f"The source {name!r} is switched off.", "Set enabled = true in sources.toml.")
    return [known[name] for name in names] or list(program.configuration.enabled_sources)
