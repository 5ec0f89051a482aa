"""The sheet of a topic, as the corpus holds it now."""

from pathlib import Path
from typing import TYPE_CHECKING

from programme.edition import Edition
from programme.errors import MisuseError
from programme.week import Week
from runtime.jobs.topics import known_topics, meant_topic
from runtime.jobs.trends import explained, trends_of

if TYPE_CHECKING:
    from corpus.post import ClassifiedPost
    from digest.topic_sheet import Told, TopicSheet
    from runtime.wiring import Program
    from trends.report import Trend


def topic_sheet(program: "Program", name: str, week: Week | None) -> "TopicSheet":
    """Return the sheet of a topic in a week, by default the last one whose digest told of it.

    Args:
        program: the house.
        name: the topic's key, its beginning, or a label.
        week: asked for.

    Raises:
        MisuseError: nobody knows the topic, or it does not stand out in the week as the corpus is now.
    """
    from digest.compose import programme_facts
    from digest.tally import loudest
    from digest.topic_sheet import TopicSheet
    from digest.week import organisation_of, show

    known = meant_topic(known_topics(program), name)
    asked = week or Edition.named(known.weeks[-1]).week
    report = trends_of(program, asked)
    trend = next((one for one in (*report.trends, *report.watch_list) if one.key in (known.key, known.head)), None)
    if trend is None:
        raise MisuseError(
            f"The topic “{known.shown}” does not stand out in {asked}, as the corpus is now.",
            "Choose another week: kuntakaiku topics lists where it was told.",
        )
    configuration = program.configuration
    posts = _posts(program, trend)
    evidence = explained(program, asked, trend.terms)
    weighed = [one.weighed for one in evidence.terms if one.weighed is not None]
    organisations = [found for post in posts if (found := organisation_of(post, configuration.programme))]
    examples = [_one(program, network, native_id) for network, native_id in trend.example_ids]
    views = [show(one, configuration.programme, configuration.delivery.quote_private) for one in examples if one]
    return TopicSheet(
        week=asked,
        programme=programme_facts(configuration.programme),
        trend=trend,
        theme=next((one.name for one in configuration.programme.themes if one.slug == trend.theme), None),
        organisations=tuple({tuple(one.name.by_language.items()): one.name for one in organisations}.values()),
        loudest=loudest(posts),
        p=min(weighed, default=None),
        threshold=evidence.threshold,
        earlier=_earlier(program, trend.key, asked),
        examples=tuple(view for view in views if view),
        made_at=program.clock(),
    )


def write_sheets(program: "Program", sheet: "TopicSheet", directory: Path) -> list[Path]:
    """Write a sheet in each reading language, ready to print, and return the pages' paths."""
    from digest.printed import printed
    from digest.speech import Speaker
    from digest.topic_sheet import sheet_page

    directory.mkdir(parents=True, exist_ok=True)
    paths = []
    for language in program.configuration.programme.languages:
        speak = Speaker(program.messages, language, program.configuration.programme.time_zone)
        path = directory / f"topic-{sheet.trend.key[:12]}-{sheet.week}-{language}.html"
        path.write_text(printed(sheet_page(sheet, speak), on_one_sheet=True), encoding="utf-8")
        paths.append(path)
    return paths


def _posts(program: "Program", trend: "Trend") -> "list[ClassifiedPost]":
    found = [_one(program, network, native_id) for network, native_id in sorted(trend.post_ids)]
    return [post for post in found if post]


def _one(program: "Program", network: str, native_id: str) -> "ClassifiedPost | None":
    return program.corpus.posts.by_native_id(network, native_id)


def _earlier(program: "Program", key: str, week: Week) -> "tuple[Told, ...]":
    """Return the digests before a week that told of a topic, newest first."""
    from digest.issue import Issue
    from digest.topic_sheet import Told

    told: list[Told] = []
    for stored in program.corpus.issues.all():
        edition = Edition.named(stored.key)
        if edition.correction or edition.week.monday >= week.monday:
            continue
        told += [
            Told(week=edition.week, writers=topic.writers, posts=topic.posts, state=topic.state)
            for topic in Issue.from_json(stored.numbers).topics
            if topic.key == key
        ]
    return tuple(reversed(told))
