"""Statuses of Mastodon and of what speaks its API (GoToSocial, Pleroma, snac) as posts.

A status has another id on every server that shows it; ``uri`` is the same everywhere, so that the same post seen
through two servers is one post.

See https://docs.joinmastodon.org/entities/Status/
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Raw

from collector.instants import read_instant
from collector.mastodon_html import links_in, without_quoted
from collector.unreadable import as_count
from corpus.post import Author, Counts, Post, Via
from language.text import clean, hashtags_in, html_to_text

NETWORK = "mastodon"
_PUBLIC = frozenset({"public", "unlisted"})
_OPT_OUTS = frozenset({"nobot", "noindex"})
"""Hashtags in a profile that ask collectors to stay away."""
NOT_PUBLIC = "the status is not public"

Id = str | int


class _Tag(msgspec.Struct):
    name: str | None = None


class _Field(msgspec.Struct):
    name: str | None = None
    value: str | None = None


class _Account(msgspec.Struct):
    id: Id | None = None
    acct: str | None = None
    username: str | None = None
    display_name: str | None = None
    url: str | None = None
    uri: str | None = None
    note: str | None = None
    fields: list[_Field] | None = None
    noindex: bool | None = None
    indexable: bool | None = None


class _Referred(msgspec.Struct):
    """A status that another one quotes or boosts, bare or within a quote."""

    uri: str | None = None
    quoted_status: "_Referred | None" = None
    quoted_status_id: Id | None = None


class Status(msgspec.Struct):
    """A status, as far as it is read."""

    id: Id | None = None
    uri: str | None = None
    url: str | None = None
    created_at: str | None = None
    edited_at: str | None = None
    content: str | None = None
    spoiler_text: str | None = None
    visibility: str | None = None
    language: str | None = None
    account: _Account | None = None
    in_reply_to_id: Id | None = None
    reblog: _Referred | None = None
    quote: _Referred | None = None
    tags: list[_Tag] | None = None
    replies_count: int | None = None
    reblogs_count: int | None = None
    favourites_count: int | None = None


class _Context(msgspec.Struct):
    ancestors: list[Raw]
    descendants: list[Raw]


class _Found(msgspec.Struct):
    statuses: list[Status]


class _Named(msgspec.Struct):
    id: Id
    uri: str


class _Reason(msgspec.Struct):
    error: str


_read_list = msgspec.json.Decoder(list[Raw]).decode
_read_status = msgspec.json.Decoder(Status).decode
_read_context = msgspec.json.Decoder(_Context).decode
_read_found = msgspec.json.Decoder(_Found).decode
_read_named = msgspec.json.Decoder(_Named).decode
_read_reason = msgspec.json.Decoder(_Reason).decode


def read_timeline(body: bytes) -> list[Raw]:
    """Return the statuses of an answer, each as sent.

    Raises:
        msgspec.DecodeError: the answer is no list.
    """
    return _read_list(body)


def read_context(body: bytes, depth: int) -> list[Raw]:
    """Return what surrounds a status, each as sent: the nearest that it answers, and all answers.

    Raises:
        msgspec.DecodeError: the answer is no context.
    """
    context = _read_context(body)
    return [*context.ancestors[-depth:], *context.descendants]


def read_shown(body: bytes) -> Raw:
    """Return the status that an answer is, as sent.

    Raises:
        msgspec.DecodeError: the answer is no status.
    """
    _read_named(body)
    return Raw(body)


def says_gone(body: bytes) -> bool:
    """Return whether an answer gives its reason as the API does: a page for people may come from before the server."""
    try:
        return bool(_read_reason(body).error)
    except msgspec.DecodeError:
        return False


def read_local_id(body: bytes, uri: str) -> str | None:
    """Return the server's own id of a status among those that a search found; None where it is not there.

    Raises:
        msgspec.DecodeError: the answer is not that of a search.
    """
    ids = (status.id for status in _read_found(body).statuses if uri in (status.uri, status.url))
    return next((str(one) for one in ids if one is not None), None)


def read_status(raw: Raw) -> Status:
    """Return a status decoded as far as it is read.

    Raises:
        msgspec.DecodeError: it is not as Mastodon writes it.
    """
    return _read_status(raw)


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewpoint:
    """Through which server statuses are seen, and what is wanted of them."""

    server: str
    """Its host, which completes the handles of its own accounts."""
    hashtag: str | None
    """What every post has to carry; None where all are wanted."""
    now: datetime
    text_limit: int
    indexable_needed: bool
    uris: dict[str, str]
    """What the server's own ids of statuses mean, as far as they were seen in this round."""
    via: Via = "hashtag"


def as_post(status: Status, raw: bytes, view: Viewpoint) -> Post:
    """Return the post that a status is; without its text and author where the author asked collectors to stay away.

    Raises:
        ValueError: its reason says what is missing or wrong.
    """
    if status.visibility is not None and status.visibility not in _PUBLIC:
        raise ValueError(NOT_PUBLIC)
    native_id = status.uri or status.url
    if not native_id:
        raise ValueError("uri is missing")
    if status.content is None:
        raise ValueError("content is missing")
    created_at = read_instant(status.created_at, view.now)
    quote_of = _quoted(status.quote, view.uris)
    content = without_quoted(status.content) if quote_of else status.content
    text = _text(status, content)
    named = (tag.name.casefold() for tag in status.tags or () if tag.name)
    hashtags = tuple(dict.fromkeys(clean(name) for name in named)) or hashtags_in(text)
    if view.hashtag is not None and _folded(view.hashtag) not in map(_folded, hashtags):
        raise ValueError(f"it does not carry #{view.hashtag}")
    native_id = clean(native_id)
    if _has_opted_out(status.account, indexable_needed=view.indexable_needed):
        return Post(
            network=NETWORK,
            native_id=native_id,
            author=None,
            text=None,
            created_at=created_at,
            via=view.via,
            gone="opted_out",
        )
    return Post(
        network=NETWORK,
        native_id=native_id,
        author=_author(status.account, view.server),
        text=text[: view.text_limit],
        created_at=created_at,
        via=view.via,
        url=_web_address(status.url) or _web_address(native_id),
        lang=clean(status.language) if status.language else None,
        edited_at=_optional_instant(status.edited_at, view.now),
        reply_to=view.uris.get(str(status.in_reply_to_id)) if status.in_reply_to_id else None,
        quote_of=quote_of,
        repost_of=_uri(status.reblog),
        hashtags=hashtags,
        links=tuple(clean(link) for link in links_in(content)),
        counts=Counts(
            replies=as_count(status.replies_count),
            reposts=as_count(status.reblogs_count),
            likes=as_count(status.favourites_count),
        ),
        cut_from=len(text) if len(text) > view.text_limit else None,
        raw=raw if status.quote is None and status.reblog is None else _by_itself(raw),
    )


def _by_itself(raw: bytes) -> bytes:
    """Return a payload without the statuses within it: they are other people's, and go when those want them gone."""
    payload = msgspec.json.decode(raw)
    for name in ("quote", "reblog"):
        if isinstance(payload.get(name), dict):
            payload[name] = _named_only(payload[name])
    return msgspec.json.encode(payload)


def _named_only(status: dict[str, Any]) -> dict[str, Any]:
    kept = {name: status[name] for name in ("id", "uri", "url", "state", "quoted_status_id") if name in status}
    within = status.get("quoted_status")
    return kept | ({"quoted_status": _named_only(within)} if isinstance(within, dict) else {})


def _text(status: Status, content: str) -> str:
    """Return the warning that stands before the text, and the text."""
    text = html_to_text(content)
    warning = clean(status.spoiler_text or "").strip()
    return f"{warning}\n\n{text}" if warning else text


def _has_opted_out(account: _Account | None, *, indexable_needed: bool) -> bool:
    """Return whether the author asked to be left alone; ``indexable: false`` alone is a default and says nothing."""
    if account is None:
        return indexable_needed
    if account.noindex or (indexable_needed and not account.indexable):
        return True
    said = [account.note, *(part for field in account.fields or () for part in (field.name, field.value))]
    profile = "\n".join(part for part in said if part and "#" in part)
    return bool(profile) and not _OPT_OUTS.isdisjoint(hashtags_in(html_to_text(profile)))


def _author(account: _Account | None, server: str) -> Author | None:
    if account is None:
        return None
    handle = account.acct or account.username
    if handle and "@" not in handle:
        handle = f"{handle}@{urlsplit(account.url or account.uri or '').netloc or server}"
    # The profile's address is the same through every server; the account's id is not.
    native_id = account.url or account.uri or handle
    if not native_id:
        return None
    name = account.display_name or None
    return Author(native_id=clean(native_id), handle=handle and clean(handle), name=name and clean(name))


def _optional_instant(written: str | None, now: datetime) -> datetime | None:
    try:
        return read_instant(written, now) if written else None
    except ValueError:
        return None


def _uri(referred: _Referred | None) -> str | None:
    if referred is None:
        return None
    uri = referred.quoted_status.uri if referred.quoted_status is not None else referred.uri
    return clean(uri) if uri else None


def _quoted(quote: _Referred | None, uris: Mapping[str, str]) -> str | None:
    """Return the address of the quoted status, also where the server only gives its own id of it."""
    if quote is not None and quote.quoted_status is None and quote.quoted_status_id is not None:
        return uris.get(str(quote.quoted_status_id))
    return _uri(quote)


def _web_address(written: str | None) -> str | None:
    return clean(written) if written and written.startswith(("https://", "http://")) else None


def _folded(hashtag: str) -> str:
    """Return a hashtag as Mastodon compares them: without case and accents."""
    decomposed = unicodedata.normalize("NFKD", hashtag.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))
