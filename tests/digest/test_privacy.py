"""The privacy notice and the record of processing: everything that is configured, nothing that is not."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest

from digest.privacy.document import PRIVACY_KEYS, SECTIONS, Document, Kind, Running, document
from digest.privacy.write import to_html, to_markdown
from programme.messages import Messages
from programme.types import Configuration, Privacy, Recipient, Site, Smtp, SourceSettings

LANGUAGES = ("fi", "sv", "en")
KINDS: tuple[Kind, ...] = ("notice", "record")
NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
FILLED = Privacy(
    controller="Esimerkkikunta, Kuntatie 1",
    contact="tieto@kunta.example",
    dpo="vastaava@kunta.example",
    legal_basis="6.1 e",
    special_categories_basis="9.2 j",
    retention_months=24,
    recipients="tutkijat",
    transfers="ei siirtoja",
    thresholds="kolme",
)


def source(network: str, base_url: str) -> SourceSettings:
    """Return a source that is switched on."""
    return SourceSettings(name=network, network=network, enabled=True, base_url=base_url, every=timedelta(minutes=15))


def running(configuration: Configuration, privacy: Privacy = FILLED, **changes: object) -> Running:
    """Return what is running: two sources, a mail server, two recipients, and what a test changes."""
    fields: dict[str, object] = {
        "sources": (source("mastodon", "https://mastodon.example"), source("x", "https://api.x.com")),
        "site": Site(privacy=privacy),
        "delivery": replace(configuration.delivery, smtp=Smtp(host="smtp.kunta.example")),
        "recipients": tuple(Recipient(address=f"{n}@kunta.example", language="fi", role="reader") for n in range(2)),
    }
    return Running(
        configuration=replace(configuration, **{**fields, **changes}),  # type: ignore[arg-type]  # a test's fields
        database="sqlite",
        at=NOW,
    )


def words(made: Document) -> str:
    """Return all that a document says."""
    return "\n".join([made.title, *made.lead, *(line for s in made.sections for line in (*s.paragraphs, *s.items))])


@pytest.mark.parametrize("kind", KINDS)
def test_languages_say_the_same(configuration: Configuration, messages: Messages, kind: Kind) -> None:
    """Sections, paragraphs and lists are as many in every language, whatever is configured."""
    for privacy in (FILLED, Privacy()):
        shapes = {
            tuple((s.key, len(s.paragraphs), len(s.items)) for s in made.sections)
            for language in LANGUAGES
            for made in (document(kind, running(configuration, privacy), language=language, messages=messages),)
        }
        assert len(shapes) == 1
        assert tuple(key for key, _, _ in shapes.pop()) == SECTIONS[kind]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_all_that_is_configured_is_told(
    configuration: Configuration, messages: Messages, kind: Kind, language: str
) -> None:
    """Every privacy key, source, hashtag and theme, the mail server and the months of retention stand in it."""
    told = words(document(kind, running(configuration), language=language, messages=messages))
    expected = [str(getattr(FILLED, key)) for key in PRIVACY_KEYS]
    expected += ["https://mastodon.example", "https://api.x.com", "smtp.kunta.example"]
    expected += [f"#{hashtag}" for hashtag in configuration.programme.hashtags]
    expected += [theme.name[language] for theme in configuration.programme.themes]
    assert [one for one in expected if one not in told] == []
    assert "site.toml" not in told


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PRIVACY_KEYS)
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_missing_is_told_as_missing(
    configuration: Configuration, messages: Messages, kind: Kind, name: str, language: str
) -> None:
    """An empty key is named, not passed over in silence, and the lead counts it."""
    privacy = replace(FILLED, **{name: None if name == "retention_months" else ""})
    made = document(kind, running(configuration, privacy), language=language, messages=messages)
    assert made.missing == (name,)
    assert f"[privacy] {name})" in words(made)
    assert len(made.lead) == 2


def test_it_follows_what_is_running(configuration: Configuration, messages: Messages) -> None:
    """Without sources, mail server or encryption the notice says so; networks that cannot be swept are named."""

    def said(**changes: object) -> str:
        return words(document("notice", running(configuration, **changes), language="en", messages=messages))

    assert "No source is switched on" in said(sources=())
    assert "looked for on these networks: X." in said()
    assert "not looked for, so deletion must be asked for: Mastodon." in said()
    assert "not mailed but written as files" in said(delivery=replace(configuration.delivery, smtp=None))
    bare = replace(configuration.delivery, smtp=Smtp(host="h", security="none"), quote_private="text")
    assert "is not encrypted" in said(delivery=bare)
    assert "may be quoted without a name" in said(delivery=bare)
    off = replace(source("x", "https://api.x.com"), enabled=False)
    assert "api.x.com" not in said(sources=(off,))
    plain = replace(running(configuration), database="postgresql")
    assert "PostgreSQL" in words(document("record", plain, language="sv", messages=messages))


class _Outline(HTMLParser):
    """The elements of a page, and what does not belong."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, str | None] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.update({f"{tag} {name}": value for name, value in attrs})


@pytest.mark.parametrize("kind", KINDS)
def test_pages_can_be_read_by_everybody(configuration: Configuration, messages: Messages, kind: Kind) -> None:
    """One h1, an h2 for each section and no other headings, a language, a title, one main part, no script."""
    made = document(kind, running(configuration), language="sv", messages=messages)
    outline = _Outline()
    outline.feed(to_html(made))
    assert [outline.tags.count(tag) for tag in ("h1", "h2", "h3", "main", "title", "script")] == [
        1, len(made.sections), 0, 1, 1, 0,
    ]  # fmt: skip
    assert outline.attributes["html lang"] == "sv"
    assert outline.tags.count("li") == 2


def test_configured_words_are_never_markup(configuration: Configuration, messages: Messages) -> None:
    """A tag, a link or a heading in a key of the configuration stands on the page as it was written."""
    hostile = "<script>alert(1)</script> [x](https://evil.example) *b* # h"
    privacy = replace(FILLED, controller=hostile, transfers="# heading\n\n- item")
    made = document("notice", running(configuration, privacy), language="fi", messages=messages)
    page = to_html(made)
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    written = to_markdown(made)
    assert r"\<script\>alert(1)\</script\> \[x\](" in written
    assert re.findall(r"^#+ ", written, re.MULTILINE) == ["# ", *["## "] * len(made.sections)]
    assert "\n\\# heading" in written
    assert re.findall(r"^- .*", written, re.MULTILINE) == [
        "- Mastodon: https://mastodon.example",
        "- X: https://api.x.com",
    ]


def test_every_word_of_the_documents_is_used(configuration: Configuration, messages: Messages) -> None:
    """No message of the catalogues waits in vain: each is said by some configuration."""
    said = set()

    class Noting(Messages):
        def translate(self, key: str, language: str, **values: object) -> str:
            said.add(key)
            return super().translate(key, language, **values)

    noting = Noting(messages._catalogues)
    smtps = (None, Smtp(host="h"), Smtp(host="h", security="none"))
    for kind in KINDS:
        for smtp in smtps:
            for quote in ("none", "link", "text"):
                delivery = replace(configuration.delivery, smtp=smtp, quote_private=quote)  # type: ignore[arg-type]  # one of three
                for privacy, sources in ((FILLED, None), (Privacy(), ())):
                    changes = {"delivery": delivery} | ({} if sources is None else {"sources": sources})
                    one = running(configuration, privacy, **changes)
                    document(kind, one, language="fi", messages=noting)
                    document(kind, replace(one, database="postgresql"), language="fi", messages=noting)
    ours = {key for key in messages._catalogues["en"] if key.startswith("privacy.")}
    assert ours - said == set()
