"""What is broken, each with its remedy: every check, one after another."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from programme.errors import KuntakaikuError
from runtime.checks import learning, machine, mail, sources, upkeep
from runtime.checks.check import Check, Cure, Look, judged

if TYPE_CHECKING:
    from runtime.wiring import Program


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A check in the reader's words."""

    name: str
    ok: bool
    detail: str
    """In English, with what the machine said."""
    remedy: str

    def as_json(self) -> dict[str, object]:
        """Return the check as ``doctor --json`` prints it."""
        return {"name": self.name, "ok": self.ok, "detail": self.detail, "remedy": self.remedy}


def examine(program: "Program", language: str = "en") -> list[Told]:
    """Return every check; one that cannot be made is a failed one, and stops no other.

    Args:
        program: the house.
        language: of the remedies.
    """
    say = _sayer(program, language)
    return [
        Told(
            name=check.name,
            ok=check.ok,
            detail=check.detail,
            remedy=say(check.cure) if isinstance(check.cure, Cure) else check.cure,
        )
        for name, look in CHECKS.items()
        for check in _looked(program, name, look)
    ]


def _looked(program: "Program", name: str, look: Look) -> Iterator[Check]:
    try:
        yield from look(program)
    except KuntakaikuError as error:
        yield Check(name=name, ok=False, detail=error.problem, cure=error.remedy or Cure(key="configuration"))
    except OSError as error:
        detail = f"{error.filename or 'the machine'}: {error.strerror}"
        yield Check(name=name, ok=False, detail=detail, cure=Cure(key="path"))


def _sayer(program: "Program", language: str) -> Callable[[Cure], str]:
    from programme.load import shipped_directory
    from programme.messages import Messages

    try:
        messages = program.messages
    except KuntakaikuError:  # a catalogue of the configuration is broken: that is one of the checks
        messages = Messages.load(shipped_directory())
    return lambda cure: messages.translate(f"doctor.{cure.key}", language, **cure.values)


def _configuration(program: "Program") -> Iterator[Check]:
    privacy = program.configuration.site.privacy.missing
    yield Check(name="configuration", ok=True, detail=f"{program.settings.config} is in order")
    lacks = f"site.toml lacks {', '.join(privacy)}" if privacy else ""
    yield judged("privacy", lacks, "the privacy keys are filled in", Cure(key="privacy"))


CHECKS: Mapping[str, Look] = {
    "configuration": _configuration,
    "file permissions": machine.permissions,
    "disk": machine.disk,
    "database": machine.database,
    "backup": upkeep.backups,
    "clock": machine.clock,
    "classifier": learning.classifier,
    "sources": sources.sources,
    "streams": sources.streams,
    "tokens": sources.tokens,
    "mail": mail.mail,
    "sender's domain": mail.authenticity,
    "alerts": mail.alerts,
    "exports": upkeep.exports,
}
"""By the name under which a check that cannot be made is told."""
