"""What is watched and for whom: the configuration as frozen types. ``programme.load`` makes them from TOML."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from programme.week import zone_named

Role = Literal["reader", "editor", "administrator"]
NONE = "none"
"""Reserved beside the themes' slugs: none of the themes."""
UNSURE = "unsure"
"""Reserved beside the themes' slugs: a person, or the classifier, could not tell."""


@dataclass(frozen=True, slots=True)
class Localised:
    """One text in several languages."""

    by_language: Mapping[str, str]
    """Language code to text; may be empty, never holds an empty text."""

    def __getitem__(self, language: str) -> str:
        """Return the text in a language, else in the first language that has one, else nothing."""
        return self.by_language.get(language) or next(iter(self.by_language.values()), "")

    def __bool__(self) -> bool:
        return bool(self.by_language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """One of the programme's thematic entities."""

    slug: str
    name: Localised
    short_name: Localised
    """For narrow tables; the name where the configuration gives none."""
    tag: Localised
    """The programme's own tag; may be empty."""
    gloss: Localised
    """One line printed under the name; may be empty."""
    history: Localised = field(default_factory=lambda: Localised({}))
    """How its words changed during the programme, told in codebooks; may be empty."""
    description: Localised
    seed_words: Mapping[str, tuple[str, ...]]
    """By language."""
    valid_from: date | None = None
    valid_to: date | None = None

    def is_valid_on(self, day: date) -> bool:
        """Return whether the theme belongs to the programme on a day; both ends are inclusive."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project or network of the programme, recognised by its words."""

    slug: str
    kind: Literal["project", "network"]
    themes: tuple[str, ...]
    name: Localised
    words: tuple[str, ...]
    accounts: tuple[str, ...] = ()
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Phenomenon:
    """What runs across the themes, recognised by its words."""

    slug: str
    name: Localised
    words: Mapping[str, tuple[str, ...]]
    """By language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """A listed organisation: may be named and quoted, unlike a private person."""

    name: Localised
    accounts: tuple[str, ...]
    """``network:handle``, casefolded, without a leading ``@``: ``mastodon:koivuranta@kunta.example``."""
    municipality: str | None = None
    """Its home's municipality code, text of three digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """What is watched."""

    slug: str
    name: Localised
    languages: tuple[str, ...]
    """Reading languages; the first is the default."""
    time_zone: str
    hashtags: tuple[str, ...]
    """Casefolded, without ``#``."""
    themes: tuple[Theme, ...]
    projects: tuple[Project, ...] = ()
    phenomena: tuple[Phenomenon, ...] = ()
    organisations: tuple[Organisation, ...] = ()
    page: Localised = field(default_factory=lambda: Localised({}))
    """Name of the programme's page, which heads the mails; the name where empty."""
    text_limit: int = 25_000
    """Characters of a post's text that are stored; what was cut is noted."""
    reply_context: bool = True
    """Whether a reply too short to say anything by itself borrows the words of the post that it answers."""
    country: str = ""
    """Where posts are shown, as two letters: what a network withholds there is not kept; empty: withheld anywhere."""

    @property
    def zone(self) -> ZoneInfo:
        """Time zone of the programme's weeks."""
        return zone_named(self.time_zone)

    @property
    def default_language(self) -> str:
        """The first reading language."""
        return self.languages[0]

    @property
    def slugs(self) -> tuple[str, ...]:
        """The themes' slugs in the programme's order."""
        return tuple(theme.slug for theme in self.themes)

    @property
    def homes(self) -> Mapping[str, str]:
        """Home municipality of each listed organisation that has one, by account."""
        return {
            account: organisation.municipality
            for organisation in self.organisations
            if organisation.municipality
            for account in organisation.accounts
        }

    def theme(self, slug: str) -> Theme:
        """Return a theme by its slug.

        Raises:
            KeyError: the programme has no such theme.
        """
        for theme in self.themes:
            if theme.slug == slug:
                return theme
        raise KeyError(slug)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    """One configured place that is read."""

    name: str
    """Unique."""
    network: str
    """x, mastodon, bluesky or feed."""
    enabled: bool
    base_url: str
    every: timedelta
    government_use_attested: bool = False
    """X only: the operator has attested what X's terms ask of government-related use."""
    monthly_budget_usd: float | None = None
    """X only: US dollars a calendar month; collection stops before it is exceeded. None: no limit was set."""
    timeout: float = 20.0
    """Seconds without an answer after which a request is given up."""
    indexable_needed: bool = False
    """Mastodon only: store only authors who agree to be indexed."""
    thread_depth: int = 3
    """Answers to answers that are followed around a post; 1 is the answers to the post itself."""
    thread_requests: int = 20
    """Requests of a round for discussions around posts that are known; 0: none are followed."""
    sweep_requests: int = 10
    """Requests of a round with which posts that are known are looked up again; 0: none are."""
    alert_after: timedelta = timedelta(hours=6)
    """How long it may be in trouble before administrators are told."""
    stream: str | None = None
    """Bluesky only: a websocket that tells what is posted as it happens; beside the rounds, not instead of them."""
    options: Mapping[str, str] = field(default_factory=dict)
    """What a single network understands besides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    """The mail server that digests are handed to."""

    host: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    auth: Literal["password", "xoauth2", "none"] = "password"
    user: str | None = None
    """Defaults to the sender's address."""
    ca_file: str | None = None
    """A PEM file of further trusted authorities, for a server with a certificate of one's own."""
    timeout: float = 30.0
    """Seconds for each step of the conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BounceMailbox:
    """The mailbox to which mails come back that could not be delivered, read by IMAP."""

    host: str
    port: int = 993
    security: Literal["starttls", "tls", "none"] = "tls"
    auth: Literal["password", "xoauth2"] = "password"
    user: str | None = None
    """Defaults to the sender's address."""
    mailbox: str = "INBOX"
    ca_file: str | None = None
    """A PEM file of further trusted authorities, for a server with a certificate of one's own."""
    timeout: float = 30.0
    """Seconds for each step of the conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dkim:
    """By which name mails are signed; the private key is a secret."""

    selector: str
    """Under which the public key stands in the DNS: ``<selector>._domainkey.<domain>``."""
    domain: str | None = None
    """None: the sender's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySettings:
    """How digests leave the house."""

    sender: str
    """``Name <address>`` or an address."""
    smtp: Smtp | None = None
    """None: mails are written as ``.eml`` files under ``mail/`` in the data directory."""
    dkim: Dkim | None = None
    """None: mails are not signed here."""
    bounces: BounceMailbox | None = None
    """Where mails come back to; None: only the files of the directory ``bounces/`` are read."""
    draft: str = "mon 07:00"
    """Weekday and local time at which last week's draft is made."""
    auto_send: str | None = None
    """Weekday and local time at which an unreviewed draft is sent; None: never."""
    dkim_selector: str | None = None
    """Under which the sender's domain publishes its DKIM key; None: the usual ones are tried."""
    trend_note: str | None = None
    """Weekday and local time at which, in the first week of a month that has it, the last month's trend note is
    drafted; None: only when somebody asks."""
    gap_limit: float = 0.1
    """Share of estimated misses above which weeks are not compared."""
    quote_private: Literal["none", "link", "text"] = "link"
    """What is shown of a private person's post."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One person or list that gets the digest."""

    address: str
    language: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy:
    """What the privacy notice and the record of processing say; every key must be filled before going live."""

    controller: str = ""
    contact: str = ""
    dpo: str = ""
    legal_basis: str = ""
    special_categories_basis: str = ""
    retention_months: int | None = None
    recipients: str = ""
    transfers: str = ""
    thresholds: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the keys that are still empty."""
        return tuple(name for name in self.__slots__ if getattr(self, name) in ("", None))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSettings:
    """What is handed over: how much of it, and in whose name it is published."""

    x_posts_per_day: int = 500
    """X only: posts with their content that one person may be handed on one day (UTC)."""
    publisher: str = ""
    """Who stands as publisher in citations; the controller, else the programme, where empty."""
    open_licence: str = "CC-BY-4.0"
    """SPDX name of the licence of open counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupSettings:
    """Backups that are made by themselves."""

    directory: str | None = None
    """Where they are written; a relative one lies in the data directory. None: none is made by itself."""
    every: timedelta = timedelta(days=1)
    keep: int = 14
    """How many whole ones are kept; older ones are removed after a newer one was verified."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where the console stands and who may enter."""

    public_url: str | None = None
    login: Literal["none", "magic-link", "oidc"] = "magic-link"
    oidc: Mapping[str, str] = field(default_factory=dict)
    privacy: Privacy = field(default_factory=Privacy)
    export: ExportSettings = field(default_factory=ExportSettings)
    backup: BackupSettings = field(default_factory=BackupSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """All of a configuration directory."""

    programme: Programme
    sources: tuple[SourceSettings, ...]
    delivery: DeliverySettings
    recipients: tuple[Recipient, ...]
    site: Site

    def source(self, name: str) -> SourceSettings:
        """Return a source by its name.

        Raises:
            KeyError: no source has that name.
        """
        for source in self.sources:
            if source.name == name:
                return source
        raise KeyError(name)

    @property
    def enabled_sources(self) -> Iterator[SourceSettings]:
        """The sources that are switched on, in the configuration's order."""
        return (source for source in self.sources if source.enabled)
