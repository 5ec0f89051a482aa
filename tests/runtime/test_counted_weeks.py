"""Weeks that were counted before are not counted again, and nobody can tell: every answer is as from the posts."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from corpus.changes import Bury, decide
from corpus.post import Author, Label, Post, Prediction
from corpus.store import Corpus
from programme.week import Week
from runtime.jobs.compose import posts_of
from runtime.jobs.counted import rules_of
from runtime.jobs.trends import explained, trends_of
from runtime.settings import Options
from runtime.wiring import Program
from tests.runtime.conftest import PROGRAMME

WEEK = Week(year=2026, number=47)
WORDS = (
    "puistot",
    "puistossa",
    "puistojuhla",
    "puistojuhlat",
    "bussit",
    "bussikaista",
    "pysäkille",
    "juhannus",
    "juhannusliikenne",
    "silta",
    "sillat",
    "Helsingissä",
    "kirjasto",
    "kirjastoauto",
    "uimahalli",
    "tori",
    "Turussa",
    "koulu",
    "koulutie",
    "retki",
    "lumi",
    "lumityö",
    "park",
    "lekplatsen",
    "buses",
)
_EVERY = "trends calibration 2026-11 26"


@pytest.fixture
def program(house: Path, corpus: Corpus, database_url: str) -> Iterator[Program]:
    """A house over an empty corpus, whose notes are as bold as can be, so that there is something to compare."""
    (house / "config").mkdir()
    (house / "config" / "programme.toml").write_text(PROGRAMME, encoding="utf-8")
    options = Options(data=house, config=house / "config", database=database_url, now="2026-11-24T06:00:00Z")
    with Program(options, environment={}, working_directory=house) as wired:
        corpus.facts.put(_EVERY, {"alpha": 1.0, "chance_notes": 0.1, "weeks": 10}, now=wired.clock())
        yield wired


class Town:
    """People who write, edit, repost and delete by chance."""

    def __init__(self, program: Program, seed: int) -> None:
        self.program, self.chance, self.number = program, Random(seed), 0
        self.posts: dict[str, Post] = {}

    def say(self, week: Week, posts: int, *more: str) -> None:
        """Write posts of a week."""
        written = [self._post(week, *more) for _ in range(posts)]
        self._apply(written)

    def step(self) -> None:
        """Let one thing happen to a week or a post."""
        chance, posts = self.chance, self.program.corpus.posts
        week = WEEK.plus(-chance.choice([0, 0, 1, 2, 5, 20, 51, 53, 54, 56]))
        post = self.posts[chance.choice(sorted(self.posts))]
        at = self.program.clock() + timedelta(minutes=self.number)
        match chance.choice(["late", "late", "delete", "edit", "label", "language", "repost", "copy"]):
            case "late":
                self.say(week, chance.randrange(1, 5), *chance.sample(WORDS, 1))
            case "delete":
                del self.posts[post.native_id]
                posts.apply([Bury(post.network, post.native_id, "deleted", at)], source="m", now=at)
            case "edit":
                self._apply([replace(post, text=self._words(), edited_at=at)])
            case "label":
                label = Label(theme=chance.choice(["parks", "buses", None]), by="ab", at=at)
                self.program.corpus.judgements.add_labels([(self._id_of(post), label)])
            case "language":
                judged = Prediction(
                    model="cold", lang=chance.choice(["fi", "sv"]), theme=None, themes=(), confidence=1.0, scores={}
                )
                self.program.corpus.judgements.save_predictions([(self._id_of(post), judged)], now=at)
            case "repost":
                self._apply([replace(self._post(week), text="", repost_of=post.native_id)])
            case "copy":
                self._apply([replace(self._post(week), text=post.text) for _ in range(3)])

    def _id_of(self, post: Post) -> int:
        found = self.program.corpus.posts.by_native_id(post.network, post.native_id)
        assert found is not None
        return found.stored.post_id

    def _words(self, *more: str) -> str:
        return " ".join([*self.chance.sample(WORDS, 4), *more, f"sana{self.chance.randrange(400)}"])

    def _post(self, week: Week, *more: str) -> Post:
        self.number += 1
        chance = self.chance
        start_at = week.start_at(self.program.configuration.programme.zone)
        name = f"a{chance.randrange(40)}"
        return Post(
            network="mastodon",
            native_id=str(self.number),
            author=Author(native_id=name, handle=name, name=name),
            text=self._words(*more),
            created_at=start_at + timedelta(minutes=chance.randrange(10_000)),
            via="hashtag",
            lang=chance.choice(["fi", "fi", "sv", None]),
            links=chance.choice([(), ("https://kunta.example/a",)]),
        )

    def _apply(self, written: list[Post]) -> None:
        now = self.program.clock() + timedelta(minutes=self.number)
        known = self.program.corpus.posts.known("mastodon", [post.native_id for post in written])
        self.program.corpus.posts.apply(decide(written, known, now), source="m", now=now)
        self.posts |= {post.native_id: post for post in written}


def answers(program: Program, *, kept: bool) -> object:
    """Return all that is told of the week: from what is kept of its history, or from all posts."""
    posts = None if kept else posts_of(program, WEEK)
    report = trends_of(program, WEEK, posts=posts, covered=lambda week: week != WEEK.plus(-3))
    return report.as_json(), [trend.post_ids for trend in (*report.trends, *report.watch_list)]


def fill(town: Town) -> None:
    """Write in most weeks of a year, and more than usual of one thing in the last."""
    for ago in (55, 54, 53, 52, 51, 30, *range(12, 0, -1)):
        town.say(WEEK.plus(-ago), 8)
    town.say(WEEK, 8)
    town.say(WEEK, 7, "Retkeilypäivä", "kuntoportaat")


@pytest.mark.everything
@pytest.mark.parametrize("seed", range(2))
def test_answers_are_as_from_the_posts_whatever_happens(program: Program, seed: int) -> None:
    """Late posts, deletions, edits, labels, reposts and copies in any order: kept counts never change an answer."""
    town = Town(program, seed)
    fill(town)
    told = 0
    for _ in range(12):
        report = answers(program, kept=True)
        assert report == answers(program, kept=False)
        told += bool(report[1])  # type: ignore[index] # what answers gives
        town.step()
    assert told > 6


def test_only_a_changed_week_is_counted_anew(program: Program) -> None:
    """A second look counts nothing; a late post its own week; other rules of counting every week."""
    town = Town(program, 1)
    fill(town)

    def rows() -> dict[int, bytes]:
        found = program.corpus.database.query("SELECT begin_at, fingerprint FROM counted_weeks")
        return {begin: bytes(mark) for begin, mark in found}

    answers(program, kept=True)
    before = rows()
    assert len(before) == 17
    answers(program, kept=True)
    assert rows() == before
    town.say(WEEK.plus(-2), 1)
    answers(program, kept=True)
    assert sum(rows()[begin] != mark for begin, mark in before.items()) == 1
    assert "simplemma" in rules_of(program)


def test_every_count_is_explained_from_what_is_kept(program: Program) -> None:
    """What a topic's every count is does not hang on pairs that only one post holds."""
    town = Town(program, 2)
    fill(town)
    town.say(WEEK.plus(-4), 1, "kerran", "sanottu")
    found = explained(program, WEEK, ("kerran sanottu", "retkeilypäivä"))
    assert [sum(term.weekly) for term in found.terms] == [1, 0]
    assert found.terms[1].y == 7
