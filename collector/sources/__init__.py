"""The networks that can be read: one file each, loaded when a source of that network is opened."""

from collections.abc import Callable, Mapping
from importlib import import_module

from collector.errors import SourceRefusedError
from collector.source import Source
from programme.networks import NETWORKS
from programme.types import Programme, SourceSettings

Secrets = Callable[[str], str | None]
"""Returns a secret by its name without the program's prefix, or None where it is not set."""

SOURCES: Mapping[str, str] = {network: f"collector.sources.{network}" for network in NETWORKS}
"""Network to module, whose ``open_source`` opens one."""


def open_source(settings: SourceSettings, programme: Programme, secrets: Secrets) -> Source:
    """Return a source ready to be read; nothing is asked of the network yet.

    Raises:
        SourceRefusedError: this version reads no such network.
    """
    module = SOURCES.get(settings.network)
    if module is None:
        raise SourceRefusedError(
            f"Source {settings.name!r}: this version does not read the network {settings.network!r}.",
            f"Set enabled = false, or choose one of: {', '.join(SOURCES)}.",
        )
    opened: Source = import_module(module).open_source(settings, programme, secrets)
    return opened
