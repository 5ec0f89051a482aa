"""The batch scripts of the documents do what they say, run as SLURM runs them."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.conftest import TEXTS, Command, corpus_line

pytestmark = pytest.mark.everything
SCRIPTS = Path(__file__).resolve().parents[2] / "docs" / "slurm"
MONTHS = ("2026-09", "2026-10", "2026-11")


@pytest.fixture
def corpus_of_months(kuntakaiku: Command, configured: Path, house: Path) -> Path:
    """A corpus of three months that nobody has classified."""
    lines = (
        corpus_line(n, TEXTS[n % 12], f"{MONTHS[n % 3]}-{1 + n % 20:02}T10:{n % 60:02}:00Z", reply_to=str(n - 3))
        for n in range(3, 123)
    )
    (house / "posts.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    kuntakaiku("import", str(house / "posts.jsonl"))
    return configured


def batch(script: str, house: Path, *arguments: str, task: int | None = None, **environment: str) -> None:
    """Run a script as a task of an array, or as a job of its own."""
    told: dict[str, str] = {
        **{name: value for name, value in os.environ.items() if not name.startswith("KUNTAKAIKU_")},
        "PATH": f"{house / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "KUNTAKAIKU_CONFIG": str(house / "config"),
        "KUNTAKAIKU_NOW": "2026-11-23T06:00:00Z",
        **({} if task is None else {"SLURM_ARRAY_TASK_ID": str(task)}),
        **environment,
    }
    done = subprocess.run(  # noqa: S603 - our own script
        ["bash", str(SCRIPTS / script), *arguments],  # noqa: S607 - bash as the machine has it
        env=told,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def exported(kuntakaiku: Command, out: Path, *more: str) -> Any:  # noqa: ANN401 - JSON
    """Export as JSONL and return what was told."""
    return kuntakaiku("export", "--format", "jsonl", "--out", str(out), "--json", *more).json


@pytest.mark.usefixtures("corpus_of_months")
def test_an_array_classifies_as_one_process_does(kuntakaiku: Command, house: Path) -> None:
    """Months classified apart and read back are what one process makes of the corpus; a task that runs again ends."""
    for month, until in zip(MONTHS, ("2026-10-01", "2026-11-01", "2026-12-01"), strict=True):
        exported(kuntakaiku, house / "parts" / f"{month}.jsonl", "--since", f"{month}-01", "--until", until)
    (house / "done").mkdir()
    for task in (1, 2, 3, 1):
        batch("classify.sbatch", house, task=task, PARTS=str(house / "parts"), DONE=str(house / "done"))
    kuntakaiku("db", "backup", str(house / "before.backup"))
    for month in MONTHS:
        kuntakaiku("import", str(house / "done" / f"{month}.jsonl"))
    assert kuntakaiku("classify", "--json").json["classified"] == 0
    exported(kuntakaiku, house / "array.jsonl")
    kuntakaiku("db", "restore", str(house / "before.backup"), "--replace")
    assert kuntakaiku("classify", "--json").json["classified"] == 120
    exported(kuntakaiku, house / "serial.jsonl")
    assert (house / "array.jsonl").read_bytes() == (house / "serial.jsonl").read_bytes()


@pytest.mark.usefixtures("corpus_of_months")
def test_an_array_exports_the_months(kuntakaiku: Command, house: Path) -> None:
    """Months exported apart are the files of one export by month."""
    kuntakaiku("classify")
    kuntakaiku("export", "--format", "parquet", "--partition", "month", "--out", str(house / "whole"))
    (house / "months.txt").write_text("".join(f"{month}\n" for month in MONTHS), encoding="utf-8")
    for task in (1, 2, 3, 2):
        batch(
            "export.sbatch",
            house,
            task=task,
            MONTHS=str(house / "months.txt"),
            OUT=str(house / "parts"),
            KUNTAKAIKU_DATABASE=str(house / "kuntakaiku.db"),
        )
    found = [
        {str(one.relative_to(place)): one.read_bytes() for one in place.rglob("*.parquet")}
        for place in (house / "parts", house / "whole")
    ]
    assert found[0] == found[1]
    assert len(found[0]) == 3


@pytest.mark.usefixtures("corpus_of_months")
def test_a_job_runs_a_cluster_of_its_own(kuntakaiku: Command, house: Path) -> None:
    """The job starts scheduler and workers under keys of its own, does the work and leaves nothing behind."""
    (house / "bin").mkdir()
    srun = house / "bin" / "srun"  # of two tasks
    srun.write_text('#!/bin/sh\n"$@" &\n"$@" &\nwait\n', encoding="utf-8")
    srun.chmod(0o755)
    with socket.create_server(("", 0)) as free:
        port = free.getsockname()[1]
    home = house / "home"
    home.mkdir()
    settings = {"HOME": str(home), "PORT": str(port), "KUNTAKAIKU_DATA": str(house)}
    batch("cluster.sbatch", house, "classify", **settings)
    assert kuntakaiku("classify", "--json").json["classified"] == 0
    batch("cluster.sbatch", house, "export", "--format", "jsonl", "--out", str(house / "cluster.jsonl"), **settings)
    exported(kuntakaiku, house / "serial.jsonl")
    assert (house / "cluster.jsonl").read_bytes() == (house / "serial.jsonl").read_bytes()
    assert list(home.iterdir()) == []
