"""The whole road on the packaged archive: collect, classify, trends, digest, approval, delivery, export."""

import json
import secrets
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from programme.errors import MisuseError
from programme.guidelines import DIRECTORY as GUIDELINES
from programme.load import shipped_directory
from programme.week import Week
from runtime import demo_archive
from runtime.clock import clock_from
from runtime.settings import Options
from runtime.wiring import Program

MARK = "demonstration.txt"
"""File that marks a directory as a demonstration's, so that a second run may replace it."""
_OURS = ("config", "export", "lemmas", "mail", "models", "preview", "rejects", "vectors")
_SITE = """\
# A demonstration: open on this machine only, and nobody is responsible for real people's data, since there are none.
login = "none"

[privacy]
controller = "Demonstration: invented staging, no personal data"
contact = "demo@example.org"
dpo = "demo@example.org"
legal_basis = "None needed: openly licensed and invented texts"
special_categories_basis = "None needed"
retention_months = 12
recipients = "Nobody"
transfers = "None"
thresholds = "3"
"""
Tell = Callable[[str], None]


def run_demo(directory: Path, *, now: datetime | None, tell: Tell) -> dict[str, object]:
    """Run the demonstration in a directory and return what it did.

    Args:
        directory: a new or empty directory, or one of an earlier demonstration, which is replaced.
        now: start of its clock; None: the Monday after the archive's last week.
        tell: is given a line for each step.

    Raises:
        MisuseError: the directory holds something else.
    """
    _clear(directory)
    key = write_configuration(directory)
    options = Options(config=str(directory / "config"), data=str(directory))
    with Program(options, environment={"KUNTAKAIKU_PSEUDONYM_KEY": key}, working_directory=directory) as program:
        week = Week.named(demo_archive.LAST_WEEK)
        zone = program.configuration.programme.zone
        end_at = week.end_at(zone)
        program.clock = clock_from(now or end_at + timedelta(hours=7, minutes=5))
        done: dict[str, object] = {"directory": str(directory)}
        done["collect"] = collect_archive(program, tell)
        done["classify"] = _classify(program, tell)
        program.clock = clock_from(week.start_at(zone) + timedelta(hours=7, minutes=5))
        _issue(program, week.plus(-1), tell)
        program.clock = clock_from(now or end_at + timedelta(hours=7, minutes=5))
        done["digest"] = _issue(program, week, tell)
        done["export"] = _export(program, directory / "export", tell)
    tell(
        f"Look: the mails in {directory / 'mail'}, their pages in {directory / 'preview'}, the corpus in"
        f" {directory / 'export'}."
    )
    tell(f"Go on: kuntakaiku --config {directory / 'config'} --data {directory} stats")
    return done


def _clear(directory: Path) -> None:
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        if not (directory / MARK).is_file():
            raise MisuseError(f"{directory} holds something else.", "Name a new directory for the demonstration.")
        for name in _OURS:
            shutil.rmtree(directory / name, ignore_errors=True)
        for path in directory.glob("kuntakaiku.db*"):
            path.unlink()
    directory.mkdir(parents=True, exist_ok=True)
    (directory / MARK).write_text("A demonstration of Kuntakaiku: invented staging, no real discussion.\n", "utf-8")


def write_configuration(directory: Path) -> str:
    """Write the shipped configuration with the demonstration's own parts and return its pseudonym key."""
    config, shipped = directory / "config", shipped_directory()
    config.mkdir()
    programme = (shipped / "programme.toml").read_text("utf-8") + "\n" + demo_archive.FRAGMENT.read_text("utf-8")
    (config / "programme.toml").write_text(programme, "utf-8")
    for source, name in (
        (demo_archive.SOURCES, "sources.toml"),
        (demo_archive.RECIPIENTS, "recipients.toml"),
        (shipped / "delivery.toml", "delivery.toml"),
    ):
        shutil.copyfile(source, config / name)
    shutil.copytree(shipped / GUIDELINES, config / GUIDELINES)
    (config / "recipients.toml").chmod(0o600)
    (config / "site.toml").write_text(_SITE, "utf-8")
    key = secrets.token_hex(32)
    key_file = directory / "pseudonym-key"
    key_file.touch(mode=0o600)
    key_file.write_text(f"{key}\n", "utf-8")
    return key


def collect_archive(program: Program, tell: Tell) -> dict[str, object]:
    """Take in the packaged archive as if it had been collected hour by hour, and return what that did."""
    from collector.archive.load import import_files
    from runtime.jobs.compose import DEMONSTRATION

    now = program.clock()
    program.corpus.facts.put(DEMONSTRATION, value=True, now=now)
    done = import_files(
        program.corpus,
        [demo_archive.POSTS],
        format="corpus",
        programme=program.configuration.programme,
        now=now,
        rejects_directory=program.settings.data / "rejects",
    )
    hours, missing = _record_coverage(program)
    tell(f"Collected: {done.inserted} posts of the archive; {missing} of the sources' {hours} hours were missed.")
    return done.as_json()


def _record_coverage(program: Program) -> tuple[int, int]:
    """Record the hours that the demonstration pretends to have collected, and those that it pretends to have missed."""
    from corpus.ledger import HourCoverage, SourceState

    zone = program.configuration.programme.zone
    start_at = Week.named(demo_archive.FIRST_WEEK).start_at(zone)
    end_at = Week.named(demo_archive.LAST_WEEK).end_at(zone)
    posts: Counter[tuple[str, datetime]] = Counter(
        (stored.source, stored.post.created_at.replace(minute=0, second=0, microsecond=0))
        for stored in program.corpus.posts.between(start_at, end_at)
    )
    gaps = list(_gaps())
    hours = []
    for source in program.configuration.sources:
        hour = start_at
        while hour < end_at:
            state = next((g["state"] for g in gaps if g["source"] == source.name and g["from"] <= hour < g["to"]), None)
            found = posts[source.name, hour]
            hours.append(
                HourCoverage(
                    source=source.name,
                    hour_at=hour,
                    state=state or ("covered" if found else "empty"),
                    posts=0 if state else found,
                )
            )
            hour += timedelta(hours=1)
        program.corpus.ledger.set_source_state(
            SourceState(source=source.name, state="ok", since_at=start_at, last_success_at=end_at)
        )
    program.corpus.ledger.cover(hours)
    return len(hours), sum(hour.state not in ("covered", "empty") for hour in hours)


def _gaps() -> Iterator[Mapping[str, Any]]:
    for gap in json.loads(demo_archive.COVERAGE.read_text("utf-8")):
        yield gap | {name: datetime.fromisoformat(gap[name]).astimezone(UTC) for name in ("from", "to")}


def _classify(program: Program, tell: Tell) -> dict[str, object]:
    from runtime.jobs.classify import classify

    done = classify(program).as_json()
    tell(f"Classified {done['classified']} posts, {done['unclassified']} of them into no theme.")
    return done


def _issue(program: Program, week: Week, tell: Tell) -> dict[str, object]:
    from runtime.jobs import digest
    from runtime.jobs.preview import write_pages

    issue = digest.draft(program, week, who="demo")
    for topic in issue.topics:
        tell(f"{week}, topic: “{topic.label[topic.language]}”, {topic.state}, {topic.writers} writers.")
    mails = digest.render_issue(program, digest.stored_issue(program, week))
    write_pages(mails, program.settings.data / "preview")
    digest.approve(program, week, who="demo")
    sent = digest.send(program, week)
    states = Counter(delivery.state for delivery in sent.deliveries)
    for (language, role), mail in mails.items():
        if role == "editor":
            tell(f"{week} in {language}: {mail.subject}")
    tell(f"{week} delivered: " + ", ".join(f"{count} {state}" for state, count in states.items()) + ".")
    return {"issue": str(week), **sent.as_json()}


def _export(program: Program, directory: Path, tell: Tell) -> dict[str, object]:
    from corpus.export import Occasion, export

    directory.mkdir()
    key = program.secrets("PSEUDONYM_KEY")
    done: dict[str, object] = {}
    for name, format_, projection in (
        ("corpus.jsonl", "jsonl", "display"),
        ("corpus.csv", "csv", "display"),
        ("corpus.xlsx", "xlsx", "display"),
        ("research.csv", "csv", "research"),
    ):
        written = export(
            program.corpus,
            out=directory / name,
            format=format_,
            occasion=Occasion(at=program.clock(), by="demo"),
            projection=projection,
            key=key.encode() if key else None,
            plan="demonstration",
        )
        done[name] = {"posts": written.posts, "sha256": written.sha256}
    tell(f"Exported {', '.join(done)} to {directory}.")
    return done
