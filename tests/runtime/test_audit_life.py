"""The audit from the queue to the digest: drawn at random, labelled blind, told with its interval."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.invented import matters
from tests.runtime.conftest import corpus_line

pytestmark = pytest.mark.everything

Command = Callable[..., Any]
"""Runs a command and returns what it said: exit, out, err, json."""
NOW = "2026-11-30T06:00:00Z"


@pytest.fixture
def four_weeks(kuntakaiku: Command, configured: Path, house: Path) -> Path:
    """Four weeks of forty posts each, about parks and buses, imported."""
    del configured
    texts = matters((None,), 160, 1)
    lines = [
        corpus_line(
            week * 100 + n,
            f"{('puisto', 'bussi')[n % 2]} {texts[week * 40 + n][0]}",
            f"2026-11-{2 + 7 * week + n % 7:02}T10:00:00Z",
        )
        for week in range(4)
        for n in range(40)
    ]
    (house / "archive.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    kuntakaiku("import", str(house / "archive.jsonl"), now=NOW)
    return house


def mail_of(kuntakaiku: Command, language: str) -> str:
    """Return the words of a reader's mail of the last week, as a page."""
    pages = kuntakaiku("digest", "preview", "--week", "2026-W48", "--json", now=NOW).json["pages"]
    page = next(one for one in pages if f"{language}" in Path(one).name and "reader" in Path(one).name)
    return " ".join(re.sub("<[^>]+>", " ", Path(page).read_text("utf-8")).replace("\u00a0", " ").split())


def audit(kuntakaiku: Command, house: Path, week: str, n: int, wrong: int = 0) -> int:
    """Label a week's sample as a person would: rightly, but for some, and return how many posts it had."""
    sample = kuntakaiku("queue", "--audit", "--week", week, "--n", str(n), "--json", now=NOW).json["posts"]
    rows = []
    for place, post in enumerate(sample):
        is_parks = ("puisto" in post["text"]) != (place < wrong)
        rows.append(post | {"theme": "parks" if is_parks else "buses", "by": "EK", "at": "2026-11-30T07:00:00Z"})
    path = house / "audit.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    assert kuntakaiku("labels", "import", str(path), now=NOW).exit == 0
    return len(sample)


def test_the_sample_is_offered_without_the_guess(kuntakaiku: Command, four_weeks: Path) -> None:
    """Posts of a closed week by lot, nothing of what was guessed; what is labelled is not asked for again."""
    told = kuntakaiku("queue", "--audit", "--week", "2026-W47", "--n", "10", "--json", now=NOW).json
    assert len(told["posts"]) == 10
    assert all(not {"theme", "confidence", "scores"} & set(post) for post in told["posts"])
    assert all(post["blind"] and post["audit"] for post in told["posts"])
    assert audit(kuntakaiku, four_weeks, "2026-W47", 10) == 10
    assert audit(kuntakaiku, four_weeks, "2026-W47", 10) == 0
    assert "makes it larger" in kuntakaiku("queue", "--audit", "--week", "2026-W47", "--n", "10", now=NOW).out
    assert audit(kuntakaiku, four_weeks, "2026-W47", 12) == 2
    written = kuntakaiku(
        "queue", "--audit", "--week", "2026-W46", "--n", "3", "--out", str(four_weeks / "out.jsonl"), now=NOW
    )
    assert "3 posts in" in written.out
    assert kuntakaiku("labels", "import", str(four_weeks / "out.jsonl"), now=NOW).exit == 3  # nothing is filled in
    assert kuntakaiku("queue", "--out", str(four_weeks), now=NOW).exit == 2
    assert kuntakaiku("queue", "--audit", "--week", "2026-W49", now=NOW).exit == 2
    assert kuntakaiku("queue", "--week", "2026-W47", now=NOW).exit == 2


def test_no_percentage_before_fifty(kuntakaiku: Command, four_weeks: Path) -> None:
    """With forty random labels the number is told and no share, in the command and in the digest."""
    for week in (45, 46, 47, 48):
        audit(kuntakaiku, four_weeks, f"2026-W{week}", 10)
    told = kuntakaiku("model", "accuracy", "--json", now=NOW).json
    assert (told["labelled_ever"], told["provisional"], told["share"], told["per_theme"]) == (40, True, None, {})
    assert "%" not in kuntakaiku("model", "accuracy", now=NOW).out.replace("that a percentage needs", "")
    assert kuntakaiku("digest", "draft", "--week", "2026-W48", now=NOW).exit == 0
    for language, words in (("fi", "vasta 40 viestiä"), ("sv", "hittills har 40 inlägg"), ("en", "40 posts of random")):
        assert words in mail_of(kuntakaiku, language)


def test_the_estimate_reaches_digest_package_and_stands_recompute(kuntakaiku: Command, four_weeks: Path) -> None:
    """Sixty random labels: share, interval and what it was measured on, everywhere; later labels explain a change."""
    for week in (45, 46, 47, 48):
        audit(kuntakaiku, four_weeks, f"2026-W{week}", 15, wrong=3)
    told = kuntakaiku("model", "accuracy", "--json", now=NOW).json
    assert (told["n"], told["right"], told["provisional"]) == (60, 48, False)
    assert told["share"]["value"] == pytest.approx(0.8)
    assert told["share"]["low"] < 0.8 < told["share"]["high"]
    assert "drawn at random" in told["measured_on"]
    assert set(told["per_theme"]) == {"parks", "buses", "none"}
    assert "48 of 60 right (80%" in kuntakaiku("model", "accuracy", now=NOW).out
    kuntakaiku("digest", "draft", "--week", "2026-W48", now=NOW)
    assert "60 viestistä 48 oli oikein (80 %" in mail_of(kuntakaiku, "fi")
    assert kuntakaiku("recompute", "2026-W48", "--json", now=NOW).json["differing"] == []
    audit(kuntakaiku, four_weeks, "2026-W48", 20)
    again = kuntakaiku("recompute", "2026-W48", "--json", now=NOW)
    assert again.exit == 0
    causes = {one["number"]: one["causes"] for one in again.json["differing"]}
    assert causes["classifier.accuracy.n"] == ["labels"]


def test_what_learnt_from_a_label_is_not_judged_by_it(kuntakaiku: Command, four_weeks: Path) -> None:
    """After training on the audit's own labels the estimate stays what it was: who saw the answer is not asked."""
    for week in (45, 46, 47, 48):
        audit(kuntakaiku, four_weeks, f"2026-W{week}", 15, wrong=3)
    before = kuntakaiku("model", "accuracy", "--json", now=NOW).json
    trained = kuntakaiku("train", "--force", "--json", now=NOW).json
    after = kuntakaiku("model", "accuracy", "--json", now=NOW).json
    assert trained["model"] not in after["models"]
    assert after["share"] == before["share"]
