"""Training from labels: what is put in use, what the corpus says afterwards, and when it is done by itself."""

import json
import os
import shutil
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from corpus.store import Corpus
from runtime.jobs.classify import TAKE_OVER, classify
from runtime.settings import Options
from runtime.wiring import Program
from tests.invented import matters
from tests.runtime.conftest import PROGRAMME, corpus_line

Command = Callable[..., Any]
"""Runs a command and returns what it said: exit, out, err, json."""
SAID = matters(("parks", "buses", None), 30, 40)
"""Forty posts about each of thirty matters, of which the themes' own words tell nothing."""
FIRST = range(0, 1_200, 40)
"""The first post about each matter."""


def write(path: Path, rows: Sequence[dict[str, object]]) -> Path:
    """Write JSONL."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def archive_of(house: Path, numbers: Sequence[int]) -> Path:
    """Write some of the posts, as an archive."""
    lines = [corpus_line(n, SAID[n][0], f"2026-11-{16 + n % 6}T10:00:00Z") for n in numbers]
    path = house / "said.jsonl"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def labels(house: Path, numbers: Sequence[int]) -> Path:
    """Write right labels of some of the posts."""
    rows = [
        {"network": "mastodon", "native_id": str(n), "theme": SAID[n][1], "by": "EK", "at": "2026-11-22T08:00:00Z"}
        for n in numbers
    ]
    return write(house / "labels.jsonl", rows)


def labelled(path: Path, numbers: Sequence[int]) -> Path:
    """Write some of the posts with their themes, to be learnt from."""
    rows = [{"id": str(n), "text": SAID[n][0], "theme": SAID[n][1], "author": str(n)} for n in numbers]
    return write(path, rows)


@pytest.mark.everything
@pytest.mark.usefixtures("configured")
def test_training_tells_which_posts_changed_theme(kuntakaiku: Command, house: Path) -> None:
    """The corpus is judged again by the new classifier, labels stay, and the change stands in output and ledger."""
    known = [n + place for n in FIRST for place in range(5)]
    kuntakaiku("import", str(archive_of(house, [*known, *(n + 5 for n in FIRST)])))
    before = kuntakaiku("classify", "--json").json
    assert before["change"] is None
    kuntakaiku("labels", "import", str(labels(house, known)))
    told = kuntakaiku("train", "--json").json
    assert told["in_use"]
    assert told["classified"] == 180
    change = told["change"]
    assert (change["from"], change["to"]) == (before["model"], told["model"])
    assert change["compared"] == 30
    assert change["changed"] == sum(move["posts"] for move in change["moves"]) > 0
    assert kuntakaiku("classify", "--json").json["classified"] == 0
    with Corpus.open(f"sqlite:///{house / 'kuntakaiku.db'}") as corpus:
        run = corpus.ledger.runs(job=TAKE_OVER)[0]
        assert run.counts["changed"] == change["changed"]
        assert all(_post(corpus, n).standing == (SAID[n][1] or "none") for n in known)
    again = kuntakaiku("train").out
    assert "were judged again" not in again


def _post(corpus: Corpus, number: int) -> Any:  # noqa: ANN401 - a classified post
    return corpus.posts.by_native_id("mastodon", str(number))


def house_of(house: Path, configured: Path) -> Program:
    """Wire a house as a command would."""
    options = Options(config=str(configured), data=str(house), now="2026-11-23T06:00:00Z", quiet=True)
    return Program(options, environment={}, working_directory=house)


@pytest.mark.everything
def test_a_killed_take_over_counts_with_the_old_classifier(kuntakaiku: Command, house: Path, configured: Path) -> None:
    """Killed amid the corpus, the new classifier counts nowhere; taken up again, it counts everywhere."""
    kuntakaiku("import", str(archive_of(house, range(1_200))))
    old = kuntakaiku("classify", "--json").json["model"]
    by_theme = kuntakaiku("stats", "--json").json["by_theme"]
    texts = labelled(house / "texts.jsonl", [n + place for n in FIRST for place in range(6)])
    kuntakaiku("train", "--labels", str(texts), "--database", f"sqlite:///{house / 'elsewhere.db'}")
    child = os.fork()
    if child == 0:  # the work is killed where the first batch is stored and the second is not
        with house_of(house, configured) as program:
            classify(program, progress=lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    with Corpus.open(f"sqlite:///{house / 'kuntakaiku.db'}") as corpus:
        active = corpus.judgements.active_model()
        assert active is not None
        assert active.version == old
    assert kuntakaiku("stats", "--json").json["by_theme"] == by_theme
    done = kuntakaiku("classify", "--json").json
    assert done["classified"] == 200
    assert done["change"]["compared"] == 1_200, done
    assert done["change"]["changed"], done
    assert kuntakaiku("stats", "--json").json["by_theme"] != by_theme


@pytest.mark.everything
@pytest.mark.usefixtures("configured")
def test_a_worse_classifier_is_told_and_left_out(kuntakaiku: Command, house: Path) -> None:
    """What is taught too little to be as good is refused with both figures and exit 3; --force has its way."""
    good = labelled(house / "good.jsonl", [n + place for n in FIRST for place in (0, 1)])
    assert kuntakaiku("train", "--labels", str(good)).exit == 0
    bad = labelled(house / "bad.jsonl", FIRST)
    told = kuntakaiku("train", "--labels", str(bad))
    assert told.exit == 3
    assert "stays in use" in told.out
    assert "macro-F1" in told.out
    forced = kuntakaiku("train", "--labels", str(bad), "--force", "--json")
    assert forced.exit == 0
    assert forced.json["in_use"]
    assert forced.json["comparison"]["is_worse"]


@pytest.mark.everything
@pytest.mark.usefixtures("configured")
def test_a_damaged_model_gives_way_to_the_one_before(kuntakaiku: Command, house: Path) -> None:
    """A byte of the model in use changed: the one before answers, with a warning, and `doctor` says what to do."""
    numbers = [n + place for n in FIRST for place in (0, 1)]
    first = kuntakaiku("train", "--labels", str(labelled(house / "first.jsonl", numbers[:50])), "--json").json["model"]
    assert kuntakaiku("train", "--labels", str(labelled(house / "second.jsonl", numbers))).exit == 0
    weights = house / "models" / "current" / "weights.npz"
    weights.write_bytes(weights.read_bytes()[:-9] + b"damaged!!")
    text = write(house / "text.jsonl", [{"id": "1", "text": SAID[3][0]}])
    told = kuntakaiku("classify-text", str(text))
    assert told.exit == 0
    assert json.loads(told.out)["model"].removesuffix("+e5") == first
    assert "is damaged" in told.err
    assert "kuntakaiku train" in told.err
    checks = {one["name"]: one for one in kuntakaiku("doctor", "--json").json["checks"]}
    assert not checks["classifier"]["ok"]
    assert "train" in checks["classifier"]["remedy"]
    shutil.rmtree(house / "models" / "current.previous")
    told = kuntakaiku("classify-text", str(text))
    assert told.exit == 2
    assert "is damaged" in told.err


@pytest.mark.everything
def test_a_model_of_other_themes_is_refused(kuntakaiku: Command, house: Path, configured: Path) -> None:
    """After a theme got another slug nothing is sorted by the old model, and training for the new themes mends it."""
    kuntakaiku("train", "--labels", str(labelled(house / "good.jsonl", FIRST)))
    (configured / "programme.toml").write_text(PROGRAMME.replace('"buses"', '"coaches"'), "utf-8")
    told = kuntakaiku("classify")
    assert told.exit == 2
    assert "other themes" in told.err
    assert "kuntakaiku train" in told.err
    assert kuntakaiku("train").exit == 0
    assert kuntakaiku("classify").exit == 0


@pytest.mark.parametrize(
    ("found", "instead", "problem"),
    [
        ("Bussit, pysäkit ja aikataulut.", "Puistot, nurmikot ja leikkipaikat.", "the same description"),
        (
            PROGRAMME[PROGRAMME.index('description = { fi = "Bussit') :],
            "",
            "neither a description nor seed words",
        ),
    ],
    ids=["two alike", "one that says nothing"],
)
def test_themes_that_cannot_be_told_apart_are_named(
    found: str, instead: str, problem: str, kuntakaiku: Command, configured: Path
) -> None:
    """Two themes with one description, or one without any word: exit 2 with the remedy, before and in training."""
    (configured / "programme.toml").write_text(PROGRAMME.replace(found, instead), "utf-8")
    for command in ("train", "classify"):
        told = kuntakaiku(command)
        assert told.exit == 2
        assert problem in told.err
        assert "programme.toml" in told.err


@pytest.mark.usefixtures("configured")
def test_odd_texts_get_an_answer_by_both_ways(kuntakaiku: Command, house: Path) -> None:
    """Nothing, emoji, links, tags, NUL, a megabyte, languages mixed: no theme and a reason where nothing is said."""
    silent = [
        "",
        "   ",
        "😀🎉",
        "https://example.org/a",
        "#pieniohjelma",
        "#muu #toinen",
        "\x00",
        "@joku @toinen",
        "…!?",
    ]
    spoken = ["puisto " * 150_000, "Puisto on ihana men bussen var late again", "Puisto\x00nurmikko"]
    texts = write(house / "texts.jsonl", [{"id": n, "text": text} for n, text in enumerate(silent + spoken)])
    told = kuntakaiku("classify-text", str(texts))
    assert told.exit == 0
    answers = [json.loads(line) for line in told.out.splitlines()]
    assert [one["theme"] for one in answers[: len(silent)]] == [None] * len(silent)
    assert {one["reasons"][0]["kind"] for one in answers[: len(silent)]} == {"empty"}
    assert len(answers) == len(silent + spoken)
    archive = house / "odd.jsonl"
    lines = [corpus_line(n, text, "2026-11-17T10:00:00Z") for n, text in enumerate(silent + spoken)]
    archive.write_text("\n".join(lines) + "\n", "utf-8")
    assert kuntakaiku("import", str(archive)).exit == 0
    assert kuntakaiku("classify", "--json").json["classified"] == len(silent + spoken)


@pytest.mark.everything
@pytest.mark.usefixtures("configured")
def test_labels_that_contradict_or_miss_a_theme_are_told(kuntakaiku: Command, house: Path) -> None:
    """One text under two themes is left out with its id, and a theme without labels is named; both are no error."""
    rows = [{"id": str(n), "text": SAID[n][0], "theme": SAID[n][1]} for n in FIRST if SAID[n][1] != "buses"]
    torn = [{"id": f"torn {theme}", "text": "Kummastakin", "theme": theme} for theme in ("parks", None)]
    told = kuntakaiku("train", "--labels", str(write(house / "torn.jsonl", rows + torn)))
    assert told.exit == 0
    assert "contradict each other" in told.out
    assert "torn parks" in told.out
    assert "No example is labelled buses" in told.out
    alone = write(house / "alone.jsonl", [row for row in rows if row["theme"] == "parks"])
    told = kuntakaiku("train", "--labels", str(alone))
    assert told.exit == 2
    assert "fewer than two" in told.err


@pytest.mark.everything
@pytest.mark.usefixtures("configured")
def test_training_is_done_by_itself(kuntakaiku: Command, house: Path) -> None:
    """Twenty new labels teach at once, fewer at night, edited texts at once; nothing new, nothing is trained."""

    def trained(now: str) -> list[str]:
        ran = kuntakaiku("run", "--once", "--json", now=now)
        return [job["state"] for job in ran.json["jobs"] if job["job"] == "train"]

    kuntakaiku("import", str(archive_of(house, FIRST)))
    assert trained("2026-11-23T06:00:00Z") == []
    kuntakaiku("labels", "import", str(labels(house, FIRST[:21])))
    assert trained("2026-11-23T07:10:00Z") == ["done"]
    assert trained("2026-11-23T09:00:00Z") == []
    kuntakaiku("labels", "import", str(labels(house, FIRST[21:24])))
    assert trained("2026-11-23T12:00:00Z") == []
    assert trained("2026-11-24T01:00:00Z") == ["done"]  # three o'clock in Helsinki
    assert trained("2026-11-25T01:00:00Z") == []
    config = house / "config" / "programme.toml"
    config.write_text(PROGRAMME.replace("Puistot, nurmikot", "Puistot, penkit, nurmikot"), "utf-8")
    assert trained("2026-11-25T02:05:00Z") == ["done"]


@pytest.mark.everything
@pytest.mark.usefixtures("configured")
def test_what_a_file_taught_is_not_unlearnt_by_night(kuntakaiku: Command, house: Path) -> None:
    """A classifier trained from a file is never replaced by one trained from the corpus without being asked."""
    kuntakaiku("import", str(archive_of(house, FIRST)))
    kuntakaiku("train", "--labels", str(labelled(house / "texts.jsonl", FIRST)))
    kuntakaiku("labels", "import", str(labels(house, FIRST)))
    ran = kuntakaiku("run", "--once", "--json", now="2026-11-24T07:00:00Z")
    assert "train" not in [job["job"] for job in ran.json["jobs"]]


@pytest.mark.usefixtures("configured")
def test_labels_that_teach_nothing_are_told_once(kuntakaiku: Command, house: Path) -> None:
    """Twenty labels of one theme cannot teach: the run says why, and tries again only when there are new ones."""
    parks = [n for n in range(1_200) if SAID[n][1] == "parks"][::10]
    kuntakaiku("import", str(archive_of(house, parks)))
    kuntakaiku("labels", "import", str(labels(house, parks)))
    first = kuntakaiku("run", "--once", "--json").json["jobs"]
    assert "fewer than two" in next(job["problem"] for job in first if job["job"] == "train")
    second = kuntakaiku("run", "--once", "--json", now="2026-11-24T07:00:00Z").json["jobs"]
    assert "train" not in [job["job"] for job in second]


@pytest.mark.everything
@pytest.mark.usefixtures("configured")
def test_a_card_is_written_at_each_training(kuntakaiku: Command, house: Path) -> None:
    """Beside the model stand its cards in the reading languages, and `model card` prints one as it is now."""
    kuntakaiku("import", str(archive_of(house, FIRST)))
    assert "cold-" in kuntakaiku("model", "card", "--language", "en").out
    kuntakaiku("labels", "import", str(labels(house, FIRST)))
    version = kuntakaiku("train", "--json").json["model"]
    for language in ("fi", "sv", "en"):
        page = (house / "models" / "current" / f"card.{language}.html").read_text("utf-8")
        assert version in page
        assert (house / "models" / "current" / f"card.{language}.md").is_file()
    assert kuntakaiku("classify").exit == 0  # what stands beside a model does not spoil it
    told = kuntakaiku("model", "card", "--language", "sv", "--out", str(house / "kort.html"), "--json").json
    assert told["version"].startswith("trained-")
    assert "<svg" in (house / "kort.html").read_text("utf-8") or told["manifest"]["report"]["n"] == 0
    assert kuntakaiku("model", "card", "--language", "xx").exit == 2
    assert kuntakaiku("model", "card", "--out", str(house)).exit == 2
