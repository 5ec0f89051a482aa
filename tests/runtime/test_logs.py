"""What is logged holds events and ids: a week with marked people, texts and secrets leaves no mark in any line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog

from console.app import build
from runtime import log
from runtime.jobs import serve
from runtime.settings import Options
from runtime.wiring import Program
from tests.collector.fake_mastodon import FakeMastodon
from tests.collector.fake_wire import Clock
from tests.runtime.conftest import corpus_line
from tests.runtime.mail_server import MailServer

pytestmark = [
    pytest.mark.everything,
    pytest.mark.fault("F17", how="marked texts, authors, addresses and secrets in a whole week; every line searched"),
]
MARKS = {name: f"canary{name}9f3b" for name in ("text", "handle", "author", "reader", "search", "token", "smtp")}
Command = Callable[..., Any]


def marked_in(lines: str) -> list[str]:
    """Return which marks stand in log lines."""
    return [name for name, mark in MARKS.items() if mark in lines]


@pytest.fixture
def marked(configured: Path, house: Path, kuntakaiku: Command, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A house in which every person, text and secret is marked."""
    monkeypatch.setenv("KUNTAKAIKU_TOKEN_MASTO", MARKS["token"])
    monkeypatch.setenv("KUNTAKAIKU_SMTP_PASSWORD", MARKS["smtp"])
    (configured / "recipients.toml").write_text(
        "".join(
            f'[[recipient]]\naddress = "{MARKS["reader"]}.{role}@example.org"\nlanguage = "fi"\nrole = "{role}"\n'
            for role in ("reader", "editor", "administrator")
        )
    )
    lines = [
        corpus_line(
            number,
            f"Puisto {MARKS['text']} ja bussi numero {number}",
            f"2026-11-{17 + number % 5}T10:{number:02}:00Z",
            author={"native_id": f"a{number}", "handle": MARKS["handle"], "name": MARKS["author"]},
        )
        for number in range(20)
    ]
    (house / "archive.jsonl").write_text("\n".join([*lines, MARKS["text"]]) + "\n", "utf-8")
    assert kuntakaiku("import", "archive.jsonl").exit in (0, 3)
    return house


def test_week_that_goes_wrong_leaves_no_mark(marked: Path, kuntakaiku: Command) -> None:
    """Collection, drafts, refused and deferred mails, alerts and unforeseen faults name jobs and places only."""
    config, said = marked / "config", []
    with FakeMastodon(Clock()) as network, MailServer() as server:
        network.publish(3, content=f"<p>{MARKS['text']} #pieniohjelma</p>")
        (config / "sources.toml").write_text(
            f'[[source]]\nname = "masto"\nnetwork = "mastodon"\nenabled = true\nbase_url = "{network.url}"\n'
        )
        smtp = f'smtp = {{ host = "127.0.0.1", port = {server.port}, security = "none", auth = "password" }}'
        (config / "delivery.toml").write_text(f'sender = "Kooste <k@example.org>"\n{smtp}\nauto_send = "mon 08:00"\n')
        said += [kuntakaiku("run", "--once", now=f"2026-11-23T{hour}:00:00Z").err for hour in ("06", "09", "12")]
        said.append(kuntakaiku("train").err)
    (config / "sources.toml").write_text("")
    said += [kuntakaiku("run", "--once", now=f"2026-11-23T{hour}:00:00Z").err for hour in (13, 20)]
    assert marked_in("".join(said)) == []


def test_page_that_breaks_leaves_no_mark(
    marked: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of the console is logged by type and place, without what was searched for or what the error says."""
    from starlette.testclient import TestClient

    options = Options(config=str(marked / "config"), data=str(marked), now="2026-11-23T06:00:00Z")
    with Program(options, environment={}, working_directory=marked) as program:

        def broken(*_: object, **__: object) -> None:
            raise RuntimeError(MARKS["text"])

        monkeypatch.setattr("console.views.discussions.show_list", broken)
        monkeypatch.setattr(serve, "search", broken)
        app = build(serve.house(program), serve.door(program, "127.0.0.1"))
        with TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as browser:
            log.configure(quiet=False)
            assert browser.get("/discussions", params={"q": MARKS["search"]}).status_code == 500
    told = "".join(capfd.readouterr())
    assert "page failed" in told
    assert marked_in(told) == []


@pytest.mark.control("F17")
def test_line_with_a_text_in_it_would_be_noticed(capfd: pytest.CaptureFixture[str]) -> None:
    """A log line that holds a post's text does not pass the same search."""
    log.configure(quiet=False)
    structlog.get_logger().warning("post was odd", text=MARKS["text"])
    assert marked_in("".join(capfd.readouterr())) == ["text"]
