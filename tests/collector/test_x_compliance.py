"""All posts of X, however old, held against X's own list of what is gone; a kill anywhere costs one step."""

from datetime import timedelta
from typing import Any

import pytest

from collector.comply import Complied, comply
from collector.sources.x import XSource
from tests.collector.conftest import Bench
from tests.collector.fake_wire import RESET_AFTER
from tests.collector.fake_x import BEARER, FakeX

REASONS = ("deleted", "deactivated", "suspended", "protected")


@pytest.fixture
def fake(x_bench: Bench) -> FakeX:
    """X on loopback with six posts that were collected long ago."""
    assert isinstance(x_bench.network, FakeX)
    x_bench.network.publish(6)
    x_bench.collect()
    x_bench.clock.pass_by(days=90)
    x_bench.network.asked.clear()
    return x_bench.network


def go_on(bench: Bench, *faults: str) -> Complied:
    """Run the command once; the first answers go wrong."""
    bench.network.faults.extend(faults)
    source = bench.source()
    assert isinstance(source, XSource)
    found = comply(source, bench.corpus, clock=bench.clock, rest=bench.clock.rest)
    bench.network.faults.clear()
    return found


def texts(bench: Bench) -> dict[str, str | None]:
    """Return the text of each post."""
    return {one.stored.post.native_id: one.stored.post.text for one in bench.corpus.posts.all_classified()}


def test_what_x_lists_is_buried(x_bench: Bench, fake: FakeX) -> None:
    """Deleted, deactivated, suspended and protected posts lose their text; of a scrubbed place the payload goes."""
    *gone, placeless, plain = sorted(fake.truth)
    fake.jobs.reasons = dict(zip(gone, REASONS, strict=True)) | {placeless: "scrub_geo"}
    found = go_on(x_bench)
    assert (found.complete, found.posts, found.buried, found.scrubbed) == (True, 6, 4, 1)
    assert found.reasons == dict.fromkeys((*REASONS, "scrub_geo"), 1)
    after = texts(x_bench)
    assert {native_id for native_id, text in after.items() if text is None} == set(gone)
    assert x_bench.corpus.posts.payload("x", placeless) is None
    assert x_bench.corpus.posts.payload("x", plain) is not None
    assert sorted(*fake.jobs.handed_in.values()) == sorted(fake.truth)
    assert x_bench.corpus.verify() == []
    again = go_on(x_bench)
    assert (again.complete, again.posts, len(fake.jobs.all)) == (True, 2, 2)


def test_the_token_does_not_go_where_files_lie(x_bench: Bench, fake: FakeX) -> None:
    """Files are put and fetched by the signed address alone."""
    go_on(x_bench)
    assert len(fake.jobs.files_asked) == 2
    assert [BEARER in str(asked.headers) for asked in fake.jobs.files_asked] == [False, False]


def test_a_long_job_is_taken_up_again(x_bench: Bench, fake: FakeX) -> None:
    """A job that lasts longer than a command waits is remembered; ids are handed in once, and no second job opened."""
    fake.jobs.takes_looks = 8
    fake.jobs.reasons = {fake.posts[0]["id"]: "deleted"}
    found = go_on(x_bench)
    assert (found.complete, found.state, found.job) == (False, "ok", fake.jobs.all[0]["id"])
    assert "under way" in (found.problem or "")
    while not found.complete:
        found = go_on(x_bench)
    assert (found.posts, found.buried) == (6, 1)
    assert (len(fake.jobs.all), len(fake.jobs.files_asked)) == (1, 2)


@pytest.mark.parametrize("step", range(3), ids=["opened", "handed in", "applied"])
def test_a_kill_before_the_state_is_noted_costs_one_step(
    x_bench: Bench, fake: FakeX, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """A program that dies before it notes that a job was opened, handed in or applied goes on with the same job."""
    fake.jobs.reasons = {fake.posts[0]["id"]: "deleted"}
    put, left = x_bench.corpus.facts.put, [step]

    def die_or_put(key: str, value: object, **options: Any) -> None:  # noqa: ANN401 - passed on
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        put(key, value, **options)

    monkeypatch.setattr(x_bench.corpus.facts, "put", die_or_put)
    with pytest.raises(KeyboardInterrupt):
        go_on(x_bench)
    monkeypatch.undo()
    found = go_on(x_bench)
    while not found.complete:
        found = go_on(x_bench)
    assert texts(x_bench)[fake.posts[0]["id"]] is None
    assert len(fake.jobs.all) == 1


@pytest.mark.parametrize(
    "home",
    [
        "http://169.254.169.254/",
        "https://storage.googleapis.com.evil.example/",
        "https://evil.example/storage.googleapis.com/",
    ],
)
def test_other_addresses_are_never_asked(x_bench: Bench, fake: FakeX, home: str) -> None:
    """Wherever an answer says that files lie, only X's own places are asked."""
    fake.jobs.home = home
    found = go_on(x_bench)
    assert (found.complete, found.state) == (False, "failing")
    assert "not one of its own" in (found.problem or "")


def test_failed_job_is_told_and_begun_anew(x_bench: Bench, fake: FakeX) -> None:
    """X may fail; the same command then begins another job."""
    fake.jobs.fails = True
    found = go_on(x_bench)
    assert (found.state, "has failed" in (found.problem or "")) == ("failing", True)
    fake.jobs.fails = False
    assert go_on(x_bench).complete
    assert len(fake.jobs.all) == 2


def test_limit_is_kept(x_bench: Bench, fake: FakeX) -> None:
    """A time that X names holds for the source."""
    assert go_on(x_bench, "429 reset").state == "rate_limited"
    assert "rests" in (go_on(x_bench).problem or "")
    x_bench.clock.pass_by(seconds=(RESET_AFTER + timedelta(seconds=1)).total_seconds())
    assert go_on(x_bench).complete
    assert fake.too_early == []


def test_an_empty_corpus_asks_nothing(x_bench: Bench) -> None:
    """Without posts there is no job."""
    found = go_on(x_bench)
    assert (found.state, found.complete, x_bench.network.asked) == ("empty", True, [])
