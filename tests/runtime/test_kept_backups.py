"""Backups that are made by themselves, and a rehearsal of losing the machine on each database."""

import shutil
from collections.abc import Callable
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from programme.errors import KuntakaikuError
from runtime.jobs import backup

pytestmark = pytest.mark.everything
Command = Callable[..., Any]


@pytest.fixture
def keeping(configured: Path, archive: Path, kuntakaiku: Command) -> Path:
    """A house with posts that keeps two backups, and tells an administrator."""
    with (configured / "site.toml").open("a") as file:
        file.write('[backup]\ndirectory = "backups"\nevery = "1 d"\nkeep = 2\n')
    with (configured / "recipients.toml").open("a") as file:
        file.write('[[recipient]]\naddress = "admin@example.org"\nlanguage = "en"\nrole = "administrator"\n')
    kuntakaiku("import", str(archive))
    return configured.parent / "backups"


def run_on(kuntakaiku: Command, day: int, hour: int = 6) -> dict[str, dict[str, Any]]:
    """Run what is due on a day of December and return what was told of each job."""
    told = kuntakaiku("run", "--once", "--json", now=f"2026-12-{day:02}T{hour:02}:00:00Z")
    return {job["job"]: job for job in told.json["jobs"]}


def test_one_a_slot_and_the_newest_are_kept(kuntakaiku: Command, keeping: Path) -> None:
    """Each day has one backup, whole and for its owner only; older ones than the kept number go."""
    for day in (1, 2, 3):
        assert run_on(kuntakaiku, day)["backup"]["state"] == "done"
        assert "backup" not in run_on(kuntakaiku, day, hour=9)
    names = sorted(path.name for path in keeping.iterdir())
    assert names == ["kuntakaiku-20261202T060000Z.backup", "kuntakaiku-20261203T060000Z.backup"]
    assert {path.stat().st_mode & 0o777 for path in keeping.iterdir()} == {0o600}
    assert kuntakaiku("db", "verify", str(keeping / names[0])).exit == 0


def test_damaged_backup_costs_no_older_one_and_is_told(
    kuntakaiku: Command, keeping: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What does not read back well is put aside, doctor and an administrator hear of it, and of its end."""
    for day in (1, 2):
        run_on(kuntakaiku, day)

    def damaged(_: Path) -> None:
        raise KuntakaikuError("It is damaged.", "Write it again.")

    with monkeypatch.context() as broken:
        broken.setattr(backup, "verify", damaged)
        jobs = run_on(kuntakaiku, 3)
    assert (jobs["backup"]["state"], jobs["alerts"]["counts"]) == ("failed", {"sent": 1})
    assert len(list(keeping.glob("*.backup"))) == 2
    assert len(list(keeping.glob("*.damaged"))) == 1
    failed = next(
        check
        for check in kuntakaiku("doctor", "--json", now="2026-12-03T06:05:00Z").json["checks"]
        if check["name"] == "backup"
    )
    assert (failed["ok"], failed["detail"]) == (False, "It is damaged. Write it again.")
    assert run_on(kuntakaiku, 3, hour=7)["backup"]["state"] == "done"
    mails = [message_from_bytes(path.read_bytes(), policy=default) for path in (keeping.parent / "mail").glob("*.eml")]
    assert sorted(str(mail["Subject"]) for mail in mails if "backup" in str(mail["Subject"])) == [
        "Kuntakaiku: the backup could not be made",
        "Kuntakaiku: the backup is made again",
    ]


def test_full_or_closed_directory_is_a_failure_in_words(kuntakaiku: Command, keeping: Path) -> None:
    """A directory that cannot be written is told with its name, and stops no other job."""
    keeping.write_text("a file in its place")
    jobs = run_on(kuntakaiku, 1)
    assert jobs["backup"]["state"] == "failed"
    assert "backups" in jobs["backup"]["problem"]
    assert jobs["digest draft"]["state"] == "done"


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_machine_is_lost_and_set_up_again(
    kuntakaiku: Command, keeping: Path, tmp_path: Path, request: pytest.FixtureRequest, database: str
) -> None:
    """From a scheduled backup, the erasures beside it and the key, another machine has all but who was erased."""
    if database == "postgresql":
        address = request.getfixturevalue("server")
        where = ("--database", address)
        kuntakaiku("db", "upgrade", *where)
        kuntakaiku("import", str(tmp_path / "archive.jsonl"), *where)
    else:
        where = ()
    before = kuntakaiku("stats", "--json", *where).json["posts"]
    assert kuntakaiku("run", "--once", *where, now="2026-12-01T06:00:00Z").exit == 0
    assert kuntakaiku("forget", "mastodon:a101", *where, now="2026-12-01T07:00:00Z").exit in (0, 3)
    assert kuntakaiku("run", "--once", *where, now="2026-12-02T06:00:00Z").exit == 0
    older = min(keeping.glob("*.backup"))

    new = tmp_path / "machine"
    new.mkdir()
    shutil.copy(tmp_path / "erasure.key", new)
    there = where or ("--data", str(new))
    again = ("--erasures", str(keeping / "erasures.jsonl"), "--json", "--replace", "--data", str(new))
    restored = kuntakaiku("db", "restore", str(older), *there, *again, now="2026-12-03T06:00:00Z")
    assert (restored.exit, restored.json["erased_again"]) == (0, 1)
    assert kuntakaiku("stats", "--json", *there).json["posts"] == before
    assert kuntakaiku("db", "verify", *there).exit == 0
    written = kuntakaiku("export", "--format", "jsonl", "--out", str(tmp_path / "out.jsonl"), *there)
    assert written.exit == 0
    assert "kirjoittaja101" not in (tmp_path / "out.jsonl").read_text("utf-8")
