"""Data for researchers: what is counted, refused, made, recorded and downloaded, and by whom."""

import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from runtime.jobs import access, hand_over
from runtime.settings import Options
from runtime.wiring import Program
from tests.console.conftest import (
    NOW,
    OWN,
    client_of,
    collect,
    discussion,
    post,
    signed,
    tags,
    words_of,
    write_configuration,
)
from tests.console.test_login import BASE, _log_in

pytestmark = pytest.mark.everything

PLAN = {"plan": "kuntakieli 2026", "person": "Aino Tutkija", "terms": "yes"}


@pytest.fixture
def keyed(tmp_path: Path, dictionaries: Path) -> Iterator[Program]:
    """The program over the discussion of ``talk``, with a key for pseudonyms."""
    config = write_configuration(tmp_path, dictionaries)
    options = Options(config=str(config), data=str(tmp_path), now=NOW)
    environment = {"KUNTAKAIKU_PSEUDONYM_KEY": "k" * 40}
    with Program(options, environment=environment, working_directory=tmp_path) as opened:
        yield discussion(opened)


@pytest.fixture
def desk(keyed: Program) -> Iterator[TestClient]:
    """A browser on it."""
    with client_of(keyed) as opened:
        yield opened


def send(browser: TestClient, **fields: str) -> TestClient:
    """Send the page's form."""
    page = browser.get("/data?lang=en").text
    return browser.post("/data?lang=en", data={"csrftoken": signed(page), **fields}, headers=OWN)  # type: ignore[return-value]


def links(browser: TestClient) -> list[str]:
    """Return the addresses of files on the page."""
    found = [one.attributes.get("href") or "" for one in tags(browser.get("/data?lang=en").text)]
    return [one for one in found if one.startswith("/files/")]


def test_package_is_made_recorded_and_cited(desk: TestClient, keyed: Program) -> None:
    """An order becomes a package with plan and person in its manifest, a record, a citation, and a file to download."""
    answer = send(desk, content="package", **PLAN)
    assert answer.status_code == 303  # type: ignore[attr-defined]
    page = words_of(desk.get("/data?lang=en").text)
    assert "[data set]" in page
    file, manifest = links(desk)
    got = desk.get(file)
    assert got.headers["content-type"] == "application/zip"
    assert 'filename="kuntakaiku-package-20261123.zip"' in got.headers["content-disposition"]
    with zipfile.ZipFile(BytesIO(got.content)) as package:
        inside = next(name for name in package.namelist() if name.endswith("manifest.json"))
        told = json.loads(package.read(inside))
    assert (told["responsible"], told["plan"]) == ("Aino Tutkija", "kuntakieli 2026")
    assert desk.get(manifest).json() == told
    (recorded,) = keyed.corpus.exports.all()
    assert (recorded.person, recorded.made_by, recorded.projection) == ("Aino Tutkija", "console", "research")
    assert "Aino Tutkija" in page


@pytest.mark.parametrize(
    ("content", "format_", "inside", "called"),
    [
        ("ids", "", b"mastodon", "Ids alone"),
        ("open", "", b"week", "Open counts"),
        ("text", "jsonl", b'"text"', "Texts and themes, JSONL"),
        ("coded", "csv", b"native_id", "Themes without texts, CSV"),
    ],
)
def test_each_content_has_its_form(content: str, format_: str, inside: bytes, called: str, desk: TestClient) -> None:
    """Ids, counts, and texts or themes by pseudonyms; no handle in them; order and record call them the same."""
    send(desk, content=content, format=format_, **PLAN)
    got = desk.get(links(desk)[0]).content
    assert inside in got
    assert b"kirjoittaja1@" not in got
    assert (b"Kuka vastaa" in got) == (content == "text")
    assert words_of(desk.get("/data?lang=en").text).count(f"kuntakieli 2026 {called}") == 2


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ({"plan": " "}, "Name the research plan"),
        ({"person": ""}, "Name the responsible person"),
        ({"terms": ""}, "terms must be accepted"),
        ({"from": "eilen"}, "Write days like"),
    ],
)
def test_incomplete_order_is_told(missing: dict[str, str], told: str, desk: TestClient, keyed: Program) -> None:
    """Without plan, person and terms nothing is made; what was written stays in the form."""
    answer = send(desk, content="ids", **(PLAN | {"from": "1.11.2026"} | missing))
    assert answer.status_code == 400  # type: ignore[attr-defined]
    assert told in words_of(answer.text)  # type: ignore[attr-defined]
    assert keyed.corpus.exports.all() == []
    assert hand_over.orders(keyed) == []


def test_count_is_that_of_the_selection(desk: TestClient, keyed: Program) -> None:
    """The count follows days, theme and language, and orders nothing."""
    everything = words_of(desk.get("/data?lang=en").text)
    assert "5 posts with their text now, 7 posts in all" in everything
    some = send(desk, act="count", theme="parks", **PLAN)
    assert "1 posts with their text now" in words_of(some.text)  # type: ignore[attr-defined]
    none = send(desk, act="count", **{"from": "1.1.2027"})
    assert "0 posts with their text now" in words_of(none.text)  # type: ignore[attr-defined]
    assert hand_over.orders(keyed) == []


def test_limit_of_a_day_is_kept(desk: TestClient, keyed: Program) -> None:
    """More texts of X than a person may have a day: told before, and refused whole; ids are free."""
    configuration = keyed.configuration
    export = replace(configuration.site.export, x_posts_per_day=2)
    keyed.configuration = replace(configuration, site=replace(configuration.site, export=export))
    collect(keyed, [post(n, f"X-viesti {n}", network="x") for n in range(301, 304)], source="x")
    assert "2 are left today" in words_of(desk.get("/data?lang=en").text)
    send(desk, content="text", format="jsonl", **PLAN)
    assert "Nothing was handed over" in words_of(desk.get("/data?lang=en").text)
    assert keyed.corpus.exports.all() == []
    send(desk, content="ids", **PLAN)
    assert len(keyed.corpus.exports.all()) == 1


def test_without_the_key_it_is_told(browser: TestClient, talk: Program) -> None:
    """Where nothing can be pseudonymised the page says so, and the order fails with the reason."""
    del talk
    assert "KUNTAKAIKU_PSEUDONYM_KEY" in browser.get("/data").text
    send(browser, content="text", **PLAN)
    assert "key of the pseudonyms is not set" in words_of(browser.get("/data?lang=en").text)


def test_file_is_kept_for_a_day(desk: TestClient, keyed: Program) -> None:
    """After a day a file cannot be downloaded, and the next order removes it."""
    send(desk, content="ids", **PLAN)
    (file,) = links(desk)
    now = keyed.clock()
    keyed.clock = lambda: now + timedelta(hours=25)
    assert desk.get(file).status_code == 404
    assert "The day is over" in words_of(desk.get("/data?lang=en").text)
    send(desk, content="open", **PLAN)
    assert [path.suffix for path in (keyed.settings.data / "handed").iterdir()] == [".csv"]


@pytest.mark.parametrize("number", ["..", "..%2F..%2Fkuntakaiku.db", "%2e%2e", "0" * 16, "a/../b", "'"])
def test_no_address_leads_to_another_file(number: str, desk: TestClient) -> None:
    """Only numbers of orders are files."""
    send(desk, content="ids", **PLAN)
    answer = desk.get(f"/files/exports/{number}")
    assert answer.status_code == 404


def test_what_is_made_for_one_is_not_anothers(keyed: Program) -> None:
    """A researcher is handed data in their own name and sees their own orders; an administrator sees all."""
    configuration = keyed.configuration
    keyed.configuration = replace(configuration, site=replace(configuration.site, login="magic-link", public_url=BASE))
    for name in ("researcher", "administrator", "other"):
        role = "researcher" if name == "other" else name
        access.add(keyed, f"{name}@kunta.example", role, name, None, who="test")
    with client_of(keyed, BASE) as browser:
        _log_in(keyed, browser, "researcher")
        page = browser.get("/data?lang=en").text
        form = {"csrftoken": signed(page), "content": "ids", **PLAN}
        assert browser.post("/data", data=form, headers=OWN | {"Origin": BASE}).status_code == 303
        assert keyed.corpus.exports.all()[0].person == "researcher"
        (file,) = links(browser)
    for name, status in (("other", 404), ("administrator", 200)):
        with client_of(keyed, BASE) as browser:
            _log_in(keyed, browser, name)  # type: ignore[arg-type]
            assert browser.get(file).status_code == status
