"""The accessibility statement that Finnish law asks for, and the form by which people tell of barriers."""

from collections.abc import Mapping

from starlette.responses import HTMLResponse, RedirectResponse, Response

from console.paper import Face, page, refusal

PATHS = {"fi": "/saavutettavuus", "sv": "/tillganglighet", "en": "/accessibility"}
_SPOKEN = {path: language for language, path in PATHS.items()}
_LONGEST = 5_000
_ADDRESS = 320


def show(face: Face) -> Response:
    """Return the statement; its address says in which language, unless the reader asks for another."""
    path = face.request.url.path
    language = face.language if "lang" in face.request.query_params else _SPOKEN[path]
    if language != face.language:
        face = Face(face.house, face.request, language)
    return HTMLResponse(_page(face), headers={"Content-Language": language})


def say(face: Face, form: Mapping[str, str]) -> Response:
    """Store what somebody says; administrators see it."""
    said, reply_to = form.get("said", "").strip(), form.get("reply_to", "").strip()
    if not said or len(said) > _LONGEST or len(reply_to) > _ADDRESS:
        fault = face.t("accessibility.say_something")
        return HTMLResponse(_page(face, fault=fault, said=said, reply_to=reply_to), status_code=400)
    if not face.gate.may_try(face.request):
        return refusal(face, "", "error.429.title", 429)
    face.house.corpus.feedback.say(said, reply_to, now=face.now)
    path = PATHS.get(face.language, PATHS["en"])
    return RedirectResponse(f"{path}?done=1#h-feedback", status_code=303)


def _page(face: Face, *, fault: str = "", said: str = "", reply_to: str = "") -> str:
    privacy = face.house.configuration.site.privacy
    return page(
        face,
        "accessibility.html.j2",
        current="",
        title=face.t("accessibility.title"),
        controller=privacy.controller or "",
        contact=privacy.contact or "",
        fault=fault,
        said=said,
        reply_to=reply_to,
        done="done" in face.request.query_params,
        token=face.token,
    )
