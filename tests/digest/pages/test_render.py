"""The mail: the same in every language and in both forms, small enough, and deaf to what posts try."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from digest.collected import Coverage, Outage
from digest.issue import CopyCount, Corrections, Issue, Review, ShownPost
from digest.render import RenderedIssue
from digest.scene import Addresses
from programme.types import Localised, Role

LANGUAGES = ("fi", "sv", "en")
Render = Callable[..., RenderedIssue]
Read = Callable[[str], Any]


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        pytest.param(
            "fi",
            [
                "viestiä kirjoitettiin. Kirjoittajia oli 74, keskusteluja 31.",
                "Viestejä on tavallinen määrä: edeltäneillä 7 viikolla niitä oli 97–115.",
                "teemassa ”Kunnan ja maakunnan yhteistyö”: selvästi tavallista enemmän. Viikolla 46 niitä oli 19.",
                "kirjoittajaa otti esiin aiheen ”Kuntien rooli työllisyyspalveluissa”: noin viisinkertainen määrä",
                "(vuodesta 2023 kumppani on ennen kaikkea hyvinvointialue)",
                "eroja painettuihin lukuihin 6 (teeman korjaukset 4, luokittelija 2, myöhään tulleet 0, poistot 0)",
                "Kielet: suomi 78, ruotsi 21, englanti 3",
                "Mistä viestit löytyivät: aihetunnisteella 63, keskusteluketjuista 33, syötteistä 6",
                "(todennäköisesti 2,4–9,8-kertainen)",
                "Yksi teksti levisi samanlaisena 27 tililtä.",
                "Pelkkä sattuma nousee aiheeksi noin kerran 12 viikossa.",
                "Bluesky oli poikki la 21.11. klo 3–10 (verkosto ei vastannut, 502); noin 2 viestiä puuttuu.",
                "Luokittelun osuvuutta ei ole vielä mitattu.",
                "Opetettu 19.11.2026, 412 tarkistettua viestiä.",
                "Osallistu keskusteluun: #tulevaisuudenkunta",
            ],
            id="fi",
        ),
        pytest.param(
            "sv",
            [
                "inlägg skrevs. Antalet skribenter var 74 och antalet diskussioner 31.",
                "Antalet inlägg är normalt: 97–115 under de 7 föregående veckorna.",
                "Vecka 46 fanns det 19.",
                "tog upp ”Kommunernas roll i arbetskraftstjänsterna”: ungefär fem gånger så många som vanligt.",
                "(sannolikt 2,4–9,8 gånger så många)",
                "på finska och svenska",
                "Nytt: ingen hade skrivit om ämnet under de 25 föregående veckorna.",
                "Bluesky låg nere lö 21.11 kl. 3–10 (nätverket svarade inte, 502); cirka 2 inlägg saknas.",
                "Delta i diskussionen: #tulevaisuudenkunta",
            ],
            id="sv",
        ),
    ],
)
def test_the_week_is_told_in_the_languages_own_words(
    rendered: Render, week47: Issue, language: str, sentences: list[str]
) -> None:
    """The invented week reads as its sample does: counts, usual range, likelihoods in words, causes of changes."""
    text = " ".join(rendered(week47, language).text.split())
    for sentence in sentences:
        assert sentence in text


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("fi", "Viikko 47: puheeksi nousi aihe ”Kuntien rooli työllisyyspalveluissa” – viestejä tavallinen määrä, 102"),
        (
            "sv",
            "Vecka 47: ämnet ”Kommunernas roll i arbetskraftstjänsterna” väckte diskussion – normalt antal inlägg, 102",
        ),
        (
            "en",
            "Week 47: more people wrote about “Kuntien rooli työllisyyspalveluissa” – the usual number of posts, 102",
        ),
    ],
)
def test_the_subject_carries_the_finding(rendered: Render, week47: Issue, language: str, subject: str) -> None:
    """The strongest topic stands in the subject, with the number of posts and without a percentage."""
    assert rendered(week47, language).subject == subject


def test_without_a_topic_the_subject_tells_a_theme_or_that_nothing_stood_out(
    rendered: Render, week47: Issue, make_issue: Callable[..., Issue]
) -> None:
    """A theme's change comes second, an increase before a decrease; else the week is ordinary; else just a number."""
    theme = rendered(make_issue(topics=())).subject
    cooperation = "viestit lisääntyivät teemassa ”Kunnan ja maakunnan yhteistyö”"
    assert theme == f"Viikko 47: {cooperation} – viestejä tavallinen määrä, 102"
    calm = tuple(replace(row, is_news=False) for row in week47.themes)
    fewer = (replace(calm[1], is_news=True), *calm[2:])
    assert "viestit vähenivät teemassa" in rendered(make_issue(topics=(), themes=fewer)).text.replace("\n", " ").lower()
    ordinary = rendered(make_issue(topics=(), themes=calm, level="more"))
    assert ordinary.subject == "Viikko 47: viestejä tavallista enemmän, 102; mikään aihe ei erottunut"
    assert "Mikään aihe ei erottunut 102 viestistä." in ordinary.text
    notes = replace(week47.topic_notes, note="trends.no_history", detectable=None, chance_weeks=None)
    silent = rendered(make_issue(topics=(), themes=calm, topic_notes=notes, usual=None, level="unknown", recurring=()))
    assert silent.subject == "Viikko 47: 102 viestiä"
    assert "Nousevia aiheita ei voi vielä arvioida, koska aiempia viikkoja ei ole." in silent.text


@pytest.mark.parametrize("state", ["new", "back", "growing", "fading"])
def test_every_state_of_a_topic_has_its_words(rendered: Render, week47: Issue, state: str) -> None:
    """New, returning, growing and fading topics read differently; a fading one never leads."""
    topic = replace(week47.topics[0], state=state, ratio=0.3 if state == "fading" else 12.0, languages=("unsure",))
    made = rendered(replace(week47, topics=(topic,)))
    word = {"new": "uusi aihe", "back": "palasi", "growing": "nousi", "fading": "teemassa"}[state]
    assert word in made.subject
    assert "noin 12-kertainen" in made.text if state != "fading" else "kertainen" not in made.text


# --- parity ---------------------------------------------------------------------------------------------------------

_MONTHS = {"July": "7", "August": "8", "November": "11", "Nov": "11", "Jul": "7", "Aug": "8", "December": "12"}


def numbers(text: str) -> list[str]:
    """Return a text's numbers in order, months of English among them."""
    for month, number in _MONTHS.items():
        text = re.sub(rf"\b{month}\b", number, text)
    text = re.sub(r"https?://\S+|%%\w+%%", "", text).replace(":00", "")
    found = re.findall(r"\d+(?:[.,]\d+)*", text)
    return sorted(part.lstrip("0") or "0" for token in found for part in re.split(r"[.,]", token))


@pytest.mark.parametrize("role", ["reader", "editor"])
@pytest.mark.parametrize("name", ["week47", "quiet30", "failed31"])
def test_every_number_and_section_stands_in_every_language(
    read: Read, rendered: Render, request: pytest.FixtureRequest, name: str, role: Role
) -> None:
    """Finnish, Swedish and English print the same numbers, headings, charts and links."""
    issue = request.getfixturevalue(name)
    fi, sv, en = (rendered(issue, language, role) for language in LANGUAGES)
    assert numbers(fi.text) == numbers(sv.text) == numbers(en.text)
    fi_page, sv_page, en_page = (read(made.html) for made in (fi, sv, en))
    for tag in ("h1", "h2", "h3", "th", "td", "img", "a", "blockquote"):
        assert fi_page.tags.count(tag) == sv_page.tags.count(tag) == en_page.tags.count(tag), tag
    assert fi.charts == sv.charts == en.charts


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_and_html_say_the_same(rendered: Render, read: Read, week47: Issue, language: str) -> None:
    """Every number of the plain text stands in the HTML too."""
    made = rendered(week47, language)
    page = read(made.html)
    seen = page.text + " ".join(value for _, name, value in page.attributes if name == "alt")
    assert set(numbers(made.text)) <= set(numbers(seen))


def test_a_language_without_a_catalogue_reads_english_with_its_own_names(rendered: Render, week47: Issue) -> None:
    """The words are English and say so; the programme's names are in the reader's language, marked."""
    own = replace(week47.themes[0], name=Localised({"et": "Osalus", "fi": "Osallisuus"}))
    made = rendered(replace(week47, themes=(own, *week47.themes[1:])), "et")
    assert "What changed" in made.html
    assert '<html lang="en"' in made.html
    assert '<span lang="et">Osalus</span>' in made.html


@pytest.mark.parametrize("language", LANGUAGES)
def test_silence_and_breakdown_never_look_alike(
    rendered: Render, quiet30: Issue, failed31: Issue, language: str
) -> None:
    """Subject, headline and explanation of a quiet week and of a failed collection share no sentence."""
    quiet, failed = rendered(quiet30, language), rendered(failed31, language)
    assert quiet.subject.partition(": ")[2] != failed.subject.partition(": ")[2]
    quiet_lines, failed_lines = (
        {line for line in made.text.split("-" * 40)[0].splitlines() if line[60:] and not line.startswith(" ")}
        for made in (quiet, failed)
    )
    assert not quiet_lines & failed_lines


def test_a_quiet_week_says_that_collection_worked(rendered: Render, quiet30: Issue) -> None:
    """Silence is named as silence, and the posts are there."""
    made = rendered(quiet30)
    assert made.subject == "Viikko 30: hiljainen viikko, 3 viestiä"
    text = " ".join(made.text.split())
    assert "Viikolla kirjoitettiin 3 viestiä, edellisviikolla 7. Nousevia aiheita ei ollut." in text
    assert "joten kyse on hiljaisuudesta eikä katkosta." in text


def test_a_failed_collection_compares_nothing(rendered: Render, failed31: Issue) -> None:
    """What broke, since when and why; no column of the week before, no chart, no range."""
    made = rendered(failed31, "sv")
    assert made.subject == "Vecka 31: avbrott i insamlingen – siffrorna är ofullständiga"
    text = " ".join(made.text.split())
    assert "X har legat nere sedan ti 28.7 kl. 14 (åtkomsten nekades, 401). Övriga källor fungerade: 22 inlägg." in text
    assert "v. 30" not in text
    assert not made.charts


@pytest.mark.parametrize(
    ("changes", "subject"),
    [
        pytest.param({"posts": 0, "sections": ()}, "Viikko 30: hiljainen viikko, ei viestejä", id="nothing"),
        pytest.param({"posts": 1}, "Viikko 30: hiljainen viikko, 1 viesti", id="one post"),
        pytest.param(
            {"coverage": Coverage(state="imported", sources=())}, "Viikko 30: 3 tuotua viestiä", id="imported"
        ),
        pytest.param(
            {"kind": "failed", "posts": 0, "coverage": Coverage(state="none", sources=())},
            "Viikko 30: keräystä ei ole vielä otettu käyttöön",
            id="no source",
        ),
    ],
)
def test_few_posts_are_told_for_what_they_are(
    rendered: Render, quiet30: Issue, changes: dict[str, object], subject: str
) -> None:
    """Nothing, one post, an imported archive and no collection at all have subjects of their own."""
    assert rendered(replace(quiet30, **changes)).subject == subject


def test_few_people_are_not_counted_out_loud(rendered: Render, week47: Issue) -> None:
    """Fewer than three writers are not told, nor are fewer than three accounts behind copies."""
    few = CopyCount(extra=1, texts=1, accounts=2, extra_before=0, widest=2)
    text = rendered(replace(week47, writers=2, copies=few)).text
    assert "Kirjoittajia oli" not in text
    assert "2 tililtä" not in text


def test_gaps_are_told_in_words(rendered: Render, week47: Issue) -> None:
    """Several gaps are told by their hours, one over midnight by both its days, minutes where there are any."""
    first, night = (
        Outage(
            from_at=datetime(2026, 11, 17, 20, 30, tzinfo=UTC),
            to_at=datetime(2026, 11, 18, end, tzinfo=UTC),
            open=False,
            state="rate_limited",
            code=None,
        )
        for end in (4, 22)
    )
    x, mastodon, *_ = week47.coverage.sources
    down = replace(x, hours_covered=150, outages=(first, night), missing=1, quota_hits=2)
    slow = replace(mastodon, network="x", hours_covered=160, outages=(night,))
    text = " ".join(rendered(replace(week47, coverage=Coverage(state="gaps", sources=(down, slow)))).text.split())
    assert "X (x) oli poikki yhteensä 18 tuntia" in text
    assert "X (mastodon) oli poikki ti 17.11. klo 22.30 – ke 18.11. klo 24 (verkoston kiintiö oli käytetty)" in text
    assert "noin 1 viesti puuttuu; kiintiö täyttyi 2 kertaa" in text
    none = rendered(replace(week47, coverage=Coverage(state="gaps", sources=(slow,))), role="reader")
    assert "todennäköisesti yhtään viestiä ei puutu" in " ".join(none.text.split())
    nothing_whole = replace(week47, kind="failed", coverage=Coverage(state="failed", sources=(down,)))
    assert "Mikään lähde ei toiminut koko viikkoa: 102 viestiä." in " ".join(rendered(nothing_whole).text.split())


def test_readers_get_the_short_mail(rendered: Render, week47: Issue) -> None:
    """Doubts, corrections and sources are the editors'; a reader sees one item a theme."""
    reader, editor = rendered(week47, role="reader"), rendered(week47, role="editor")
    for heading in ("KATSOISITKO NÄMÄ?", "TEEMAMUUTOKSET VIIME VIIKON JÄLKEEN"):
        assert heading in editor.text
        assert heading not in reader.text
    assert "168/168" not in reader.text
    assert reader.text.count("Lue keskustelu") < editor.text.count("Lue keskustelu")


def test_a_demonstration_says_so_first(rendered: Render, week47: Issue) -> None:
    """Subject and page tell that nothing of it is real."""
    made = rendered(replace(week47, demonstration=True), "sv")
    assert made.subject.startswith("Demonstration: Vecka 47")
    assert made.text.index("Det här är en demonstration.") < made.text.index("102 inlägg")


def test_review_is_told(rendered: Render, week47: Issue) -> None:
    """An unreviewed issue says so; a reviewed one says when."""
    unreviewed = rendered(week47, review=Review(approved_at=None)).text
    assert "Kukaan ei ole tarkistanut koostetta ennen lähetystä." in unreviewed
    approved = rendered(week47, review=Review(approved_at=datetime(2026, 11, 23, 8, 20, tzinfo=UTC))).text
    assert "hyväksyi koosteen ma 23.11. klo 10.20." in approved


def test_only_what_exists_is_linked(rendered: Render, week47: Issue) -> None:
    """Without a console there is no link to it; with one, every link is there; leaving is always possible."""
    bare = rendered(week47).html
    assert "kuntakaiku.example" not in bare
    assert 'href="%%UNSUBSCRIBE%%"' in bare
    assert "%%PREFERENCES%%" not in bare
    site = "https://kuntakaiku.example/"
    places = Addresses(issue=site, archive=site, review=site, privacy=site, accessibility=site, preferences=True)
    assert rendered(week47, addresses=places).html.count(f'href="{site}"') == 6


def test_a_deleted_post_is_told_as_deleted(rendered: Render, week47: Issue) -> None:
    """What may no longer be shown leaves its place, without a word of it."""
    made = rendered(week47, shown={})
    assert "Viesti on poistettu." in made.text
    assert "Koivurannan" not in made.text
    assert "KATSOISITKO" not in made.text


def test_private_persons_are_linked_without_a_name(rendered: Render, week47: Issue) -> None:
    """A private person's post is a place, a day and a link; on request its text stands without a name."""
    text = rendered(week47).text
    assert "Viesti · Mastodon · ma 16.11. · Avaa viesti: https://mastodon.example/141" in text
    shown = {
        "mastodon:141": ShownPost(
            style="text",
            network="mastodon",
            url=None,
            created_at=datetime(2026, 11, 16, tzinfo=UTC),
            language="sv",
            text="Rad ett\nRad två",
        )
    }
    html = rendered(week47, shown=shown).html
    assert '<blockquote class="ink" lang="sv" dir="auto"' in html
    assert "”Rad ett<br>Rad två”" in html


def test_x_is_shown_as_x_asks(rendered: Render, week47: Issue) -> None:
    """Display name, handle, unmodified text, and the time as a permanent link."""
    html = rendered(week47).html
    assert "Pirkan palveluverkko</strong>" in html
    assert "@palveluverkko_ex" in html
    assert "Kuka vastaa lähipalveluista, jos sopimus puuttuu? #tulevaisuudenkunta</blockquote>" in html
    assert re.search(r'href="https://x\.example/131"[^>]*>klo 12\.20 · 19\.11\.2026</a> · X', html)


def test_corrections_tell_every_cause(rendered: Render, week47: Issue) -> None:
    """Late and deleted posts are explained too; nothing changed is said in one line."""
    assert week47.corrections is not None
    moved = Corrections(week=week47.corrections.week, labels=0, model=0, late=1, deletions=2, rows=())
    text = " ".join(rendered(replace(week47, corrections=moved)).text.split())
    assert "1 viesti tuli myöhässä. 2 viestiä on poistettu. Siksi viikon 46 luvut muuttuivat." in text
    same = replace(moved, late=0, deletions=0)
    assert "eroja painettuihin ei ole." in " ".join(rendered(replace(week47, corrections=same)).text.split())


def test_the_classifier_is_told_for_what_it_is(rendered: Render, week47: Issue) -> None:
    """Nothing classified, a cold start and waiting posts have their words."""
    facts = week47.classifier
    cold = rendered(replace(week47, classifier=replace(facts, trained_on=0), awaiting=3)).text
    told = " ".join(cold.split())
    assert "jää epäselväksi tai väärään teemaan. 3 viestiä odottaa" in told
    assert told.count("ei ole vielä oppinut") == 1
    reader = rendered(replace(week47, classifier=replace(facts, trained_on=0)), role="reader").text
    assert "ei ole vielä oppinut" in " ".join(reader.split())
    assert "oppinut" not in rendered(week47, role="reader").text
    none = rendered(replace(week47, classifier=replace(facts, version=None))).text
    assert "Yhtään viestiä ei ole vielä luokiteltu." in none
