"""What `doctor` finds beyond the machine itself, each by breaking it, with a remedy in every language."""

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from corpus.issues import StoredIssue
from corpus.ledger import HourCoverage, SourceState
from corpus.store import Corpus
from digest import authenticity
from programme.load import shipped_directory
from programme.messages import Messages
from programme.types import Recipient
from runtime.cli import run
from tests.digest.fake_dns import FakeDns
from tests.runtime.mail_server import MailServer

HOUSE = Path(__file__).parents[2]
NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
Command = Callable[..., Any]


def found(kuntakaiku: Command, *more: str) -> dict[str, dict[str, str]]:
    """Return the failed checks by name."""
    return {check["name"]: check for check in kuntakaiku("doctor", "--json", *more).json["checks"] if not check["ok"]}


@pytest.fixture
def corpus(kuntakaiku: Command, configured: Path, house: Path) -> Iterator[Corpus]:
    """The corpus of a configured house."""
    del configured
    kuntakaiku("stats")
    with Corpus.open(f"sqlite:///{house / 'kuntakaiku.db'}") as opened:
        yield opened


def test_every_remedy_has_words_and_every_word_a_check() -> None:
    """What the checks name stands in the catalogues of all three languages, and nothing besides."""
    checks = [*(HOUSE / "runtime/checks").glob("*.py"), HOUSE / "runtime/doctor.py"]
    named = {key for path in checks for key in re.findall(r'Cure\(\s*key="(\w+)"', path.read_text("utf-8"))}
    messages = Messages.load(shipped_directory())
    for language in ("fi", "sv", "en"):
        said = {key for key in messages._catalogues[language] if key.startswith("doctor.")}
        assert said == {f"doctor.{key}" for key in named | {"spf", "dkim", "dmarc"}}


@pytest.mark.everything
@pytest.mark.parametrize(("language", "word"), [("fi", "Nimeä"), ("sv", "Ange"), ("en", "Name")])
def test_remedies_speak_the_readers_language(kuntakaiku: Command, configured: Path, language: str, word: str) -> None:
    """The same fault, in fi, sv and en."""
    (configured / "recipients.toml").unlink()
    assert found(kuntakaiku, "--language", language)["recipients"]["remedy"].startswith(word)


@pytest.mark.everything
def test_clock_skew_is_found(configured: Path, house: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A server that says another time than the machine is told; a silent one says nothing."""
    told = datetime.now(UTC) - timedelta(hours=1)

    class Answer(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response_only(405)
            self.send_header("Date", f"{told:%a, %d %b %Y %H:%M:%S} GMT")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    def skew() -> dict[str, Any]:
        capfd.readouterr()
        run(["--data", str(house), "--config", str(configured), "doctor", "--json"])
        checks = json.loads(capfd.readouterr().out)["checks"]
        return next(check for check in checks if check["name"] == "clock skew")

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    source = f'[[source]]\nname = "uutiset"\nnetwork = "feed"\nenabled = true\nbase_url = "http://127.0.0.1:{server.server_port}/feed"\n'
    (configured / "sources.toml").write_text(source)
    far = skew()
    assert (far["ok"], "ahead of uutiset" in far["detail"], "NTP" in far["remedy"]) == (False, True, True)
    told += timedelta(hours=1)
    assert skew()["ok"]
    server.shutdown()
    server.server_close()
    assert skew() == {
        "name": "clock skew",
        "ok": True,
        "detail": "not compared: no source could be asked for the time",
        "remedy": "",
    }


@pytest.mark.everything
def test_old_engine_is_found(kuntakaiku: Command, corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that lacks what is asked of it is told with the oldest that works."""
    del corpus
    monkeypatch.setattr("corpus.engine._OLDEST", {"SQLite": "99.1", "PostgreSQL": "14"})
    assert "SQLite 99.1" in found(kuntakaiku)["database version"]["remedy"]


@pytest.mark.everything
@pytest.mark.parametrize(
    "name", ["kuntakaiku.db", "config/secrets/x", "config/mail.env", "backups/kuntakaiku-1.backup"]
)
def test_file_that_others_can_read_is_found(kuntakaiku: Command, corpus: Corpus, house: Path, name: str) -> None:
    """Personal data, secrets and backups are for the program alone."""
    del corpus
    with (house / "config/site.toml").open("a") as file:
        file.write('[backup]\ndirectory = "backups"\n')
    assert "file permissions" not in found(kuntakaiku)
    (house / name).parent.mkdir(exist_ok=True)
    (house / name).touch()
    (house / name).chmod(0o604)
    assert name in found(kuntakaiku)["file permissions"]["detail"]


@pytest.mark.everything
def test_credential_that_others_can_read_is_found(
    kuntakaiku: Command, configured: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The directory that systemd names is looked at too."""
    del configured
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials/KUNTAKAIKU_SMTP_PASSWORD").write_text("canary")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))
    assert "KUNTAKAIKU_SMTP_PASSWORD" in found(kuntakaiku)["file permissions"]["detail"]


@pytest.mark.everything
def test_expired_token_is_found(kuntakaiku: Command, configured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that says itself that it is over is named by its variable, never shown."""
    del configured
    claims = urlsafe_b64encode(json.dumps({"exp": NOW.timestamp() - 60}).encode()).decode().rstrip("=")
    monkeypatch.setenv("KUNTAKAIKU_SMTP_PASSWORD", f"aGVhZA.{claims}.c2lnbg")
    told = kuntakaiku("doctor", "--json")
    (check,) = [check for check in told.json["checks"] if check["name"].startswith("token")]
    assert (check["ok"], check["name"]) == (False, "token KUNTAKAIKU_SMTP_PASSWORD")
    assert "KUNTAKAIKU_SMTP_PASSWORD" in check["remedy"]
    assert claims not in told.out + told.err
    for harmless in ("a.b.c", "plain password", f"aGVhZA.{urlsafe_b64encode(b'[]').decode()}.c2lnbg"):
        monkeypatch.setenv("KUNTAKAIKU_SMTP_PASSWORD", harmless)
        assert not any(name.startswith("token") for name in found(kuntakaiku))


@pytest.mark.everything
def test_source_that_brings_nothing_for_long_is_found(kuntakaiku: Command, corpus: Corpus, configured: Path) -> None:
    """Weeks of success without one post are no success; a single post is enough."""
    source = '[[source]]\nname = "masto"\nnetwork = "mastodon"\nenabled = true\nbase_url = "http://127.0.0.1:9"\n'
    (configured / "sources.toml").write_text(source)
    corpus.ledger.set_source_state(SourceState(source="masto", state="empty", since_at=NOW, last_success_at=NOW))
    hours = [NOW - timedelta(hours=number) for number in range(1, 300)]
    corpus.ledger.cover(HourCoverage(source="masto", hour_at=hour, state="empty") for hour in hours)
    assert "hashtags" in found(kuntakaiku)["posts of masto"]["remedy"]
    corpus.ledger.cover([HourCoverage(source="masto", hour_at=hours[3], state="covered", posts=1)])
    assert "posts of masto" not in found(kuntakaiku)


@pytest.mark.everything
def test_model_of_other_themes_is_found(kuntakaiku: Command, configured: Path, archive: Path) -> None:
    """Edited theme texts and another set of themes are both told, with what to do."""
    kuntakaiku("import", str(archive))
    kuntakaiku("train")
    assert "classifier" not in found(kuntakaiku)
    programme = configured / "programme.toml"
    programme.write_text(programme.read_text("utf-8").replace("Parks and lawns.", "Parks, lawns and benches."), "utf-8")
    assert "kuntakaiku train" in found(kuntakaiku)["classifier"]["remedy"]
    programme.write_text(programme.read_text("utf-8").replace('slug = "buses"', 'slug = "trams"'), "utf-8")
    assert "train" in found(kuntakaiku)["classifier"]["remedy"]


@pytest.mark.everything
def test_unsent_mail_and_refused_passwords_are_found(kuntakaiku: Command, corpus: Corpus) -> None:
    """An approved issue that nobody sent is told; what Exchange Online says of passwords has its own remedy."""
    corpus.issues.save_draft(
        StoredIssue(key="2026-W46", state="draft", numbers={}, drafted_at=NOW, corpus_fingerprint="", model=None)
    )
    editor = Recipient(address="editor@example.org", language="fi", role="editor")
    corpus.issues.approve("2026-W46", [], [editor], who="EK", now=NOW - timedelta(2))
    assert "2026-W46" in found(kuntakaiku)["unsent mail"]["detail"]
    assert corpus.issues.open_delivery("2026-W46", "editor@example.org", message_id="<a@b>", now=NOW)
    reason = "550 5.7.30 Basic authentication is not supported for Client Submission."
    corpus.issues.close_delivery("2026-W46", "editor@example.org", state="deferred", reason=reason, now=NOW)
    assert "xoauth2" in found(kuntakaiku)["mail server login"]["remedy"]


@pytest.mark.everything
def test_senders_domain_is_looked_up(kuntakaiku: Command, configured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A domain without SPF, DKIM and DMARC fails three checks by name; one that has them, or no answer, none."""
    records: dict[str, list[str]] = {}
    with MailServer() as server, FakeDns(records) as names:
        monkeypatch.setattr(authenticity, "machine_resolver", names.resolver)
        smtp = f'smtp = {{ host = "127.0.0.1", port = {server.port}, security = "none", auth = "none" }}'
        text = f'sender = "Kooste <kooste@kunta.fi>"\ndkim_selector = "kaiku"\n{smtp}\n'
        (configured / "delivery.toml").write_text(text)
        missing = found(kuntakaiku)
        assert {"SPF", "DKIM", "DMARC"} <= set(missing)
        assert "kunta.fi" in missing["SPF"]["remedy"]
        records |= {
            "kunta.fi": ["v=spf1 a -all"],
            "kaiku._domainkey.kunta.fi": ["p=MIGf"],
            "_dmarc.kunta.fi": ["v=DMARC1;p=none"],
        }
        assert not {"SPF", "DKIM", "DMARC"} & set(found(kuntakaiku))


@pytest.mark.everything
def test_missing_backup_is_found(kuntakaiku: Command, house: Path, configured: Path, archive: Path) -> None:
    """A house that has worked for more than a week without a backup is told; after one it is in order."""
    del configured
    kuntakaiku("import", str(archive), now="2026-11-10T06:00:00Z")
    kuntakaiku("run", "--once", now="2026-11-10T06:00:00Z")
    assert "db backup" in found(kuntakaiku)["backup"]["remedy"]
    kuntakaiku("db", "backup", str(house / "a.backup"))
    assert "backup" not in found(kuntakaiku)
