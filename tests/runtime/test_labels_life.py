"""Labels: from people into the corpus, and from there into the classifier."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.everything

Command = Callable[..., Any]
"""Runs a command and returns what it said: exit, out, err, json."""


def write(path: Path, rows: list[dict[str, object]]) -> Path:
    """Write JSONL."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


@pytest.mark.usefixtures("configured")
def test_corpus_labels_train_the_classifier(kuntakaiku: Command, archive: Path, house: Path) -> None:
    """Without `--labels` the corpus' own labels teach; predictions follow the new classifier, labels stay."""
    kuntakaiku("import", str(archive))
    before = kuntakaiku("classify", "--json").json["model"]
    label = {"network": "mastodon", "by": "EK", "at": "2026-11-20T08:00:00+02:00", "guideline": "1", "blind": True}
    rows = [label | {"native_id": str(n), "theme": ("parks", "buses", None)[n % 3]} for n in range(12)]
    assert kuntakaiku("labels", "import", str(write(house / "labels.jsonl", rows)), "--json").json["inserted"] == 12
    trained = kuntakaiku("train", "--json").json
    assert trained["provisional"] is True
    assert trained["model"] != before
    assert trained["classified"] == 36
    assert kuntakaiku("classify", "--json").json["classified"] == 0
    assert kuntakaiku("classify", "--all", "--json").json["classified"] == 36
    kuntakaiku("digest", "draft")
    shown = kuntakaiku("digest", "show", "--json").json
    assert shown["numbers"]["classifier"]["trained_on"] > 0
    measured = kuntakaiku(
        "evaluate", str(write(house / "kept.jsonl", [{"text": "puisto", "theme": "parks"}])), "--json"
    )
    assert {"n", "macro_f1", "accuracy", "coverage", "ece", "per_theme", "per_language", "intervals"} <= set(
        measured.json
    )
    assert {"n", "macro_f1", "accuracy", "coverage", "ece", "per_theme", "per_language", "intervals"} <= set(trained)


@pytest.mark.usefixtures("configured")
def test_labels_that_say_too_little_are_left_aside(kuntakaiku: Command, archive: Path, house: Path) -> None:
    """Each bad line is told with its reason, and the good one is stored."""
    kuntakaiku("import", str(archive))
    good = {"network": "mastodon", "native_id": "1", "theme": None, "by": "EK", "at": "2026-11-20T08:00:00"}
    rows = [
        good,
        good | {"network": 3},
        good | {"at": 5},
        good | {"at": "soon"},
        good | {"at": "9999-12-31T23:00-23:00"},
    ]
    path = write(house / "labels.jsonl", [*rows, {key: good[key] for key in good if key != "theme"}])
    path.write_text(path.read_text("utf-8") + "nonsense\n", "utf-8")
    told = kuntakaiku("labels", "import", str(path), "--json")
    assert (told.exit, told.json["inserted"]) == (3, 1)
    assert len(told.json["rejected"]) == 6
    assert "… and 1 more" in kuntakaiku("labels", "import", str(path)).out


@pytest.mark.usefixtures("configured")
def test_labelled_texts_carry_author_and_time(kuntakaiku: Command, house: Path) -> None:
    """Both are taken where they can be read, and missed where not."""
    row = {"text": "puisto ja nurmikko", "theme": "parks", "lang": "fi", "author": "a"}
    times = ["2026-11-20T08:00:00", "2026-11-20T08:00:00Z", "soon", 5]
    path = write(house / "kept.jsonl", [row | {"created_at": time} for time in times])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert kuntakaiku("evaluate", str(path), "--json").json["n"] == 4
