"""Who may enter, which programs may ask, and what was said of the console: for administrators."""

from collections.abc import Mapping

from starlette.responses import HTMLResponse, RedirectResponse, Response

from console.paper import Face, page, refusal
from corpus.api_keys import SCOPES
from digest.inert import one_line
from programme.errors import MisuseError
from programme.staff import RIGHTS, STAFF_ROLES

_AUDITS = 100
_DIGITS = 9


def show(face: Face) -> Response:
    """Return the page."""
    return HTMLResponse(_page(face))


def change(face: Face, form: Mapping[str, str]) -> Response:
    """Let somebody in or out, make or end a key, or settle what was said."""
    act, corpus = form.get("act", ""), face.house.corpus
    number = form.get("number", "")
    is_number = number.isascii() and number.isdecimal() and len(number) <= _DIGITS
    try:
        if act == "add":
            face.house.add_person(
                form.get("address", ""), form.get("role", ""), form.get("name", "").strip() or None, None, who=face.who
            )
        elif act == "remove":
            return _remove(face, form.get("address", ""))
        elif act == "key":
            chosen = [scope for scope in SCOPES if form.get(f"scope-{scope}") == "yes"]
            token, _ = face.house.add_key(form.get("name", ""), chosen, who=face.who)
            return HTMLResponse(_page(face, token=token))
        elif act == "end" and is_number:
            corpus.api_keys.end(int(number), who=face.who, now=face.now)
        elif act == "settle" and is_number:
            corpus.feedback.settle(int(number), who=face.who, now=face.now)
        else:
            return refusal(face, "", "error.400.title", 400)
    except MisuseError as error:
        return HTMLResponse(_page(face, fault=f"{error.problem} {error.remedy}"), status_code=400)
    return RedirectResponse("/access?done=1", status_code=303)


def _remove(face: Face, address: str) -> Response:
    people = face.house.corpus.people
    person = people.by_address(address)
    others = [one for one in people.all() if one.role == "administrator" and one != person]
    if person and person.role == "administrator" and not others and face.visitor and face.visitor.is_logged_in:
        return HTMLResponse(_page(face, fault=face.t("access.last")), status_code=409)
    people.remove(address, who=face.who, now=face.now)
    return RedirectResponse("/access?done=1", status_code=303)


def _page(face: Face, fault: str = "", token: str = "") -> str:
    corpus = face.house.corpus
    return page(
        face,
        "access.html.j2",
        current="access",
        title=face.t("access.title"),
        fault=fault,
        made=token,
        done="done" in face.request.query_params and not fault and not token,
        people=[(one, face.dated(one.since_at)) for one in corpus.people.all()],
        roles=STAFF_ROLES,
        rights=RIGHTS,
        scopes=SCOPES,
        keys=[(one, face.dated(one.used_at) if one.used_at else "–") for one in corpus.api_keys.all()],
        feedback=[(one, face.dated(one.at)) for one in corpus.feedback.all()],
        audits=[
            (face.dated(one.at), one_line(one.who)[:60], face.event(one.what), one_line(one.subject)[:80])
            for one in corpus.ledger.audits(limit=_AUDITS)
        ],
        token=face.token,
    )
