"""`recompute`: whatever happened since an issue was made, each of its numbers is explained."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from corpus.changes import decide
from corpus.store import Corpus
from tests.runtime.conftest import corpus_line

pytestmark = pytest.mark.everything

Command = Callable[..., Any]
"""Runs a command and returns what it said: exit, out, err, json."""
Cause = Callable[[Command, Path], None]

WEEK = "2026-W47"
LATER = "2026-11-25T06:00:00Z"


def come_late(kuntakaiku: Command, house: Path) -> None:
    """Two posts of the week come in after the draft, one of them seen long before by somebody else."""
    lines = [
        corpus_line(900, "Puiston nurmikko kaipaa vettä ja uusia penkkejä", "2026-11-18T10:00:00Z"),
        corpus_line(901, "Bussi jätti tulematta", "2026-11-19T10:00:00Z", collected_at="2026-11-19T11:00:00Z"),
    ]
    (house / "late.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert kuntakaiku("import", str(house / "late.jsonl"), now=LATER).exit == 0
    kuntakaiku("classify", now=LATER)


def are_deleted(kuntakaiku: Command, house: Path) -> None:
    """A post of the week and one of the week before are taken back."""
    del kuntakaiku
    now = datetime(2026, 11, 25, 6, tzinfo=UTC)
    with Corpus.open(f"sqlite:///{house / 'kuntakaiku.db'}") as corpus:
        ids = ["201", "102"]
        known = corpus.posts.known("mastodon", ids)
        found = [corpus.posts.by_native_id("mastodon", native_id) for native_id in ids]
        gone = [replace(one.stored.post, gone="deleted", text=None) for one in found if one]
        assert corpus.posts.apply(decide(gone, known, now), source="masto", now=now).buried == 2


def are_labelled(kuntakaiku: Command, house: Path) -> None:
    """A person moves posts of the week; the file says that it was done before the draft."""
    rows = [
        {"network": "mastodon", "native_id": str(n), "theme": "buses", "by": "aino", "at": "2026-11-22T06:00:00Z"}
        for n in (200, 202, 203)
    ]
    (house / "labels.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    assert kuntakaiku("labels", "import", str(house / "labels.jsonl"), now=LATER).exit == 0


def learn(kuntakaiku: Command, house: Path) -> None:
    """Another classifier judges every post anew."""
    rows = [{"id": str(n), "text": text, "theme": theme} for n, (text, theme) in enumerate(LESSONS * 3)]
    (house / "lessons.jsonl").write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    assert kuntakaiku("train", "--labels", str(house / "lessons.jsonl"), now=LATER).exit == 0
    kuntakaiku("classify", now=LATER)


LESSONS = (
    ("Valtuuston kokous kesti kaksi tuntia", "parks"),
    ("Kaunis ilma tänään, kiitos kaikille", "parks"),
    ("Uusi leikkipaikka avattiin koulun viereen", "buses"),
    ("Puisto on vihreä ja nurmikko leikattu", "buses"),
    ("Bussi tuli myöhässä", None),
    ("Aikataulu muuttuu maanantaina", None),
)
HAPPENINGS: dict[str, Cause] = {
    "late": come_late,
    "deletions": are_deleted,
    "labels": are_labelled,
    "model": learn,
}


@pytest.fixture
def drafted(kuntakaiku: Command, configured: Path, archive: Path, house: Path) -> Path:
    """A house with the issues of weeks 46 and 47."""
    del configured
    kuntakaiku("import", str(archive))
    for week in ("2026-W46", WEEK):
        assert kuntakaiku("digest", "draft", "--week", week).exit == 0
    return house


def recomputed(kuntakaiku: Command) -> Any:  # noqa: ANN401 - what a command said
    """Return what recomputing the issue says."""
    return kuntakaiku("recompute", WEEK, "--json", now=LATER)


@pytest.mark.usefixtures("drafted")
def test_untouched_issue_is_computed_as_printed(kuntakaiku: Command) -> None:
    """Where nothing happened, every number is the same."""
    told = recomputed(kuntakaiku)
    assert (told.exit, told.json["differing"]) == (0, [])
    assert told.json["checked"] > 50


@pytest.mark.parametrize("cause", list(HAPPENINGS))
def test_each_cause_is_told_alone(kuntakaiku: Command, drafted: Path, cause: str) -> None:
    """What one cause changed is explained by it and by nothing else, and something did change."""
    HAPPENINGS[cause](kuntakaiku, drafted)
    told = recomputed(kuntakaiku)
    assert told.exit == 0
    assert {tuple(one["causes"]) for one in told.json["differing"]} == {(cause,)}


@pytest.mark.parametrize(
    "order", [("late", "labels", "model", "deletions"), ("model", "deletions", "late", "labels")], ids="-".join
)
def test_all_causes_together_leave_nothing_unexplained(
    kuntakaiku: Command, drafted: Path, order: Sequence[str]
) -> None:
    """However much happened, and in whatever order, each difference has its causes."""
    for cause in order:
        HAPPENINGS[cause](kuntakaiku, drafted)
    told = recomputed(kuntakaiku)
    assert told.exit == 0
    assert {cause for one in told.json["differing"] for cause in one["causes"]} == set(HAPPENINGS)
    assert kuntakaiku("digest", "draft", "--week", WEEK, now=LATER).exit == 0
    assert recomputed(kuntakaiku).json["differing"] == []


@pytest.mark.parametrize("happening", [None, *HAPPENINGS])
def test_number_that_was_never_true_is_found(kuntakaiku: Command, drafted: Path, happening: str | None) -> None:
    """A printed number that the corpus never gave has no cause, whatever else happened: the command fails.

    After a deletion a number that rests on the deleted words cannot be told from a false one.
    """
    with Corpus.open(f"sqlite:///{drafted / 'kuntakaiku.db'}") as corpus:
        stored = corpus.issues.get(WEEK)
        assert stored is not None
        corpus.issues.save_draft(replace(stored, numbers={**stored.numbers, "posts": 77}))
    if happening:
        HAPPENINGS[happening](kuntakaiku, drafted)
    told = recomputed(kuntakaiku)
    false = next(one for one in told.json["differing"] if one["number"] == "posts")
    assert false["printed"] == 77
    if happening != "deletions":
        assert (told.exit, false["causes"]) == (1, [])


def test_issue_of_before_places_is_computed_without_them(kuntakaiku: Command, drafted: Path) -> None:
    """An issue that an older version made printed no places, and is not asked for them."""
    with Corpus.open(f"sqlite:///{drafted / 'kuntakaiku.db'}") as corpus:
        stored = corpus.issues.get(WEEK)
        assert stored is not None
        corpus.issues.save_draft(replace(stored, numbers={k: v for k, v in stored.numbers.items() if k != "places"}))
    assert recomputed(kuntakaiku).json["differing"] == []


@pytest.mark.parametrize(("noted", "exit_code"), [(None, 1), ("0 rules of before", 0)])
def test_places_read_by_other_rules_owe_it_to_them(
    kuntakaiku: Command, drafted: Path, noted: str | None, exit_code: int
) -> None:
    """Where the rules for places are others than then, a difference is the reading's, else a fault."""
    place = {"slug": "municipality-853", "name": {"by_language": {"fi": "Turku"}}, "posts": 9}
    with Corpus.open(f"sqlite:///{drafted / 'kuntakaiku.db'}") as corpus:
        stored = corpus.issues.get(WEEK)
        assert stored is not None
        corpus.issues.save_draft(replace(stored, numbers={**stored.numbers, "places": [place]}))
        if noted:
            known = corpus.facts.get(f"basis {WEEK}")
            assert known is not None
            corpus.facts.put(f"basis {WEEK}", {**known, "places": noted}, now=datetime(2026, 11, 24, tzinfo=UTC))
    told = recomputed(kuntakaiku)
    assert told.exit == exit_code
    assert [one["causes"] for one in told.json["differing"] if "853" in one["number"]] == [["model"] if noted else []]


def test_issue_that_nobody_made_is_told(kuntakaiku: Command, configured: Path) -> None:
    """There is nothing to recompute, and the remedy is said."""
    del configured
    told = kuntakaiku("recompute", WEEK)
    assert (told.exit, "digest draft" in told.err) == (2, True)
