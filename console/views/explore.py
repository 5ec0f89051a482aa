"""Exploring: a word, themes, networks and places over time, two periods beside each other; each chart a table too."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from starlette.responses import HTMLResponse, Response

from console.address import with_query
from console.charts import Bars, bars, change, nice_top, tones
from console.map import outlines
from console.paper import Face, Shelf, page
from corpus.over_time import Among, Span
from corpus.place_table import FEWEST, Area, AreaKind
from corpus.question import QuestionError
from corpus.search_query import Filters
from digest.inert import one_line
from programme.errors import MisuseError
from programme.networks import NETWORKS
from programme.types import NONE, UNSURE
from programme.week import Week

SPANS = (8, 13, 26, 52)
"""Weeks that may be looked at."""
KINDS: tuple[AreaKind, ...] = ("region", "county", "municipality")
_PLOT = (260, 100)
_ROWS = 60
"""Areas in the table; the map has all."""
_LONGEST = 200
_SMALL = 3
"""Below which a number is not told exactly beside a place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for."""

    line: str
    weeks: int
    last: Week
    against: Week
    """Last week of the period that is compared with."""
    among: Among
    theme: str | None
    area: AreaKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A series as its chart shows it."""

    key: str
    name: str
    language: str
    shelf: Shelf | None
    bars: Bars
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An area in the table."""

    name: str
    rate: str
    posts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Atlas:
    """A map and its table."""

    width: int
    height: int
    shapes: tuple[tuple[int, str], ...]
    """Tone and path of each area."""
    alt: str
    legend: tuple[tuple[int, str], ...]
    rows: tuple[Place, ...]
    left: int
    """Areas that the table leaves out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One row of two periods."""

    name: str
    language: str
    before: int
    now: int
    said: str


def show(face: Face) -> Response:
    """Return the page of what was asked for."""
    wanted = _wanted(face)
    zone = face.house.configuration.programme.zone
    weeks = [wanted.last.plus(n - wanted.weeks + 1) for n in range(wanted.weeks)]
    before = [wanted.against.plus(n - wanted.weeks + 1) for n in range(wanted.weeks)]
    covered = face.house.covered(wanted.last, wanted.weeks)
    kept = {week: covered(week) for week in weeks}
    spans = dict(zip(weeks, face.house.corpus.over_time.spans(_periods(face, weeks), wanted.among), strict=True))
    (earlier,) = face.house.corpus.over_time.spans([(before[0].start_at(zone), before[-1].end_at(zone))], wanted.among)
    (now,) = face.house.corpus.over_time.spans([(weeks[0].start_at(zone), weeks[-1].end_at(zone))], wanted.among)
    word, fault = _word(face, wanted, kept)
    html = page(
        face,
        "explore.html.j2",
        current="topics",
        title=face.t("explore.title"),
        wanted=wanted,
        spans=SPANS,
        kinds=KINDS,
        weeks=weeks,
        gaps=[week for week in weeks if not kept[week]],
        numbers=spans,
        kept=kept,
        word=word,
        fault=fault,
        themes=_themes(face, spans, kept),
        networks=_networks(face, spans, kept),
        networks_known=sorted({one.network for one in face.house.configuration.sources} | set(now.by_network)),
        atlas=_atlas(face, wanted),
        compared=_compared(face, earlier, now, wanted.weeks),
        before=before,
        posts_address=_address(wanted),
    )
    return HTMLResponse(html)


def _wanted(face: Face) -> Wanted:
    query, programme = face.request.query_params, face.house.configuration.programme
    asked = query.get("weeks", "")
    weeks = int(asked) if asked in {str(n) for n in SPANS} else 26
    last = _named(face, query.get("last")) or face.house.week(None)
    network, kind, theme = query.get("network"), query.get("area"), query.get("theme")
    return Wanted(
        line=one_line(query.get("q", ""))[:_LONGEST],
        weeks=weeks,
        last=last,
        against=_named(face, query.get("against")) or last.plus(-weeks),
        among=Among(
            network=_known(network, list(NETWORKS)),
            project=_known(query.get("project"), [one.slug for one in programme.projects]),
            phenomenon=_known(query.get("phenomenon"), [one.slug for one in programme.phenomena]),
        ),
        theme=_known(theme, [*programme.slugs, NONE, UNSURE]),
        area=next((one for one in KINDS if one == kind), "region"),
    )


def _named(face: Face, name: str | None) -> Week | None:
    try:
        return face.house.week(name.strip()) if name and name.strip() else None
    except MisuseError:
        return None


def _known(asked: str | None, known: Sequence[str]) -> str | None:
    return asked if asked in known else None


def _periods(face: Face, weeks: Sequence[Week]) -> list[tuple[datetime, datetime]]:
    zone = face.house.configuration.programme.zone
    return [(week.start_at(zone), week.end_at(zone)) for week in weeks]


def _word(face: Face, wanted: Wanted, kept: Mapping[Week, bool]) -> tuple[tuple[Plot, Mapping[Week, int]] | None, str]:
    if not wanted.line:
        return None, ""
    try:
        found = face.house.counts(wanted.line, _periods(face, list(kept)), Filters(network=wanted.among.network))
    except QuestionError as error:
        return None, face.t(f"search.fault.{error.reason}")
    numbers = {week: count for week, (count, _) in zip(kept, found, strict=True)}
    top = nice_top(max(numbers.values(), default=1))
    return (_plot(face, "", wanted.line, "und", None, kept, lambda week: numbers[week], top), numbers), ""


def _themes(face: Face, spans: Mapping[Week, Span], kept: Mapping[Week, bool]) -> list[Plot]:
    top = nice_top(max((max(one.by_theme.values(), default=0) for one in spans.values()), default=1))
    return [
        _plot(
            face,
            shelf.slug,
            shelf.name,
            shelf.language,
            shelf,
            kept,
            lambda week, slug=shelf.slug: spans[week].by_theme.get(slug, 0),  # type: ignore[misc] # a bound default
            top,
        )
        for shelf in face.themes
        if shelf.slug != "unclassified" or any(one.by_theme.get(shelf.slug) for one in spans.values())
    ]


def _networks(face: Face, spans: Mapping[Week, Span], kept: Mapping[Week, bool]) -> list[Plot]:
    top = nice_top(max((max(one.by_network.values(), default=0) for one in spans.values()), default=1))
    names = sorted({network for one in spans.values() for network in one.by_network})
    return [
        _plot(
            face,
            network,
            face.speak.network(network),
            face.language,
            None,
            kept,
            lambda week, network=network: spans[week].by_network.get(network, 0),  # type: ignore[misc] # a bound default
            top,
        )
        for network in names
    ]


def _plot(
    face: Face,
    key: str,
    name: str,
    language: str,
    shelf: Shelf | None,
    kept: Mapping[Week, bool],
    number: Callable[[Week], int],
    top: int,
) -> Plot:
    weeks = list(kept)
    series = [number(week) if kept[week] or number(week) else None for week in weeks]
    told = [face.t("topics.gap") if n is None else face.speak.number(n) for n in series]
    return Plot(
        key=key,
        name=name,
        language=language,
        shelf=shelf,
        bars=bars(series, width=_PLOT[0], height=_PLOT[1], top=top),
        alt=face.t("explore.alt", name=name, first=weeks[0].number, last=weeks[-1].number, series=", ".join(told)),
    )


def _atlas(face: Face, wanted: Wanted) -> Atlas:
    zone = face.house.configuration.programme.zone
    since, until = wanted.last.plus(1 - wanted.weeks).start_at(zone), wanted.last.end_at(zone)
    table = face.house.corpus.places.table(wanted.area, since=since, until=until, among=wanted.among)
    drawn = outlines(wanted.area)
    posts = {area.code: area.by_theme.get(wanted.theme, 0) if wanted.theme else area.texts for area in table.areas}
    rates = {
        area.code: posts[area.code] / area.residents * 10_000 if posts[area.code] >= FEWEST else None
        for area in table.areas
    }
    tone, bounds = tones(rates)
    told = [area for area in table.areas if posts[area.code]]
    ranked = sorted(told, key=lambda area: (-(rates[area.code] or 0), -posts[area.code], area.name_fi))
    named = [f"{_area(face, one)} {face.speak.ratio(rate)}" for one in ranked[:3] if (rate := rates[one.code])]
    key = "explore.map_alt" if named else "explore.map_none"
    return Atlas(
        width=drawn.width,
        height=drawn.height,
        shapes=tuple((tone.get(code, 0), path) for code, path in drawn.paths.items()),
        alt=face.t(key, areas=face.speak.listed(named)) if named else face.t(key),
        legend=_legend(face, bounds, has_any=bool(named)),
        rows=tuple(_place(face, one, posts[one.code], rates[one.code]) for one in ranked[:_ROWS]),
        left=max(len(ranked) - _ROWS, 0),
    )


def _legend(face: Face, bounds: Sequence[float], *, has_any: bool) -> tuple[tuple[int, str], ...]:
    said = [(0, face.t("explore.too_few", n=FEWEST))]
    if not has_any:
        return tuple(said)
    told = [face.speak.ratio(bound) for bound in bounds]
    if not told:
        return (*said, (1, face.t("explore.any_rate", n=FEWEST)))
    said.append((1, face.t("explore.below", n=told[0])))
    said += [(place, f"{low}–{high}") for place, (low, high) in enumerate(pairwise(told), start=2)]
    said.append((len(told) + 1, face.t("explore.from", n=told[-1])))
    return tuple(said)


def _area(face: Face, area: Area) -> str:
    return area.name_sv if face.language == "sv" else area.name_fi


def _place(face: Face, area: Area, posts: int, rate: float | None) -> Place:
    told = face.speak.number(posts) if posts >= _SMALL else face.t("explore.fewer", n=_SMALL)
    return Place(name=_area(face, area), rate="–" if rate is None else face.speak.ratio(rate), posts=told)


def _compared(face: Face, before: Span, now: Span, weeks: int) -> list[Compared]:
    rows = [(face.t("explore.all"), face.language, before.posts, now.posts)]
    rows += [
        (shelf.name, shelf.language, before.by_theme.get(shelf.slug, 0), now.by_theme.get(shelf.slug, 0))
        for shelf in face.themes
    ]
    rows += [
        (face.speak.network(one), face.language, before.by_network.get(one, 0), now.by_network.get(one, 0))
        for one in sorted({*before.by_network, *now.by_network})
    ]
    return [
        Compared(name=name, language=language, before=then, now=after, said=_change(face, then, after, weeks))
        for name, language, then, after in rows
    ]


def _change(face: Face, before: int, now: int, weeks: int) -> str:
    found = change(before, now, weeks_before=weeks, weeks_after=weeks)
    if found is None:
        return "–"
    ratio, low, high = found
    if low <= 1 <= high:
        return face.t("explore.maybe_chance")
    return face.t(
        "explore.times", ratio=face.speak.ratio(ratio), low=face.speak.ratio(low), high=face.speak.ratio(high)
    )


def _address(wanted: Wanted) -> str:
    return with_query("/discussions", {"q": wanted.line})
