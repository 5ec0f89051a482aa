"""Mastodon in particular: servers that differ, posts that come late, people who want to be left alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from collector.collect import Bounds
from collector.errors import SourceRefusedError, SourceUnavailableError
from collector.source import Opening, Page, Threaded
from corpus.store import Corpus
from programme.types import Programme
from tests.collector.conftest import Bench, Network
from tests.collector.fake_mastodon import TOKEN, FakeMastodon, account
from tests.collector.fake_wire import RESET_AFTER, Clock
from tests.collector.payloads import payload


@pytest.fixture
def fake(mastodon_bench: Bench) -> FakeMastodon:
    """The network behind ``mastodon_bench``."""
    assert isinstance(mastodon_bench.network, FakeMastodon)
    return mastodon_bench.network


@pytest.mark.parametrize("ids", ["numeric", "ulid", "hex"])
@pytest.mark.parametrize("link", ["always", "more", "never"])
def test_servers_of_every_kind_are_read_to_the_end(
    bench_of: Callable[[Network], Bench], clock: Clock, ids: str, link: str
) -> None:
    """Whatever ids a server gives and whatever Link headers it sends, stopped and later rounds bring every post."""
    bench = bench_of(FakeMastodon(clock, ids=ids, link=link))
    bench.network.publish(35)
    bench.collect(bounds=Bounds(pages=2))
    clock.pass_by(minutes=15)
    bench.network.publish(12)
    assert bench.collect().complete
    assert bench.stored() == bench.network.truth
    clock.pass_by(minutes=15)
    before = len(bench.network.asked)
    assert bench.collect().complete
    assert len(bench.network.asked) - before == 1


@pytest.mark.parametrize("reset", ["iso", "epoch"])
def test_both_forms_of_the_reset_header_are_read(
    bench_of: Callable[[Network], Bench], clock: Clock, reset: str
) -> None:
    """A reset in ISO 8601 and one in seconds of 1970 mean the same."""
    bench = bench_of(FakeMastodon(clock, reset=reset))
    assert bench.collect("429 reset").resume_at == clock() + RESET_AFTER


@pytest.mark.parametrize("ids", ["numeric", "ulid"])
def test_post_that_arrives_late_on_a_busy_day_is_found_on_the_next(
    bench_of: Callable[[Network], Bench], clock: Clock, ids: str
) -> None:
    """A status on a page below the newest known one is found when its day is read once more, though stopped at that."""
    fake = FakeMastodon(clock, ids=ids)
    mastodon_bench = bench_of(fake)
    for _ in range(4):
        fake.publish(10)
        mastodon_bench.clock.pass_by(minutes=10)
    mastodon_bench.collect()
    fake.publish(1, late=timedelta(minutes=45))
    fake.publish(9)
    assert mastodon_bench.collect().inserted == 9
    mastodon_bench.clock.pass_by(hours=24)
    fake.publish(1)
    assert mastodon_bench.collect(bounds=Bounds(pages=2)).inserted == 1
    mastodon_bench.clock.pass_by(minutes=15)
    assert mastodon_bench.collect().inserted == 1
    assert mastodon_bench.stored() == fake.truth
    before = len(fake.asked)
    mastodon_bench.collect()
    assert len(fake.asked) - before == 1


@pytest.mark.parametrize("ids", ["numeric", "ulid"])
@pytest.mark.parametrize("pages", range(1, 8))
def test_day_is_read_once_more_wherever_a_round_stops(
    bench_of: Callable[[Network], Bench], clock: Clock, ids: str, pages: int
) -> None:
    """Also where a round stopped between the newest status and that day's newest known one."""
    fake = FakeMastodon(clock, ids=ids)
    bench = bench_of(fake)
    for _ in range(3):
        fake.publish(10)
        clock.pass_by(minutes=10)
    bench.collect()
    fake.publish(1, late=timedelta(minutes=45))
    clock.pass_by(minutes=15)
    fake.publish(25)
    clock.pass_by(hours=24)
    fake.publish(1)
    bench.collect(bounds=Bounds(pages=pages))
    clock.pass_by(minutes=15)
    assert bench.collect().complete
    assert bench.stored() == fake.truth


@pytest.mark.parametrize("ids", ["numeric", "ulid"])
def test_post_that_arrives_late_is_found(bench_of: Callable[[Network], Bench], clock: Clock, ids: str) -> None:
    """A post from another server that arrives after newer ones, with an id of its own time, is collected."""
    fake = FakeMastodon(clock, ids=ids)
    mastodon_bench = bench_of(fake)
    fake.publish(3)
    mastodon_bench.collect()
    mastodon_bench.clock.pass_by(minutes=15)
    fake.publish(1, late=timedelta(minutes=40))
    assert mastodon_bench.collect().inserted == 1
    assert mastodon_bench.stored() == fake.truth


def test_edit_of_a_recent_post_is_seen(mastodon_bench: Bench, fake: FakeMastodon) -> None:
    """An edited post, which keeps its id, is updated by the next round."""
    uri = fake.publish(1)[0]
    mastodon_bench.collect()
    mastodon_bench.clock.pass_by(minutes=15)
    fake.statuses[0] |= {"content": "<p>Korjattu.</p>", "edited_at": "2026-11-20T08:10:00.000Z"}
    assert mastodon_bench.collect().updated == 1
    found = mastodon_bench.corpus.posts.by_native_id("mastodon", uri)
    assert found is not None
    assert found.stored.post.text == "Korjattu."


def test_closed_timeline_names_the_token_that_opens_it(bench_of: Callable[[Network], Bench], clock: Clock) -> None:
    """A server that shows tags to its users only is refused with the remedy, and read once the token is there."""
    bench = bench_of(FakeMastodon(clock, closed=True))
    bench.network.publish(2)
    bench.settings = replace(bench.settings, name="kylat.example")
    bench.secrets.clear()
    found = bench.collect()
    assert (found.state, found.inserted) == ("refused", 0)
    assert "KUNTAKAIKU_TOKEN_KYLAT_EXAMPLE" in (found.problem or "")
    assert "without a token (401)" in (found.problem or "")
    bench.secrets["TOKEN_KYLAT_EXAMPLE"] = TOKEN
    assert bench.collect().inserted == 2


def test_same_post_through_two_servers_is_one_post(
    bench_of: Callable[[Network], Bench], mastodon_bench: Bench, fake: FakeMastodon, clock: Clock
) -> None:
    """Two servers show the same post under ids of their own: it is stored once."""
    fake.publish(3)
    mastodon_bench.collect()
    other = bench_of(FakeMastodon(clock, ids="ulid"))
    other.settings = replace(other.settings, name="toinen")
    other.network.publish(3)
    found = other.collect()
    assert (found.inserted, found.complete) == (0, True)
    assert mastodon_bench.stored() == fake.truth


def test_server_that_repeats_its_page_ends_the_round(mastodon_bench: Bench, fake: FakeMastodon) -> None:
    """A server that ignores where to go on is told from one that has more: the round ends and says so."""
    fake.publish(25)
    first_page = fake.right_answer

    def always_the_first(asked: object) -> tuple[int, dict[str, str], bytes]:
        asked.params.pop("max_id", None)  # type: ignore[attr-defined]  # what the server ignores
        return first_page(asked)  # type: ignore[arg-type]  # passed on

    fake.right_answer = always_the_first  # type: ignore[method-assign, assignment]  # the wire's answer
    found = mastodon_bench.collect()
    assert (found.state, found.inserted, found.complete) == ("failing", 10, False)
    assert "the same page again" in (found.problem or "")


def test_people_who_want_to_be_left_alone_are_only_counted(mastodon_bench: Bench, fake: FakeMastodon) -> None:
    """Of an author who opted out the post is counted; no text, name, handle or payload is kept."""
    uris = fake.publish(1, account=account("hiljainen", noindex=True), content="<p>salattava teksti</p>")
    mastodon_bench.collect()
    found = mastodon_bench.corpus.posts.by_native_id("mastodon", uris[0])
    assert found is not None
    assert (found.stored.post.gone, found.stored.post.text, found.stored.post.author) == ("opted_out", None, None)
    files = [path.read_bytes() for path in mastodon_bench.directory.rglob("*") if path.is_file()]
    assert not any(b"salattava" in content for content in files)


@pytest.mark.parametrize(("needed", "gone"), [(False, None), (True, "opted_out")], ids=["default", "needed"])
def test_not_indexable_alone_is_no_opt_out(
    mastodon_bench: Bench, fake: FakeMastodon, *, needed: bool, gone: str | None
) -> None:
    """``indexable: false`` is Mastodon's default and keeps nobody out, unless the configuration asks for consent."""
    uri = fake.publish(1)[0]
    mastodon_bench.settings = replace(mastodon_bench.settings, indexable_needed=needed)
    mastodon_bench.collect()
    found = mastodon_bench.corpus.posts.by_native_id("mastodon", uri)
    assert found is not None
    assert found.stored.post.gone == gone


def test_private_status_is_not_even_kept_aside(mastodon_bench: Bench, fake: FakeMastodon) -> None:
    """A status that is not public is rejected without a copy."""
    fake.publish(1, visibility="private", content="<p>vain seuraajille</p>")
    found = mastodon_bench.collect()
    assert (found.inserted, found.rejected) == (0, 1)
    kept = (mastodon_bench.directory / "rejects" / "mastodon.jsonl").read_text("utf-8")
    assert "not public" in kept
    assert "seuraajille" not in kept


def test_malformed_status_harms_no_other(mastodon_bench: Bench, fake: FakeMastodon) -> None:
    """A status with a field of the wrong kind is kept aside, the others are stored."""
    fake.publish(1)
    fake.publish(1, account="nobody")
    found = mastodon_bench.collect()
    assert (found.inserted, found.rejected) == (1, 1)


def test_nonsense_reset_on_a_good_answer_is_overlooked(mastodon_bench: Bench, fake: FakeMastodon) -> None:
    """A header that Mastodon.py stumbles over does not spoil a good page."""
    fake.publish(1)
    page = fake.right_answer
    fake.right_answer = lambda asked: (  # type: ignore[method-assign]  # the wire's answer
        200,
        {"X-RateLimit-Reset": "tomorrow", "X-RateLimit-Remaining": "many"},
        page(asked)[2],
    )
    assert mastodon_bench.collect().inserted == 1


def test_whole_timeline_of_the_payloads_is_stored(mastodon_bench: Bench, fake: FakeMastodon) -> None:
    """The invented timeline comes through client, store and back: six posts, two not for us, the reply resolved."""
    fake.right_answer = lambda asked: (  # type: ignore[method-assign]  # the wire's answer
        200,
        {},
        b"[]" if "max_id" in asked.params else payload("mastodon/timeline.json"),
    )
    found = mastodon_bench.collect()
    assert (found.inserted, found.rejected) == (6, 2)
    reply = mastodon_bench.corpus.posts.by_native_id("mastodon", "https://kylat.example/users/asukas/statuses/15")
    assert reply is not None
    assert reply.stored.post.reply_to == "https://koivuranta.example/users/kunta/statuses/12"


def thread_of(bench: Bench, uri: str, depth: int = 9) -> list[Page]:
    """Ask for the discussion around a status."""
    source = bench.source()
    assert isinstance(source, Threaded)
    return list(source.thread(Opening(native_id=uri, discussion=None, url=None), depth, bench.patience()))


def test_thread_is_what_surrounds_a_status(mastodon_bench: Bench, fake: FakeMastodon) -> None:
    """What a post answers and what answers it come without the hashtag, to the depth asked for, marked as of it."""
    chain = fake.publish(1)
    for _ in range(4):
        chain += fake.publish(1, tags=[], in_reply_to_id=fake.statuses[-1]["id"])
    searched, shown = thread_of(mastodon_bench, chain[1], depth=2)
    assert (searched.posts, searched.watermark) == ((), None)
    assert shown.watermark is not None
    assert {post.native_id: post.reply_to for post in shown.posts} == {
        chain[0]: None,
        chain[2]: chain[1],
        chain[3]: chain[2],
    }
    assert {post.via for post in shown.posts} == {"thread"}
    assert len(fake.asked) == 2


def test_thread_of_the_server_itself_needs_no_search(mastodon_bench: Bench, fake: FakeMastodon) -> None:
    """The address of a server's own status holds its id: one request is enough."""
    fake.publish(1)
    answer = fake.publish(1, tags=[], in_reply_to_id=fake.statuses[0]["id"])
    pages = thread_of(mastodon_bench, f"{fake.url}/users/a/statuses/{fake.statuses[0]['id']}")
    assert [post.native_id for page in pages for post in page.posts] == answer
    assert len(fake.asked) == 1


@pytest.mark.parametrize("faults", [[], ["404"], ["ok", "404"], ["ok", "410"]])
def test_thread_that_a_server_does_not_know_is_empty(
    mastodon_bench: Bench, fake: FakeMastodon, faults: list[str]
) -> None:
    """A status or a kind of answer that the server has not got ends the discussion without trouble."""
    uri = fake.publish(1)[0] if faults else "https://muualla.example/users/a/statuses/1"
    fake.faults.extend(faults)
    pages = thread_of(mastodon_bench, uri)
    assert [page.posts for page in pages] == [()] * len(pages)
    assert [page.watermark is not None for page in pages][-1]


@pytest.mark.parametrize("before", [[], ["ok"]])
def test_thread_that_may_not_be_seen_is_refused(mastodon_bench: Bench, fake: FakeMastodon, before: list[str]) -> None:
    """A server that wants a token for it says so, which is not the same as an empty discussion."""
    uri = fake.publish(1)[0]
    fake.faults.extend([*before, "401"])
    with pytest.raises(SourceRefusedError, match="401"):
        thread_of(mastodon_bench, uri)


@pytest.mark.parametrize("before", [[], ["ok"]])
def test_unreadable_thread_is_trouble(mastodon_bench: Bench, fake: FakeMastodon, before: list[str]) -> None:
    """Something else than a search result or a discussion is a failure."""
    uri = fake.publish(1)[0]
    fake.faults.extend([*before, *["html"] * 9])
    with pytest.raises(SourceUnavailableError, match="not with"):
        thread_of(mastodon_bench, uri)


def test_same_post_through_two_servers_is_one(
    mastodon_bench: Bench, fake: FakeMastodon, clock: Clock, one_corpus: Corpus, watched: Programme, tmp_path: Path
) -> None:
    """A post has another id on each server and one address: the second server brings nothing new."""
    fake.publish(3)
    mastodon_bench.collect()
    with FakeMastodon(clock, ids="ulid") as second:
        second.statuses = [{**one, "id": f"01HZ{number}"} for number, one in enumerate(fake.statuses)]
        other = Bench(second, one_corpus, watched, tmp_path)
        other.settings = replace(other.settings, name="toinen")
        assert other.collect().inserted == 0
    assert one_corpus.posts.count() == 3
