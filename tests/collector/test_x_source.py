"""X in particular: two namings, its window, its credits, and the permission without which nothing is asked."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from collector.collect import Bounds
from collector.sources.x import queries_for
from tests.collector.conftest import Bench, Network
from tests.collector.fake_wire import Clock
from tests.collector.fake_x import FakeX, snowflake


@pytest.fixture
def fake(x_bench: Bench) -> FakeX:
    """The network behind ``x_bench``."""
    assert isinstance(x_bench.network, FakeX)
    return x_bench.network


def test_new_naming_is_found_out_once(bench_of: Callable[[Network], Bench], clock: Clock) -> None:
    """A server that knows only the new names costs one more request, in the first round and never again."""
    bench = bench_of(FakeX(clock, naming="post"))
    bench.network.publish(3)
    assert bench.collect().inserted == 3
    assert len(bench.network.asked) == 2
    assert "post.fields" in bench.network.asked[-1].params
    bench.collect()
    assert len(bench.network.asked) == 3


def test_old_naming_is_found_again(x_bench: Bench, fake: FakeX) -> None:
    """When a server goes back to the old names, one more request finds that out too."""
    fake.naming = "post"
    x_bench.collect()
    fake.naming = "tweet"
    fake.publish(1)
    assert x_bench.collect().inserted == 1


def test_without_attestation_nothing_is_asked(x_bench: Bench, fake: FakeX) -> None:
    """Without ``government_use_attested`` the round is refused before any request, and says why."""
    x_bench.settings = replace(x_bench.settings, government_use_attested=False)
    found = x_bench.collect()
    assert (found.state, found.complete, fake.asked) == ("refused", False, [])
    assert "government_use_attested = true" in (found.problem or "")


def test_without_token_nothing_is_asked(x_bench: Bench, fake: FakeX) -> None:
    """Without a bearer token the round is refused before any request, and names the variable."""
    x_bench.secrets.clear()
    found = x_bench.collect()
    assert (found.state, fake.asked) == ("refused", [])
    assert "KUNTAKAIKU_X_BEARER_TOKEN" in (found.problem or "")


def test_spent_credits_pause_for_an_hour_doubling_to_a_day(x_bench: Bench, fake: FakeX) -> None:
    """A 402 pauses X: one probing request each time, an hour later, then two, up to a day."""
    pauses = []
    for _ in range(7):
        before = len(fake.asked)
        found = x_bench.collect("402", "402")
        assert (found.state, len(fake.asked) - before) == ("paused", 1)
        assert found.resume_at is not None
        pauses.append((found.resume_at - x_bench.clock()) / timedelta(hours=1))
        x_bench.clock.now = found.resume_at
    assert pauses == [1, 2, 4, 8, 16, 24, 24]
    assert x_bench.collect().state == "empty"


def test_only_what_is_new_is_paid_for(x_bench: Bench, fake: FakeX) -> None:
    """A later round asks from the newest known id on, newest first, a hundred at a time, with the authors."""
    newest = fake.publish(3)[-1]
    x_bench.collect()
    x_bench.collect()
    asked = fake.asked[-1].params
    assert (asked["since_id"], asked["max_results"], asked["sort_order"]) == (newest, "100", "recency")
    assert "author_id" in asked["expansions"]


def test_pause_longer_than_the_window_loses_no_more_than_it_must(x_bench: Bench, fake: FakeX) -> None:
    """When the last known id lies behind X's seven days, everything within them is read."""
    fake.publish(3)
    x_bench.collect()
    x_bench.clock.pass_by(days=10)
    fake.window_start = x_bench.clock() - timedelta(days=7)
    fake.publish(2)
    found = x_bench.collect()
    assert (found.state, found.inserted, found.complete) == ("ok", 2, True)
    assert found.from_at == x_bench.clock() - timedelta(days=7)


def test_unfinished_span_behind_the_window_is_given_up(x_bench: Bench, fake: FakeX) -> None:
    """What a stopped round left and X no longer shows does not keep later rounds from ending."""
    fake.publish(25)
    x_bench.collect(bounds=Bounds(pages=1))
    x_bench.clock.pass_by(days=10)
    fake.window_start = x_bench.clock() - timedelta(days=7)
    fake.publish(2)
    found = x_bench.collect()
    assert (found.state, found.inserted, found.complete) == ("ok", 2, True)


def test_empty_page_is_not_the_last(x_bench: Bench, fake: FakeX) -> None:
    """X sends pages without posts that name a next page: it is read."""
    fake.empty_page_after = 0
    fake.publish(3)
    assert x_bench.collect().inserted == 3


def test_stop_after_an_empty_page_skips_nothing(x_bench: Bench, fake: FakeX) -> None:
    """A round that stops after an empty first page starts again from the same place."""
    fake.empty_page_after = 0
    fake.publish(3)
    assert x_bench.collect(bounds=Bounds(pages=1)).complete is False
    assert x_bench.collect().inserted == 3


def test_edit_is_the_same_post(x_bench: Bench, fake: FakeX) -> None:
    """An edited post, which X gives a new id, updates the post and is not counted twice."""
    first = fake.publish(1)[0]
    x_bench.collect()
    x_bench.clock.pass_by(minutes=10)
    fake.publish(1, text="Korjattu #tulevaisuudenkunta", edit_history_tweet_ids=[first, str(int(first) + 9)])
    fake.posts[-1]["id"] = str(int(first) + 9)
    found = x_bench.collect()
    assert (found.inserted, found.updated) == (0, 1)
    stored = x_bench.corpus.posts.by_native_id("x", first)
    assert stored is not None
    assert stored.stored.post.text == "Korjattu #tulevaisuudenkunta"
    assert stored.stored.post.edited_at == x_bench.clock()


def test_error_body_of_any_shape_is_read(x_bench: Bench, fake: FakeX) -> None:
    """A refusal whose body is a list, which tweepy cannot read, is a refusal all the same."""
    fake.posts = []
    fake.right_answer = lambda _: (403, {}, b'[{"message": "no"}]')  # type: ignore[method-assign]  # the wire's answer
    found = x_bench.collect()
    assert (found.state, "(403)" in (found.problem or "")) == ("refused", True)


def test_error_document_with_status_200_is_no_empty_week(x_bench: Bench, fake: FakeX) -> None:
    """An error document sent as success is a failure, not an empty page."""
    body = b'{"errors": [{"title": "Internal Error", "detail": "x"}]}'
    fake.right_answer = lambda _: (200, {}, body)  # type: ignore[method-assign]  # the wire's answer
    found = x_bench.collect()
    assert (found.state, "Internal Error" in (found.problem or "")) == ("failing", True)


def test_what_x_says_of_a_refusal_is_told_without_the_token(x_bench: Bench, fake: FakeX) -> None:
    """A 400 for the query carries X's words and the remedy; the token stays out even if the answer repeats it."""
    bearer = x_bench.secrets["X_BEARER_TOKEN"]
    body = f'{{"errors": [{{"message": "Rule of {bearer} is too long"}}], "detail": "Invalid."}}'.encode()
    fake.right_answer = lambda _: (400, {}, body)  # type: ignore[method-assign]  # the wire's answer
    problem = x_bench.collect().problem or ""
    assert "Rule of … is too long; Invalid." in problem
    assert "hashtags" in problem


def test_partial_errors_are_counted_and_no_failure(x_bench: Bench, fake: FakeX) -> None:
    """What X could not show beside the posts is counted in the run, and the round is complete."""
    fake.publish(1)
    page = fake.right_answer

    def with_errors(asked: object) -> tuple[int, dict[str, str], bytes]:
        status, headers, body = page(asked)  # type: ignore[arg-type]  # passed on
        return status, headers, body[:-1] + b', "errors": [{"title": "Not Found Error"}, {"title": "Authorization"}]}'

    fake.right_answer = with_errors  # type: ignore[method-assign, assignment]  # the wire's answer
    assert x_bench.collect().complete
    assert x_bench.corpus.ledger.runs(job="collect")[0].counts["partial_errors"] == 2


def test_queries_hold_all_hashtags_within_the_limit() -> None:
    """Many hashtags become as few queries of at most 512 characters as hold them all."""
    hashtags = tuple(f"kuntatunniste{n:03}" for n in range(60))
    queries = queries_for(hashtags)
    assert all(len(query) <= 512 for query in queries)
    assert " OR ".join(queries).split(" OR ") == [f"#{hashtag}" for hashtag in hashtags]
    assert len(queries) == 3


def test_several_queries_make_one_span(x_bench: Bench, fake: FakeX) -> None:
    """When the hashtags need two queries, the watermark moves with the last page of the second."""
    hashtags = ("tulevaisuudenkunta", *(f"kuntatunniste{n:03}" for n in range(30)))
    x_bench.programme = replace(x_bench.programme, hashtags=hashtags)
    fake.publish(1)
    fake.publish(1, hashtag="kuntatunniste029")
    found = x_bench.collect("ok", "503", "503", "503")
    assert (found.inserted, found.complete) == (1, False)
    found = x_bench.collect()
    assert (found.inserted, found.complete) == (1, True)


def test_ids_are_text_to_the_last_digit(x_bench: Bench, fake: FakeX) -> None:
    """An id of nineteen digits survives unrounded."""
    native_id = fake.publish(1)[0]
    x_bench.collect()
    assert (len(native_id), x_bench.stored()) == (19, {native_id})
    assert int(native_id) > snowflake(x_bench.clock() - timedelta(days=1))
