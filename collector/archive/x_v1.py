"""Archives of X's API v1.1, of the archive that X gives a person of their own account, and of Zeeschuimer.

All three write posts in one shape: alone, a page of ``statuses``, under ``tweet``, or under ``legacy`` with the author
beside it. Posts that another one quotes or reposts stand within it; they are not stored, since nobody asked for them.

See https://docs.x.com/x-api/enterprise-gnip-2.0/fundamentals/data-dictionary (native format) and
https://github.com/digitalmethodsinitiative/zeeschuimer
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from collector.archive.json_archive import JsonArchive, Unfit, made, no_posts
from collector.archive.times import read_x_time
from collector.x_post import DIRECT_MESSAGE, Id, XPost, as_id, as_post
from corpus.post import Post
from programme.types import Programme

_PROTECTED = "the account is protected"
_MESSAGES = frozenset(
    {"dmConversation", "message_create", "messageCreate", "sender_screen_name", "recipient_screen_name"}
)

_Number = int | str | None


class _Tag(msgspec.Struct):
    text: str | None = None


class _Url(msgspec.Struct):
    expanded_url: str | None = None
    url: str | None = None


class _Entities(msgspec.Struct):
    hashtags: list[_Tag] | None = None
    urls: list[_Url] | None = None


class _Extended(msgspec.Struct):
    full_text: str | None = None
    entities: _Entities | None = None


class _User(msgspec.Struct):
    id: Id | None = None
    id_str: str | None = None
    screen_name: str | None = None
    name: str | None = None
    protected: bool | None = None
    withheld_in_countries: list[str] | None = None


class _Named(msgspec.Struct):
    id: Id | None = None
    id_str: str | None = None


class _Result(msgspec.Struct):
    """A post or an account as X's website names it."""

    rest_id: Id | None = None
    tweet: "_Result | None" = None
    legacy: _User | None = None
    core: _User | None = None


class _Reference(msgspec.Struct):
    result: _Result | None = None


class _Edits(msgspec.Struct, rename="camel"):
    edit_tweet_ids: list[Id] | None = None
    edit_control_initial: "_Edits | None" = None


class _EditInfo(msgspec.Struct):
    initial: _Edits | None = None
    edit: _Edits | None = None


class _Status(msgspec.Struct):
    """A post, as far as it is read."""

    id: Id | None = None
    id_str: str | None = None
    text: str | None = None
    full_text: str | None = None
    extended_tweet: _Extended | None = None
    """Of streams: the whole of a text that is cut to 140 characters beside it."""
    created_at: str | None = None
    entities: _Entities | None = None
    user: _User | None = None
    user_id_str: str | None = None
    lang: str | None = None
    conversation_id_str: str | None = None
    in_reply_to_status_id: Id | None = None
    in_reply_to_status_id_str: str | None = None
    quoted_status_id: Id | None = None
    quoted_status_id_str: str | None = None
    quoted_status: _Named | None = None
    retweeted_status: _Named | None = None
    retweeted_status_result: _Reference | None = None
    reply_count: _Number = None
    retweet_count: _Number = None
    favorite_count: _Number = None
    edit_info: _EditInfo | None = None
    withheld_in_countries: list[str] | None = None
    withheld_copyright: bool | None = None


class _Views(msgspec.Struct):
    count: _Number = None


class _Users(msgspec.Struct):
    user_results: _Reference | None = None


class _NoteResult(msgspec.Struct):
    text: str | None = None
    entity_set: _Entities | None = None


class _NoteResults(msgspec.Struct):
    result: _NoteResult | None = None


class _Note(msgspec.Struct):
    note_tweet_results: _NoteResults | None = None


class _Document(msgspec.Struct):
    """Whatever stands around posts."""

    statuses: list[Raw] | UnsetType = UNSET
    tweet: Raw | UnsetType = UNSET
    data: Raw | UnsetType = UNSET
    delete: Raw | UnsetType = UNSET
    text: str | None = None
    full_text: str | None = None


class _Item(msgspec.Struct):
    """A post of X's website."""

    legacy: _Status | None = None
    core: _Users | None = None
    views: _Views | None = None
    note_tweet: _Note | None = None


_read_document = msgspec.json.Decoder(_Document).decode
_read_status = msgspec.json.Decoder(_Status).decode
_read_item = msgspec.json.Decoder(_Item).decode
_read_fields = msgspec.json.Decoder(dict[str, Raw]).decode


class XV1Archive(JsonArchive):
    """Reads what ``twarc`` 1, ``rtweet``, streams, X's own archive of an account and Zeeschuimer write."""

    def posts_in(self, document: bytes) -> Iterator[Post | Unfit]:
        """Yield the posts of a document, each within what it stands in."""
        fields = _read_fields(document)
        if _MESSAGES & fields.keys():
            yield Unfit(DIRECT_MESSAGE, b"")
            return
        if "legacy" in fields:
            yield made(lambda: self._of_website(document), document, _PROTECTED)
            return
        found = _read_document(document)
        if found.text is not None or found.full_text is not None or "id_str" in fields.keys() & {"created_at"}:
            yield made(lambda: self._post(_read_status(document), document), document, _PROTECTED)
        elif found.statuses is not UNSET:
            for status in found.statuses:
                yield from self.posts_in(bytes(status))
        elif found.tweet is not UNSET:
            yield from self.posts_in(bytes(found.tweet))
        elif found.data is not UNSET and bytes(found.data)[:1] == b"{" and b'"legacy"' in bytes(found.data):
            yield from self.posts_in(bytes(found.data))
        elif found.delete is not UNSET:
            yield Unfit("a notice that a post was deleted", document)
        else:
            yield no_posts(document)

    def _of_website(self, document: bytes) -> Post:
        item = _read_item(document)
        status = item.legacy or _Status()
        account = item.core.user_results.result if item.core and item.core.user_results else None
        if account is not None:
            # X moved the names from ``legacy`` to ``core`` in 2025.
            said = account.core if account.core is not None and account.core.screen_name else account.legacy or _User()
            user = msgspec.structs.replace(said, id_str=str(account.rest_id or status.user_id_str or ""))
            status = msgspec.structs.replace(status, user=user)
        note = (
            item.note_tweet.note_tweet_results.result
            if item.note_tweet and item.note_tweet.note_tweet_results
            else None
        )
        if note is not None and note.text:
            status = msgspec.structs.replace(status, full_text=note.text, entities=note.entity_set or status.entities)
        return self._post(status, document, None if item.views is None else item.views.count)

    def _post(self, status: _Status, raw: bytes, views: _Number = None) -> Post:
        if status.user is not None and status.user.protected:
            raise ValueError(_PROTECTED)
        found = msgspec.convert(_as_v2(status, views, self.now), XPost)
        return as_post(found, raw, {}, now=self.now, text_limit=self.text_limit, via="import", country=self.country)


def _as_v2(status: _Status, views: _Number, now: datetime) -> dict[str, Any]:
    """Return a post as API v2 writes it: one converter makes posts of X."""
    whole = status.extended_tweet or _Extended()
    user = status.user or _User()
    entities = whole.entities or status.entities
    author = user.id_str or user.id or status.user_id_str
    return {
        "id": status.id_str or status.id,
        "text": next((text for text in (whole.full_text, status.full_text, status.text) if text is not None), None),
        "created_at": read_x_time(status.created_at, now).isoformat(),
        "author_id": author,
        "author": {"id": author, "username": user.screen_name, "name": user.name} if author else None,
        "lang": status.lang,
        "conversation_id": status.conversation_id_str,
        "entities": entities
        and {
            "hashtags": [{"tag": tag.text} for tag in entities.hashtags or ()],
            "urls": [{"expanded_url": url.expanded_url, "url": url.url} for url in entities.urls or ()],
        },
        "public_metrics": {
            "reply_count": _count(status.reply_count),
            "retweet_count": _count(status.retweet_count),
            "like_count": _count(status.favorite_count),
            "impression_count": _count(views),
        },
        "referenced_tweets": _references(status),
        "edit_history_tweet_ids": _edits(status.edit_info),
        "withheld": {
            "country_codes": [*(status.withheld_in_countries or ()), *(user.withheld_in_countries or ())],
            "copyright": status.withheld_copyright,
        },
    }


def _references(status: _Status) -> list[dict[str, Any]]:
    result = status.retweeted_status_result and status.retweeted_status_result.result
    repost_of = _id(status.retweeted_status) or (result and (result.rest_id or (result.tweet and result.tweet.rest_id)))
    quote_of = status.quoted_status_id_str or status.quoted_status_id or _id(status.quoted_status)
    named = {
        "retweeted": repost_of,
        "replied_to": status.in_reply_to_status_id_str or status.in_reply_to_status_id,
        # A repost of a quote names what is quoted: that is the other post's matter.
        "quoted": None if repost_of else quote_of,
    }
    return [{"type": kind, "id": native_id} for kind, native_id in named.items() if native_id]


def _id(named: _Named | None) -> Id | None:
    # ``id`` alone is not to be trusted where both are given: JavaScript rounds it.
    return None if named is None else named.id_str or named.id


def _edits(info: _EditInfo | None) -> list[Id] | None:
    edits = None if info is None else info.initial or info.edit
    if edits is None:
        return None
    initial = edits.edit_control_initial
    return edits.edit_tweet_ids or (None if initial is None else initial.edit_tweet_ids)


def _count(written: _Number) -> int | None:
    native = as_id(written)
    return int(native) if native else None


def open_format(programme: Programme, now: datetime) -> XV1Archive:
    """Return the reader."""
    return XV1Archive(programme, now)
