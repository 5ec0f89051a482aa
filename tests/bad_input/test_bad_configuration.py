"""Broken configurations of every kind: every fault at once, exit 2, nothing started, nothing sent."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.bad_input.judges import ACTING, read_mail

pytestmark = pytest.mark.everything

Command = Callable[..., Any]
DEEP = "a = " + "[" * 5_000
FILES = {
    "not TOML": b"[programme\n",
    "not UTF-8": "name = 'päivä'".encode("latin-1"),
    "utf-16": "[programme]".encode("utf-16"),
    "NUL": b'a = "\0"\n',
    "nested without end": DEEP.encode(),
    "escape sequences": b'a = "\x1b[2J"\n"\\u001b[2J" = 1\n',
    "other types": b"programme = 5\ntheme = 'x'\nsource = 1\nrecipient = {}\nsender = []\nsmtp = 'x'\nprivacy = 3\n",
    "lists": b"[[programme]]\n[[site]]\n[[privacy]]\n[[smtp]]\n",
    "numbers": b"gap_limit = nan\nlogin = inf\nsender = 1e999\ndraft = 9999999999999999999999\n",
    "endless name": b"a" * 100_000 + b" = 1\n",
    "twice": b"a = 1\na = 2\n",
}
NAMES = ("programme.toml", "sources.toml", "delivery.toml", "recipients.toml", "site.toml", "locales/fi.toml")


@pytest.mark.parametrize("name", NAMES)
def test_each_broken_file_is_told_and_nothing_starts(
    kuntakaiku: Command, house: Path, configured: Path, name: str
) -> None:
    """Whatever stands in one file: faults with file and remedy, no database, no stack, and an inert terminal."""
    path = configured / name
    path.parent.mkdir(exist_ok=True)
    for content in FILES.values():
        path.write_bytes(content)
        told = kuntakaiku("collect")
        assert told.exit == 2, (content[:40], told.out)
        assert name in told.err
        assert "Traceback" not in told.err
        assert not ACTING.search(told.err.replace("\n", ""))
        faults = kuntakaiku("check", "--json").json["faults"]
        assert faults
        assert all(fault["file"] and fault["problem"] and fault["remedy"] for fault in faults)
    path.unlink()
    path.mkdir()
    told = kuntakaiku("collect")
    assert (told.exit, name in told.err) == (2, True)
    assert not (house / "kuntakaiku.db").exists()


LOCALES = {
    "attribute": 'footer = "{0.__class__}"',
    "index": 'footer = "{n[0]}"',
    "braces": 'footer = "{n"',
    "unknown key": 'no_such_key = "x"',
    "number": "footer = 5",
    "half a plural": 'footer = { one = "x" }',
}


@pytest.mark.parametrize("text", LOCALES.values(), ids=LOCALES)
def test_broken_words_are_faults_of_the_configuration(kuntakaiku: Command, configured: Path, text: str) -> None:
    """A catalogue that reaches into objects, or says nothing, stops the program before a mail is made."""
    (configured / "locales").mkdir()
    (configured / "locales" / "fi.toml").write_text(f"[digest]\n{text}\n")
    told = kuntakaiku("digest", "draft")
    assert told.exit == 2
    assert "locales/fi.toml: digest" in told.err


RECIPIENTS = """
[[recipient]]
address = "nobody"
language = "fi"
role = "reader"
[[recipient]]
address = "a@example.org\\r\\nBcc: b@example.org"
language = "fi"
role = "reader"
[[recipient]]
address = "same@example.org"
language = "fi"
role = "reader"
[[recipient]]
address = "Same@Example.org"
language = "xx"
role = "king"
[[recipient]]
address = "ä@example.org"
language = "sv"
role = "editor"
"""


def test_all_faults_of_recipients_are_told_before_anything_is_sent(
    kuntakaiku: Command, house: Path, configured: Path
) -> None:
    """Wrong, doubled and hostile addresses, unknown languages and roles: all at once, and nobody gets a mail."""
    for verb in ("draft", "approve"):
        assert kuntakaiku("digest", verb).exit == 0
    (configured / "recipients.toml").write_text(RECIPIENTS, encoding="utf-8")
    told = kuntakaiku("digest", "send")
    assert told.exit == 2
    for key in ("[1].address", "[2].address", "[4].address", "[4].language", "[4].role", "[5].address"):
        assert f"recipients.toml: recipient{key}" in told.err
    assert "nobody" not in told.err
    assert "example.org" not in told.err
    assert not (house / "mail").exists()


HOSTILE = 'x\\" <b>&amp; =?utf-8?q?=0D=0ABcc:_b@example.org?= \\u202e ,;:<>[]@ ' + "ä" * 300


def test_hostile_names_of_a_programme_break_no_header(kuntakaiku: Command, house: Path, configured: Path) -> None:
    """Name and sender full of signs that headers know: the mails have exactly their own headers."""
    programme = (configured / "programme.toml").read_text("utf-8")
    names = f'name = {{ fi = "{HOSTILE}", sv = "{HOSTILE}", en = "{HOSTILE}" }}'
    kept = "\n".join(names if 'fi = "Pieni ohjelma"' in line else line for line in programme.splitlines())
    (configured / "programme.toml").write_text(kept, encoding="utf-8")
    (configured / "delivery.toml").write_text(
        f'sender = "{HOSTILE[:3]} &=?utf-8?q?=0D=0ABcc:_b?= ä,; <digest@example.org>"\n', encoding="utf-8"
    )
    for verb in ("draft", "approve", "send"):
        told = kuntakaiku("digest", verb)
        assert told.exit == 0, told.err
    mails = [read_mail(path) for path in (house / "mail").glob("*.eml")]
    assert len(mails) == 2
    for mail in mails:
        assert "Bcc" not in mail
        assert mail["From"].addresses[0].addr_spec == "digest@example.org"


@pytest.mark.parametrize(
    "line",
    [
        'sender = "x\\r\\nBcc: b@example.org <a@example.org>"',
        'sender = "a@example.org, b@example.org"',
        'smtp = { host = "a b\\r\\n", port = 25 }',
        'smtp = { host = "x", port = 99999 }',
        'smtp = { host = "x", security = "nonsense" }',
        'draft = "1 07:00"',
        'auto_send = "mon 25:00"',
        "gap_limit = -1",
        'no_such_key = "x"',
    ],
)
def test_each_wrong_line_of_delivery_is_a_fault(kuntakaiku: Command, configured: Path, line: str) -> None:
    """Senders of two lines, servers of none, hours that no day has."""
    (configured / "delivery.toml").write_text(line + "\n")
    told = kuntakaiku("digest", "send")
    assert told.exit == 2
    assert told.err.startswith("kuntakaiku: delivery.toml: ")
