"""Administrators are mailed of trouble that lasts: once, and once of its end, whatever happens between."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, cast

import pytest

from corpus.ledger import SourceState, State
from corpus.store import Corpus
from runtime import schedule
from runtime.jobs import alerts as alerts_job
from runtime.settings import Options
from runtime.slots import interval_slot
from runtime.wiring import Program
from tests.runtime.mail_server import MailServer
from tests.runtime.test_scheduler import closed_port, mail_to
from tests.runtime.test_scheduler_process import scheduler, until

pytestmark = pytest.mark.everything

Command = Callable[..., Any]
"""Runs a command and returns what it said: exit, out, err, json."""

SINCE = datetime(2026, 11, 24, 6, tzinfo=UTC)
BEFORE, LASTING, LATER, OVER = (f"2026-11-24T{hour}:00Z" for hour in ("11:59", "12:01", "14:30", "18:00"))
PEOPLE = "".join(
    f'[[recipient]]\naddress = "{language}@example.org"\nlanguage = "{language}"\nrole = "administrator"\n'
    for language in ("fi", "sv", "en")
)


@pytest.fixture
def house_with_source(house: Path, configured: Path, kuntakaiku: Command) -> Path:
    """Return a house with one source, of which each slot of the day is taken, and three administrators."""
    (configured / "recipients.toml").write_text(PEOPLE)
    (configured / "sources.toml").write_text(
        '[[source]]\nname = "masto"\nnetwork = "mastodon"\nenabled = true\nevery = "7 d"\n'
        f'base_url = "http://127.0.0.1:{closed_port()}"\n'
    )
    now = datetime(2026, 11, 24, 5, tzinfo=UTC)
    with Corpus.open(f"sqlite:///{house / 'kuntakaiku.db'}") as corpus:
        slot = interval_slot(timedelta(days=7), now)
        run = corpus.ledger.claim("collect masto", slot, now=now, source="masto")
        assert run is not None
        corpus.ledger.finish(run, state="failed", now=now, problem="secret")
    fares(house, "ok")
    kuntakaiku("run", "--once", now="2026-11-24T05:01:00Z")
    return house


@pytest.fixture
def with_administrator(configured: Path) -> Path:
    """Return a configuration with an editor, a reader and an administrator."""
    with (configured / "recipients.toml").open("a") as file:
        file.write('[[recipient]]\naddress = "admin@example.org"\nlanguage = "en"\nrole = "administrator"\n')
    return configured


@pytest.fixture
def wired(house_with_source: Path) -> Callable[[], Program]:
    """Wire the house like another process would, when the trouble has lasted."""
    options = Options(config=str(house_with_source / "config"), data=str(house_with_source), now=LASTING, quiet=True)
    return lambda: Program(options, environment={}, working_directory=house_with_source)


def fares(house: Path, state: State, since_at: datetime = SINCE) -> None:
    """Let the source be in a state."""
    with Corpus.open(f"sqlite:///{house / 'kuntakaiku.db'}") as corpus:
        corpus.ledger.set_source_state(SourceState(source="masto", state=state, since_at=since_at, problem="secret"))


def alerts(told: Any) -> list[tuple[str, dict[str, int]]]:  # noqa: ANN401 - what a command said
    """Return how the alerts of a command ended."""
    return [(job["state"], job["counts"]) for job in told.json["jobs"] if job["job"] == "alerts"]


def mails(house: Path) -> list[EmailMessage]:
    """Return the mails in files, by recipient."""
    found = [message_from_bytes(path.read_bytes(), policy=default) for path in (house / "mail").glob("*.eml")]
    return sorted((cast("EmailMessage", one) for one in found), key=lambda one: str(one["To"]))


def once(kuntakaiku: Command, now: str) -> list[tuple[str, dict[str, int]]]:
    """Run what is due and return how the alerts ended."""
    return alerts(kuntakaiku("run", "--once", "--json", now=now))


def test_trouble_and_its_end_are_each_mailed_once(kuntakaiku: Command, house_with_source: Path) -> None:
    """Six hours of failing mail each administrator in their language, once; recovery mails them once more."""
    fares(house_with_source, "failing")
    assert once(kuntakaiku, BEFORE) == []
    assert once(kuntakaiku, LASTING) == [("done", {"sent": 3})]
    assert once(kuntakaiku, LATER) == []
    subjects = {str(mail["To"]): str(mail["Subject"]) for mail in mails(house_with_source)}
    assert subjects == {
        "en@example.org": "Kuntakaiku: nothing is being collected from masto",
        "fi@example.org": "Kuntakaiku: lähteestä masto ei kerätä",
        "sv@example.org": "Kuntakaiku: ingenting samlas in från masto",
    }
    english = mails(house_with_source)[0]
    assert "since Tue\u00a024\u00a0Nov at 08:00." in english.get_content().replace(" 24", "\u00a024")
    assert (english["Auto-Submitted"], english["Content-Language"]) == ("auto-generated", "en")
    assert all("secret" not in mail.as_string() for mail in mails(house_with_source))
    fares(house_with_source, "ok")
    assert once(kuntakaiku, OVER) == [("done", {"sent": 3})]
    assert once(kuntakaiku, OVER) == []
    assert len({mail["Message-ID"] for mail in mails(house_with_source)}) == 6


def test_used_up_credits_raise_one_alert_at_once(kuntakaiku: Command, house_with_source: Path) -> None:
    """Credits that are used up are told without waiting; the probes that follow tell nothing more."""
    fares(house_with_source, "paused", datetime(2026, 11, 24, 11, 58, tzinfo=UTC))
    assert once(kuntakaiku, BEFORE) == [("done", {"sent": 3})]
    fares(house_with_source, "failing")
    assert once(kuntakaiku, LASTING) == []
    fares(house_with_source, "paused")
    assert once(kuntakaiku, LATER) == []
    assert len(mails(house_with_source)) == 3


def test_patience_is_configured(kuntakaiku: Command, house_with_source: Path) -> None:
    """``alert_after`` says how long; what is no duration is a fault."""
    sources = house_with_source / "config" / "sources.toml"
    text = sources.read_text()
    fares(house_with_source, "refused")
    sources.write_text(text + 'alert_after = "8 h"\n')
    assert once(kuntakaiku, LASTING) == []
    assert once(kuntakaiku, LATER) == [("done", {"sent": 3})]
    sources.write_text(text + 'alert_after = "soon"\n')
    (fault,) = kuntakaiku("check", "--json").json["faults"]
    assert "alert_after" in fault["key"]


def test_mail_server_that_is_down_delays_the_alert(kuntakaiku: Command, house_with_source: Path) -> None:
    """What could not be mailed is told by the doctor and tried again after its pause."""
    config = house_with_source / "config"
    mail_to(config, closed_port(), auto_send=False)
    fares(house_with_source, "failing")
    assert once(kuntakaiku, LASTING) == [("failed", {"deferred": 3})]
    checks = {one["name"]: one for one in kuntakaiku("doctor", "--json", now=LASTING).json["checks"]}
    assert checks["administrators"]["ok"]
    assert checks["alerts"]["detail"].startswith("3 not delivered")
    with MailServer() as server:
        mail_to(config, server.port, auto_send=False)
        assert once(kuntakaiku, "2026-11-24T12:10:00Z") == []
        assert once(kuntakaiku, "2026-11-24T12:17:00Z") == [("done", {"sent": 3})]
        assert set(server.got.values()) == {1}
    checks = {one["name"]: one for one in kuntakaiku("doctor", "--json", now=LATER).json["checks"]}
    assert checks["alerts"]["ok"]


def test_alert_that_nobody_takes_is_given_up(kuntakaiku: Command, house_with_source: Path) -> None:
    """After two days of pauses the doctor tells that an administrator was not reached; nothing is tried again."""
    mail_to(house_with_source / "config", closed_port(), auto_send=False)
    fares(house_with_source, "failing")
    at = datetime(2026, 11, 24, 12, 1, tzinfo=UTC)
    tries = 0
    while at < datetime(2026, 11, 30, tzinfo=UTC):
        tries += len(once(kuntakaiku, at.strftime("%Y-%m-%dT%H:%M:%SZ")))
        at += timedelta(hours=8, minutes=10)
    assert tries == 11
    checks = {one["name"]: one for one in kuntakaiku("doctor", "--json", now="2026-11-30T00:00:00Z").json["checks"]}
    assert not checks["alerts"]["ok"]


@pytest.mark.usefixtures("configured")
def test_without_administrators_the_doctor_says_so(kuntakaiku: Command) -> None:
    """Where nobody would be told of a failure, that is what is wrong."""
    checks = {one["name"]: one for one in kuntakaiku("doctor", "--json").json["checks"]}
    assert not checks["administrators"]["ok"]
    assert "recipients.toml" in checks["administrators"]["remedy"]


def test_parked_deliveries_are_told(kuntakaiku: Command, with_administrator: Path, archive: Path) -> None:
    """Mails of an issue that are in doubt are told once to the administrator."""
    configured = with_administrator
    with MailServer(silent_for="editor@example.org") as server:
        mail_to(configured, server.port)
        text = (configured / "delivery.toml").read_text().replace('auth = "none"', 'auth = "none", timeout = 1')
        (configured / "delivery.toml").write_text(text)
        kuntakaiku("import", str(archive))
        kuntakaiku("run", "--once")
        assert once(kuntakaiku, "2026-11-23T11:01:00Z") == [("done", {"sent": 1})]
        assert once(kuntakaiku, "2026-11-23T11:20:00Z") == []
        assert server.got["admin@example.org"] == 1


@pytest.mark.usefixtures("with_administrator")
def test_failing_draft_is_told_and_its_end(kuntakaiku: Command, archive: Path, house: Path) -> None:
    """A draft that fails is told once however often it is tried, and told again when it is made."""
    kuntakaiku("import", str(archive))
    model = house / "models" / "current"
    model.mkdir(parents=True)
    (model / "manifest.json").write_text("{}")
    assert once(kuntakaiku, "2026-11-23T06:00:00Z") == [("done", {"sent": 1})]
    assert once(kuntakaiku, "2026-11-23T06:20:00Z") == []
    (model / "manifest.json").unlink()
    model.rmdir()
    assert once(kuntakaiku, "2026-11-23T06:40:00Z") == [("done", {"sent": 1})]
    assert ["could not be drafted" in str(one["Subject"]) for one in mails(house)].count(True) == 1
    assert len(mails(house)) == 2


def test_nobody_is_told_twice_after_a_kill(kuntakaiku: Command, house_with_source: Path) -> None:
    """Killed while the server keeps its answer: that alert is in doubt and not repeated; the others are sent, once."""
    house = house_with_source
    with MailServer(silent_for="sv@example.org") as server:
        mail_to(house / "config", server.port, auto_send=False)
        fares(house, "failing")
        with scheduler(house, LASTING, "--once") as process:
            until(server.fell_silent.is_set, process)
            rival = kuntakaiku("run", "--once", "--json", now=LASTING)
            assert rival.json["jobs"] == []
            process.kill()
            process.wait()
        server.silent_for = None
        assert once(kuntakaiku, LATER) == [("done", {"sent": 1})]
        assert once(kuntakaiku, OVER) == []
        assert dict(server.got) == {f"{language}@example.org": 1 for language in ("fi", "sv", "en")}
    checks = {one["name"]: one for one in kuntakaiku("doctor", "--json", now=OVER).json["checks"]}
    assert not checks["alerts"]["ok"]


def test_two_at_once_tell_once(house_with_source: Path, wired: Callable[[], Program]) -> None:
    """Whoever comes while another one tells, tells nothing."""
    fares(house_with_source, "failing")
    with wired() as one, wired() as other:
        with one.corpus.ledger.alone(alerts_job.JOB) as held:
            assert held
            assert alerts_job.alert(other) is None
        assert alerts_job.alert(other) == {"sent": 3}
        assert alerts_job.alert(one) is None


def test_nothing_is_begun_when_the_program_ends(house_with_source: Path, wired: Callable[[], Program]) -> None:
    """Asked to end, no mail is begun; the next look sends them."""
    fares(house_with_source, "failing")
    with wired() as one:
        one.stop.set()
        assert alerts_job.alert(one) is None
    assert mails(house_with_source) == []
    with wired() as one:
        assert alerts_job.alert(one) == {"sent": 3}


def test_scheduler_tells(
    house_with_source: Path, wired: Callable[[], Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scheduler that always runs tells of trouble too, after the sources' first rounds, and logs it as a job."""
    monkeypatch.setattr(schedule, "LOOK_EVERY", timedelta(seconds=1))
    fares(house_with_source, "failing")
    fired: list[schedule.Fired] = []
    with wired() as one:

        def tell(what: schedule.Fired) -> None:
            fired.append(what)
            if what.job == "alerts":
                one.stop.set()

        assert schedule.run_forever(one, tell, lambda error: pytest.fail(str(error)))
        assert [run.state for run in one.corpus.ledger.runs(job="alerts")] == ["done"]
    assert ("alerts", "done", {"sent": 3}) in [(one.job, one.state, one.counts) for one in fired]


def test_trouble_with_the_alerts_stops_no_other_job(house_with_source: Path, wired: Callable[[], Program]) -> None:
    """A catalogue that cannot be read is told as the failure of the alerts."""
    fares(house_with_source, "failing")
    locales = house_with_source / "config" / "locales"
    locales.mkdir()
    (locales / "fi.toml").write_text("not toml")
    with wired() as one:
        fired = schedule.mail_alerts(one)
    assert fired is not None
    assert (fired.state, "fi.toml" in (fired.problem or "")) == ("failed", True)
