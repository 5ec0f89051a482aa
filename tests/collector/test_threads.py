"""The discussions around posts that are known: asked for when they change, within requests of their own."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.round import Round
from collector.threads import JOB, thread_of, waiting
from corpus.post import Counts, Post
from tests.collector.conftest import Bench, Network
from tests.collector.fake_mastodon import FakeMastodon
from tests.collector.fake_wire import RESET_AFTER, START, Clock
from tests.collector.fake_x import FakeX

_METRICS = {"retweet_count": 0, "like_count": 0}


@pytest.fixture
def mastodon(clock: Clock) -> FakeMastodon:
    """A server that shows discussions."""
    return FakeMastodon(clock, link="more")


@pytest.fixture
def threads_bench(bench_of: Callable[[Network], Bench], mastodon: FakeMastodon) -> Bench:
    """Mastodon on loopback."""
    return bench_of(mastodon)


def rounds(bench: Bench, *faults: str) -> Round:
    """Run one round of the source, then of its discussions; the faults meet the second."""
    bench.network.faults.extend(("ok", *faults) if faults else ())
    found = bench.collect_and_follow()
    bench.network.faults.clear()
    return found


def converse(fake: FakeMastodon, answers: int, **fields: object) -> dict[str, Any]:
    """Write a post and answers that do not repeat its hashtag; return the post."""
    fake.publish(1)
    root = fake.statuses[-1]
    answer(fake, root, answers, **fields)
    return root


def answer(fake: FakeMastodon, root: dict[str, Any], answers: int, **fields: object) -> None:
    """Write further answers."""
    root["uri"] = f"{fake.url}/users/asukas/statuses/{root['id']}"
    root["replies_count"] += answers
    fake.publish(answers, **{"in_reply_to_id": root["id"], "tags": [], "content": "<p>Samaa mieltä!</p>", **fields})


def vias(bench: Bench) -> list[str]:
    """Return how the posts came in."""
    return sorted(found.stored.post.via for found in bench.corpus.posts.all_classified())


def contexts(fake: FakeMastodon) -> int:
    """Return how many discussions were asked for."""
    return sum(asked.path.endswith("/context") for asked in fake.asked)


def test_answers_come_in_by_thread(threads_bench: Bench, mastodon: FakeMastodon) -> None:
    """Answers without the hashtag are stored after the round, and say that they came by the thread."""
    converse(mastodon, 3)
    found = rounds(threads_bench)
    assert found.threads is not None
    assert (found.inserted, found.threads.as_json()) == (1, {"asked": 1, "left": 0, "inserted": 3, "problem": None})
    assert vias(threads_bench) == ["hashtag", "thread", "thread", "thread"]
    (run,) = threads_bench.corpus.ledger.runs(job=JOB, limit=5)
    assert (run.state, run.counts) == ("done", {"asked": 1, "left": 0, "inserted": 3})


def test_post_without_answers_is_not_asked_for(threads_bench: Bench, mastodon: FakeMastodon) -> None:
    """A post that nobody answered costs no request."""
    mastodon.publish(2)
    assert rounds(threads_bench).threads is None
    assert contexts(mastodon) == 0


def test_thread_is_asked_for_again_when_it_grows(threads_bench: Bench, mastodon: FakeMastodon) -> None:
    """A thread that has not changed is left alone; one with a new answer is asked for once more."""
    root = converse(mastodon, 1)
    rounds(threads_bench)
    threads_bench.clock.pass_by(minutes=15)
    assert rounds(threads_bench).threads is None
    answer(mastodon, root, 1)
    threads_bench.clock.pass_by(minutes=15)
    found = rounds(threads_bench)
    assert found.threads is not None
    assert (found.threads.inserted, contexts(mastodon)) == (1, 2)


def test_answer_with_the_hashtag_counts_as_found_by_it(threads_bench: Bench, mastodon: FakeMastodon) -> None:
    """An answer that carries the hashtag would have been found by it, and is no post of the thread alone."""
    root = converse(mastodon, 1)
    answer(mastodon, root, 1, content="<p>#tulevaisuudenkunta</p>", tags=[], visibility="unlisted")
    rounds(threads_bench)
    assert vias(threads_bench) == ["hashtag", "hashtag", "thread"]


def test_requests_are_bounded_and_the_rest_comes_later(threads_bench: Bench, mastodon: FakeMastodon) -> None:
    """A round asks for no more threads than it may; the next goes on, and nought switches them off."""
    for _ in range(3):
        converse(mastodon, 1)
    threads_bench.settings = replace(threads_bench.settings, thread_requests=0)
    assert rounds(threads_bench).threads is None
    threads_bench.settings = replace(threads_bench.settings, thread_requests=2)
    found = rounds(threads_bench).threads
    assert found is not None
    assert (found.asked, found.left) == (2, 1)
    found = rounds(threads_bench).threads
    assert found is not None
    assert (found.asked, found.left, contexts(mastodon)) == (1, 0, 3)
    assert threads_bench.stored() == mastodon.truth


def test_trouble_with_a_thread_leaves_the_round_whole(threads_bench: Bench, mastodon: FakeMastodon) -> None:
    """A thread that the network does not give is told and asked for again; the round itself is complete."""
    converse(mastodon, 1)
    found = rounds(threads_bench, "503", "503", "503")
    assert found.complete
    assert found.threads is not None
    assert "Source 'mastodon'" in (found.threads.problem or "")
    again = rounds(threads_bench).threads
    assert again is not None
    assert again.inserted == 1


def test_refused_thread_is_not_asked_for_over_and_over(threads_bench: Bench, mastodon: FakeMastodon) -> None:
    """A discussion that is for members only is left alone until it changes."""
    converse(mastodon, 1)
    found = rounds(threads_bench, "403").threads
    assert found is not None
    assert "403" in (found.problem or "")
    assert rounds(threads_bench).threads is None


@pytest.mark.parametrize("fault", ["429 reset", "last"])
def test_named_time_holds_for_the_next_round(threads_bench: Bench, mastodon: FakeMastodon, fault: str) -> None:
    """Where the network asks us to wait after a thread, the next round of the source waits too."""
    for _ in range(2):
        converse(mastodon, 1)
    rounds(threads_bench, fault)
    asked = len(mastodon.asked)
    resting = rounds(threads_bench)
    assert (resting.state, resting.resume_at) == ("rate_limited", START + RESET_AFTER)
    assert len(mastodon.asked) == asked
    threads_bench.clock.pass_by(minutes=15)
    assert rounds(threads_bench).complete
    assert mastodon.too_early == []
    assert threads_bench.stored() == mastodon.truth


def test_limit_without_a_time_pauses_the_source(threads_bench: Bench, mastodon: FakeMastodon) -> None:
    """A 429 that names no time leaves the source alone for a minute."""
    converse(mastodon, 1)
    rounds(threads_bench, "429")
    state = threads_bench.corpus.ledger.source_state("mastodon")
    assert state is not None
    assert (state.state, state.resume_at) == ("rate_limited", START + timedelta(minutes=1))


def test_thread_of_many_pages_is_read_as_far_as_a_round_goes(x_bench: Bench) -> None:
    """A discussion that is longer than a round's requests is not read from its start in every round."""
    fake = x_bench.network
    assert isinstance(fake, FakeX)
    (root,) = fake.publish(1, public_metrics={**_METRICS, "reply_count": 25})
    fake.publish(25, conversation_id=root, entities={}, text="Vastaus")
    x_bench.settings = replace(x_bench.settings, thread_requests=2)
    found = rounds(x_bench).threads
    assert found is not None
    assert (found.asked, found.inserted) == (1, 20)
    assert rounds(x_bench).threads is None
    assert vias(x_bench).count("thread") == 20


def test_quoted_post_without_answers_is_asked_for(x_bench: Bench) -> None:
    """Quotes alone are a discussion: asked for once, and again only when there are more of them."""
    fake = x_bench.network
    assert isinstance(fake, FakeX)
    metrics = {**_METRICS, "reply_count": 0, "quote_count": 1}
    (root,) = fake.publish(1, public_metrics=metrics)
    fake.publish(1, entities={}, referenced_tweets=[{"type": "quoted", "id": root}])
    found = rounds(x_bench).threads
    assert found is not None
    assert (found.asked, found.inserted, vias(x_bench)) == (1, 1, ["hashtag", "thread"])
    assert rounds(x_bench).threads is None


def test_newest_known_answer_bounds_the_next_search(x_bench: Bench) -> None:
    """Where the network can, it is asked for what came later only."""
    fake = x_bench.network
    assert isinstance(fake, FakeX)
    metrics = {**_METRICS, "reply_count": 1}
    (root,) = fake.publish(1, public_metrics=metrics)
    (reply,) = fake.publish(1, conversation_id=root, entities={}, text="Vastaus")
    rounds(x_bench)
    fake.publish(1, conversation_id=root, public_metrics=metrics)
    x_bench.clock.pass_by(minutes=15)
    rounds(x_bench)
    assert fake.asked[-1].params["since_id"] == reply


def post(native_id: str, discussion: str | None, replies: int) -> Post:
    """Return a post with answers."""
    counts = Counts(replies=replies)
    return Post(
        network="x",
        native_id=native_id,
        author=None,
        text="",
        created_at=START,
        via="hashtag",
        discussion=discussion,
        counts=counts,
    )


@given(st.permutations([("1", "1", 3), ("2", "1", 2), ("3", None, 1)]))
def test_threads_do_not_depend_on_the_order_of_posts(posts: list[tuple[str, str | None, int]]) -> None:
    """Posts of one thread are one, with the answers of all, whatever order they come in."""
    found = waiting([post(*one) for one in posts], {})
    assert {key: answers for key, (_, answers) in found.items()} == {"1": 5, "3": 1}
    assert {thread_of(opening) for opening, _ in found.values()} == {"1", "3"}
