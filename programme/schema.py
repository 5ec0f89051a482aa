"""The shape of the configuration's files, for pydantic: what may stand where, and what a missing key means."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from programme import values
from programme.faults import Wrong
from programme.networks import NETWORKS
from programme.types import Role

WRONG = "wrong"
"""Type of pydantic's errors that carry our own problem and remedy."""


def _judged(judge: Callable[[str], object]) -> AfterValidator:
    """Return a validator that keeps a text in its final form, where that is text, and says what is wrong else."""

    def judged(text: str) -> str:
        try:
            value = judge(text)
        except Wrong as wrong:
            raise PydanticCustomError(WRONG, "{problem}", {"problem": wrong.problem, "remedy": wrong.remedy}) from None
        return value if isinstance(value, str) else text

    return AfterValidator(judged)


def _one_or_many(value: object) -> object:
    return "; ".join(value) if isinstance(value, list) and all(isinstance(item, str) for item in value) else value


def _by_language(value: object) -> object:
    if isinstance(value, str):
        example = "{ fi = " + (f'"{value}"' if values.is_short(value) else '"…"') + " }"
        problem = "it is a plain text, but every text says its language"
        raise PydanticCustomError(WRONG, "{problem}", {"problem": problem, "remedy": f"write {example}"})
    if isinstance(value, list):
        problem = "it is a plain list, but every text says its language"
        raise PydanticCustomError(WRONG, "{problem}", {"problem": problem, "remedy": 'write { fi = ["…"] }'})
    return value


Line = Annotated[str, _judged(values.line)]
Prose = Annotated[str, BeforeValidator(_one_or_many), _judged(values.prose)]
Language = Annotated[str, _judged(values.language)]
Slug = Annotated[str, _judged(values.slug)]
Address = Annotated[str, _judged(values.address)]
WebAddress = Annotated[str, _judged(values.web_address)]
StreamAddress = Annotated[str, _judged(values.stream_address)]
WeekdayTime = Annotated[str, _judged(values.weekday_time)]
Texts = Annotated[dict[Language, Line], BeforeValidator(_by_language)]
Paragraphs = Annotated[dict[Language, Prose], BeforeValidator(_by_language)]
Words = Annotated[dict[Language, list[Line]], BeforeValidator(_by_language)]
Timeout = Annotated[float, Field(gt=0, le=120, allow_inf_nan=False)]


class Table(BaseModel):
    """A TOML table: unknown keys are faults, and text is no number."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ProgrammeTable(Table):
    """``[programme]``."""

    slug: Slug | None = None
    name: Texts = {}
    page: Texts = {}
    languages: list[Language] = []
    time_zone: Annotated[str, _judged(values.time_zone)] = "UTC"
    """Not the first programme's: a week must not begin at another country's midnight unless somebody said so."""
    hashtags: list[Annotated[str, _judged(values.hashtag)]] = []
    text_limit: int = Field(default=25_000, ge=280, le=1_000_000)
    reply_context: bool = True
    country: str = Field(default="", pattern="^([A-Z]{2})?$")


class ThemeTable(Table):
    """``[[theme]]``."""

    slug: Annotated[str, _judged(values.theme_slug)] | None = None
    name: Texts = Field(min_length=1)
    short_name: Texts = {}
    tag: Texts = {}
    gloss: Texts = {}
    history: Paragraphs = {}
    description: Paragraphs = {}
    seed_words: Words = {}
    valid_from: date | None = None
    valid_to: date | None = None


class ProjectTable(Table):
    """``[[project]]``."""

    slug: Slug | None = None
    kind: Literal["project", "network"] = "project"
    themes: list[str] = []
    name: Texts = Field(min_length=1)
    words: list[Line] = []
    accounts: list[Annotated[str, _judged(values.account)]] = []
    url: WebAddress | None = None


class PhenomenonTable(Table):
    """``[[phenomenon]]``."""

    slug: Slug | None = None
    name: Texts = Field(min_length=1)
    words: Words = {}


class OrganisationTable(Table):
    """``[[organisation]]``."""

    name: Texts = Field(min_length=1)
    accounts: list[Annotated[str, _judged(values.listed_account)]] = []
    municipality: Annotated[str, _judged(values.municipality)] | None = None


class ProgrammeFile(Table):
    """``programme.toml``."""

    programme: ProgrammeTable
    theme: list[ThemeTable] = Field(min_length=1)
    project: list[ProjectTable] = []
    phenomenon: list[PhenomenonTable] = []
    organisation: list[OrganisationTable] = []


if TYPE_CHECKING:
    _Network = str
else:
    _Network = Literal[tuple(NETWORKS)]


class SourceTable(Table):
    """``[[source]]``."""

    name: Annotated[str, _judged(values.source_name)] | None = None
    network: _Network
    enabled: bool = False
    base_url: WebAddress | None = None
    every: Annotated[str, _judged(values.duration)] = "15 min"
    government_use_attested: bool = False
    monthly_budget_usd: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    timeout: Timeout = 20.0
    indexable_needed: bool = False
    thread_depth: int = Field(default=3, ge=1, le=20)
    thread_requests: int = Field(default=20, ge=0, le=500)
    sweep_requests: int = Field(default=10, ge=0, le=500)
    alert_after: Annotated[str, _judged(values.duration)] = "6 h"
    stream: StreamAddress | None = None
    options: dict[str, str] = {}


class SourcesFile(Table):
    """``sources.toml``."""

    source: list[SourceTable] = []


class SmtpTable(Table):
    """``smtp = { … }``."""

    host: Annotated[str, _judged(values.host)]
    port: int = Field(default=587, ge=1, le=65_535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    auth: Literal["password", "xoauth2", "none"] | None = None
    """Where absent: none on an open line, so that no password crosses it by default; else password."""
    user: Line | None = None
    ca_file: Line | None = None
    timeout: Timeout = 30.0


class BouncesTable(Table):
    """``bounces = { … }``."""

    host: Annotated[str, _judged(values.host)]
    port: int = Field(default=993, ge=1, le=65_535)
    security: Literal["starttls", "tls", "none"] = "tls"
    auth: Literal["password", "xoauth2"] = "password"
    user: Line | None = None
    mailbox: Line = "INBOX"
    ca_file: Line | None = None
    timeout: Timeout = 30.0


class DkimTable(Table):
    """``dkim = { … }``."""

    selector: Annotated[str, _judged(values.host)]
    domain: Annotated[str, _judged(values.host)] | None = None


class DeliveryFile(Table):
    """``delivery.toml``."""

    sender: Annotated[str, _judged(values.sender)] = "Kuntakaiku <kuntakaiku@localhost>"
    smtp: SmtpTable | None = None
    bounces: BouncesTable | None = None
    dkim: DkimTable | None = None
    draft: WeekdayTime = "mon 07:00"
    auto_send: WeekdayTime | None = None
    dkim_selector: Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$")] | None = None
    trend_note: WeekdayTime | None = None
    gap_limit: float = Field(default=0.1, ge=0, le=1, allow_inf_nan=False)
    quote_private: Literal["none", "link", "text"] = "link"


class RecipientTable(Table):
    """``[[recipient]]``."""

    address: Address
    language: str | None = None
    role: Role = "reader"


class RecipientsFile(Table):
    """``recipients.toml``."""

    recipient: list[RecipientTable] = []


class PrivacyTable(Table):
    """``[privacy]``."""

    controller: Prose = ""
    contact: Prose = ""
    dpo: Prose = ""
    legal_basis: Prose = ""
    special_categories_basis: Prose = ""
    retention_months: int | None = Field(default=None, ge=1, le=1200)
    recipients: Prose = ""
    transfers: Prose = ""
    thresholds: Prose = ""


class ExportTable(Table):
    """``[export]``."""

    x_posts_per_day: int = Field(default=500, ge=0)
    publisher: Prose = ""
    open_licence: Prose = "CC-BY-4.0"


class BackupTable(Table):
    """``[backup]``."""

    directory: Line | None = None
    every: Annotated[str, _judged(values.duration)] = "24 h"
    keep: int = Field(default=14, ge=1, le=1000)


class SiteFile(Table):
    """``site.toml``."""

    public_url: WebAddress | None = None
    login: Literal["none", "magic-link", "oidc"] = "magic-link"
    oidc: dict[str, str] = {}
    privacy: PrivacyTable = PrivacyTable()
    export: ExportTable = ExportTable()
    backup: BackupTable = BackupTable()


FILES: dict[str, type[Table]] = {
    "programme.toml": ProgrammeFile,
    "sources.toml": SourcesFile,
    "delivery.toml": DeliveryFile,
    "recipients.toml": RecipientsFile,
    "site.toml": SiteFile,
}
"""Each file of a configuration directory and its shape; only the first must be there."""
