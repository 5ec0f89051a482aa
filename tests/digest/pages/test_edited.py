"""A mail that was edited: it says what was left out, and says nothing that was true only of the whole."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from corpus.edits import Edits
from digest.issue import Issue, Row, ShownPost
from digest.render import RenderedIssue, render_archive
from programme.messages import Messages
from tests.digest.pages.conftest import Page

Rendered = Callable[..., RenderedIssue]
LANGUAGES = ("fi", "sv", "en")
WORDS = Edits(
    introduction={
        "fi": "Hyvää huomenta! Tällä viikolla puhuttiin töistä.\n\nLukekaa ainakin aiheet.",
        "sv": "God morgon! Den här veckan talades det om arbete.",
        "en": "Good morning! This week people spoke of work.",
    }
)
OUT = {
    "fi": [
        "Toimitus on jättänyt pois yhden viestin ja yhden keskustelun. Luvuissa ovat mukana kaikki viestit.",
        "Toimitus on jättänyt pois 3 aihetta. Luvuissa ovat mukana kaikki viestit.",
    ],
    "sv": [
        "Redaktionen har utelämnat ett inlägg och en diskussion. Siffrorna omfattar alla inlägg.",
        "Redaktionen har utelämnat 3 ämnen. Siffrorna omfattar alla inlägg.",
    ],
    "en": [
        "The editors left out one post and one discussion. The numbers count every post.",
        "The editors left out 3 topics. The numbers count every post.",
    ],
}
"""By language, of posts and of topics."""
NOTHING = {"fi": "erottunut", "sv": "stack ut", "en": "stood out"}


def spoken(text: str) -> str:
    """Return a text with single blanks."""
    return " ".join(text.split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_introduction_stands_in_mail_text_and_archive(
    language: str, rendered: Rendered, week47: Issue, shown47: Mapping[str, ShownPost], messages: Messages
) -> None:
    """The same words stand above the numbers in both lengths, in the plain-text twin and in the archive."""
    archived = render_archive(week47, shown47, language=language, messages=messages, edits=WORDS)
    mails = [rendered(week47, language, role, edits=WORDS) for role in ("editor", "reader")]
    for mail in (*mails, archived):
        for part in WORDS.introduction[language].split("\n\n"):
            assert part in spoken(mail.text)
            assert part in spoken(Page(mail.html).text)
        assert spoken(mail.text).index(WORDS.introduction[language][:20]) < spoken(mail.text).rindex("102")
        bare = rendered(week47, language, edits=Edits()).text
        assert messages.translate("digest.edited.heading", language).upper() not in bare


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_left_out_is_told(language: str, rendered: Rendered, week47: Issue) -> None:
    """One line tells posts and discussions, one topics; without any left out there is none."""
    posts, topics = OUT[language]
    hidden = Edits(hidden=("mastodon:141", "mastodon:121"), hidden_topics=tuple(one.key for one in week47.topics))
    for role in ("editor", "reader"):
        said = spoken(rendered(week47, language, role, edits=hidden).text)
        assert (said.count(posts), said.count(topics)) == (1, 1)
        whole = spoken(rendered(week47, language, role).text)
        assert " ".join(posts.split()[:2]) not in whole


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_says_that_nothing_stood_out_where_it_was_left_out(
    language: str, rendered: Rendered, make_issue: Callable[..., Issue], quiet30: Issue
) -> None:
    """Subject, headline and topics do not call a week ordinary whose topics the editors left out."""
    calm = make_issue(themes=tuple(_calm(row) for row in make_issue().themes))
    hidden = Edits(hidden_topics=tuple(one.key for one in calm.topics))
    mail = rendered(calm, language, edits=hidden)
    assert NOTHING[language] not in mail.subject + mail.text
    assert NOTHING[language] in rendered(make_issue(themes=calm.themes, topics=()), language).subject
    part = Edits(hidden_topics=(calm.topics[1].key,))
    assert NOTHING[language] not in rendered(calm, language, edits=part).text
    raised = rendered(_with_topic(quiet30, calm), language, edits=hidden).text
    told = {"fi": "Nousevia aiheita ei ollut", "sv": "Inga ämnen var på uppgång", "en": "No topic was on the rise"}
    assert told[language] not in spoken(raised)
    assert told[language] in spoken(rendered(quiet30, language).text)


def _calm(row: Row) -> Row:
    return replace(row, is_news=False)


def _with_topic(quiet: Issue, other: Issue) -> Issue:
    return replace(quiet, topics=other.topics[:1])


def test_pinned_topic_leads_and_stays_true(rendered: Rendered, week47: Issue) -> None:
    """The topic that was put first stands in subject, headline and summary, each with its own numbers."""
    last = week47.topics[-1]
    mail = rendered(week47, "sv", edits=Edits(pinned=(last.key,)))
    assert last.label["sv"] in mail.subject
    assert week47.topics[0].label["sv"] not in mail.subject
    assert week47.topics[0].label["sv"] in mail.text


def test_reader_of_the_short_mail_sees_the_post_that_was_moved_up(
    rendered: Rendered, week47: Issue, shown47: Mapping[str, ShownPost]
) -> None:
    """The first of a theme is what the short mail shows; what is left out makes room for the next."""
    first, second = (item.post for item in week47.sections[0].items)
    links = [str(shown47[key].url) for key in (first, second)]
    assert [link in rendered(week47, "fi", "reader").text for link in links] == [True, False]
    for edits in (Edits(order=(second,)), Edits(hidden=(first,))):
        text = rendered(week47, "fi", "reader", edits=edits).text
        assert [link in text for link in links] == [False, True]


def test_quiet_week_of_which_all_is_left_out_says_so(rendered: Rendered, quiet30: Issue) -> None:
    """Also where no post is left to show, the line stands."""
    mail = rendered(quiet30, "en", edits=Edits(hidden=quiet30.shown_keys))
    assert "The editors left out one post. The numbers count every post." in spoken(mail.text)


@pytest.mark.parametrize(
    "words", ["<script>alert(1)</script>", "%%UNSUBSCRIBE%%", "a\u202egnirts", "{{ page }}", "=?utf-8?q?x?="]
)
def test_introduction_does_nothing(words: str, rendered: Rendered, week47: Issue) -> None:
    """Marks, slots and turning characters in the editors' words are words."""
    mail = rendered(week47, "fi", edits=Edits(introduction={"fi": f"Alku {words} loppu"}))
    assert "<script" not in mail.html
    assert mail.text.count("%%UNSUBSCRIBE%%") == rendered(week47, "fi").text.count("%%UNSUBSCRIBE%%")
    assert "\u202e" not in mail.html + mail.text
    assert mail.subject == rendered(week47, "fi").subject
    assert "Alku " in mail.text
