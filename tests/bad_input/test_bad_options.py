"""Nonsense on the command line, in files of texts, and places that cannot be used: one sentence each, never a stack."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runtime.jobs.labelled import read_labelled
from tests.bad_input.judges import ACTING

Command = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("configured")
WEEKS = ("x", "2026-W54", "2026-W00", "9999-W52", "0001-W01", "2026-w47", "２０２６-W47", "2026-W47\n", "-1")
INSTANTS = (
    "x",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-05:00",
    "0001-01-01T00:00:00+05:00",
    "0001-01-01",
    "2026-13-01",
)


def assert_refused(told: Any, *exits: int) -> None:  # noqa: ANN401  # what a command said
    """Fail unless a command said in a sentence or two why it did nothing."""
    assert told.exit in (exits or (2,)), told.err
    assert told.err.startswith(("kuntakaiku: ", "Usage: "))
    assert "Traceback" not in told.err
    assert not ACTING.search(told.err.replace("\n", ""))


def test_weeks_that_are_none_are_misuse(kuntakaiku: Command) -> None:
    """Every command that takes a week refuses what is none, the ends of the calendar included."""
    for week in WEEKS:
        assert_refused(kuntakaiku("coverage", f"--week={week}"))
    for verb in (("trends",), ("digest", "draft"), ("digest", "show"), ("digest", "send")):
        assert_refused(kuntakaiku(*verb, "--week=9999-W52"))


@pytest.mark.parametrize("now", INSTANTS)
def test_instants_that_are_none_are_misuse(kuntakaiku: Command, now: str) -> None:
    """The program's clock starts within years that have weeks around them."""
    for verb in (("stats",), ("coverage",), ("digest", "draft"), ("run", "--once")):
        assert_refused(kuntakaiku(*verb, now=now))


@pytest.mark.parametrize(
    "arguments",
    [
        ("export", "--out", "o", "--format", "csv", "--since", "0001-01-01T00:00:00+05:00"),
        ("export", "--out", "o", "--format", "csv", "--until", "9999-12-31T23:59:59-05:00"),
        ("export", "--out", "o", "--format", "csv", "--since", "yesterday"),
        ("export", "--out", "o", "--format", "nonsense"),
        ("export", "--out", "o", "--format", "csv", "--projection", "nonsense"),
        ("import", "--format", "nonsense", "o"),
        ("import",),
        ("queue", "--n", "0"),
        ("queue", "--n", "1e9"),
        ("collect", "--source", "nonsense"),
        ("evaluate", "."),
        ("evaluate", "missing"),
        ("train", "--labels", "."),
        ("labels", "import", "."),
        ("labels", "export", "."),
        ("classify-text", "."),
        ("classify-text", "missing"),
        ("digest", "nonsense"),
        ("nonsense",),
        ("stats", "more"),
        ("stats", "--nonsense"),
        ("--config", "missing", "check"),
        ("--config", "/dev/null", "check"),
        ("stats", "--week"),
    ],
    ids=" ".join,
)
def test_nonsense_is_misuse(kuntakaiku: Command, arguments: tuple[str, ...]) -> None:
    """What a command cannot mean ends with 2 and says what to write instead."""
    assert_refused(kuntakaiku(*arguments))


def foreign(path: Path, *statements: str) -> str:
    """Make a SQLite database and return its path."""
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return str(path)


def test_databases_that_are_none_of_ours_are_told(kuntakaiku: Command, house: Path) -> None:
    """Text, directory, strangers' tables, newer, hollow and damaged databases, addresses without sense."""
    (house / "text").write_text("Hyvä vastaanottaja! " * 100)
    (house / "directory").mkdir()
    kuntakaiku("stats")
    whole = (house / "kuntakaiku.db").read_bytes()
    (house / "half.db").write_bytes(whole[: len(whole) // 2])
    (house / "noise.db").write_bytes(whole[:4_096] + bytes(range(256)) * 200)
    version = "create table alembic_version(version_num)"
    newer = foreign(house / "newer.db", version, "insert into alembic_version values ('0999')")
    hollow = foreign(house / "hollow.db", version, "insert into alembic_version values ('0001')")
    other = foreign(house / "other.db", "create table x(a)")
    misused = ("text", "directory", other, newer, "text/x.db", "mysql://a:secret@b/c", "://", "d" * 300, "/proc/x.db")
    addresses = ("sqlite:///x.db?timeout=abc", "postgresql://h:abc/db", "postgresql://[::1/x")
    for database in (*misused, *addresses):
        told = kuntakaiku("--database", database, "stats")
        assert_refused(told)
        assert "secret" not in told.err
    for database in (hollow, "half.db", "noise.db"):
        assert_refused(kuntakaiku("--database", database, "stats"), 1)
        assert kuntakaiku("--database", database, "doctor").exit == 1


@pytest.mark.parametrize("query", ["", "?nonsense=1"], ids=["closed port", "nonsense"])
def test_server_out_of_reach_is_told_without_its_password(kuntakaiku: Command, query: str) -> None:
    """PostgreSQL that does not answer is a failure with its remedy."""
    told = kuntakaiku("--database", f"postgresql://user:secret@127.0.0.1:1/x{query}", "stats")
    assert_refused(told, 1)
    assert "secret" not in told.err


@pytest.mark.parametrize("data", ["file", "file/below", "/proc/nowhere"])
def test_data_directory_that_cannot_be_is_misuse(kuntakaiku: Command, house: Path, data: str) -> None:
    """A file in its place, or a place where nothing can be made, is named."""
    (house / "file").write_text("x")
    (house / "o.jsonl").write_text('{"id": "1", "text": "puisto"}\n')
    for verb in (("stats",), ("import", "o.jsonl"), ("classify",), ("train",), ("digest", "draft"), ("run", "--once")):
        assert_refused(kuntakaiku("--data", data, *verb))
    told = kuntakaiku("--data", data, "doctor")
    assert told.exit == 1
    assert "NOT  database" in told.out


def test_places_in_the_data_directory_that_are_taken_are_told(kuntakaiku: Command, house: Path) -> None:
    """Files where directories should be: each command says which, and a mail stays deferred."""
    for name in ("mail", "rejects", "preview"):
        (house / name).write_text("x")
    (house / "bad.jsonl").write_text("rubbish\n")
    assert_refused(kuntakaiku("import", "bad.jsonl"), 1)
    assert kuntakaiku("digest", "draft").exit == 0
    assert_refused(kuntakaiku("digest", "preview"), 1, 2)
    assert kuntakaiku("digest", "approve").exit == 0
    told = kuntakaiku("digest", "send", "--json")
    assert (told.exit, {one["state"] for one in told.json["deliveries"]}) == (3, {"deferred"})
    for out in ("bad.jsonl/x", "missing/x/", "/proc/x"):
        assert_refused(kuntakaiku("labels", "export", out), 1, 2)
        assert kuntakaiku("export", "--out", out, "--format", "csv").exit in (0, 1, 2)


@pytest.mark.everything
def test_texts_are_classified_where_nothing_can_be_kept(kuntakaiku: Command, house: Path, configured: Path) -> None:
    """`classify-text` needs no place of its own: a file where its vectors would be kept only makes it slower."""
    assert configured.is_dir()
    (house / "vectors").unlink()
    (house / "vectors").write_text("x")
    (house / "texts.jsonl").write_text('{"id": "1", "text": "puisto"}\n')
    told = kuntakaiku("classify-text", "texts.jsonl")
    assert (told.exit, json.loads(told.out)["id"]) == (0, "1")


BROKEN = (
    b'{"id": "a", "text": "puisto", "theme": "parks"}\n'
    b"nonsense\n\n"
    b'{"id": NaN, "text": "x", "theme": null}\n'
    b'{"id": 1e999, "text": "bussi", "theme": "buses"}\n'
    b'{"id": "\\ud800", "text": "\\ud800 \\u0000 puisto", "lang": "\\ud800", "theme": "parks", "author": "\\ud800"}\n'
    b'{"id": "d", "text": null, "theme": "parks"}\n'
    b'{"id": "e", "text": 5, "theme": 5}\n'
    b"[]\n" + b"[" * 100_000 + b"\n"
    b'{"id": "f", "text": "p\xe4iv\xe4", "theme": "parks"}\n'
    b'{"id": [[1]], "text": "nurmikko", "lang": 5, "theme": "parks", "created_at": "0001-01-01T00:00:00+05:00"}\n'
    b'{"id": "' + b"9" * 5_000 + b'", "text": "puisto", "theme": "no such theme"}\n'
    b'{"id": ' + b"9" * 5_000 + b', "text": "puisto", "theme": "parks"}\n'
    b'{"id": "g", "text": "\\u202e\\u001b[2J \\u009b31m", "theme": null}\n'
    b'{"id": "h", "text": "", "theme": "none"}'
)


@pytest.mark.everything
def test_each_broken_line_of_texts_gets_its_answer(kuntakaiku: Command, house: Path) -> None:
    """`classify-text` answers every line that is not empty, in order, and ends with 3."""
    (house / "broken.jsonl").write_bytes(b"\xef\xbb\xbf" + BROKEN.replace(b"\n", b"\r\n"))
    told = kuntakaiku("classify-text", "broken.jsonl")
    assert told.exit == 3
    answers = [json.loads(line, parse_constant=pytest.fail) for line in told.out.split("\n")[:-1]]
    assert [answer["id"] for answer in answers[:5]] == ["a", 2, 4, 5, "\ud800"]
    assert sum("error" in answer for answer in answers) == 8
    assert len(answers) == 15
    assert not ACTING.search(told.out.replace("\n", ""))


def test_labelled_texts_are_read_as_they_can_be_written(house: Path) -> None:
    """What is learnt from is kept in files: NUL and halves of pairs become U+FFFD in text, id and author."""
    (house / "labels.jsonl").write_bytes(BROKEN)
    found = read_labelled(house / "labels.jsonl")
    assert (len(found.examples), len(found.rejected)) == (7, 8)
    for one in found.examples:
        "".join((one.id, one.text, one.lang or "", one.author or "")).encode()
    assert (found.examples[2].id, found.examples[2].text) == ("\ufffd", "\ufffd \ufffd puisto")


@pytest.mark.everything
def test_broken_lines_of_labels_are_left_aside(kuntakaiku: Command, house: Path) -> None:
    """`train` and `evaluate` use what can be used and tell the rest."""
    rows = [{"id": str(n), "text": f"puisto nurmikko {n}", "theme": "parks"} for n in range(12)]
    rows += [{"id": str(n), "text": f"bussi pysäkki {n}", "theme": "buses"} for n in range(12)]
    known = BROKEN.replace(b"no such theme", b"parks")  # which would be misuse
    (house / "labels.jsonl").write_bytes(b"".join(json.dumps(row).encode() + b"\n" for row in rows) + known)
    for verb in (("train", "--labels", "labels.jsonl"), ("evaluate", "labels.jsonl")):
        told = kuntakaiku(*verb, "--json")
        assert told.exit == 0, told.err
        assert len(told.json["rejected"]) >= 7
    (house / "none.jsonl").write_bytes(b"rubbish\n" * 10)
    for verb in (("train", "--labels", "none.jsonl"), ("evaluate", "none.jsonl")):
        assert_refused(kuntakaiku(*verb))


def test_broken_labels_of_posts_are_left_aside(kuntakaiku: Command, house: Path) -> None:
    """`labels import` stores the sound label alone."""
    post = {"network": "n", "native_id": "1", "text": "puisto", "created_at": "2026-11-16T08:00:00Z"}
    (house / "post.jsonl").write_text(json.dumps(post) + "\n")
    assert kuntakaiku("import", "post.jsonl").exit == 0
    good = {"network": "n", "native_id": "1", "theme": "parks", "by": "EK\ud800\x00", "at": "2026-11-16T08:00:00Z"}
    bad = [
        {"native_id": "\ud800"},
        {"native_id": 1},
        {"theme": ["parks"]},
        {"theme": "no such theme"},
        {"by": " "},
        {"by": 5},
        {"at": "0001-01-01T00:00:00+05:00"},
        {"at": "nonsense"},
        {"at": None},
    ]
    lines = [json.dumps({**good, **one}).encode() for one in ({}, *bad)]
    (house / "labels.jsonl").write_bytes(b"\n".join(lines) + b"\n" + BROKEN)
    told = kuntakaiku("labels", "import", "labels.jsonl", "--json")
    assert (told.exit, told.json["inserted"]) == (3, 1)
    assert len(told.json["rejected"]) == len(bad) + 15
