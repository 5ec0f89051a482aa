"""Guidelines for people who label: read whole, versioned, and faulty ones told."""

from pathlib import Path

import pytest

from programme.faults import ConfigurationError
from programme.guidelines import guidelines_or_raise, read_guidelines
from programme.load import shipped_directory
from programme.types import Programme

GOOD = """
[fi]
inclusion = ["Kuuluu."]
exclusion = ["Ei kuulu."]
borderline = [{ text = "Keksitty.", theme = "none", why = "Siksi." }]
"""


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A directory with one theme's guideline in one language."""
    (tmp_path / "guidelines").mkdir()
    (tmp_path / "guidelines" / "operating-models.toml").write_text(GOOD, "utf-8")
    return tmp_path


def test_shipped_guidelines_are_whole(programme: Programme) -> None:
    """Every theme has its page in every reading language, each with all three parts."""
    found = guidelines_or_raise(shipped_directory(), programme)
    assert found.missing(programme) == {}
    assert tuple(found.pages) == programme.slugs
    for by_language in found.pages.values():
        assert set(by_language) == {"fi", "sv", "en"}
        assert all(page.inclusion and page.exclusion and page.borderline for page in by_language.values())
        assert len({tuple(one.theme for one in page.borderline) for page in by_language.values()}) == 1


def test_an_edit_makes_another_version(written: Path, programme: Programme) -> None:
    """The version stays while nothing changes, and is another one after any edit."""
    before = guidelines_or_raise(written, programme).version
    assert guidelines_or_raise(written, programme).version == before != ""
    (written / "guidelines" / "operating-models.toml").write_text(GOOD.replace("Kuuluu", "Kuuluu myös"), "utf-8")
    assert guidelines_or_raise(written, programme).version != before


def test_missing_languages_and_themes_are_named(written: Path, programme: Programme) -> None:
    """What a reading language lacks is told by theme; a missing page is shown in another language."""
    found = guidelines_or_raise(written, programme)
    assert found.missing(programme)["operating-models"] == ["sv", "en"]
    assert found.missing(programme)["municipality-and-region"] == ["fi", "sv", "en"]
    assert found.page("operating-models", "sv") == found.page("operating-models", "fi")
    assert found.page("municipality-and-region", "fi") is None


def test_without_guidelines_nothing_is_missing(tmp_path: Path, programme: Programme) -> None:
    """They are optional."""
    found, faults = read_guidelines(tmp_path, programme)
    assert (found.version, found.missing(programme), faults) == ("", {}, [])


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("operating-model", GOOD, "did you mean operating-models?"),
        ("operating-models", "fi = 3", "it is no table"),
        ("operating-models", "[fi]\ninclusions = []", "did you mean inclusion?"),
        ("operating-models", '[fi]\ninclusion = "yksi"', "it is no list"),
        ("operating-models", "[fi]\nexclusion = [3]", "something else than sentences"),
        ("operating-models", '[fi]\nborderline = [{ text = "a" }]', "it is no example"),
        ("operating-models", '[fi]\nborderline = [{ text = "a", theme = "x", why = 3 }]', "something else than texts"),
        ("operating-models", '[fi]\nborderline = [{ text = "a", theme = "x", why = "b" }]', "no such theme"),
        ("operating-models", "[fi", "not valid TOML"),
    ],
)
def test_each_fault_is_told(name: str, text: str, problem: str, tmp_path: Path, programme: Programme) -> None:
    """A wrong file, list or example is a fault with its place and remedy."""
    (tmp_path / "guidelines").mkdir()
    (tmp_path / "guidelines" / f"{name}.toml").write_text(text, "utf-8")
    with pytest.raises(ConfigurationError) as raised:
        guidelines_or_raise(tmp_path, programme)
    assert problem in str(raised.value)
    assert f"guidelines/{name}.toml" in str(raised.value)


def test_pages_of_another_programme_are_passed_over(tmp_path: Path, programme: Programme) -> None:
    """Pages of themes that the programme lacks, as `init` leaves them, are named and stop nothing."""
    (tmp_path / "guidelines").mkdir()
    for name in ("operating-models", "parks-and-recreation"):
        (tmp_path / "guidelines" / f"{name}.toml").write_text(GOOD, "utf-8")
    found, faults = read_guidelines(tmp_path, programme)
    assert faults == []
    assert found.unused == ("parks-and-recreation",)
    assert set(found.pages) == {"operating-models"}
