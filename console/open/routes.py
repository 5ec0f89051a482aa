"""The addresses of the open pages, and what answers each."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from console import tongue
from console.house import House
from console.open import archive, judging, leaving
from console.open.sheet import told
from console.paper import Face, tongues
from digest.ticket import ExpiredTicketError, ForgedTicketError

RIGHTS = ("/leave/", "/return/", "/theme/")
"""Beginnings of addresses that are a right: whoever holds one may post there, without a cookie and from anywhere."""
_SHIELD = {"Referrer-Policy": "no-referrer"}
"""A right must not be told to the page that is opened next."""
_FIELDS = 10


def is_right(path: str) -> bool:
    """Return whether an address is a right of whoever holds it."""
    return path.startswith(RIGHTS)


def routes(house: House) -> list[Route]:
    """Return the routes of the open pages."""

    def shows(view: Callable[[Face], Response]) -> Callable[[Request], Response]:
        return lambda request: _answered(_face(house, request), view)

    def takes(form: Callable[[Face, Mapping[str, str]], Response]) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            async with request.form(max_files=0, max_fields=_FIELDS) as sent:
                fields = {name: value for name, value in sent.items() if isinstance(value, str)}
            return await run_in_threadpool(lambda: _answered(_face(house, request), lambda face: form(face, fields)))

        return answer

    return [
        Route("/archive", lambda _: RedirectResponse("/archive/", status_code=308)),
        Route("/archive/", shows(archive.show_list)),
        Route("/archive/atom.xml", shows(archive.show_feed)),
        Route("/archive/{key}", shows(archive.show_issue)),
        Route("/leave/{ticket}", shows(leaving.show), methods=["GET"]),
        Route("/leave/{ticket}", takes(leaving.leave), methods=["POST"]),
        Route("/leave/{ticket}/return", takes(leaving.ask), methods=["POST"]),
        Route("/return/{ticket}", shows(leaving.show_return), methods=["GET"]),
        Route("/return/{ticket}", takes(leaving.come_back), methods=["POST"]),
        Route("/theme/{ticket}", shows(judging.show), methods=["GET"]),
        Route("/theme/{ticket}", takes(judging.answer), methods=["POST"]),
    ]


def _answered(face: Face, view: Callable[[Face], Response]) -> Response:
    """Return a view's answer, or what is wrong with the link."""
    try:
        response = view(face)
    except ForgedTicketError:
        response = told(face, "forged", status=404)
    except ExpiredTicketError:
        response = told(face, "expired", status=410)
    response.headers.setdefault("Vary", "Accept-Language, Cookie")
    response.headers.setdefault("Content-Language", face.language)
    if is_right(face.request.url.path):
        response.headers.update(_SHIELD)
    return response


def _face(house: House, request: Request) -> Face:
    language = tongue.choose(
        tongues(house),
        asked=request.query_params.get("lang"),
        cookie=request.cookies.get(tongue.COOKIE),
        header=request.headers.get("accept-language", ""),
    )
    return Face(house, request, language)
