"""This week: the mail exactly as it goes out, and the button that lets it go."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from console.address import with_query
from console.paper import Face, page, refusal
from corpus.issues import Delivery, IssueStateError, StoredIssue
from digest.inert import one_line
from digest.render import RenderingError
from programme.edition import Edition
from programme.errors import MisuseError
from programme.types import Role
from programme.week import Week

if TYPE_CHECKING:
    from console.house import Mail

SHAPES = ("wide", "phone", "text")
ROLES: tuple[Role, ...] = ("editor", "reader")
LATEST = 8
"""Issues in the history."""
EVENTS = 12
LARGEST = 100_000
"""Bytes of a mail's HTML that Gmail shows uncut."""
_STEPS = ("draft", "approved", "sending", "sent")
_FRAME = {
    "Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    "X-Frame-Options": "SAMEORIGIN",
}
"""Of a mail in its frame: its own styles and pictures, no script, no form, no address that it may ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which mail is shown, and how."""

    language: str
    role: Role
    shape: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One way to show the mail."""

    name: str
    href: str
    is_on: bool
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """An issue in the history."""

    name: str
    href: str
    state: str
    counts: Mapping[str, int]
    by: str


def show(face: Face) -> Response:
    """Return the page of an issue, by default that of the last whole week."""
    try:
        week = face.house.week(face.request.query_params.get("week") or None)
    except MisuseError:
        return refusal(face, "health", "health.no_week", 404)
    return HTMLResponse(_page(face, week))


def show_mail(face: Face) -> Response:
    """Return one mail as it goes out, for the frame of the page."""
    found = _found(face)
    if found is None:
        return refusal(face, "", "error.404.title", 404)
    stored, chosen = found
    mail = face.house.mail(stored, chosen.language, chosen.role)
    if chosen.shape == "text":
        return PlainTextResponse(f"{mail.subject}\n\n{mail.text}", headers=_FRAME)
    return HTMLResponse(mail.html, headers={**_FRAME, "Content-Language": chosen.language})


def approve(face: Face, form: Mapping[str, str]) -> Response:
    """Freeze the draft that the reader saw, and no other; two who approve at once are told apart."""
    try:
        week = Week.named(form.get("week", ""))
    except MisuseError:
        return refusal(face, "", "error.400.title", 400)
    stored = face.house.corpus.issues.newest(week)
    if stored is None:
        return refusal(face, "", "error.404.title", 404)
    if stored.state == "draft" and form.get("drafted_at") != stored.drafted_at.isoformat():
        return HTMLResponse(_page(face, week, told=face.t("week.changed")), status_code=409)
    try:
        face.house.approve(week, face.who)
    except IssueStateError:
        return HTMLResponse(_page(face, week, told=face.t("week.approved_before")), status_code=409)
    except RenderingError:
        return HTMLResponse(_page(face, week), status_code=503)
    return RedirectResponse(with_query("/week", {"week": str(week), "done": "approved"}), status_code=303)


def _found(face: Face) -> tuple[StoredIssue, Chosen] | None:
    try:
        week = face.house.week(face.request.query_params.get("week") or None)
    except MisuseError:
        return None
    stored = face.house.corpus.issues.newest(week)
    return (stored, _chosen(face)) if stored else None


def _chosen(face: Face) -> Chosen:
    query, languages = face.request.query_params, face.house.configuration.programme.languages
    wanted, shape = query.get("mail", ""), query.get("shape", "")
    default = face.language if face.language in languages else languages[0]
    return Chosen(
        language=wanted if wanted in languages else default,
        role="reader" if query.get("role") == "reader" else "editor",
        shape=shape if shape in SHAPES else SHAPES[0],
    )


def _page(face: Face, week: Week, told: str = "") -> str:
    stored = face.house.corpus.issues.newest(week)
    chosen = _chosen(face)
    mail = None
    try:
        mail = face.house.mail(stored, chosen.language, chosen.role) if stored else None
    except RenderingError as error:
        told = face.t("week.unwritten", reason=f"{error.problem} {error.remedy}")
    deliveries = face.house.corpus.issues.deliveries(stored.key) if stored else []
    approved = stored is not None and stored.state == "approved"
    if not told and approved and face.request.query_params.get("done") == "approved":
        told = face.t("week.done")
    return page(
        face,
        "week.html.j2",
        current="week",
        title=face.t("health.week", week=week.number),
        week=week,
        week_dates=face.speak.week_dates(week),
        stored=stored,
        told=told,
        told_well=approved,
        lede=_lede(face, stored) if stored else "",
        steps=_STEPS,
        mail=mail,
        chosen=chosen,
        turns=_turns(face, week, chosen),
        frame=_address(week, chosen, "/week/mail"),
        checks=_checks(face, stored, mail) if stored and mail else (),
        recipients=_recipients(face),
        token=face.token if mail and stored and stored.state == "draft" and face.may("edit") else "",
        parked=[(one, _parked(face, one)) for one in deliveries if one.is_parked or one.state == "deferred"],
        history=_history(face),
        audits=[
            (face.moment(one.at), one_line(one.who)[:40], face.event(one.what), one_line(one.subject)[:60])
            for one in face.house.corpus.ledger.audits(limit=EVENTS)
        ],
    )


def _address(week: Week, chosen: Chosen, path: str = "/week", **other: str) -> str:
    query = {"week": str(week), "mail": chosen.language, "role": chosen.role, "shape": chosen.shape}
    return with_query(path, query | other)


def _turns(face: Face, week: Week, chosen: Chosen) -> dict[str, list[Turn]]:
    def turn(name: str, on: str, key: str, value: str, language: str) -> Turn:
        return Turn(name=name, href=_address(week, chosen, **{key: value}), is_on=on == value, language=language)

    spoken = face.speak.language
    return {
        "mail": [
            turn(face.own_name(code), chosen.language, "mail", code, code)
            for code in face.house.configuration.programme.languages
        ],
        "role": [turn(face.t(f"week.role.{role}"), chosen.role, "role", role, spoken) for role in ROLES],
        "shape": [turn(face.t(f"week.shape.{shape}"), chosen.shape, "shape", shape, spoken) for shape in SHAPES],
    }


def _lede(face: Face, stored: StoredIssue) -> str:
    said = [face.t("week.drafted", when=face.moment(stored.drafted_at))]
    if stored.sent_at:
        said.append(face.t("week.sent", when=face.moment(stored.sent_at)))
    elif stored.approved_at:
        said.append(
            face.t("week.approved", when=face.moment(stored.approved_at), who=one_line(stored.approved_by or ""))
        )
    deadline = face.house.deadline(stored)
    if stored.state == "draft":
        key = "week.deadline" if deadline else "week.no_deadline"
        said.append(face.t(key, when=face.moment(deadline)) if deadline else face.t(key))
    return " ".join(said)


def _checks(face: Face, stored: StoredIssue, mail: "Mail") -> list[tuple[bool, str]]:
    unclear = stored.numbers.get("awaiting")
    checks = [
        (True, face.t("week.check.languages")),
        (
            mail.size < LARGEST,
            face.t(
                "week.check.size", size=face.speak.number(mail.size // 1000), most=face.speak.number(LARGEST // 1000)
            ),
        ),
    ]
    if isinstance(unclear, int) and unclear:
        checks.append((False, face.n("week.check.unclear", unclear)))
    return checks


def _recipients(face: Face) -> str:
    spared = face.house.corpus.addresses.spared()
    named = [one for one in face.house.configuration.recipients if one.role in ROLES]
    people = [one for one in named if one.address.casefold() not in spared]
    by_language = Counter(one.language for one in people)
    listed = [f"{face.speak.number(n)} {face.speak.in_language(code)}" for code, n in by_language.most_common()]
    if not people:
        return face.t("week.nobody")
    return face.n("week.recipients", len(people), languages=face.speak.listed(listed))


def _parked(face: Face, one: Delivery) -> str:
    return face.t(
        f"week.parked.{one.state}", who=one_line(one.recipient)[:120], reason=one_line(one.reason or "–")[:200]
    )


def _history(face: Face) -> list[Past]:
    found = []
    for issue in sorted(face.house.corpus.issues.all(), key=lambda one: one.key, reverse=True)[:LATEST]:
        counts = Counter(str(one.state) for one in face.house.corpus.issues.deliveries(issue.key))
        edition = Edition.named(issue.key)
        name = f"{edition.week.number}/{edition.week.year}"
        found.append(
            Past(
                name=face.t("week.correction_of", n=edition.correction, name=name) if edition.correction else name,
                href=with_query("/week", {"week": str(edition.week)}),
                state=issue.state,
                counts=counts,
                by=one_line(issue.approved_by or "")[:40],
            )
        )
    return found
