"""Mails: who gets them, whether the server lets us in, what was not sent, and whether the sender can be trusted."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from runtime.checks.check import Check, Cure, judged

if TYPE_CHECKING:
    from corpus.issues import Delivery, StoredIssue
    from runtime.wiring import Program

UNSENT_AFTER = timedelta(hours=24)
"""Between approval and the last mail of an issue."""
_LATEST = 3
"""Issues that are looked at for mails that were not sent."""
_NO_PASSWORDS = ("5.7.30", "5.7.139")
"""Exchange Online: no login by password.

See https://learn.microsoft.com/exchange/clients-and-mobile-in-exchange-online/deprecation-of-basic-authentication-exchange-online
"""


def mail(program: "Program") -> Iterator[Check]:
    """Look at recipients, the mail server, and mails that wait."""
    from runtime.jobs.digest import ROLES

    readers = [one for one in program.configuration.recipients if one.role in ROLES]
    told = f"{len(readers)} get the digest"
    yield judged("recipients", "" if readers else told, told, Cure(key="recipients"))
    yield _server(program)
    yield _services(program)
    yield _leaving(program)
    parked = [one for one in _deliveries(program) if one.is_parked]
    yield judged(
        "deliveries",
        f"{len(parked)} in doubt or refused" if parked else "",
        "none in doubt or refused",
        Cure(key="deliveries"),
    )
    yield _unsent(program)
    if any(sign in reason for reason in _reasons(program) for sign in _NO_PASSWORDS):
        detail = "the server takes no login by password any more (550 5.7.30)"
        yield Check(name="mail server login", ok=False, detail=detail, cure=Cure(key="basic_auth"))


def _server(program: "Program") -> Check:
    from digest.transport import NoLineError
    from runtime.jobs.digest import transport

    smtp = program.configuration.delivery.smtp
    if smtp is None:
        return Check(name="mail server", ok=True, detail="none is configured: mails are written as files")
    try:
        with transport(program).open(sender=_sender(program)):
            return Check(name="mail server", ok=True, detail=f"{smtp.host}:{smtp.port} lets us in")
    except NoLineError as error:
        by_password = any(sign in error.problem for sign in _NO_PASSWORDS)
        cure = Cure(key="basic_auth") if by_password else error.remedy
        return Check(name="mail server", ok=False, detail=error.problem, cure=cure)


def _services(program: "Program") -> Check:
    from digest.webhook import understood
    from runtime.jobs.webhooks import addresses

    services = addresses(program)
    strange = understood(services) if services else None
    return judged("services", strange or "", f"{len(services)} are told of each issue", Cure(key="services"))


def _leaving(program: "Program") -> Check:
    from runtime.jobs.links import lacking

    unsigned = lacking(program) if program.configuration.delivery.smtp is not None else None
    return judged("leaving", unsigned or "", "recipients leave by one click, or no mail is sent", Cure(key="leaving"))


def _sender(program: "Program") -> str:
    return program.configuration.delivery.sender.rpartition("<")[2].rstrip(">")


def _deliveries(program: "Program") -> "list[Delivery]":
    issues = program.corpus.issues
    return [one for issue in (*issues.all(), *issues.all(notes=True)) for one in issues.deliveries(issue.key)]


def _reasons(program: "Program") -> Iterator[str]:
    """Yield what servers said of mails that did not go out, of late."""
    from runtime.jobs.alerts import book_of

    for issue in _latest(program):
        yield from (one.reason or "" for one in program.corpus.issues.deliveries(issue.key) if one.state != "sent")
    yield from (one.reason or "" for one in book_of(program).undelivered)


def _latest(program: "Program") -> "list[StoredIssue]":
    issues = sorted(program.corpus.issues.all(), key=lambda issue: issue.key)[-_LATEST:]
    notes = sorted(program.corpus.issues.all(notes=True), key=lambda note: note.drafted_at)[-_LATEST:]
    return [*issues, *notes]


def _unsent(program: "Program") -> Check:
    now, late = program.clock(), []
    for issue in _latest(program):
        if issue.sent_at is not None or issue.approved_at is None or now - issue.approved_at < UNSENT_AFTER:
            continue
        waiting = [one for one in program.corpus.issues.deliveries(issue.key) if one.state in ("pending", "deferred")]
        if waiting or issue.state == "approved":
            late.append(f"{issue.key}: {len(waiting)} mails wait since {issue.approved_at:%Y-%m-%d %H:%M} UTC")
    return judged("unsent mail", "; ".join(late), "nothing waits longer than a day", Cure(key="unsent"))


def authenticity(program: "Program") -> Iterator[Check]:
    """Look at what the sender's domain tells other mail servers; where no name server answers, nothing is said."""
    from digest.authenticity import NoNameServerError, examine, is_reserved

    domain = _sender(program).rpartition("@")[2]
    if program.configuration.delivery.smtp is None or is_reserved(domain):
        yield Check(name="sender's domain", ok=True, detail="not looked up: no mail is sent from a public domain")
        return
    try:
        delivery = program.configuration.delivery
        found = examine(domain, selector=delivery.dkim.selector if delivery.dkim else delivery.dkim_selector)
    except NoNameServerError as error:
        yield Check(name="sender's domain", ok=True, detail=f"not looked up: {error.problem}")
        return
    for record in found:
        cure = Cure(key=record.kind, values={"domain": domain})
        yield Check(name=record.kind.upper(), ok=record.ok, detail=record.detail, cure="" if record.ok else cure)


def alerts(program: "Program") -> Iterator[Check]:
    """Look whether anybody is told of trouble, and whether they got it."""
    from runtime.jobs.alerts import administrators, book_of

    people = administrators(program)
    yield judged(
        "administrators",
        "" if people else "nobody is mailed when a source fails",
        f"{len(people)} get alerts",
        Cure(key="administrators"),
    )
    lost = book_of(program).undelivered
    yield judged(
        "alerts",
        f"{len(lost)} not delivered, last: {lost[-1].reason}" if lost else "",
        "none waits or was refused",
        Cure(key="alerts"),
    )
