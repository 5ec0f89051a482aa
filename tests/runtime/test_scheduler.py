"""What the scheduler fires, how often, and what stops it."""

import os
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from corpus.ledger import Ledger, Run
from corpus.store import Corpus
from programme.week import Week
from runtime.due import DRAFT, Due, due_digests, review_deadline
from runtime.schedule import AnotherRunsError, Fired, fire, run_forever, sole_scheduler
from runtime.settings import Options
from runtime.wiring import Program
from tests.runtime.mail_server import MailServer

Command = Callable[..., Any]
"""Runs a command and returns what it said: exit, out, err, json."""

SLOT = datetime(2026, 11, 23, 5, tzinfo=UTC)
NOW = "2026-11-23T06:00:00Z"


@pytest.fixture
def program(house: Path, configured: Path) -> Callable[..., Program]:
    """Wire a house like another process would."""

    def wire(now: str = NOW) -> Program:
        options = Options(config=str(configured), data=str(house), now=now, quiet=True)
        return Program(options, environment={}, working_directory=house)

    return wire


def jobs(told: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - what a command said
    """Return name and end of what was fired."""
    return [(job["job"], job["state"]) for job in told.json["jobs"]]


def states(told: Any) -> dict[str, str]:  # noqa: ANN401 - what a command said
    """Return where each delivery stands."""
    return {one["recipient"]: one["state"] for one in told.json["deliveries"]}


def mail_to(config: Path, port: int, *, auto_send: bool = True) -> None:
    """Configure a mail server on loopback."""
    lines = ['sender = "Kooste <kooste@example.org>"', 'draft = "mon 07:00"']
    lines += ['auto_send = "mon 12:00"'] if auto_send else []
    lines += [f'smtp = {{ host = "127.0.0.1", port = {port}, security = "none", auth = "none" }}']
    (config / "delivery.toml").write_text("\n".join(lines) + "\n")


def closed_port() -> int:
    """Return a port on which nobody listens."""
    with MailServer() as server:
        return server.port


@pytest.mark.usefixtures("configured")
def test_missed_digests_of_three_weeks_are_each_drafted_once(kuntakaiku: Command, archive: Path, house: Path) -> None:
    """After three weeks off each missed week gets its draft, oldest first, and none gets a second one."""
    kuntakaiku("import", str(archive))
    kuntakaiku("run", "--once", now="2026-11-02T06:00:00Z")
    back = kuntakaiku("run", "--once", "--json", now="2026-11-24T06:00:00Z")
    assert jobs(back) == [("digest draft", "done")] * 3
    assert kuntakaiku("run", "--once", "--json", now="2026-11-24T06:01:00Z").json["jobs"] == []
    with Corpus.open(f"sqlite:///{house / 'kuntakaiku.db'}") as corpus:
        assert [issue.key for issue in corpus.issues.all()] == ["2026-W44", "2026-W45", "2026-W46", "2026-W47"]
        drafted = [audit.subject for audit in corpus.ledger.audits() if audit.what == "drafted"]
    assert sorted(drafted) == ["2026-W44", "2026-W45", "2026-W46", "2026-W47"]


@pytest.mark.everything
def test_failing_source_does_not_stop_the_digest(kuntakaiku: Command, configured: Path, archive: Path) -> None:
    """A source that cannot be reached is told as failed, and last week's issue is drafted all the same."""
    address = f"http://127.0.0.1:{closed_port()}"
    source = f'[[source]]\nname = "masto"\nnetwork = "mastodon"\nenabled = true\nbase_url = "{address}"\n'
    (configured / "sources.toml").write_text(source)
    kuntakaiku("import", str(archive))
    told = kuntakaiku("run", "--once", "--json")
    assert jobs(told) == [("collect masto", "failed"), ("digest draft", "done")]
    assert told.exit == 3
    assert told.json["jobs"][0]["problem"]
    again = kuntakaiku("run", "--once", "--json")
    assert again.json["jobs"] == []


def test_deferred_deliveries_are_tried_again_when_their_pause_is_over(
    kuntakaiku: Command, configured: Path, archive: Path
) -> None:
    """While no server answers everybody waits; a look within the pause does nothing, one after it delivers."""
    mail_to(configured, closed_port())
    kuntakaiku("import", str(archive))
    kuntakaiku("run", "--once")
    due = kuntakaiku("run", "--once", "--json", now="2026-11-23T11:01:00Z")
    assert jobs(due) == [("digest auto-send 2026-W47", "failed")]
    assert due.json["jobs"][0]["problem"]
    assert due.exit == 1
    with MailServer() as server:
        mail_to(configured, server.port)
        assert kuntakaiku("run", "--once", "--json", now="2026-11-23T11:10:00Z").json["jobs"] == []
        told = kuntakaiku("run", "--once", "--json", now="2026-11-23T11:17:00Z")
        assert jobs(told) == [("digest retry 2026-W47", "done")]
        assert kuntakaiku("run", "--once", "--json", now="2026-11-23T12:16:00Z").json["jobs"] == []
        assert server.got == {"editor@example.org": 1, "reader@example.org": 1}


def test_approved_issue_goes_out_at_the_deadline_too(kuntakaiku: Command, configured: Path, archive: Path) -> None:
    """What an editor approved, and nobody sent, is not left lying when its unreviewed twin would have gone out."""
    with MailServer() as server:
        mail_to(configured, server.port)
        kuntakaiku("import", str(archive))
        kuntakaiku("digest", "draft", "--week", "2026-W47")
        kuntakaiku("digest", "approve", "--week", "2026-W47")
        early = kuntakaiku("run", "--once", "--json")
        assert jobs(early) == [("digest draft", "done")]
        assert not server.got
        late = kuntakaiku("run", "--once", "--json", now="2026-11-23T11:01:00Z")
        assert jobs(late) == [("digest auto-send 2026-W47", "done")]
        assert server.got["editor@example.org"] == 1


@pytest.mark.usefixtures("configured")
def test_draft_that_failed_is_tried_again_after_a_pause(kuntakaiku: Command, archive: Path, house: Path) -> None:
    """A damaged model fails the draft; once it is mended the same week is drafted, not the next one only."""
    kuntakaiku("import", str(archive))
    model = house / "models" / "current"
    model.mkdir(parents=True)
    (model / "manifest.json").write_text("{}")
    broken = kuntakaiku("run", "--once", "--json")
    assert (jobs(broken), broken.exit) == ([("digest draft", "failed")], 1)
    (model / "manifest.json").unlink()
    model.rmdir()
    assert kuntakaiku("run", "--once", "--json", now="2026-11-23T06:10:00Z").json["jobs"] == []
    assert jobs(kuntakaiku("run", "--once", "--json", now="2026-11-23T06:16:00Z")) == [("digest draft", "done")]


@pytest.mark.fault("F12", how="four schedulers behind a barrier")
def test_schedulers_racing_for_the_same_slots_fire_each_once(
    program: Callable[..., Program], archive: Path, kuntakaiku: Command
) -> None:
    """However many come at the same time, each slot is one run and each week one draft."""
    kuntakaiku("import", str(archive))
    due = [Due(job=DRAFT, slot_at=SLOT - timedelta(weeks=n), week=Week.named("2026-W47").plus(-n)) for n in (2, 1, 0)]
    fired: list[Fired] = []
    programs = [program() for _ in range(4)]
    start = threading.Barrier(len(programs))

    def race(one: Program) -> None:
        with one:
            start.wait()
            fired.extend(found for job in due if (found := fire(one, job)))

    threads = [threading.Thread(target=race, args=[one]) for one in programs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.slot_at for one in fired) == [job.slot_at for job in due]
    assert {one.state for one in fired} == {"done"}


def test_one_scheduler_at_a_time(program: Callable[..., Program], kuntakaiku: Command) -> None:
    """A second scheduler says plainly that another is running: exit 1, and 0 for `--once`, whose work is being done."""
    with program() as first, sole_scheduler(first):
        second = kuntakaiku("run")
        assert second.exit == 1
        assert "Another scheduler" in second.err
        once = kuntakaiku("run", "--once", "--json")
        assert once.exit == 0
        assert once.json["jobs"] == []
        assert "Another scheduler" in once.json["note"]
        with program() as third, pytest.raises(AnotherRunsError), sole_scheduler(third):
            pass
    assert jobs(kuntakaiku("run", "--once", "--json")) == [("digest draft", "done")]


def test_slot_of_a_dead_scheduler_is_run_again(program: Callable[..., Program], kuntakaiku: Command) -> None:
    """What was claimed and never ended is claimed anew, also behind a slot that was done meanwhile."""
    with program() as dead:
        ledger = dead.corpus.ledger
        assert ledger.claim(DRAFT, SLOT - timedelta(weeks=1), now=dead.clock())
        later = ledger.claim(DRAFT, SLOT, now=dead.clock())
        assert later
        ledger.finish(later, state="done", now=dead.clock())
    assert jobs(kuntakaiku("run", "--once", "--json")) == [("digest draft", "done")]
    assert kuntakaiku("run", "--once", "--json").json["jobs"] == []
    shown = kuntakaiku("digest", "show", "--week", "2026-W46", "--json")
    assert shown.json["state"] == "draft"


@pytest.mark.parametrize(
    ("error", "state"), [(KeyError("secret"), "failed"), (KeyboardInterrupt(), "abandoned")], ids=["fault", "interrupt"]
)
def test_unforeseen_end_of_a_job_stands_in_the_ledger(
    program: Callable[..., Program], error: BaseException, state: str
) -> None:
    """A fault of ours fails the run and names only its type; an interruption leaves the slot to the next scheduler."""

    class Broken:
        def __enter__(self) -> None:
            raise error

        def __exit__(self, *_: object) -> None:
            pass

    with program() as one:
        one.counting = Broken()  # type: ignore[assignment]  # what the job takes first
        with pytest.raises(type(error)):
            fire(one, Due(job=DRAFT, slot_at=SLOT, week=Week.named("2026-W47")))
        runs = one.corpus.ledger.runs(job=DRAFT)
    assert [run.state for run in runs] == [state]
    assert "secret" not in str(runs[0].problem)


def test_issue_whose_end_nobody_noted_is_finished(
    program: Callable[..., Program], kuntakaiku: Command, configured: Path, archive: Path
) -> None:
    """A delivery left open by a dead sender is parked as in doubt by the next look, and nobody is mailed again."""
    with MailServer() as server:
        mail_to(configured, server.port, auto_send=False)
        kuntakaiku("import", str(archive))
        kuntakaiku("run", "--once")
        kuntakaiku("digest", "approve", "--week", "2026-W47")
        with program() as dead:
            issues = dead.corpus.issues
            issues.open_delivery("2026-W47", "editor@example.org", message_id="<1@example.org>", now=dead.clock())
            now = dead.clock()
            issues.open_delivery("2026-W47", "reader@example.org", message_id="<2@example.org>", now=now)
            issues.close_delivery("2026-W47", "reader@example.org", state="sent", reason=None, now=now)
            with issues.lock_sending("2026-W47"):
                assert due_digests(dead) == []
        assert jobs(kuntakaiku("run", "--once", "--json")) == [("digest retry 2026-W47", "partly")]
        shown = kuntakaiku("digest", "show", "--week", "2026-W47", "--json")
        assert states(shown) == {"editor@example.org": "in_doubt", "reader@example.org": "sent"}
        assert kuntakaiku("run", "--once", "--json", now="2026-11-23T07:00:00Z").json["jobs"] == []
        assert not server.got


@pytest.mark.parametrize(
    ("draft", "auto_send", "drafted_at", "deadline"),
    [
        ("mon 07:00", None, "2026-11-23T05:00", None),
        ("mon 07:00", "mon 12:00", "2026-11-23T05:00", "2026-11-23T10:00"),
        ("mon 07:00", "mon 12:00", "2026-11-25T15:00", "2026-11-25T20:00"),
        ("mon 07:00", "mon 12:00", "2026-11-22T05:00", "2026-11-23T10:00"),
        ("fri 07:00", "mon 12:00", "2026-11-27T05:00", "2026-11-30T10:00"),
    ],
    ids=["never", "on time", "late draft", "early draft", "over the week's end"],
)
def test_review_deadline(
    program: Callable[..., Program],
    configured: Path,
    draft: str,
    auto_send: str | None,
    drafted_at: str,
    deadline: str | None,
) -> None:
    """A draft made late leaves the editors as long to look at it as one made on time."""
    auto = f'auto_send = "{auto_send}"\n' if auto_send else ""
    (configured / "delivery.toml").write_text(f'draft = "{draft}"\n{auto}')
    with program() as one:
        found = review_deadline(one, Week.named("2026-W47"), datetime.fromisoformat(drafted_at).replace(tzinfo=UTC))
    assert found == (datetime.fromisoformat(deadline).replace(tzinfo=UTC) if deadline else None)


def test_endless_run_fires_what_is_due_and_ends_when_asked(
    program: Callable[..., Program], kuntakaiku: Command, archive: Path, configured: Path
) -> None:
    """`run` looks at once, tells what it fired, and ends with nothing left behind."""
    address = f"http://127.0.0.1:{closed_port()}"
    source = f'[[source]]\nname = "masto"\nnetwork = "mastodon"\nenabled = true\nbase_url = "{address}"\n'
    (configured / "sources.toml").write_text(source)
    kuntakaiku("import", str(archive))
    fired: list[Fired] = []
    with program() as one:

        def tell(found: Fired) -> None:
            fired.append(found)
            if len(fired) == 2:
                one.stop.set()

        assert run_forever(one, tell, lambda error: pytest.fail(str(error)))
    assert sorted(found.job for found in fired) == ["collect masto", "digest draft"]


@pytest.mark.usefixtures("configured")
def test_run_ends_with_zero_when_asked(kuntakaiku: Command, archive: Path, house: Path) -> None:
    """The verb itself: SIGTERM after the first draft, exit 0."""
    kuntakaiku("import", str(archive))

    def ask_when_drafted() -> None:
        with Corpus.open(f"sqlite:///{house / 'kuntakaiku.db'}") as corpus:
            for _ in range(1_200):
                if any(run.state == "done" for run in corpus.ledger.runs(job=DRAFT)):
                    break
                threading.Event().wait(0.05)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=ask_when_drafted, daemon=True).start()
    told = kuntakaiku("run")
    assert told.exit == 0
    assert 'job="digest draft"' in told.err


def test_look_that_fails_is_told_and_the_scheduler_lives(program: Callable[..., Program]) -> None:
    """A database that lost a table is told by the look that met it, and does not end the program."""
    told: list[BaseException] = []
    with program() as one:
        with one.corpus.database.writing() as connection:
            connection.exec_driver_sql("DROP TABLE issues")

        def tell_fault(error: BaseException) -> None:
            told.append(error)
            one.stop.set()

        assert run_forever(one, lambda _: None, tell_fault)
    assert "lacks tables" in str(told[0])


def test_sending_that_is_asked_to_end_leaves_the_rest_for_later(
    program: Callable[..., Program], kuntakaiku: Command, configured: Path, archive: Path
) -> None:
    """Once the program is to end no further mail goes out, and the slot is given back."""
    with MailServer() as server:
        mail_to(configured, server.port)
        kuntakaiku("import", str(archive))
        kuntakaiku("run", "--once")
        with program("2026-11-23T11:01:00Z") as one:
            due = due_digests(one)
            one.stop.set()
            ended = fire(one, due[0])
        assert ended
        assert (ended.state, ended.counts) == ("abandoned", {"pending": 2})
        told = kuntakaiku("run", "--once", "--json", now="2026-11-23T11:02:00Z")
        assert jobs(told) == [("digest auto-send 2026-W47", "done")]
        assert server.got == {"editor@example.org": 1, "reader@example.org": 1}


def test_claim_is_given_back_only_when_abandoned_or_long_failed(corpus: Corpus) -> None:
    """A slot that is done, partly done or running stays taken; a failed one is free after its pause."""
    ledger: Ledger = corpus.ledger
    hour = timedelta(hours=1)

    def ended(state: Any) -> Run:  # noqa: ANN401 - one of the ledger's states
        run = ledger.claim("job", SLOT, now=SLOT, failed_before=SLOT + hour)
        assert run
        return ledger.finish(run, state=state, now=SLOT)

    ended("abandoned")
    assert ledger.unfinished_slots("job", since=SLOT, failed_before=SLOT - hour) == [SLOT]
    ended("failed")
    assert ledger.claim("job", SLOT, now=SLOT) is None
    assert ledger.claim("job", SLOT, now=SLOT, failed_before=SLOT - hour) is None
    assert ledger.unfinished_slots("job", since=SLOT, failed_before=SLOT) == [SLOT]
    ended("partly")
    assert ledger.claim("job", SLOT, now=SLOT, failed_before=SLOT + hour) is None
    assert ledger.unfinished_slots("job", since=SLOT, failed_before=SLOT + hour) == []
    assert ledger.claim("other", SLOT, now=SLOT)
    started = ledger.start("by hand", now=SLOT)
    assert ledger.free_abandoned(now=SLOT) == 1
    assert {run.job: run.state for run in ledger.runs()} == {
        "job": "partly",
        "other": "abandoned",
        started.job: "running",
    }
