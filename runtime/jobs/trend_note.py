"""The trend note: made of any span of weeks, and written as pages for paper."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from programme.edition import Edition
from programme.errors import MisuseError
from programme.week import Week
from runtime.jobs.compose import DEMONSTRATION
from runtime.jobs.coverage import covered_weeks

if TYPE_CHECKING:
    from corpus.post import ClassifiedPost
    from digest.matters import Topic
    from digest.trend_note import TrendNote
    from runtime.wiring import Program


def make_note(program: "Program", first: Week, last: Week, *, theme: str | None = None) -> "TrendNote":
    """Return the note of a span of weeks, counted from what the corpus holds now.

    Raises:
        MisuseError: the span ends before it begins or is too long, or the programme has no such theme.
    """
    from digest.compose import programme_facts
    from digest.trend_note import BEFORE, LONGEST, trend_note
    from runtime.jobs.copies import mark_copies
    from trends.find import theme_change

    programme, zone = program.configuration.programme, program.configuration.programme.zone
    weeks = (last.monday - first.monday).days // 7 + 1
    if not 1 <= weeks <= LONGEST:
        raise MisuseError(
            f"A span of {weeks} weeks makes no note.", f"Ask for 1 to {LONGEST} weeks, the first one first."
        )
    if theme is not None and theme not in programme.slugs:
        raise MisuseError(f"The programme has no theme {theme!r}.", f"It has: {', '.join(programme.slugs)}.")
    back = max(weeks, BEFORE)
    start_at, end_at = first.plus(-back).start_at(zone), last.end_at(zone)
    mark_copies(program, start_at, end_at)
    posts: list[ClassifiedPost] = list(program.corpus.posts.classified_between(start_at, end_at))
    active = program.corpus.judgements.active_model()
    return trend_note(
        first,
        last,
        posts=posts,
        programme=programme,
        facts=programme_facts(programme),
        covered=covered_weeks(program, last, weeks + back),
        change=partial(_change, theme_change, len(programme.themes)),
        topics=_topics(program),
        model=active.version if active else None,
        made_at=program.clock(),
        theme=theme,
        demonstration=bool(program.corpus.facts.get(DEMONSTRATION)),
    )


def _change(test: Callable[..., Any], themes: int, this: int, history: Any) -> Any:  # noqa: ANN401 - as the test has it
    return test(this, history, themes=themes)


def _topics(program: "Program") -> "dict[Week, tuple[Topic, ...]]":
    """Return what the digests told of, by week; a correction's word goes before its issue's."""
    from digest.issue import Issue

    found: dict[Week, tuple[Topic, ...]] = {}
    for stored in program.corpus.issues.all():
        found[Edition.named(stored.key).week] = Issue.from_json(stored.numbers).topics
    return found


def write_notes(program: "Program", note: "TrendNote", directory: Path) -> list[Path]:
    """Write a note in each language, ready to print, and its plain text; return the pages' paths."""
    from digest.plain import plain_text
    from digest.printed import printed
    from digest.speech import Speaker
    from digest.trend_page import trend_page

    programme = program.configuration.programme
    directory.mkdir(parents=True, exist_ok=True)
    paths = []
    for language in programme.languages:
        page = trend_page(note, Speaker(program.messages, language, programme.time_zone))
        path = directory / f"{note.key}-{language}.html"
        path.write_text(printed(page), encoding="utf-8")
        path.with_suffix(".txt").write_text(f"{page.subject}\n\n{plain_text(page)}", encoding="utf-8")
        paths.append(path)
    return paths


def last_month(program: "Program", now: datetime) -> tuple[Week, Week]:
    """Return the first and the last week of the month before an instant's."""
    from digest.trend_note import weeks_of_month

    local = now.astimezone(program.configuration.programme.zone).date()
    year, month = (local.year, local.month - 1) if local.month > 1 else (local.year - 1, 12)
    return weeks_of_month(year, month)
