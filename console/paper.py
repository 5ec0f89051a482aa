"""Templates, and what all of them may say: the reader's words, dates and numbers; every value is escaped."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from console.address import with_query
from console.house import STATIC, TEMPLATES, House
from corpus.ledger import SourceState
from digest.inert import one_line
from digest.speech import Speaker
from programme.staff import Right
from programme.types import NONE, UNSURE, SourceSettings

if TYPE_CHECKING:
    from console.access.gate import Gate, Visitor

NAVIGATION: tuple[tuple[str, str, str, Right], ...] = (
    ("week", "/week", "week", "read"),
    ("review", "/review", "tag", "review"),
    ("topics", "/topics", "topic", "read"),
    ("discussions", "/discussions", "chat", "read"),
    ("data", "/data", "box", "research"),
    ("health", "/health", "pulse", "read"),
    ("access", "/access", "key", "administer"),
)
"""Key of the words, address and icon of each page, and the right that it asks."""
TROUBLED = frozenset({"failing", "refused", "rate_limited", "paused"})
"""States of a source that somebody should look at."""
_MB, _GB = 1_000_000, 1_000_000_000
_TILES = 4
"""Themes that have a colour of their own; all have a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A theme as pages show it."""

    slug: str
    mark: str
    """Its number in the programme's order, or a sign."""
    tone: str
    """Class of its colour."""
    name: str
    language: str
    """In which the name is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """When a source was last read."""

    name: str
    ago: str
    is_late: bool


class Face:
    """One reader's view: language, words and what stands on every page."""

    def __init__(self, house: House, request: Request, language: str) -> None:
        self.house = house
        self.request = request
        self.language = language
        self.speak = Speaker(house.messages, language, house.configuration.programme.time_zone)
        self.now = house.clock()

    @property
    def visitor(self) -> "Visitor | None":
        """Who looks at the page; None: nobody who is logged in."""
        found: Visitor | None = self.request.scope.get("visitor")
        return found

    @property
    def gate(self) -> "Gate":
        """What lets people in."""
        found: Gate = self.request.scope["gate"]
        return found

    @property
    def who(self) -> str:
        """Who does what is done by a form, as the audit log has it."""
        assert self.visitor is not None  # noqa: S101 - no form that does something is open to strangers
        return self.visitor.name

    def may(self, right: Right) -> bool:
        """Return whether the visitor may do something."""
        return self.visitor is not None and self.visitor.may(right)

    @property
    def navigation(self) -> list[tuple[str, str, str]]:
        """Key, address and icon of each page that the visitor may see."""
        return [(key, href, sign) for key, href, sign, right in NAVIGATION if self.may(right)]

    @property
    def token(self) -> str:
        """What a form of ours brings back, so that it is known for one."""
        return str(self.request.scope["csrftoken"]())

    def t(self, key: str, **values: object) -> str:
        """Return a message of the console."""
        return self.speak.text(f"console.{key}", None, **values)

    def n(self, key: str, count: int, **values: object) -> str:
        """Return a message that counts."""
        return self.speak.text(f"console.{key}", None, count=count, n=self.speak.number(count), **values)

    @property
    def languages(self) -> list[tuple[str, str, str]]:
        """Code, own name and address of each language in which this page can be read."""
        query = dict(self.request.query_params)
        return [
            (code, self.own_name(code), with_query(self.request.url.path, query | {"lang": code}))
            for code in tongues(self.house)
        ]

    def own_name(self, code: str) -> str:
        """Return what a language calls itself."""
        name = Speaker(self.house.messages, code, self.speak.zone_name).language_name(code)
        return name[:1].upper() + name[1:]

    def theme(self, standing: str) -> Shelf:
        """Return what a post's standing is called: a theme, none of them, unclear, or not looked at."""
        programme = self.house.configuration.programme
        for place, theme in enumerate(programme.themes, start=1):
            if theme.slug == standing:
                run = self.speak.name(theme.name)
                tone = f"t{place}" if place <= _TILES else "t0"
                return Shelf(
                    slug=standing, mark=str(place), tone=tone, name=run.text, language=run.language or self.language
                )
        key = standing if standing in (NONE, UNSURE) else "unclassified"
        mark = {NONE: "–", UNSURE: "?"}.get(key, "…")
        return Shelf(slug=standing, mark=mark, tone="t0", name=self.t(f"theme.{key}"), language=self.language)

    @property
    def themes(self) -> list[Shelf]:
        """Every standing that a post can have, the programme's themes first."""
        return [self.theme(slug) for slug in (*self.house.configuration.programme.slugs, NONE, UNSURE, "unclassified")]

    def source(self, name: str) -> str:
        """Return what a source is called: its network, with its own name where several read the same."""
        sources = self.house.configuration.sources
        settings = next((one for one in sources if one.name == name), None)
        if settings is None:
            return one_line(name)[:60]
        network = self.speak.network(settings.network)
        if sum(one.network == settings.network for one in sources) == 1:
            return network
        return self.speak.text("network.named", network=network, name=one_line(name)[:60])

    @cached_property
    def heard(self) -> list[Heard]:
        """When each source was last read to its end."""
        states = {state.source: state for state in self.house.corpus.ledger.source_states()}
        return [
            self._heard(one, states.get(one.name))
            for one in self.house.configuration.sources
            if one.enabled or one.name in states
        ]

    def _heard(self, source: SourceSettings, state: SourceState | None) -> Heard:
        last = state.last_success_at if state else None
        late = source.enabled and (last is None or (state is not None and state.state in TROUBLED))
        return Heard(name=self.source(source.name), ago=self.ago(last), is_late=late)

    def event(self, what: str) -> str:
        """Return what the audit log has, in the reader's words where there are any."""
        try:
            return self.t("week.event." + "_".join(what.replace(",", " ").split()))
        except KeyError:
            return one_line(what)[:60]

    def ago(self, instant: datetime | None) -> str:
        """Return how long ago something was, in the largest unit that fits."""
        if instant is None:
            return self.t("ago.never")
        past = max(self.now - instant, timedelta())
        if past < timedelta(hours=2):
            return self.n("ago.minutes", int(past.total_seconds() // 60))
        if past < timedelta(days=2):
            return self.n("ago.hours", int(past.total_seconds() // 3600))
        return self.n("ago.days", past.days)

    def moment(self, instant: datetime) -> str:
        """Return day and time of day to the minute."""
        return self.t("moment", day=self.speak.day(instant), time=self.speak.clock(instant))

    def dated(self, instant: datetime) -> str:
        """Return date with year, and time of day."""
        return self.t("moment", day=self.speak.full_date(instant), time=self.speak.clock(instant))

    def size(self, amount: int) -> str:
        """Return a number of bytes in the unit that fits."""
        if amount < _GB:
            return self.t("megabytes", n=self.speak.number(-(-amount // _MB)))
        return self.t("gigabytes", n=self.speak.ratio(amount / _GB))

    def dollars(self, amount: float) -> str:
        """Return an amount of US dollars as the reader's language writes it."""
        return self.speak.dollars(amount)

    def when(self, first_at: datetime, last_at: datetime) -> str:
        """Return the days from one instant to another."""
        first, last = self.speak.full_date(first_at), self.speak.full_date(last_at)
        return first if first == last else f"{first} – {last}"


def tongues(house: House) -> Sequence[str]:
    """Return the reading languages that have words; English where none has."""
    languages = [code for code in house.configuration.programme.languages if code in house.messages.languages]
    return languages or ["en"]


def page(face: Face, template: str, **values: object) -> str:
    """Return a page."""
    return (
        _environment()
        .get_template(template)
        .render(face=face, t=face.t, n=face.n, speak=face.speak, static=static_address, **values)
    )


def refusal(face: Face, current: str, key: str, status: int, told: str = "") -> HTMLResponse:
    """Return the page of what cannot be shown, with a title of the console's words.

    ``told`` names the words of its reason, where they are not those of the status.
    """
    told = told or (str(status) if current == "" else f"{current}_404")
    html = page(face, "error.html.j2", current=current, title=face.t(key), told=told)
    return HTMLResponse(html, status_code=status, headers={"Content-Language": face.language})


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,  # of every template: their names end in .j2, which select_autoescape() would not escape
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@lru_cache(maxsize=32)
def static_address(name: str) -> str:
    """Return the address of a file that browsers may keep: another content has another address."""
    return f"/static/{name}?v={sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"
