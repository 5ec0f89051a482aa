"""Posts of X as its API v2 writes them, live or in an archive, in the old naming of fields and in the new.

X renames *tweet* to *post* (``referenced_tweets`` to ``referenced_posts``, and so on); both are read everywhere.

An edited post has a new id on X. Here it keeps the first id of its edit history, so that it is one post and counted
once: its time is the first version's, which the id holds, and ``edited_at`` the time of the version that was sent.

See https://docs.x.com/x-api/fundamentals/data-dictionary
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import msgspec

from collector.instants import read_instant
from collector.unreadable import as_count
from corpus.post import Author, Counts, Post, Via
from language.text import clean, hashtags_in

NETWORK = "x"
_EPOCH_MS = 1_288_834_974_657
"""Milliseconds of 1970 at which the ids of X begin to hold their time: https://github.com/twitter-archive/snowflake"""
_LATEST_EDIT = timedelta(days=1)
"""X allows edits for an hour: an id that tells another time is none of X's own."""
_EVERYWHERE = frozenset({"XX", "XY"})
"""What API v1.1 writes for all countries, and for a claim under copyright."""
DIRECT_MESSAGE = "a direct message is no post"
_PEOPLE = 20_000
"""Authors and hashtags that are remembered from post to post: most of an archive comes from few."""
_HANDLE = re.compile(r"\w{1,20}", re.ASCII)

Id = str | int


class _Tag(msgspec.Struct, gc=False):
    tag: str | None = None


class _Url(msgspec.Struct, gc=False):
    expanded_url: str | None = None
    url: str | None = None


class _Entities(msgspec.Struct, gc=False):
    hashtags: list[_Tag] | None = None
    urls: list[_Url] | None = None


class _Metrics(msgspec.Struct, gc=False):
    reply_count: int | None = None
    retweet_count: int | None = None
    repost_count: int | None = None
    like_count: int | None = None
    quote_count: int | None = None
    impression_count: int | None = None


class _Note(msgspec.Struct, gc=False):
    text: str | None = None
    entities: _Entities | None = None


class _Reference(msgspec.Struct, gc=False):
    type: str | None = None
    id: Id | None = None


class _Withheld(msgspec.Struct, gc=False):
    country_codes: list[str] | None = None
    copyright: bool | None = None


class XUser(msgspec.Struct, gc=False):
    """An account, as far as it is read."""

    id: Id | None = None
    username: str | None = None
    name: str | None = None
    withheld: _Withheld | None = None


class XPost(msgspec.Struct, gc=False):
    """A post, as far as it is read."""

    id: Id | None = None
    text: str | None = None
    created_at: str | int | float | None = None
    author_id: Id | None = None
    author: XUser | None = None
    """Embedded by twarc's ``flatten``."""
    lang: str | None = None
    conversation_id: Id | None = None
    entities: _Entities | None = None
    public_metrics: _Metrics | None = None
    referenced_tweets: list[_Reference] | None = None
    referenced_posts: list[_Reference] | None = None
    note_tweet: _Note | None = None
    note_post: _Note | None = None
    edit_history_tweet_ids: list[Id] | None = None
    edit_history_post_ids: list[Id] | None = None
    withheld: _Withheld | None = None
    event_type: str | None = None
    """Of direct messages only."""
    dm_conversation_id: str | None = None


_NO_COUNTS = Counts()
_NO_RELATIONS = (None, None, None)


def as_post(
    found: XPost,
    raw: bytes,
    users: Mapping[str, XUser],
    *,
    now: datetime,
    text_limit: int,
    via: Via,
    country: str = "",
) -> Post:
    """Return the post that a payload describes.

    Args:
        found: the decoded payload.
        raw: the same as sent.
        users: accounts that came beside it, by id.
        now: the present instant, against dates from the future.
        text_limit: characters of the text that are kept.
        via: how it came in.
        country: where posts are shown; what X withholds there comes without its text. Empty: withheld anywhere.

    Raises:
        ValueError: its reason says what is missing or wrong.
    """
    note, text = _said(found)
    native_id, newest_id, created_at, edited_at = _identity(found, now)
    author = _author(found, users)
    references = found.referenced_tweets or found.referenced_posts
    reply_to, quote_of, repost_of = _relations(references) if references else _NO_RELATIONS
    discussion = newest_id if found.conversation_id == newest_id else as_id(found.conversation_id)
    hashtags, links = _entities(found.entities, note, text)
    length = len(text)
    return Post(
        network=NETWORK,
        native_id=native_id,
        author=author,
        text=text if length <= text_limit else text[:text_limit],
        created_at=created_at,
        via=via,
        url=_address_of(author.handle if author is not None else None) + newest_id,
        lang=found.lang and _clean(found.lang),
        edited_at=edited_at,
        reply_to=reply_to,
        quote_of=quote_of,
        repost_of=repost_of,
        discussion=native_id if discussion == newest_id else discussion,
        hashtags=hashtags,
        links=links,
        counts=_NO_COUNTS if found.public_metrics is None else _counts(found.public_metrics),
        quotes=None if found.public_metrics is None else as_count(found.public_metrics.quote_count),
        cut_from=None if length <= text_limit else length,
        gone="withheld" if _is_withheld(found, users, country) else None,
        raw=raw,
    )


def _said(found: XPost) -> tuple[_Note | None, str]:
    """Return the note of a long post, and what the post says."""
    if found.event_type is not None or found.dm_conversation_id is not None:
        raise ValueError(DIRECT_MESSAGE)
    note = found.note_tweet or found.note_post
    text = note.text if note is not None and note.text else found.text
    if text is None:
        raise ValueError("text is missing")
    return note, clean(text) if "\0" in text else text


def _is_withheld(found: XPost, users: Mapping[str, XUser], country: str) -> bool:
    """Return whether X says that a post, or all of its writer's, may not be shown in a country, or anywhere.

    See https://docs.x.com/x-api/fundamentals/data-dictionary (``withheld``)
    """
    author = found.author or users.get(as_id(found.author_id) or "")
    for said in (found.withheld, author.withheld if author is not None else None):
        if said is None:
            continue
        codes = {code.upper() for code in said.country_codes or ()}
        if said.copyright or codes & _EVERYWHERE or (codes and not country) or country in codes:
            return True
    return False


def as_id(written: Id | None) -> str | None:
    """Return an id of X as text; None where it is none."""
    if written is None:
        return None
    text = written if isinstance(written, str) else str(written)
    return text if len(text) < 20 and text.isdecimal() and text.isascii() else None  # noqa: PLR2004  # 64 bits


def _identity(found: XPost, now: datetime) -> tuple[str, str, datetime, datetime | None]:
    """Return the post's id, that of its newest version, its time, and the time of this version if it is a later one."""
    sent_id = as_id(found.id)
    if sent_id is None:
        raise ValueError("id is missing" if found.id in (None, "") else f"id is no number of X: {found.id!r:.40}")
    created_at = read_instant(found.created_at, now)
    history = found.edit_history_tweet_ids or found.edit_history_post_ids
    if history is None or len(history) < 2:  # noqa: PLR2004  # itself alone
        return sent_id, sent_id, created_at, None
    ids = sorted({sent_id, *filter(None, map(as_id, history))}, key=int)
    if sent_id == ids[0]:
        return sent_id, ids[-1], created_at, None
    first_at = datetime.fromtimestamp(((int(ids[0]) >> 22) + _EPOCH_MS) // 1000, UTC)
    is_told = timedelta() <= created_at - first_at < _LATEST_EDIT
    return ids[0], ids[-1], first_at if is_told else created_at, created_at


def _relations(references: Sequence[_Reference]) -> tuple[str | None, str | None, str | None]:
    reply_to = quote_of = repost_of = None
    for reference in references:
        if reference.type == "replied_to":
            reply_to = as_id(reference.id)
        elif reference.type == "quoted":
            quote_of = as_id(reference.id)
        elif reference.type in ("retweeted", "reposted"):
            repost_of = as_id(reference.id)
    return reply_to, quote_of, repost_of


@lru_cache(maxsize=_PEOPLE)
def _address_of(handle: str | None) -> str:
    """Return the address of an account's posts, up to the id."""
    return f"https://x.com/{handle if handle and _HANDLE.fullmatch(handle) else 'i/web'}/status/"


def _author(found: XPost, users: Mapping[str, XUser]) -> Author | None:
    user = found.author
    native_id = as_id(found.author_id if user is None or user.id is None else user.id)
    if native_id is None:
        return None
    if user is None:
        user = users.get(native_id)
        if user is None:
            return _author_called(native_id, None, None)
    return _author_called(native_id, user.username or None, user.name or None)


@lru_cache(maxsize=_PEOPLE)
def _author_called(native_id: str, handle: str | None, name: str | None) -> Author:
    """Return one object for all posts of an author: whoever compares two of them is quickly done."""
    return Author(native_id=native_id, handle=handle and _clean(handle), name=name and _clean(name))


def _entities(entities: _Entities | None, note: _Note | None, text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    extra = note.entities if note is not None else None
    if entities is None and extra is None:
        return (hashtags_in(text) if "#" in text or "\uff03" in text else ()), ()
    hashtags, links = _tagged(entities), _linked(entities)
    if extra is not None:
        hashtags, links = hashtags | _tagged(extra), links | _linked(extra)
    return tuple(hashtags), tuple(links)


def _tagged(entities: _Entities | None) -> dict[str, None]:
    if entities is None or not entities.hashtags:
        return {}
    return {_hashtag(named.tag): None for named in entities.hashtags if named.tag}


def _linked(entities: _Entities | None) -> dict[str, None]:
    if entities is None or not entities.urls:
        return {}
    return {_clean(address): None for linked in entities.urls if (address := linked.expanded_url or linked.url)}


@lru_cache(maxsize=_PEOPLE)
def _hashtag(tag: str) -> str:
    return _clean(tag.casefold())


def _clean(written: str) -> str:
    return clean(written) if "\0" in written else written  # msgspec lets no lone surrogate through


def _counts(metrics: _Metrics) -> Counts:
    reposts = metrics.retweet_count
    return Counts(
        replies=as_count(metrics.reply_count),
        reposts=as_count(metrics.repost_count if reposts is None else reposts),
        likes=as_count(metrics.like_count),
        views=as_count(metrics.impression_count),
    )
