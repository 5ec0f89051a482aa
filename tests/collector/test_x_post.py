"""Posts of X out of every shape in which they are written down."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from collector.unreadable import without_lone_surrogates
from collector.x_page import Reading, XPage, read_page
from corpus.post import Post
from tests.collector.payloads import expected, payload, readable

NOW = datetime(2026, 11, 17, tzinfo=UTC)
READING = Reading(now=NOW, text_limit=25_000, via="import")
POST = {"id": "2122226171507638273", "text": "Keksitty", "created_at": "2026-11-16T07:12:03.000Z", "author_id": "1"}


def read(reading: Reading = READING, **fields: object) -> XPage:
    """Read a flattened post with some fields changed."""
    return read_page(json.dumps({**POST, **fields}).encode(), reading)


def only(page: XPage) -> Post:
    """Return the only post of a page."""
    assert page.rejected == []
    return page.posts[0]


@pytest.mark.parametrize("name", ["page_tweet.json", "page_post.json"], ids=["old-naming", "new-naming"])
def test_page_means_the_same_in_both_namings(name: str) -> None:
    """A page in the old naming of fields and one in the new give the same posts."""
    page = read_page(payload(f"x/{name}"), READING)
    assert [readable(post) for post in page.posts] == expected("x")
    assert (page.next_token, len(page.problems), page.rejected) == ("b26v89c19zqg8o3fkeksitty", 1, [])


def test_flattened_posts_mean_the_same() -> None:
    """What twarc flattens gives the same posts as the page it came from."""
    lines = payload("x/flattened.jsonl").splitlines()
    assert [readable(only(read_page(line, READING))) for line in lines] == expected("x")


def test_raw_is_the_post_as_sent() -> None:
    """The payload kept with a post is its own, byte for byte, and nothing of its neighbours."""
    sent = payload("x/page_tweet.json")
    for post in read_page(sent, READING).posts:
        assert post.raw is not None
        assert post.raw in sent
        assert json.loads(post.raw)["text"]


def test_lone_surrogate_becomes_a_replacement_character_and_raw_keeps_it() -> None:
    """U+D800 without its other half is U+FFFD in the text, the payload stays as sent, and pairs stay whole."""
    line = rb'{"id": "7", "text": "a\ud800b \ud83c\udf31 \\ud800 \udc00", "created_at": "2026-11-16T07:12:03Z"}'
    post = only(read_page(line, READING))
    assert post.text == "a\ufffdb \U0001f331 \\ud800 \ufffd"
    assert post.raw == line


def test_lone_surrogate_in_a_page_harms_no_neighbour() -> None:
    """In a page, too, each post keeps its own payload as sent."""
    first = rb'{"id": "7", "text": "a\ud800", "created_at": "2026-11-16T07:12:03Z"}'
    second = rb'{"id": "8", "text": "b", "created_at": "2026-11-16T07:12:03Z"}'
    page = read_page(b'{"data": [' + first + b", " + second + b"]}", READING)
    assert [(post.text, post.raw) for post in page.posts] == [("a\ufffd", first), ("b", second)]


def test_mending_keeps_every_length() -> None:
    """Mended JSON is as long as the original, so that positions stay what they are."""
    sent = rb"\\ud800\ud800\\\ud800\udbff\udbff\udfff\\"
    assert len(without_lone_surrogates(sent)) == len(sent)


def test_nul_becomes_a_replacement_character_everywhere() -> None:
    """U+0000 is U+FFFD in text, names, hashtags and links."""
    post = only(
        read(
            text="a\0b",
            author={"id": "1", "username": "a\0", "name": "b\0"},
            entities={"hashtags": [{"tag": "c\0"}], "urls": [{"expanded_url": "https://d.example/\0"}]},
            lang="f\0",
        )
    )
    assert "\0" not in str(readable(post))
    assert post.text == "a\ufffdb"
    assert post.url == "https://x.com/i/web/status/2122226171507638273"


def test_bidi_characters_stay() -> None:
    """Bidirectional controls are stored unchanged."""
    assert only(read(text="a\u202eb\u2066c")).text == "a\u202eb\u2066c"


def test_long_text_is_cut_and_noted() -> None:
    """A megabyte of text is stored to the configured length, and the whole length noted."""
    post = only(read(replace(READING, text_limit=100), text="å" * 1_000_000))
    assert (post.text, post.cut_from) == ("å" * 100, 1_000_000)


def test_hashtags_are_found_where_entities_were_not_asked_for() -> None:
    """Without entities the hashtags are read from the text."""
    assert only(read(text="Kaikki #TulevaisuudenKunta #sote")).hashtags == ("tulevaisuudenkunta", "sote")


def test_number_ids_are_text() -> None:
    """Ids that an archive wrote as numbers are text to the last digit."""
    post = only(read(id=2122226171507638273, author_id=17))
    assert (post.native_id, post.author and post.author.native_id) == ("2122226171507638273", "17")


def test_middle_version_of_an_edit_keeps_the_first_id() -> None:
    """The second of three versions is the first post, edited when it says, and links to the newest."""
    ids = ["2122238280463286274", "2122240675410870275", "2122241675410870275"]
    post = only(read(id=ids[1], edit_history_tweet_ids=ids, created_at="2026-11-16T08:09:41.000Z"))
    assert (post.native_id, post.url) == (ids[0], f"https://x.com/i/web/status/{ids[2]}")
    assert (post.created_at.isoformat(), post.edited_at and post.edited_at.isoformat()) == (
        "2026-11-16T08:00:10+00:00",
        "2026-11-16T08:09:41+00:00",
    )


def test_first_version_of_an_edit_was_not_edited() -> None:
    """The first version is the post before its edit."""
    ids = ["2122226171507638273", "2122226171507638999"]
    assert only(read(edit_history_tweet_ids=ids)).edited_at is None


def test_ids_that_hold_no_time_of_their_own_give_none() -> None:
    """Where the first id tells a time that no edit allows, the version's own time stands."""
    post = only(read(id="12", edit_history_tweet_ids=["11", "12"]))
    assert (post.native_id, post.created_at) == ("11", post.edited_at)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        pytest.param({"id": None}, "id is missing", id="no-id"),
        pytest.param({"id": ""}, "id is missing", id="empty-id"),
        pytest.param({"id": "../../etc"}, "id is no number of X", id="hostile-id"),
        pytest.param({"id": "1" * 40}, "id is no number of X", id="endless-id"),
        pytest.param({"id": 1.5e18}, "not as it should be", id="rounded-id"),
        pytest.param({"text": None, "note_tweet": {"text": None}}, "text is missing", id="no-text"),
        pytest.param({"text": None}, "text is missing", id="nothing-of-a-text"),
        pytest.param({"text": 7}, "not as it should be", id="number-for-text"),
        pytest.param({"created_at": None}, "created_at is missing", id="no-time"),
        pytest.param({"created_at": "2026-11-16T07:12:03"}, "no time zone", id="naive"),
        pytest.param({"created_at": "2027-01-01T00:00:00Z"}, "a day ahead", id="future"),
        pytest.param({"created_at": "1970-01-01T00:00:00Z"}, "before 1990", id="old"),
        pytest.param({"entities": {"hashtags": 5}}, "not as it should be", id="entities"),
        pytest.param({"event_type": "MessageCreate"}, "direct message", id="direct-message"),
    ],
)
def test_what_is_no_post_says_why(fields: dict[str, object], reason: str) -> None:
    """A record that cannot be a post is rejected with its reason and kept."""
    page = read(**fields)
    assert page.posts == []
    assert reason in page.rejected[0].reason


def test_direct_message_is_not_kept_aside() -> None:
    """Of a direct message not even the rejected record is kept."""
    assert read(dm_conversation_id="1-2").rejected[0].record == ""


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b'{"data": [{"id": "1", "name": "a", "username": "a"}]}', "records of id, name", id="users"),
        pytest.param(b'{"data": [{"start": "a", "end": "b", "tweet_count": 3}]}', "tweet_count", id="counts"),
        pytest.param(b'{"data": [1, 2]}', "holds no posts", id="numbers"),
        pytest.param(b'{"data": "x"}', "holds no posts", id="text-for-data"),
        pytest.param(b'{"errors": [{"title": "Not Found Error"}]}', "an error of X instead", id="errors"),
        pytest.param(b'{"errors": 5}', "an error of X instead", id="strange-errors"),
        pytest.param(b'{"errors": []}', "without a reason", id="no-errors"),
        pytest.param(b'{"status": 200, "body": "not json"}', "not JSON", id="recorded-text"),
        pytest.param(b'{"status": 200, "body": "\\ud800"}', "not JSON", id="recorded-surrogate"),
        pytest.param(b'{"status": 200, "body": "\xff"}', "not UTF-8", id="recorded-bytes"),
        pytest.param(b'{"status": 200, "body": 5}', "not as it should be", id="recorded-number"),
        pytest.param(b"{}", "text is missing", id="empty-object"),
        pytest.param(b"[]", "not as it should be", id="list"),
        pytest.param(b'{"data": [}', "not JSON", id="malformed"),
        pytest.param(b'{"text": "\xff"}', "not UTF-8", id="bytes"),
        pytest.param(b'{"a":' * 100_000, "nested without end", id="nested"),
        pytest.param(b'{"text": "\\ud800", ', "not JSON", id="surrogate-and-malformed"),
    ],
)
def test_answer_without_posts_says_what_it_is(body: bytes, reason: str) -> None:
    """An answer that holds no posts is one rejection that says what it holds."""
    page = read_page(body, READING)
    assert page.posts == []
    assert [reason in rejected.reason for rejected in page.rejected] == [True]


@pytest.mark.parametrize(
    "body", [b'{"meta": {"result_count": 0}}', b'{"data": [], "meta": 7}', b'{"data": null, "meta": {}}']
)
def test_answer_of_nothing_is_no_fault(body: bytes) -> None:
    """A search that found nothing is an answer, and nothing is rejected."""
    page = read_page(body, READING)
    assert (page.posts, page.rejected, page.is_answer) == ([], [], True)


def test_recorded_answer_is_read_within_its_wrapper() -> None:
    """An answer that a recorder wrapped, as an object or as text, gives the posts of its body."""
    body = payload("x/page_tweet.json")
    wrapped = b'{"fixture": "a", "url": "b", "status": 200, "headers": {}, "body": ' + body + b"}"
    as_text = json.dumps({"status": 200, "body": body.decode()}).encode()
    assert len(read_page(wrapped, READING).posts) == len(read_page(as_text, READING).posts) == 5


def test_one_bad_record_harms_no_other() -> None:
    """In a page with one record of the wrong kind the others are posts."""
    good = json.dumps(POST).encode()
    page = read_page(b'{"data": [' + good + b', {"id": [], "text": "x"}, ' + good + b"]}", READING)
    assert (len(page.posts), len(page.rejected)) == (2, 1)


def test_malformed_includes_cost_only_the_names() -> None:
    """A page whose includes cannot be read keeps its posts; their authors have ids alone."""
    page = read_page(b'{"data": [' + json.dumps(POST).encode() + b'], "includes": {"users": 5}}', READING)
    author = page.posts[0].author
    assert author is not None
    assert (author.native_id, author.handle) == ("1", None)


def test_empty_hashtags_and_links_are_none() -> None:
    """Entities that name nothing give nothing, and a relation of an unknown kind is none."""
    post = only(
        read(
            entities={"hashtags": [{"tag": ""}], "urls": [{"expanded_url": None}]},
            note_tweet={"text": "Pitkä", "entities": {"hashtags": [{"tag": "Pitkä"}]}},
            referenced_tweets=[{"type": "liked", "id": "1"}],
        )
    )
    assert (post.text, post.hashtags, post.links) == ("Pitkä", ("pitkä",), ())


def test_post_without_author_has_none() -> None:
    """A post that names no author is stored without one."""
    assert only(read(author_id=None)).author is None
