"""`digest trend-note`: pages of any span, and a mail that lives like an issue."""

import socket
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from runtime.settings import Options
from runtime.wiring import Program
from tests.runtime.conftest import Command, corpus_line

WEEK = "2026-W47"
NOTE = ("digest", "trend-note")
SPAN = ("--from", "2026-W44", "--to", WEEK)


@pytest.mark.everything
@pytest.mark.usefixtures("talk")
def test_trend_note_is_mailed_as_it_was_approved_and_once(kuntakaiku: Command, house: Path) -> None:
    """A draft goes to nobody; approved, it goes to each editor and to no reader, as its hash tells; then it stays."""
    drafted = kuntakaiku(*NOTE, "draft", *SPAN, "--json").json
    assert (drafted["note"], drafted["state"]) == ("trend-note-2026-W44--2026-W47", "draft")
    assert drafted["posts"] == sum(one["posts"] for one in drafted["themes"])
    assert len(drafted["topics"]) == 1
    assert kuntakaiku(*NOTE, "send").exit == 1
    said = kuntakaiku(*NOTE, "approve").out
    (house / "late.jsonl").write_text(
        corpus_line(9000, "Puistossa on uusi penkki", "2026-11-18T15:00:00Z") + "\n", "utf-8"
    )
    assert kuntakaiku("import", str(house / "late.jsonl")).exit == 0
    sent = kuntakaiku(*NOTE, "send", "--json")
    assert (sent.exit, sent.json["state"]) == (0, "sent")
    assert [(one["recipient"], one["state"]) for one in sent.json["deliveries"]] == [("editor@example.org", "sent")]
    kuntakaiku(*NOTE, "send")
    (mail,) = [message_from_bytes(path.read_bytes(), policy=default) for path in (house / "mail").glob("*.eml")]
    text = mail.get_body(("plain",))
    assert text
    assert "Peruuta tilaus" in text.get_content()
    assert "tiimi hyväksyi trendikatsauksen ma 23.11." in " ".join(text.get_content().split())
    with Program(Options(config=str(house / "config"), data=str(house)), environment={}, working_directory=house) as at:
        frozen = {one.language: one for one in at.corpus.issues.renderings(drafted["note"])}
        assert f"fi editor: sha256 {frozen['fi'].digest()}" in said
        assert frozen["fi"].subject == str(mail["Subject"])
        audited = [one.what for one in at.corpus.ledger.audits(limit=50) if one.subject == drafted["note"]]
    assert sorted(audited) == ["approved", "drafted"]
    assert kuntakaiku(*NOTE, "draft", *SPAN).exit == 2
    assert kuntakaiku(*NOTE, "approve").exit == 1
    assert kuntakaiku("digest", "show").exit == 0  # the week's own issue is no other for it


@pytest.mark.everything
@pytest.mark.usefixtures("talk")
def test_drafting_a_note_again_voids_its_approval(kuntakaiku: Command) -> None:
    """An approval of which nothing was sent yet is void by a new draft; a theme's note is another one."""
    kuntakaiku(*NOTE, "draft", *SPAN)
    kuntakaiku(*NOTE, "approve")
    assert kuntakaiku(*NOTE, "draft", *SPAN, "--json").json["state"] == "draft"
    of_theme = kuntakaiku(*NOTE, "draft", *SPAN, "--theme", "parks", "--json").json
    assert (of_theme["note"], of_theme["deliveries"]) == ("trend-note-2026-W44--2026-W47--parks", [])
    assert [one["theme"] for one in of_theme["themes"]] == ["parks"]
    shown = kuntakaiku(*NOTE, "show", "--note", "trend-note-2026-W44--2026-W47").out
    assert shown.startswith("trend-note-2026-W44--2026-W47: draft")
    assert kuntakaiku(*NOTE, "show", "--note", "trend-note-2026-W44").exit == 2


@pytest.mark.everything
@pytest.mark.usefixtures("talk")
def test_note_of_the_month_waits_for_a_person(kuntakaiku: Command, configured: Path, house: Path) -> None:
    """The schedule drafts it on the month's first Monday and tells editors once; nothing goes out unapproved."""
    (configured / "delivery.toml").write_text('trend_note = "mon 09:00"\n', encoding="utf-8")
    mails: dict[str, int] = {}
    for now in ("2026-12-07T06:59:00Z", "2026-12-07T07:01:00Z", "2026-12-07T08:00:00Z", "2026-12-14T08:00:00Z"):
        kuntakaiku("run", "--once", now=now)
        found = [message_from_bytes(path.read_bytes(), policy=default) for path in (house / "mail").glob("*.eml")]
        mails[now] = sum("odottaa hyväksyntääsi" in str(mail["Subject"]) for mail in found)
    assert list(mails.values()) == [0, 0, 1, 1]
    assert not [mail for mail in found if str(mail["Subject"]).startswith("Trendikatsaus")]
    assert kuntakaiku(*NOTE, "show", "--json").json["state"] == "draft"
    kuntakaiku(*NOTE, "approve", now="2026-12-14T09:00:00Z")
    assert kuntakaiku(*NOTE, "send", now="2026-12-14T09:01:00Z").exit == 0


@pytest.mark.everything
@pytest.mark.usefixtures("talk")
def test_trend_note_is_written_for_paper_of_any_span(kuntakaiku: Command) -> None:
    """Pages of today's numbers are stored nowhere; a span that is none and an unknown theme are refused."""
    made = kuntakaiku(*NOTE, *SPAN, "--json").json
    assert [Path(page).name.rpartition("-")[2] for page in made["pages"]] == ["fi.html", "sv.html", "en.html"]
    assert "Peruuta tilaus" not in Path(made["pages"][0]).read_text(encoding="utf-8")
    assert kuntakaiku(*NOTE, "show").exit == 2
    assert kuntakaiku(*NOTE, "--from", WEEK).exit == 2
    assert kuntakaiku(*NOTE, "--from", WEEK, "--to", "2026-W40").exit == 2
    assert kuntakaiku(*NOTE, "draft", "--theme", "moon").exit == 2


@pytest.mark.everything
@pytest.mark.usefixtures("talk")
def test_note_that_a_server_did_not_take_is_sent_on_by_the_schedule(kuntakaiku: Command, configured: Path) -> None:
    """Deferred deliveries keep their pauses, as a digest's do."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    smtp = (
        f'sender = "a@kunta.example"\nsmtp = {{ host = "127.0.0.1", port = {port}, security = "none", auth = "none" }}'
    )
    kuntakaiku(*NOTE, "draft", *SPAN)
    kuntakaiku(*NOTE, "approve")
    (configured / "delivery.toml").write_text(smtp, encoding="utf-8")
    refused = kuntakaiku(*NOTE, "send", "--json")
    assert (refused.exit, [one["state"] for one in refused.json["deliveries"]]) == (3, ["deferred"])
    (configured / "delivery.toml").unlink()
    for now, state in (("2026-11-23T06:10:00Z", "sending"), ("2026-11-23T06:20:00Z", "sent")):
        kuntakaiku("run", "--once", now=now)
        assert kuntakaiku(*NOTE, "show", "--json").json["state"] == state
