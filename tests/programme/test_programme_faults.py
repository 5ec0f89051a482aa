"""Every fault of the configuration is named at once, with its place and its remedy."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from programme import values
from programme.errors import KuntakaikuError, MisuseError
from programme.faults import Fault, Wrong, correction, either
from programme.load import load

THEME = '[[theme]]\nname = { fi = "Meri" }\nseed_words = { fi = ["vesi"] }\n'
WHOLE = f'[programme]\nlanguages = ["fi"]\n{THEME}'


def faults(directory: Path, **files: str) -> list[Fault]:
    """Return the faults of files given by their names without ending."""
    for name, text in {"programme": WHOLE, **files}.items():
        (directory / f"{name}.toml").write_text(text, encoding="utf-8")
    return list(load(directory).faults)


def programme_with(lines: str) -> str:
    """Return a whole programme with further keys in its own table."""
    return f'[programme]\nlanguages = ["fi"]\n{lines}\n{THEME}'


CASES = {
    "broken": ("programme", "[programme\n", "", "not valid TOML at line 1, column 11"),
    "unfinished": ("programme", "a = [", "", "not valid TOML at its end"),
    "deep": ("site", "a = " + "[" * 20_000, "", "too deep"),
    "no programme": ("programme", THEME, "programme", "[programme] is missing"),
    "no theme": ("programme", "[programme]", "theme", "[[theme]] is missing"),
    "empty themes": ("programme", "theme = []\n[programme]", "theme", "there is no theme"),
    "single brackets": ("programme", '[programme]\n[theme]\nname = { fi = "a" }', "theme", "double brackets"),
    "double brackets": ("programme", f"[[programme]]\n{THEME}", "programme", "[programme] in single brackets"),
    "unknown key": ("programme", programme_with('hashtag = ["a"]'), "programme.hashtag", "did you mean hashtags?"),
    "quite unknown key": ("programme", programme_with("zzz = 1"), "programme.zzz", "the keys here are slug, name"),
    "unknown table": ("programme", WHOLE + '[[projects]]\nname = "a"', "projects", "did you mean project?"),
    "plain name": ("programme", programme_with('name = "Kunta"'), "programme.name", 'write { fi = "Kunta" }'),
    "plain long name": ("programme", programme_with(f'name = "{"a" * 99}"'), "programme.name", 'write { fi = "…" }'),
    "plain words": (
        "programme",
        '[programme]\n[[theme]]\nname = { fi = "a" }\nseed_words = ["a"]',
        "theme[1].seed_words",
        'write { fi = ["…"] }',
    ),
    "words no list": (
        "programme",
        '[programme]\n[[theme]]\nname = { fi = "a" }\nseed_words = { fi = "a" }',
        "theme[1].seed_words.fi",
        "it must be a list",
    ),
    "number for name": ("programme", programme_with("name = 7"), "programme.name", "it must be a table"),
    "number for text": ("programme", programme_with("name = { fi = 7 }"), "programme.name.fi", "it must be text"),
    "nameless theme": (
        "programme",
        '[programme]\n[[theme]]\nseed_words = { fi = ["a"] }',
        "theme[1].name",
        'add name = { fi = "…"',
    ),
    "empty name table": (
        "programme",
        '[programme]\n[[theme]]\nname = {}\nseed_words = { fi = ["a"] }',
        "theme[1].name",
        "it is empty",
    ),
    "empty text": ("programme", programme_with('name = { fi = " " }'), "programme.name.fi", "it is empty"),
    "line break": ("programme", programme_with('name = { fi = "a\\nb" }'), "programme.name.fi", "line break"),
    "language": (
        "programme",
        programme_with('name = { Finnish = "a" }'),
        "programme.name.Finnish",
        "not a language code",
    ),
    "no slug": ("programme", programme_with('slug = "Kunta 2021"'), "programme.slug", 'write "kunta-2021"'),
    "no letters": ("programme", programme_with('slug = "…"'), "programme.slug", "choose one of these characters"),
    "reserved": ("programme", WHOLE.replace("[[theme]]", '[[theme]]\nslug = "none"'), "theme[1].slug", "reserved"),
    "reserved too": (
        "programme",
        WHOLE.replace("[[theme]]", '[[theme]]\nslug = "unsure"'),
        "theme[1].slug",
        "reserved",
    ),
    "twice the slug": (
        "programme",
        WHOLE + THEME.replace("Meri", "meri!"),
        "theme[2].slug",
        "stands already in theme[1].slug",
    ),
    "twice the name": (
        "programme",
        WHOLE + THEME + 'slug = "x"',
        "theme[2].name.fi",
        "stands already in theme[1].name.fi",
    ),
    "nothing to know by": (
        "programme",
        '[programme]\n[[theme]]\nname = { fi = "a" }',
        "theme[1]",
        "neither a description nor seed words",
    ),
    "dates": (
        "programme",
        WHOLE + "valid_from = 2021-01-01\nvalid_to = 2020-12-31",
        "theme[1].valid_from",
        "later than valid_to",
    ),
    "instant for date": (
        "programme",
        WHOLE + "valid_from = 2021-01-01T12:00:00",
        "theme[1].valid_from",
        "date",
    ),
    "date in quotes": ("programme", WHOLE + 'valid_from = "2021-01-01"', "theme[1].valid_from", "without quotes"),
    "time zone": (
        "programme",
        programme_with('time_zone = "Europe/Helsinky"'),
        "programme.time_zone",
        "Europe/Helsinki?",
    ),
    "odd time zone": ("programme", programme_with('time_zone = "../x"'), "programme.time_zone", "no time zone"),
    "zone of numbers": (
        "programme",
        programme_with('time_zone = "123"'),
        "programme.time_zone",
        "like Europe/Helsinki",
    ),
    "hashtag": ("programme", programme_with('hashtags = ["kunta-2021"]'), "programme.hashtags[1]", "not a hashtag"),
    "hashtag of digits": (
        "programme",
        programme_with('hashtags = ["a", "#2021"]'),
        "programme.hashtags[2]",
        "digits alone",
    ),
    "no list": ("programme", programme_with('hashtags = "a"'), "programme.hashtags", "it must be a list"),
    "text limit": ("programme", programme_with("text_limit = 5"), "programme.text_limit", "write at least 280"),
    "project's theme": (
        "programme",
        WHOLE + '[[project]]\nname = { fi = "a" }\nthemes = ["mere"]',
        "project[1].themes[1]",
        "did you mean meri?",
    ),
    "project's kind": (
        "programme",
        WHOLE + '[[project]]\nname = { fi = "a" }\nkind = "networks"',
        "project[1].kind",
        "did you mean network?",
    ),
    "project's account": (
        "programme",
        WHOLE + '[[project]]\nname = { fi = "a" }\naccounts = ["a b"]',
        "project[1].accounts[1]",
        "not an account",
    ),
    "organisation's account": (
        "programme",
        WHOLE + '[[organisation]]\nname = { fi = "a" }\naccounts = ["kunta"]',
        "organisation[1].accounts[1]",
        "does not say on which network",
    ),
    "municipality": (
        "programme",
        WHOLE + '[[organisation]]\nname = { fi = "a" }\nmunicipality = "91"',
        "organisation[1].municipality",
        "three digits",
    ),
    "no network": ("sources", '[[source]]\nname = "a"', "source[1].network", "it is missing"),
    "unknown network": ("sources", '[[source]]\nnetwork = "mastodan"', "source[1].network", "did you mean mastodon?"),
    "quite unknown network": (
        "sources",
        '[[source]]\nnetwork = "orkut"',
        "source[1].network",
        "write x, mastodon, bluesky, feed or lemmy",
    ),
    "number for network": ("sources", "[[source]]\nnetwork = 1", "source[1].network", "it must be text"),
    "no address": ("sources", '[[source]]\nnetwork = "bluesky"', "source[1].base_url", "it is missing"),
    "file address": (
        "sources",
        '[[source]]\nnetwork = "x"\nbase_url = "file:///etc/passwd"',
        "source[1].base_url",
        "not a web address",
    ),
    "no server": (
        "sources",
        '[[source]]\nnetwork = "x"\nbase_url = "https://"',
        "source[1].base_url",
        "not a web address",
    ),
    "bad port": (
        "sources",
        '[[source]]\nnetwork = "x"\nbase_url = "https://a:b"',
        "source[1].base_url",
        "not a web address",
    ),
    "page for stream": (
        "sources",
        '[[source]]\nnetwork = "bluesky"\nbase_url = "https://a"\nstream = "https://a/subscribe"',
        "source[1].stream",
        "begins with wss://",
    ),
    "stream of neither kind": (
        "sources",
        '[[source]]\nnetwork = "bluesky"\nbase_url = "https://a"\nstream = "wss://bsky.network"',
        "source[1].stream",
        "/xrpc/com.atproto.sync.subscribeRepos",
    ),
    "stream with a cursor": (
        "sources",
        '[[source]]\nnetwork = "bluesky"\nbase_url = "https://a"\nstream = "wss://a/subscribe?cursor=1"',
        "source[1].stream",
        "nothing after it",
    ),
    "stream with a password": (
        "sources",
        '[[source]]\nnetwork = "bluesky"\nbase_url = "https://a"\nstream = "wss://a:b@c/subscribe"',
        "source[1].stream",
        "secrets come from the environment",
    ),
    "stream of another network": (
        "sources",
        '[[source]]\nnetwork = "mastodon"\nbase_url = "https://a"\nstream = "wss://a/subscribe"',
        "source[1].stream",
        "only Bluesky",
    ),
    "twice the source": (
        "sources",
        '[[source]]\nnetwork = "x"\n[[source]]\nname = "X"\nnetwork = "x"',
        "source[2].name",
        "stands already",
    ),
    "one token for two": (
        "sources",
        '[[source]]\nname = "a-b"\nnetwork = "x"\n[[source]]\nname = "a_b"\nnetwork = "x"',
        "source[2].name",
        "share one token",
    ),
    "source import": ("sources", '[[source]]\nname = "import"\nnetwork = "x"', "source[1].name", "another name"),
    "source name": (
        "sources",
        '[[source]]\nname = "Kunnan syöte"\nnetwork = "x"',
        "source[1].name",
        'write "kunnan-syote"',
    ),
    "duration": ("sources", '[[source]]\nnetwork = "x"\nevery = "15 minutes"', "source[1].every", 'like "15 min"'),
    "no duration": ("sources", '[[source]]\nnetwork = "x"\nevery = "0 min"', "source[1].every", "no time to wait"),
    "long duration": ("sources", '[[source]]\nnetwork = "x"\nevery = "8 d"', "source[1].every", "at most"),
    "budget": (
        "sources",
        '[[source]]\nnetwork = "x"\nmonthly_budget_usd = -1',
        "source[1].monthly_budget_usd",
        "write at least 0",
    ),
    "endless budget": (
        "sources",
        '[[source]]\nnetwork = "x"\nmonthly_budget_usd = inf',
        "source[1].monthly_budget_usd",
        "a number that ends",
    ),
    "yes in quotes": ("sources", '[[source]]\nnetwork = "x"\nenabled = "yes"', "source[1].enabled", "true or false"),
    "no timeout": ("sources", '[[source]]\nnetwork = "x"\ntimeout = 0', "source[1].timeout", "write more than 0"),
    "sender": ("delivery", 'sender = "Kunta"', "sender", "not a sender"),
    "sender's line": ("delivery", 'sender = "K\\r\\nBcc: a@b.example <k@kunta.example>"', "sender", "line break"),
    "nobody to send from": ("delivery", 'smtp = { host = "localhost" }', "sender", "nobody to send from"),
    "no host": ("delivery", 'sender = "a@b.example"\nsmtp = { port = 25 }', "smtp.host", "it is missing"),
    "smtp as text": ("delivery", 'smtp = "localhost"', "smtp", "it must be a table"),
    "host with scheme": (
        "delivery",
        'sender = "a@b.example"\nsmtp = { host = "smtp://b.example" }',
        "smtp.host",
        "without http://",
    ),
    "port": ("delivery", 'sender = "a@b.example"\nsmtp = { host = "b", port = 70000 }', "smtp.port", "at most 65535"),
    "port as text": (
        "delivery",
        'sender = "a@b.example"\nsmtp = { host = "b", port = "25" }',
        "smtp.port",
        "whole number",
    ),
    "security": (
        "delivery",
        'sender = "a@b.example"\nsmtp = { host = "b", security = "startls" }',
        "smtp.security",
        "did you mean starttls?",
    ),
    "open password": (
        "delivery",
        'sender = "a@b.example"\nsmtp = { host = "b.example", security = "none", auth = "password" }',
        "smtp.security",
        "open line",
    ),
    "open password of the mailbox": (
        "delivery",
        'bounces = { host = "imap.example", security = "none" }',
        "bounces.security",
        "open line",
    ),
    "mailbox without authorities": (
        "delivery",
        'bounces = { host = "imap.example", ca_file = "no.pem" }',
        "bounces.ca_file",
        "no such file",
    ),
    "no authorities": (
        "delivery",
        'sender = "a@b.example"\nsmtp = { host = "b.example", ca_file = "no.pem" }',
        "smtp.ca_file",
        "no such file",
    ),
    "weekday": ("delivery", 'draft = "monday 07:00"', "draft", 'like "mon 07:00"'),
    "weekday's number": ("delivery", 'draft = "1 07:00"', "draft", "not a weekday"),
    "hour": ("delivery", 'auto_send = "mon 24:00"', "auto_send", "not a weekday"),
    "gap": ("delivery", "gap_limit = 1.5", "gap_limit", "write at most 1"),
    "gap in percent": ("delivery", 'gap_limit = "10 %"', "gap_limit", "it must be a number"),
    "quote": ("delivery", 'quote_private = "all"', "quote_private", "none, link or text"),
    "address": ("recipients", '[[recipient]]\naddress = "kunta"', "recipient[1].address", "not a mail address"),
    "hostile address": (
        "recipients",
        '[[recipient]]\naddress = "a@b.example\\nBcc: c@d.example"',
        "recipient[1].address",
        "not a mail address",
    ),
    "twice the address": (
        "recipients",
        '[[recipient]]\naddress = "a@b.example"\n[[recipient]]\naddress = "A@b.example"',
        "recipient[2].address",
        "stands in recipient[1].address",
    ),
    "foreign language": (
        "recipients",
        '[[recipient]]\naddress = "a@b.example"\nlanguage = "sv"',
        "recipient[1].language",
        "not read in 'sv'",
    ),
    "role": (
        "recipients",
        '[[recipient]]\naddress = "a@b.example"\nrole = "admin"',
        "recipient[1].role",
        "administrator",
    ),
    "one recipient": ("recipients", '[recipient]\naddress = "a@b.example"', "recipient", "[[recipient]] in double"),
    "site address": ("site", 'public_url = "kaiku.example"', "public_url", "begins with https://"),
    "address with control": ("site", 'public_url = "https://a\\u0000b"', "public_url", "not a web address"),
    "login": ("site", 'login = "magic"', "login", "did you mean magic-link?"),
    "oidc": ("site", 'login = "oidc"\n[oidc]\nissuer = "https://a"', "oidc.client_id", "the login needs it"),
    "privacy": ("site", "[privacy]\nretention_month = 3", "privacy.retention_month", "did you mean retention_months?"),
    "retention": ("site", "[privacy]\nretention_months = 0", "privacy.retention_months", "write at least 1"),
    "privacy list": ("site", "[privacy]\ncontact = [1]", "privacy.contact", "it must be text"),
}


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
