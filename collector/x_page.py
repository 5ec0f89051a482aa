"""Answers of X's API v2 as posts: pages with includes, single posts, flattened posts, and answers that hold none."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec
from msgspec import UNSET, Raw, UnsetType

from collector.source import Rejected
from collector.unreadable import UNREADABLE, reason_of, rejection, without_lone_surrogates
from collector.x_post import DIRECT_MESSAGE, Id, XPost, XUser, as_id, as_post
from corpus.post import Post, Via
from language.text import clean

_POST_FIELDS = frozenset({"", "id", "created_at", "author_id", "lang", "text"})
_BARE = "holds no posts"


class _Document(XPost, gc=False):
    """Whatever a line of an archive or the body of an answer may hold."""

    data: Raw | UnsetType = UNSET
    includes: Raw | UnsetType = UNSET
    errors: Raw | UnsetType = UNSET
    meta: Raw | UnsetType = UNSET
    body: Raw | UnsetType = UNSET
    """Of a recorded answer, beside its address and status."""
    status: Raw | UnsetType = UNSET


class _Includes(msgspec.Struct):
    users: list[Raw] | None = None


class _Meta(msgspec.Struct):
    next_token: str | None = None
    newest_id: Id | None = None
    oldest_id: Id | None = None


class _Problem(msgspec.Struct):
    title: str | None = None
    detail: str | None = None
    message: str | None = None


class _Refusal(msgspec.Struct):
    title: str | None = None
    detail: str | None = None
    errors: list[_Problem] | None = None


_read_document = msgspec.json.Decoder(_Document).decode
_read_post = msgspec.json.Decoder(XPost).decode
_read_includes = msgspec.json.Decoder(_Includes).decode
_read_user = msgspec.json.Decoder(XUser).decode
_read_meta = msgspec.json.Decoder(_Meta).decode
_read_problems = msgspec.json.Decoder(list[_Problem]).decode
_read_refusal = msgspec.json.Decoder(_Refusal).decode
_read_list = msgspec.json.Decoder(list[Raw]).decode
_read_text = msgspec.json.Decoder(str).decode
_read_fields = msgspec.json.Decoder(dict[str, Raw]).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a payload is read for."""

    now: datetime
    text_limit: int
    via: Via
    country: str = ""
    """Where posts are shown; empty: anywhere."""


class XPage(msgspec.Struct, kw_only=True):
    """What one answer or line holds."""

    posts: list[Post] = []
    rejected: list[Rejected] = []
    next_token: str | None = None
    newest_id: str | None = None
    oldest_id: str | None = None
    problems: list[str] = []
    """What X said it could not show."""
    is_answer: bool = False
    """Posts or an account of none: not an error document."""


def read_page(payload: bytes, reading: Reading, position: int = 1) -> XPage:
    """Return the posts of a JSON object and what of it was rejected; nothing is raised.

    Args:
        payload: a page, a flattened post, a recorded answer, or anything else.
        reading: what it is read for.
        position: what a rejection of the whole is numbered by.
    """
    page = XPage()
    sound = payload
    try:
        document = _read_document(payload)
    except UNREADABLE as error:
        try:
            sound = without_lone_surrogates(payload) if isinstance(error, msgspec.DecodeError) else payload
            if sound == payload:
                page.rejected.append(rejection(position, reason_of(error), payload))
                return page
            document = _read_document(sound)
        except UNREADABLE as second:
            page.rejected.append(rejection(position, reason_of(second), payload))
            return page
    if document.data is not UNSET and not _is_null(document.data):
        _read_data(page, document, sound, payload, reading, position)
    elif document.body is not UNSET:
        _read_recorded(page, document, payload, reading, position)
    elif document.text is not None or document.note_tweet is not None or document.note_post is not None:
        _read_one(page, document, payload, {}, reading, position)
    else:
        _read_none(page, document, payload, position)
    return page


def _read_data(page: XPage, document: _Document, sound: bytes, payload: bytes, reading: Reading, position: int) -> None:
    data = bytes(document.data) if document.data is not UNSET else b""
    elements = _read_list(data) if data[:1] == b"[" else [Raw(data)]
    users = _users(document)
    _read_about(page, document)
    raws = [bytes(element) for element in elements] if sound is payload else list(_slices(elements, sound, payload))
    for raw, element in zip(raws, elements, strict=True):
        try:
            found = _read_post(element)
        except UNREADABLE as error:
            page.rejected.append(rejection(position, reason_of(error), raw))
            continue
        _read_one(page, found, raw, users, reading, position)
    if elements and len(page.rejected) == len(elements) and not any(b'"text"' in raw for raw in raws):
        page.rejected = [rejection(position, _no_posts(raws), payload)]
        page.is_answer = False
    if page.newest_id is None:
        ids = [as_id(_loose_id(raw)) for raw in raws]
        known = sorted((native_id for native_id in ids if native_id), key=int)
        page.newest_id, page.oldest_id = (known[-1], known[0]) if known else (None, None)


def _read_one(
    page: XPage, found: XPost, raw: bytes, users: Mapping[str, XUser], reading: Reading, position: int
) -> None:
    try:
        post = as_post(
            found,
            raw,
            users,
            now=reading.now,
            text_limit=reading.text_limit,
            via=reading.via,
            country=reading.country,
        )
    except ValueError as error:
        reason = str(error)
        page.rejected.append(rejection(position, reason, b"" if reason == DIRECT_MESSAGE else raw))
    else:
        page.posts.append(post)


def _read_recorded(page: XPage, document: _Document, payload: bytes, reading: Reading, position: int) -> None:
    """Read what a recorder of HTTP answers wrote: the body stands in an object or in a text of its own."""
    body = bytes(document.body) if document.body is not UNSET else b""
    try:
        inner = read_page(_read_text(body).encode() if body[:1] == b'"' else body, reading, position)
    except UNREADABLE as error:
        page.rejected.append(rejection(position, reason_of(error), payload))
        return
    page.posts, page.rejected, page.problems, page.is_answer = (
        inner.posts,
        inner.rejected,
        inner.problems,
        inner.is_answer,
    )


def _read_none(page: XPage, document: _Document, payload: bytes, position: int) -> None:
    _read_about(page, document)
    if document.errors is not UNSET and document.meta is UNSET:
        said = "; ".join(dict.fromkeys(page.problems)) or "without a reason"
        page.rejected.append(rejection(position, f"an error of X instead of posts: {said:.200}", payload))
        page.is_answer = False
    elif not page.is_answer:
        reason = _no_posts([payload])
        page.rejected.append(rejection(position, "text is missing" if reason == _BARE else reason, payload))


def _read_about(page: XPage, document: _Document) -> None:
    """Read what stands beside the posts; what is malformed there harms no post."""
    page.is_answer = document.meta is not UNSET or document.data is not UNSET
    try:
        if document.meta is not UNSET:
            meta = _read_meta(document.meta)
            page.next_token = meta.next_token or None
            page.newest_id, page.oldest_id = as_id(meta.newest_id), as_id(meta.oldest_id)
        if document.errors is not UNSET:
            problems = _read_problems(document.errors)
            page.problems = [problem.title or problem.detail or problem.message or "unnamed" for problem in problems]
    except UNREADABLE:
        page.problems.append("unreadable")


def said_in(body: bytes) -> str:
    """Return what X says in the body of a refusal; nothing where it is not in X's form."""
    try:
        refusal = _read_refusal(body)
    except UNREADABLE:
        return ""
    said = [problem.message or problem.detail or problem.title for problem in refusal.errors or ()]
    return "; ".join(dict.fromkeys(clean(words) for words in (*said, refusal.detail or refusal.title) if words))


def _users(document: _Document) -> dict[str, XUser]:
    if document.includes is UNSET:
        return {}
    try:
        users = _read_includes(document.includes).users or []
    except UNREADABLE:
        return {}
    found = {}
    for raw in users:
        try:
            user = _read_user(raw)
        except UNREADABLE:
            continue  # its posts keep the author's id, and the other users their names
        if native_id := as_id(user.id):
            found[native_id] = user
    return found


def _slices(elements: list[Raw], sound: bytes, payload: bytes) -> Iterator[bytes]:
    """Yield each element as it was sent: mending kept every position."""
    start = 0
    for element in elements:
        mended = bytes(element)
        start = sound.index(mended, start)
        yield payload[start : start + len(mended)]
        start += len(mended)


def _loose_id(raw: bytes) -> Id | None:
    try:
        fields = _read_fields(raw)
        return msgspec.json.decode(fields["id"], type=Id) if "id" in fields else None
    except UNREADABLE:
        return None


def _no_posts(raws: list[bytes]) -> str:
    try:
        names = ", ".join(sorted(_read_fields(raws[0]))[:6])
    except UNREADABLE:
        names = ""
    if set(names.split(", ")) <= _POST_FIELDS:
        return _BARE
    return f"holds no posts but records of {names:.120}"


def _is_null(raw: Raw | UnsetType) -> bool:
    return raw is not UNSET and bytes(raw) == b"null"
