"""Every fault of the configuration is named at once, with its place and its remedy."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from programme import values
from programme.errors import KuntakaikuError, MisuseError
from programme.faults import Fault, Wrong, correction, either
from programme.load import load
from tests.programme.faulty import CASES, WHOLE


def faults(directory: Path, **files: str) -> list[Fault]:
    """Return the faults of files given by their names without ending."""
    for name, text in {"programme": WHOLE, **files}.items():
        (directory / f"{name}.toml").write_text(text, encoding="utf-8")
    return list(load(directory).faults)


@pytest.mark.parametrize(("file", "text", "key", "words"), CASES.values(), ids=CASES)
def test_fault_is_named_with_its_remedy(tmp_path: Path, file: str, text: str, key: str, words: str) -> None:
    """Each fault says file, key, what is wrong and what to do."""
    found = faults(tmp_path, **{file: text})
    matching = [fault for fault in found if fault.key == key and words in str(fault)]
    assert matching, [str(fault) for fault in found]
    assert matching[0].file == f"{file}.toml"
    assert all(fault.problem and fault.remedy and "\n" not in str(fault) for fault in found)


@pytest.mark.parametrize(
    ("file", "text", "variable"),
    [
        ("delivery", 'sender = "a@b.example"\nsmtp = { host = "b", password = "hush" }', "KUNTAKAIKU_SMTP_PASSWORD"),
        ("delivery", 'bounces = { host = "b", password = "hush" }', "KUNTAKAIKU_IMAP_PASSWORD"),
        ("delivery", 'dkim = { selector = "a", private_key = "hush" }', "KUNTAKAIKU_DKIM_KEY"),
        ("sources", '[[source]]\nnetwork = "x"\nbearer_token = "hush"', "KUNTAKAIKU_X_BEARER_TOKEN"),
        (
            "sources",
            '[[source]]\nname = "my-place"\nnetwork = "mastodon"\nbase_url = "https://a"\ntoken = "hush"',
            "KUNTAKAIKU_TOKEN_MY_PLACE",
        ),
        ("sources", '[[source]]\nnetwork = "x"\noptions = { api_key = "hush" }', "KUNTAKAIKU_X_BEARER_TOKEN"),
        ("sources", 'token = "hush"', "KUNTAKAIKU_TOKEN_<SOURCE NAME>"),
        ("site", '[oidc]\nclient_secret = "hush"', "KUNTAKAIKU_OIDC_CLIENT_SECRET"),
        ("site", 'secret_key = "hush"', "KUNTAKAIKU_SECRET_KEY"),
        ("programme", WHOLE + '[export]\npseudonym_key = "hush"', "KUNTAKAIKU_PSEUDONYM_KEY"),
        ("programme", WHOLE + 'password = "hush"', "in the environment"),
    ],
    ids=["smtp", "imap", "dkim", "x", "mastodon", "options", "no source", "oidc", "cookie", "pseudonyms", "stray"],
)
def test_secret_in_a_file_is_refused_unspoken(tmp_path: Path, file: str, text: str, variable: str) -> None:
    """A secret in a file is one fault that tells the environment variable and never the secret."""
    found = [fault for fault in faults(tmp_path, **{file: text}) if "a secret stands in a file" in fault.problem]
    assert len(found) == 1
    assert variable in found[0].remedy
    assert not any("hush" in str(fault) for fault in load(tmp_path).faults)


def test_password_in_an_address_is_refused_unspoken(tmp_path: Path) -> None:
    """A password within a web address is a fault that does not repeat it."""
    (fault,) = faults(tmp_path, site='public_url = "https://me:hush@kaiku.example"')
    assert "secrets come from the environment" in fault.remedy
    assert "hush" not in str(fault)


def test_every_fault_of_every_file_at_once(tmp_path: Path) -> None:
    """Faults in one table hide none in another, nor what the parts disagree about; they come file by file."""
    found = faults(
        tmp_path,
        programme='[programme]\nlanguages = ["fi"]\nslug = "A B"\n[[theme]]\nslug = "a"\nname = { fi = "x" }\n'
        '[[theme]]\nslug = "a"\nname = "x"\nseed_words = { fi = ["a"] }\ncolour = "red"',
        sources='[[source]]\nname = "s"\nnetwork = "myspace"\n[[source]]\nname = "s"\nnetwork = "x"\nevery = 15',
        delivery="smtp = [",
        recipients='[[recipient]]\naddress = "no"\nlanguage = "de"\nrole = "king"',
        site='login = "x"',
    )
    assert [(fault.file, fault.key) for fault in found] == [
        ("programme.toml", "programme.slug"),
        ("programme.toml", "theme[2].name"),
        ("programme.toml", "theme[2].colour"),
        ("programme.toml", "theme[2].slug"),
        ("programme.toml", "theme[1]"),
        ("sources.toml", "source[1].network"),
        ("sources.toml", "source[2].every"),
        ("sources.toml", "source[2].name"),
        ("delivery.toml", ""),
        ("recipients.toml", "recipient[1].address"),
        ("recipients.toml", "recipient[1].role"),
        ("recipients.toml", "recipient[1].language"),
        ("site.toml", "login"),
    ]


def test_missing_directory(tmp_path: Path) -> None:
    """A directory that is not there is one fault, which names it and the command that makes one."""
    (fault,) = load(tmp_path / "nowhere").faults
    assert fault.file == "programme.toml"
    assert "kuntakaiku init" in str(fault)


def test_wrong_encoding(tmp_path: Path) -> None:
    """A file in another encoding is named with the line that shows it."""
    (tmp_path / "programme.toml").write_bytes(WHOLE.encode() + "# hyvä".encode("latin-1"))
    (fault,) = load(tmp_path).faults
    assert "line 6 is not UTF-8" in fault.problem


def test_unreadable_file(tmp_path: Path) -> None:
    """A directory in a file's place is a fault, not a traceback."""
    (tmp_path / "site.toml").mkdir()
    (fault,) = faults(tmp_path)
    assert fault.file == "site.toml"
    assert "cannot be read" in fault.problem


def test_misspelt_file_name(tmp_path: Path) -> None:
    """A file whose name is a slip of the pen is not passed over in silence; examples and others are."""
    found = faults(tmp_path, recipient="", notes="", **{"recipients.example": ""})
    assert [str(fault) for fault in found] == [
        "recipient.toml: no file of this name is read, did you mean recipients.toml?"
    ]


def test_recipients_are_not_measured_by_a_programme_that_cannot_be_read(tmp_path: Path) -> None:
    """A broken programme does not accuse the recipients' languages."""
    found = faults(tmp_path, programme="[", recipients='[[recipient]]\naddress = "a@b.example"\nlanguage = "sv"')
    assert [fault.file for fault in found] == ["programme.toml"]


SINGLE = [
    values.line,
    values.prose,
    values.theme_slug,
    values.language,
    values.time_zone,
    values.hashtag,
    values.duration,
    values.weekday_time,
    values.address,
    values.sender,
    values.web_address,
    values.stream_address,
    values.source_name,
    values.account,
    values.listed_account,
    values.municipality,
    values.host,
]


@pytest.mark.parametrize("judge", SINGLE, ids=lambda judge: judge.__name__)
@settings(max_examples=30, deadline=None)
@given(text=st.text(max_size=80))
def test_any_text_is_taken_or_refused_with_a_remedy(judge: object, text: str) -> None:
    """No text whatever makes a traceback, and what a judge returns it would take again."""
    assert callable(judge)
    value: object = None
    try:
        value = judge(text)
    except Wrong as wrong:
        words = wrong.problem and wrong.remedy
    else:
        words = "none needed"
    assert words
    if isinstance(value, str):
        assert judge(value) == value
        assert not {"\n", "\r", "\0"} & set(value)


def test_words_of_a_remedy() -> None:
    """A remedy guesses the word that was meant, and lists the choices where it cannot."""
    assert either(["a"]) == "a"
    assert either(["a", "b", "c"]) == "a, b or c"
    assert correction("redaer", ["reader", "editor"]) == "did you mean reader?"
    assert correction("zzz", ["reader", "editor"]) == "write reader or editor"


def test_an_error_speaks_its_remedy() -> None:
    """An error tells what is wrong and what to do, and misuse exits with 2."""
    assert str(KuntakaikuError("It broke.", "Mend it.")) == "It broke. Mend it."
    assert str(KuntakaikuError("It broke.")) == "It broke."
    assert MisuseError("It cannot be.").exit_code == 2
