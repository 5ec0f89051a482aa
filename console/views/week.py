"""This week: the mail exactly as it goes out, what editors can change in it, and the buttons that let it go."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, get_args

from starlette.responses import HTMLResponse, PlainTextResponse, Response

from console.address import with_query
from console.desk import Decided, PostAct, TopicAct
from console.paper import Face, page, refusal
from console.views.week_desk import desk
from corpus.issues import Delivery, StoredIssue
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
DONE = frozenset(
    {"approved", "introduction", "fixed", "drafted", "withdrawn", "sending"}
    | {f"settled_{one}" for one in get_args(Decided)}
    | {*get_args(PostAct), *get_args(TopicAct)}
)
"""What the page can say was done."""
_LONG = timedelta(minutes=30)
"""After which a sending that did not end is taken for dead."""
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
class Sending:
    """How the sending of an issue stands."""

    is_running: bool
    sure: str
    """What somebody must say who sends it now; empty where everybody has it, or waits for a person."""
    problem: str
    """Why the last one that was begun here did not go through; else empty."""


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
    return HTMLResponse(whole_page(face, week))


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


def whole_page(face: Face, week: Week, *, told: str = "", kept: Mapping[str, str] | None = None) -> str:
    """Return the page of a week's issue.

    Args:
        face: who looks at it.
        week: whose newest issue it shows.
        told: why nothing was done; else what was, as the address says.
        kept: introductions by language that somebody wrote and that were not stored.
    """
    newest = face.house.corpus.issues.newest(week)
    # Before the draft is read: one that changes meanwhile is another one than that which its forms speak of.
    standing = face.house.corpus.editing.get(newest.key) if newest else None
    stored = face.house.corpus.issues.get(newest.key) if newest else None
    chosen = _chosen(face)
    mail = None
    try:
        mail = face.house.mail(stored, chosen.language, chosen.role) if stored else None
    except RenderingError as error:
        told = face.t("week.unwritten", reason=f"{error.problem} {error.remedy}")
    deliveries = face.house.corpus.issues.deliveries(stored.key) if stored else []
    work = desk(face, stored, standing) if stored and standing else None
    did = "" if told else _did(face, mail)
    at = face.request.query_params.get("at", "")
    at = at if did and work and at in work.anchors else ""
    can_edit = stored is not None and face.may("edit")
    return page(
        face,
        "week.html.j2",
        current="week",
        title=face.t("health.week", week=week.number),
        week=week,
        week_dates=face.speak.week_dates(week),
        stored=stored,
        told=told or ("" if at else did),
        told_well=not told,
        did=did,
        at=at,
        seen=standing.seen if standing else "",
        desk=work,
        kept=kept or {},
        sending=_sending(face, stored, deliveries) if stored else None,
        lede=_lede(face, stored) if stored else "",
        steps=_STEPS,
        mail=mail,
        chosen=chosen,
        turns=_turns(face, week, chosen),
        frame=_address(week, chosen, "/week/mail"),
        checks=_checks(face, stored, mail) if stored and mail else (),
        recipients=_recipients(face),
        token=face.token if can_edit else "",
        parked=[(one, _parked(face, one)) for one in deliveries if one.is_parked or one.state == "deferred"],
        history=_history(face),
        audits=[
            (face.moment(one.at), one_line(one.who)[:40], face.event(one.what), one_line(one.subject)[:60])
            for one in face.house.corpus.ledger.audits(limit=EVENTS)
        ],
    )


def _did(face: Face, mail: "Mail | None") -> str:
    """Return what was done last, as the address says; nothing where it says nothing that is known."""
    query = face.request.query_params
    done = query.get("done", "")
    said = face.t(f"week.did.{done}") if done in DONE else ""
    if said and mail and query.get("subject") == "1":
        said += " " + face.t("week.did.subject", subject=face.speak.quoted(mail.subject))
    return said


def _sending(face: Face, stored: StoredIssue, deliveries: Sequence[Delivery]) -> Sending | None:
    """Return how sending stands; None where there is nothing to send."""
    if stored.state not in ("approved", "sending"):
        return None
    waiting = sum(one.state in ("pending", "deferred") for one in deliveries)
    last = face.house.desk.last_sending(stored.key)
    is_running = last is not None and last.state == "running" and face.now - last.started_at < _LONG
    problem = last.problem if last and last.started_at >= (stored.approved_at or last.started_at) else None
    return Sending(
        is_running=is_running,
        sure=face.n("week.sending.sure", waiting) if waiting else "",
        problem=face.t("week.sending.problem", reason=one_line(problem)[:400]) if problem else "",
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
