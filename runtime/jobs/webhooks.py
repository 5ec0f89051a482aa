"""Chat services are told once of each issue that goes out; where that fails, administrators are, and mails go on."""

from typing import TYPE_CHECKING

from runtime.jobs.links import archive_address

if TYPE_CHECKING:
    from corpus.issues import StoredIssue
    from runtime.wiring import Program

FACT = "webhooks"
_KEPT = 20
"""Issues of which it is remembered what services were told."""
_CUT_OFF = "the program stopped before the services had answered"


def addresses(program: "Program") -> list[str]:
    """Return the services' addresses, which are secrets."""
    return (program.secrets("WEBHOOKS") or "").split()


def announce_issue(program: "Program", stored: "StoredIssue", *, again: bool = False) -> str | None:
    """Tell the configured services of an issue that has begun to go out, once, and return what went wrong.

    That it is told is on record before it is: a crash between leaves it told of as cut off, and not twice. ``again``
    is a person's wish.
    """
    services = addresses(program)
    told = dict(program.corpus.facts.get(FACT) or {})
    if not services or (stored.key in told and not again):
        return None
    _keep(program, told | {stored.key: _entry(program, _CUT_OFF)})
    from digest.webhook import announce

    language = program.configuration.programme.default_language
    subject = next((one.subject for one in program.corpus.archive.listed(language) if one.key == stored.key), None)
    ending = announce(services, subject=subject or stored.key, link=archive_address(program, stored.key, language))
    _keep(program, told | {stored.key: _entry(program, ending.problem)})
    return ending.problem


def problems(program: "Program") -> dict[str, tuple[str, str | None]]:
    """Return of each issue that services were told of since when, and what went wrong; None: nothing."""
    told = program.corpus.facts.get(FACT) or {}
    return {key: (entry["at"], entry["problem"]) for key, entry in told.items()}


def _entry(program: "Program", problem: str | None) -> dict[str, str | None]:
    return {"at": program.clock().isoformat(), "problem": problem}


def _keep(program: "Program", told: "dict[str, dict[str, str | None]]") -> None:
    latest = dict(sorted(told.items())[-_KEPT:])
    program.corpus.facts.put(FACT, latest, now=program.clock(), durable=True)
