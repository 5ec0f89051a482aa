"""Statuses asked for by the ids under which a server shows them: what has become of them, and what they answer."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from collector.collect import Bounds
from collector.mastodon_notes import Local, ServerNotes
from collector.source import Opening, Seeing, Threaded
from collector.sources.mastodon import MastodonSource
from corpus.changes import decide
from corpus.post import Post
from corpus.store import Corpus
from programme.types import Programme
from tests.collector.conftest import Bench, Network
from tests.collector.fake_mastodon import FakeMastodon, account
from tests.collector.fake_wire import START, Asked, Clock, json_body

BenchOf = Callable[[Network], Bench]
ANSWER: dict[str, Any] = {"tags": [], "content": "<p>Keksitty vastaus</p>"}


def fake_of(bench: Bench) -> FakeMastodon:
    """Return the network of a bench."""
    assert isinstance(bench.network, FakeMastodon)
    return bench.network


def collected(bench: Bench, count: int, **fields: object) -> list[str]:
    """Publish and collect statuses, and let more than a day pass."""
    uris = fake_of(bench).publish(count, **fields)
    bench.collect()
    bench.clock.pass_by(hours=25)
    bench.network.asked.clear()
    return uris


def found_in(bench: Bench, uri: str) -> Post:
    """Return what the corpus has of a status."""
    known = bench.corpus.posts.by_native_id("mastodon", uri)
    assert known is not None
    return known.stored.post


def asked(bench: Bench) -> list[str]:
    """Return what was asked for: several together, one, a discussion, a timeline, or a search."""
    kinds = {"/api/v1/statuses": "together", "/api/v2/search": "search"}

    def kind(path: str) -> str:
        return "context" if path.endswith("/context") else "timeline" if "/timelines/" in path else "one"

    return [kinds.get(one.path) or kind(one.path) for one in bench.network.asked]


def test_statuses_of_other_servers_are_asked_for_by_this_servers_ids(mastodon_bench: Bench) -> None:
    """What a server showed under ids of its own is asked for by those, twenty at once."""
    uris = collected(mastodon_bench, 25)
    assert mastodon_bench.sweep().looked_at == 25
    ids = [one.query.count("id") for one in mastodon_bench.network.asked]
    assert (asked(mastodon_bench), ids) == (["together", "together"], [20, 5])
    assert not any(uri in one.query for one in mastodon_bench.network.asked for uri in uris)


def test_what_is_left_out_is_asked_for_by_itself(mastodon_bench: Bench) -> None:
    """An answer for several that lacks one leads to a question for that one, whose answer is plain."""
    gone, *_ = collected(mastodon_bench, 3)
    fake_of(mastodon_bench).retract(gone)
    found = mastodon_bench.sweep()
    assert (found.looked_at, found.buried, found.unjudged) == (3, 1, 0)
    assert asked(mastodon_bench) == ["together", "one"]


def test_what_an_answer_for_several_forgot_is_not_gone(mastodon_bench: Bench) -> None:
    """A status that one answer left out and the next one shows stays."""
    forgotten, *_ = collected(mastodon_bench, 3)
    fake = fake_of(mastodon_bench)
    right = fake.right_answer

    def forgetful(one: Asked) -> tuple[int, dict[str, str], bytes]:
        if one.path != "/api/v1/statuses":
            return right(one)
        return 200, {}, json_body([status for status in fake.statuses if status["uri"] != forgotten])

    fake.right_answer = forgetful  # type: ignore[method-assign]  # the wire's answer
    found = mastodon_bench.sweep()
    assert (found.looked_at, found.buried, found.unjudged) == (3, 0, 0)
    fake.right_answer = right  # type: ignore[method-assign]  # as it was
    mastodon_bench.clock.pass_by(hours=25)
    mastodon_bench.network.asked.clear()
    assert (mastodon_bench.sweep().looked_at, asked(mastodon_bench)) == (3, ["together"])


@pytest.mark.parametrize("together", [404, 403, 405, 422, 501, "empty"])
def test_server_that_takes_one_at_a_time_is_remembered(bench_of: BenchOf, clock: Clock, together: str | int) -> None:
    """Where several cannot be asked for together, one after the other is, and for a week nothing else is tried."""
    bench = bench_of(FakeMastodon(clock, together=together))
    bench.network.publish(3)
    bench.collect()
    for first in ("together", "one", "together"):
        clock.pass_by(hours=25)
        bench.network.asked.clear()
        found = bench.sweep()
        assert (found.looked_at, found.unjudged, found.buried) == (3, 0, 0)
        assert asked(bench) == [*(["together"] if first == "together" else []), *["one"] * 3]
        clock.pass_by(days=7 if first == "one" else 0)


@pytest.mark.parametrize("status", ["401", "403", "500", "html"])
def test_what_is_not_allowed_is_not_gone(mastodon_bench: Bench, status: str) -> None:
    """Asked for by itself, only a plain word that it is not there buries a status."""
    (uri,) = collected(mastodon_bench, 1)
    mastodon_bench.sweep(*[status] * 3)
    assert asked(mastodon_bench)[0] == "one"
    assert found_in(mastodon_bench, uri).gone is None


def test_status_that_is_no_longer_public_is_not_gone(mastodon_bench: Bench) -> None:
    """A status that is shown to followers only by now is neither stored so nor buried."""
    uri, other = collected(mastodon_bench, 2)
    fake_of(mastodon_bench).amend(uri, "vain seuraajille", visibility="private")
    found = mastodon_bench.sweep()
    assert (found.buried, found.unjudged, asked(mastodon_bench)) == (0, 1, ["together"])
    assert "seuraajille" not in (found_in(mastodon_bench, uri).text or "")
    assert found_in(mastodon_bench, other).gone is None


def test_page_for_people_buries_only_when_it_comes_again(bench_of: BenchOf, clock: Clock) -> None:
    """A server that tells in HTML that a status is not there is believed an hour later, if it speaks the API at all."""
    bench = bench_of(FakeMastodon(clock, together=404, page_for_people=True))
    gone, other = collected(bench, 2)
    bench.network.retract(gone)
    found = bench.sweep()
    assert (found.looked_at, found.buried, found.unjudged) == (2, 0, 1)
    assert sorted(asked(bench)) == ["one", "one", "timeline", "together"]
    clock.pass_by(minutes=61)
    assert bench.sweep().buried == 1
    assert (found_in(bench, gone).gone, found_in(bench, other).gone) == ("deleted", None)


@pytest.mark.parametrize("body", [b"<h1>Not Found</h1>", b'{"error": "Record not found"}'], ids=["page", "plain"])
def test_server_that_lacks_everything_is_trouble(bench_of: BenchOf, clock: Clock, body: bytes) -> None:
    """Where all that is asked for is said not to be there, the server is not itself: that is told, nothing is gone."""
    bench = bench_of(FakeMastodon(clock))
    (uri,) = collected(bench, 1)
    bench.network.right_answer = lambda _: (404, {}, body)  # type: ignore[method-assign]  # the wire's answer
    for _ in range(2):
        assert bench.sweep().state == "refused"
        clock.pass_by(hours=2)
    assert found_in(bench, uri).gone is None


@pytest.mark.parametrize(
    "wish", [{"noindex": True}, {"note": "<p>Keksitty #nobot</p>"}, {"note": "<p>#NoIndex</p>"}], ids=str
)
def test_opt_out_is_noticed_by_a_look_up(mastodon_bench: Bench, wish: dict[str, Any]) -> None:
    """Of somebody who wants to be left alone by now, the text leaves at the next look-up, and the post is counted."""
    uri, other = collected(mastodon_bench, 2)
    fake_of(mastodon_bench).amend(uri, "Keksitty", account=account("hiljainen", **wish))
    found = mastodon_bench.sweep()
    assert (found.looked_at, found.buried, found.unjudged) == (2, 1, 0)
    post = found_in(mastodon_bench, uri)
    assert (post.gone, post.text, post.author) == ("opted_out", None, None)
    assert found_in(mastodon_bench, other).gone is None


def test_same_post_through_two_servers_is_looked_up_once(
    mastodon_bench: Bench, clock: Clock, one_corpus: Corpus, watched: Programme, tmp_path: Path
) -> None:
    """What one server was asked for needs no question to the other; what only the other knows, it is asked for."""
    fake = fake_of(mastodon_bench)
    fake.publish(3)
    mastodon_bench.collect()
    with FakeMastodon(clock, ids="ulid") as second:
        second.publish(4)
        other = Bench(second, one_corpus, watched, tmp_path)
        other.settings = replace(other.settings, name="toinen")
        assert other.collect().inserted == 1
        clock.pass_by(hours=25)
        fake.asked.clear()
        second.asked.clear()
        (found, rest) = (mastodon_bench.sweep(), other.sweep())
        assert (found.looked_at, found.unjudged, asked(mastodon_bench)) == (4, 1, ["together"])
        assert (rest.looked_at, rest.unjudged, asked(other)) == (1, 0, ["one"])


def test_status_of_which_no_id_is_known_costs_no_request(mastodon_bench: Bench) -> None:
    """What came in by an archive from another server is not judged; the server's own is found by its address."""
    bench, fake = mastodon_bench, fake_of(mastodon_bench)
    foreign = fake.publish(1)[0]
    own = fake.publish(1)[0]
    fake.statuses[1]["uri"] = address = f"{fake.url}/users/asukas/statuses/{fake.statuses[1]['id']}"
    posts = [post for page in bench.source().fetch(None, bench.patience()) for post in page.posts]
    bench.corpus.posts.apply(decide(posts, {}, bench.clock()), source="archive", now=bench.clock())
    bench.clock.pass_by(hours=25)
    fake.asked.clear()
    found = bench.sweep()
    assert (found.looked_at, found.unjudged, asked(bench)) == (2, 1, ["one"])
    assert {foreign, address} == bench.stored()
    assert own not in bench.stored()


def test_where_no_id_is_known_nothing_is_asked(mastodon_bench: Bench) -> None:
    """A server that has shown none of the posts that are due is left alone, and each waits a day."""
    uris = collected(mastodon_bench, 2)
    mastodon_bench.settings = replace(mastodon_bench.settings, name="toinen")
    found = mastodon_bench.sweep()
    assert (found.looked_at, found.unjudged, found.complete, mastodon_bench.network.asked) == (2, 2, True, [])
    assert mastodon_bench.sweep().looked_at == 0
    assert mastodon_bench.stored() == set(uris)


def test_status_without_an_id_is_stored_and_not_looked_up(mastodon_bench: Bench) -> None:
    """A server that gives a status no id of its own still shows it."""
    (uri,) = collected(mastodon_bench, 1, id=None)
    assert mastodon_bench.stored() == {uri}
    assert (mastodon_bench.sweep().unjudged, mastodon_bench.network.asked) == (1, [])


def test_answer_about_another_status_says_nothing(mastodon_bench: Bench) -> None:
    """A server whose ids have come to mean something else changes and buries nothing."""
    uri, other = collected(mastodon_bench, 2)
    fake = fake_of(mastodon_bench)
    fake.statuses[0]["uri"] = "https://muualla.example/users/a/statuses/1"
    found = mastodon_bench.sweep()
    assert (found.looked_at, found.buried, found.unjudged) == (2, 0, 1)
    assert mastodon_bench.stored() == {uri, other}


def test_source_keeps_its_promises(mastodon_bench: Bench) -> None:
    """Mastodon can be asked for discussions and by ids."""
    source = mastodon_bench.source()
    assert isinstance(source, MastodonSource)
    assert isinstance(source, Seeing)
    assert isinstance(source, Threaded)


def rounds(bench: Bench) -> int:
    """Run a round and its discussions, and return how many posts the latter brought."""
    found = bench.collect_and_follow()
    assert found.complete
    return found.threads.inserted if found.threads else 0


def test_thread_of_another_servers_post_needs_no_token(mastodon_bench: Bench) -> None:
    """The discussion of a post from elsewhere is asked for by the id under which it was shown: nothing is searched."""
    mastodon_bench.secrets.clear()
    fake = fake_of(mastodon_bench)
    (opening,) = fake.publish(1, replies_count=1)
    (answer,) = fake.publish(1, tags=[], in_reply_to_id=fake.statuses[0]["id"])
    assert rounds(mastodon_bench) == 1
    assert found_in(mastodon_bench, answer).reply_to == opening
    assert "search" not in asked(mastodon_bench)


def test_without_a_token_and_an_id_no_discussion_is_asked_for(mastodon_bench: Bench) -> None:
    """Servers search by address for their own users only: without a token nothing is asked, and nothing is refused."""
    mastodon_bench.secrets.clear()
    (uri,) = fake_of(mastodon_bench).publish(1)
    source = mastodon_bench.source()
    assert isinstance(source, Threaded)
    opening = Opening(native_id=uri, discussion=None, url=None)
    (page,) = source.thread(opening, 6, mastodon_bench.patience())
    assert (page.posts, page.watermark is not None, mastodon_bench.network.asked) == ((), True, [])


def chain_in(fake: FakeMastodon, answers: int) -> list[str]:
    """Publish a post and a chain of answers without its hashtag, each of which answers the one before."""
    uris = fake.publish(1, replies_count=1)
    for n in range(answers):
        above = fake.statuses[-1]["id"]
        uris += fake.publish(1, **ANSWER, in_reply_to_id=above, replies_count=int(n < answers - 1))
    return uris


@pytest.mark.parametrize(("depth", "questions"), [(1, 1), (2, 2), (3, 3), (9, 4)])
def test_server_that_shows_the_next_answers_only_is_asked_for_theirs(
    bench_of: BenchOf, clock: Clock, depth: int, questions: int
) -> None:
    """A discussion that comes level by level is followed to the depth, and to no post without answers."""
    bench = bench_of(FakeMastodon(clock, shallow=True))
    uris = chain_in(fake_of(bench), 4)
    bench.settings = replace(bench.settings, thread_depth=depth)
    assert rounds(bench) == min(depth, 4)
    assert bench.stored() == set(uris[: depth + 1])
    assert asked(bench).count("context") == questions
    assert [found_in(bench, uri).reply_to for uri in uris[1 : depth + 1]] == uris[: min(depth, 4)]


def test_server_that_shows_a_discussion_whole_is_asked_once(mastodon_bench: Bench) -> None:
    """Where answers to answers came with an earlier discussion, an answer whose answers are not shown costs nothing."""
    fake = fake_of(mastodon_bench)
    chain_in(fake, 3)
    assert rounds(mastodon_bench) == 3
    mastodon_bench.clock.pass_by(minutes=15)
    fake.publish(1, replies_count=1)
    fake.publish(1, **ANSWER, in_reply_to_id=fake.statuses[-1]["id"], replies_count=5)
    fake.asked.clear()
    assert rounds(mastodon_bench) == 1
    assert asked(mastodon_bench).count("context") == 1


def test_answer_to_a_post_of_an_earlier_round_knows_it(mastodon_bench: Bench) -> None:
    """What an answer answers is known though the round that brings it does not show that post again."""
    fake = fake_of(mastodon_bench)
    (opening,) = fake.publish(1)
    mastodon_bench.clock.pass_by(hours=3)
    fake.publish(1)
    mastodon_bench.collect()
    mastodon_bench.clock.pass_by(hours=2)
    (answer,) = fake.publish(1, in_reply_to_id=fake.statuses[0]["id"])
    mastodon_bench.collect(bounds=Bounds(pages=1))
    assert found_in(mastodon_bench, answer).reply_to == opening
    mastodon_bench.clock.pass_by(hours=25)
    assert mastodon_bench.sweep().updated == 0


def test_notes_are_kept_as_long_as_they_are_needed(one_corpus: Corpus) -> None:
    """Ids of statuses that are looked up no more are forgotten; what is known already is not written again."""
    notes = ServerNotes("palvelin")
    notes.keep_in(one_corpus.facts)
    old = Local(uri="u:old", local_id="1", created_at=START)
    notes.note([old, replace(old, uri="u:older", created_at=START - timedelta(days=40))], START)
    assert (notes.id_of("u:old"), notes.id_of("u:older")) == ("1", None)
    later = START + timedelta(days=32)
    notes.note([replace(old, uri="u:new", local_id="2", created_at=later)], later)
    again = ServerNotes("palvelin")
    again.keep_in(one_corpus.facts)
    assert again.uris() == {"2": "u:new"}
    assert ServerNotes("toinen").uris() == {}
