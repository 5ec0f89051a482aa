"""The archive: every issue that has gone out at an address of its own, and the feed that tells of new ones."""

import re
from dataclasses import dataclass

from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from console.address import with_query
from console.open.feed import Entry, Feed, written
from console.open.sheet import fragment, sheet, told
from console.paper import Face, tongues
from corpus.archive import Archived
from corpus.rendering import Rendering
from digest.charts import with_pictures
from digest.slots import without_slots
from programme.edition import Edition
from programme.errors import MisuseError
from programme.types import Localised

IN_FEED = 26
"""Issues that the feed tells of: half a year."""
_BODY = re.compile(r"<body[^>]*>")
_SHIELD = {
    "Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
}
"""Of an issue's page: the mail's own styles and pictures, no script, nothing that it may ask for."""
_PAGE, _LIST = "/archive/{}", "/archive/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An issue in the list."""

    name: str
    dates: str
    subject: str
    href: str
    is_correction: bool


def show_list(face: Face) -> Response:
    """Return the issues of a year, the newest by default, and the years."""
    issues = face.house.corpus.archive.listed(face.language)
    years = sorted({Edition.named(one.key).week.year for one in issues}, reverse=True)
    asked = face.request.query_params.get("year", "")
    year = next((one for one in years if str(one) == asked), years[0] if years else None)
    return sheet(
        face,
        "archive.html.j2",
        title=face.t("open.archive.title"),
        programme=_programme(face),
        lines=[_line(face, one) for one in issues if Edition.named(one.key).week.year == year],
        years=[(one, with_query(_LIST, {"year": str(one), "lang": face.language}), one == year) for one in years],
        feed=with_query("/archive/atom.xml", {"lang": face.language}),
    )


def show_issue(face: Face) -> Response:
    """Return an issue as everybody may read it, with the way to its other languages and to its correction."""
    name = str(face.request.path_params["key"])
    try:
        key = str(Edition.named(name))
    except MisuseError:
        return told(face, "no_issue", status=404)
    archive = face.house.corpus.archive
    wanted = [face.language, *tongues(face.house)]
    found = next((page for code in dict.fromkeys(wanted) if (page := archive.page(key, code))), None)
    if found is None or key != name:
        return told(face, "no_issue", status=404)
    bar = _bar(face, found, archive.listed(found.language))
    html = _BODY.sub(lambda body: f"{body[0]}{bar}", with_pictures(without_slots(found.html), found.charts), count=1)
    return HTMLResponse(html, headers={**_SHIELD, "Content-Language": found.language})


def show_feed(face: Face) -> Response:
    """Return the newest issues as Atom (RFC 4287)."""
    site = face.house.configuration.site.public_url or str(face.request.base_url).rstrip("/")
    entries = []
    for one in face.house.corpus.archive.listed(face.language)[:IN_FEED]:
        page = face.house.corpus.archive.page(one.key, face.language)
        if page is not None:
            entries.append(
                Entry(
                    address=f"{site}{with_query(_PAGE.format(one.key), {'lang': face.language})}",
                    title=one.subject,
                    published_at=one.published_at,
                    updated_at=one.updated_at,
                    text=without_slots(page.text),
                )
            )
    feed = Feed(
        address=f"{site}{with_query('/archive/atom.xml', {'lang': face.language})}",
        page=f"{site}{with_query(_LIST, {'lang': face.language})}",
        title=face.t("open.archive.feed", programme=_programme(face)),
        author=_programme(face),
        language=face.language,
        entries=tuple(entries),
    )
    return Response(written(feed), media_type="application/atom+xml")


def _line(face: Face, one: Archived) -> Line:
    edition = Edition.named(one.key)
    return Line(
        name=face.t("open.archive.week", week=edition.week.number, year=edition.week.year),
        dates=face.speak.week_dates(edition.week),
        subject=one.subject,
        href=with_query(_PAGE.format(one.key), {"lang": face.language}),
        is_correction=bool(edition.correction),
    )


def _bar(face: Face, page: Rendering, listed: list[Archived]) -> Markup:
    edition = Edition.named(page.issue)
    editions = sorted(Edition.named(one.key) for one in listed if Edition.named(one.key).week == edition.week)
    near = [one for one in editions if abs(one.correction - edition.correction) == 1]
    others = [
        (face.t(f"open.archive.{'corrected' if one > edition else 'original'}"), _href(str(one), page.language))
        for one in near
    ]
    return fragment(
        face,
        "bar.html.j2",
        all=with_query(_LIST, {"lang": face.language}),
        languages=[
            (code, face.own_name(code), _href(page.issue, code))
            for code in tongues(face.house)
            if code != page.language
        ],
        others=others,
    )


def _href(key: str, language: str) -> str:
    return with_query(_PAGE.format(key), {"lang": language})


def _programme(face: Face) -> str:
    programme = face.house.configuration.programme
    named: Localised = programme.page or programme.name
    return face.speak.name(named).text
