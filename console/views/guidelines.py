"""Guidelines: what belongs to each theme, and what does not; and what people's labels have changed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, Response

from console.paper import Face, Shelf, page

if TYPE_CHECKING:
    from programme.guidelines import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """One theme's guideline."""

    theme: Shelf
    page: "Page | None"
    language: str
    """In which it is written: the reader's where it is, else the first that there is."""
    cases: tuple[tuple[str, Shelf, str], ...]
    """Borderline posts: text, theme, why."""


def show(face: Face) -> Response:
    """Return the guidelines of all themes."""
    found = face.house.guidelines()
    guides = []
    for slug in face.house.configuration.programme.slugs:
        written = found.page(slug, face.language)
        pages = found.pages.get(slug, {})
        guides.append(
            Guide(
                theme=face.theme(slug),
                page=written,
                language=face.language if face.language in pages else next(iter(pages), face.language),
                cases=tuple((one.text, face.theme(one.theme), one.why) for one in written.borderline)
                if written
                else (),
            )
        )
    html = page(
        face,
        "guidelines.html.j2",
        current="review",
        view="guidelines",
        title=face.speak.text("guideline.title"),
        guides=guides,
        version=found.version,
    )
    return HTMLResponse(html)


def show_learning(face: Face) -> Response:
    """Return what the last training changed, and how good it is."""
    found = face.house.learning()
    comparison = found.report.get("comparison") or {}
    measured = found.report.get("macro_f1") if found.report.get("n") and not found.report.get("provisional") else None
    ratio = face.speak.ratio
    facts = [
        face.t("learning.trained", when=face.dated(found.trained_at)) if found.trained_at else face.t("learning.never"),
        face.n("learning.new", found.new_labels),
        face.n("learning.changed", found.changed, all=face.speak.number(found.compared))
        if found.compared is not None
        else face.t("learning.no_change"),
    ]
    if comparison.get("n"):
        after, before = ratio(100 * comparison["after"]), ratio(100 * comparison["before"])
        facts.append(face.n("learning.compared", int(comparison["n"]), before=before, after=after))
    elif measured is not None:
        facts.append(face.n("learning.measured", int(found.report["n"]), after=ratio(100 * measured)))
    else:
        facts.append(face.t("learning.not_measured"))
    html = page(
        face, "learning.html.j2", current="review", view="learning", title=face.t("learning.title"), facts=facts
    )
    return HTMLResponse(html)
