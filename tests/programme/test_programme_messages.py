"""The catalogues: the same keys and placeholders in every shipped language, and overrides that cannot break a mail."""

from pathlib import Path

import pytest

from programme.faults import ConfigurationError
from programme.load import load, shipped_directory
from programme.messages import Messages, catalogue_files, read_catalogue

ENGLISH = """
[digest]
greeting = "Hello {name}"
posts = { one = "One post", other = "{count} posts" }
[digest.quiet]
week = "A quiet week"
"""
FINNISH = """
[digest]
greeting = "Hei {name}"
posts = { one = "{count} viesti", other = "{count} viestiä" }
"""
SHIPPED = dict(catalogue_files(shipped_directory()))
SMALLEST = '[programme]\n[[theme]]\nname = { et = "Kala" }\nseed_words = { et = ["kala"] }\n'


def catalogues(directory: Path, **texts: str) -> Path:
    """Return a configuration directory with catalogues."""
    (directory / "locales").mkdir(parents=True, exist_ok=True)
    for language, text in texts.items():
        (directory / "locales" / f"{language}.toml").write_text(text, encoding="utf-8")
    return directory


@pytest.fixture
def messages(tmp_path: Path) -> Messages:
    """Return messages in English and, in part, Finnish."""
    return Messages.load(catalogues(tmp_path / "shipped", en=ENGLISH, fi=FINNISH))


def test_a_message_is_filled_in(messages: Messages) -> None:
    """A message speaks its language with its fields filled; values that it does not name are passed over."""
    assert messages.translate("digest.greeting", "fi", name="Aino", other=1) == "Hei Aino"


@pytest.mark.parametrize(
    ("count", "said"),
    [
        pytest.param(1, "One post", id="one"),
        pytest.param(0, "0 posts", id="none"),
        pytest.param(2, "2 posts", id="two"),
    ],
)
def test_a_count_chooses_the_form(messages: Messages, count: int, said: str) -> None:
    """One is said in the singular, all else in the plural."""
    assert messages.translate("digest.posts", "en", count=count) == said


def test_a_language_falls_back(messages: Messages) -> None:
    """A regional language reads its language, and what a language lacks is said in English and listed."""
    assert messages.translate("digest.greeting", "fi-FI", name="Aino") == "Hei Aino"
    assert messages.translate("digest.quiet.week", "fi") == "A quiet week"
    assert messages.translate("digest.quiet.week", "et") == "A quiet week"
    assert messages.missing("fi") == messages.missing("fi-FI") == ["digest.quiet.week"]
    assert messages.missing("et") == ["digest.greeting", "digest.posts", "digest.quiet.week"]
    assert messages.languages == ("en", "fi")
    assert messages.placeholders("digest.posts", "fi") == {"count"}


def test_a_missing_key_is_named(messages: Messages) -> None:
    """An unknown key, and a field without value, raise a KeyError that names them."""
    with pytest.raises(KeyError, match=r"digest\.nothing"):
        messages.translate("digest.nothing", "fi")
    with pytest.raises(KeyError, match=r"digest\.greeting \(fi\) needs a value for 'name'"):
        messages.translate("digest.greeting", "fi")


def test_own_catalogues_lie_over_the_shipped(tmp_path: Path, messages: Messages) -> None:
    """A configuration's own catalogue overrides single messages and adds languages."""
    own = catalogues(
        tmp_path / "own", fi='[digest]\ngreeting = "Terve {name}"', et='[digest.quiet]\nweek = "Vaikne nädal"'
    )
    laid = Messages.load(tmp_path / "shipped", own)
    assert laid.translate("digest.greeting", "fi", name="Aino") == "Terve Aino"
    assert laid.translate("digest.posts", "fi", count=1) == "1 viesti"
    assert laid.translate("digest.quiet.week", "et") == "Vaikne nädal"
    assert messages.translate("digest.greeting", "fi", name="Aino") == "Hei Aino"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param('a = "{b"', "braces do not match", id="open brace"),
        pytest.param('a = "{}"', "not a plain field name", id="nameless field"),
        pytest.param('a = "{b.__class__}"', "not a plain field name", id="attribute"),
        pytest.param('a = "{b[0]}"', "not a plain field name", id="index"),
        pytest.param('a = "{b!r}"', "not a plain field name", id="conversion"),
        pytest.param('a = "{b:>9999999}"', "not a plain field name", id="format"),
        pytest.param("a = 1", "neither text nor a pair", id="number"),
        pytest.param('a = { one = "x" }', "neither text nor a pair", id="half a pair"),
        pytest.param('a = { one = "x", other = 1 }', "neither text nor a pair", id="number in a pair"),
        pytest.param("a = ", "not valid TOML", id="broken file"),
    ],
)
def test_broken_catalogue_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    """A message that could fail in the middle of a mail, or reach into our objects, is a fault at the start."""
    with pytest.raises(ConfigurationError, match=problem):
        Messages.load(catalogues(tmp_path, en=text))


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        pytest.param('[nothing]\nlike = "this"', "nothing.like", "there is no such message", id="unknown key"),
        pytest.param("a = [", "", "not valid TOML", id="broken"),
        pytest.param('a = "{b.c}"', "a", "plain field name", id="reaching field"),
    ],
)
def test_faults_of_own_catalogues(tmp_path: Path, text: str, key: str, words: str) -> None:
    """Faults of a configuration's own catalogues are named with all others."""
    (tmp_path / "programme.toml").write_text(SMALLEST, encoding="utf-8")
    catalogues(tmp_path, et=text)
    found = [fault for fault in load(tmp_path).faults if fault.key == key and words in str(fault)]
    assert [fault.file for fault in found] == ["locales/et.toml"]


def test_placeholders_of_own_catalogues(tmp_path: Path) -> None:
    """An own message fills in exactly what the shipped English one does."""
    messages = Messages.load(shipped_directory())
    english, _ = read_catalogue(SHIPPED["en"])
    key = next(key for key in english if messages.placeholders(key, "en"))
    plain = next(key for key in english if not messages.placeholders(key, "en"))
    (tmp_path / "programme.toml").write_text(SMALLEST, encoding="utf-8")
    right = next(other for other in english if other not in (key, plain) and not english[other].placeholders)
    catalogues(tmp_path, et=f'{key} = "palju"\n{plain} = "{{palju}}"\n{right} = "õige"')
    found = {fault.key: str(fault) for fault in load(tmp_path).faults}
    assert set(found) == {key, plain}
    assert "it lacks {" in found[key]
    assert found[plain] == f"locales/et.toml: {plain}: nothing fills {{palju}}, write it without fields"


def test_misspelt_key_is_guessed(tmp_path: Path) -> None:
    """A key one letter off the shipped one is guessed."""
    key = next(iter(read_catalogue(SHIPPED["en"])[0]))
    (tmp_path / "programme.toml").write_text(SMALLEST, encoding="utf-8")
    catalogues(tmp_path, et=f'{key}x = "a"')
    assert f"did you mean {key}?" in str(load(tmp_path).faults[0])


@pytest.mark.parametrize("language", SHIPPED)
def test_shipped_catalogues_say_the_same(language: str) -> None:
    """Every shipped catalogue has the English keys, fills in the same fields, and counts where English counts."""
    english, _ = read_catalogue(SHIPPED["en"])
    own, faults = read_catalogue(SHIPPED[language])
    assert faults == []
    assert sorted(own) == sorted(english)
    assert {key for key in own if own[key].placeholders != english[key].placeholders} == set()
    assert {key for key in own if (own[key].one is None) != (english[key].one is None)} == set()


def test_the_programme_s_languages_have_catalogues() -> None:
    """Finnish, Swedish and English are shipped."""
    assert set(SHIPPED) == {"fi", "sv", "en"}
