"""The door: what may not pass is refused before a page is asked for, and every answer carries its shields."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.house import Door

Refuse = Callable[[Scope, int], Response]
"""Makes the page of a refusal."""
SAFE = frozenset({"GET", "HEAD"})
FORMS = frozenset({"POST"})
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self';"
    " frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
SHIELDS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}
"""Headers of every answer that does not bring its own."""
ENCRYPTED = {"Strict-Transport-Security": "max-age=31536000"}
"""And of those that go over an encrypted line: a browser comes no other way any more."""


class _TooLargeError(Exception):
    """More came than a form may hold."""


class Guard:
    """Refuses foreign hosts, odd methods, forms from elsewhere and oversized ones; no fault shows what it was about."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        door: Door,
        refuse: Refuse,
        report: Callable[[BaseException], None],
        is_right: Callable[[str], bool] = lambda _: False,
        takes_forms: bool = True,
    ) -> None:
        self._app = app
        self._takes_forms = takes_forms
        self._door = door
        self._refuse = refuse
        self._report = report
        self._is_right = is_right

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        began = False

        async def shielded(message: Message) -> None:
            nonlocal began
            if message["type"] == "http.response.start":
                began = True
                _shield(message, is_secure=self._door.is_secure)
            await send(message)

        status = self._fault(scope)
        if status is None:
            try:
                await self._app(scope, receive if scope["method"] in SAFE else self._measured(receive), shielded)
            except _TooLargeError:
                status = 413
            except TimeoutError:
                status = 408
            except Exception as error:  # noqa: BLE001 - the last boundary: a page without details, a log without values
                self._report(error)
                status = 500
        if status is not None and not began:
            await self._refuse(scope, status)(scope, receive, shielded)

    def _fault(self, scope: Scope) -> int | None:
        headers = Headers(scope=scope)
        if host_name(headers.get("host", "")) not in self._door.hosts:
            return 400
        if scope["method"] not in SAFE | FORMS:
            return 405
        if scope["method"] in SAFE:
            return None
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self._door.body_limit:
            return 413
        # Mail programs post to a right by themselves, without a page of ours: the address itself is the right. Users of
        # the API bring a key in a header of its own, which no page of another site can send for it.
        if self._takes_forms and not self._is_right(scope["path"]) and not _comes_from_us(headers):
            return 403
        return None

    def _measured(self, receive: Receive) -> Receive:
        taken = 0

        async def measured() -> Message:
            nonlocal taken
            message = await _in_time(receive, self._door.body_seconds)
            taken += len(message.get("body", b""))
            if taken > self._door.body_limit:
                raise _TooLargeError
            return message

        return measured


async def _in_time(receive: Callable[[], Awaitable[MutableMapping[str, object]]], seconds: float) -> Message:
    return await asyncio.wait_for(receive(), seconds)


def host_name(host: str) -> str:
    """Return the name of a ``Host`` header in lower case, without its port; nothing where it is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _comes_from_us(headers: Headers) -> bool:
    """Return whether a form was sent by one of our pages, as far as the browser tells.

    Without a login nothing but the browser's own word keeps another site from posting here: so it must be given.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None and site != "same-origin":
        return False
    return bool(headers.get("cookie")) and origin is not None and urlsplit(origin).netloc == headers.get("host")


def _shield(message: Message, *, is_secure: bool) -> None:
    headers = MutableHeaders(raw=message.setdefault("headers", []))
    for name, value in (SHIELDS | (ENCRYPTED if is_secure else {})).items():
        headers.setdefault(name, value)
    # The library that signs forms knows neither attribute.
    message["headers"] = [
        (name, value + b"; HttpOnly" if name.lower() == b"set-cookie" and b"httponly" not in value.lower() else value)
        for name, value in message["headers"]
    ]
