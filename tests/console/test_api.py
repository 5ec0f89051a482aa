"""The API: keys with scopes, the same numbers as the pages, problems that programs read, and nothing that breaks it."""

import re
from collections.abc import Iterator
from contextlib import suppress
from unittest import SkipTest

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import GenerationMode
from starlette.testclient import TestClient

from console.api.app import CALLS
from console.api.described import description
from console.app import build
from runtime.jobs import access, digest, serve
from runtime.wiring import Program
from tests.console.conftest import client_of


def key(program: Program, *scopes: str) -> dict[str, str]:
    """Return the header of a new key."""
    token, _ = access.add_key(program, "a script", scopes or ("read", "posts", "exports"), who="test")
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def filled(talk: Program, week: Program) -> Program:
    """A corpus with a digest."""
    del week
    digest.draft(talk, talk.week("2026-W47"), who="test")
    return talk


@pytest.fixture
def api(filled: Program) -> Iterator[TestClient]:
    """A program that asks, with a key that may do everything."""
    with client_of(filled) as opened:
        opened.headers.update(key(filled))
        yield opened


def test_pages_of_posts_lead_on(api: TestClient) -> None:
    """Every post that answers comes once, a page at a time, as `search --json` tells it."""
    first = api.get("/api/v1/posts?q=kaupunki%20OR%20bussi&limit=1").json()
    assert (first["total"], len(first["hits"])) == (2, 1)
    second = api.get("/api/v1/posts", params={"q": "kaupunki OR bussi", "limit": "1", "after": first["next"]}).json()
    assert {first["hits"][0]["native_id"], second["hits"][0]["native_id"]} == {"2", "9"}
    assert second["next"] is None
    assert api.get("/api/v1/posts?q=bussi&theme=parks").json()["total"] == 0


def test_numbers_are_those_of_the_commands(api: TestClient, filled: Program) -> None:
    """Statistics, coverage, topics and issues are what the corpus and the commands tell."""
    assert api.get("/api/v1/stats").json()["posts"] == 7
    (source,) = api.get("/api/v1/coverage?week=2026-W47").json()["sources"]
    assert (source["source"], source["hours_missing"]) == ("masto", 5)
    assert api.get("/api/v1/topics?week=2026-W47").json()["week"] == "2026-W47"
    (listed,) = api.get("/api/v1/issues").json()["issues"]
    assert (listed["issue"], listed["state"]) == ("2026-W47", "draft")
    told = api.get("/api/v1/issues/2026-W47").json()["numbers"]
    assert told["posts"] == digest.stored_issue(filled, filled.week("2026-W47")).numbers["posts"]


def test_what_is_known_is_not_sent_again(api: TestClient) -> None:
    """An answer has an ETag, and who has it gets 304; another answer has another."""
    first = api.get("/api/v1/stats")
    tag = first.headers["etag"]
    again = api.get("/api/v1/stats", headers={"If-None-Match": f'"x", W/{tag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert api.get("/api/v1/issues").headers["etag"] != tag
    assert "no-store" not in first.headers["cache-control"]
    assert first.headers["vary"] == "Authorization"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/posts", 400),
        ("/api/v1/posts?q=a&theme=none-such", 400),
        ("/api/v1/posts?q=a&limit=1000", 400),
        ("/api/v1/posts?q=a&since=joskus", 400),
        ("/api/v1/posts?q=a&after=zzz", 400),
        ("/api/v1/posts?q=%22", 400),
        ("/api/v1/coverage?week=2026-W99", 400),
        ("/api/v1/issues/2020-W01", 404),
        ("/api/v1/exports/..", 404),
        ("/api/v1/nothing", 404),
    ],
)
def test_problems_are_told_for_programs(path: str, status: int, api: TestClient) -> None:
    """What cannot be answered is a problem of RFC 9457 that says what."""
    answer = api.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_keys_open_their_scopes_alone(filled: Program) -> None:
    """Without a key, with a wrong or ended one: 401. With one of another scope: 403. A page's cookie opens nothing."""
    with client_of(filled) as browser:
        browser.get("/week")
        for headers in ({}, {"Authorization": "Bearer kk_no"}, {"Authorization": "Basic kk_no"}):
            answer = browser.get("/api/v1/stats", headers=headers)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
        read = key(filled, "read")
        assert browser.get("/api/v1/stats", headers=read).status_code == 200
        for call in CALLS:
            path = re.sub(r"\{[^}]+\}", "x", call.path)
            got = browser.post(path, headers=read, json={}) if call.order else browser.get(path, headers=read)
            assert (got.status_code == 403) == (call.scope != "read"), path
        assert filled.corpus.api_keys.end(1, who="test", now=filled.clock())
        assert browser.get("/api/v1/stats", headers=read).status_code == 401
        assert browser.get("/week", headers=read).status_code == 200  # a key is nothing to a page, which is open here


def test_requests_are_limited(filled: Program) -> None:
    """A key has 120 requests a minute, and is told to wait."""
    header = key(filled, "read")
    with client_of(filled) as browser:
        answers = [browser.get("/api/v1/issues/none", headers=header).status_code for _ in range(121)]
        assert set(answers[:120]) == {404}
        last = browser.get("/api/v1/issues", headers=header)
        assert (answers[120], last.status_code, last.headers["retry-after"]) == (429, 429, "60")


def test_exports_are_gated_like_a_persons(api: TestClient, filled: Program) -> None:
    """An order is made, recorded for the key and downloaded; without plan or terms it is refused; others see none."""
    order = {"content": "ids", "plan": "kuntakieli 2026", "accept_terms": True}
    for wrong, status in (
        (order | {"accept_terms": False}, 409),
        (order | {"plan": " "}, 409),
        (order | {"content": "all"}, 400),
        (order | {"more": 1}, 400),
        (order | {"since": "x"}, 400),
    ):
        assert api.post("/api/v1/exports", json=wrong).status_code == status
    assert api.post("/api/v1/exports", content=b"{", headers={"Content-Type": "application/json"}).status_code == 400
    assert api.post("/api/v1/exports", data=order).status_code == 415
    taken = api.post("/api/v1/exports", json=order)
    assert taken.status_code == 202
    made = api.get(taken.headers["location"]).json()
    assert (made["state"], made["posts"]) == ("done", 5)
    assert b"mastodon" in api.get(made["file"]).content
    assert filled.corpus.exports.all()[0].person == "API key 1 (a script)"
    assert [one["number"] for one in api.get("/api/v1/exports").json()["exports"]] == [made["number"]]
    other = key(filled, "exports")
    assert api.get(taken.headers["location"], headers=other).status_code == 404


def test_description_names_every_call(api: TestClient) -> None:
    """The OpenAPI document, open without a key, has each route with its scope and parameters, and no other."""
    told = TestClient(api.app, base_url="http://127.0.0.1:8000").get("/api/v1/openapi.json").json()
    assert told == description("http://127.0.0.1:8000", told["info"]["version"])
    described = {(path, method) for path, methods in told["paths"].items() for method in methods}
    assert described == {(call.path, "post" if call.order else "get") for call in CALLS}
    for call in CALLS:
        assert f"Scope: {call.scope}." in str(told["paths"][call.path])


@pytest.mark.everything
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_that_is_allowed_breaks_it(filled: Program) -> None:
    """Whatever the description allows, and what it does not, is answered without a fault of ours."""
    app = build(serve.house(filled), serve.door(filled, "127.0.0.1"))
    schema = schemathesis.openapi.from_dict(description("http://127.0.0.1:8000", "1"))
    schema.app = app
    statuses: list[int] = []
    for found in schema.get_all_operations():
        header = key(filled)  # of its own for each, since a key has so many requests a minute
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            statuses += _answers(found.ok().as_strategy(generation_mode=mode), header)
    assert len(statuses) > 150
    assert {200, 202, 400, 404} <= set(statuses)
    assert max(statuses) < 500


def _answers(cases: SearchStrategy[schemathesis.Case], header: dict[str, str]) -> list[int]:
    """Return the statuses of what a strategy asks."""
    statuses: list[int] = []

    @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=cases)
    def ask(case: schemathesis.Case) -> None:
        answer = case.call(headers={**header, "Host": "127.0.0.1:8000"})
        statuses.append(answer.status_code)
        assert answer.status_code < 500, answer.text

    with suppress(Unsatisfiable, SkipTest):  # where nothing can be asked wrongly
        ask()
    return statuses
