"""A package for machines: Frictionless Data Package, DataCite, and a manifest; pure.

See https://specs.frictionlessdata.io/data-package/ and https://schema.datacite.org/meta/kernel-4/
"""

from collections.abc import Mapping
from typing import Any

from corpus.export.columns import Columns
from corpus.export.content import Content, Facts, Publication

LANGUAGES = ("fi", "sv", "en")
_TYPES = {"text": "string", "number": "integer", "share": "number"}
_LICENCES = {
    "CC-BY-4.0": ("Creative Commons Attribution 4.0 International", "https://creativecommons.org/licenses/by/4.0/"),
    "CC0-1.0": ("Creative Commons Zero 1.0 Universal", "https://creativecommons.org/publicdomain/zero/1.0/"),
}


def facts(content: Content, publication: Publication, cited: str) -> Facts:
    """Return what is told of a package whose data are written."""
    export, taken, programme = content.export, content.taken, publication.programme
    say = publication.messages.translate
    kind = "counts" if content.is_open else "posts"
    title = {
        language: say(f"package.title.{kind}", language, programme=programme.name[language]) for language in LANGUAGES
    }
    publisher = publication.settings.publisher or publication.controller or programme.name["en"]
    year, edition = export.made_at.year, cited[:12]
    where = f" {publication.address}." if publication.address else ""
    citation = (
        f"{publisher} ({year}): {title['en']}. Version {edition} (Kuntakaiku {publication.version}) [data set]."
        f" {publisher}.{where} SHA-256 {cited}."
    )
    return Facts(
        content=content,
        publication=publication,
        sha256=cited,
        publisher=publisher,
        year=year,
        edition=edition,
        title=title,
        citation=citation,
        licence=publication.settings.open_licence if content.is_open else None,
        networks=tuple(sorted(taken.networks)),
        hashtags=programme.hashtags,
        models=dict(sorted(taken.models.items())),
        guidelines=dict(sorted(taken.guidelines.items())),
    )


def described_as(facts: Facts, language: str) -> str:
    """Return what the data are, in a paragraph."""
    kind = "counts" if facts.content.is_open else facts.content.export.projection
    say = facts.publication.messages.translate
    return say(f"package.what.{kind}", language, programme=facts.publication.programme.name[language])


def licence_of(facts: Facts) -> tuple[str, str] | None:
    """Return name and address of the licence, or None where the data may not be passed on."""
    if facts.licence is None:
        return None
    return _LICENCES.get(facts.licence, (facts.licence, f"https://spdx.org/licenses/{facts.licence}.html"))


def datapackage(facts: Facts, columns: Columns, files: Mapping[str, tuple[int, str]]) -> dict[str, Any]:
    """Return ``datapackage.json``.

    Args:
        facts: of the package.
        columns: of its table.
        files: bytes and hash of each data file, the CSV first.
    """
    say = facts.publication.messages.translate
    family = "count" if facts.content.is_open else "column"
    fields = [
        {"name": name, "type": _TYPES[kind], "description": say(f"package.{family}.{name}", "en")}
        for name, kind, _ in columns
    ]
    licence = licence_of(facts)
    resources = []
    for path, (size, digest) in files.items():
        is_csv = path.endswith(".csv")
        resource: dict[str, Any] = {
            "name": path.removeprefix("data/").replace(".", "-"),
            "path": path,
            "format": "csv" if is_csv else "parquet",
            "mediatype": "text/csv" if is_csv else "application/vnd.apache.parquet",
            "bytes": size,
            "hash": f"sha256:{digest}",
        }
        if is_csv:
            dialect = {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True}
            resource |= {"profile": "tabular-data-resource", "encoding": "utf-8", "dialect": dialect}
            resource["schema"] = {"fields": fields, "missingValues": [""]}
        else:
            # A file to those who read tables: Parquet needs libraries that most of them lack.
            resource["type"] = "file"
        resources.append(resource)
    return {
        "profile": "data-package",
        "name": f"{facts.publication.programme.slug}-{'counts' if family == 'count' else 'posts'}",
        "title": facts.title["en"],
        "description": described_as(facts, "en"),
        "version": facts.edition,
        **({"homepage": facts.publication.address} if facts.publication.address else {}),
        **({"licenses": [{"name": facts.licence, "title": licence[0], "path": licence[1]}]} if licence else {}),
        "contributors": [{"title": facts.publisher, "role": "publisher"}],
        "keywords": list(facts.hashtags),
        "resources": resources,
    }


def datacite(facts: Facts) -> dict[str, Any]:
    """Return ``datacite.json``: DataCite 4 metadata; the archive gives the DOI."""
    export, licence = facts.content.export, licence_of(facts)
    restricted = {"rights": facts.publication.messages.translate("package.licence.none", "en"), "lang": "en"}
    rights = (
        {
            "rights": licence[0],
            "rightsUri": licence[1],
            "rightsIdentifier": facts.licence,
            "rightsIdentifierScheme": "SPDX",
            "schemeUri": "https://spdx.org/licenses/",
            "lang": "en",
        }
        if licence
        else restricted
    )
    window = "/".join(export.query.get(name, "") for name in ("since", "until"))
    return {
        "schemaVersion": "http://datacite.org/schema/kernel-4",
        "types": {"resourceType": "Data package", "resourceTypeGeneral": "Dataset"},
        "creators": [{"name": facts.publisher, "nameType": "Organizational"}],
        "titles": [
            {"title": facts.title["en"], "lang": "en"},
            *(
                {"title": facts.title[language], "titleType": "TranslatedTitle", "lang": language}
                for language in LANGUAGES
                if language != "en"
            ),
        ],
        "publisher": {"name": facts.publisher},
        "publicationYear": str(facts.year),
        "version": facts.edition,
        "subjects": [{"subject": f"#{hashtag}"} for hashtag in facts.hashtags],
        **({"dates": [{"date": window, "dateType": "Coverage"}]} if window != "/" else {}),
        "formats": ["text/csv", "application/vnd.apache.parquet"],
        "rightsList": [rights],
        "descriptions": [
            {"description": described_as(facts, language), "descriptionType": "Abstract", "lang": language}
            for language in LANGUAGES
        ],
        "alternateIdentifiers": [{"alternateIdentifier": facts.sha256, "alternateIdentifierType": "SHA-256"}],
    }


def manifest(facts: Facts) -> dict[str, Any]:
    """Return ``manifest.json``: what made the package, and on what its figures were measured."""
    export, taken, publication = facts.content.export, facts.content.taken, facts.publication
    is_open = facts.content.is_open
    return {
        "citation": facts.citation,
        "sha256": facts.sha256,
        "projection": export.projection,
        "is": {"research": "pseudonymised personal data", "open": "counts"}.get(export.projection, "personal data"),
        "posts": taken.posts,
        "without_text": {} if is_open else dict(sorted(taken.gone.items())),
        "posts_by_network": dict(sorted(taken.networks.items())),
        "query": dict(export.query),
        "hashtags": list(facts.hashtags),
        "responsible": export.person or None,
        "plan": export.plan or None,
        "controller": publication.controller or None,
        "address": publication.address,
        "kuntakaiku": publication.version,
        "classifiers": [
            {"version": version, "posts": posts, **_measured(publication, version)}
            for version, posts in facts.models.items()
        ],
        "accuracy": dict(publication.accuracy) or None,
        "guidelines": [{"version": version or None, "labels": n} for version, n in facts.guidelines.items()],
        "coverage": publication.coverage,
        "licence": facts.licence,
    }


def _measured(publication: Publication, version: str) -> dict[str, Any]:
    record = publication.models.get(version)
    report = record.report if record else {}
    if not report:
        return {"measured_on": None, "per_theme": {}}
    return {
        "measured_on": report.get("measured_on"),
        "n": report.get("n"),
        "macro_f1": report.get("macro_f1"),
        "per_theme": report.get("per_theme", {}),
    }
