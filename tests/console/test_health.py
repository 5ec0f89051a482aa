"""The page of health tells what `coverage --json` tells, in words and as a drawing."""

import re
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from runtime.jobs.coverage import coverage_of, sayer
from runtime.wiring import Program
from tests.console.conftest import MONDAY, words_of


def test_numbers_are_those_of_the_command(browser: TestClient, week: Program) -> None:
    """Hours, posts, quota hits, the estimate and the remedy of each gap are the command's."""
    told = coverage_of(week, week.week("2026-W47")).as_json(sayer(week, "en"))
    source = told["sources"][0]
    page = words_of(browser.get("/health?week=2026-W47&lang=en").text)
    assert source["hours_covered"] == 163
    assert f"{source['hours_covered']} / {source['hours_covered'] + source['hours_missing']} {source['posts']}" in page
    assert f"about {source['estimated_missed']}" in page
    assert source["gaps"][0]["remedy"] in page
    assert source["gaps"][0]["problem"] == "It answered 503."
    assert "It answered 503." in page
    assert "Tue 17 Nov, 06:00–11:00" in page
    assert "the network's quota was used up on Wed 18 Nov, 12:00–14:00; refilled Wed 18 Nov at 22:00." in page


def test_drawing_tells_the_same_as_the_table(browser: TestClient, week: Program) -> None:
    """Each day's drawing has its words, and the hours of the table behind it sum up to the week."""
    del week
    page = browser.get("/health?lang=en").text
    labels = re.findall(r'role="img" aria-label="([^"]+)"', page)
    assert len(labels) == 7
    assert "Mastodon: the network did not answer on Tue 17 Nov, 06:00–11:00." in labels[1].replace("\u00a0", " ")
    assert "2 hours refilled later." in labels[2]
    assert "No gaps." in labels[0]
    table = page[page.index('id="c-days"') : page.index("</details>")]
    rows = [[int(n) for n in re.findall(r'class="n">(\d+)<', row)] for row in table.split("<tr>")[2:]]
    assert len(rows) == 7
    covered, empty, refilled, failed = (sum(column) for column in zip(*rows, strict=True))
    assert (covered + empty, refilled, failed) == (163, 2, 5)


def test_trouble_is_told_with_what_comes_next(browser: TestClient, week: Program) -> None:
    """A source that waits says why, since when, and when it goes on."""
    del week
    page = words_of(browser.get("/health?lang=en").text)
    assert "1 thing needs attention" in page
    assert "Mastodon limits requests" in page
    assert "goes on by itself after Mon 23 Nov at 08:10" in page.replace("\u00a0", " ")
    assert "Mastodon 60 min ago" in page


def test_run_is_told_with_its_state_and_problem(browser: TestClient, week: Program) -> None:
    """The latest runs stand with job, state, time and problem; a slot is not told beside its round."""
    week.corpus.ledger.claim("collect masto", MONDAY, now=MONDAY, source="masto")
    week.corpus.ledger.claim("digest auto-send 2026-W46", MONDAY, now=MONDAY)
    page = words_of(browser.get("/health?lang=sv").text)
    assert "Insamling: Mastodon Misslyckades" in page
    assert "7 s" in page
    assert "Utskick av sammandraget 2026-W46 Pågår" in page
    assert page.count("Insamling: Mastodon") == 1


def test_budget_and_backup_are_told(browser: TestClient, week: Program) -> None:
    """What X has cost stands against its budget; the last backup with its day."""
    now = week.clock()
    week.corpus.facts.put("spending of x 2026-11", {"spent": 30_700}, now=now)
    week.corpus.ledger.audit(at=now - timedelta(hours=5), who="command line", what="backed up", subject="b.kaiku")
    page = words_of(browser.get("/health?lang=fi").text).replace("\u00a0", " ")
    assert "30,70 $ / 50,00 $" in page
    assert "23.11.2026 klo 3.00 (5 h sitten)" in page


@pytest.mark.parametrize("name", ["2026-W00", "x", "2026-W47' OR 1=1", "9999-W01", "<script>"])
def test_odd_week_is_a_clear_page(name: str, browser: TestClient) -> None:
    """A week that does not exist is told as that, and nothing of it is repeated as markup."""
    answer = browser.get("/health", params={"week": name, "lang": "en"})
    assert answer.status_code == 404
    assert "There is no such week" in answer.text
    assert "<script>" not in answer.text


def test_week_without_any_record_is_told_as_off(browser: TestClient, week: Program) -> None:
    """Hours of which nothing is known are not drawn as silence."""
    del week
    page = words_of(browser.get("/health?week=2026-W40&lang=en").text)
    assert "0 / 168" in page
    assert "collection was not running" in page
