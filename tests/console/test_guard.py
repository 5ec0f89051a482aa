"""The door of the console: foreign hosts, forged and oversized forms, and faults that show nothing."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from console.app import build
from console.guard import host_name
from corpus.database import DatabaseUnavailableError
from runtime.jobs import serve
from runtime.wiring import Program
from tests.console.conftest import OWN, client_of


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "[::1", "localhost@evil.example", "a" * 300]
)
def test_foreign_host_is_refused(host: str, browser: TestClient) -> None:
    """A name that leads here by somebody else's will, as in DNS rebinding, gets no page."""
    answer = browser.get("/discussions", headers={"Host": host})
    assert answer.status_code == 400
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST:1"])
def test_own_host_is_served(host: str, browser: TestClient) -> None:
    """The machine's own names are good with any port."""
    assert browser.get("/health", headers={"Host": host}).status_code == 200


def test_public_address_is_served(program: Program) -> None:
    """The configured address is a name of the console."""
    site = replace(program.configuration.site, public_url="https://kaiku.kunta.example")
    program.configuration = replace(program.configuration, site=site)
    with client_of(program) as browser:
        assert browser.get("/health", headers={"Host": "kaiku.kunta.example"}).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
def test_odd_method_is_refused(method: str, browser: TestClient) -> None:
    """Pages are read and forms are sent; nothing else is done here."""
    answer = browser.request(method, "/health?lang=sv")
    assert answer.status_code == 405
    assert "Sidan kan inte användas så" in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://evil.example", "Cookie": "csrftoken=x"},
        {"Origin": "null", "Cookie": "csrftoken=x"},
        {"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "cross-site", "Cookie": "csrftoken=x"},
        OWN,
        OWN | {"Cookie": "csrftoken=forged", "Content-Type": "application/x-www-form-urlencoded"},
        OWN | {"Cookie": "csrftoken=forged", "Content-Type": "text/plain"},
        OWN | {"Cookie": "csrftoken=forged", "X-CSRFToken": "forged", "Content-Type": "text/plain"},
    ],
    ids=["bare", "foreign", "null", "cross-site", "no cookie", "forged", "plain", "forged header"],
)
def test_forged_form_is_refused(headers: dict[str, str], browser: TestClient) -> None:
    """A form that no page of ours signed changes nothing, and says so in the reader's language."""
    answer = browser.post("/health?lang=fi", headers=headers, content=b"csrftoken=forged")
    assert answer.status_code == 403
    assert "Lomaketta ei hyväksytty" in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_oversized_form_is_refused(browser: TestClient) -> None:
    """More than a form may hold is refused by its announced size, and by what really comes."""
    cookie = OWN | {"Cookie": "csrftoken=x", "Content-Type": "application/x-www-form-urlencoded"}
    announced = browser.post("/health?lang=en", headers=cookie, content=b"a" * 1_000_001)

    def slowly() -> Iterator[bytes]:
        for _ in range(30):
            yield b"a" * 50_000

    unannounced = browser.post("/health?lang=en", headers=cookie, content=slowly())
    for answer in (announced, unannounced):
        assert answer.status_code == 413
        assert "too much at once" in answer.text


def test_form_that_never_ends_is_given_up(program: Program) -> None:
    """A form of which nothing more comes is answered within its time."""
    app = build(serve.house(program), replace(serve.door(program, "localhost"), body_seconds=0.01))
    headers = [(b"host", b"localhost"), (b"origin", b"http://localhost"), (b"cookie", b"csrftoken=x")]
    headers.append((b"content-type", b"application/x-www-form-urlencoded"))
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/health",
        "raw_path": b"/health",
        "query_string": b"",
        "headers": headers,
        "http_version": "1.1",
        "scheme": "http",
        "server": ("localhost", 80),
        "client": ("127.0.0.1", 1),
        "root_path": "",
    }
    sent: list[dict[str, object]] = []

    async def never() -> dict[str, object]:
        return await asyncio.Future()

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    asyncio.run(app(scope, never, send))
    assert sent[0]["status"] == 408


def test_fault_shows_nothing_and_is_reported_without_values(program: Program) -> None:
    """What nobody foresaw is a page without details; the log gets type and place, never what somebody wrote."""
    reported: list[BaseException] = []

    def broken(*_: object, **__: object) -> None:
        text = "salainen viesti"
        raise ZeroDivisionError(text)

    house = replace(serve.house(program), find=broken, report=reported.append)
    with TestClient(build(house, serve.door(program, "localhost")), base_url="http://localhost") as browser:
        answer = browser.get("/discussions?q=puisto&lang=en")
    assert answer.status_code == 500
    assert "Something went wrong" in answer.text
    assert "salainen" not in answer.text
    assert "ZeroDivision" not in answer.text
    assert [type(one) for one in reported] == [ZeroDivisionError]


def test_database_that_is_out_is_told(program: Program) -> None:
    """A database that does not answer is a clear page, without its own words."""

    def out(*_: object, **__: object) -> None:
        raise DatabaseUnavailableError("The database at 10.0.0.1 is locked.", "Wait.")

    house = replace(serve.house(program), coverage=out)
    with TestClient(build(house, serve.door(program, "localhost")), base_url="http://localhost") as browser:
        answer = browser.get("/health?lang=fi")
    assert answer.status_code == 503
    assert "Tietokanta ei vastaa" in answer.text
    assert "10.0.0.1" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/static/..%2Fapp.py",
        "/static/../../pyproject.toml",
        "/static/%2e%2e/house.py",
        "/static//etc/passwd",
        "/static/",
    ],
)
def test_files_are_ours_alone(path: str, browser: TestClient) -> None:
    """No address leads out of the directory of the console's own files."""
    assert browser.get(path).status_code == 404


def test_own_files_may_be_kept(browser: TestClient) -> None:
    """A file's address changes with its content, so that browsers keep it for good."""
    answer = browser.get("/static/console.css?v=1")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/css")
    assert browser.get("/static/htmx.LICENSE.txt").status_code == 200


def test_host_names_are_read_without_port() -> None:
    """Ports and brackets are no part of a host's name."""
    assert [host_name(one) for one in ("A.example:80", "[::1]:1", "[::1", "")] == ["a.example", "::1", "", ""]
