"""Checked tables of the configuration's files as the frozen types that everyone reads."""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from programme.agree import reading_languages, slug_of
from programme.schema import (
    BouncesTable,
    DeliveryFile,
    OrganisationTable,
    PhenomenonTable,
    ProgrammeFile,
    ProjectTable,
    RecipientsFile,
    SiteFile,
    SmtpTable,
    SourcesFile,
    SourceTable,
    Table,
    ThemeTable,
)
from programme.types import (
    BackupSettings,
    BounceMailbox,
    Configuration,
    DeliverySettings,
    Dkim,
    ExportSettings,
    Localised,
    Organisation,
    Phenomenon,
    Privacy,
    Programme,
    Project,
    Recipient,
    Site,
    Smtp,
    SourceSettings,
    Theme,
)
from programme.values import BASE_URLS, duration


def configuration(files: Mapping[str, Table], directory: Path) -> Configuration:
    """Return the whole configuration from its files' checked tables."""
    programme = _programme(cast("ProgrammeFile", files["programme.toml"]))
    recipients = cast("RecipientsFile", files["recipients.toml"]).recipient
    return Configuration(
        programme=programme,
        sources=tuple(_source(table) for table in cast("SourcesFile", files["sources.toml"]).source),
        delivery=_delivery(cast("DeliveryFile", files["delivery.toml"]), directory),
        recipients=tuple(
            Recipient(address=r.address, language=r.language or programme.default_language, role=r.role)
            for r in recipients
        ),
        site=_site(cast("SiteFile", files["site.toml"])),
    )


def _programme(file: ProgrammeFile) -> Programme:
    table = file.programme
    languages = reading_languages(file.model_dump())
    slug = slug_of(table.model_dump(), "programme")
    return Programme(
        slug=slug,
        name=Localised(table.name or {languages[0]: slug}),
        languages=languages,
        time_zone=table.time_zone,
        hashtags=tuple(dict.fromkeys(table.hashtags)),
        themes=tuple(_theme(theme, number) for number, theme in enumerate(file.theme, 1)),
        projects=tuple(_project(project, number) for number, project in enumerate(file.project, 1)),
        phenomena=tuple(_phenomenon(phenomenon, number) for number, phenomenon in enumerate(file.phenomenon, 1)),
        organisations=tuple(_organisation(organisation) for organisation in file.organisation),
        page=Localised(table.page),
        text_limit=table.text_limit,
        reply_context=table.reply_context,
        country=table.country,
    )


def _theme(table: ThemeTable, number: int) -> Theme:
    return Theme(
        slug=slug_of(table.model_dump(), f"theme-{number}"),
        name=Localised(table.name),
        short_name=Localised({**table.name, **table.short_name}),
        tag=Localised(table.tag),
        gloss=Localised(table.gloss),
        history=Localised(table.history),
        description=Localised(table.description),
        seed_words=_words(table.seed_words),
        valid_from=table.valid_from,
        valid_to=table.valid_to,
    )


def _words(table: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {language: tuple(dict.fromkeys(words)) for language, words in table.items() if words}


def _project(table: ProjectTable, number: int) -> Project:
    return Project(
        slug=slug_of(table.model_dump(), f"project-{number}"),
        kind=table.kind,
        themes=tuple(dict.fromkeys(table.themes)),
        name=Localised(table.name),
        words=tuple(dict.fromkeys(table.words)),
        accounts=tuple(dict.fromkeys(table.accounts)),
        url=table.url,
    )


def _phenomenon(table: PhenomenonTable, number: int) -> Phenomenon:
    slug = slug_of(table.model_dump(), f"phenomenon-{number}")
    return Phenomenon(slug=slug, name=Localised(table.name), words=_words(table.words))


def _organisation(table: OrganisationTable) -> Organisation:
    accounts = tuple(dict.fromkeys(table.accounts))
    return Organisation(name=Localised(table.name), accounts=accounts, municipality=table.municipality)


def _source(table: SourceTable) -> SourceSettings:
    base_url = table.base_url or BASE_URLS[table.network]
    return SourceSettings(
        name=table.name or table.network,
        network=table.network,
        enabled=table.enabled,
        base_url=base_url if table.network == "feed" else base_url.rstrip("/"),
        every=duration(table.every),
        government_use_attested=table.government_use_attested,
        monthly_budget_usd=table.monthly_budget_usd,
        timeout=table.timeout,
        indexable_needed=table.indexable_needed,
        thread_depth=table.thread_depth,
        thread_requests=table.thread_requests,
        sweep_requests=table.sweep_requests,
        alert_after=duration(table.alert_after),
        stream=table.stream,
        options=table.options,
    )


def _delivery(file: DeliveryFile, directory: Path) -> DeliverySettings:
    return DeliverySettings(
        sender=file.sender,
        smtp=_smtp(file.smtp, directory) if file.smtp else None,
        bounces=_bounces(file.bounces, directory) if file.bounces else None,
        dkim=Dkim(selector=file.dkim.selector, domain=file.dkim.domain) if file.dkim else None,
        draft=file.draft,
        auto_send=file.auto_send,
        trend_note=file.trend_note,
        gap_limit=file.gap_limit,
        dkim_selector=file.dkim_selector,
        quote_private=file.quote_private,
    )


def _smtp(table: SmtpTable, directory: Path) -> Smtp:
    return Smtp(
        host=table.host,
        port=table.port,
        security=table.security,
        auth=table.auth or ("none" if table.security == "none" else "password"),
        user=table.user,
        ca_file=str((directory / table.ca_file).resolve()) if table.ca_file else None,
        timeout=table.timeout,
    )


def _bounces(table: BouncesTable, directory: Path) -> BounceMailbox:
    return BounceMailbox(
        host=table.host,
        port=table.port,
        security=table.security,
        auth=table.auth,
        user=table.user,
        mailbox=table.mailbox,
        ca_file=str((directory / table.ca_file).resolve()) if table.ca_file else None,
        timeout=table.timeout,
    )


def _site(file: SiteFile) -> Site:
    return Site(
        public_url=file.public_url.rstrip("/") if file.public_url else None,
        login=file.login,
        oidc=file.oidc,
        privacy=Privacy(**file.privacy.model_dump()),
        export=ExportSettings(**file.export.model_dump()),
        backup=BackupSettings(
            directory=file.backup.directory, every=duration(file.backup.every), keep=file.backup.keep
        ),
    )
