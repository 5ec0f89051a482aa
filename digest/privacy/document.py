"""What the privacy notice (GDPR, Articles 13 and 14) and the record of processing (Article 30) say, pure.

Both are put together from the same sections, in every language alike. What the configuration does not say is told as
missing: a notice that invents nothing.

See https://eur-lex.europa.eu/eli/reg/2016/679/oj
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal

from digest.inert import one_line
from digest.speech import Speaker
from programme.messages import Messages
from programme.types import Configuration, Privacy

Kind = Literal["notice", "record"]
SWEPT = frozenset({"x", "bluesky"})
"""Networks that can be asked what has become of a post."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What is running."""

    configuration: Configuration
    database: Literal["sqlite", "postgresql"]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One heading and what stands under it."""

    key: str
    """The same in every language."""
    title: str
    paragraphs: tuple[str, ...]
    items: tuple[str, ...] = ()
    """A list after the first paragraph."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A notice or a record in one language."""

    kind: Kind
    language: str
    """Of the words: English where the asked one has no catalogue."""
    title: str
    lead: tuple[str, ...]
    sections: tuple[Section, ...]
    missing: tuple[str, ...]
    """Keys of ``[privacy]`` that are not filled in."""

    def as_json(self) -> dict[str, object]:
        """Return it as ``privacy --json`` prints it."""
        return {
            "kind": self.kind,
            "language": self.language,
            "title": self.title,
            "lead": list(self.lead),
            "missing": list(self.missing),
            "sections": [
                {
                    "key": section.key,
                    "title": section.title,
                    "paragraphs": list(section.paragraphs),
                    "items": list(section.items),
                }
                for section in self.sections
            ],
        }


def document(kind: Kind, running: Running, *, language: str, messages: Messages) -> Document:
    """Return the privacy notice or the record of processing, in a language.

    Raises:
        KeyError: a message is missing from every catalogue.
    """
    configuration = running.configuration
    speak = Speaker(messages, language, configuration.programme.time_zone)
    writing = _Writing(running, speak)
    missing = configuration.site.privacy.missing
    lead = [speak.text("privacy.made", date=speak.full_date(running.at))]
    if missing:
        lead.append(speak.text("privacy.missing_lead", count=len(missing), n=speak.number(len(missing))))
    return Document(
        kind=kind,
        language=speak.language,
        title=speak.text(f"privacy.{kind}", programme=writing.programme),
        lead=tuple(lead),
        sections=tuple(writing.section(key) for key in SECTIONS[kind]),
        missing=missing,
    )


class _Writing:
    """One document in the making."""

    def __init__(self, running: Running, speak: Speaker) -> None:
        self._running = running
        self._configuration = running.configuration
        self._privacy = running.configuration.site.privacy
        self._speak = speak
        self.programme = speak.name(self._configuration.programme.name).text

    def section(self, key: str) -> Section:
        lines = tuple(_PARTS[key](self))
        items = self._sources() if key == "sources" else ()
        return Section(key=key, title=self._speak.text(f"privacy.title.{key}"), paragraphs=lines, items=items)

    def say(self, key: str, **values: object) -> str:
        return self._speak.text(f"privacy.{key}", None, **values)

    def told(self, key: str, name: str) -> str:
        """Return what the controller says of something, or that it is missing."""
        value = getattr(self._privacy, name)
        if value in ("", None):
            return self.say("missing", name=name)
        return self.say(key, value=one_line(str(value)))

    def _sources(self) -> tuple[str, ...]:
        return tuple(
            self.say("sources.one", network=self._speak.network(source.network), address=one_line(source.base_url))
            for source in self._configuration.enabled_sources
        )

    def controller(self) -> Iterator[str]:
        yield self.told("controller.controller", "controller")
        yield self.told("controller.contact", "contact")
        yield self.told("controller.dpo", "dpo")

    def purposes(self) -> Iterator[str]:
        hashtags = self._speak.listed([f"#{one_line(hashtag)}" for hashtag in self._configuration.programme.hashtags])
        yield self.say("purposes.follow", programme=self.programme)
        yield self.say("purposes.how", hashtags=hashtags)
        yield self.say("purposes.research")
        yield self.say("purposes.not_people")

    def basis(self) -> Iterator[str]:
        yield self.told("basis.ordinary", "legal_basis")
        yield self.told("basis.special", "special_categories_basis")

    def people(self) -> Iterator[str]:
        readers = len(self._configuration.recipients)
        yield self.say("people.writers")
        yield self.say("people.readers", count=readers, n=self._speak.number(readers))
        yield self.say("people.staff")

    def categories(self) -> Iterator[str]:
        yield from (self.say(f"categories.{key}") for key in ("post", "account", "judged", "readers"))

    def sources(self) -> Iterator[str]:
        on = list(self._configuration.enabled_sources)
        yield self.say("sources.networks") if on else self.say("sources.none")
        yield self.say("sources.archives")
        yield self.say("sources.opt_out")

    def recipients(self) -> Iterator[str]:
        delivery = self._configuration.delivery
        yield self.told("recipients.told", "recipients")
        yield (
            self.say("recipients.mail", host=one_line(delivery.smtp.host))
            if delivery.smtp
            else self.say("recipients.files")
        )
        yield self.say(f"recipients.quote_{delivery.quote_private}")
        yield self.told("recipients.thresholds", "thresholds")

    def transfers(self) -> Iterator[str]:
        yield self.told("transfers.told", "transfers")
        yield self.say("transfers.networks")

    def retention(self) -> Iterator[str]:
        months = self._privacy.retention_months
        if months is None:
            yield self.say("missing", name="retention_months")
        else:
            yield self.say("retention.months", count=months, n=self._speak.number(months))
            yield self.say("retention.stays")
        yield self.say("retention.deleted")
        on = sorted({source.network for source in self._configuration.enabled_sources})
        for key, networks in (("swept", SWEPT.intersection(on)), ("unswept", set(on) - SWEPT)):
            if networks:
                named = self._speak.listed([self._speak.network(network) for network in sorted(networks)])
                yield self.say(f"retention.{key}", networks=named)
        yield self.say("retention.training")
        yield self.say("retention.backups")

    def automated(self) -> Iterator[str]:
        themes = [
            self._speak.quoted(self._speak.name(theme.name).text) for theme in self._configuration.programme.themes
        ]
        yield self.say("automated.what", themes=self._speak.listed(themes))
        yield self.say("automated.people")
        yield self.say("automated.errors")

    def rights(self) -> Iterator[str]:
        yield self.say("rights.list")
        contact = one_line(self._privacy.contact)
        yield self.say("rights.how", contact=contact) if contact else self.say("missing", name="contact")
        yield from (self.say(f"rights.{key}") for key in ("erase", "delete", "complain"))

    def security(self) -> Iterator[str]:
        smtp = self._configuration.delivery.smtp
        yield self.say("security.access")
        yield self.say("security.logs")
        yield self.say(f"security.database_{self._running.database}")
        if smtp:
            yield self.say("security.mail_open" if smtp.security == "none" else "security.mail")
        yield self.say("security.keys")
        yield self.say("security.audit")


_PARTS: Mapping[str, Callable[[_Writing], Iterator[str]]] = {
    "controller": _Writing.controller,
    "purposes": _Writing.purposes,
    "basis": _Writing.basis,
    "people": _Writing.people,
    "categories": _Writing.categories,
    "sources": _Writing.sources,
    "recipients": _Writing.recipients,
    "transfers": _Writing.transfers,
    "retention": _Writing.retention,
    "automated": _Writing.automated,
    "rights": _Writing.rights,
    "security": _Writing.security,
}
SECTIONS: Mapping[Kind, tuple[str, ...]] = {
    "notice": (
        "controller",
        "purposes",
        "basis",
        "categories",
        "sources",
        "recipients",
        "transfers",
        "retention",
        "automated",
        "rights",
        "security",
    ),
    "record": (
        "controller",
        "purposes",
        "basis",
        "people",
        "categories",
        "sources",
        "recipients",
        "transfers",
        "retention",
        "automated",
        "security",
    ),
}
"""What each document holds, in order: to the people concerned, and to the supervisory authority."""
PRIVACY_KEYS = tuple(field.name for field in fields(Privacy))
"""Every key of ``[privacy]``; each is told, or told as missing."""
