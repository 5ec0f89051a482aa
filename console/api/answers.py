"""How the API answers: JSON with an ETag, and problems as RFC 9457 has them."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

import msgspec
from starlette.requests import Request
from starlette.responses import Response

_TITLES = {
    400: "The request cannot be understood",
    401: "No key, or none that opens anything",
    403: "The key does not reach this far",
    404: "There is no such thing",
    405: "This cannot be done here",
    408: "The request took too long",
    409: "It cannot be done as things stand",
    413: "That is too much at once",
    415: "Send JSON",
    429: "Too many requests",
    500: "Something went wrong",
    503: "The database does not answer",
}


@dataclass(slots=True)
class ProblemError(Exception):
    """What a request cannot have, and why."""

    status: int
    detail: str = ""


def told(request: Request, value: object, *, status: int = 200) -> Response:
    """Return a value as JSON; nothing where the asker has it already."""
    content = msgspec.json.encode(value)
    tag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    known = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    if request.method in ("GET", "HEAD") and tag in known:
        return Response(status_code=304, headers=headers)
    return Response(content, status_code=status, media_type="application/json", headers=headers)


def problem(status: int, detail: str = "", headers: Mapping[str, str] | None = None) -> Response:
    """Return what went wrong, for programs."""
    value = {"type": "about:blank", "title": _TITLES.get(status, _TITLES[500]), "status": status}
    more = {"WWW-Authenticate": 'Bearer realm="kuntakaiku"'} if status == 401 else {}  # noqa: PLR2004 - HTTP's own
    return Response(
        msgspec.json.encode(value | ({"detail": detail} if detail else {})),
        status_code=status,
        media_type="application/problem+json",
        headers=more | dict(headers or {}),
    )
