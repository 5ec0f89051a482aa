"""The console as one application: routes, languages, and pages for what goes wrong."""

from collections.abc import Callable
from mimetypes import guess_type

import asgi_csrf
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Scope, Send

from console import tongue
from console.guard import Guard
from console.house import STATIC, Door, House
from console.paper import Face, page, tongues
from console.views import discussions, health, privacy
from programme.errors import KuntakaikuError, MisuseError

View = Callable[[Face], Response]
KEPT = 365 * 86_400
"""Seconds for which a browser keeps the choice of language, and what never changes."""
_TOLD = frozenset({400, 403, 404, 405, 408, 413, 500, 503})
"""Statuses that have words of their own."""


def build(house: House, door: Door) -> ASGIApp:
    """Return the console."""

    def shown(view: View) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            face = Face(house, request, _language(house, request))
            response = view(face)
            if request.query_params.get("lang") == face.language:
                response.set_cookie(tongue.COOKIE, face.language, max_age=KEPT, httponly=True, samesite="lax")
            response.headers.setdefault("Vary", "Accept-Language, Cookie")
            response.headers.setdefault("Content-Language", face.language)
            return response

        return answer

    def fault(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException):
            return _error(house, request, error.status_code)
        return _error(house, request, 400 if isinstance(error, MisuseError) else 503)

    def unforeseen(request: Request, error: Exception) -> Response:
        del error  # the guard reports it
        return _error(house, request, 500)

    app = Starlette(
        routes=[
            Route("/", lambda _: RedirectResponse("/discussions", status_code=307)),
            Route("/static/{name}", _static),
            Route("/health", shown(health.show)),
            Route("/discussions", shown(discussions.show_list)),
            Route("/discussions/{name:path}", shown(discussions.show_one)),
            *(Route(path, shown(privacy.show)) for path in privacy.PATHS.values()),
        ],
        exception_handlers={HTTPException: fault, KuntakaikuError: fault, Exception: unforeseen},
    )

    def refuse(scope: Scope, status: int) -> Response:
        return _error(house, Request(scope), status)

    async def forged(scope: Scope, send: Send, reason: object) -> None:
        del reason
        await refuse(scope, 403)(scope, _nothing, send)

    signed = asgi_csrf.asgi_csrf(
        app, signing_secret=door.secret, cookie_samesite="Strict", send_csrf_failed=forged, always_protect=_Everything()
    )
    return Guard(signed, door=door, refuse=refuse, report=house.report)


class _Everything:
    """Holds every path: a form without a cookie is checked too."""

    def __contains__(self, path: object) -> bool:
        return True


async def _nothing() -> dict[str, object]:
    return {"type": "http.disconnect"}


def _language(house: House, request: Request) -> str:
    return tongue.choose(
        tongues(house),
        asked=request.query_params.get("lang"),
        cookie=request.cookies.get(tongue.COOKIE),
        header=request.headers.get("accept-language", ""),
    )


def _error(house: House, request: Request, status: int) -> Response:
    face = Face(house, request, _language(house, request))
    told = status if status in _TOLD else 500
    html = page(face, "error.html.j2", current="", title=face.t(f"error.{told}.title"), status=told)
    return HTMLResponse(html, status_code=status, headers={"Content-Language": face.language})


def _static(request: Request) -> Response:
    # By name among the files that are there: no path can lead elsewhere.
    path = next((path for path in STATIC.iterdir() if path.name == request.path_params["name"]), None)
    if path is None or not path.is_file():
        raise HTTPException(404)
    return Response(
        path.read_bytes(),
        media_type=guess_type(path.name)[0] or "text/plain",
        headers={"Cache-Control": f"public, max-age={KEPT}, immutable"},
    )
