"""Weeks in which something is missing, or more than a page holds."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from digest.collected import Coverage
from digest.issue import CopyCount, Issue, ShownPost, UsualRange
from digest.render import RenderedIssue, RenderingError, render
from programme.messages import Messages

LANGUAGES = ("fi", "sv", "en")
Render = Callable[..., RenderedIssue]
Read = Callable[[str], Any]


def test_usual_range_of_one_number(rendered: Render, week47: Issue) -> None:
    """A range whose ends are equal is one number."""
    same = replace(week47, usual=UsualRange(low=5, high=5, weeks=3))
    assert "edeltäneillä 3 viikolla niitä oli 5." in " ".join(rendered(same).text.split())


def test_what_a_page_need_not_show_is_left_out(rendered: Render, week47: Issue) -> None:
    """Without projects, hashtags, week before, copies or an example there is no line of them; their numbers stay."""
    programme = replace(week47.programme, hashtags=())
    topic = replace(week47.topics[1], examples=("mastodon:none",))
    lone = replace(week47.topics[0], examples=(), weekly=(None,) * 8)
    section = replace(week47.sections[0], slug="elsewhere")
    total = replace(week47.total, series=(None, 102))
    first = replace(week47.themes[0], series=(None, 9))
    made = rendered(
        replace(
            week47,
            programme=programme,
            projects=(),
            phenomena=tuple(replace(one, posts=0) for one in week47.phenomena),
            copies=CopyCount(extra=0, texts=0, accounts=0, extra_before=None, widest=0),
            topics=(lone, topic),
            sections=(section, *week47.sections[1:], replace(week47.sections[0], items=())),
            total=total,
            themes=(first, *week47.themes[1:]),
            corrections=None,
            recurring=(),
        )
    ).text
    assert "Hankkeet ja verkostot" not in made
    assert "Ilmiöt: ei mainintoja" in made
    assert "Osallistu keskusteluun" not in made
    assert "levisi samanlaisena" not in made
    assert "Viikon 46 luvut" not in made
    assert re.search(r"Kopioita samasta tekstistä +0 +–", made)


def test_more_than_fits_is_counted(rendered: Render, week47: Issue) -> None:
    """A fourth topic is named with its writers and a thirteenth name marked, not dropped in silence."""
    topics = (*week47.topics, *week47.topics[1:])
    many = tuple(replace(week47.projects[0], slug=str(n)) for n in range(13))
    text = rendered(replace(week47, topics=topics, projects=many)).text
    others = "”Lähikirjaston omatoimiaika” (8 kirjoittajaa), ”Skolskjutsar över kommungränsen” (6 kirjoittajaa)"
    assert f"Muita nousevia aiheita: {others}. Muuta ei erottunut." in " ".join(text.split())
    assert ", …" in text


def test_doubts_need_no_second_theme(rendered: Render, week47: Issue) -> None:
    """Where one theme alone is likely, nothing is asked between two; posts without a link are not linked."""
    doubts = tuple(replace(doubt, candidates=doubt.candidates[:1]) for doubt in week47.doubts)
    text = rendered(replace(week47, doubts=doubts)).text
    assert "KATSOISITKO NÄMÄ?" in text
    assert " vai " not in text.partition("KATSOISITKO NÄMÄ?")[2]


def test_posts_without_an_address_are_told_without_a_link(
    rendered: Render, week47: Issue, shown47: Mapping[str, ShownPost]
) -> None:
    """A network that gives no address still has its place and day, and a discussion its size."""
    shown = {key: replace(post, url=None) for key, post in shown47.items() if post.style != "x"}
    text = rendered(week47, shown=shown).text
    assert "Viesti · Mastodon · ma 16.11. ·" in text
    assert "11 viestin keskustelu, Mastodon." in text
    assert "Avaa viesti" not in text


def test_a_quiet_week_with_gaps_and_copies(rendered: Render, quiet30: Issue) -> None:
    """Short gaps do not explain silence; copies have their line; without a week before none is compared."""
    copies = CopyCount(extra=2, texts=1, accounts=3, extra_before=None, widest=3)
    issue = replace(
        quiet30,
        coverage=Coverage(state="gaps", sources=quiet30.coverage.sources),
        copies=copies,
        total=replace(quiet30.total, series=(None, 3)),
        sections=(),
        topic_notes=replace(quiet30.topic_notes, note="trends.no_posts"),
    )
    text = " ".join(rendered(issue).text.split())
    assert "Viikolla kirjoitettiin 3 viestiä. Keräys toimi lyhyitä katkoja lukuun ottamatta" in text
    assert "Sama teksti 3 tililtä" in text


def test_words_that_fail_make_no_mail(week47: Issue, shown47: Mapping[str, ShownPost], tmp_path: Path) -> None:
    """A template or catalogue that fails is told with language and length, and nothing half written comes out."""
    (tmp_path / "locales").mkdir()
    (tmp_path / "locales" / "en.toml").write_text('[language]\ncode = "en"\nlocale = "en_GB"\n', encoding="utf-8")
    with pytest.raises(RenderingError, match=r"2026-W47 cannot be written in fi \(reader\)"):
        render(week47, shown47, language="fi", role="reader", messages=Messages.load(tmp_path))
