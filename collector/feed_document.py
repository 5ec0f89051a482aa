"""Feeds of every kind and condition as entries, read by feedparser within bounds of memory and time.

feedparser is given bytes in a stream and nothing else: of a text it would take an address for one to fetch, and a path
for a file to open. Nested elements and long lists of attributes cost it the square of their number, so that it works
under a limit of processor time.

See https://feedparser.readthedocs.io/ and decision 0008
"""

import ctypes
import os
import re
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from threading import Thread
from time import process_time
from typing import Any

from language.text import clean

LONGEST = 2.0
"""Seconds of processor time that a feed may take: a megabyte of entries takes about as long, most feeds a tenth."""
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, AssertionError, RecursionError)
"""What feedparser's pure Python lets out on feeds that nobody foresaw."""
_CUT_OFF = frozenset({"no element found", "unclosed token", "unclosed CDATA section", "partial character"})
"""What expat says where a document ends before its end. Feeds with other faults are normal, and are read."""
_ENDS = (b"</rss", b"</feed", b"</rdf:rdf")
"""Some feeds only lack their last sign."""
_REFERENCE = re.compile(rb"&#([xX][0-9a-fA-F]++|[0-9]++)")
_MOST_DIGITS = 8
_HALVES = range(0xD800, 0xE000)
"""Surrogates: halves of characters in UTF-16."""
_PARSERS = (f"{os.sep}feedparser{os.sep}", "sgmllib.py")
_STANDARD = str(Path(os.__file__).parent) + os.sep
_CALLBACKS = ("weakref.py", "_weakrefset.py", "threading.py", f"logging{os.sep}__init__.py")
"""Files of the standard library whose code runs when something else is no longer needed."""
_CODES = ("ascii", "utf-16-le", "utf-16-be")


class FeedError(ValueError):
    """An answer is no feed, or not a whole one."""


class FeedTooHeavyError(FeedError):
    """A feed takes too long to read; it will the next time too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry as its feed has it; markup may stand where ``_html`` says so."""

    native_id: str | None
    """``id`` or ``guid``, as written."""
    link: str | None
    title: str
    title_is_html: bool
    body: str
    """Its summary, else its content."""
    body_is_html: bool
    more: str
    """Content beside a summary."""
    categories: tuple[str, ...]
    published_at: datetime | None
    updated_at: datetime | None
    dated: str | None
    """The date as written."""
    comments: int | None
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed."""

    title: str | None
    link: str | None
    """Of the site."""
    language: str | None
    entries: tuple[Entry, ...]


def read_feed(body: bytes, headers: Mapping[str, str], address: str) -> Feed:
    """Return a feed, well-formed or not.

    Args:
        body: the answer, decompressed.
        headers: the answer's; ``content-type`` may name the encoding.
        address: where it was found, for relative links.

    Raises:
        FeedError: it cannot be read; its words complete a sentence that begins with the feed's name.
    """
    import feedparser

    about = {"content-location": address}
    about |= {name: headers[name] for name in ("content-type", "content-language") if headers.get(name)}

    def parse() -> Any:  # noqa: ANN401  # feedparser ships no types
        return feedparser.parse(
            BytesIO(_REFERENCE.sub(_mended, without_entities(body))),
            response_headers=about,
            sanitize_html=False,
            resolve_relative_uris=False,
        )

    parsed = _within(parse, LONGEST)
    if _is_cut_off(parsed.get("bozo_exception")) and not body.rstrip().lower().endswith(_ENDS):
        raise FeedError("answered, but its feed breaks off")
    if not parsed.get("version") and not parsed["entries"]:
        raise FeedError("answered, but not with a feed")
    about_feed: dict[str, Any] = dict(parsed["feed"])
    return Feed(
        title=_text(about_feed.get("title")),
        link=_text(about_feed.get("link")),
        language=_text(about_feed.get("language")),
        entries=tuple(_entry(dict(entry)) for entry in parsed["entries"]),
    )


def without_entities(body: bytes) -> bytes:
    """Return a document without the declarations by which a few bytes stand for millions; in linear time.

    Feeds need none: feedparser knows the names of HTML.
    """
    for code in _CODES:
        declared, end = "<!ENTITY".encode(code), ">".encode(code)
        if declared in body:
            first, *others = body.split(declared)
            body = first + b"".join(other.partition(end)[2] for other in others)
    return body


def _mended(found: re.Match[bytes]) -> bytes:
    """Return a reference to a character, U+FFFD for what is none: feedparser fails on half a character."""
    digits = found[1].lower()
    if len(digits) > _MOST_DIGITS:
        return b"&#xfffd"
    number = int(digits[1:], 16) if digits.startswith(b"x") else int(digits)
    return b"&#xfffd" if number == 0 or number in _HALVES or number > sys.maxunicode else found[0]


class _TooLong(BaseException):
    """Thrown into feedparser: of another kind than what it catches."""


def _within(work: Callable[[], Any], seconds: float) -> Any:  # noqa: ANN401  # feedparser ships no types
    """Return what the work returns, or end it when it has taken so much processor time.

    Raises:
        FeedError: it came upon what it could not read.
        FeedTooHeavyError: it took too long.
    """
    outcome: list[Any] = []
    faults: list[BaseException] = []

    def run() -> None:
        with suppress(_TooLong):
            try:
                outcome.append(work())
            except _UNREADABLE as error:
                faults.append(error)

    # A thread, since only there can Python code be ended from outside without signals, which are the main thread's.
    thread = Thread(target=run, name="feed", daemon=True)
    began_at = process_time()
    thread.start()
    while thread.is_alive():
        thread.join(0.02)
        if thread.is_alive() and process_time() - began_at > seconds and _may_end(thread):
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(_TooLong))
    if outcome:
        return outcome[0]
    if faults:
        raise FeedError(f"answered with a feed that cannot be read ({type(faults[0]).__name__})") from faults[0]
    raise FeedTooHeavyError("answered with a feed that takes too long to read")


def _may_end(thread: Thread) -> bool:
    """Return whether an exception thrown now would be raised in the parser or in what it called.

    In the callbacks that the interpreter runs in between (of weak references, finalisers, the end of the thread) it
    would only be reported and dropped, and the callback cut short.
    """
    frame = sys._current_frames().get(thread.ident or 0)  # noqa: SLF001  # the documented way to another thread's frame
    while frame is not None and frame.f_code.co_filename != __file__:
        place = frame.f_code.co_filename
        is_standard = place.startswith(_STANDARD) and "-packages" not in place
        is_parsing = is_standard or any(parser in place for parser in _PARSERS)
        if not is_parsing or place.endswith(_CALLBACKS) or frame.f_code.co_name == "__del__":
            return False
        frame = frame.f_back
    return frame is not None


def _is_cut_off(fault: object) -> bool:
    say = getattr(fault, "getMessage", None)
    return say is not None and say() in _CUT_OFF


def _entry(found: dict[str, Any]) -> Entry:
    """Return an entry; from a plain dictionary: feedparser's own answers for a missing key with another's value."""
    summary, contents = found.get("summary"), found.get("content") or ()
    content = next((one for one in map(dict, contents) if one.get("value")), {})
    detail = dict(found.get("summary_detail") or {}) if summary else content
    return Entry(
        native_id=_text(found.get("id")),
        link=_text(found.get("link")),
        title=_text(found.get("title")) or "",
        title_is_html=_is_html(found.get("title_detail")),
        body=_text(summary) or _text(content.get("value")) or "",
        body_is_html=_is_html(detail),
        more=(_text(content.get("value")) or "") if summary else "",
        categories=tuple(filter(None, (_text(dict(tag).get("term")) for tag in found.get("tags") or ()))),
        published_at=_instant(found.get("published_parsed")),
        updated_at=_instant(found.get("updated_parsed")),
        dated=_text(found.get("published")) or _text(found.get("updated")),
        comments=_number(found.get("slash_comments")),
        language=_text(detail.get("language")),
    )


def _text(value: object) -> str | None:
    return clean(value) if isinstance(value, str) and value else None


def _is_html(detail: Mapping[str, Any] | None) -> bool:
    return detail is None or dict(detail).get("type") != "text/plain"


def _number(value: object) -> int | None:
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 10 else None  # noqa: PLR2004


def _instant(parsed: Any) -> datetime | None:  # noqa: ANN401  # a struct_time in UTC, or nothing
    try:
        year, month, day, hour, minute, second = parsed[:6]
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except (ValueError, TypeError):
        return None
