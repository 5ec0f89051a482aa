"""Health, readiness and figures for monitoring: true, documented, and without anything of a person."""

import re
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from console.app import build
from console.vitals import METRICS, Sample, exposition
from corpus.database import DatabaseUnavailableError
from runtime.jobs import serve
from runtime.wiring import Program
from tests.console.conftest import client_of

HOUSE = Path(__file__).parents[2]


def test_figures_are_those_of_the_corpus(talk: Program, week: Program) -> None:
    """Posts, the source's state and its missing hours stand in Prometheus' own format."""
    del week
    with client_of(talk) as browser:
        answer = browser.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert found["kuntakaiku_posts",] == 7
    assert found["kuntakaiku_source_well", "masto", "round"] == 0
    assert found["kuntakaiku_source_hours_missing", "masto"] == 5
    assert found["kuntakaiku_job_well", "collect"] == 0
    assert {name for name, *_ in found} <= set(METRICS)
    for personal in ("kirjoittaja", "Nimi", "penkeistä", "editor@example.org"):
        assert personal not in answer.text


def test_figures_are_for_this_machine_or_for_the_token(program: Program) -> None:
    """Through the proxy, under the public name, or with another token there is nothing to see."""
    with client_of(program) as browser:
        assert browser.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 404
    program.secrets = lambda name: "canary" if name == "METRICS_TOKEN" else None  # type: ignore[assignment]
    with TestClient(build(serve.house(program), serve.door(program, "127.0.0.1")), "http://127.0.0.1") as browser:
        assert browser.get("/metrics").status_code == 404
        assert browser.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
        assert browser.get("/metrics", headers={"Authorization": "Bearer canary"}).status_code == 200


def test_ready_while_the_database_answers(
    browser: TestClient, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that lives says so even where its database is gone; ready it is only with it."""
    assert (browser.get("/healthz").status_code, browser.get("/readyz").status_code) == (200, 200)

    def gone() -> None:
        raise DatabaseUnavailableError("It is away.")

    monkeypatch.setattr(program.corpus.ledger, "source_states", gone)
    assert (browser.get("/healthz").status_code, browser.get("/readyz").status_code) == (200, 503)


def test_unnamed_figure_is_a_fault() -> None:
    """No figure is told that the list, and so the page of metrics, does not know."""
    with pytest.raises(KeyError):
        exposition([Sample(name="kuntakaiku_secret", value=1)])


def test_every_metric_is_documented_and_every_rule_knows_its_metric() -> None:
    """The page of deployment names each figure, and the rules ask for no other; each says what to do."""
    page = (HOUSE / "docs/deployment.md").read_text("utf-8")
    assert [name for name in METRICS if f"`{name}`" not in page] == []
    groups = yaml.safe_load((HOUSE / "deploy/prometheus/alerts.yml").read_text("utf-8"))["groups"]
    for rule in (rule for group in groups for rule in group["rules"]):
        asked = set(re.findall(r"kuntakaiku_\w+", rule["expr"]))
        assert asked <= set(METRICS)
        assert rule["annotations"]["what_to_do"]
        assert rule["alert"] in page
