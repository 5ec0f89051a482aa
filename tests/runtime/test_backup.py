"""The commands of backups: a machine that is lost is set up again from one file."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runtime.cli import run
from runtime.schedule import sole_scheduler
from runtime.settings import Options
from runtime.wiring import Program

Command = Callable[..., Any]
"""Runs a command and returns what it said: exit, out, err, json."""


@pytest.mark.everything
def test_another_machine_goes_on_from_a_backup(
    kuntakaiku: Command, configured: Path, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Posts, predictions, the model and the configuration are as they were; secrets did not travel."""
    monkeypatch.setenv("KUNTAKAIKU_SECRET_KEY", "canary-of-a-secret")
    kuntakaiku("import", str(archive))
    kuntakaiku("train")
    kuntakaiku("classify")
    (tmp_path / "backups").mkdir()
    told = kuntakaiku("db", "backup", str(tmp_path / "backups"), "--json").json
    path = Path(told["path"])
    assert path.parent == tmp_path / "backups"
    assert b"canary-of-a-secret" not in path.read_bytes()
    before = kuntakaiku("stats", "--json").json

    new = tmp_path / "machine"
    monkeypatch.chdir(tmp_path)
    assert run(["--data", str(new), "db", "restore", str(path), "--configuration-to", str(new / "config")]) == 0
    again = kuntakaiku("--data", str(new), "--config", str(new / "config"), "stats", "--json").json
    assert again == before
    assert kuntakaiku("--data", str(new), "classify", "--json").json["classified"] == 0
    for file in ("programme.toml", "site.toml"):
        assert (new / "config" / file).read_bytes() == (configured / file).read_bytes()
    assert sorted(path.name for path in new.iterdir() if path.name.startswith(".")) == []


@pytest.mark.everything
def test_restored_addresses_stay_private(kuntakaiku: Command, configured: Path, tmp_path: Path) -> None:
    """Recipients are readable by nobody else after a restoration, as they were after `init`."""
    (configured / "recipients.toml").write_text('[[recipient]]\naddress = "a@kunta.example"\n', "utf-8")
    path, restored = tmp_path / "a.backup", tmp_path / "restored"
    kuntakaiku("db", "backup", str(path))
    assert kuntakaiku("db", "restore", str(path), "--configuration-to", str(restored)).exit == 0
    assert (restored / "recipients.toml").stat().st_mode & 0o777 == 0o600


def test_posts_are_not_lost_by_mistake(kuntakaiku: Command, archive: Path, tmp_path: Path) -> None:
    """A database that holds posts is replaced only when that is said; nothing else changes it."""
    kuntakaiku("import", str(archive))
    path = tmp_path / "a.backup"
    kuntakaiku("db", "backup", str(path))
    refused = kuntakaiku("db", "restore", str(path))
    assert (refused.exit, "--replace" in refused.err) == (2, True)
    assert kuntakaiku("db", "restore", str(path), "--replace").exit == 0
    taken = kuntakaiku("db", "backup", str(path))
    assert (taken.exit, "exists already" in taken.err) == (2, True)


def test_running_scheduler_keeps_its_database(
    kuntakaiku: Command, house: Path, configured: Path, tmp_path: Path
) -> None:
    """Nothing is restored under a scheduler's feet."""
    kuntakaiku("stats")
    path = tmp_path / "a.backup"
    kuntakaiku("db", "backup", str(path))
    options = Options(config=str(configured), data=str(house), quiet=True)
    with Program(options, environment={}, working_directory=house) as program, sole_scheduler(program):
        refused = kuntakaiku("db", "restore", str(path))
    assert (refused.exit, "scheduler is running" in refused.err) == (2, True)


def test_backup_is_verified(kuntakaiku: Command, tmp_path: Path) -> None:
    """Of a whole backup is told what it holds; a damaged one is a problem, and the exit is 1."""
    kuntakaiku("stats")
    path = tmp_path / "a.backup"
    kuntakaiku("db", "backup", str(path))
    told = kuntakaiku("db", "verify", str(path), "--json")
    assert (told.exit, told.json["problems"], told.json["posts"]) == (0, [], 0)
    path.write_bytes(path.read_bytes()[:-7])
    damaged = kuntakaiku("db", "verify", str(path), "--json")
    assert (damaged.exit, len(damaged.json["problems"])) == (1, 1)


def test_what_was_taken_back_since_the_backup_stays_away(
    kuntakaiku: Command, configured: Path, archive: Path, tmp_path: Path
) -> None:
    """A person who was forgotten after the backup is not brought back by it, here or on another machine."""
    del configured
    kuntakaiku("import", str(archive))
    archive.unlink()
    path = tmp_path / "a.backup"
    kuntakaiku("db", "backup", str(path), now="2026-11-23T06:00:00Z")
    assert kuntakaiku("forget", "mastodon:a101", now="2026-11-23T07:00:00Z").exit == 0
    here = kuntakaiku("db", "restore", str(path), "--replace", "--json", now="2026-11-23T08:00:00Z")
    assert (here.exit, here.json["erased_again"]) == (0, 1)

    new = tmp_path / "machine"
    new.mkdir()
    lost = ("--data", str(new), "--erasures", str(tmp_path / "erasures.jsonl"))
    refused = kuntakaiku("db", "restore", str(path), *lost)
    assert (refused.exit, "key" in refused.err) == (1, True)
    assert kuntakaiku("--data", str(new), "stats", "--json").json["posts"] == 0
    shutil.copy(tmp_path / "erasure.key", new)
    there = kuntakaiku("db", "restore", str(path), *lost, "--json")
    assert (there.exit, there.json["erased_again"]) == (0, 1)
    assert b"Kirjoittaja 101" not in (new / "kuntakaiku.db").read_bytes()
