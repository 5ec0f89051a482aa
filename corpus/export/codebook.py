"""The codebook and the first page of a package, in the languages of its readers: pure."""

from collections.abc import Iterator
from typing import Any

from corpus.export.columns import Columns
from corpus.export.content import Facts
from corpus.export.described import LANGUAGES, described_as, licence_of
from corpus.export.pages import Block, Heading, Listing, Paragraph, grid
from programme.types import Theme

__all__ = ["LANGUAGES", "codebook", "readme"]

_TERMS = ("x", "mastodon", "bluesky", "lemmy", "feed")


class _Words:
    """The catalogue's words of packages in one language."""

    def __init__(self, facts: Facts, language: str) -> None:
        self._messages, self.language = facts.publication.messages, language

    def __call__(self, key: str, **values: object) -> str:
        return self._messages.translate(f"package.{key}", self.language, **values)

    def head(self, *names: str) -> list[str]:
        return [self(f"head.{name}") for name in names]

    def number(self, share: object) -> str:
        if not isinstance(share, int | float):
            return self("unknown")
        shown = f"{share:.2f}"
        return shown if self.language == "en" else shown.replace(".", ",")


def readme(facts: Facts, language: str) -> list[Block]:
    """Return the first page: what this is, what is in it, how it is cited and checked, and what its holder owes."""
    say, kind = _Words(facts, language), "counts" if facts.content.is_open else "posts"
    blocks: list[Block] = [
        Heading(level=1, text=facts.title[language]),
        Paragraph(text=described_as(facts, language)),
        Heading(level=2, text=say("heading.files")),
        Listing(
            items=(
                f"data/{kind}.csv, data/{kind}.parquet: {say('file.data')}",
                f"codebook.{language}.md, codebook.{language}.html: {say('file.codebook')}",
                f"datapackage.json, datacite.json, manifest.json: {say('file.described')}",
                f"data.sha256, checksums.sha256: {say('file.checksums')}",
            )
        ),
        Heading(level=2, text=say("heading.citation")),
        Paragraph(text=facts.citation),
        Heading(level=2, text=say("heading.check")),
        Paragraph(text=say("check")),
    ]
    if not facts.content.is_open:
        blocks += [Heading(level=2, text=say("heading.duties")), Paragraph(text=say("duties"))]
        if facts.publication.contact:
            blocks.append(Paragraph(text=say("contact", contact=facts.publication.contact)))
    return blocks


def codebook(facts: Facts, columns: Columns, language: str) -> tuple[str, list[Block]]:
    """Return the title and the blocks of the codebook."""
    say = _Words(facts, language)
    title = say("codebook", title=facts.title[language])
    blocks: list[Block] = [
        Heading(level=1, text=title),
        Paragraph(text=described_as(facts, language)),
        *_made(facts, say),
        *_columns(facts, columns, say),
        Heading(level=2, text=say("heading.themes")),
        Paragraph(text=say("themes")),
    ]
    for theme in facts.publication.programme.themes:
        blocks += [*_theme(theme, say), *_guideline(facts, theme, say)]
    blocks += [*_classifier(facts, say), *_coverage(facts, say), *_terms(facts, say)]
    blocks += [Heading(level=2, text=say("heading.citation")), Paragraph(text=facts.citation)]
    return title, blocks


def _made(facts: Facts, say: _Words) -> Iterator[Block]:
    export, taken, programme = facts.content.export, facts.content.taken, facts.publication.programme
    query = {name: value for name, value in export.query.items() if name not in ("since", "until")}
    rows = [
        (say("made.programme"), programme.name[say.language]),
        (say("made.hashtags"), ", ".join(f"#{hashtag}" for hashtag in facts.hashtags)),
        (say("made.since"), export.query.get("since") or say("open_end")),
        (say("made.until"), export.query.get("until") or say("open_end")),
        (say("made.query"), ", ".join(f"{name} = {value}" for name, value in query.items()) or say("everything")),
        (say("made.projection"), say(f"projection.{export.projection}")),
        (say("made.posts"), str(taken.posts)),
        (say("made.person"), export.person or say("own")),
        (say("made.plan"), export.plan or say("none")),
        (say("made.publisher"), facts.publisher),
        (say("made.version"), f"{facts.edition} · Kuntakaiku {facts.publication.version}"),
        (say("made.sha256"), facts.sha256),
    ]
    yield Heading(level=2, text=say("heading.made"))
    yield grid(say.head("what", "value"), rows)
    if taken.gone and not facts.content.is_open:
        gone = ", ".join(f"{say(f'gone.{why}')}: {count}" for why, count in sorted(taken.gone.items()))
        yield Paragraph(text=say("left_out", gone=gone))


def _columns(facts: Facts, columns: Columns, say: _Words) -> Iterator[Block]:
    family = "count" if facts.content.is_open else "column"
    yield Heading(level=2, text=say("heading.columns"))
    yield Paragraph(text=say(f"{family}s"))
    rows = [(name, say(f"kind.{kind}"), say(f"{family}.{name}")) for name, kind, _ in columns]
    yield grid(say.head("column", "kind", "meaning"), rows)


def _theme(theme: Theme, say: _Words) -> Iterator[Block]:
    language = say.language
    yield Heading(level=3, text=f"{theme.slug}: {theme.name[language]}")
    if theme.gloss:
        yield Paragraph(text=theme.gloss[language])
    yield Paragraph(text=theme.description[language])
    if theme.history:
        yield Paragraph(text=say("history", text=theme.history[language]))
    first, last = (day.isoformat() if day else say("open_end") for day in (theme.valid_from, theme.valid_to))
    always = theme.valid_from is None and theme.valid_to is None
    yield Paragraph(text=say("valid_always") if always else say("valid", first=first, last=last))


def _guideline(facts: Facts, theme: Theme, say: _Words) -> Iterator[Block]:
    """Yield what people who label read of a theme, with the version in force."""
    found = facts.publication.guidelines
    page = found.page(theme.slug, say.language) if found else None
    if found is None or page is None:
        return
    for key, items in (("included", page.inclusion), ("excluded", page.exclusion)):
        if items:
            yield Paragraph(text=say(key, version=found.version))
            yield Listing(items=items)


def _classifier(facts: Facts, say: _Words) -> Iterator[Block]:
    yield Heading(level=2, text=say("heading.classifier"))
    if not facts.content.is_open:
        yield Paragraph(text=say("classifier"))
    for version, posts in facts.models.items():
        yield Heading(level=3, text=say("model", version=version, posts=posts))
        record = facts.publication.models.get(version)
        report: dict[str, Any] = dict(record.report) if record else {}
        if not report.get("per_theme"):
            yield Paragraph(text=say("unmeasured"))
            continue
        yield Paragraph(text=say("measured", on=report.get("measured_on", "")))
        yield grid(
            [*say.head("theme", "n"), "F1", *say.head("precision", "recall")],
            (
                (slug, str(one["n"]), *(say.number(one[name]) for name in ("f1", "precision", "recall")))
                for slug, one in report["per_theme"].items()
            ),
        )
    yield from _audit(facts, say)
    if facts.guidelines:
        rows = [(version or say("unknown"), str(labels)) for version, labels in facts.guidelines.items()]
        yield Paragraph(text=say("guidelines"))
        yield grid(say.head("guideline", "labels"), rows)


def _audit(facts: Facts, say: _Words) -> Iterator[Block]:
    """Yield what the sample drawn at random says; each figure names on what it was measured."""
    found = facts.publication.accuracy
    share = found.get("share")
    if not share:
        yield Paragraph(text=say("audit_provisional", n=found.get("labelled_ever", 0)))
        return
    low, high = say.number(share["low"]), say.number(share["high"])
    told = {"first": found["first"], "last": found["last"], "n": found["n"], "right": found["right"]}
    yield Paragraph(text=say("audit", share=say.number(share["value"]), low=low, high=high, **told))
    yield grid(
        [*say.head("theme", "n"), "F1", "95 %"],
        (
            (
                slug,
                str(one["n"]),
                say.number(one["f1"]["value"]),
                f"{say.number(one['f1']['low'])}–{say.number(one['f1']['high'])}",
            )
            for slug, one in found["per_theme"].items()
            if one["f1"]
        ),
    )


def _coverage(facts: Facts, say: _Words) -> Iterator[Block]:
    report = facts.publication.coverage
    yield Heading(level=2, text=say("heading.coverage"))
    if not report.get("sources"):
        yield Paragraph(text=say("coverage_unknown"))
        return
    yield Paragraph(text=say("coverage", start=report["from"], end=report["to"]))
    rows = []
    for one in report["sources"]:
        missed = one.get("estimated_missed")
        known = say("unknown") if missed is None else str(missed)
        rows.append(
            (one["source"], str(one["hours_covered"]), str(one["hours_missing"]), str(one["quota_hits"]), known)
        )
    yield grid(say.head("source", "covered", "missing", "quota", "missed"), rows)
    gaps = tuple(
        f"{one['source']}: {gap['from']} – {gap['to']} ({say('state.' + gap['state'])})"
        for one in report["sources"]
        for gap in one["gaps"]
    )
    if gaps:
        yield Paragraph(text=say("gaps"))
        yield Listing(items=gaps)


def _terms(facts: Facts, say: _Words) -> Iterator[Block]:
    licence = licence_of(facts)
    yield Heading(level=2, text=say("heading.licence"))
    told = say("licence.open", name=licence[0], address=licence[1]) if licence else say("licence.none")
    yield Paragraph(text=told)
    if not facts.content.is_open:
        yield Listing(items=tuple(say(f"terms.{one}") for one in _TERMS if one in facts.networks))
        yield Heading(level=2, text=say("heading.duties"))
        yield Paragraph(text=say("duties"))
