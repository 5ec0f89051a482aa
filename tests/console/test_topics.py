"""Topics and exploring: what is told is what issues and commands tell, and decisions are the command's own."""

import msgspec
import pytest
from starlette.testclient import TestClient

from corpus.issues import StoredIssue
from runtime.jobs import digest, topics
from runtime.jobs.places import read_places
from runtime.wiring import Program
from tests.console.conftest import MONDAY, OWN, collect, post, signed, tags, words_of

TOPIC = {
    "label": {"fi": "penkit"},
    "language": "fi",
    "state": "growing",
    "posts": 13,
    "writers": 11,
    "baseline": 2.0,
    "ratio": 5.0,
    "ratio_low": 2.4,
    "ratio_high": 9.8,
    "languages": ["fi"],
    "weekly": [2, None, 1, 11],
    "examples": ["mastodon:1"],
    "municipalities": [
        {"slug": "municipality-091", "name": {"by_language": {"fi": "Helsinki", "sv": "Helsingfors"}}, "posts": 4}
    ],
}


@pytest.fixture
def told(talk: Program, week: Program) -> Program:
    """A digest that tells of two topics."""
    del week
    digest.draft(talk, talk.week("2026-W47"), who="test")
    stored = digest.stored_issue(talk, talk.week("2026-W47"))
    some = [TOPIC | {"key": "aaaa"}, TOPIC | {"key": "bbbb", "label": {"sv": "bänkarna"}, "language": "sv"}]
    numbers = dict(stored.numbers) | {"topics": some}
    changes = {"numbers": numbers, "drafted_at": stored.drafted_at}
    talk.corpus.issues.save_draft(StoredIssue(**(_fields(stored) | changes)))
    remembered = [{"key": one["key"], "terms": ["penkki"], "label": one["label"], "state": "growing"} for one in some]
    talk.corpus.facts.put("topics 2026-W47", remembered, now=talk.clock())
    return talk


def _fields(stored: StoredIssue) -> dict[str, object]:
    return {name: getattr(stored, name) for name in StoredIssue.__dataclass_fields__}


def form_of(page: str) -> dict[str, str]:
    """Return the token of a page's forms."""
    return {"csrftoken": signed(page), "week": "2026-W47"}


def test_topic_is_told_as_its_issue_has_it(browser: TestClient, told: Program) -> None:
    """Name, state, writers, posts, ratio, municipalities and the weeks of its chart, also for who hears it."""
    del told
    page = browser.get("/topics?lang=en").text
    said = words_of(page)
    assert "penkit Growing 11 writers, 13 posts. About 5" in said
    assert "probably 2.4–9.8 times" in said
    assert "mentioned Helsinki" in said
    alts = [one.attributes["aria-label"] for one in tags(page) if one.attributes.get("role") == "img"]
    assert "Writers a week, weeks 44–47: 2, gap, 1, 11" in alts
    assert "nämner Helsingfors" in words_of(browser.get("/topics?lang=sv").text)


def test_decisions_are_the_commands_own(browser: TestClient, told: Program) -> None:
    """Rename, merge, split, dismiss and restore hold for the command line too, and the log says who."""
    form = form_of(browser.get("/topics?lang=en").text)

    def decide(**fields: str) -> str:
        answer = browser.post("/topics?lang=en", data=form | fields, headers=OWN)
        assert answer.status_code == 303
        return words_of(browser.get(answer.headers["location"]).text)

    def standing() -> dict[str, topics.KnownTopic]:
        return {one.key: one for one in topics.known_topics(told)}

    assert "The name holds" in decide(act="rename", topic="aaaa", **{"label-fi": "Puistonpenkit  ", "label-sv": ""})
    assert standing()["aaaa"].label["fi"] == "Puistonpenkit"
    assert "told as one" in decide(act="merge", topic="aaaa", other="bbbb")
    assert standing()["bbbb"].head == "aaaa"
    assert "told apart" in decide(act="split", topic="aaaa")
    assert standing()["bbbb"].head == "bbbb"
    assert "never told as a topic" in decide(act="dismiss", topic="bbbb")
    assert standing()["bbbb"].state == "dismissed"
    assert "may be told" in decide(act="restore", topic="bbbb")
    assert [one.who for one in told.corpus.decisions.all()] == ["console"] * 5


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"act": "restore", "topic": "aaaa"}, 409),
        ({"act": "dismiss", "topic": "nobody"}, 409),
        ({"act": "merge", "topic": "aaaa"}, 409),
        ({"act": "explode", "topic": "aaaa"}, 400),
    ],
)
def test_what_cannot_be_decided_changes_nothing(
    fields: dict[str, str], status: int, browser: TestClient, told: Program
) -> None:
    """What would change nothing, is unknown, or no decision: a clear page, and the log stays as it was."""
    form = form_of(browser.get("/topics").text)
    assert browser.post("/topics", data=form | fields, headers=OWN).status_code == status
    assert told.corpus.decisions.all() == ()


@pytest.fixture
def placed(talk: Program) -> Program:
    """Seven posts of Turku and one of Vaasa, their places read."""
    posts = [post(n, f"Puisto numero {n} Turussa on kaunis") for n in range(101, 108)]
    collect(talk, [*posts, post(120, "Vaasassa puhutaan puistosta")])
    read_places(talk, lambda *_: None)
    return talk


def test_numbers_are_the_corpus_own(browser: TestClient, placed: Program) -> None:
    """Weeks, networks, places and the word's chart tell what the corpus counts; few posts give no rate."""
    page = browser.get("/explore?weeks=8&last=2026-W47&q=puisto&area=municipality&lang=en").text
    said = words_of(page)
    week = placed.week("2026-W47")
    zone = placed.configuration.programme.zone
    (span,) = placed.corpus.over_time.spans([(week.start_at(zone), week.end_at(zone))])
    assert f"All 0 {span.posts} –" in said
    assert "Turku 0.4 7" in said
    assert "Vaasa – fewer than 3" in said
    alts = [one.attributes["aria-label"] or "" for one in tags(page) if one.attributes.get("role") == "img"]
    word = next(alt for alt in alts if alt.startswith("puisto: "))
    found = browser.get("/discussions?q=puisto&lang=en").text
    assert word.endswith(", 8")
    assert "8 posts found" in words_of(found)
    assert "Turku 0.4" in next(alt for alt in alts if "Map of Finland" in alt)
    assert sum(one.name == "path" and "q1" in (one.attributes.get("class") or "") for one in tags(page)) == 1


def test_filters_narrow_what_is_counted(browser: TestClient, placed: Program) -> None:
    """A network, and a theme on the map; what nobody knows narrows nothing."""
    del placed
    bluesky = words_of(browser.get("/explore?weeks=8&last=2026-W47&network=bluesky&lang=en").text)
    assert "All 0 1 –" in bluesky
    theme = words_of(browser.get("/explore?weeks=8&last=2026-W47&theme=buses&lang=en").text)
    assert "No area was spoken of in enough posts" in theme


def test_counts_leave_out_what_was_taken_back(talk: Program) -> None:
    """Tombstones count nowhere, neither as posts nor as writers."""
    (span,) = talk.corpus.over_time.spans([(MONDAY, talk.clock())])
    assert (span.posts, dict(span.by_network)) == (5, {"mastodon": 4, "bluesky": 1})
    assert sum(span.by_theme.values()) == 5
    assert msgspec.to_builtins(dict(span.by_theme))["parks"] == 1
