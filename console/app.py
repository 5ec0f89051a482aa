"""The console as one application: routes, languages, and pages for what goes wrong."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from mimetypes import guess_type

import asgi_csrf
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from console import tongue, vitals
from console.access.gate import Gate
from console.address import with_query
from console.api.answers import problem
from console.api.app import PREFIX, build_api
from console.guard import Guard
from console.house import STATIC, Door, House
from console.open import routes
from console.paper import Face, refusal, tongues
from console.ways import WAYS, Form, View, Way
from programme.errors import KuntakaikuError, MisuseError
from programme.staff import Right

FIELDS = 50
"""Of a form."""
KEPT = 365 * 86_400
"""Seconds for which a browser keeps the choice of language, and what never changes."""
_TOLD = frozenset({400, 401, 403, 404, 405, 408, 413, 429, 500, 503})
"""Statuses that have words of their own."""


def build(house: House, door: Door) -> ASGIApp:
    """Return the console."""
    desk = _Desk(house, Gate(house, door))
    app = Starlette(
        routes=[
            Route("/", lambda _: RedirectResponse("/week", status_code=307)),
            Route("/static/{name}", _static),
            *vitals.routes(house, door),
            *(desk.route(way) for way in WAYS),
            *routes.routes(house),
        ],
        exception_handlers={HTTPException: desk.fault, KuntakaikuError: desk.fault, Exception: desk.fault},
    )

    async def forged(scope: Scope, send: Send, reason: object) -> None:
        del reason
        await desk.refuse(scope, 403)(scope, _nothing, send)

    signed = asgi_csrf.asgi_csrf(
        app,
        signing_secret=door.secret,
        cookie_secure=door.is_secure,
        cookie_samesite="Strict",
        send_csrf_failed=forged,
        always_protect=_Everything(),
        skip_if_scope=lambda scope: routes.is_right(scope["path"]),
    )
    pages = Guard(signed, door=door, refuse=desk.refuse, report=house.report, is_right=routes.is_right)
    api = Guard(
        build_api(house, door),
        door=door,
        refuse=lambda _, status: problem(status),
        report=house.report,
        takes_forms=False,
    )

    async def parted(scope: Scope, receive: Receive, send: Send) -> None:
        chosen = api if scope["type"] == "http" and scope["path"].startswith(PREFIX) else pages
        await chosen(scope, receive, send)

    return parted


class _Desk:
    """Gives each request to its view, in the reader's language."""

    def __init__(self, house: House, gate: Gate) -> None:
        self._house = house
        self._gate = gate

    def route(self, way: Way) -> Route:
        """Return the route of an address."""
        if way.form:
            return Route(way.path, self.takes(way.form, way.right), methods=["POST"])
        assert way.view  # noqa: S101 - a way has one of the two
        return Route(way.path, self.shows(way.view, way.right), methods=["GET"])

    def shows(self, view: View, right: Right | None = "read") -> Callable[[Request], Response]:
        """Return what answers a request for a page; a page that is open to everybody says so by ``None``."""

        def answer(request: Request) -> Response:
            face = self._visited(request)
            if right and not face.visitor:
                asked = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
                return RedirectResponse(with_query("/login", {"next": asked}), status_code=303)
            if right and not face.may(right):
                return refusal(face, "", "error.role.title", 403, told="role")
            response = view(face)
            if request.query_params.get("lang") == face.language:
                response.set_cookie(tongue.COOKIE, face.language, max_age=KEPT, httponly=True, samesite="lax")
            response.headers.setdefault("Vary", "Accept-Language, Cookie")
            response.headers.setdefault("Content-Language", face.language)
            return response

        return answer

    def takes(self, form: Form, right: Right | None) -> Callable[[Request], Awaitable[Response]]:
        """Return what answers a form that was sent; ``None``: by anybody."""

        def answered(request: Request, fields: Mapping[str, str]) -> Response:
            face = self._visited(request)
            if right and not face.visitor:
                return refusal(face, "", "error.401.title", 401)
            if right and not face.may(right):
                return refusal(face, "", "error.role.title", 403, told="role")
            return form(face, fields)

        async def answer(request: Request) -> Response:
            async with request.form(max_files=0, max_fields=FIELDS) as sent:
                fields = {name: value for name, value in sent.items() if isinstance(value, str)}
            return await run_in_threadpool(lambda: answered(request, fields))

        return answer

    def fault(self, request: Request, error: Exception) -> Response:
        """Return the page of what went wrong; what nobody foresaw is reported by the guard."""
        if "visitor" not in request.scope:  # nobody was asked for at an address that is none
            with suppress(KuntakaikuError):
                self._visited(request)
        if isinstance(error, HTTPException):
            return self._refusal(request, error.status_code)
        if isinstance(error, KuntakaikuError):
            return self._refusal(request, 400 if isinstance(error, MisuseError) else 503)
        return self._refusal(request, 500)

    def refuse(self, scope: Scope, status: int) -> Response:
        """Return the page of a request that came no further than the door."""
        return self._refusal(Request(scope), status)

    def _refusal(self, request: Request, status: int) -> Response:
        told = status if status in _TOLD else 500
        answer = refusal(self._face(request), "", f"error.{told}.title", told)
        answer.status_code = status
        return answer

    def _visited(self, request: Request) -> Face:
        """Return the face of a request, with who it comes from."""
        request.scope["gate"] = self._gate
        request.scope["visitor"] = self._gate.visitor(request)
        return self._face(request)

    def _face(self, request: Request) -> Face:
        language = tongue.choose(
            tongues(self._house),
            asked=request.query_params.get("lang"),
            cookie=request.cookies.get(tongue.COOKIE),
            header=request.headers.get("accept-language", ""),
        )
        return Face(self._house, request, language)


class _Everything:
    """Holds every path: a form without a cookie is checked too."""

    def __contains__(self, path: object) -> bool:
        return True


async def _nothing() -> dict[str, object]:
    return {"type": "http.disconnect"}


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
