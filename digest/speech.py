"""How a language says things: words from its catalogue, numbers and dates as its readers write them."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal

from digest.blocks import Run, Sentence
from digest.inert import one_line
from programme.messages import Messages
from programme.types import UNSURE, Localised
from programme.week import Week, zone_named

_FIRST_SLOT = 0xE000
_NO_BREAK = "\u00a0"


class Speaker:
    """The catalogue of one reading language, and Babel's formats for it."""

    def __init__(self, messages: Messages, language: str, time_zone: str) -> None:
        self._messages = messages
        self.wanted = language
        """The reader's language, in which the programme's own names are written."""
        self.language = self.text("language.code", language)
        """The language of the words: English where the reader's has no catalogue."""
        self.locale = self.text("language.locale")
        self.zone_name = time_zone
        self._zone = zone_named(time_zone)

    def text(self, key: str, language: str | None = None, **values: object) -> str:
        """Return a message; ``count`` chooses its plural.

        Raises:
            KeyError: no catalogue has the key, or a placeholder got no value.
        """
        return self._messages.translate(key, language or self.wanted, **values)

    def say(self, key: str, **values: object) -> Sentence:
        """Return a message of which some values are links, names or foreign words.

        Raises:
            KeyError: as ``text``.
        """
        runs: list[Sentence] = []
        slots: dict[str, object] = {}
        for name, value in values.items():
            if isinstance(value, Run | tuple):
                slots[name] = chr(_FIRST_SLOT + len(runs))
                runs.append(value if isinstance(value, tuple) else (value,))
            else:
                slots[name] = value
        sentence: list[Run] = []
        text = ""
        for character in self._messages.translate(key, self.wanted, **slots):
            slot = ord(character) - _FIRST_SLOT
            if 0 <= slot < len(runs):
                sentence += [Run(text=text)] if text else []
                sentence += runs[slot]
                text = ""
            else:
                text += character
        return tuple(sentence + ([Run(text=text)] if text else []))

    def number(self, value: int) -> str:
        """Return a whole number, thousands apart."""
        return _number(value, self.locale)

    def ratio(self, value: float) -> str:
        """Return a number with one decimal."""
        return str(format_decimal(value, format="#,##0.0", locale=self.locale))

    def dollars(self, amount: float) -> str:
        """Return an amount of US dollars."""
        return str(format_currency(amount, "USD", locale=self.locale))

    def span(self, low: int, high: int) -> str:
        """Return a range of numbers, or the number where it has one."""
        return self.number(low) if low == high else f"{self.number(low)}–{self.number(high)}"

    def listed(self, texts: Sequence[str]) -> str:
        """Return texts as a list in words: a, b and c."""
        return format_list(list(texts), locale=self.locale)

    def quoted(self, text: str) -> str:
        """Return words in the language's quotation marks."""
        return self.text("language.quoted", text=text)

    def day(self, instant: datetime) -> str:
        """Return weekday, day and month, held together."""
        return self._date(self._local(instant), "format.day").replace(" ", _NO_BREAK)

    def weekday(self, on: date) -> str:
        """Return weekday, day and month of a date, held together."""
        return self._date(on, "format.day").replace(" ", _NO_BREAK)

    def full_date(self, instant: datetime) -> str:
        """Return a date with its year."""
        return self._date(self._local(instant), "format.date")

    def date_of(self, on: date) -> str:
        """Return a date with its year, of a day that is no instant."""
        return self._date(on, "format.date")

    def clock(self, instant: datetime) -> str:
        """Return the time of day to the minute."""
        return self._time(instant, "format.clock")

    def moment(self, instant: datetime) -> str:
        """Return a day and the hour of it."""
        return self.text("format.at", day=self.day(instant), time=self._hour(instant))

    def outage(self, start_at: datetime, end_at: datetime) -> str:
        """Return a span of hours; an end at midnight is the day before's hour 24."""
        start, last = self._local(start_at), self._local(end_at - timedelta(seconds=1))
        end = "24" if self._local(end_at).time().hour == 0 else self._hour(end_at)
        if start.date() == last.date():
            return self.text("format.span_in_day", day=self.day(start_at), start=self._hour(start_at), end=end)
        first_day, last_day = self.day(start_at), self.day(end_at - timedelta(seconds=1))
        return self.text("format.span", start_day=first_day, start=self._hour(start_at), end_day=last_day, end=end)

    def week_dates(self, week: Week) -> str:
        """Return the days of a week, in the numbers of ``date.isocalendar``."""
        monday, sunday = week.monday, week.sunday
        if monday.year != sunday.year:
            start, dash = self._date(monday, "format.date"), "format.week_dash"
        elif monday.month != sunday.month:
            start, dash = self._date(monday, "format.week_in_year"), "format.week_dash"
        else:
            start, dash = self._date(monday, "format.week_in_month"), "format.week_dash_in_month"
        return start + self.text(dash) + self._date(sunday, "format.date")

    def language_name(self, code: str) -> str:
        """Return what a post's language is called."""
        if code in ("other", UNSURE):
            return self.text(f"language.{code}")
        return _language_name(self.locale, code) or one_line(code)[:12]

    def in_language(self, code: str) -> str:
        """Return in which language something was said, as an adverb."""
        try:
            return self.text(f"in_language.{code}")
        except KeyError:
            return self.text("in_language.any", name=self.language_name(code))

    def in_languages(self, codes: Iterable[str]) -> str:
        """Return in which languages something was said; unclear ones are not named."""
        said = [self.in_language(code) for code in codes if code not in ("other", UNSURE)]
        preposition = f"{said[0].split(' ')[0]} " if said else ""
        if all(one.startswith(preposition) for one in said):  # "in Finnish and Swedish"
            said[1:] = [one.removeprefix(preposition) for one in said[1:]]
        return self.listed(said)

    def name(self, localised: Localised) -> Run:
        """Return a configured name in the reader's language, marked where it is in another than the page's."""
        written = self.wanted if self.wanted in localised.by_language else next(iter(localised.by_language), "")
        text = one_line(localised[self.wanted])
        return Run(text=text, language=written if written and written != self.language else None)

    def network(self, network: str) -> str:
        """Return what a network is called."""
        try:
            return self.text(f"network.{network}")
        except KeyError:
            return one_line(network)[:40]

    def _local(self, instant: datetime) -> datetime:
        return instant.astimezone(self._zone)

    def _date(self, day: date, pattern: str) -> str:
        return _date(day.date() if isinstance(day, datetime) else day, self.text(pattern), self.locale)

    def _time(self, instant: datetime, pattern: str) -> str:
        return format_time(self._local(instant), self.text(pattern), locale=self.locale)

    def _hour(self, instant: datetime) -> str:
        return self._time(instant, "format.clock" if self._local(instant).minute else "format.hour")


@lru_cache(maxsize=4096)
def _number(value: int, locale: str) -> str:
    return str(format_decimal(value, locale=locale))


@lru_cache(maxsize=4096)
def _date(day: date, pattern: str, locale: str) -> str:
    return format_date(day, pattern, locale=locale)


@lru_cache(maxsize=256)
def _language_name(locale: str, code: str) -> str | None:
    try:
        return Locale.parse(code.replace("-", "_")).get_language_name(locale)
    except (ValueError, UnknownLocaleError):
        return None
