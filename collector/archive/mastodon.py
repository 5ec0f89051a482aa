"""Archives of Mastodon: statuses as its API writes them, and the ``outbox.json`` that an account can take along.

See https://docs.joinmastodon.org/entities/Status/ and https://www.w3.org/TR/activitystreams-vocabulary/
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from collector.archive.json_archive import JsonArchive, Unfit, made, no_posts
from collector.mastodon_post import NOT_PUBLIC, Status, Viewpoint, as_post, read_status, read_timeline
from corpus.post import Post
from programme.types import Programme

_REMEMBERED = 100_000
"""Statuses of one file whose addresses are kept, for the replies to them."""
_PUBLIC = frozenset({"https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"})
_FOR_FEW = (b'"direct"', b'"private"')
_TEXTS = frozenset({"Note", "Question", "Article", "Page"})


class _Document(msgspec.Struct):
    """Whatever stands around statuses."""

    statuses: Raw | UnsetType = UNSET
    """Of a search; elsewhere a number."""
    ancestors: Raw | UnsetType = UNSET
    descendants: Raw | UnsetType = UNSET
    ordered_items: list[Raw] | UnsetType = msgspec.field(default=UNSET, name="orderedItems")
    type: Any = None
    """Of an activity; statuses have none, and accounts anything."""
    object: Raw | UnsetType = UNSET
    content: Any = None
    visibility: Any = None


class _Note(msgspec.Struct, rename="camel"):
    """A text of ActivityPub, as far as it is read."""

    id: str | None = None
    url: Any = None
    published: str | None = None
    updated: str | None = None
    summary: str | None = None
    content: str | None = None
    content_map: dict[str, Any] | None = None
    attributed_to: Any = None
    in_reply_to: str | None = None
    quote: str | None = None
    quote_url: str | None = None
    quote_uri: str | None = None
    to: Any = None
    cc: Any = None
    tag: Any = None


_read_document = msgspec.json.Decoder(_Document).decode
_read_note = msgspec.json.Decoder(_Note).decode


class MastodonArchive(JsonArchive):
    """Reads timelines, searches and contexts of the API, and exports of accounts."""

    def __init__(self, programme: Programme, now: datetime) -> None:
        super().__init__(programme, now)
        self._uris: dict[str, str] = {}

    def posts_in(self, document: bytes) -> Iterator[Post | Unfit]:
        """Yield the posts of a document."""
        found = _read_document(document)
        if found.ordered_items is not UNSET:
            for item in found.ordered_items:
                yield from self._of_activity(bytes(item))
        elif isinstance(found.type, str) and (found.object is not UNSET or found.type in _TEXTS):
            yield from self._of_activity(document)
        elif found.content is not None or found.visibility is not None:
            yield made(lambda: self._of_status(document), document, NOT_PUBLIC)
        elif lists := [
            list_
            for part in (found.statuses, found.ancestors, found.descendants)
            if part is not UNSET and (list_ := bytes(part))[:1] == b"["
        ]:
            for status in (bytes(raw) for part in lists for raw in read_timeline(part)):
                yield made(lambda status=status: self._of_status(status), status, NOT_PUBLIC)  # type: ignore[misc]  # bound at once
        else:
            found_none = no_posts(document)
            # Conversations and notifications carry statuses that were meant for few.
            is_private = any(word in document for word in _FOR_FEW)
            yield Unfit(found_none.reason, b"") if is_private else found_none

    def _of_status(self, raw: bytes) -> Post:
        status = read_status(Raw(raw))
        post = as_post(status, raw, self._view(self._uris))
        if status.id is not None:
            self._uris[str(status.id)] = post.native_id
            if len(self._uris) > _REMEMBERED:
                del self._uris[next(iter(self._uris))]
        return post

    def _view(self, uris: dict[str, str]) -> Viewpoint:
        return Viewpoint(
            server="",
            hashtag=None,
            now=self.now,
            text_limit=self.text_limit,
            indexable_needed=False,
            uris=uris,
            via="import",
        )

    def _of_activity(self, raw: bytes) -> Iterator[Post | Unfit]:
        activity = _read_document(raw)
        kind = activity.type if isinstance(activity.type, str) else "no kind"
        if kind in _TEXTS:
            yield made(lambda: self._of_note(raw), raw, NOT_PUBLIC)
        elif kind == "Announce":
            yield Unfit("a boost: the archive does not hold the text of what it boosts", raw)
        elif kind in ("Create", "Update") and activity.object is not UNSET and bytes(activity.object)[:1] == b"{":
            inner = bytes(activity.object)
            if _read_document(inner).type in _TEXTS:
                yield made(lambda: self._of_note(inner), inner, NOT_PUBLIC)
            else:
                yield Unfit("an activity about something else than a post", raw)
        else:
            yield Unfit(f"an activity that brings no post: {kind:.40}", b"" if kind in ("Create", "Update") else raw)

    def _of_note(self, raw: bytes) -> Post:
        note = _read_note(raw)
        if _PUBLIC.isdisjoint([*_addresses(note.to), *_addresses(note.cc)]):
            raise ValueError(NOT_PUBLIC)
        status = msgspec.convert(_as_status(note), Status)
        parent = {note.in_reply_to: note.in_reply_to} if note.in_reply_to else {}
        return as_post(status, raw, self._view(parent))


def _as_status(note: _Note) -> dict[str, Any]:
    """Return a text as Mastodon's API would write it: one converter makes posts of Mastodon."""
    url = note.url if isinstance(note.url, str) else None
    languages = [language for language in note.content_map or () if language != "und"]
    quoted = note.quote or note.quote_uri or note.quote_url
    return {
        "uri": note.id,
        "url": url,
        "created_at": note.published,
        "edited_at": note.updated,
        "content": note.content,
        "spoiler_text": note.summary,
        "language": languages[0] if languages else None,
        "account": _account(url, next(iter(_addresses(note.attributed_to)), None)),
        "in_reply_to_id": note.in_reply_to,
        "quote": {"uri": quoted} if quoted else None,
        "tags": [{"name": name.removeprefix("#")} for name in _hashtags(note.tag)],
    }


def _account(url: str | None, actor: str | None) -> dict[str, str] | None:
    """Return the author; the profile's address, which the API names them by, stands in the post's own."""
    profile, _, _ = (url or "").rpartition("/")
    name = profile.rpartition("/")[2]
    if name.startswith("@"):
        return {"url": profile, "username": name.removeprefix("@")}
    return {"url": actor, "username": actor.rstrip("/").rpartition("/")[2]} if actor else None


def _addresses(named: object) -> list[str]:
    """Return addresses that stand alone, in a list, or as objects with an id."""
    several = named if isinstance(named, list) else [named]
    found = (one.get("id") if isinstance(one, dict) else one for one in several)
    return [one for one in found if isinstance(one, str)]


def _hashtags(tags: object) -> list[str]:
    several = tags if isinstance(tags, list) else [tags]
    named = (tag.get("name") for tag in several if isinstance(tag, dict) and tag.get("type") == "Hashtag")
    return [name for name in named if isinstance(name, str)]


def open_format(programme: Programme, now: datetime) -> MastodonArchive:
    """Return the reader."""
    return MastodonArchive(programme, now)
