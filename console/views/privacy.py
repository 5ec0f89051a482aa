"""The privacy notice of what is running, at the address that each language has for it."""

from starlette.responses import HTMLResponse, Response

from console.paper import Face, page

PATHS = {"fi": "/tietosuoja", "sv": "/dataskydd", "en": "/privacy"}
_SPOKEN = {path: language for language, path in PATHS.items()}


def show(face: Face) -> Response:
    """Return the notice; its address says in which language, unless the reader asks for another."""
    path = face.request.url.path
    language = face.language if "lang" in face.request.query_params else _SPOKEN[path]
    if language != face.language:
        face = Face(face.house, face.request, language)
    document = face.house.privacy(language)
    html = page(face, "privacy.html.j2", current="", title=document.title, document=document)
    return HTMLResponse(html, headers={"Content-Language": document.language})
