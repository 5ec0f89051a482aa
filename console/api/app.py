"""The API as an application of its own: keys instead of cookies, problems instead of pages."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.access.limits import Limit
from console.access.tokens import mark_of
from console.api import views
from console.api.answers import ProblemError, problem, told
from console.api.described import description
from console.house import Door, House
from corpus.api_keys import Scope
from programme.errors import KuntakaikuError, MisuseError

PREFIX = "/api/"
View = Callable[[House, Request], Response]
Order = Callable[[House, Request, bytes], Response]
_PER_MINUTE = 120
"""Requests of one key, and of one client without any that opens something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An address and what answers there."""

    path: str
    scope: Scope
    view: View | None = None
    order: Order | None = None


CALLS = (
    Call(path="/api/v1/posts", scope="posts", view=views.posts),
    Call(path="/api/v1/stats", scope="read", view=views.stats),
    Call(path="/api/v1/topics", scope="read", view=views.topics),
    Call(path="/api/v1/coverage", scope="read", view=views.coverage),
    Call(path="/api/v1/issues", scope="read", view=views.issues),
    Call(path="/api/v1/issues/{key}", scope="read", view=views.issue),
    Call(path="/api/v1/exports", scope="exports", view=views.exports),
    Call(path="/api/v1/exports", scope="exports", order=views.order),
    Call(path="/api/v1/exports/{number}", scope="exports", view=views.export),
    Call(path="/api/v1/exports/{number}/file", scope="exports", view=views.export_file),
)


def build_api(house: House, door: Door) -> Starlette:
    """Return the API."""
    keys = _Keys(house)

    def described(request: Request) -> Response:
        return told(request, description(door.base, house.version))

    def routed(call: Call) -> Route:
        answer = keys.takes(call.order, call.scope) if call.order else keys.shows(call.view, call.scope)
        return Route(call.path, answer, methods=["POST"] if call.order else ["GET"])

    return Starlette(
        routes=[Route("/api/v1/openapi.json", described), *map(routed, CALLS)],
        exception_handlers={
            ProblemError: _told,
            HTTPException: lambda _, error: problem(error.status_code),
            KuntakaikuError: lambda _, error: problem(400 if isinstance(error, MisuseError) else 503),
        },
    )


class _Keys:
    """Lets requests in that bring a key with the scope that is asked."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._limit = Limit(_PER_MINUTE, timedelta(minutes=1))

    def shows(self, view: View | None, scope: Scope) -> Callable[[Request], Response]:
        """Return what answers a request that reads."""

        def answer(request: Request) -> Response:
            assert view  # noqa: S101 - a call has one of the two
            self._admit(request, scope)
            return view(self._house, request)

        return answer

    def takes(self, order: Order, scope: Scope) -> Callable[[Request], Awaitable[Response]]:
        """Return what answers a request that orders something."""

        def answered(request: Request, body: bytes) -> Response:
            self._admit(request, scope)
            if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
                raise ProblemError(415)
            return order(self._house, request, body)

        async def answer(request: Request) -> Response:
            body = await request.body()
            return await run_in_threadpool(answered, request, body)

        return answer

    def _admit(self, request: Request, scope: Scope) -> None:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        now = self._house.clock()
        found = token and kind.casefold() == "bearer"
        key = self._house.corpus.api_keys.of_mark(mark_of(token.strip()), now=now) if found else None
        client = request.client.host if request.client else ""
        if not self._limit.allows(str(key.key_id) if key else f"client {client}", now):
            raise ProblemError(429, "Wait a minute.")
        if key is None:
            raise ProblemError(401)
        if scope not in key.scopes:
            raise ProblemError(403, f"It lacks the scope {scope}.")
        request.scope["api_key"] = key


def _told(_: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)  # noqa: S101 - as registered
    return problem(error.status, error.detail, {"Retry-After": "60"} if error.status == 429 else None)  # noqa: PLR2004 - HTTP's own
