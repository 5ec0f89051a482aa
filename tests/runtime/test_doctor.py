"""Each of the doctor's checks, by breaking what it looks at."""

import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from corpus.ledger import SourceState
from corpus.store import Corpus
from runtime.checks import machine
from tests.runtime.mail_server import MailServer

Command = Callable[..., Any]
"""Runs a command and returns what it said: exit, out, err, json."""


@pytest.fixture
def configured(configured: Path) -> Path:
    """A configuration in which nothing is missing: somebody gets the alerts too."""
    with (configured / "recipients.toml").open("a") as file:
        file.write('[[recipient]]\naddress = "admin@example.org"\nrole = "administrator"\n')
    return configured


def broken(told: Any) -> dict[str, dict[str, str]]:  # noqa: ANN401 - what a command said
    """Return the failed checks by name; each has a remedy, and the exit says that there are any."""
    found = {check["name"]: check for check in told.json["checks"] if not check["ok"]}
    assert found == {} or all(check["remedy"] and check["detail"] for check in found.values())
    assert told.exit == (1 if found else 0)
    return found


@pytest.mark.usefixtures("configured")
def test_fresh_house_is_in_order(kuntakaiku: Command) -> None:
    """Nothing is found where nothing is broken, and lines for people say so."""
    assert broken(kuntakaiku("doctor", "--json")) == {}
    lines = kuntakaiku("doctor").out.splitlines()
    assert lines
    assert all(line.startswith("ok ") for line in lines)


def test_broken_configuration_is_one_failed_check(kuntakaiku: Command, configured: Path) -> None:
    """What needs the configuration cannot be looked at, and the rest still is."""
    (configured / "programme.toml").write_text("[programme]\n")
    told = kuntakaiku("doctor", "--json")
    assert "configuration" in broken(told)
    assert "disk" in {check["name"] for check in told.json["checks"] if check["ok"]}


def test_missing_privacy_keys_are_found(kuntakaiku: Command, configured: Path) -> None:
    """The keys that `run` would miss are named, once."""
    (configured / "site.toml").unlink()
    told = kuntakaiku("doctor", "--json")
    assert "controller" in broken(told)["privacy"]["detail"]
    assert told.err == ""


def test_no_recipients_are_found(kuntakaiku: Command, configured: Path) -> None:
    """A digest for nobody is no digest."""
    (configured / "recipients.toml").unlink()
    assert "recipients" in broken(kuntakaiku("doctor", "--json"))


@pytest.mark.usefixtures("configured")
def test_damaged_database_is_found(kuntakaiku: Command, house: Path) -> None:
    """Rows without what they belong to, and a file that is no database, are both told."""
    kuntakaiku("stats")
    with sqlite3.connect(house / "kuntakaiku.db") as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("INSERT INTO labels (post_id, theme, by, at, blind) VALUES (9, 'parks', 'EK', 0, 0)")
    connection.close()
    assert "labels" in broken(kuntakaiku("doctor", "--json"))["database"]["detail"]
    assert kuntakaiku("db", "verify").exit == 1
    for path in house.glob("kuntakaiku.db*"):
        path.unlink()
    (house / "kuntakaiku.db").write_bytes(b"something else " * 400)
    (house / "kuntakaiku.db").chmod(0o600)
    assert "database" in broken(kuntakaiku("doctor", "--json"))


@pytest.mark.usefixtures("configured")
def test_clock_that_went_back_is_found(kuntakaiku: Command) -> None:
    """A job that began in the future means a clock that is wrong."""
    kuntakaiku("run", "--once", now="2026-11-23T06:00:00Z")
    assert "clock" in broken(kuntakaiku("doctor", "--json", now="2026-11-22T06:00:00Z"))


@pytest.mark.usefixtures("configured")
def test_damaged_model_is_found(kuntakaiku: Command, house: Path) -> None:
    """A model that cannot be opened is told, with what to do."""
    model = house / "models" / "current"
    model.mkdir(parents=True)
    (model / "manifest.json").write_text("{}")
    assert "train" in broken(kuntakaiku("doctor", "--json"))["classifier"]["remedy"]


@pytest.mark.usefixtures("configured")
def test_full_disk_is_found(kuntakaiku: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too little room is told before the database cannot grow."""
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=machine.LEAST_DISK - 1))
    assert "disk" in broken(kuntakaiku("doctor", "--json"))


def test_silent_source_is_found(kuntakaiku: Command, configured: Path, house: Path) -> None:
    """A source that never succeeded, or not for long, is told with its own trouble where it has one."""
    source = '[[source]]\nname = "masto"\nnetwork = "mastodon"\nenabled = true\nbase_url = "http://127.0.0.1:9"\n'
    (configured / "sources.toml").write_text(source)
    assert "collect" in broken(kuntakaiku("doctor", "--json"))["source masto"]["remedy"]
    since = datetime(2026, 11, 20, tzinfo=UTC)
    state = SourceState(source="masto", state="refused", since_at=since, last_success_at=since, problem="No token.")
    with Corpus.open(f"sqlite:///{house / 'kuntakaiku.db'}") as corpus:
        corpus.ledger.set_source_state(state)
    found = broken(kuntakaiku("doctor", "--json"))["source masto"]
    assert (found["remedy"], found["detail"]) == ("No token.", "last success 2026-11-20 00:00 UTC")
    assert broken(kuntakaiku("doctor", "--json", now="2026-11-20T06:00:00Z")) == {}


def test_mail_server_is_tried(kuntakaiku: Command, configured: Path) -> None:
    """A server that lets us in is fine; one that does not answer is told."""
    with MailServer() as server:
        smtp = f'smtp = {{ host = "127.0.0.1", port = {server.port}, security = "none", auth = "none" }}'
        (configured / "delivery.toml").write_text(f'sender = "Kooste <kooste@example.org>"\n{smtp}\n')
        # Nothing else is wrong but that recipients cannot leave by a click while there is no site.
        (leaving,) = broken(kuntakaiku("doctor", "--json")).values()
        assert "since public_url in site.toml is not set" in leaving["detail"]
    assert "127.0.0.1" in broken(kuntakaiku("doctor", "--json"))["mail server"]["detail"]


@pytest.mark.skipif("os.geteuid() == 0", reason="the superuser may write everywhere")
@pytest.mark.usefixtures("configured")
def test_unwritable_data_directory_is_found(kuntakaiku: Command, house: Path) -> None:
    """Where nothing can be written, the check says where."""
    (house / "closed").mkdir(mode=0o500)
    assert "database" in broken(kuntakaiku("doctor", "--json", "--data", str(house / "closed")))


@pytest.mark.usefixtures("configured")
def test_unusable_data_directory_is_found(kuntakaiku: Command, house: Path) -> None:
    """A file in the place of the data directory fails the checks that need it, and stops no other."""
    (house / "file").touch()
    found = broken(kuntakaiku("doctor", "--json", "--data", str(house / "file")))
    assert "database" in found
    assert "recipients" not in found
