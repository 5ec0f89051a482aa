"""The life of a corpus and an issue on PostgreSQL equals that on SQLite."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]
"""Runs a command and returns what it said: exit, out, err, json."""


def life(kuntakaiku: Command, archive: Path, place: Path, *database: str) -> dict[str, Any]:
    """Return what each step of the whole road printed, times and paths aside."""
    place.mkdir()
    told: dict[str, Any] = {}

    def step(name: str, *arguments: str, now: str = "2026-11-23T06:00:00Z") -> None:
        done = kuntakaiku(*database, *arguments, "--json", now=now)
        told[name] = done.exit, _comparable(json.loads(done.out))

    step("import", "import", str(archive), "--index")
    step("again", "import", str(archive))
    step("classify", "classify")
    step("stats", "stats")
    step("coverage", "coverage")
    step("trends", "trends")
    step("queue", "queue", "--n", "5")
    step("draft", "digest", "draft")
    step("approve", "digest", "approve")
    step("send", "digest", "send")
    step("show", "digest", "show")
    step("doctor", "doctor")
    step("run", "run", "--once")
    step("verify", "db", "verify")
    for format_ in ("jsonl", "ids"):
        out = place / f"corpus.{format_}"
        step(f"export {format_}", "export", "--format", format_, "--out", str(out))
        lines = out.read_text("utf-8").splitlines()
        told[f"file {format_}"] = [_comparable(json.loads(line)) for line in lines] if format_ == "jsonl" else lines
    return told


def _comparable(value: Any) -> Any:  # noqa: ANN401 - JSON
    volatile = {"seconds", "files", "slot_at", "composed_at", "collected_at", "sha256", "detail", "dictionaries"}
    if isinstance(value, dict):
        return {key: _comparable(one) for key, one in value.items() if key not in volatile}
    return [_comparable(one) for one in value] if isinstance(value, list) else value


def _differences(one: Any, other: Any, path: str) -> Iterator[str]:  # noqa: ANN401 - JSON
    """Yield where two values differ, and how."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in one.keys() | other.keys():
            yield from _differences(one.get(key), other.get(key), f"{path}.{key}")
    elif isinstance(one, list | tuple) and isinstance(other, list | tuple) and len(one) == len(other):
        for number, pair in enumerate(zip(one, other, strict=True)):
            yield from _differences(*pair, f"{path}[{number}]")
    elif one != other:
        yield f"{path}: {one!r:.200} {other!r:.200}"


@pytest.mark.usefixtures("configured")
def test_postgresql_tells_what_sqlite_tells(kuntakaiku: Command, archive: Path, house: Path, server: str) -> None:
    """Every step prints the same; PostgreSQL is upgraded only when asked."""
    refused = kuntakaiku("--database", server, "stats")
    assert refused.exit == 2
    assert "db upgrade" in refused.err
    assert kuntakaiku("--database", server, "db", "upgrade", "--json").json["applied"]
    on_sqlite = life(kuntakaiku, archive, house / "a")
    for mail in (house / "mail").iterdir():
        mail.unlink()
    on_postgresql = life(kuntakaiku, archive, house / "b", "--database", server)
    assert list(on_postgresql) == list(on_sqlite)
    for name, told in on_sqlite.items():
        assert list(_differences(on_postgresql[name], told, name)) == []
    assert len(list((house / "mail").iterdir())) == 2
