"""`bounces` and `recipients`: mails that come back are noted, and their addresses spared until a person decides."""

import email
import email.policy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.digest.delivery.test_bounce import block, report

pytestmark = pytest.mark.everything

Command = Callable[..., Any]
"""Runs a command and returns what it said: exit, out, err, json."""

READER = "reader@example.org"
WEEKS = ("2026-W45", "2026-W46", "2026-W47")


@pytest.fixture
def mailed(kuntakaiku: Command, configured: Path, archive: Path, house: Path) -> Path:
    """A house whose digests of two weeks have gone out."""
    del configured
    kuntakaiku("import", str(archive))
    for week in WEEKS[:2]:
        mail(kuntakaiku, week)
    return house


def mail(kuntakaiku: Command, week: str) -> None:
    """Send a week's digest."""
    for step in ("draft", "approve", "send"):
        assert kuntakaiku("digest", step, "--week", week).exit == 0


def come_back(house: Path, week: str, **fields: str) -> Path:
    """Let the reader's mail of a week come back, as a file in the drop directory."""
    identities = [
        str(sent["Message-ID"])
        for path in (house / "mail").glob("*.eml")
        if (sent := email.message_from_bytes(path.read_bytes(), policy=email.policy.default))["To"] == READER
        and sent["X-Kuntakaiku-Issue"] == week
    ]
    path = house / "bounces" / f"{week}.eml"
    path.parent.mkdir(exist_ok=True)
    original = f"Message-ID: {identities[0]}\r\n"
    path.write_bytes(report(block(READER, **fields), original=original, report_id=f"<{week}@mx.example>"))
    return path


def test_two_returned_digests_suspend_until_resumed(kuntakaiku: Command, mailed: Path) -> None:
    """The third digest leaves the address out and says so; a person takes it up again."""
    come_back(mailed, WEEKS[0])
    first = kuntakaiku("bounces", "--json").json
    assert (first["hard"], first["suspended"]) == (1, [])
    come_back(mailed, WEEKS[1])
    assert kuntakaiku("bounces", "--json").json["suspended"] == [READER]
    assert sorted(path.name for path in (mailed / "bounces" / "read").iterdir()) == [f"{w}.eml" for w in WEEKS[:2]]
    shown = kuntakaiku("digest", "show", "--week", WEEKS[1], "--json").json["deliveries"]
    assert {one["recipient"]: one["state"] for one in shown}[READER] == "refused"
    listed = kuntakaiku("recipients", "--json").json["recipients"]
    assert {one["address"]: (one["active"], one["came_back"]) for one in listed}[READER] == (False, 2)
    kuntakaiku("digest", "draft", "--week", WEEKS[2])
    approved = kuntakaiku("digest", "approve", "--week", WEEKS[2])
    assert f"{READER} gets nothing since 2026-11-23" in approved.out
    sent = kuntakaiku("digest", "send", "--week", WEEKS[2], "--json").json["deliveries"]
    assert [one["recipient"] for one in sent] == ["editor@example.org"]
    assert kuntakaiku("recipients", "resume", READER).exit == 0
    assert kuntakaiku("recipients", "resume", READER).exit == 2
    assert all(one["active"] for one in kuntakaiku("recipients", "--json").json["recipients"])


def test_administrator_is_told_of_a_suspension_and_of_its_end(kuntakaiku: Command, mailed: Path) -> None:
    """One mail when the address is spared, one when it is taken up again."""
    with (mailed / "config" / "recipients.toml").open("a", encoding="utf-8") as file:
        file.write('[[recipient]]\naddress = "admin@example.org"\nlanguage = "sv"\nrole = "administrator"\n')
    for week in WEEKS[:2]:
        come_back(mailed, week)
    kuntakaiku("bounces")
    for _ in range(2):
        kuntakaiku("run", "--once")
    kuntakaiku("recipients", "resume", READER)
    kuntakaiku("run", "--once")
    told = [
        str(one["Subject"])
        for path in (mailed / "mail").glob("*.eml")
        if (one := email.message_from_bytes(path.read_bytes(), policy=email.policy.default))["To"]
        == "admin@example.org"
    ]
    assert sorted(one for one in told if READER in one) == [
        f"Kuntakaiku: inget skickas längre till {READER}",
        f"Kuntakaiku: sammandragen skickas igen till {READER}",
    ]


def test_full_mailbox_is_noted_and_spared(kuntakaiku: Command, mailed: Path) -> None:
    """What may arrive another time changes nothing."""
    for week in WEEKS[:2]:
        come_back(mailed, week, status="5.2.2", said="552 mailbox full")
    told = kuntakaiku("bounces", "--json").json
    assert (told["soft"], told["hard"], told["suspended"]) == (2, 0, [])


def test_forged_report_suspends_nobody(kuntakaiku: Command, mailed: Path) -> None:
    """A report on a mail that we never sent is kept aside, as is a person's answer."""
    drop = mailed / "bounces"
    drop.mkdir()
    (drop / "forged.eml").write_bytes(report(block(READER), original="Message-ID: <guess@example.org>\r\n"))
    (drop / "answer.eml").write_bytes(b"Subject: Kiitos\r\n\r\nHyvin koottu!\r\n")
    told = kuntakaiku("bounces", "--json").json
    assert (told["strange"], told["reports"]) == (2, 0)
    assert len(list((drop / "strange").iterdir())) == 2


def test_named_file_stays_and_counts_once(kuntakaiku: Command, mailed: Path) -> None:
    """A file that is named is read where it lies; read twice, it counts once."""
    path = come_back(mailed, WEEKS[0])
    kept = path.rename(mailed / "kept.eml")
    assert kuntakaiku("bounces", str(kept), "--json").json["hard"] == 1
    assert kuntakaiku("bounces", str(kept), "--json").json["known"] == 1
    assert kept.exists()


def test_mailbox_out_of_reach_is_told(kuntakaiku: Command, mailed: Path) -> None:
    """Files are read all the same, and the exit is 3."""
    (mailed / "config" / "delivery.toml").write_text(
        'sender = "k@example.org"\nbounces = { host = "127.0.0.1", port = 9, security = "none" }\n'
    )
    come_back(mailed, WEEKS[0])
    told = kuntakaiku("bounces", "--json")
    assert (told.exit, told.json["hard"]) == (3, 1)
    assert "127.0.0.1:9" in told.json["problem"]
    assert kuntakaiku("run", "--once").exit in (0, 3)
