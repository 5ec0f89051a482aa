"""The open pages' templates: the console's look without its menu."""

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from console.house import TEMPLATES
from console.paper import Face, static_address

_OWN = Path(__file__).parent / "templates"


def sheet(face: Face, template: str, *, title: str, status: int = 200, **values: object) -> HTMLResponse:
    """Return a page."""
    html = (
        _environment()
        .get_template(template)
        .render(face=face, t=face.t, n=face.n, speak=face.speak, static=static_address, title=title, **values)
    )
    return HTMLResponse(html, status_code=status, headers={"Content-Language": face.language})


def told(face: Face, key: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """Return a page that says one thing: a title and a sentence of the words under ``open``."""
    return sheet(
        face,
        "told.html.j2",
        title=face.t(f"open.{key}.title", **values),
        status=status,
        said=face.t(f"open.{key}.said", **values),
    )


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader([_OWN, TEMPLATES]),
        autoescape=True,  # of every template: their names end in .j2, which select_autoescape() would not escape
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def fragment(face: Face, template: str, **values: object) -> Markup:
    """Return a part of a page, escaped already."""
    return Markup(_environment().get_template(template).render(face=face, t=face.t, **values))  # noqa: S704 - the template escapes
