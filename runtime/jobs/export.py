"""Exports as they are asked for: what may be handed over to whom, and what a package tells around its posts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from programme.errors import MisuseError
from programme.types import NONE, UNSURE

if TYPE_CHECKING:
    from corpus.export import Exported, Spread
    from corpus.export.content import Publication
    from runtime.wiring import Program

_ALSO = (NONE, UNSURE, "unclassified")
_SUFFIXES = {"csv-fi": "csv", "ids": "txt", "package": "zip"}
"""Endings of files whose format is called otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One export as it was asked for."""

    out: Path
    """The file, or a directory that exists to write it into."""
    format: str
    projection: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    theme: str | None = None
    language: str | None = None
    plan: str = ""
    without_text: bool = False
    partition: str | None = None
    """``month``: a directory of Parquet files by month."""
    by: str
    """Who asks."""
    person: str = ""
    """To whom it is handed; empty for the controller's own copy."""
    accepts_terms: bool = False
    """Whether that person accepted the terms."""


def make_export(program: "Program", asked: Asked, spread: "Spread | None" = None) -> "Exported":
    """Write an export and return what was written.

    Args:
        program: the house.
        asked: what is wanted.
        spread: has pieces of the file written by a cluster.

    Raises:
        MisuseError: it may not be handed over like that, or cannot be had.
        ExportFailedError: the file could not be written.
    """
    from corpus.export import Occasion, export

    configuration = program.configuration
    _known_theme(asked.theme, configuration.programme.slugs)
    if asked.partition not in (None, "month"):
        raise MisuseError(f"There is no partition {asked.partition!r}.", "Use --partition month.")
    if asked.person.strip():
        _may_be_handed(program, asked)
    program.corpus.discussions.update()
    key = program.secrets("PSEUDONYM_KEY")
    now = program.clock()
    done = export(
        program.corpus,
        out=_file(asked),
        format=asked.format,
        occasion=Occasion(
            at=now, by=asked.by, person=asked.person.strip(), limits={"x": configuration.site.export.x_posts_per_day}
        ),
        projection=asked.projection,
        since=asked.since,
        until=asked.until,
        theme=asked.theme,
        language=asked.language,
        key=key.encode() if key else None,
        plan=asked.plan,
        without_text=asked.without_text,
        zone=configuration.programme.zone,
        publication=_publication(program, asked) if asked.format == "package" else None,
        by_month=asked.partition == "month",
        spread=spread,
    )
    if asked.person.strip():
        program.corpus.ledger.audit(
            at=now, who=asked.by, what="handed over, terms accepted", subject=f"export {done.export_id}"
        )
    return done


def _file(asked: Asked) -> Path:
    """Return what is written; a partitioned export is the directory itself."""
    if asked.partition or not asked.out.is_dir():
        return asked.out
    return asked.out / f"corpus.{_SUFFIXES.get(asked.format, asked.format)}"


def _known_theme(theme: str | None, slugs: tuple[str, ...]) -> None:
    if theme is not None and theme not in (*slugs, *_ALSO):
        raise MisuseError(f"There is no theme {theme!r}.", f"Use one of {', '.join((*slugs, *_ALSO))}.")


def _may_be_handed(program: "Program", asked: Asked) -> None:
    """Raise where somebody is to get data without a plan, or without having accepted the terms."""
    if not asked.plan.strip():
        raise MisuseError(
            "Data are handed over for a research plan alone (Finnish data protection act, section 31).",
            "Name it with --plan; it stands in the record of exports and in a package.",
        )
    if asked.accepts_terms:
        return
    say, limit = program.messages.translate, program.configuration.site.export.x_posts_per_day
    networks = sorted({source.network for source in program.configuration.sources} | {"x"})
    terms = [say("package.duties", "en"), *(say(f"package.terms.{one}", "en") for one in networks)]
    listed = "\n".join(f"- {term}" for term in terms)
    raise MisuseError(
        f"{asked.person} has not accepted the terms:\n{listed}\n- X: at most {limit} posts with their content a person"
        " and day (UTC); ids without limit.",
        "When they accept them, add --accept-terms.",
    )


def _publication(program: "Program", asked: Asked) -> "Publication":
    from importlib.metadata import version

    from corpus.export.content import Publication

    site = program.configuration.site
    return Publication(
        programme=program.configuration.programme,
        messages=program.messages,
        settings=site.export,
        controller=site.privacy.controller,
        contact=site.privacy.contact,
        address=site.public_url,
        version=version("kuntakaiku"),
        models={record.version: record for record in program.corpus.judgements.models()},
        coverage=_coverage(program, asked),
        accuracy=_accuracy(program, asked),
        guidelines=program.guidelines,
    )


def _accuracy(program: "Program", asked: Asked) -> Mapping[str, Any]:
    """Return what the audit says up to the newest audited post of the window, whenever it is asked."""
    from programme.week import Week
    from runtime.jobs.audit import estimate

    last_at, zone = program.corpus.audits.last_at(), program.configuration.programme.zone
    if last_at is None:
        return {}
    last = Week.of(last_at, zone)
    return estimate(program, min(last, Week.of(asked.until, zone)) if asked.until else last).as_json()


def _coverage(program: "Program", asked: Asked) -> Mapping[str, Any]:
    """Return the report of ``coverage`` over the window, without what depends on the day on which it is asked.

    Open counts go without posts: sums over sources would tell of weeks that are left out.
    """
    from collector.coverage import coverage_report
    from collector.hours import HOUR
    from runtime.jobs.coverage import sources_read

    now = program.clock()
    hours = program.corpus.ledger.coverage(asked.since or datetime.min.replace(tzinfo=now.tzinfo), asked.until or now)
    if not hours:
        return {}
    start = asked.since or min(hour.hour_at for hour in hours)
    end = min(asked.until or now, max(hour.hour_at for hour in hours) + HOUR)
    report = coverage_report(program.corpus, sources_read(program, start, end), start, end, now)
    told = report.as_json(lambda _: "")
    is_open = asked.projection == "open"
    left = {"state", "refilled", *({"posts", "gone", "estimated_missed", "estimated_by"} if is_open else ())}
    kept = ("from", "to", "state") if is_open else ("from", "to", "state", "problem", "posts")
    sources: Any = told["sources"]
    return {
        "from": told["from"],
        "to": told["to"],
        "sources": [
            {name: value for name, value in one.items() if name not in left}
            | {"gaps": [{name: gap[name] for name in kept} for gap in one["gaps"]]}
            for one in sources
        ],
    }
