"""Tells chat services that an issue has gone out: its subject and the address of its page, through apprise.

Their addresses are secrets: none is named in an outcome, an error or a log.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from digest.inert import one_line, shorten

_LONGEST = 250
"""Characters of a subject."""
_NOT_INSTALLED = "apprise is not installed: pip install 'kuntakaiku[webhooks]'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """How telling ended."""

    services: int
    told: int
    problem: str | None = None
    """None where all were told."""


def announce(addresses: Sequence[str], *, subject: str, link: str | None) -> Announced:
    """Tell every service of an issue and return how that ended; whatever happens, nothing is raised.

    Args:
        addresses: as apprise writes them, like ``slack://…``.
        subject: of the mail.
        link: to the issue's page; None where there is no site.
    """
    if find_spec("apprise") is None:
        return Announced(services=len(addresses), told=0, problem=_NOT_INSTALLED)
    told, strange = 0, 0
    for address in addresses:
        ending = _tell(address, _quiet(subject), link or "")
        told += ending is True
        strange += ending is None
    silent = len(addresses) - told - strange
    parts = [f"{silent} of {len(addresses)} services did not take it"] if silent else []
    parts += [f"{strange} of {len(addresses)} addresses mean nothing to apprise"] if strange else []
    return Announced(services=len(addresses), told=told, problem="; ".join(parts) or None)


def understood(addresses: Sequence[str]) -> str | None:
    """Return what is wrong with the services' addresses, without naming one and without asking any; None: nothing."""
    if find_spec("apprise") is None:
        return _NOT_INSTALLED
    import apprise

    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # its lines name addresses
    strange = [place for place, one in enumerate(addresses, 1) if not apprise.Apprise().add(one)]
    return f"address {', '.join(map(str, strange))} of {len(addresses)} means nothing to apprise" if strange else None


def _tell(address: str, subject: str, link: str) -> bool | None:
    """Return whether a service took it; None where the address means nothing."""
    import apprise

    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # its lines name addresses
    try:
        service = apprise.Apprise()
        if not service.add(address):
            return None
        return bool(
            service.notify(
                title=subject, body=link or subject, body_format=apprise.NotifyFormat.TEXT, interpret_escapes=False
            )
        )
    except Exception:  # noqa: BLE001 - a hundred services' own code: none of them may stop a digest
        return False


def _quiet(subject: str) -> str:
    """Return a subject that calls nobody: words of strangers may stand in it."""
    return shorten(one_line(subject), _LONGEST).replace("@", "@\u2060")
