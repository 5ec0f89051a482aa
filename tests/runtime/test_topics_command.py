"""`topics`: what a coordinator decides is told, kept, and no difference of an issue made before."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from corpus.store import Corpus
from tests.runtime.conftest import TEXTS, corpus_line

Command = Callable[..., Any]
"""Runs a command and returns what it said: exit, out, err, json."""

WEEK = "2026-W47"


def only(kuntakaiku: Command) -> dict[str, Any]:
    """Return the one topic that is known."""
    (topic,) = kuntakaiku("topics", "--json").json["topics"]
    return dict(topic)


def notes(kuntakaiku: Command) -> list[dict[str, Any]]:
    """Return the notes of the week."""
    return list(kuntakaiku("trends", "--week", WEEK, "--json").json["trends"])


@pytest.mark.usefixtures("talk")
def test_list_tells_identity_label_state_and_weeks(kuntakaiku: Command) -> None:
    """A topic is listed with all that tells it from others."""
    topic = only(kuntakaiku)
    (note,) = notes(kuntakaiku)
    assert (topic["topic"], topic["label"]["fi"]) == (note["key"], note["topic"])
    assert (topic["weeks"], topic["first_seen"], topic["state"]) == ([WEEK], "2026-11-18", note["state"])
    assert note["topic"] in kuntakaiku("topics").out


@pytest.mark.usefixtures("talk")
def test_decisions_hold_and_the_issue_of_before_stands(kuntakaiku: Command) -> None:
    """Renamed and dismissed, the topic is told otherwise from now on; the issue made before has no difference."""
    key = only(kuntakaiku)["topic"]
    assert kuntakaiku("topics", "rename", key, "--label", "fi=Myllyt", "--label", "sv=Kvarnar").exit == 0
    assert [note["topic"] for note in notes(kuntakaiku)] == ["Myllyt"]
    assert kuntakaiku("topics", "dismiss", "myllyt").exit == 0
    assert notes(kuntakaiku) == []
    told = kuntakaiku("recompute", WEEK, "--json")
    assert (told.exit, told.json["differing"]) == (0, [])
    assert kuntakaiku("topics", "restore", key).exit == 0
    assert [note["topic"] for note in notes(kuntakaiku)] == ["Myllyt"]


@pytest.mark.usefixtures("talk")
def test_draft_made_after_a_decision_follows_it(kuntakaiku: Command) -> None:
    """A new draft leaves the dismissed topic out, and is computed again without a difference."""
    kuntakaiku("topics", "dismiss", only(kuntakaiku)["topic"])
    drafted = kuntakaiku("digest", "draft", "--week", WEEK, "--json").json
    assert drafted["numbers"]["topics"] == []
    assert kuntakaiku("recompute", WEEK, "--json").json["differing"] == []
    assert only(kuntakaiku)["state"] == "dismissed"


@pytest.mark.usefixtures("talk")
@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("dismiss", "nobody-knows-it"), "No issue told of a topic"),
        (("restore", ""), "No issue told of a topic"),
        (("restore", "KEY"), "would change nothing"),
        (("merge", "KEY", "KEY"), "would change nothing"),
        (("split", "KEY"), "would change nothing"),
        (("rename", "KEY", "--label", "xx=Myllyt"), "names no language"),
    ],
)
def test_what_makes_no_sense_is_refused(kuntakaiku: Command, arguments: tuple[str, ...], problem: str) -> None:
    """An unknown topic, an idle decision or a strange language is told, and nothing is stored."""
    key = only(kuntakaiku)["topic"]
    told = kuntakaiku("topics", *(key if one == "KEY" else one for one in arguments))
    assert (told.exit, problem in told.err) == (2, True)
    assert only(kuntakaiku)["topic"] == key


@pytest.mark.usefixtures("talk")
def test_explanation_agrees_with_the_note(kuntakaiku: Command) -> None:
    """The counts are the note's, a term passes the printed threshold, and the text names both."""
    (note,) = notes(kuntakaiku)
    asked = ("trends", "--week", WEEK, "--explain", note["topic"])
    told = kuntakaiku(*asked, "--json").json
    together = told["counted_together"]
    assert (told["key"], together["y"], together["weekly"]) == (note["key"], note["writers"], note["weekly"][:-1])
    assert told["threshold"] == told["alpha"] / told["looked_at"]
    assert min(term["weighed"] for term in told["terms"]) <= told["threshold"]
    assert (told["passes"], [term["term"] for term in told["terms"]]) == (True, note["terms"])
    assert "A term passes" in kuntakaiku(*asked).out


@pytest.mark.usefixtures("talk")
def test_silent_week_of_a_known_topic_is_explained(kuntakaiku: Command) -> None:
    """In a week without it, the topic has no voices and no test, and an unknown one is refused."""
    key = only(kuntakaiku)["topic"]
    told = kuntakaiku("trends", "--week", "2026-W45", "--explain", key, "--json").json
    assert (told["passes"], told["counted_together"]["y"], told["counted_together"]["p"]) == (False, 0, None)
    assert "not tested" in kuntakaiku("trends", "--week", "2026-W45", "--explain", key).out
    assert kuntakaiku("trends", "--week", WEEK, "--explain", "nobody-knows-it").exit == 2


def test_note_names_the_municipalities_of_its_posts(kuntakaiku: Command, talk: None, house: Path) -> None:
    """Those of most posts come first, in the reader's language; `recompute` takes an issue with or without them."""
    del talk
    lines = [
        corpus_line(6000 + n, f"Meille {town} tuulivoimala on tuttu asia", f"2026-11-18T12:{n:02}:00Z")
        for n, town in enumerate(("Vaasassa", "Vaasassa kuten", "Jyväskylässä"))
    ]
    (house / "more.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    kuntakaiku("import", str(house / "more.jsonl"))
    assert kuntakaiku("digest", "draft", "--week", WEEK).exit == 0
    (note,) = notes(kuntakaiku)
    assert [(one["code"], one["name"]["sv"], one["posts"]) for one in note["municipalities"]] == [
        ("905", "Vasa", 2),
        ("179", "Jyväskylä", 1),
    ]
    assert kuntakaiku("digest", "preview", "--week", WEEK).exit == 0
    mails = "\n".join(path.read_text(encoding="utf-8") for path in (house / "preview").glob("*.txt"))
    mails = " ".join(mails.split())
    assert "Viesteissä mainittiin Vaasa ja Jyväskylä." in mails
    assert "I inläggen nämndes Vasa och Jyväskylä." in mails
    assert kuntakaiku("recompute", WEEK, "--json").json["differing"] == []
    print_without_municipalities(house)
    assert kuntakaiku("recompute", WEEK, "--json").json["differing"] == []


def print_without_municipalities(house: Path) -> None:
    """Store the issue as an older version made it."""
    with Corpus.open(f"sqlite:///{house / 'kuntakaiku.db'}") as corpus:
        stored = corpus.issues.get(WEEK)
        assert stored is not None
        topics = [{k: v for k, v in topic.items() if k != "municipalities"} for topic in stored.numbers["topics"]]
        corpus.issues.save_draft(replace(stored, numbers={**stored.numbers, "topics": topics}))


@pytest.mark.everything
@pytest.mark.usefixtures("talk")
def test_followed_words_are_told_in_every_language(kuntakaiku: Command, house: Path) -> None:
    """The digest tells writers, usual week and that they moved; small counts stay unsaid, and `recompute` agrees."""
    assert kuntakaiku("topics", "follow", "tuulivoimala").exit == 0
    assert kuntakaiku("topics", "follow", "puisto", "leikattu").exit == 0
    assert kuntakaiku("topics", "follow", only(kuntakaiku)["topic"]).exit == 2  # a label named it already
    listed = kuntakaiku("topics", "--json").json
    assert [(one["kind"], bool(one["terms"])) for one in listed["following"]] == [("topic", True), ("words", False)]
    assert [topic["followed"] for topic in listed["topics"]] == [True]
    assert kuntakaiku("digest", "draft", "--week", WEEK).exit == 0
    moved, still = kuntakaiku("trends", "--week", WEEK, "--json").json["followed"]
    assert (moved["writers"], moved["usual"], moved["change"], still["change"]) == (7, [0, 0], "more", "usual")
    assert kuntakaiku("digest", "preview", "--week", WEEK).exit == 0
    mails = {path.stem.split(".")[0]: path for path in (house / "preview").glob("*.txt")}
    words = " ".join(" ".join(path.read_text(encoding="utf-8").split()) for path in mails.values())
    assert "7 kirjoittajaa, tavallisesti 0. Selvästi tavallista enemmän." in words
    assert "7 skribenter, vanligtvis 0. Klart fler än vanligt." in words
    assert "”puisto leikattu”: alle kolme kirjoittajaa, tavallisesti 1." in words
    assert kuntakaiku("recompute", WEEK, "--json").json["differing"] == []
    assert kuntakaiku("topics", "unfollow", "puisto leikattu").exit == 0
    assert kuntakaiku("recompute", WEEK, "--json").json["differing"] == []
    assert len(kuntakaiku("topics", "--json").json["following"]) == 1


@pytest.mark.everything
@pytest.mark.usefixtures("talk")
@pytest.mark.parametrize(
    ("arguments", "problem"),
    [(("follow", "ja"), "is ever counted"), (("follow", "🎉"), "is ever counted"), (("unfollow", "x"), "not followed")],
)
def test_what_cannot_be_followed_is_refused(kuntakaiku: Command, arguments: tuple[str, ...], problem: str) -> None:
    """Words without a subject are told, and nothing is stored."""
    told = kuntakaiku("topics", *arguments)
    assert (told.exit, problem in told.err) == (2, True)
    assert kuntakaiku("topics", "--json").json["following"] == []


@pytest.mark.everything
@pytest.mark.usefixtures("talk")
def test_record_tells_what_became_of_a_raised_topic(kuntakaiku: Command, house: Path) -> None:
    """A draft has raised nothing, an approved issue has; a dismissal shows; the next issue prints and recomputes it."""
    later = ("--week", "2026-W48", "--now", "2026-12-01T08:00:00Z")
    assert kuntakaiku("topics", "record", *later, "--json").json["raised"] == 0
    assert kuntakaiku("digest", "approve", "--week", WEEK).exit == 0
    assert kuntakaiku("topics", "record", *later, "--json").json["young"] == 1
    kuntakaiku("topics", "dismiss", only(kuntakaiku)["topic"])
    found = kuntakaiku("topics", "record", *later, "--json").json
    assert (found["raised"], found["dismissed"], found["since"]) == (1, 1, WEEK)
    assert "Dismissed: 1." in kuntakaiku("topics", "record", *later).out
    days = ("2026-11-24", "2026-11-30")
    quiet = [
        corpus_line(7000 + n + 100 * place, TEXTS[n], f"{day}T10:{n:02}:00Z")
        for place, day in enumerate(days)
        for n in range(12)
    ]
    (house / "next.jsonl").write_text("\n".join(quiet) + "\n", encoding="utf-8")
    assert kuntakaiku("import", str(house / "next.jsonl"), *later[2:]).exit == 0
    drafted = kuntakaiku("digest", "draft", *later, "--json").json["numbers"]["record"]
    assert (drafted["raised"], drafted["dismissed"]) == (1, 1)
    kuntakaiku("digest", "preview", *later)
    mails = " ".join(path.read_text(encoding="utf-8") for path in (house / "preview").glob("2026-W48*.txt"))
    words = " ".join(mails.split())
    assert "Koosteissa 16.11.2026 alkaen nostetusta 1 aiheesta 1 hylättiin." in words
    assert "Av det 1 ämne som sammandragen lyft fram sedan 16.11.2026: 1 avfärdades." in words
    assert kuntakaiku("recompute", "2026-W48", "--json").json["differing"] == []


@pytest.mark.everything
@pytest.mark.usefixtures("talk")
def test_sheet_is_written_in_each_language(kuntakaiku: Command, house: Path) -> None:
    """A topic named by its label has a page in each language; an unknown one, or a week without it, is told."""
    topic = only(kuntakaiku)
    label = topic["label"]["fi"]
    made = kuntakaiku("topics", "sheet", label, "--out", str(house / "sheets"), "--json")
    assert made.exit == 0
    assert [Path(page).name.rpartition("-")[2] for page in made.json["pages"]] == ["fi.html", "sv.html", "en.html"]
    assert made.json["objection"] in ("history", "loud", "interval", "year", "few", "selection")
    page = Path(made.json["pages"][0]).read_text(encoding="utf-8")
    assert label in page
    assert "Vahvin vastaväite" in page
    assert kuntakaiku("topics", "sheet", "nonsense").exit == 2
    assert kuntakaiku("topics", "sheet", label, "--week", "2026-W45").exit == 2
