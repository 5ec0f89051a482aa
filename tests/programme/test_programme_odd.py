"""No configuration, however odd, makes a traceback; and the small promises of the frozen types."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from programme.load import load, load_or_raise, shipped_directory
from programme.types import Localised

KEYS = [
    "programme",
    "theme",
    "project",
    "phenomenon",
    "organisation",
    "source",
    "smtp",
    "recipient",
    "oidc",
    "privacy",
    "slug",
    "name",
    "page",
    "languages",
    "words",
    "time_zone",
    "hashtags",
    "seed_words",
    "description",
    "themes",
    "valid_from",
    "valid_to",
    "kind",
    "accounts",
    "network",
    "base_url",
    "every",
    "sender",
    "host",
    "auth",
    "security",
    "ca_file",
    "draft",
    "address",
    "language",
    "role",
    "login",
    "token",
    "password",
    "fi",
    "sv",
]
FILES = ("programme", "sources", "delivery", "recipients", "site")
LEAVES = st.one_of(
    st.sampled_from(["", "x", "fi", "password", "none", "starttls", "feed", "1 h", "mon 07:00", "a@b.example"]),
    st.integers(-9, 99_999),
    st.booleans(),
    st.sampled_from([1.5, float("nan"), float("inf")]),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=8,
)


def toml(value: object) -> str:
    """Return a value in TOML, on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return str(value) if isinstance(value, float) else json.dumps(value)


@settings(max_examples=25, deadline=None)
@given(files=st.dictionaries(st.sampled_from(FILES), st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=5)))
def test_any_configuration_is_read_or_its_faults_are_told(files: dict[str, dict[str, object]]) -> None:
    """Whatever stands in the files, there is a configuration or at least one fault, each with its remedy."""
    with TemporaryDirectory() as name:
        for file, table in files.items():
            text = "\n".join(f"{key} = {toml(value)}" for key, value in table.items())
            (Path(name) / f"{file}.toml").write_text(text, encoding="utf-8")
        loaded = load(Path(name))
    assert (loaded.configuration is None) == bool(loaded.faults)
    assert all(fault.problem and fault.remedy and "\n" not in str(fault) for fault in loaded.faults)


def test_localised_text_falls_back() -> None:
    """A text in a language that lacks it is the first there is; none at all is empty and false."""
    text = Localised({"sv": "kommun", "en": "municipality"})
    assert (text["en"], text["fi"]) == ("municipality", "kommun")
    assert text
    assert not Localised({})
    assert Localised({})["fi"] == ""


def test_what_is_not_there_is_named() -> None:
    """A theme or source that does not exist is a KeyError with its name."""
    configuration = load_or_raise(shipped_directory())
    assert configuration.programme.theme("operating-models").name["en"].startswith("Operating models")
    assert str(configuration.programme.zone) == "Europe/Helsinki"
    with pytest.raises(KeyError, match="nothing"):
        configuration.programme.theme("nothing")
    with pytest.raises(KeyError, match="nowhere"):
        configuration.source("nowhere")
