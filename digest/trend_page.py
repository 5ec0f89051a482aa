"""The trend note as a page: a table of the themes, a chart of each, the topics, and what the numbers rest on."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from digest.blocks import (
    Band,
    Bars,
    Block,
    Chart,
    Figure,
    Figures,
    Heading,
    Page,
    Paragraph,
    Rule,
    Run,
    Sentence,
    Table,
    TableRow,
)
from digest.charts import spark_text, sparkline, wide_bars
from digest.ground import links_line
from digest.inert import one_line, shorten
from digest.scene import Addresses
from digest.slots import UNSUBSCRIBE
from digest.speech import Speaker
from digest.trend_note import ToldTopic, TrendNote, Turn
from programme.week import Week

_BINS = 8
"""Bars with a number under each; more weeks are summed by month, more months by quarter."""
_TOPICS = 12


def trend_page(
    note: TrendNote, speak: Speaker, addresses: Addresses | None = None, approved_at: datetime | None = None
) -> Page:
    """Return the page of a note in one language.

    Args:
        note: what it tells.
        speak: the reader's language.
        addresses: where its mail may lead; None on paper.
        approved_at: when a person approved it; None: nobody has.
    """
    charts: dict[str, bytes] = {}
    span = _ranged(speak, note.first, note.last)
    strongest = next((topic for topic in note.topics), None)
    prefix = speak.text("digest.demonstration_prefix") if note.demonstration else ""
    subject = prefix + speak.text(
        "digest.note.subject", span=span, count=note.total.posts, n=speak.number(note.total.posts)
    )
    headline = speak.text("digest.note.headline", count=note.total.posts, n=speak.number(note.total.posts))
    if strongest:
        headline += " " + speak.text("digest.note.strongest", topic=_label(speak, strongest).text)
    themes = [block for turn in note.turns for block in _theme(note, turn, speak, charts)]
    return Page(
        language=speak.language,
        subject=one_line(subject),
        preview=one_line(headline),
        title=speak.name(note.programme.page).text,
        edition=speak.text("digest.note.edition", span=span),
        headline=(Run(text=headline),),
        notices=tuple(_notices(note, speak)),
        bands=(
            Band(blocks=(_figures(note, speak), Rule(), *_table(note, speak, charts))),
            Band(blocks=(Heading(text=speak.say("digest.note.topics"), level=2), *_topics(note, speak)), tinted=True),
            Band(blocks=(Heading(text=speak.say("digest.note.themes"), level=2), *themes)),
            Band(blocks=tuple(_ground(note, speak, approved_at)), tinted=True),
        ),
        footer=tuple(_footer(note, speak, addresses)),
        charts=charts,
    )


def _footer(note: TrendNote, speak: Speaker, addresses: Addresses | None) -> Iterator[Sentence]:
    yield speak.say("digest.note.why", programme=speak.name(note.programme.name))
    if addresses:
        reading = [("digest.footer.archive", addresses.archive), ("digest.footer.privacy", addresses.privacy)]
        yield links_line(speak, [*reading, ("digest.footer.unsubscribe", UNSUBSCRIBE)])


def _runs(weeks: Sequence[Week]) -> list[tuple[Week, Week]]:
    """Return first and last of each unbroken run of weeks."""
    runs: list[tuple[Week, Week]] = []
    for week in weeks:
        if runs and runs[-1][1].plus(1) == week:
            runs[-1] = runs[-1][0], week
        else:
            runs.append((week, week))
    return runs


def _ranged(speak: Speaker, first: Week, last: Week) -> str:
    """Return weeks from one to another, in as few words as they need."""
    if first == last:
        return _named(speak, first)
    if first.year == last.year:
        weeks = speak.span(first.number, last.number)
        return speak.text("digest.note.span_in_year", weeks=weeks, year=last.year)
    return speak.text("digest.note.span", first=_named(speak, first), last=_named(speak, last))


def _named(speak: Speaker, week: Week) -> str:
    return speak.text("digest.note.week", week=week.number, year=week.year)


def _notices(note: TrendNote, speak: Speaker) -> Iterator[tuple[Run, ...]]:
    if note.demonstration:
        yield speak.say("digest.notice.demonstration")
    if note.missing:
        weeks = speak.listed([_ranged(speak, *pair) for pair in _runs(note.missing)])
        yield speak.say("digest.note.missing", count=len(note.missing), weeks=weeks)


def _figures(note: TrendNote, speak: Speaker) -> Figures:
    numbers = (("posts", note.total.posts), ("writers", note.writers), ("told", len(note.topics)))
    return Figures(
        figures=tuple(
            Figure(number=speak.number(n), text=speak.say(f"digest.note.figure_{key}", count=n)) for key, n in numbers
        )
    )


def _table(note: TrendNote, speak: Speaker, charts: dict[str, bytes]) -> Iterator[Block]:
    yield Heading(text=speak.say("digest.note.development"), level=2)
    turns = (*note.turns, note.total) if len(note.turns) > 1 else note.turns
    compared = any(turn.before is not None for turn in turns)
    columns = ("theme", "now", "before", "chart") if compared else ("theme", "now", "chart")
    caption = speak.text("digest.note.caption" if compared else "digest.note.caption_alone")
    if not compared and not note.missing:  # what is missing of the span itself stands above
        caption += " " + speak.text("digest.note.not_compared")
    yield Table(
        columns=tuple(speak.text(f"digest.note.column_{key}") for key in columns),
        rows=tuple(_row(note, turn, speak, charts, compared=compared) for turn in turns),
        charts=True,
        caption=caption,
    )


def _row(note: TrendNote, turn: Turn, speak: Speaker, charts: dict[str, bytes], *, compared: bool) -> TableRow:
    cid = f"{note.key.lower()}.{turn.slug}@kuntakaiku"
    charts[cid] = sparkline(turn.series)
    before = "–" if turn.before is None else speak.number(turn.before)
    return TableRow(
        head=(_head(turn, speak),),
        cells=(speak.number(turn.posts), *([before] if compared else [])),
        chart=Chart(cid=cid, alt=_alt(note, turn, speak), width=80, height=24, spark=spark_text(turn.series)),
        weight="total" if turn.slug == "total" else "theme" if turn.name else "other",
    )


def _head(turn: Turn, speak: Speaker) -> Run:
    return speak.name(turn.name) if turn.name else Run(text=speak.text(f"digest.row.{turn.slug}"))


def _alt(note: TrendNote, turn: Turn, speak: Speaker) -> str:
    values = [speak.text("digest.table.gap") if n is None else speak.number(n) for n in turn.series]
    return speak.text(
        "digest.note.series",
        first=_named(speak, note.first),
        last=_named(speak, note.last),
        values=speak.listed(values),
    )


def _theme(note: TrendNote, turn: Turn, speak: Speaker, charts: dict[str, bytes]) -> Iterator[Block]:
    """Yield a theme's chart and what can be said of its weeks; the lines beside the themes have none."""
    if not turn.name:
        return
    yield Heading(text=(_head(turn, speak),), level=3)
    yield Paragraph(text=(Run(text=" ".join(_said(turn, speak))),), after=8)
    labels, values = _bins(note, turn, speak)
    cid = f"{note.key.lower()}.{turn.slug}.wide@kuntakaiku"
    known = [n for n in values if n is not None]
    level = sum(known) / len(known) if known else 0.0
    charts[cid] = wide_bars(tuple(values), level)
    yield Bars(
        caption=speak.say("digest.note.chart"),
        chart=Chart(cid=cid, alt=_alt(note, turn, speak), width=536, height=112, spark=spark_text(values)),
        labels=tuple(labels),
        values=tuple("·" if n is None else speak.number(n) for n in values),
    )


def _said(turn: Turn, speak: Speaker) -> Iterator[str]:
    yield speak.text("digest.note.posts", count=turn.posts, n=speak.number(turn.posts))
    if turn.before is not None:
        yield speak.text("digest.note.before", n=speak.number(turn.before))
    for key, weeks in (("more", turn.more), ("fewer", turn.fewer)):
        if weeks:
            named = speak.listed([_named(speak, week) for week in weeks])
            yield speak.text(f"digest.note.{key}", count=len(weeks), weeks=named)
    if not turn.more and not turn.fewer:
        yield speak.text("digest.note.usual")


def _bins(note: TrendNote, turn: Turn, speak: Speaker) -> tuple[list[str], list[int | None]]:
    """Return labels and numbers of a chart's bars: weeks, else months, else quarters."""
    weeks = [note.first.plus(n) for n in range(len(turn.series))]
    if len(weeks) <= _BINS:
        return [speak.text("digest.table.week", week=week.number) for week in weeks], list(turn.series)
    months = [(week.monday.toordinal() + 3, n) for week, n in zip(weeks, turn.series, strict=True)]
    for width in (1, 3, 12):
        labels, values = _summed(months, width, speak)
        if len(labels) <= _BINS:
            break
    return labels, values


def _summed(days: Sequence[tuple[int, int | None]], width: int, speak: Speaker) -> tuple[list[str], list[int | None]]:
    """Return sums over so many months; None where no week of them was collected."""
    sums: dict[tuple[int, int], list[int]] = {}
    for ordinal, n in days:
        day = date.fromordinal(ordinal)
        of = sums.setdefault((day.year, (day.month - 1) // width * width + 1), [])
        if n is not None:
            of.append(n)
    labels = [
        speak.text(
            "digest.note.month" if width == 1 else "digest.note.months", first=month, last=month + width - 1, year=year
        )
        for year, month in sums
    ]
    return labels, [sum(some) if some else None for some in sums.values()]


def _label(speak: Speaker, told: ToldTopic) -> Run:
    topic = told.topic
    spoken = speak.wanted if speak.wanted in topic.label else topic.language
    text = shorten(one_line(topic.label.get(spoken) or next(iter(topic.label.values()))), 60)
    foreign = spoken if spoken not in (speak.language, "unsure", "other") else None
    return Run(text=speak.quoted(text), language=foreign)


def _topics(note: TrendNote, speak: Speaker) -> Iterator[Block]:
    if not note.topics:
        yield Paragraph(text=speak.say("digest.note.no_topics"))
        return
    yield Table(
        columns=tuple(speak.text(f"digest.note.column_{key}") for key in ("topic", "writers")),
        rows=tuple(
            TableRow(
                head=(_label(speak, told),),
                cells=(speak.number(told.topic.writers),),
                note=speak.say(
                    "digest.note.told_in",
                    count=len(told.weeks),
                    weeks=speak.listed([str(week.number) for week in told.weeks]),
                ),
            )
            for told in note.topics[:_TOPICS]
        ),
        caption=speak.text("digest.note.topics_caption"),
    )
    rest = len(note.topics) - _TOPICS
    if rest > 0:
        yield Paragraph(text=speak.say("digest.and_more", n=speak.number(rest)), tone="small")


def _ground(note: TrendNote, speak: Speaker, approved_at: datetime | None) -> Iterator[Block]:
    yield Heading(text=speak.say("digest.note.ground"), level=2)
    yield Paragraph(text=speak.say("digest.note.counted", date=speak.full_date(note.made_at)))
    yield Paragraph(text=speak.say("digest.note.test"))
    yield Paragraph(text=speak.say("digest.note.selection"), after=12 if approved_at else 0)
    if approved_at:
        when = speak.text("format.at", day=speak.day(approved_at), time=speak.clock(approved_at))
        yield Paragraph(text=speak.say("digest.note.approved", when=when), tone="small", after=0)
