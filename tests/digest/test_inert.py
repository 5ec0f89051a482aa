"""Strangers' words are harmless wherever they are printed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.inert import inert, isolate, one_line, shorten, web_address


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a\u202eb", id="right-to-left override"),
        pytest.param("a\u2066b", id="isolate"),
        pytest.param("a\ud800b", id="lone surrogate"),
        pytest.param("a\ufff9b", id="annotation"),
    ],
)
def test_what_turns_or_breaks_text_is_replaced_visibly(text: str) -> None:
    """A character that acts on its neighbours becomes the mark of something replaced."""
    assert inert(text) == "a\ufffdb"


def test_controls_go_and_lines_stay() -> None:
    """Escape sequences are cut of their escape; every kind of line end is a line end."""
    assert inert("a\x1b[31mb\x00\x7f") == "a[31mb"
    assert inert("a\r\nb\rc\u2028d\x85e") == "a\nb\nc\nd\ne"
    assert one_line(" Subject:\r\n Bcc: x ") == "Subject: Bcc: x"


def test_a_post_cannot_name_a_slot() -> None:
    """The slots that sending fills for each recipient lose their form in a post."""
    assert "%%UNSUBSCRIBE%%" not in inert("see %%UNSUBSCRIBE%%")
    assert inert("100 %% sure") == "100 %% sure"


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "JaVaScRiPt://x.example/%0aalert(1)",
        "data:text/html,x",
        "https://",
        "//x.example",
        "https://x.example/a b",
        'https://x.example/"onmouseover=x',
        "https://x.example/\u202egnp.exe",
        "https://x.example/%%UNSUBSCRIBE%%",
        "https://[x",
        "https://x.example/" + "a" * 2000,
    ],
)
def test_only_web_addresses_become_links(url: str | None) -> None:
    """What is no plain http or https address is no link."""
    assert web_address(url) is None


def test_a_web_address_stays_as_it_is() -> None:
    """A good address is not changed."""
    assert web_address("https://kunta.example/ä?q=1&r=2") == "https://kunta.example/ä?q=1&r=2"


def test_shortening_cuts_at_a_word() -> None:
    """A long text ends at a word and with an ellipsis; a long word is cut inside."""
    assert shorten("yksi kaksi kolme", 12) == "yksi kaksi…"
    assert shorten("yksi", 4) == "yksi"
    assert shorten("a" * 20, 5) == "aaaa…"


@given(text=st.text(), limit=st.integers(1, 40))
def test_shortening_keeps_the_limit(text: str, limit: int) -> None:
    """No text is longer than asked."""
    assert len(shorten(text, limit)) <= limit


def test_right_to_left_words_are_isolated() -> None:
    """Only text that could turn its neighbours is wrapped."""
    assert isolate("שלום") == "\u2068שלום\u2069"
    assert isolate("hei") == "hei"
