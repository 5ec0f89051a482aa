"""Posts of Bluesky as the AT Protocol writes them: views of an app server, and bare records of the network itself.

A post is named by its ``at://`` address, whose first part is the author's DID: handles change, DIDs do not. Anybody can
write any time into ``createdAt``; as Bluesky itself does, a time later than the server's own is not believed.

See https://docs.bsky.app/docs/advanced-guides/posts and the lexicons ``app.bsky.feed.defs`` and ``app.bsky.feed.post``
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import TypeVar

import msgspec
from msgspec import Raw

from collector.instants import read_instant
from collector.unreadable import as_count
from corpus.changes import buried
from corpus.post import Author, Counts, Gone, Post, Via
from language.text import clean, hashtags_in

NETWORK = "bluesky"
COLLECTION = "app.bsky.feed.post"
"""Where posts stand among an account's records."""
OPT_OUT = "!no-unauthenticated"
"""Label of accounts that ask not to be shown to the public."""
NO_POST = "a record of another kind than a post"
_HIDING = frozenset({"!hide", "!takedown"})
"""Labels of posts and accounts with which the network itself takes them out of sight."""
NO_HANDLE = "handle.invalid"
"""What servers send for an account whose handle does not lead back to it."""

T = TypeVar("T")


class _Label(msgspec.Struct):
    val: str | None = None
    neg: bool | None = None


class BlueskyAuthor(msgspec.Struct, rename="camel"):
    """An account, as far as it is read."""

    did: str | None = None
    handle: str | None = None
    display_name: str | None = None
    labels: list[_Label] | None = None


class _Named(msgspec.Struct):
    uri: str | None = None
    record: "_Named | None" = None


class _Media(msgspec.Struct):
    external: _Named | None = None


class _Embed(msgspec.Struct):
    record: _Named | None = None
    """The quoted record; beside media one level further down."""
    external: _Named | None = None
    media: _Media | None = None


class _Span(msgspec.Struct, rename="camel"):
    byte_start: int
    byte_end: int


class _Feature(msgspec.Struct):
    tag: str | None = None
    uri: str | None = None


class _Facet(msgspec.Struct):
    index: _Span
    features: list[_Feature]


class _Reply(msgspec.Struct):
    root: _Named | None = None
    parent: _Named | None = None


class BlueskyRecord(msgspec.Struct, rename="camel"):
    """What the author's own server keeps."""

    kind: str | None = msgspec.field(default=None, name="$type")
    text: str | None = None
    created_at: str | None = None
    langs: list[str] | None = None
    tags: list[str] | None = None
    """Hashtags that are not in the text."""
    reply: _Reply | None = None
    facets: Raw = Raw()
    embed: Raw = Raw()
    labels: Raw = Raw()
    """What the author says of it."""


class _OwnLabels(msgspec.Struct):
    values: list[_Label]


class PostView(msgspec.Struct, rename="camel"):
    """A post as an app server shows it, or a bare record with its address."""

    uri: str | None = None
    author: BlueskyAuthor | None = None
    record: BlueskyRecord | None = None
    value: BlueskyRecord | None = None
    """The record, where a server of records answered."""
    indexed_at: str | None = None
    """When the server first saw it, by the server's clock."""
    reply_count: int | None = None
    repost_count: int | None = None
    like_count: int | None = None
    quote_count: int | None = None
    labels: list[_Label] | None = None
    embed: Raw = Raw()
    """What the server shows of a quoted post or a link; the record itself holds addresses alone."""
    not_found: bool | None = None
    blocked: bool | None = None


read_view = msgspec.json.Decoder(PostView).decode
"""Decode a view or a bare record with its address. Raises ``msgspec.DecodeError``."""
read_record = msgspec.json.Decoder(BlueskyRecord).decode
"""Decode the record alone. Raises ``msgspec.DecodeError``."""
_read_parts = msgspec.json.Decoder(dict[str, Raw]).decode
_read_facets = msgspec.json.Decoder(list[Raw]).decode
_read_facet = msgspec.json.Decoder(_Facet).decode
_read_embed = msgspec.json.Decoder(_Embed).decode
_read_own_labels = msgspec.json.Decoder(_OwnLabels).decode


def as_post(view: PostView, raw: bytes, *, now: datetime, text_limit: int, via: Via) -> Post:
    """Return the post that a view shows; without its text and author where it is not to be shown, see ``gone_of``.

    Args:
        view: the decoded view; of a bare record, ``PostView(uri=…, record=…, indexed_at=…)``.
        raw: the same as sent.
        now: the present instant, against dates from the future.
        text_limit: characters of the text that are kept.
        via: how it came in.

    Raises:
        ValueError: its reason says what is missing or wrong.
    """
    if view.not_found or view.blocked:
        raise ValueError("the post is deleted" if view.not_found else "the post is blocked")
    record = view.record or view.value
    if record is None:
        raise ValueError("record is missing")
    did, rkey = _identity(view, record)
    if record.text is None:
        raise ValueError("text is missing")
    native_id = f"at://{did}/{COLLECTION}/{rkey}"
    created_at = _created_at(record.created_at, view.indexed_at, now)
    if (gone := gone_of(view)) is not None:
        return Post(
            network=NETWORK,
            native_id=native_id,
            author=None,
            text=None,
            created_at=created_at,
            via=via,
            gone=gone,
        )
    text = clean(record.text)
    facets = _facets(record)
    embed, reply = _lenient(_read_embed, record.embed) or _Embed(), record.reply or _Reply()
    return Post(
        network=NETWORK,
        native_id=native_id,
        author=_author(view.author, did),
        text=text[:text_limit],
        created_at=created_at,
        via=via,
        url=f"https://bsky.app/profile/{did}/post/{rkey}",
        lang=clean(record.langs[0]) if record.langs else None,
        reply_to=_post_uri(reply.parent),
        quote_of=_post_uri(embed.record and (embed.record.record or embed.record)),
        discussion=_post_uri(reply.root) or native_id,
        hashtags=_hashtags(record, facets, text),
        links=_links(facets, embed),
        counts=Counts(
            replies=as_count(view.reply_count), reposts=as_count(view.repost_count), likes=as_count(view.like_count)
        ),
        quotes=as_count(view.quote_count),
        cut_from=len(text) if len(text) > text_limit else None,
        raw=_by_itself(raw) if view.embed else raw,
    )


def _by_itself(raw: bytes) -> bytes:
    """Return a view without what it shows of others: a quoted post's words would outlive their deletion."""
    return msgspec.json.encode({name: part for name, part in _read_parts(raw).items() if name != "embed"})


def bare_view(uri: str, payload: bytes, indexed_at: datetime | None) -> PostView:
    """Return the view of a record that the network itself sent, with the labels that its author gave it.

    Raises:
        msgspec.DecodeError: it is no such record.
    """
    record = read_record(payload)
    own = _lenient(_read_own_labels, record.labels)
    return PostView(
        uri=uri,
        record=record,
        indexed_at=indexed_at.isoformat() if indexed_at is not None else None,
        labels=own.values if own is not None else None,
    )


def introduced_by(post: Post, author: BlueskyAuthor) -> Post:
    """Return a post with what its author's profile says; its tombstone where that is not to be shown."""
    gone = gone_of(PostView(author=author))
    if gone is not None:
        return buried(post, gone)
    return replace(post, author=_author(author, post.author.native_id)) if post.author is not None else post


def gone_of(view: PostView) -> Gone | None:
    """Return why a post is not to be kept: its author asks not to be shown to the public, or the network hides it."""
    authors = _standing(view.author.labels if view.author is not None else None)
    if OPT_OUT in authors:
        return "opted_out"
    return None if _HIDING.isdisjoint(authors | _standing(view.labels)) else "deleted"


def without_labels(view: PostView) -> PostView:
    """Return a view as if nothing was said against showing it, to find out whether it is one of ours at all."""
    author = msgspec.structs.replace(view.author, labels=None) if view.author is not None else None
    return msgspec.structs.replace(view, author=author, labels=None)


def _standing(labels: Iterable[_Label] | None) -> set[str]:
    """Return labels that were not taken back."""
    return {label.val for label in labels or () if label.val is not None and not label.neg}


def _identity(view: PostView, record: BlueskyRecord) -> tuple[str, str]:
    """Return the author's DID and the post's key among their records."""
    if not view.uri:
        raise ValueError("uri is missing")
    uri = clean(view.uri)
    scheme, _, path = uri.partition("://")
    holder, _, place = path.partition("/")
    collection, _, rkey = place.partition("/")
    if (record.kind or COLLECTION) != COLLECTION or (scheme == "at" and collection != COLLECTION):
        raise ValueError(NO_POST)
    if scheme != "at" or not rkey or "/" in rkey:
        raise ValueError(f"uri is no address of a post: {uri!r:.80}")
    if not holder.startswith("did:") and view.author is not None and view.author.did:
        holder = clean(view.author.did)
    if not holder.startswith("did:"):
        raise ValueError(f"uri does not hold the author's DID: {uri!r:.80}")
    return holder, rkey


def _created_at(claimed: str | None, indexed: str | None, now: datetime) -> datetime:
    """Return the author's time, or the server's own where the author's is absurd or later."""
    try:
        claimed_at = _instant(claimed, now)
    except ValueError:
        if indexed is None:
            raise
        return _instant(indexed, now)
    try:
        return min(claimed_at, _instant(indexed, now))
    except ValueError:
        return claimed_at


def _instant(written: str | None, now: datetime) -> datetime:
    try:
        return read_instant(written, now)
    except ValueError as error:
        if "no time zone" not in str(error):
            raise
        # Bluesky reads what its rules forbid, a time without a zone, as UTC: normalizeDatetime in @atproto/syntax.
        return read_instant(f"{written}Z", now)


def _author(author: BlueskyAuthor | None, did: str) -> Author:
    handle = author.handle if author is not None and author.handle != NO_HANDLE else None
    name = author.display_name if author is not None else None
    return Author(native_id=did, handle=clean(handle) if handle else None, name=clean(name) if name else None)


def _facets(record: BlueskyRecord) -> list[_Facet]:
    """Return the spans of the text that mean something, in order; offsets count the text's UTF-8 bytes."""
    length = len((record.text or "").encode())
    found = [_lenient(_read_facet, raw) for raw in _lenient(_read_facets, record.facets) or ()]
    within = (facet for facet in found if facet is not None and 0 <= facet.index.byte_start < facet.index.byte_end)
    return sorted(
        (facet for facet in within if facet.index.byte_end <= length), key=lambda facet: facet.index.byte_start
    )


def _hashtags(record: BlueskyRecord, facets: Iterable[_Facet], text: str) -> tuple[str, ...]:
    """Return the marked hashtags; those of the text where a client marked none."""
    marked = (feature.tag for facet in facets for feature in facet.features)
    tags = (clean(tag).lstrip("#\uff03").casefold() for tag in chain(marked, record.tags or ()) if tag)
    return tuple(dict.fromkeys(tag for tag in tags if tag)) or hashtags_in(text)


def _links(facets: Iterable[_Facet], embed: _Embed) -> tuple[str, ...]:
    cards = (embed.external, embed.media.external if embed.media is not None else None)
    named = (feature.uri for facet in facets for feature in facet.features)
    uris = chain(named, (card.uri for card in cards if card is not None))
    return tuple(dict.fromkeys(clean(uri) for uri in uris if uri and uri.startswith(("https://", "http://"))))


def _post_uri(named: _Named | None) -> str | None:
    """Return the address of a post; None of a list, a feed or whatever else can be embedded."""
    return clean(named.uri) if named is not None and named.uri and f"/{COLLECTION}/" in named.uri else None


def _lenient(read: Callable[[Raw], T], raw: Raw) -> T | None:
    """Return what harms no post if it is malformed; None then and where there is nothing."""
    try:
        return read(raw) if bytes(raw) not in (b"", b"null") else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
