"""Feeds in particular: what has not changed, what has moved, what is gone, and what is too much."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from programme.types import Localised
from tests.collector.conftest import Bench, Network
from tests.collector.fake_feed import PATH, FakeFeed
from tests.collector.fake_wire import RESET_AFTER, Answer, Asked, Clock


@pytest.fixture
def fake(feed_bench: Bench) -> FakeFeed:
    """The site behind ``feed_bench``."""
    assert isinstance(feed_bench.network, FakeFeed)
    return feed_bench.network


def paths(fake: FakeFeed, since: int) -> list[str]:
    """Return what was asked for since."""
    return [asked.path for asked in fake.asked[since:]]


def test_unchanged_feed_is_not_sent_again(feed_bench: Bench, fake: FakeFeed) -> None:
    """A later round names the state that it knows, and takes "not modified" for an answer."""
    fake.publish(3)
    feed_bench.collect()
    etag = fake.etag
    found = feed_bench.collect()
    assert (found.state, found.complete) == ("empty", True)
    assert fake.asked[-1].headers["if-none-match"] == etag
    assert "if-modified-since" in fake.asked[-1].headers


def test_feed_without_states_is_read_whole_each_time(bench_of: Callable[[Network], Bench], clock: Clock) -> None:
    """A site that knows neither ETag nor Last-Modified costs one request too, and nothing is stored twice."""
    bench = bench_of(FakeFeed(clock, is_conditional=False))
    bench.network.publish(3)
    assert (bench.collect().inserted, bench.collect().inserted, len(bench.network.asked)) == (3, 0, 2)


def test_not_modified_without_a_condition_is_no_answer(feed_bench: Bench, fake: FakeFeed) -> None:
    """A "not modified" that nobody asked for is a fault."""
    fake.gone[PATH] = 304
    assert feed_bench.collect().state == "failing"


def test_feed_is_read_again_for_new_words(feed_bench: Bench, fake: FakeFeed) -> None:
    """When the programme watches something else, an unchanged feed is read again."""
    fake.publish(2, hashtag="koulu")
    assert feed_bench.collect().inserted == 0
    feed_bench.programme = replace(feed_bench.programme, hashtags=("tulevaisuudenkunta", "koulu"))
    assert feed_bench.collect().inserted == 2


def test_other_entries_leave_no_trace(feed_bench: Bench, fake: FakeFeed) -> None:
    """What does not speak of the programme is neither stored nor kept aside."""
    fake.publish(2, hashtag="salattava")
    found = feed_bench.collect()
    assert (found.inserted, found.rejected) == (0, 0)
    files = [path.read_bytes() for path in feed_bench.directory.rglob("*") if path.is_file()]
    assert not any(b"salattava" in content for content in files)


def test_names_are_enough(feed_bench: Bench, fake: FakeFeed) -> None:
    """An entry that names the programme's page in an inflected form is ours, and says how it came in."""
    feed_bench.programme = replace(feed_bench.programme, page=Localised({"fi": "Tulevaisuuden kunta"}))
    native_id = fake.publish(1, hashtag="koulu")[0]
    fake.entries[0] = fake.entries[0].replace("Ingressi", "Tulevaisuuden kunnassa")
    feed_bench.collect()
    found = feed_bench.corpus.posts.by_native_id("feed", native_id)
    assert found is not None
    assert (found.stored.post.via, found.stored.post.hashtags) == ("word", ("koulu",))


def test_edited_entry_is_updated(feed_bench: Bench, fake: FakeFeed) -> None:
    """An entry that keeps its id and changes its words is one post with the latest words."""
    fake.publish(2)
    feed_bench.collect()
    feed_bench.clock.pass_by(hours=1)
    fake.entries[0] = fake.entries[0].replace("Ingressi", "Korjattu ingressi")
    fake.publish(1)
    found = feed_bench.collect()
    assert (found.inserted, found.updated) == (1, 1)


def test_undated_entry_is_noted_once(feed_bench: Bench, fake: FakeFeed) -> None:
    """An entry without a date is kept aside when it is first seen, not each time the feed changes."""
    fake.publish(1, created_at=None)
    assert feed_bench.collect().rejected == 1
    fake.publish(1)
    found = feed_bench.collect()
    assert (found.inserted, found.rejected) == (1, 0)


@pytest.mark.parametrize("status", [301, 308])
def test_lasting_move_is_remembered(feed_bench: Bench, fake: FakeFeed, status: int) -> None:
    """Where a feed has moved for good is asked from then on."""
    fake.publish(1)
    fake.elsewhere[PATH] = (status, "/uusi.xml")
    assert feed_bench.collect().inserted == 1
    asked = len(fake.asked)
    feed_bench.collect()
    assert paths(fake, asked) == ["/uusi.xml"]


@pytest.mark.parametrize("status", [302, 303, 307])
def test_passing_move_is_not_remembered(feed_bench: Bench, fake: FakeFeed, status: int) -> None:
    """A redirect for now is followed, and so is one behind it for good, but the configured address is asked again."""
    fake.publish(1)
    fake.elsewhere = {PATH: (status, "/nyt.xml"), "/nyt.xml": (301, "/uusi.xml")}
    assert feed_bench.collect().inserted == 1
    asked = len(fake.asked)
    feed_bench.collect()
    assert paths(fake, asked)[0] == PATH


def test_wrong_move_is_forgotten(feed_bench: Bench, fake: FakeFeed) -> None:
    """When nothing is where the feed was said to have moved for good, the configured address is asked again."""
    fake.publish(1)
    fake.elsewhere[PATH] = (301, "/uusi.xml")
    feed_bench.collect()
    fake.elsewhere.clear()
    fake.gone["/uusi.xml"] = 404
    fake.publish(1)
    assert feed_bench.collect().inserted == 1


def test_other_address_in_the_configuration_counts_at_once(feed_bench: Bench, fake: FakeFeed) -> None:
    """A remembered move belongs to the address that was configured then."""
    fake.publish(1)
    fake.elsewhere[PATH] = (301, "/uusi.xml")
    feed_bench.collect()
    feed_bench.settings = replace(feed_bench.settings, base_url=f"{fake.host}/toinen.xml")
    asked = len(fake.asked)
    feed_bench.collect()
    assert paths(fake, asked) == ["/toinen.xml"]


def test_feed_that_is_gone_is_left_alone(feed_bench: Bench, fake: FakeFeed) -> None:
    """After a 410 nothing is asked for a week, the round says so each time, and a new address is asked at once."""
    fake.gone[PATH] = 410
    found = feed_bench.collect()
    assert (found.state, found.complete) == ("refused", False)
    assert "gone for good (410). Set enabled = false" in (found.problem or "")
    asked = len(fake.asked)
    feed_bench.clock.pass_by(days=6)
    again = feed_bench.collect()
    assert (again.state, len(fake.asked)) == ("refused", asked)
    assert "not asked before 2026-11-27" in (again.problem or "")
    fake.publish(1)
    configured = feed_bench.settings
    feed_bench.settings = replace(configured, base_url=f"{fake.host}/uusi.xml")
    assert feed_bench.collect().inserted == 1
    feed_bench.settings = configured
    assert feed_bench.collect().state == "refused"


def test_feed_that_was_gone_is_asked_again_after_a_week(feed_bench: Bench, fake: FakeFeed) -> None:
    """A feed that comes back is found within a week."""
    fake.publish(1)
    fake.gone[PATH] = 410
    feed_bench.collect()
    fake.gone.clear()
    feed_bench.clock.pass_by(days=7)
    assert feed_bench.collect().inserted == 1


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("http://localhost:1/", id="loopback"),
        pytest.param("http://[::ffff:127.0.0.1]:1/", id="mapped"),
        pytest.param("http://10.0.0.1/", id="private"),
        pytest.param("http://169.254.169.254/latest", id="cloud"),
        pytest.param("file:///etc/passwd", id="file"),
        pytest.param("http://[", id="none"),
        pytest.param("http://nowhere.invalid/", id="unknown"),
        pytest.param("http://127.0.0.1:99999/", id="port"),
    ],
)
@pytest.mark.fault("F14", how="redirects to loopback, private and cloud addresses, files")
def test_redirect_into_our_own_network_is_not_followed(feed_bench: Bench, fake: FakeFeed, target: str) -> None:
    """A site cannot make us ask what stands beside us."""
    fake.elsewhere[PATH] = (301, target)
    found = feed_bench.collect()
    assert found.state == "failing"
    assert "redirects us to" in (found.problem or "")


def test_public_address_is_one() -> None:
    """Redirects to other sites are followed: many feeds move to another host."""
    from collector.sources.feed import _is_public

    assert _is_public("1.1.1.1")
    assert not _is_public("100.64.0.1")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "raw deflate"])
def test_compressed_feed_is_read(bench_of: Callable[[Network], Bench], clock: Clock, coding: str) -> None:
    """Every compression that we ask for is read, with deflate in both of its forms."""
    bench = bench_of(FakeFeed(clock, coding=coding))
    bench.network.publish(40)
    assert bench.collect().inserted == 40


def test_compression_that_was_not_asked_for_is_told(bench_of: Callable[[Network], Bench], clock: Clock) -> None:
    """A compression that is none of ours is a fault of the site."""
    found = bench_of(FakeFeed(clock, coding="br")).collect()
    assert "compression that we did not ask for (br)" in (found.problem or "")


def answer(fake: FakeFeed, body: bytes, **headers: str) -> None:
    """Let the site answer with a body."""

    def always(_: Asked) -> tuple[int, dict[str, str], bytes]:
        return 200, {name.replace("_", "-"): value for name, value in headers.items()}, body

    fake.right_answer = always  # type: ignore[method-assign]  # the wire's answer


def test_several_members_and_padding_are_read(feed_bench: Bench, fake: FakeFeed) -> None:
    """A compressed feed in two members with padding behind them is one feed."""
    fake.publish(2)
    body = fake.document()
    answer(fake, gzip.compress(body[:200]) + gzip.compress(body[200:]) + b"\0" * 9, Content_Encoding="gzip")
    assert feed_bench.collect().inserted == 2


def test_damaged_compression_is_told(feed_bench: Bench, fake: FakeFeed) -> None:
    """A body that breaks in the middle of its compression is a fault that may pass."""
    body = bytearray(gzip.compress(bytes(range(256)) * 99))
    body[40:] = b"\xff" * len(body[40:])
    answer(fake, bytes(body), Content_Encoding="gzip")
    assert "damaged compression" in (feed_bench.collect().problem or "")


@pytest.mark.fault("F15", how="a compressed bomb")
def test_bomb_is_given_up_after_one_request(feed_bench: Bench, fake: FakeFeed) -> None:
    """Two million times nothing in a few bytes is not unpacked to its end, nor asked for again within the hour."""
    answer(fake, gzip.compress(b" " * 20_000_000), Content_Encoding="gzip")
    found = feed_bench.collect()
    assert (found.state, len(fake.asked)) == ("failing", 1)
    assert "too large" in (found.problem or "")
    assert found.resume_at == feed_bench.clock() + timedelta(hours=1)


@pytest.mark.fault("F15", how="a document that is slow to read")
def test_heavy_feed_is_given_up_after_one_request(
    feed_bench: Bench, fake: FakeFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A feed that takes too long to read is left alone for an hour."""
    monkeypatch.setattr("collector.feed_document.LONGEST", 0.1)
    answer(fake, b"<rss><channel>" + b"<a>" * 60_000)
    found = feed_bench.collect()
    assert (found.state, len(fake.asked)) == ("failing", 1)
    assert "takes too long to read. The next round" in (found.problem or "")


def test_wait_after_a_503_is_kept(feed_bench: Bench, fake: FakeFeed) -> None:
    """A site out of order that says for how long is asked no sooner."""
    fake.right_answer = lambda _: (503, {"Retry-After": "600"}, b"")  # type: ignore[method-assign]  # the wire's answer
    assert feed_bench.collect().resume_at == feed_bench.clock() + timedelta(minutes=10)


def test_key_in_the_address_is_not_told(feed_bench: Bench, fake: FakeFeed, caplog: pytest.LogCaptureFixture) -> None:
    """Problems and logs at any level name the site alone: the rest of the address may be a key."""
    caplog.set_level("DEBUG")
    feed_bench.settings = replace(feed_bench.settings, base_url=f"{fake.host}{PATH}?key=canary")
    fake.gone[PATH] = 403
    problem = feed_bench.collect().problem or ""
    assert "127.0.0.1 does not give us its feed (403)" in problem
    assert "canary" not in problem + caplog.text


def test_unreadable_position_starts_anew(feed_bench: Bench, fake: FakeFeed) -> None:
    """A position that cannot be read costs a whole answer, no post."""
    fake.publish(1)
    (page,) = feed_bench.source().fetch("{", feed_bench.patience())
    assert len(page.posts) == 1


def test_redirect_that_is_the_last_answer_allowed_is_not_followed(feed_bench: Bench, fake: FakeFeed) -> None:
    """A redirect whose headers say that no more requests are allowed until later is followed then."""
    fake.publish(1)
    page = fake.right_answer

    def moved(asked: Asked) -> Answer:
        if asked.path == "/uusi.xml":
            return page(asked)
        reset = str(int((fake.clock() + RESET_AFTER).timestamp()))
        return 301, {"Location": "/uusi.xml", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}, b""

    fake.right_answer = moved  # type: ignore[method-assign]  # the wire's answer
    found = feed_bench.collect()
    assert (found.state, found.resume_at) == ("rate_limited", fake.clock() + RESET_AFTER)
    assert len(fake.asked) == 1


@pytest.mark.control("F14")
def test_source_that_goes_wherever_it_is_sent_is_noticed(
    feed_bench: Bench, fake: FakeFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source for which every address is public does not pass the same look."""
    monkeypatch.setattr("collector.sources.feed._is_public", lambda _: True)
    with pytest.raises(AssertionError):
        test_redirect_into_our_own_network_is_not_followed(feed_bench, fake, "http://127.0.0.1:1/")


@pytest.mark.everything
@pytest.mark.control("F15")
def test_source_without_a_cap_is_noticed(feed_bench: Bench, fake: FakeFeed, monkeypatch: pytest.MonkeyPatch) -> None:
    """A source that unpacks whatever comes does not pass the same look."""
    monkeypatch.setattr("collector.sources.feed._LARGEST", 1 << 40)
    with pytest.raises(AssertionError):
        test_bomb_is_given_up_after_one_request(feed_bench, fake)
