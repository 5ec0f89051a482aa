"""Archives of Bluesky: pages of searches, feeds and threads, views, bare records, and lines of Jetstream.

Field names may be those of the lexicons or, as the Python client and 4CAT write them, in snake case.

See https://docs.bsky.app/docs/api/app-bsky-feed-search-posts and https://github.com/bluesky-social/jetstream
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import UNSET, Raw, UnsetType

from collector.archive.json_archive import JsonArchive, Unfit, made, no_posts
from collector.bluesky_post import COLLECTION, NO_POST, PostView, as_post, read_record, read_view
from corpus.post import Post
from programme.types import Programme

_SNAKE = re.compile(r"_([a-z])")


class _Document(msgspec.Struct):
    """Whatever stands around posts."""

    posts: list[Raw] | UnsetType = UNSET
    feed: Raw | UnsetType = UNSET
    records: list[Raw] | UnsetType = UNSET
    thread: Raw | UnsetType = UNSET
    post: Raw | UnsetType = UNSET
    parent: Raw | UnsetType = UNSET
    replies: Raw | UnsetType = UNSET
    record: Raw | UnsetType = UNSET
    value: Raw | UnsetType = UNSET
    commit: Raw | UnsetType = UNSET
    text: Raw | UnsetType = UNSET


class _Commit(msgspec.Struct):
    operation: str | None = None
    collection: str | None = None
    rkey: str | None = None
    record: Raw = Raw()


class _Event(msgspec.Struct):
    did: str
    commit: _Commit
    time_us: int | None = None
    """Microseconds of 1970 by the relay's clock."""


_read_document = msgspec.json.Decoder(_Document).decode
_read_event = msgspec.json.Decoder(_Event).decode
_read_list = msgspec.json.Decoder(list[Raw]).decode


class BlueskyArchive(JsonArchive):
    """Reads what ``searchPosts``, ``getTimeline``, ``getPostThread``, ``listRecords`` and Jetstream answer."""

    def posts_in(self, document: bytes) -> Iterator[Post | Unfit]:
        """Yield the posts of a document."""
        found = _read_document(document)
        if found.commit is not UNSET:
            yield made(lambda: self._of_event(document), document)
        elif found.record is not UNSET or found.value is not UNSET:
            yield made(lambda: self._of_view(document), document)
        elif found.text is not UNSET:
            yield Unfit("a record without its address (uri)", document)
        else:
            yield from self._within(found, document)

    def _within(self, found: _Document, document: bytes) -> Iterator[Post | Unfit]:
        lists = [part for part in (found.posts, found.records) if part is not UNSET]
        if found.feed is not UNSET and bytes(found.feed)[:1] == b"[":
            lists.append(_read_list(found.feed))
        if lists:
            for item in (bytes(raw) for part in lists for raw in part):
                yield from self.posts_in(item)
        elif found.thread is not UNSET:
            yield from self._of_thread(found.thread)
        elif found.post is not UNSET:
            # An item of a feed: the posts beside it, which it answers, were not asked for.
            yield from self.posts_in(bytes(found.post))
        else:
            yield no_posts(document)

    def _of_thread(self, thread: Raw) -> Iterator[Post | Unfit]:
        """Yield the posts of a thread, the asked one first, however deep it is."""
        waiting = [thread]
        while waiting:
            node = bytes(waiting.pop())
            if node[:1] != b"{":
                continue
            part = _read_document(node)
            if part.post is UNSET:
                yield made(lambda node=node: self._of_view(node), node)  # type: ignore[misc]  # bound at once
                continue
            yield from self.posts_in(bytes(part.post))
            if part.replies is not UNSET and bytes(part.replies)[:1] == b"[":
                waiting += reversed(_read_list(part.replies))
            if part.parent is not UNSET:
                waiting.append(part.parent)

    def _of_view(self, raw: bytes) -> Post:
        view = read_view(raw)
        record = view.record or view.value
        if record is not None and record.created_at is None and b'"created_at"' in raw:
            view = read_view(_in_camel_case(raw))
        return self._post(view, raw)

    def _of_event(self, raw: bytes) -> Post:
        event = _read_event(raw)
        commit = event.commit
        if commit.collection != COLLECTION:
            raise ValueError(NO_POST)
        if commit.operation not in ("create", "update"):
            raise ValueError(f"no post but its {commit.operation}")
        uri = f"at://{event.did}/{COLLECTION}/{commit.rkey}"
        seen_at = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=event.time_us) if event.time_us else None
        indexed_at = None if seen_at is None else seen_at.isoformat()
        return self._post(PostView(uri=uri, record=read_record(commit.record), indexed_at=indexed_at), raw)

    def _post(self, view: PostView, raw: bytes) -> Post:
        return as_post(view, raw, now=self.now, text_limit=self.text_limit, via="import")


def _in_camel_case(raw: bytes) -> bytes:
    """Return JSON whose keys are those of the lexicons."""
    return msgspec.json.encode(_renamed(msgspec.json.decode(raw)))


def _renamed(value: object) -> object:
    if isinstance(value, dict):
        return {_camel(name): _renamed(inner) for name, inner in value.items()}
    return [_renamed(inner) for inner in value] if isinstance(value, list) else value


def _camel(name: str) -> str:
    return "$type" if name == "py_type" else _SNAKE.sub(lambda found: found[1].upper(), name)


def open_format(programme: Programme, now: datetime) -> BlueskyArchive:
    """Return the reader."""
    return BlueskyArchive(programme, now)
