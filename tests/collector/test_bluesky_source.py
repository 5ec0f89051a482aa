"""Bluesky in particular: sign-in and its end, servers that ignore what is asked, times and marks that are false."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from collector.bluesky_post import as_post, read_view
from collector.collect import Bounds
from corpus.post import Post
from tests.collector.conftest import Bench, Network
from tests.collector.fake_bluesky import PASSWORD, FakeBluesky
from tests.collector.fake_wire import RESET_AFTER, Clock
from tests.collector.payloads import payload


@pytest.fixture
def fake(bluesky_bench: Bench) -> FakeBluesky:
    """The network behind ``bluesky_bench``."""
    assert isinstance(bluesky_bench.network, FakeBluesky)
    return bluesky_bench.network


def stored(bench: Bench, native_id: str) -> Post:
    """Return a post of the corpus."""
    found = bench.corpus.posts.by_native_id("bluesky", native_id)
    assert found is not None
    return found.stored.post


def uri(name: str, number: int) -> str:
    """Return the address of a post of the payload."""
    return f"at://did:plc:{name}xxxxxxxxxxxxxxxxxx/app.bsky.feed.post/3lkeksitty{number:03d}"


@pytest.fixture
def payload_bench(bluesky_bench: Bench, fake: FakeBluesky) -> Bench:
    """A round has read the invented page of search results."""
    fake.right_answer = lambda asked: (  # type: ignore[method-assign]  # the wire's answer
        200,
        {},
        b'{"posts": []}' if "cursor" in asked.params else payload("bluesky/search.json"),
    )
    found = bluesky_bench.collect()
    assert (found.inserted, found.rejected, found.complete) == (7, 2, True)
    return bluesky_bench


def test_one_session_serves_a_round(bluesky_bench: Bench, fake: FakeBluesky) -> None:
    """A round of several pages signs in once."""
    fake.publish(25)
    assert bluesky_bench.collect().inserted == 25
    assert len(fake.sign_ins) == 1


def test_expired_token_is_refreshed_once(bluesky_bench: Bench, fake: FakeBluesky) -> None:
    """A session that ends between two pages is refreshed, and the round goes on."""
    fake.publish(15)
    page = fake.right_answer

    def expire_after_the_first(asked: object) -> tuple[int, dict[str, str], bytes]:
        if len(fake.asked) == 2:
            return 400, {}, b'{"error": "ExpiredToken", "message": "Token has expired"}'
        return page(asked)  # type: ignore[arg-type]  # passed on

    fake.right_answer = expire_after_the_first  # type: ignore[method-assign, assignment]  # the wire's answer
    found = bluesky_bench.collect()
    assert (found.inserted, found.complete) == (15, True)
    assert [asked.path.rpartition(".")[2] for asked in fake.sign_ins] == ["createSession", "refreshSession"]


def test_refused_refresh_signs_in_anew(bluesky_bench: Bench, fake: FakeBluesky) -> None:
    """Where the refresh token is no longer taken either, the round signs in again."""
    fake.publish(2)
    fake.sign_in_faults.extend([(200, {}, b'{"accessJwt": "old", "refreshJwt": "old"}')])
    assert bluesky_bench.collect().inserted == 2
    names = [asked.path.rpartition(".")[2] for asked in fake.sign_ins]
    assert names == ["createSession", "refreshSession", "createSession"]


@pytest.mark.parametrize(
    ("handle", "password", "remedy"),
    [
        pytest.param("", PASSWORD, "options = { handle =", id="no-handle"),
        pytest.param("a.example", None, "KUNTAKAIKU_TOKEN_TOINEN", id="no-password"),
        pytest.param("a.example", "wrong-canary", "KUNTAKAIKU_TOKEN_TOINEN", id="wrong"),
    ],
)
def test_account_that_is_not_let_in_names_its_remedy(
    bluesky_bench: Bench, fake: FakeBluesky, handle: str, password: str | None, remedy: str
) -> None:
    """Without an account that Bluesky accepts nothing is searched, and the round says what to set."""
    bluesky_bench.settings = replace(bluesky_bench.settings, name="toinen", options={"handle": handle})
    bluesky_bench.secrets = {"TOKEN_TOINEN": password} if password else {}
    found = bluesky_bench.collect()
    assert (found.state, len(fake.asked)) == ("refused", 0)
    assert remedy in (found.problem or "")
    assert "canary" not in (found.problem or "")


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        pytest.param((503, {}, b""), "failing", id="out-of-order"),
        pytest.param((200, {}, b"<html>"), "failing", id="html"),
        pytest.param((200, {}, b'{"accessJwt": "a\\nb", "refreshJwt": ""}'), "failing", id="no-token"),
        pytest.param((429, {}, b'{"error": "RateLimitExceeded"}'), "rate_limited", id="too-many"),
    ],
)
def test_sign_in_that_fails_ends_the_round(
    bluesky_bench: Bench, fake: FakeBluesky, fault: tuple[int, dict[str, str], bytes], state: str
) -> None:
    """A sign-in that fails is told as any other fault, and nothing is searched."""
    fake.sign_in_faults.extend([fault] * 3)
    assert bluesky_bench.collect().state == state
    assert len(fake.asked) == 0


def test_sign_in_keeps_the_named_time(bluesky_bench: Bench, fake: FakeBluesky) -> None:
    """The time that Bluesky names when too many sign in is kept."""
    at = bluesky_bench.clock() + RESET_AFTER
    fake.sign_in_faults.append((429, {"RateLimit-Reset": str(int(at.timestamp()))}, b'{"error": "RateLimitExceeded"}'))
    assert bluesky_bench.collect().resume_at == at


@pytest.mark.parametrize("until", ["kept", "ignored", "refused"])
@pytest.mark.parametrize("cursor", ["always", "more"])
def test_servers_of_every_kind_are_read_to_the_end(
    bench_of: Callable[[Network], Bench], clock: Clock, until: str, cursor: str
) -> None:
    """Whatever a server makes of ``until`` and of its cursor, stopped and later rounds bring every post."""
    bench = bench_of(FakeBluesky(clock, until=until, cursor=cursor))
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


def test_server_that_repeats_its_page_ends_the_round(bluesky_bench: Bench, fake: FakeBluesky) -> None:
    """A server that ignores its cursor is told from one that has more: the round ends and says so."""
    fake.publish(25)
    first_page = fake.right_answer

    def always_the_first(asked: object) -> tuple[int, dict[str, str], bytes]:
        asked.params.pop("cursor", None)  # type: ignore[attr-defined]  # what the server ignores
        return first_page(asked)  # type: ignore[arg-type]  # passed on

    fake.right_answer = always_the_first  # type: ignore[method-assign, assignment]  # the wire's answer
    found = bluesky_bench.collect()
    assert (found.state, found.inserted) == ("failing", 10)
    assert "the same page again" in (found.problem or "")


def test_backdated_post_does_not_end_the_round_early(bluesky_bench: Bench, fake: FakeBluesky) -> None:
    """A new post with a time of years ago, which its author may write, stands for no known territory."""
    fake.publish(5)
    bluesky_bench.collect()
    bluesky_bench.clock.pass_by(minutes=15)
    fake.publish(14)
    fake.publish(1, record={"createdAt": "2016-01-01T00:00:00Z"})
    fake.publish(10)
    assert bluesky_bench.collect().inserted == 25
    assert bluesky_bench.stored() == fake.truth


def test_search_asks_for_words_and_newest_first(bluesky_bench: Bench, fake: FakeBluesky) -> None:
    """The hashtag is asked for as words, not by the parameter that servers have ignored."""
    bluesky_bench.collect()
    assert fake.asked[0].params == {"q": "#tulevaisuudenkunta", "sort": "latest", "limit": "100"}


def test_text_links_and_language_are_kept(payload_bench: Bench) -> None:
    """Marks count bytes: a link after letters of two bytes and a tree of four is found whole."""
    post = stored(payload_bench, uri("aino", 1))
    assert post.text == "Ääni kuuluu öisinkin 🌲 kunta.example/juttu #TulevaisuudenKunta"
    assert (post.hashtags, post.links) == (("tulevaisuudenkunta",), ("https://kunta.example/juttu",))
    assert (post.lang, post.counts.likes, post.discussion) == ("fi", 2, uri("aino", 1))
    assert post.author is not None
    assert (post.author.handle, post.author.name) == ("aino.bsky.example", "Keksitty Aino")


def test_relations_are_kept(payload_bench: Bench) -> None:
    """A reply knows what it answers and where the thread began; a quote beside a link is both."""
    reply, quote = stored(payload_bench, uri("bo", 2)), stored(payload_bench, uri("cai", 3))
    assert (reply.reply_to, reply.discussion) == (uri("cai", 9), uri("aino", 0))
    assert (quote.quote_of, quote.links) == (uri("bo", 2), ("https://kunta.example/kuva",))


def test_time_from_the_future_gives_way_to_the_servers(payload_bench: Bench) -> None:
    """A time later than when the server first saw the post is not believed."""
    assert stored(payload_bench, uri("aino", 4)).created_at == datetime(2026, 11, 20, 5, tzinfo=UTC)


@pytest.mark.parametrize("number", [5, 8], ids=["in-the-field", "only-in-the-text"])
def test_hashtag_counts_where_it_stands(payload_bench: Bench, number: int) -> None:
    """A hashtag beside the text counts, and so does one in it that a client marked wrongly or not at all."""
    assert "tulevaisuudenkunta" in stored(payload_bench, uri("bo", number)).hashtags


def test_longer_hashtag_is_another(payload_bench: Bench) -> None:
    """What the search finds but what carries a longer hashtag is kept aside, once."""
    kept = (payload_bench.directory / "rejects" / "bluesky.jsonl").read_text("utf-8")
    assert "it does not carry #tulevaisuudenkunta" in kept
    assert payload_bench.collect().rejected == 0


def test_people_who_want_to_be_left_alone_are_only_counted(payload_bench: Bench) -> None:
    """Of an author who is not to be shown to the public no text, name or payload is kept anywhere."""
    post = stored(payload_bench, uri("cai", 6))
    assert (post.gone, post.text, post.author) == ("opted_out", None, None)
    files = [path.read_bytes() for path in payload_bench.directory.rglob("*") if path.is_file()]
    assert not any(b"Salattava" in content for content in files)


def test_rejected_post_of_who_opted_out_is_not_kept_aside(bluesky_bench: Bench, fake: FakeBluesky) -> None:
    """Not even what is rejected is kept of them."""
    labels = [{"src": "did:plc:a", "val": "!no-unauthenticated"}]
    fake.publish(1, author={"did": "did:plc:a", "labels": labels}, record={"text": "salattava", "facets": []})
    assert bluesky_bench.collect().rejected == 1
    (kept,) = (bluesky_bench.directory / "rejects" / "bluesky.jsonl").read_text("utf-8").splitlines()
    assert json.loads(kept)["record"] == ""


def test_quoted_words_stay_with_who_wrote_them() -> None:
    """What a server shows of a quoted post is not kept with the post that quotes: it would outlive its deletion."""
    view = {
        "uri": uri("aino", 1),
        "record": {
            "text": "Samaa mieltä",
            "createdAt": "2026-11-19T10:00:00Z",
            "embed": {"record": {"uri": uri("bo", 2)}},
        },
        "embed": {"record": {"uri": uri("bo", 2), "value": {"text": "keksityt lainatut sanat"}}},
        "likeCount": 3,
    }
    raw = json.dumps(view).encode()
    now = datetime(2026, 11, 20, tzinfo=UTC)
    post = as_post(read_view(raw), raw=raw, now=now, text_limit=500, via="hashtag")
    assert post.quote_of == uri("bo", 2)
    assert post.raw is not None
    assert json.loads(post.raw) == {key: value for key, value in view.items() if key != "embed"}
