"""What is asked of X is what X's own OpenAPI document lets one ask, in the naming of that document."""

import gzip
import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from collector.comply import comply
from collector.source import Opening
from collector.sources.x import XSource, open_source
from tests.collector.conftest import Bench, Network
from tests.collector.fake_wire import Asked, Clock
from tests.collector.fake_x import FakeX

_DOCUMENT = Path(os.environ.get("KUNTAKAIKU_TEST_DATA", "")) / "api_x_v2/openapi/openapi.json.gz"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """X's OpenAPI document."""
    if "KUNTAKAIKU_TEST_DATA" not in os.environ or not _DOCUMENT.is_file():
        pytest.skip("X's OpenAPI document is not in the directory that KUNTAKAIKU_TEST_DATA names")
    read: dict[str, Any] = json.loads(gzip.decompress(_DOCUMENT.read_bytes()))
    return read


def faults(document: dict[str, Any], asked: Asked) -> list[str]:
    """Return what the document does not allow in a request."""

    def resolved(part: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in part:
            found = document
            for key in part["$ref"].removeprefix("#/").split("/"):
                found = found[key]
            part = found
        return part

    path = re.sub("[0-9]{10,}$", "{id}", asked.path)
    described = document["paths"][path][asked.method.lower()]
    takes = {one["name"]: one for one in map(resolved, described["parameters"]) if one["in"] == "query"}
    found = (
        _body_faults(resolved(described["requestBody"]["content"]["application/json"]["schema"]), asked)
        if (asked.method == "POST")
        else []
    )
    found += [f"{name} is missing" for name, one in takes.items() if one.get("required") and name not in asked.params]
    for name, value in asked.params.items():
        if name not in takes:
            found.append(f"{name} is unknown")
            continue
        schema = resolved(takes[name]["schema"])
        items = resolved(schema.get("items", {}))
        for one in value.split(",") if schema["type"] == "array" else [value]:
            allowed = items.get("enum") or schema.get("enum")
            pattern = items.get("pattern") or schema.get("pattern") or ""
            if (allowed and one not in allowed) or not re.search(pattern, one):
                found.append(f"{name}: {one} is not allowed")
            if schema["type"] == "integer" and not schema["minimum"] <= int(one) <= schema["maximum"]:
                found.append(f"{name}: {one} is out of bounds")
    return found


def _body_faults(schema: dict[str, Any], asked: Asked) -> list[str]:
    """Return what a schema does not allow in the JSON of a request."""
    sent, takes = json.loads(asked.body), schema["properties"]
    found = [f"{name} is missing" for name in schema["required"] if name not in sent]
    for name, value in sent.items():
        if name not in takes:
            found.append(f"{name} is unknown")
        elif "enum" in takes[name] and value not in takes[name]["enum"]:
            found.append(f"{name}: {value} is not allowed")
        elif len(value) > takes[name].get("maxLength", len(value)):
            found.append(f"{name} is too long")
    return found


def test_every_request_is_in_the_document(
    bench_of: Callable[[Network], Bench], clock: Clock, document: dict[str, Any]
) -> None:
    """Search, thread, look-up, counts, archive and usage are asked for with what the document names."""
    fake = FakeX(clock, naming="post")
    bench = bench_of(fake)
    native_id = fake.publish(12)[0]
    bench.collect()
    source: XSource = open_source(bench.settings, bench.programme, bench.secrets.get)
    source.keep_account(bench.corpus.facts)
    start, end, patience = clock() - timedelta(days=3), clock(), bench.patience()
    list(source.thread(Opening(native_id=native_id, discussion=native_id, url=None), 3, patience))
    assert source.look_up([native_id], patience).posts
    source.count_hours(start, end, patience)
    source.estimate(start, end, patience)
    list(source.fetch_between(start, end, None, patience))
    right = [asked for asked in fake.asked if "tweet.fields" not in asked.params]
    assert {asked.path for asked in right} == {
        "/2/tweets/search/recent",
        "/2/tweets/search/all",
        "/2/tweets",
        "/2/tweets/counts/recent",
        "/2/tweets/counts/all",
    }
    assert [(asked.path, fault) for asked in right for fault in faults(document, asked)] == []


def test_jobs_are_asked_for_as_in_the_document(x_bench: Bench, document: dict[str, Any]) -> None:
    """A job is looked for, opened and looked at with what the document names, and answered with nothing else."""
    fake = x_bench.network
    assert isinstance(fake, FakeX)
    fake.publish(1)
    x_bench.collect()
    fake.asked.clear()
    source: XSource = open_source(x_bench.settings, x_bench.programme, x_bench.secrets.get)
    assert comply(source, x_bench.corpus, clock=x_bench.clock, rest=x_bench.clock.rest).complete
    assert [asked.method for asked in fake.asked] == ["GET", "POST", "GET", "GET"]
    assert [(asked.path, fault) for asked in fake.asked for fault in faults(document, asked)] == []
    known = set(document["components"]["schemas"]["ComplianceJob"]["properties"]) | {"looks"}
    assert set(fake.jobs.all[0]) <= known
    wrong = Asked("/2/compliance/jobs", {}, Clock()())
    wrong.method, wrong.body = "POST", b'{"name": "%s", "kind": "x"}' % (b"n" * 65)
    assert faults(document, wrong) == ["type is missing", "name is too long", "kind is unknown"]


def test_usage_is_in_the_document(x_bench: Bench, document: dict[str, Any]) -> None:
    """The question for X's own account is one that the document knows."""
    assert isinstance(x_bench.network, FakeX)
    x_bench.settings = replace(x_bench.settings, monthly_budget_usd=5)
    x_bench.collect()
    assert [faults(document, asked) for asked in x_bench.network.usage_asked] == [[]]


def test_a_request_beside_the_document_is_found(document: dict[str, Any]) -> None:
    """The check itself notices what is unknown, not allowed, out of bounds or missing."""
    asked = Asked("/2/tweets/search/recent?tweet.fields=id&max_results=500&sort_order=up", {}, Clock()())
    assert faults(document, asked) == [
        "query is missing",
        "tweet.fields is unknown",
        "max_results: 500 is out of bounds",
        "sort_order: up is not allowed",
    ]
