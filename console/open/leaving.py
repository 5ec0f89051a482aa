"""Leaving the list, and coming back to it: whoever holds the link may, without a login; opening it changes nothing."""

from collections.abc import Mapping

from starlette.responses import RedirectResponse, Response

from console.address import with_query
from console.open.sheet import sheet, told
from console.paper import Face
from programme.errors import KuntakaikuError


def show(face: Face) -> Response:
    """Return the page that asks whether to leave, or tells that it is done."""
    ticket = _ticket(face)
    place = face.house.front.place(ticket)
    left = face.speak.full_date(place.left_at) if place.left_at else ""
    key = "left" if left else "leave"
    return sheet(
        face,
        "leaving.html.j2",
        title=face.t(f"open.{key}.title"),
        said=face.t(f"open.{key}.said", address=place.shown, date=left),
        ticket=ticket,
        has_left=bool(left),
    )


def leave(face: Face, form: Mapping[str, str]) -> Response:
    """Take the holder off the list; mail programs do it by themselves and only look at the status (RFC 8058)."""
    ticket = _ticket(face)
    face.house.front.leave(ticket)
    if form.get("List-Unsubscribe") == "One-Click":
        return told(face, "gone")
    return RedirectResponse(with_query(f"/leave/{ticket}", {"lang": face.language}), status_code=303)


def ask(face: Face, form: Mapping[str, str]) -> Response:
    """Mail a link to come back."""
    del form
    ticket = _ticket(face)
    place = face.house.front.place(ticket)
    try:
        key = "asked" if face.house.front.ask(ticket) else "asked_before"
    except KuntakaikuError:
        return told(face, "not_asked", status=503)
    return told(face, key, address=place.shown)


def show_return(face: Face) -> Response:
    """Return the page that asks whether to come back."""
    ticket = _ticket(face)
    place = face.house.front.returning(ticket)
    if place.left_at is None:
        return told(face, "back", address=place.shown)
    return sheet(
        face,
        "returning.html.j2",
        title=face.t("open.return.title"),
        said=face.t("open.return.said", address=place.shown),
        ticket=ticket,
    )


def come_back(face: Face, form: Mapping[str, str]) -> Response:
    """Put the holder on the list again."""
    del form
    ticket = _ticket(face)
    place = face.house.front.returning(ticket)
    if face.house.front.come_back(ticket):
        return told(face, "back", address=place.shown)
    return told(face, "used_return", status=409) if place.left_at else told(face, "back", address=place.shown)


def _ticket(face: Face) -> str:
    return str(face.request.path_params["ticket"])
