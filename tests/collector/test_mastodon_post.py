"""Statuses of Mastodon as posts."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest

from collector.mastodon_post import Viewpoint, as_post, read_status, read_timeline
from corpus.post import Post
from tests.collector.fake_mastodon import account
from tests.collector.payloads import expected, payload, readable

VIEW = Viewpoint(
    server="kotikyla.example",
    hashtag="tulevaisuudenkunta",
    now=datetime(2026, 11, 17, tzinfo=UTC),
    text_limit=25_000,
    indexable_needed=False,
    uris={"115570000000000012": "https://koivuranta.example/users/kunta/statuses/12"},
)
STATUS = {
    "id": "1",
    "uri": "https://kylat.example/users/a/statuses/1",
    "created_at": "2026-11-16T08:00:00.000Z",
    "content": "<p>Keksitty #tulevaisuudenkunta</p>",
    "account": account("a"),
}


def read(view: Viewpoint = VIEW, **fields: object) -> Post:
    """Return a status with some fields changed as a post."""
    raw = json.dumps({**STATUS, **fields}).encode()
    return as_post(read_status(msgspec.Raw(raw)), raw, view)


def test_timeline_means_its_posts() -> None:
    """The invented timeline gives the expected posts: text, relations, edits, opt-outs."""
    posts = []
    for raw in read_timeline(payload("mastodon/timeline.json")):
        try:
            posts.append(as_post(read_status(raw), bytes(raw), VIEW))
        except ValueError as error:
            posts.append(str(error))
    assert posts[:2] == ["the status is not public", "it does not carry #tulevaisuudenkunta"]
    assert [readable(post) for post in posts[2:] if isinstance(post, Post)] == expected("mastodon")


def test_hashtag_is_read_from_the_text_where_the_server_lists_none() -> None:
    """A server that lists no tags still gives the hashtag."""
    assert read().hashtags == ("tulevaisuudenkunta",)


@pytest.mark.parametrize("written", ["Tulevaisuudenkunta", "TULEVAISUUDENKUNTA"])
def test_hashtag_counts_in_any_case(written: str) -> None:
    """Capitals make no other hashtag."""
    assert read(tags=[{"name": written}]).hashtags == ("tulevaisuudenkunta",)


def test_hashtag_counts_without_its_accents() -> None:
    """Mastodon serves #tyokyla and #työkylä under one address; both carry the hashtag."""
    view = replace(VIEW, hashtag="työkylä")
    assert read(view, tags=[{"name": "tyokyla"}]).hashtags == ("tyokyla",)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        pytest.param({"uri": None}, "uri is missing", id="no-uri"),
        pytest.param({"content": None}, "content is missing", id="no-content"),
        pytest.param({"created_at": None}, "created_at is missing", id="no-time"),
        pytest.param({"visibility": "direct"}, "not public", id="direct"),
        pytest.param({"content": "<p>x</p>"}, "does not carry", id="other-hashtag"),
    ],
)
def test_what_is_no_post_says_why(fields: dict[str, object], reason: str) -> None:
    """A status that cannot be a post is refused with its reason."""
    with pytest.raises(ValueError, match=reason):
        read(**fields)


def test_author_of_this_server_gets_its_name() -> None:
    """The handle of the server's own account is completed by the profile's host, else by the server's."""
    own = {"id": "1", "acct": "a", "url": "https://kotikyla.example/@a"}
    author = read(account=own).author
    assert author is not None
    assert author.handle == "a@kotikyla.example"
    assert read(account={"acct": "b"}).author == msgspec.structs.replace(
        author, native_id="b@kotikyla.example", handle="b@kotikyla.example"
    )


@pytest.mark.parametrize("nobody", [None, {"id": "1"}])
def test_status_without_a_named_author_has_none(nobody: object) -> None:
    """A status without an account, or with an account without name and address, has no author."""
    assert read(account=nobody).author is None


def test_consent_cannot_be_read_off_a_missing_account() -> None:
    """Where consent is needed, a status without an account is not kept."""
    assert read(replace(VIEW, indexable_needed=True), account=None).gone == "opted_out"
    assert read(replace(VIEW, indexable_needed=True), account=account("a", indexable=True)).gone is None


@pytest.mark.parametrize("tag", ["nobot", "NoIndex"])
def test_hashtag_in_the_profile_is_an_opt_out(tag: str) -> None:
    """#nobot or #noindex in the profile, in any case, keeps the text out; the word alone does not."""
    assert read(account=account("a", note=f"<p>Hei #{tag}</p>")).gone == "opted_out"
    assert read(account=account("a", note=f"<p>Hei #kunta {tag}</p>")).gone is None
    row = {"name": "Toive", "value": f'<a href="https://a.example/tags/x">#<span>{tag}</span></a>'}
    assert read(account=account("a", fields=[row])).gone == "opted_out"
    assert read(account=account("a", fields=[{"name": tag, "value": "#kunta"}])).gone is None


@pytest.mark.parametrize(
    ("quote", "uri"),
    [
        pytest.param({"uri": "https://a.example/1"}, "https://a.example/1", id="bare"),
        pytest.param({"quoted_status": {"uri": "https://a.example/2"}}, "https://a.example/2", id="wrapped"),
        pytest.param({"quoted_status": None, "state": "pending"}, None, id="pending"),
    ],
)
def test_quote_is_read_in_both_forms(quote: object, uri: str | None) -> None:
    """Pleroma puts the quoted status there bare, Mastodon wraps it."""
    assert read(quote=quote).quote_of == uri


def test_quote_is_read_by_the_servers_own_id() -> None:
    """A quote within a quote only has the server's own id of what it quotes: it counts where its address is known."""
    quote = {"state": "accepted", "quoted_status_id": "17"}
    assert read(replace(VIEW, uris={"17": "https://a.example/17"}), quote=quote).quote_of == "https://a.example/17"
    assert read(quote=quote).quote_of is None


@pytest.mark.parametrize("name", ["quote", "reblog"])
def test_words_of_others_stay_out_of_the_payload(name: str) -> None:
    """What is kept of a payload names the status that it quotes or repeats, and holds no word of it."""
    other = {"id": "17", "uri": "https://a.example/17", "content": "<p>kanarialintu</p>", "account": account("kanari")}
    post = read(**{name: {"state": "accepted", "quoted_status": other} if name == "quote" else other})
    assert post.raw is not None
    assert b"kanari" not in post.raw
    kept = msgspec.json.decode(post.raw)
    named = {"id": "17", "uri": "https://a.example/17"}
    assert kept[name] == ({"state": "accepted", "quoted_status": named} if name == "quote" else named)
    assert kept["content"] == STATUS["content"]


@pytest.mark.parametrize(
    ("content", "text", "links"),
    [
        ('<p class="quote-inline">RE: <a href="https://a.example/17">a</a></p><p>Samaa &amp; mieltä</p>', "Samaa &", 0),
        ('<p>Samaa <br>&#39;<span class="quote-inline"><br/><br>RE: <b>a</b></span>mieltä</p>', "Samaa\n'mieltä", 0),
        ('<p>Samaa</p><p class="quote-inline">RE: <a href="https://a.example/17">a</a>', "Samaa\n\nRE: a", 1),
        ('<p>Samaa quote-inline<br class="quote-inline"/> mieltä</p>', "Samaa quote-inline\nmieltä", 0),
    ],
)
def test_line_for_programs_without_quotes_is_no_text(content: str, text: str, links: int) -> None:
    """The address that Mastodon writes for programs that know no quotes is left out where the quote is known."""
    tag = " #tulevaisuudenkunta"
    post = read(content=content + tag, quote={"uri": "https://a.example/17"})
    assert (post.text or "").startswith(text)
    assert len(post.links) == links
    assert ("RE: " in (read(content=content + tag).text or "")) == ("RE: " in content)


def test_boost_names_what_it_repeats() -> None:
    """A boost is a repost of the other status."""
    assert read(reblog={"uri": "https://a.example/1"}).repost_of == "https://a.example/1"


def test_nonsense_time_of_an_edit_is_none() -> None:
    """A time of edit that is no time costs only itself."""
    assert read(edited_at="yesterday").edited_at is None


def test_links_are_what_the_text_links_to() -> None:
    """Mentions, hashtags and addresses that are none of the web's are no links, and each link comes once."""
    content = (
        '<p><a class="u-url mention" href="https://b.example/@x">@x</a> <a href="javascript:alert(1)">y</a>'
        '<a href="https://c.example/">c</a><a href="https://c.example/">c</a><a>d</a> #tulevaisuudenkunta</p>'
    )
    assert read(content=content).links == ("https://c.example/",)


def test_long_text_is_cut_and_noted() -> None:
    """A text beyond the configured length is cut, and its whole length noted."""
    post = read(replace(VIEW, text_limit=10))
    assert (post.text, post.cut_from) == ("Keksitty #", 28)


def test_nul_is_replaced() -> None:
    """U+0000 becomes U+FFFD wherever it stands."""
    fields = {"uri": "https://a.example/\0", "spoiler_text": "w\0", "language": "f\0", "account": account("a\0")}
    assert "\0" not in str(readable(read(**fields)))
