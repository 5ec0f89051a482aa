"""The theme of a post that a mail showed: changed by an editor, proposed by a reader, by one link and once."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, RedirectResponse, Response

from console.address import with_query
from console.open.sheet import sheet, told
from console.paper import Face, Shelf
from console.views.shown import language_of
from programme.errors import MisuseError
from programme.types import NONE

if TYPE_CHECKING:
    from console.open.front import Judged


def show(face: Face) -> Response:
    """Return the page with the post and the themes to choose from, or what became of the link."""
    return _page(face)


def answer(face: Face, form: Mapping[str, str]) -> Response:
    """Store the choice."""
    ticket = str(face.request.path_params["ticket"])
    theme = form.get("theme", "")
    if not theme:
        return _page(face, fault=face.t("open.theme.choose"), status=400)
    try:
        ending = face.house.front.judge(ticket, theme)
    except MisuseError:
        return _page(face, fault=face.t("open.theme.choose"), status=400)
    if ending == "stored":
        return RedirectResponse(with_query(f"/theme/{ticket}", {"lang": face.language}), status_code=303)
    if ending == "labelled":
        return _labelled(face, face.house.front.judged(ticket), status=409)
    return told(face, "gone_post" if ending == "gone" else "used", status=409)


def _page(face: Face, fault: str = "", status: int = 200) -> HTMLResponse:
    ticket = str(face.request.path_params["ticket"])
    found = face.house.front.judged(ticket)
    if found.post is None:
        return told(face, "gone_post", status=410)
    if found.given is not None:
        key = "changed" if found.given.kind == "theme" else "proposed"
        return told(face, key, theme=face.theme(found.given.theme).name, date=face.dated(found.given.at))
    if not found.is_editors and found.post.labels:
        return _labelled(face, found)
    said = found.post.stored.post
    right = "change" if found.is_editors else "propose"
    return sheet(
        face,
        "judging.html.j2",
        title=face.t(f"open.{right}.title"),
        said=face.t(f"open.{right}.said"),
        status=status,
        ticket=ticket,
        fault=fault,
        act=face.t(f"open.{right}.act"),
        shown=found.shown,
        network=face.speak.network(said.network),
        at=face.dated(said.created_at),
        language=language_of(face, found.post),
        now=face.theme(found.post.standing).name,
        choices=_choices(face),
    )


def _labelled(face: Face, found: "Judged", status: int = 200) -> HTMLResponse:
    standing = found.post.standing if found.post else NONE
    return told(face, "labelled", status=status, theme=face.theme(standing).name)


def _choices(face: Face) -> list[Shelf]:
    return [face.theme(slug) for slug in (*face.house.configuration.programme.slugs, NONE)]
