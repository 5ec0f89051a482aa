"""What people and scripts may rely on when they call the command."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runtime.cli import VERBS, hoist

Command = Callable[..., Any]
"""Runs a command and returns what it said: exit, out, err, json."""


def test_global_options_are_accepted_before_and_after_the_verb() -> None:
    """Options that belong to the whole program may stand anywhere; the verb's own stay where they are."""
    words = ["stats", "--json", "--data", "d", "--week", "2026-W47", "--now=x", "--", "--json"]
    hoisted, rest = hoist(words)
    assert hoisted == ["--json", "--data", "d", "--now=x"]
    assert rest == ["stats", "--week", "2026-W47", "--", "--json"]


def test_value_of_a_global_option_is_never_the_verb(kuntakaiku: Command, house: Path) -> None:
    """A data directory may be called like a verb: ``--data demo stats`` counts, it does not demonstrate."""
    told = kuntakaiku("--data", str(house / "demo"), "--config", "demo", "check")
    assert told.exit == 2
    assert "demo holds no programme.toml" in told.err


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb: str, kuntakaiku: Command) -> None:
    """`--help` of each verb exits 0 and says something."""
    told = kuntakaiku(verb, "--help")
    assert told.exit == 0
    assert "Usage: kuntakaiku" in told.out


def test_unknown_verb_is_misuse(kuntakaiku: Command) -> None:
    """A verb that does not exist exits 2."""
    assert kuntakaiku("fly").exit == 2


def test_version_is_told(kuntakaiku: Command) -> None:
    """`--version` names the program and its version."""
    told = kuntakaiku("--version")
    assert told.exit == 0
    assert told.out.startswith("kuntakaiku ")


def test_broken_configuration_tells_every_fault_and_starts_nothing(kuntakaiku: Command, house: Path) -> None:
    """Every fault at once as `file: key: what, what to do`, exit 2, and no database appears."""
    config = house / "config"
    config.mkdir()
    (config / "programme.toml").write_text('[programme]\nslug = "x"\nhastags = ["a"]\n[[theme]]\nslug = "none"\n')
    (config / "delivery.toml").write_text('draft = "monday 7"\n')
    told = kuntakaiku("collect")
    assert told.exit == 2
    assert told.err.count("programme.toml: ") >= 3
    assert "hastags" in told.err
    assert "delivery.toml: draft:" in told.err
    assert not (house / "kuntakaiku.db").exists()
    faults = kuntakaiku("check", "--json").json["faults"]
    assert {fault["file"] for fault in faults} == {"programme.toml", "delivery.toml"}
    assert all(fault["remedy"] for fault in faults)


def test_missing_configuration_directory_is_misuse(kuntakaiku: Command, house: Path) -> None:
    """A directory without a programme is named, with the remedy."""
    told = kuntakaiku("--config", str(house / "nowhere"), "check")
    assert told.exit == 2
    assert "kuntakaiku init" in told.err


def test_init_writes_a_configuration_without_faults(kuntakaiku: Command, house: Path) -> None:
    """What `init` writes is in order, and it overwrites nothing."""
    written = kuntakaiku("init", str(house / "new"), "--json")
    assert written.exit == 0
    assert str(house / "new" / "programme.toml") in written.json["paths"]
    assert kuntakaiku("--config", str(house / "new"), "check", "--json").json["faults"] == []
    assert kuntakaiku("init", str(house / "new")).exit == 2


@pytest.mark.usefixtures("configured")
def test_import_then_stats_tells_what_is_there(kuntakaiku: Command, archive: Path) -> None:
    """An archive is read once; the second time everything is known."""
    first = kuntakaiku("import", str(archive), "--json").json
    assert (first["read"], first["inserted"], first["rejected"]) == (36, 36, 0)
    again = kuntakaiku("import", str(archive), "--json").json
    assert (again["inserted"], again["skipped"]) == (0, 36)
    stats = kuntakaiku("stats", "--json").json
    assert stats["posts"] == 36
    assert kuntakaiku("stats").out.startswith("posts: 36")


@pytest.mark.usefixtures("configured")
def test_export_import_export_changes_nothing(kuntakaiku: Command, archive: Path, house: Path) -> None:
    """Classified posts survive the way out and in again byte for byte."""
    kuntakaiku("import", str(archive))
    kuntakaiku("classify")
    first, second = house / "first.jsonl", house / "second.jsonl"
    assert kuntakaiku("export", "--out", str(first), "--format", "jsonl").exit == 0
    other = ("--data", str(house / "other"))
    assert kuntakaiku("import", str(first), *other).exit == 0
    kuntakaiku("export", "--out", str(second), "--format", "jsonl", *other)
    assert first.read_bytes() == second.read_bytes()
    row = json.loads(first.read_text(encoding="utf-8").splitlines()[0])
    assert row["theme_by"] == "prediction"


@pytest.mark.usefixtures("configured")
def test_classify_text_answers_each_line_in_order(kuntakaiku: Command, house: Path) -> None:
    """Every text gets its line; a broken line gets an error and the others go on."""
    texts = house / "texts.jsonl"
    texts.write_text('{"id": "a", "text": "Uusi puisto ja nurmikko"}\nnonsense\n{"id": "c", "text": "😀"}\n', "utf-8")
    told = kuntakaiku("classify-text", str(texts))
    lines = [json.loads(line) for line in told.out.splitlines()]
    assert told.exit == 3
    assert [line["id"] for line in lines] == ["a", 2, "c"]
    assert lines[0]["theme"] == "parks"
    assert abs(sum(lines[0]["scores"].values()) - 1) < 1e-6
    assert set(lines[0]["scores"]) == {"parks", "buses", "none"}
    assert "error" in lines[1]
    assert lines[2]["theme"] is None
    assert lines[2]["reasons"]
    assert not (house / "kuntakaiku.db").exists()


@pytest.mark.usefixtures("configured")
def test_labels_train_and_evaluate(kuntakaiku: Command, house: Path) -> None:
    """Labels from a file train a classifier, which is then the one that is measured and used."""
    labels = house / "labels.jsonl"
    rows = [{"id": str(n), "text": f"puisto ja nurmikko kuva {n}", "theme": "parks"} for n in range(12)]
    rows += [{"id": str(n), "text": f"bussi ja pysäkki linja {n}", "theme": "buses"} for n in range(12, 24)]
    labels.write_text("".join(json.dumps(row) + "\n" for row in [*rows, {"id": "x"}]), "utf-8")
    trained = kuntakaiku("train", "--labels", str(labels), "--json")
    assert trained.exit == 0
    assert trained.json["n"] == 24
    assert len(trained.json["rejected"]) == 1
    report = kuntakaiku("evaluate", str(labels), "--json").json
    assert report["model"].startswith(trained.json["model"].partition("+")[0])
    assert report["accuracy"] == 1.0


@pytest.mark.usefixtures("configured")
def test_damaged_model_is_told_with_its_remedy(kuntakaiku: Command, house: Path) -> None:
    """A model that cannot be read stops the command with a remedy instead of guessing."""
    (house / "models" / "current").mkdir(parents=True)
    (house / "models" / "current" / "manifest.json").write_text("{}")
    told = kuntakaiku("classify")
    assert told.exit == 2
    assert "kuntakaiku train" in told.err


@pytest.mark.usefixtures("configured")
def test_labels_go_out_and_in(kuntakaiku: Command, archive: Path, house: Path) -> None:
    """Labels of known posts are stored once; the others are told and left aside."""
    kuntakaiku("import", str(archive))
    label = {"network": "mastodon", "native_id": "1", "theme": "parks", "by": "EK", "at": "2026-11-20T08:00:00Z"}
    lines = [label, label | {"native_id": "no such"}, label | {"theme": "no such"}, label | {"by": ""}]
    path = house / "labels.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    told = kuntakaiku("labels", "import", str(path), "--json")
    assert told.exit == 3
    assert (told.json["inserted"], len(told.json["rejected"])) == (1, 3)
    assert kuntakaiku("labels", "import", str(path), "--json").json["skipped"] == 1
    out = house / "out.jsonl"
    assert kuntakaiku("labels", "export", str(out), "--json").json["labels"] == 1
    assert json.loads(out.read_text("utf-8"))["by"] == "EK"
    queue = kuntakaiku("queue", "--n", "5", "--json").json["posts"]
    assert len(queue) == 5
    assert all(post["native_id"] != "1" for post in queue)


@pytest.mark.usefixtures("configured")
def test_trends_of_a_short_history_say_why_they_are_silent(kuntakaiku: Command, archive: Path) -> None:
    """Three weeks are too few to call anything new, and the command says so."""
    kuntakaiku("import", str(archive))
    report = kuntakaiku("trends", "--week", "2026-W47", "--json").json
    assert report["trends"] == []
    assert report["watch_list"] == []
    assert report["note"] == "trends.too_little_history"
    assert set(report["quiet"]) == {"detectable_in_nine_of_ten", "chance_notes_per_quiet_week"}


def test_doctor_names_what_is_broken(kuntakaiku: Command, configured: Path) -> None:
    """Readable recipients are found, and nothing else is broken in a fresh house."""
    with (configured / "recipients.toml").open("a") as file:
        file.write('[[recipient]]\naddress = "admin@example.org"\nrole = "administrator"\n')
    (configured / "recipients.toml").chmod(0o644)
    told = kuntakaiku("doctor", "--json")
    assert told.exit == 1
    broken = [check for check in told.json["checks"] if not check["ok"]]
    assert [check["name"] for check in broken] == ["file permissions"]
    assert broken[0]["remedy"]
    (configured / "recipients.toml").chmod(0o600)
    assert kuntakaiku("doctor").exit == 0


def test_run_refuses_without_the_privacy_keys(kuntakaiku: Command, configured: Path) -> None:
    """Nothing starts while nobody is named as responsible."""
    (configured / "site.toml").unlink()
    told = kuntakaiku("run", "--once")
    assert told.exit == 2
    assert "controller" in told.err


@pytest.mark.usefixtures("configured")
def test_missed_digest_is_drafted_once_on_return(kuntakaiku: Command, archive: Path) -> None:
    """A draft that was due while the machine was off is made at the next look, and only then."""
    kuntakaiku("import", str(archive))
    late = "2026-11-25T15:00:00Z"
    first = kuntakaiku("run", "--once", "--json", now=late)
    assert [job["job"] for job in first.json["jobs"]] == ["digest draft"]
    assert first.json["jobs"][0]["slot_at"] == "2026-11-23T05:00:00+00:00"
    assert kuntakaiku("run", "--once", "--json", now=late).json["jobs"] == []
    shown = kuntakaiku("digest", "show", "--week", "2026-W47", "--json").json
    assert shown["state"] == "draft"
    assert shown["numbers"]["posts"] == 12


def test_unreviewed_draft_is_sent_at_its_deadline(kuntakaiku: Command, configured: Path, archive: Path) -> None:
    """With auto_send, a draft nobody looked at goes out when its review time is over, not before."""
    (configured / "delivery.toml").write_text('draft = "mon 07:00"\nauto_send = "mon 12:00"\n')
    kuntakaiku("import", str(archive))
    kuntakaiku("run", "--once", now="2026-11-23T06:00:00Z")
    early = kuntakaiku("run", "--once", "--json", now="2026-11-23T10:30:00Z").json
    assert early["jobs"] == []
    due = kuntakaiku("run", "--once", "--json", now="2026-11-23T11:01:00Z").json
    assert [(job["job"], job["state"]) for job in due["jobs"]] == [("digest auto-send 2026-W47", "done")]
    assert due["jobs"][0]["counts"] == {"sent": 2}
