"""A feed in Atom, RFC 4287. Pure.

Strangers' words stand in it as text: the library escapes them, and what no XML may hold is left out.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from xml.etree.ElementTree import Element, SubElement, tostring

NAMESPACE = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One issue."""

    address: str
    """Of its page, which is its name for ever."""
    title: str
    published_at: datetime
    updated_at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """The issues of one language."""

    address: str
    page: str
    """What people read instead of it."""
    title: str
    author: str
    language: str
    entries: tuple[Entry, ...]
    """Newest first."""


def written(feed: Feed) -> bytes:
    """Return a feed as XML."""
    root = Element("feed", {"xmlns": NAMESPACE, "xml:lang": feed.language})
    _put(root, "id", feed.address)
    _put(root, "title", feed.title)
    SubElement(root, "link", {"rel": "self", "type": "application/atom+xml", "href": feed.address})
    SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": feed.page})
    _put(root, "updated", _instant(max((one.updated_at for one in feed.entries), default=_NEVER)))
    _put(SubElement(root, "author"), "name", feed.author)
    for one in feed.entries:
        entry = SubElement(root, "entry")
        _put(entry, "id", one.address)
        _put(entry, "title", one.title)
        SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": one.address})
        _put(entry, "published", _instant(one.published_at))
        _put(entry, "updated", _instant(one.updated_at))
        # As preformatted text: a reader that folds white space would run the table's columns together.
        content = SubElement(entry, "content", {"type": "html"})
        content.text = _clean(f"<pre>{escape(one.text)}</pre>")
    document: bytes = tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + document


def _put(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = _clean(text)


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
