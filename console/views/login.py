"""Logging in, by a mailed link or the organisation's own login, and out."""

from collections.abc import Mapping
from functools import partial
from urllib.parse import urlsplit

from starlette.background import BackgroundTask
from starlette.responses import HTMLResponse, RedirectResponse, Response

from console.access.oidc import ProviderError
from console.address import with_query
from console.paper import Face, page, refusal
from corpus.people import Person

_LONGEST = 320
"""Letters of an address (RFC 3696, erratum 1690)."""
_ONWARD = 1_000


def show(face: Face) -> Response:
    """Return the page that asks who it is."""
    if face.visitor:
        return RedirectResponse("/week", status_code=303)
    return HTMLResponse(_page(face))


def ask(face: Face, form: Mapping[str, str]) -> Response:
    """Mail a link, and answer the same whether the address is known or not."""
    if face.gate.door.login != "magic-link":
        return refusal(face, "", "error.404.title", 404)
    address = form.get("address", "").strip()
    if len(address) > _LONGEST or not all(address.partition("@")):
        return HTMLResponse(_page(face, fault=face.t("login.no_address")), status_code=400)
    if not face.gate.may_try(face.request):
        return refusal(face, "", "error.429.title", 429)
    mail = partial(_mail, face, address, onward(form.get("next", "")))
    return HTMLResponse(_page(face, sent=True), background=BackgroundTask(mail))


def show_link(face: Face) -> Response:
    """Return the page with the button that logs in: opening a link uses nothing up, since mail scanners open all."""
    token = str(face.request.path_params["token"])
    if not face.gate.is_link(token):
        return _over(face)
    return HTMLResponse(_page(face, link=face.request.url.path))


def follow(face: Face, form: Mapping[str, str]) -> Response:
    """Use a link up and log its person in."""
    del form
    if not face.gate.may_try(face.request):
        return refusal(face, "", "error.429.title", 429)
    found = face.gate.follow_link(str(face.request.path_params["token"]))
    return _enter(face, *found) if found else _over(face)


def go(face: Face) -> Response:
    """Send the browser to the organisation's own login."""
    provider, gate = face.house.provider, face.gate
    if provider is None:
        return refusal(face, "", "error.404.title", 404)
    if not gate.may_try(face.request):
        return refusal(face, "", "error.429.title", 429)
    try:
        visit = provider.begin(_back(face))
    except ProviderError as error:
        face.house.report(error)
        return HTMLResponse(_page(face, fault=face.t("login.no_provider")), status_code=503)
    kept = {
        "nonce": visit.nonce,
        "verifier": visit.verifier,
        "onward": onward(face.request.query_params.get("next", "")),
    }
    browser = gate.begin_visit(kept, visit.state)
    # By a link and not by a form, which the policy lets lead to our own addresses alone.
    response = RedirectResponse(visit.address, status_code=303)
    response.set_cookie(
        gate.visit_cookie, browser, max_age=900, path="/", secure=gate.door.is_secure, httponly=True, samesite="lax"
    )
    return response


def back(face: Face) -> Response:
    """Log in whom the organisation's own login let in."""
    query, gate, provider = face.request.query_params, face.gate, face.house.provider
    if provider is None:
        return refusal(face, "", "error.404.title", 404)
    entry = gate.end_visit(query.get("state", ""), face.request.cookies.get(gate.visit_cookie, ""))
    if entry is None or "code" not in query:
        return _over(face)
    kept = entry.content
    try:
        claims = provider.end(
            _back(face), code=query["code"], nonce=kept["nonce"], verifier=kept["verifier"], now=face.now
        )
    except ProviderError as error:
        face.house.report(error)
        return HTMLResponse(_page(face, fault=face.t("login.no_provider")), status_code=503)
    person = gate.claimed(claims)
    if person is None:
        return HTMLResponse(_page(face, fault=face.t("login.unknown")), status_code=403)
    response = _enter(face, person, str(kept.get("onward", "")))
    response.delete_cookie(gate.visit_cookie, path="/", secure=gate.door.is_secure, httponly=True, samesite="lax")
    return response


def leave(face: Face, form: Mapping[str, str]) -> Response:
    """Log out."""
    del form
    response = RedirectResponse("/login?done=out", status_code=303)
    face.gate.log_out(face.request, response)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def onward(address: str) -> str:
    """Return where somebody wanted to go, if that is a page of ours; else the first page."""
    parts = urlsplit(address)
    ours = address.startswith("/") and not address.startswith(("//", "/\\", "/login", "/logout"))
    printable = address.isprintable() and "\\" not in address
    return address if ours and printable and len(address) <= _ONWARD and not parts.netloc else "/week"


def _enter(face: Face, person: Person, wanted: str) -> Response:
    response = RedirectResponse(onward(wanted), status_code=303)
    face.gate.log_in(face.request, response, person)
    return response


def _mail(face: Face, address: str, wanted: str) -> None:
    try:
        face.gate.mail_link(address, face.language, wanted)
    except Exception as error:  # noqa: BLE001 - the answer is gone: the log alone can be told
        face.house.report(error)


def _over(face: Face) -> Response:
    return HTMLResponse(_page(face, fault=face.t("login.over")), status_code=410)


def _back(face: Face) -> str:
    return f"{face.gate.door.base}/login/provider/back"


def _page(face: Face, *, fault: str = "", sent: bool = False, link: str = "") -> str:
    query = face.request.query_params
    return page(
        face,
        "login.html.j2",
        current="",
        title=face.t("login.title"),
        way=face.gate.door.login,
        fault=fault,
        sent=sent,
        link=link,
        left=query.get("done") == "out",
        onward=onward(query.get("next", "")),
        minutes=15,
        token=face.token,
        again=with_query("/login", {}),
        provider=with_query("/login/provider", {"next": onward(query.get("next", ""))}),
    )
