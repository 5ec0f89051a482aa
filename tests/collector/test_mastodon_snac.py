"""Mastodon against snac: a server with no Link header, hexadecimal ids, and a token needed for more than timelines."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collector.collect import collect_sources
from collector.round import Round
from collector.source import Seeing
from collector.sources import open_source
from collector.sweep import Swept, sweep_source
from collector.threads import JOB as THREADS
from corpus.post import Post
from corpus.store import Corpus
from programme.types import Programme, SourceSettings
from tests.collector.fake_wire import Clock
from tests.collector.snac import Snac

pytestmark = pytest.mark.everything
TAG = "#TulevaisuudenKunta"


class Reader:
    """Rounds and sweeps of the servers, by a clock of ours that begins with theirs."""

    def __init__(self, servers: list[Snac], corpus: Corpus, programme: Programme, directory: Path) -> None:
        self.corpus, self.programme, self.directory = corpus, programme, directory
        self.secrets = {f"TOKEN_{server.user.upper()}": server.token for server in servers}
        self.sources = [
            SourceSettings(
                name=server.user,
                network="mastodon",
                enabled=True,
                base_url=server.url,
                every=timedelta(minutes=15),
                timeout=5,
            )
            for server in servers
        ]
        first = servers[0].post(f"Keksitty ensimmäinen {TAG}")
        self.first: str = first["uri"]
        self.clock = Clock(datetime.fromisoformat(first["created_at"]) + timedelta(hours=1))

    def collect(self) -> list[Round]:
        """Run a round of each source, and its discussions."""
        return collect_sources(
            self.sources,
            self.corpus,
            programme=self.programme,
            secrets=self.secrets.get,
            clock=self.clock,
            rest=self.clock.rest,
            data_directory=self.directory,
        )

    def sweep(self) -> list[Swept]:
        """Look known posts up through each source."""
        found = []
        for settings in self.sources:
            source = open_source(settings, self.programme, self.secrets.get)
            assert isinstance(source, Seeing)
            found.append(
                sweep_source(
                    source,
                    self.corpus,
                    settings=replace(settings, sweep_requests=100),
                    clock=self.clock,
                    rest=self.clock.rest,
                    data_directory=self.directory,
                )
            )
        return found

    def posts(self) -> dict[str, Post]:
        """Return what the corpus holds, by address."""
        return {found.stored.post.native_id: found.stored.post for found in self.corpus.posts.all_classified()}


@pytest.fixture
def anna(tmp_path: Path) -> Iterator[Snac]:
    """A server of its own."""
    with Snac(tmp_path / "anna", "anna") as server:
        yield server


@pytest.fixture
def eero(tmp_path: Path) -> Iterator[Snac]:
    """Another one, which hears from the first."""
    with Snac(tmp_path / "eero", "eero") as server:
        yield server


@pytest.fixture
def reader(anna: Snac, one_corpus: Corpus, watched: Programme, tmp_path: Path) -> Reader:
    """A reader of one server."""
    return Reader([anna], one_corpus, watched, tmp_path)


def test_every_post_comes_in_once(anna: Snac, reader: Reader) -> None:
    """More than a page of posts within the same seconds comes in whole, and nothing comes in twice or costs a write."""
    written = {anna.post(f"Keksitty viesti {n} {TAG}")["uri"] for n in range(45)}
    (found,) = reader.collect()
    assert (found.state, found.inserted, found.complete) == ("ok", 46, True)
    (found,) = reader.collect()
    assert (found.state, found.inserted, found.updated, found.complete) == ("empty", 0, 0, True)
    written.add(anna.post(f"Vielä yksi {TAG}")["uri"])
    (found,) = reader.collect()
    assert (found.inserted, found.complete) == (1, True)
    assert set(reader.posts()) == {*written, reader.first}


def test_edits_and_deletions_are_followed(anna: Snac, reader: Reader) -> None:
    """Though an edit gives a post another id, the edit is read; what is deleted is a tombstone when missed again."""
    edited, deleted = anna.post(f"Keksitty toinen {TAG}"), anna.post(f"Keksitty kolmas {TAG}")
    reader.collect()
    anna.edit_later(edited["id"], f"Korjattu {TAG}")
    anna.delete(deleted["uri"])
    reader.clock.pass_by(hours=25)
    (found,) = reader.sweep()
    assert (found.state, found.looked_at, found.updated, found.buried, found.unjudged) == ("ok", 3, 1, 0, 1)
    reader.clock.pass_by(minutes=61)
    (found,) = reader.sweep()
    assert (found.looked_at, found.buried) == (1, 1)
    posts = reader.posts()
    assert (posts[edited["uri"]].text, posts[deleted["uri"]].gone) == (f"Korjattu {TAG}", "deleted")
    assert posts[reader.first].gone is None
    (found,) = reader.collect()[:1]
    assert (found.complete, found.inserted) == (True, 0)


def test_rounds_go_on_when_the_newest_post_changes(anna: Snac, reader: Reader) -> None:
    """Where the post by which a round was remembered is edited or deleted, later ones bring what is new, once."""
    newest = anna.post(f"Keksitty toinen {TAG}")
    reader.collect()
    anna.edit_later(newest["id"], f"Korjattu {TAG}")
    third = anna.post(f"Keksitty kolmas {TAG}")
    assert [(found.inserted, found.complete) for found in reader.collect()] == [(1, True)]
    anna.delete(third["uri"])
    fourth = anna.post(f"Keksitty neljäs {TAG}")
    assert [(found.inserted, found.complete) for found in reader.collect()] == [(1, True)]
    assert fourth["uri"] in reader.posts()
    assert [(found.state, found.inserted) for found in reader.collect()] == [("empty", 0)]


def test_discussion_is_followed_with_a_token(anna: Snac, reader: Reader) -> None:
    """Answers without the hashtag come in by thread, and what they answer is known."""
    opening = anna.post(f"Keksitty kysymys {TAG}")
    answer = anna.post("Keksitty vastaus", answers=opening["id"])
    deeper = anna.post("Keksitty vastaus vastaukseen", answers=answer["id"])
    (found,) = reader.collect()
    assert found.threads is not None
    assert (found.inserted, found.threads.inserted, found.threads.problem) == (2, 2, None)
    posts = reader.posts()
    assert [(posts[one["uri"]].via, posts[one["uri"]].reply_to) for one in (answer, deeper)] == [
        ("thread", opening["uri"]),
        ("thread", answer["uri"]),
    ]
    assert reader.collect()[0].threads is None


def test_without_a_token_posts_come_in_and_the_rest_names_it(anna: Snac, reader: Reader) -> None:
    """A stranger may read the timeline; for discussions and look-ups the remedy is told, and nothing is gone."""
    opening = anna.post(f"Keksitty kysymys {TAG}")
    anna.post("Keksitty vastaus", answers=opening["id"])
    reader.secrets.clear()
    (found,) = reader.collect()
    assert (found.state, found.inserted, found.complete) == ("ok", 2, True)
    assert found.threads is not None
    assert "KUNTAKAIKU_TOKEN_ANNA" in (found.threads.problem or "")
    anna.delete(opening["uri"])
    reader.clock.pass_by(hours=25)
    for _ in range(2):
        (swept,) = reader.sweep()
        assert (swept.state, swept.buried) == ("refused", 0)
        assert "KUNTAKAIKU_TOKEN_ANNA" in (swept.problem or "")
        reader.clock.pass_by(hours=2)
    assert reader.posts()[opening["uri"]].gone is None
    assert reader.corpus.ledger.runs(job=THREADS, limit=1)


def test_posts_of_another_server(
    anna: Snac, eero: Snac, one_corpus: Corpus, watched: Programme, tmp_path: Path
) -> None:
    """A post seen through two servers is one; its discussion and its end are learned where it was seen."""
    eero.follow(anna)
    reader = Reader([eero, anna], one_corpus, watched, tmp_path)
    reader.sources = reader.sources[:1]
    theirs = anna.post(f"Keksitty naapurista {TAG}")
    shown: dict[str, Any] = {one["uri"]: one for one in eero.shows("tulevaisuudenkunta", 2)}
    answer = eero.post("Keksitty vastaus", answers=shown[theirs["uri"]]["id"])
    (found,) = reader.collect()
    assert found.threads is not None
    assert (found.inserted, found.threads.inserted) == (2, 1)
    assert reader.posts()[answer["uri"]].reply_to == theirs["uri"]
    both = Reader([eero, anna], one_corpus, watched, tmp_path)
    both.clock = reader.clock
    assert [(one.state, one.inserted) for one in both.collect()] == [("ok", 1), ("empty", 0)]
    anna.delete(theirs["uri"])
    eero.shows("tulevaisuudenkunta", 2)
    both.clock.pass_by(hours=25)
    assert sum(one.buried for one in both.sweep()) == 0
    both.clock.pass_by(minutes=61)
    assert sum(one.buried for one in both.sweep()) == 1
    assert both.posts()[theirs["uri"]].gone == "deleted"
    assert {post.gone for uri, post in both.posts().items() if uri != theirs["uri"]} == {None}
