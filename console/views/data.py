"""Data for researchers: what a selection comes to, what the terms allow, an export and its citation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response

from console.address import midnight, read_day
from console.orders import CONTENTS, FORMATS, Order, Ordered
from console.paper import Face, page, refusal
from corpus.classified import Selection
from corpus.exports import Available, Export
from digest.inert import one_line
from programme.errors import MisuseError
from programme.types import NONE, UNSURE

_PLAN = 200
_LISTED = 30
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "csv-fi": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl",
    "ids": "text/plain; charset=utf-8",
    "package": "application/zip",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An order in the list."""

    at: str
    what: str
    plan: str
    state: str
    problem: str
    posts: str
    file: str
    """Address of it; empty where there is none."""
    manifest: str
    citation: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A recorded export in the list."""

    number: int
    at: str
    person: str
    plan: str
    what: str
    still: str
    is_whole: bool


def show(face: Face) -> Response:
    """Return the page with the count of what is chosen."""
    return HTMLResponse(_page(face, face.request.query_params))


def order(face: Face, form: Mapping[str, str]) -> Response:
    """Take an order, which is made after the answer is on its way; or count again."""
    if form.get("act") == "count":
        return HTMLResponse(_page(face, form))
    fault = _fault(face, form)
    if fault:
        return HTMLResponse(_page(face, form, fault=fault), status_code=400)
    asked = asked_by(face, form)
    try:
        ordered = face.house.take_order(asked)
    except MisuseError:
        return HTMLResponse(_page(face, form, fault=face.t("data.fault.terms")), status_code=400)
    return RedirectResponse(
        "/data?done=1#h-orders",
        status_code=303,
        background=BackgroundTask(partial(_make, face.house.make_order, face.house.report, ordered.number, asked)),
    )


def download(face: Face) -> Response:
    """Return the file of an order, to whom it was made for."""
    found = _own(face)
    if found is None:
        return refusal(face, "data", "data.no_file", 404)
    ordered, path = found
    name = f"kuntakaiku-{ordered.content}-{ordered.at:%Y%m%d}{path.suffix}"
    return FileResponse(path, media_type=_TYPES[ordered.format], filename=name)


def manifest(face: Face) -> Response:
    """Return what a package tells of itself."""
    found = _own(face)
    if found is None or found[0].format != "package":
        return refusal(face, "data", "data.no_file", 404)
    return JSONResponse(face.house.manifest_of(found[1]))


def asked_by(face: Face, form: Mapping[str, str]) -> Order:
    """Return what a form asks for.

    To whom it is handed is who is logged in; only where the controller itself works, somebody else can be named.
    """
    content = next((one for one in CONTENTS if one == form.get("content")), CONTENTS[0])
    chosen = form.get("format", "")
    return Order(
        content=content,
        format=chosen if chosen in FORMATS else FORMATS[0],
        selection=_selection(face, form),
        plan=" ".join(form.get("plan", "").split())[:_PLAN],
        person=_person(face, form),
        accepts_terms=form.get("terms") == "yes",
        by=face.who,
    )


def _person(face: Face, form: Mapping[str, str]) -> str:
    return " ".join(form.get("person", "").split())[:_PLAN] if face.may("administer") else face.who


def _selection(face: Face, form: Mapping[str, str]) -> Selection:
    zone, programme = face.house.configuration.programme.zone, face.house.configuration.programme
    first, last = read_day(form.get("from", "")), read_day(form.get("to", ""))
    theme, language = form.get("theme", ""), form.get("language", "")
    return Selection(
        since=midnight(first, zone) if first else None,
        until=midnight(last + timedelta(days=1), zone) if last else None,
        theme=theme if theme in (*programme.slugs, NONE, UNSURE) else None,
        lang=language if language in programme.languages else None,
    )


def _fault(face: Face, form: Mapping[str, str]) -> str:
    for name in ("from", "to"):
        if form.get(name, "").strip() and read_day(form[name]) is None:
            return face.t("data.fault.day")
    if not form.get("plan", "").strip():
        return face.t("data.fault.plan")
    if not _person(face, form):
        return face.t("data.fault.person")
    return "" if form.get("terms") == "yes" else face.t("data.fault.terms")


def _make(
    make: Callable[[str, Order], None], report: Callable[[BaseException], None], number: str, asked: Order
) -> None:
    try:
        make(number, asked)
    except Exception as error:  # noqa: BLE001 - the answer is gone: the log alone can be told
        report(error)


def _own(face: Face) -> tuple[Ordered, Path] | None:
    found = face.house.order_file(str(face.request.path_params["number"]))
    return found if found and (found[0].by == face.who or face.may("administer")) else None


def _page(face: Face, form: Mapping[str, str], fault: str = "") -> str:
    asked = asked_by(face, form)
    offer = face.house.offer(asked.selection, asked.person)
    mine = [one for one in face.house.orders() if one.by == face.who or face.may("administer")]
    records = [one for one in face.house.corpus.exports.available() if _concerns(face, one)]
    day_faults = [name for name in ("from", "to") if form.get(name, "").strip() and read_day(form[name]) is None]
    return page(
        face,
        "data.html.j2",
        current="data",
        title=face.t("data.title"),
        fault=fault or (face.t("data.fault.day") if day_faults else ""),
        day_faults=day_faults,
        done="done" in form,
        form={name: one_line(form.get(name, ""))[:_PLAN] for name in ("from", "to", "plan", "person")},
        asked=asked,
        contents=CONTENTS,
        formats=FORMATS,
        offer=offer,
        beyond=[(face.speak.network(one), offer.limits[one], offer.left[one]) for one in offer.beyond],
        has_key=face.house.has_pseudonyms,
        languages=face.house.configuration.programme.languages,
        orders=[_line(face, one) for one in mine[:_LISTED]],
        is_waiting=any(one.state == "waiting" for one in mine),
        records=[_record(face, one) for one in sorted(records, key=lambda one: -one.export.export_id)[:_LISTED]],
        terms=_terms(face, offer.networks),
        token=face.token,
    )


def _concerns(face: Face, one: Available) -> bool:
    return face.may("administer") or face.who in (one.export.made_by, one.export.person)


def _terms(face: Face, networks: Mapping[str, object]) -> list[str]:
    say = face.speak.text
    return [say("package.duties"), *(say(f"package.terms.{one}") for one in sorted({*networks, "x"}))]


def _line(face: Face, one: Ordered) -> Line:
    told = {"limit": face.t("data.problem.limit"), "key": face.t("data.problem.key")}
    address = f"/files/exports/{one.number}" if one.is_there else ""
    return Line(
        at=face.moment(one.at),
        what=_what(face, one.content, one.format),
        plan=one_line(one.plan)[:60],
        state=one.state,
        problem=told.get(one.problem, one_line(one.problem)[:300]),
        posts=face.speak.number(one.posts) if one.state == "done" else "–",
        file=address,
        manifest=f"{address}/manifest" if address and one.format == "package" else "",
        citation=one_line(one.citation),
        sha256=one.sha256[:12],
    )


def _content_of(export: Export) -> str:
    """Return as what an export is offered here; whole posts are made on the command line alone."""
    if export.format in ("package", "ids"):
        return export.format
    if export.projection == "research":
        return "coded" if "without_text" in export.query else "text"
    return export.projection


def _what(face: Face, content: str, file_format: str) -> str:
    name = face.t(f"data.content.{content}")
    return name if content in ("package", "ids", "open") else f"{name}, {face.t(f'data.format.{file_format}')}"


def _record(face: Face, one: Available) -> Record:
    export = one.export
    held = face.t("data.still", still=face.speak.number(one.still), held=face.speak.number(one.posts))
    return Record(
        number=export.export_id,
        at=face.moment(export.made_at),
        person=one_line(export.person)[:60] or face.t("data.own_copy"),
        plan=one_line(export.plan)[:60],
        what=_what(face, _content_of(export), export.format),
        still=held if one.posts else "–",
        is_whole=one.still == one.posts,
    )
