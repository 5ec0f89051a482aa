"""Review: a label is stored once and as `labels export` tells it; blind posts show nothing of the guess."""

import html
import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from corpus.post import Label, Prediction, Reason
from runtime.jobs import review
from runtime.jobs.labels import write_labels
from runtime.wiring import Program
from tests.bad_input.hostile import OWN as HOSTILE
from tests.console.conftest import LANGUAGES, OWN, client_of, collect, hostile_posts, post, tags, words_of

GUIDELINE = """
[fi]
inclusion = ["Puistojen hoito."]
exclusion = ["Pysäkit."]
borderline = [{ text = "Bussi ajoi puistoon.", theme = "buses", why = "Ydin on bussi." }]
"""


def predict(program: Program, theme: str | None = "buses", **more: object) -> None:
    """Let a classifier say the same of every post, sure or not."""
    fields: dict[str, object] = {
        "model": "cold-1",
        "lang": "fi",
        "theme": theme,
        "themes": (theme,) if theme else (),
        "confidence": 0.5,
        "scores": {"buses": 0.5, "parks": 0.3, "none": 0.2},
        "reasons": (
            Reason(kind="unsure", text="buses, parks"),
            Reason(kind="word", text="bussi", weight=1.0),
            Reason(kind="against", text="puistoon", weight=-0.5),
        ),
    }
    said = Prediction(**(fields | more))  # type: ignore[arg-type]
    posts = [one.stored.post_id for one in program.corpus.posts.all_classified()]
    program.corpus.judgements.save_predictions([(one, said) for one in posts], now=program.clock())


@pytest.fixture
def queue(program: Program) -> Program:
    """Seventy posts of last week that nobody has labelled, with a guess; each fifth that is asked about is blind."""
    collect(program, [post(n, f"Vanha bussi {n} ajoi puistoon <b>illalla</b>") for n in range(1, 71)])
    predict(program)
    return program


def form_of(page: str) -> dict[str, str]:
    """Return the hidden fields of the form that answers."""
    found = [one.attributes for one in tags(page) if one.name == "input" and one.attributes.get("type") == "hidden"]
    return {str(one["name"]): str(one["value"]) for one in found}


def give(browser: TestClient, **answer: str) -> str:
    """Answer the post that is asked about, and return the page that follows."""
    form = form_of(browser.get("/review?lang=en").text)
    answered = browser.post("/review", data=form | answer, headers=OWN)
    assert answered.status_code == 303
    return browser.get(answered.headers["location"]).text


def exported(program: Program, directory: Path) -> list[dict[str, object]]:
    """Return the labels as `labels export` writes them."""
    write_labels(program, directory / "labels.jsonl")
    return [json.loads(line) for line in (directory / "labels.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_guess_and_its_words_are_shown(language: str, browser: TestClient, queue: Program) -> None:
    """The likeliest theme, how sure in words, the set of answers, and the words marked in the post's own text."""
    del queue
    page = browser.get(f"/review?lang={language}").text
    words = words_of(page)
    either = {"fi": "2 tai 1", "sv": "2 eller 1", "en": "2 or 1"}
    assert either[language] in words
    assert '<mark class="for">bussi</mark>' in page
    assert '<mark class="against">puistoon</mark>' in page
    assert html.escape("<b>illalla</b>") in page
    assert [one.attributes["value"] for one in tags(page) if "guess" in (one.attributes.get("class") or "")] == [
        "buses"
    ]
    assert not re.search(r"%|\b0[.,]\d", words)


def test_label_is_stored_as_export_tells_it(
    browser: TestClient, queue: Program, tmp_path: Path, program: Program
) -> None:
    """Theme, who, when, the guideline in force, and that the guess was seen; the page says what was saved."""
    (tmp_path / "config" / "guidelines").mkdir()
    (tmp_path / "config" / "guidelines" / "parks.toml").write_text(GUIDELINE, "utf-8")
    page = give(browser, theme="parks")
    assert "Saved: 1, Parks. The classifier guessed: 2, Buses." in words_of(page)
    assert "Labelled today: 1 / 50" in words_of(page)
    (row,) = exported(queue, tmp_path)
    assert (row["theme"], row["by"], row["blind"], row["audit"]) == ("parks", "console", False, False)
    assert row["guideline"] == program.guidelines.version
    assert str(row["at"]).startswith("2026-11-23T06:00:0")
    give(browser, theme="none")
    give(browser, theme="unsure")
    assert [one["theme"] for one in exported(queue, tmp_path)] == ["parks", None, "unsure"]


def test_blind_post_shows_no_guess_until_answered(browser: TestClient, queue: Program, tmp_path: Path) -> None:
    """Of the fifth post nothing in the page tells the guess, whatever it was; its label is blind and for the audit."""
    for _ in range(4):
        assert "drawn at random" not in words_of(browser.get("/review?lang=en").text)
        give(browser, theme="parks")
    seen = set()
    for theme in ("buses", "parks", None):
        predict(queue, theme, scores={str(theme or "none"): 0.9, "buses": 0.05, "parks": 0.05})
        page = browser.get("/review?lang=en").text
        assert "drawn at random" in words_of(page)
        assert "<mark" not in page
        assert "/discussions/" not in page
        seen.add(re.sub(r'name="csrftoken" value="[^"]+"|<p class="body small" role="status".*?</p>', "", page))
    assert len(seen) == 1
    after = give(browser, theme="buses")
    assert "The classifier guessed: 0, None of the themes." in words_of(after)
    last = exported(queue, tmp_path)[-1]
    assert (last["theme"], last["blind"], last["audit"]) == ("buses", True, True)


def test_undo_takes_back_this_browsers_last_step(browser: TestClient, queue: Program, tmp_path: Path) -> None:
    """A label, a skip, and nothing more: each step back is told, and another's labels stay."""
    with client_of(queue) as other:
        give(other, theme="buses")
    first = form_of(browser.get("/review").text)["post"]
    give(browser, theme="parks")
    second = form_of(browser.get("/review").text)["post"]
    give(browser, act="skip")
    assert form_of(browser.get("/review").text)["post"] not in (first, second)
    assert "undone" in words_of(give(browser, act="undo"))
    assert form_of(browser.get("/review").text)["post"] == second
    give(browser, act="undo")
    assert form_of(browser.get("/review").text)["post"] == first
    assert [one["theme"] for one in exported(queue, tmp_path)] == ["buses"]
    form = form_of(browser.get("/review?lang=en").text)
    nothing = browser.post("/review?lang=en", data=form | {"act": "undo"}, headers=OWN)
    assert nothing.status_code == 409
    assert "nothing to undo" in words_of(nothing.text)


def test_steps_are_kept_to_the_end_of_the_day(browser: TestClient, queue: Program) -> None:
    """What was passed over is asked about again tomorrow: the browser keeps its steps till the programme's midnight."""
    del queue
    form = form_of(browser.get("/review").text)
    cookie = browser.post("/review", data=form | {"act": "skip"}, headers=OWN).headers["set-cookie"]
    kept = re.search(r"Max-Age=(\d+)", cookie)
    assert kept is not None
    assert 57_500 < int(kept[1]) <= 57_600
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()


def test_second_of_two_answers_is_told(browser: TestClient, queue: Program, tmp_path: Path) -> None:
    """Two reviewers, or a form sent twice: one label is stored, the second hears whose stands, and nothing is lost."""
    form = form_of(browser.get("/review").text)
    with client_of(queue) as other:
        theirs = form_of(other.get("/review").text)
        assert theirs["post"] == form["post"]
        assert other.post("/review", data=theirs | {"theme": "buses"}, headers=OWN).status_code == 303
        twice = other.post("/review?lang=en", data=theirs | {"theme": "buses"}, headers=OWN)
    late = browser.post("/review?lang=en", data=form | {"theme": "parks"}, headers=OWN)
    assert (twice.status_code, late.status_code) == (409, 409)
    assert "before you: 2, Buses. Your answer (1, Parks) was not stored" in words_of(late.text)
    assert form_of(late.text)["post"] != form["post"]
    assert [one["theme"] for one in exported(queue, tmp_path)] == ["buses"]


def test_post_deleted_meanwhile_is_told(browser: TestClient, queue: Program, tmp_path: Path) -> None:
    """A post that was taken back while its page was open gets no label, and the next one is asked about."""
    form = form_of(browser.get("/review").text)
    asked = queue.corpus.reviews.posts([int(form["post"])])[int(form["post"])].stored.post
    collect(queue, [replace(asked, text=None, gone="deleted")])
    answer = browser.post("/review?lang=sv", data=form | {"theme": "parks"}, headers=OWN)
    assert answer.status_code == 409
    assert "inte längre tillgängligt" in words_of(answer.text)
    assert form_of(answer.text)["post"] != form["post"]
    assert exported(queue, tmp_path) == []


@pytest.mark.parametrize("change", ["no token", "foreign", "theme", "post", "no post", "long", "odd"])
def test_bad_forms_store_nothing(change: str, browser: TestClient, queue: Program, tmp_path: Path) -> None:
    """A forged form, an unknown theme or post, an oversized field: a clear page, and no label."""
    form = form_of(browser.get("/review").text) | {"theme": "parks"}
    headers = dict(OWN)
    status = 400
    if change == "no token":
        form.pop("csrftoken")
        status = 403
    elif change == "foreign":
        headers, status = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, 403
    elif change == "theme":
        form["theme"] = "<script>"
    elif change == "post":
        form["post"], status = "999999999", 409
    elif change == "no post":
        form["post"] = "-1"
    elif change == "odd":
        form["post"] = "²" * 30
    else:
        form["theme"], status = "a" * 1_000_001, 413
    answer = browser.post("/review?lang=fi", data=form, headers=headers)
    assert answer.status_code == status
    assert "<h1>" in answer.text
    assert exported(queue, tmp_path) == []


def test_hostile_posts_and_cookies_are_inert(browser: TestClient, program: Program) -> None:
    """Every hostile string stands as text, its marked words too; a cookie that means nothing is no step."""
    collect(program, hostile_posts(list(HOSTILE)))
    predict(program, reasons=(Reason(kind="word", text="<script>alert(1)</script>", weight=1.0),))
    for _ in range(12):
        page = browser.get("/review?lang=en").text
        assert "<script>alert" not in page
        assert sum(one.name == "script" for one in tags(page)) == 2
        assert not [name for one in tags(page) for name in one.attributes if name.startswith("on")]
        give(browser, act="skip")
    for cookie in ("<b>", "1.2.3", "9" * 5_000, "-".join(["1"] * 3_000), "0" * 18 + "." + "9" * 17):
        browser.cookies.set("review", cookie, path="/review")
        assert browser.get("/review").status_code == 200


def test_hostile_undo_takes_nothing(browser: TestClient, queue: Program, tmp_path: Path) -> None:
    """An undo whose cookie names an instant without end, or a label that is another's, removes nothing."""
    theirs = form_of(browser.get("/review").text)
    label = Label(theme="parks", by="EK", at=queue.clock())
    queue.corpus.judgements.add_labels([(int(theirs["post"]), label)])
    micros = round(label.at.timestamp() * 1_000_000)
    for cookie in (f"{theirs['post']}.{micros}", f"{theirs['post']}.{'9' * 17}"):
        form = form_of(browser.get("/review").text)
        browser.cookies.set("review", cookie, path="/review")
        assert browser.post("/review", data=form | {"act": "undo"}, headers=OWN).status_code == 409
        browser.cookies.delete("review")
    assert [one["by"] for one in exported(queue, tmp_path)] == ["EK"]


def test_keys_can_be_switched_off(browser: TestClient, queue: Program) -> None:
    """Without single keys no button claims one, the buttons stay, and they can be switched on again."""
    del queue
    assert [one for one in tags(browser.get("/review").text) if "aria-keyshortcuts" in one.attributes]
    page = give(browser, act="keys_off")
    assert not [one for one in tags(page) if {"aria-keyshortcuts", "data-keys"} & set(one.attributes)]
    assert [one for one in tags(page) if one.attributes.get("value") == "parks"]
    assert [one for one in tags(give(browser, act="keys_on")) if "data-keys" in one.attributes]


def test_answered_post_stands_with_what_it_answers(browser: TestClient, program: Program) -> None:
    """An answer is shown under the post that it answers."""
    collect(program, [post(1, "Kuka vastaa penkeistä?"), post(2, "Kaupunki.", reply_to="1")])
    first = words_of(browser.get("/review?lang=en").text)
    second = words_of(give(browser, act="skip"))
    above = [page for page in (first, second) if "The post answers this: Kuka vastaa penkeistä? Kaupunki." in page]
    assert len(above) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_empty_queue_is_told(language: str, browser: TestClient, program: Program) -> None:
    """Where nothing waits the page says so, asks nothing, and the goal of the day stays."""
    del program
    page = browser.get(f"/review?lang={language}").text
    assert {"fi": "Jono on tyhjä", "sv": "Kön är tom", "en": "The queue is empty"}[language] in words_of(page)
    assert not [one for one in tags(page) if one.attributes.get("name") == "theme"]


def test_page_left_open_for_rounds_is_told(browser: TestClient, queue: Program, tmp_path: Path) -> None:
    """Nobody knows any more whether an answer to a post of an older round was blind: it is not stored."""
    form = form_of(browser.get("/review").text)
    now = queue.clock()
    for days in (1, 2, 3):
        collect(queue, [post(1000 * days + n, f"Uusi {days} {n}") for n in range(60)])
        queue.clock = lambda days=days: now + timedelta(days=days)  # type: ignore[misc]
        fact = queue.corpus.facts.get(review.FACT)
        fact["round"] = [pair for pair in fact["round"] if str(pair[0]) != form["post"]]
        queue.corpus.facts.put(review.FACT, fact | {"day": "", "before": []}, now=queue.clock())
    answer = browser.post("/review?lang=en", data=form | {"theme": "parks"}, headers=OWN)
    assert answer.status_code == 409
    assert "open for so long" in words_of(answer.text)
    assert exported(queue, tmp_path) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_guidelines_stand_by_theme(language: str, browser: TestClient, program: Program, tmp_path: Path) -> None:
    """Inclusion, exclusion, examples and version; a theme without a page says so, and marks the language it has."""
    (tmp_path / "config" / "guidelines").mkdir()
    (tmp_path / "config" / "guidelines" / "parks.toml").write_text(GUIDELINE, "utf-8")
    page = browser.get(f"/guidelines?lang={language}").text
    words = words_of(page)
    assert program.guidelines.version in words
    for said in ("Puistojen hoito.", "Pysäkit.", "Bussi ajoi puistoon.", "Ydin on bussi."):
        assert said in words
    assert program.messages.translate("console.review.no_guide", language) in words


def test_learning_tells_the_last_training(browser: TestClient, queue: Program) -> None:
    """New labels since, what the last new classifier changed, and its measured accuracy beside the one before."""
    from corpus.judgements import ModelRecord

    before = words_of(browser.get("/learning?lang=en").text)
    assert "has not been trained on labels yet" in before
    give(browser, theme="parks")
    report = {"n": 80, "macro_f1": 0.8, "comparison": {"n": 80, "before": 0.7, "after": 0.8}}
    model = ModelRecord(version="m2", trained_at=queue.clock(), data_hash="a", theme_hash="b", report=report)
    queue.corpus.judgements.activate(model, now=queue.clock())
    ledger = queue.corpus.ledger
    run = ledger.start("new classifier", now=queue.clock())
    ledger.finish(run, state="done", now=queue.clock(), counts={"compared": 90, "changed": 7})
    words = words_of(browser.get("/learning?lang=en").text)
    assert "1 label waits to be learnt." in words
    assert "changed the theme of 7 posts, of 90 compared" in words
    assert "70.0 before and is 80.0 now" in words
