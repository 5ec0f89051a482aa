"""The fault matrix: which invariant holds under which fault, which tests hold it, and what the last run found.

Imported by ``conftest.py``. ``make faults`` runs the marked tests and writes ``docs/faults.md`` from what they did.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "faults.md"
WANTED = "KUNTAKAIKU_FAULTS_PAGE"
"""Environment: write the page at the end of the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the matrix."""

    fault: str
    invariant: str


MATRIX: Mapping[str, Row] = {
    "F1": Row(
        fault="kill -9 in collection and import",
        invariant="posts and position are stored together; what is taken up again adds exactly the rest",
    ),
    "F2": Row(
        fault="kill -9 in classification", invariant="a repeated run ends with the predictions of an undisturbed one"
    ),
    "F3": Row(
        fault="kill -9 in sending",
        invariant="nobody gets a mail twice, nobody is forgotten; what is unsure is in doubt and never guessed",
    ),
    "F4": Row(fault="power loss", invariant="what was reported done is there, whatever of the rest reached the disk"),
    "F5": Row(fault="disk full", invariant="exit 1 in words, the database sound, and work that goes on afterwards"),
    "F6": Row(
        fault="database locked or gone in the middle",
        invariant="an error in words, no half batch, and the next try succeeds",
    ),
    "F7": Row(
        fault="429, 5xx, time-outs, resets, truncated or wrong bodies, loops, drips",
        invariant="the corpus ends equal to the network; no part of a page is stored, no request comes too early",
    ),
    "F8": Row(
        fault="clock jumps, summer time, host time zones", invariant="each week has one issue, windows have no gaps"
    ),
    "F9": Row(fault="doubled, late, overlapping pages", invariant="the final state does not depend on the order"),
    "F10": Row(fault="edits and deletions", invariant="a deleted text is nowhere: database, files, exports, search"),
    "F11": Row(
        fault="SMTP answers 4xx and 5xx, hang-ups before, at and after DATA, stripped STARTTLS",
        invariant="each recipient ends in one true state, and one bad address stops no other",
    ),
    "F12": Row(fault="several schedulers", invariant="each slot fires once"),
    "F13": Row(fault="hostile posts", invariant="inert wherever they are shown"),
    "F14": Row(fault="links and redirects inwards (SSRF)", invariant="nothing but configured addresses is asked"),
    "F15": Row(
        fault="bombs and damaged documents", invariant="caps on bytes, depth and time; one bad feed stops no other"
    ),
    "F16": Row(fault="texts made to stall expressions (ReDoS)", invariant="every expression of the code is linear"),
    "F17": Row(fault="secrets and people in logs, errors, files", invariant="never"),
    "F18": Row(fault="an upgrade of the tables that is killed", invariant="data as before, and the next one succeeds"),
}


@dataclass(slots=True)
class Found:
    """What the tests of a fault did."""

    how: list[str] = field(default_factory=list)
    tests: int = 0
    runs: int = 0
    failed: int = 0
    skipped: int = 0
    controls: int = 0
    controls_failed: int = 0


_found: dict[str, Found] = {name: Found() for name in MATRIX}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each report carry the fault that its test is about."""
    for item in items:
        for kind in ("fault", "control"):
            for mark in item.iter_markers(kind):
                how = str(mark.kwargs.get("how", ""))
                item.user_properties.append(("of the matrix", (str(mark.args[0]), kind, how)))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count how a marked test ended."""
    if report.when != "call" and report.passed:
        return
    runs = sum(int(str(value)) for name, value in report.user_properties if name == "runs") or 1
    for name, value in report.user_properties:
        if name == "of the matrix":
            fault, kind, how = value  # type: ignore[misc]
            _count(_found[fault], kind, how, report, runs)


def _count(found: Found, kind: str, how: str, report: pytest.TestReport, runs: int) -> None:
    if report.skipped:
        found.skipped += kind == "fault"
    elif kind == "control":
        found.controls += 1
        found.controls_failed += report.failed
    else:
        found.tests += 1
        found.runs += runs
        found.failed += report.failed
    if how and how not in found.how:
        found.how.append(how)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the page where that was asked for, unless this is a worker."""
    if os.environ.get(WANTED) and not hasattr(session.config, "workerinput"):
        PAGE.write_text(page(_found.items(), datetime.now(UTC)), "utf-8")


def page(found: Iterable[tuple[str, Found]], at: datetime) -> str:
    """Return the page of faults."""
    kind = "in full" if os.environ.get("KUNTAKAIKU_FAULTS") == "long" else "in short"
    lines = [
        f"| {name} | {MATRIX[name].fault} | {MATRIX[name].invariant} | {'; '.join(one.how)} | {one.runs:,} in "
        f"{one.tests} tests | {_result(one)} | {_control(one)} |"
        for name, one in found
    ]
    return f"""# Faults

What breaks, what holds all the same, and how it is known. Written by `make faults` from what the marked tests did in
that run; `make soak` runs schedules, kills and orders in full and adds [its own figures](figures.md#faults). Each fault
has a negative control: a variant that is broken on purpose, which the same check must notice. In code:
`tests/matrix.py`, and every test marked `fault` or `control`.

Last run: {at:%Y-%m-%dT%H:%MZ}, {kind}.

| # | fault | invariant | injected by | runs | held | control noticed |
|---|---|---|---|---|---|---|
{chr(10).join(lines)}
"""


def _result(one: Found) -> str:
    skipped = f", {one.skipped} skipped" if one.skipped else ""
    if one.failed:
        return f"**{one.failed} of {one.tests} failed**{skipped}"
    return f"all{skipped}" if one.tests else "**not run**"


def _control(one: Found) -> str:
    if not one.controls:
        return "**not run**"
    return f"**{one.controls_failed} not**" if one.controls_failed else f"yes, {one.controls}"
