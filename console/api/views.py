"""What the API tells."""

import dataclasses
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Annotated, Any

import msgspec
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from console.api import questions as ask
from console.api.answers import ProblemError, told
from console.house import House
from console.orders import CONTENTS, FORMATS, Order, Ordered
from corpus.api_keys import ApiKey
from corpus.classified import Selection
from corpus.issues import StoredIssue
from corpus.question import QuestionError
from corpus.search_query import Filters
from programme.errors import MisuseError
from programme.networks import NETWORKS
from programme.types import NONE, UNSURE

_Text = Annotated[str, msgspec.Meta(max_length=200)]
_OTHERS = (NONE, UNSURE, "unclassified")


class Wanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An export as a program asks for it."""

    content: _Text = CONTENTS[0]
    format: _Text = "jsonl"
    since: _Text | None = None
    until: _Text | None = None
    theme: _Text | None = None
    language: _Text | None = None
    plan: _Text
    accept_terms: bool


def posts(house: House, request: Request) -> Response:
    """Return posts that answer a line, newest first, a page at a time."""
    programme = house.configuration.programme
    filters = Filters(
        theme=ask.one_of(request, "theme", (*programme.slugs, *_OTHERS)),
        language=ask.text(request, "language"),
        network=ask.one_of(request, "network", NETWORKS),
        since=ask.instant(request, "since"),
        until=ask.instant(request, "until"),
    )
    line, key = ask.text(request, "q"), ask.text(request, "after")
    limit = ask.number(request, "limit", default=20, most=ask.MOST)
    if line is None:
        raise ProblemError(400, "q: what to look for.")
    try:
        found = house.find(line, filters, limit=limit, key=key)
    except QuestionError as error:
        raise ProblemError(400, f"{'after' if error.reason == 'key' else 'q'}: {error.problem}") from error
    return told(request, house.found_as_json(found))


def stats(house: House, request: Request) -> Response:
    """Return what the corpus holds, in numbers."""
    return told(request, dataclasses.asdict(house.corpus.posts.statistics()))


def topics(house: House, request: Request) -> Response:
    """Return a week's topics as its issue tells them, and all that issues told of."""
    week = ask.week(request, house.week(None))
    stored = house.corpus.issues.newest(week)
    known = [
        {"topic": one.key, "label": dict(one.label), "state": one.state, "weeks": list(one.weeks), "told_as": one.head}
        for one in house.known_topics()
    ]
    return told(
        request, {"week": str(week), "topics": stored.numbers.get("topics", []) if stored else [], "known": known}
    )


def coverage(house: House, request: Request) -> Response:
    """Return what was collected of a week, as `coverage --json` does."""
    return told(request, house.coverage_as_json(ask.week(request, house.week(None))))


def issues(house: House, request: Request) -> Response:
    """Return the issues, newest first, without their numbers."""
    found = sorted(house.corpus.issues.all(), key=lambda one: one.key, reverse=True)
    return told(request, {"issues": [_issue(house, one) for one in found]})


def issue(house: House, request: Request) -> Response:
    """Return one issue with every printed number."""
    stored = house.corpus.issues.get(str(request.path_params["key"]))
    if stored is None:
        raise ProblemError(404)
    numbers = {name: value for name, value in stored.numbers.items() if name != "counted"}
    return told(request, _issue(house, stored) | {"numbers": numbers})


def exports(house: House, request: Request) -> Response:
    """Return the exports that were ordered with this key, newest first."""
    key: ApiKey = request.scope["api_key"]
    return told(request, {"exports": [_ordered(one) for one in house.orders() if one.by == name_of(key)]})


def export(house: House, request: Request) -> Response:
    """Return one order."""
    return told(request, _ordered(_own(house, request)))


def export_file(house: House, request: Request) -> Response:
    """Return the file of an order."""
    found = house.order_file(_own(house, request).number)
    if found is None:
        raise ProblemError(404, "There is no file of it, or not any more.")
    return FileResponse(found[1], filename=found[1].name, media_type="application/octet-stream")


def order(house: House, request: Request, body: bytes) -> Response:
    """Take an order, which is made after the answer is on its way."""
    key: ApiKey = request.scope["api_key"]
    try:
        wanted = msgspec.json.decode(body, type=Wanted)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProblemError(400, f"The order cannot be read: {error}.") from error
    asked = _asked(house, wanted, name_of(key))
    try:
        ordered = house.take_order(asked)
    except MisuseError as error:
        raise ProblemError(409, error.problem) from error
    answer = told(request, _ordered(ordered), status=202)
    answer.headers["Location"] = f"/api/v1/exports/{ordered.number}"
    answer.background = BackgroundTask(partial(_make, house, ordered.number, asked))
    return answer


def name_of(key: ApiKey) -> str:
    """Return by which name what a key does is told."""
    return f"API key {key.key_id} ({key.name})"


def _make(house: House, number: str, asked: Order) -> None:
    try:
        house.make_order(number, asked)
    except Exception as error:  # noqa: BLE001 - the answer is gone: the log alone can be told
        house.report(error)


def _asked(house: House, wanted: Wanted, who: str) -> Order:
    programme = house.configuration.programme
    content = next((one for one in CONTENTS if one == wanted.content), None)
    if content is None:
        raise ProblemError(400, f"content: use one of {', '.join(CONTENTS)}.")
    if wanted.format not in FORMATS:
        raise ProblemError(400, f"format: use one of {', '.join(FORMATS)}.")
    if wanted.theme is not None and wanted.theme not in (*programme.slugs, *_OTHERS):
        raise ProblemError(400, f"theme: use one of {', '.join((*programme.slugs, *_OTHERS))}.")
    since = ask.read_instant("since", wanted.since) if wanted.since else None
    until = ask.read_instant("until", wanted.until) if wanted.until else None
    if since and until and until - since < timedelta():
        raise ProblemError(400, "until: not before since.")
    return Order(
        content=content,
        format=wanted.format,
        selection=Selection(since=since, until=until, theme=wanted.theme, lang=_clean(wanted.language)),
        plan=_clean(wanted.plan) or "",
        person=who,
        accepts_terms=wanted.accept_terms,
        by=who,
    )


def _clean(text: str | None) -> str | None:
    return " ".join(text.replace("\0", " ").split()) if text else None


def _own(house: House, request: Request) -> Ordered:
    key: ApiKey = request.scope["api_key"]
    number = str(request.path_params["number"])
    found = next((one for one in house.orders() if one.number == number and one.by == name_of(key)), None)
    if found is None:
        raise ProblemError(404)
    return found


def _ordered(one: Ordered) -> dict[str, Any]:
    there = {"file": f"/api/v1/exports/{one.number}/file"} if one.is_there else {}
    return {
        "number": one.number,
        "state": one.state,
        "problem": one.problem or None,
        "at": one.at,
        "content": one.content,
        "format": one.format,
        "plan": one.plan,
        "export": one.export_id,
        "posts": one.posts,
        "sha256": one.sha256 or None,
        "citation": one.citation or None,
        **there,
    }


def _issue(house: House, stored: StoredIssue) -> dict[str, Any]:
    states = Counter(str(one.state) for one in house.corpus.issues.deliveries(stored.key))
    return {
        "issue": stored.key,
        "state": stored.state,
        "drafted_at": stored.drafted_at,
        "approved_at": stored.approved_at,
        "approved_by": stored.approved_by,
        "sent_at": stored.sent_at,
        "model": stored.model,
        "deliveries": dict(states),
    }
