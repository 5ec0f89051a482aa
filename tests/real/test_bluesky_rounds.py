"""Rounds, discussions and the sweep against the real Bluesky network."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from corpus.post import Post
from corpus.store import Corpus
from tests.real.bluesky_network import HASHTAG, Network, tapped

pytestmark = [pytest.mark.everything, pytest.mark.xdist_group("bluesky")]
Command = Callable[..., Any]
"""Runs a command and returns what it said: exit, out, err, json."""
Configure = Callable[..., None]


def stored(house: Path) -> dict[str, Post]:
    """Return the posts of the corpus by native id."""
    with Corpus.open(f"sqlite:///{house / 'kuntakaiku.db'}") as corpus:
        return {found.stored.post.native_id: found.stored.post for found in corpus.posts.all_classified()}


def later(**duration: float) -> str:
    """Return an instant from now on."""
    return (datetime.now(UTC) + timedelta(**duration)).isoformat()


def test_round_finds_each_post_once(network: Network, house: Path, kuntakaiku: Command, configure: Configure) -> None:
    """Marked and unmarked hashtags behind ä and emoji are found once; a round without news is one search request."""
    writer = network.person("aino")
    ours = [
        writer.post(f"Keksitty viesti puistosta #{HASHTAG}"),
        writer.post(f"Öinen 🌲👩‍🌾 keksitty ääni #{HASHTAG} ja perään vielä jotakin"),
        writer.post(f"Merkitsemätön 🌲 tunniste #{HASHTAG}", facets=[]),
    ]
    others = [writer.post("Muuta asiaa"), writer.post(f"Pidempi tunniste #{HASHTAG}blogi")]
    network.until_shown(*ours, *others)
    with tapped(network.url) as (url, asked):
        configure(url=url)
        first = kuntakaiku("collect", "--json")
        found = stored(house)
        assert set(ours) <= found.keys()
        assert found.keys().isdisjoint(others)
        assert (first.exit, first.json["runs"][0]["complete"]) == (0, True)
        assert found[ours[1]].text == f"Öinen 🌲👩‍🌾 keksitty ääni #{HASHTAG} ja perään vielä jotakin"
        author = found[ours[1]].author
        assert author is not None
        assert (author.native_id, author.handle) == (writer.did, writer.handle)
        asked.clear()
        second = kuntakaiku("collect", "--json").json["runs"][0]
        assert (second["inserted"], second["updated"], second["complete"]) == (0, 0, True)
        assert asked == ["com.atproto.server.createSession", "app.bsky.feed.searchPosts"]
        assert stored(house) == found


def test_answers_and_quotes_come_in_by_thread(
    network: Network, house: Path, kuntakaiku: Command, configure: Configure
) -> None:
    """Answers to answers and quotes without the hashtag are brought by the discussion, and say so."""
    asker, answerer = network.person("bertta"), network.person("celia")
    root = asker.post(f"Mitä puistolle tapahtuu? #{HASHTAG}")
    answer = answerer.post("Siihen tulee uusi keinu", answers=root)
    deeper = asker.post("Hienoa, kiitos 🌱", answers=answer, root=root)
    quote = answerer.post("Kannattaa lukea", quotes=root)
    network.until_shown(root, answer, deeper, quote)
    configure()
    kuntakaiku("collect")
    found = stored(house)
    assert {uri: found[uri].via for uri in (root, answer, deeper, quote)} == {
        root: "hashtag",
        answer: "thread",
        deeper: "thread",
        quote: "thread",
    }
    assert (found[deeper].reply_to, found[deeper].discussion, found[quote].quote_of) == (answer, root, root)


def test_what_is_taken_back_is_buried_by_the_sweep(
    network: Network, house: Path, kuntakaiku: Command, configure: Configure
) -> None:
    """A deleted post and those of a closed account become tombstones when they were left out twice; others stay."""
    writer, leaver = network.person("daavid"), network.person("eeva")
    kept, deleted = writer.post(f"Pysyvä viesti #{HASHTAG}"), writer.post(f"Poistuva viesti #{HASHTAG}")
    closed = leaver.post(f"Suljettavan tilin viesti #{HASHTAG}")
    network.until_shown(kept, deleted, closed)
    configure()
    kuntakaiku("collect")
    writer.delete(deleted)
    leaver.deactivate()
    network.until_hidden(deleted, closed)
    assert kuntakaiku("sweep", "--json", now=later(hours=25)).json["runs"][0]["buried"] == 0
    assert kuntakaiku("sweep", "--json", now=later(hours=27)).json["runs"][0]["buried"] == 2
    found = stored(house)
    assert {uri: found[uri].gone for uri in (kept, deleted, closed)} == {
        kept: None,
        deleted: "deleted",
        closed: "deleted",
    }
    assert (found[deleted].text, found[closed].author) == (None, None)


def test_who_opted_out_is_not_kept(network: Network, house: Path, kuntakaiku: Command, configure: Configure) -> None:
    """Of somebody who asks not to be shown to the public, only that there was a post."""
    writer = network.person("fanni")
    writer.ask_not_to_be_shown()
    uri = writer.post(f"Ei julkisuuteen #{HASHTAG}")
    network.until_shown(uri)
    configure()
    kuntakaiku("collect")
    found = stored(house)[uri]
    assert (found.gone, found.text, found.author) == ("opted_out", None, None)
