"""The topic sheet: one topic on one page, to be defended before a steering group, its strongest objection included."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, floor

from digest.blocks import Band, Bars, Block, Chart, Heading, Page, Paragraph, Run, Table, TableRow
from digest.charts import spark_text, wide_bars
from digest.inert import one_line, shorten
from digest.issue import ProgrammeFacts, ShownPost
from digest.lead import RARE
from digest.speech import Speaker
from programme.types import Localised
from programme.week import Week
from trends.report import Trend

FEW, SHORT, NEAR = 5, 8, 1.5
"""Writers, weeks of history and times the usual below which that is the strongest objection."""
_LOUD = 0.5
_MOST = 1_000_000
"""Rarer than once in so many is not told apart."""
_LINKS, _TERMS, _NAMES = 3, 6, 5
_BARS = 8
"""Weeks of the chart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An earlier digest that told of the topic."""

    week: Week
    writers: int
    posts: int
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSheet:
    """What is known of a topic in a week."""

    week: Week
    programme: ProgrammeFacts
    trend: Trend
    theme: Localised | None
    """Name of the theme of most of its posts."""
    organisations: tuple[Localised, ...]
    """Listed ones that wrote of it; nobody else is named."""
    loudest: int
    """Posts by the account that wrote most of them."""
    p: float | None
    """Of the strongest term, as it is held against the threshold."""
    threshold: float
    earlier: tuple[Told, ...]
    """Newest first."""
    examples: tuple[ShownPost, ...]
    made_at: datetime


def objection(sheet: TopicSheet) -> str:
    """Return which objection to a topic is the strongest, as the end of a message key."""
    trend = sheet.trend
    history = sum(n is not None for n in trend.weekly[:-1])
    found = (
        (trend.writers < FEW, "few"),
        (sheet.loudest >= _LOUD * trend.posts, "loud"),
        (history < SHORT, "history"),
        (trend.state == "recurring", "recurring"),
        (trend.ratio is not None and trend.ratio_low < NEAR, "interval"),
        (not trend.recurrence_known, "year"),
    )
    return next((key for applies, key in found if applies), "selection")


def sheet_page(sheet: TopicSheet, speak: Speaker) -> Page:
    """Return a topic's page in one language."""
    charts: dict[str, bytes] = {}
    label = _label(sheet, speak)
    room = "topics" if sheet.trend.state in ("new", "growing", "back") else "sheet"
    state = speak.text(f"digest.{room}.{sheet.trend.state}", weeks=speak.number(len(sheet.trend.weekly) - 1))
    edition = speak.text("digest.sheet.edition", week=sheet.week.number, year=sheet.week.year)
    parts = (
        ("what", _what(sheet, speak)),
        ("since", _since(sheet, speak)),
        ("who", _who(sheet, speak)),
        ("evidence", _evidence(sheet, speak, charts)),
    )
    blocks = [block for key, some in parts for block in (_head(speak, key), *some)]
    weeks = speak.number(len(sheet.trend.weekly) - 1)
    against = speak.say(
        f"digest.sheet.objection_{objection(sheet)}", weeks=weeks, low=speak.ratio(sheet.trend.ratio_low)
    )
    return Page(
        language=speak.language,
        subject=one_line(f"{label.text} · {edition}"),
        preview=one_line(state),
        title=speak.name(sheet.programme.page).text,
        edition=edition,
        headline=(label,),
        notices=(),
        bands=(
            Band(blocks=(Paragraph(text=(Run(text=state),)), *blocks)),
            Band(blocks=(_head(speak, "objection"), Paragraph(text=against, after=0)), tinted=True),
            Band(
                blocks=(_head(speak, "earlier"), *_earlier(sheet, speak), _head(speak, "links"), *_links(sheet, speak))
            ),
        ),
        footer=(speak.say("digest.sheet.footer", date=speak.full_date(sheet.made_at)),),
        charts=charts,
    )


def _head(speak: Speaker, key: str) -> Heading:
    return Heading(text=speak.say(f"digest.sheet.{key}"), level=2)


def _label(sheet: TopicSheet, speak: Speaker) -> Run:
    trend = sheet.trend
    text = trend.label.get(speak.wanted, trend.topic)
    spoken = next((code for code, label in trend.label.items() if label == text), None)
    foreign = spoken if spoken not in (speak.language, "unsure", "other") else None
    return Run(text=speak.quoted(shorten(one_line(text), 60)), language=foreign)


def _what(sheet: TopicSheet, speak: Speaker) -> Iterator[Block]:
    terms = speak.listed([one_line(term)[:60] for term in sheet.trend.terms[:_TERMS]])
    said = speak.text("digest.sheet.words", terms=terms)
    if sheet.theme:
        said += " " + speak.text("digest.sheet.theme", theme=speak.quoted(speak.name(sheet.theme).text))
    yield Paragraph(text=(Run(text=said),), after=28)


def _since(sheet: TopicSheet, speak: Speaker) -> Iterator[Block]:
    date = speak.full_date(sheet.trend.first_seen_at)
    yield Paragraph(text=speak.say("digest.sheet.first_seen", date=date), after=28)


def _who(sheet: TopicSheet, speak: Speaker) -> Iterator[Block]:
    trend = sheet.trend
    posts, writers = speak.number(trend.posts), speak.number(trend.writers)
    said = [speak.text("digest.sheet.counts", week=sheet.week.number, count=trend.posts, n=posts, writers=writers)]
    said.append(speak.text("digest.sheet.share", n=speak.number(sheet.loudest), posts=speak.number(trend.posts)))
    if sheet.organisations:
        names = [speak.name(one).text for one in sheet.organisations[:_NAMES]]
        said.append(speak.text("digest.sheet.organisations", names=speak.listed(names)))
    spoken = [f"{speak.language_name(code)} {speak.number(count)}" for code, count in trend.languages.items()]
    said.append(speak.text("digest.sheet.languages", languages=", ".join(spoken)))
    yield Paragraph(text=(Run(text=" ".join(said)),), after=28)


def _evidence(sheet: TopicSheet, speak: Speaker, charts: dict[str, bytes]) -> Iterator[Block]:
    trend = sheet.trend
    said = [speak.text("digest.sheet.usual", baseline=speak.ratio(trend.baseline))]
    if trend.baseline < RARE:
        said = [speak.text("digest.topics.rare")]  # a multiple of next to nothing says nothing
    elif trend.ratio is not None and trend.ratio_high is not None:
        times = speak.ratio(trend.ratio)
        low, high = speak.ratio(trend.ratio_low), speak.ratio(trend.ratio_high)
        said.append(speak.text("digest.sheet.ratio", times=times, low=low, high=high))
    if sheet.p is not None:
        said.append(speak.text("digest.sheet.p", p=_odds(sheet.p, speak), threshold=_odds(sheet.threshold, speak)))
    yield Paragraph(text=(Run(text=" ".join(said)),))
    series = tuple(trend.weekly[-_BARS:])
    usual = speak.span(floor(trend.baseline), ceil(trend.baseline))
    weeks = [sheet.week.plus(n + 1 - len(series)) for n in range(len(series))]
    values = [speak.text("digest.table.gap") if n is None else speak.number(n) for n in series]
    told = speak.text("digest.table.series", first=weeks[0].number, last=weeks[-1].number, values=speak.listed(values))
    cid = f"{sheet.week}.topic-sheet@kuntakaiku".lower()
    charts[cid] = wide_bars(series, trend.baseline)
    yield Bars(
        caption=speak.say("digest.topics.chart_caption", usual=usual),
        chart=Chart(
            cid=cid,
            alt=speak.text("digest.topics.chart", series=told, usual=usual),
            width=536,
            height=112,
            spark=spark_text(series),
        ),
        labels=tuple(speak.text("digest.table.week", week=week.number) for week in weeks),
        values=tuple("·" if n is None else speak.number(n) for n in series),
    )


def _odds(p: float, speak: Speaker) -> str:
    """Return a small probability as one in so many, never made out smaller than it is."""
    times = min(1 / p if p > 0 else _MOST, _MOST)
    round_to = 10 ** max(0, len(str(int(times))) - 2)
    return f"1 : {speak.number(int(times) // round_to * round_to)}"


def _earlier(sheet: TopicSheet, speak: Speaker) -> Iterator[Block]:
    if not sheet.earlier:
        yield Paragraph(text=speak.say("digest.sheet.never"), after=28)
        return
    yield Table(
        columns=tuple(speak.text(f"digest.sheet.column_{key}") for key in ("week", "writers")),
        rows=tuple(
            TableRow(
                head=(Run(text=speak.text("digest.note.week", week=told.week.number, year=told.week.year)),),
                cells=(speak.number(told.writers),),
            )
            for told in sheet.earlier
        ),
    )


def _links(sheet: TopicSheet, speak: Speaker) -> Sequence[Block]:
    shown = [one for one in sheet.examples if one.url][:_LINKS]
    if not shown:
        return (Paragraph(text=speak.say("digest.sheet.no_links"), after=0),)
    return [
        Paragraph(
            text=(
                Run(text=f"{speak.network(one.network)} · {speak.full_date(one.created_at)} · "),
                Run(text=one.url or "", href=one.url),
            ),
            after=6,
        )
        for one in shown
    ]
