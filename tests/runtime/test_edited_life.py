"""`digest edit`: a draft is edited, approved as it was seen, mailed, recomputed, redrafted and corrected."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corpus.store import Corpus
from tests.runtime.test_correction import LATER, NOTE, mails_of, relabel, text_of
from tests.runtime.test_taken_back import LATER as SOON
from tests.runtime.test_taken_back import bury, shown

Command = Callable[..., Any]
"""Runs a command and returns what it said: exit, out, err, json."""

WEEK = ("--week", "2026-W47")
WORDS = {"fi": "Hyvää huomenta, lukija!", "sv": "God morgon, läsare!"}


@pytest.fixture
def drafted(kuntakaiku: Command, configured: Path, archive: Path, house: Path) -> Path:
    """A house with a draft of week 47."""
    del configured
    kuntakaiku("import", str(archive))
    assert kuntakaiku("digest", "draft", *WEEK).exit == 0
    return house


def first_post(told: Any) -> str:  # noqa: ANN401 - JSON
    """Return the key of the first post that an issue shows in a theme."""
    return next(str(item["post"]) for section in told["numbers"]["sections"] for item in section["items"])


@pytest.mark.everything
def test_edited_digest_is_mailed_and_no_number_changes(kuntakaiku: Command, drafted: Path) -> None:
    """Introduction and left-out post reach the mails; every printed number is recomputed; the log has who."""
    before = kuntakaiku("digest", "show", *WEEK, "--json").json
    post = first_post(before)
    edited = kuntakaiku("digest", "edit", "introduction", *(f"{code}={text}" for code, text in WORDS.items()), *WEEK)
    assert edited.exit == 0, edited.err
    told = kuntakaiku("digest", "edit", "hide", post, *WEEK, "--json").json
    assert told["edits"]["introduction"] == WORDS
    assert sum(told["edits"]["left_out"].values()) == 1
    assert told["numbers"] == before["numbers"]
    assert "(left out)" in kuntakaiku("digest", "edit", "list", *WEEK).out
    assert kuntakaiku("digest", "edit", "hide", post, *WEEK).out.startswith("Nothing changed")
    for step in ("draft", "approve", "send"):
        assert kuntakaiku("digest", step, *WEEK).exit == 0
    mails = {str(mail["Content-Language"]): text_of(mail) for mail in mails_of(drafted, "2026-W47").values()}
    assert WORDS["fi"] in mails["fi"]
    assert "Toimitus on jättänyt pois" in mails["fi"]
    assert WORDS["sv"] in mails["sv"]
    assert "Redaktionen har utelämnat" in mails["sv"]
    found = kuntakaiku("recompute", "2026-W47", "--json")
    assert (found.exit, found.json["differing"]) == (0, [])
    late = kuntakaiku("digest", "edit", "unhide", post, *WEEK)
    assert late.exit == 1
    assert "digest correct" in late.err
    relabel(kuntakaiku, drafted)
    corrected = kuntakaiku("digest", "correct", *WEEK, *NOTE, "--json", now=LATER).json
    assert corrected["issue"] == "2026-W47.1"
    assert corrected["edits"]["introduction"] == WORDS
    assert corrected["edits"]["hidden"] == [post]


@pytest.mark.everything
@pytest.mark.usefixtures("drafted")
def test_edit_voids_an_approval_and_is_undone(kuntakaiku: Command) -> None:
    """What changes after the approval must be approved again; what was left out comes back, and moves."""
    kuntakaiku("digest", "approve", *WEEK)
    post = first_post(kuntakaiku("digest", "show", *WEEK, "--json").json)
    hidden = kuntakaiku("digest", "edit", "hide", post, *WEEK)
    assert "approve it again" in hidden.out
    assert kuntakaiku("digest", "send", *WEEK).exit == 1
    shown = kuntakaiku("digest", "edit", "unhide", post, *WEEK, "--json").json
    assert (shown["state"], shown["edits"]["hidden"]) == ("draft", [])
    moved = kuntakaiku("digest", "edit", "move", post, "--down", *WEEK, "--json")
    assert moved.exit == 0
    kuntakaiku("digest", "edit", "introduction", "fi=Huomenta", *WEEK)
    assert kuntakaiku("digest", "edit", "introduction", "fi=", *WEEK, "--json").json["edits"]["introduction"] == {}


@pytest.mark.everything
@pytest.mark.usefixtures("drafted")
def test_what_cannot_be_edited_is_told(kuntakaiku: Command) -> None:
    """No language, a text that is too long, a post, topic or week that is not there: each says what to do."""
    for said in ("de=Guten Morgen", "no language", f"fi={'x' * 1_501}"):
        assert kuntakaiku("digest", "edit", "introduction", said, *WEEK).exit == 2
    for arguments in (
        ("hide", "mastodon:404"),
        ("hide", "no topic"),
        ("move", "mastodon:404", "--up"),
        ("pin", "no topic"),
    ):
        told = kuntakaiku("digest", "edit", *arguments, *WEEK)
        assert told.exit == 2
        assert "digest edit list" in told.err
    assert kuntakaiku("digest", "edit", "list", "--week", "2026-W40").exit == 2


@pytest.mark.everything
def test_what_is_left_out_can_be_taken_back_and_a_redaction_keeps_the_introduction(
    kuntakaiku: Command, drafted: Path
) -> None:
    """A left-out post that is deleted voids no approval; one that is shown leaves the archive, with nothing else."""
    posts = shown(drafted)
    kuntakaiku("digest", "edit", "introduction", "fi=Hyvää huomenta, lukija!", *WEEK)
    kuntakaiku("digest", "edit", "hide", ":".join(posts[0]), *WEEK)
    kuntakaiku("digest", "approve", *WEEK)
    bury(drafted, *posts[0], SOON)
    assert kuntakaiku("digest", "send", *WEEK, now=SOON).exit == 0
    with Corpus.open(f"sqlite:///{drafted / 'kuntakaiku.db'}") as corpus:
        before = {one.role: one.text for one in corpus.issues.renderings("2026-W47") if one.language == "fi"}
    bury(drafted, *posts[1], LATER)
    assert kuntakaiku("retain", now=LATER).exit == 0
    with Corpus.open(f"sqlite:///{drafted / 'kuntakaiku.db'}") as corpus:
        after = {one.role: one.text for one in corpus.issues.renderings("2026-W47") if one.language == "fi"}
    assert after != before
    for role in ("editor", "reader", "archive"):
        assert "Hyvää huomenta, lukija!" in after[role]
        assert "Toimitus on jättänyt pois" in after[role]
