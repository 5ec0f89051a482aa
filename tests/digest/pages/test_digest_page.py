"""The mail as a page: accessible, self-contained, small, and pleasant as plain text."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from digest.compile_templates import COMPILED, compiled_templates
from digest.issue import Issue, Row, Section, ShownPost
from digest.render import LARGEST, RenderedIssue, RenderingError, environment
from programme.types import Localised

LANGUAGES = ("fi", "sv", "en")
Render = Callable[..., RenderedIssue]
Read = Callable[[str], Any]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["week47", "quiet30", "failed31"])
def test_the_page_is_accessible(
    rendered: Render, read: Read, request: pytest.FixtureRequest, name: str, language: str
) -> None:
    """One h1, headings in order, a scope on every table head, alternative text on every picture, a language."""
    made = rendered(request.getfixturevalue(name), language)
    page = read(made.html)
    levels = [tag for tag in page.tags if tag in ("h1", "h2", "h3")]
    assert levels[0] == "h1"
    assert levels.count("h1") == 1
    assert levels[1] == "h2" if len(levels) > 1 else True
    scopes = [name for tag, name, _ in page.attributes if tag == "th" and name == "scope"]
    assert len(scopes) == page.tags.count("th")
    alts = [value for tag, name, value in page.attributes if tag == "img" and name == "alt"]
    assert len(alts) == page.tags.count("img")
    assert all(re.search(r"\d", alt) for alt in alts)
    assert ("html", "lang", language) in page.attributes


def test_nothing_is_loaded_from_outside(rendered: Render, read: Read, week47: Issue) -> None:
    """No script, font, style sheet or picture from elsewhere: pictures come with the mail."""
    made = rendered(week47)
    page = read(made.html)
    assert not {"script", "link", "iframe", "object", "form", "video"} & set(page.tags)
    sources = {value for _, name, value in page.attributes if name in ("src", "background", "srcset")}
    assert sources == {f"cid:{cid}" for cid in made.charts}
    assert "url(" not in made.html
    assert "@import" not in made.html
    assert all(png.startswith(b"\x89PNG") and len(png) < 3000 for png in made.charts.values())


def test_compiled_layouts_are_current() -> None:
    """What is committed is what MJML makes of the sources."""
    pytest.importorskip("mjml", reason="mjml-python compiles layouts; it is part of the check extra")
    for path, compiled in compiled_templates().items():
        assert path.read_text("utf-8") == compiled
    assert set(compiled_templates()) == set(COMPILED.glob("*"))


def test_every_template_escapes() -> None:
    """Escaping is on for each template by its name."""
    for path in COMPILED.glob("*"):
        assert environment().autoescape(path.name)  # type: ignore[operator]  # a function of ours, not a flag


def test_plain_text_fits_a_terminal(rendered: Render, week47: Issue) -> None:
    """No line is wider than 100 columns but for an address; the eight weeks are drawn."""
    text = rendered(week47).text
    assert all(len(line) <= 100 or "https://" in line for line in text.splitlines())
    assert "▇█▆█▅▇▆▄" in text
    assert "\u00a0" not in text


def test_the_largest_page_stays_under_100_kb(rendered: Render, week47: Issue, shown47: Mapping[str, ShownPost]) -> None:
    """Sixty themes with long quotations are shortened by rule, and what is left out is counted."""
    rows: list[Row] = [
        replace(week47.themes[0], slug=f"t{n}", name=Localised({"fi": f"Teema {n} " + "sana " * 20})) for n in range(60)
    ]
    long = replace(shown47["mastodon:111"], text="pitkä teksti <&> " * 400)
    sections = tuple(Section(slug=row.slug, items=week47.sections[0].items) for row in rows)
    issue = replace(week47, themes=tuple(rows), sections=sections, projects=week47.projects * 30)
    made = rendered(issue, shown={**shown47, "mastodon:111": long})
    assert len(made.html.encode()) < LARGEST
    assert re.search(r"Ja \d+ muuta\.", made.text)
    assert "…" in made.text


def test_what_cannot_be_shortened_is_refused(rendered: Render, week47: Issue) -> None:
    """A page that stays too large is an error with a remedy, not a mail that is cut."""
    huge = replace(week47.themes[0], gloss=Localised({"fi": "pitkä " * 20_000}))
    with pytest.raises(RenderingError, match="2026-W47"):
        rendered(replace(week47, themes=(huge,)))
