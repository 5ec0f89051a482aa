"""Posts in rows of tables: our own ``csv``, 4CAT's, other exporters', and tables that people made."""

import re
from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import get_args
from urllib.parse import urlsplit

import msgspec

from collector.archive.csv_table import Row, read_records
from collector.archive.formats import Found
from collector.archive.json_archive import store_posts
from collector.archive.records import Record
from collector.archive.times import NO_ZONE, read_time
from collector.unreadable import as_count, rejection
from collector.x_post import as_id
from corpus.ledger import Checkpoint
from corpus.post import Author, Counts, Gone, Post, Via
from corpus.posts import Applied
from corpus.store import Corpus
from language.text import clean, hashtags_in, html_to_text
from programme.types import Programme

__all__ = ["CsvArchive", "open_format", "read_records"]

_NOTHING = frozenset({"", "nan", "none", "null", "n/a", "na", "nat", "<na>"})
"""What exporters write for an empty cell; a text is never taken for it."""
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+")
_WHOLE_FLOAT = re.compile(r"(\d{1,15})\.0")
_NETWORK = re.compile(r"[\w.-]{1,40}")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_MADE_INERT = re.compile(r"'(?:\s*[=+\-@\uff1d\uff0b\uff0d\uff20|%]|\s|\d{16,}$)")
"""As ``corpus.export.columns`` writes it."""
_LONGEST_ID = 600
_KEPT_DIGITS = 15
"""Of a number, by a spreadsheet."""
_HOSTS = {"x.com": "x", "twitter.com": "x", "bsky.app": "bluesky"}
_RENAMED = {
    "twitter": "x",
    "x.com": "x",
    "x/twitter": "x",
    "twitter.com": "x",
    "bsky": "bluesky",
    "fediverse": "mastodon",
}
_STATUS = re.compile(r"/status(?:es)?/(\d+)")
_BSKY = re.compile(r"/profile/(did:[^/]+)/post/([^/?#]+)")
_HANDLE = re.compile(r"\w{1,20}", re.ASCII)
_SEPARATOR = re.compile(r"[\s,;|]+")
_BETWEEN_LINKS = re.compile(r"(?<![\s,;|])[\s,;|]+(?=https?://)")


class CsvArchive:
    """Reads rows as their table's header, or the mapping beside it, says."""

    def __init__(self, programme: Programme, now: datetime) -> None:
        self._text_limit = programme.text_limit
        self._now = now

    def read(self, record: Record) -> Found[Post]:
        """Return the post of a row, or why it is none."""
        if not isinstance(record, Row):
            return Found(rejected=(rejection(record.position, record.problem or "not a table", record.payload),))
        try:
            return Found((self._post(record),))
        except ValueError as error:
            return Found(rejected=(rejection(record.position, str(error), record.payload),))

    def store(self, corpus: Corpus, posts: Sequence[Post], checkpoint: Checkpoint) -> Applied:
        """Store posts and how far the file was read in one transaction, and return what changed."""
        return store_posts(corpus, posts, self._now, checkpoint)

    def _post(self, row: Row) -> Post:
        url, text = _address(_cell(row, "url")), _text(row)
        network = _network(row, url)
        native_id, author = _native_id(row, network, url), _author(row)
        cell = _cell(row, "gone") if row.plan.is_ours else None
        gone: Gone | None = cell if cell in get_args(Gone) else None  # type: ignore[assignment]  # checked here
        via = _cell(row, "via") if row.plan.is_ours else None
        whole = None if gone else html_to_text(text) if network == "mastodon" and "</p>" in text else text
        hashtags = _several(_cell(row, "hashtags"), _SEPARATOR)
        return Post(
            network=network,
            native_id=native_id,
            author=author,
            text=whole and whole[: self._text_limit],
            created_at=self._created_at(row),
            via=via if via in get_args(Via) else "import",  # type: ignore[arg-type]  # checked here
            url=_address_of_x(url, native_id, author) if network == "x" else url,
            lang=_cell(row, "lang"),
            edited_at=self._optional_time(row),
            reply_to=_reference(row, "reply_to", network),
            quote_of=_reference(row, "quote_of", network),
            repost_of=_reference(row, "repost_of", network),
            discussion=_reference(row, "discussion", network),
            hashtags=tuple(dict.fromkeys(tag.lstrip("#").casefold() for tag in hashtags)) or hashtags_in(whole or ""),
            links=tuple(filter(_address, _several(_cell(row, "links"), _BETWEEN_LINKS))),
            counts=Counts(**{name: _count(row, name) for name in ("replies", "reposts", "likes", "views")}),
            cut_from=len(whole) if whole and len(whole) > self._text_limit else None,
            gone=gone,
            raw=None if row.plan.is_ours else row.payload,
        )

    def _created_at(self, row: Row) -> datetime:
        """Return the first time of the row that can be read: some tables write it twice, once without its zone."""
        problem = "created_at is missing"
        for place in row.plan.places["created_at"]:
            written = _of_cell(row.cells[place])
            if written is None:
                continue
            zone: tzinfo | None = row.plan.zones.get(place, row.plan.zone)
            try:
                return read_time(written, self._now, zone)
            except ValueError as error:
                problem = str(error) if problem == "created_at is missing" else problem
        raise ValueError(f'{problem}; say in FILE.map.toml, time_zone = "…"' if NO_ZONE in problem else problem)

    def _optional_time(self, row: Row) -> datetime | None:
        written = _cell(row, "edited_at")
        try:
            return read_time(written, self._now, row.plan.zone) if written else None
        except ValueError:
            return None


def _cell(row: Row, field: str) -> str | None:
    """Return the first cell of a field that holds something."""
    for place in row.plan.places.get(field, ()):
        if (written := _of_cell(row.cells[place])) is not None:
            return _bare(written) if row.plan.is_inert else written
    return None


def _of_cell(written: str) -> str | None:
    stripped = written.strip()
    return None if stripped.casefold() in _NOTHING else clean(stripped)


def _text(row: Row) -> str:
    text = clean(row.cells[row.plan.places["text"][0]])
    return _bare(text) if row.plan.is_inert else text


def _bare(written: str) -> str:
    return written[1:] if _MADE_INERT.match(written) else written


def _network(row: Row, url: str | None) -> str:
    named = _cell(row, "network") or row.plan.network
    if named is None and url is not None:
        named = _HOSTS.get((urlsplit(url).hostname or "").removeprefix("www.").removeprefix("mobile."))
    if named is None and (_cell(row, "native_id") or "").startswith("at://"):
        named = "bluesky"
    if named is None:
        raise ValueError('network is not told: say in FILE.map.toml, network = "…"')
    folded = named.casefold()
    network = _RENAMED.get(folded, folded)
    if not _NETWORK.fullmatch(network):
        raise ValueError(f"network is no name: {named!r:.40}")
    return network


def _native_id(row: Row, network: str, url: str | None) -> str:
    written = _cell(row, "native_id")
    if network == "x":
        return _id_of_x(written, _status_in(url), is_rounded=row.plan.is_rounded)
    if network == "bluesky":
        return _id_of_bluesky(written, url, _cell(row, "author_id"))
    if network == "mastodon" and (written is None or not written.startswith(("https://", "http://"))):
        if url is None:
            raise ValueError("id is good on one server only: on Mastodon the post's address (uri) is needed")
        return url
    native_id = written or url
    if native_id is None:
        raise ValueError("id is missing")
    if _SCIENTIFIC.fullmatch(native_id):
        raise ValueError(_destroyed(native_id))
    if len(native_id) > _LONGEST_ID or _CONTROL.search(native_id):
        raise ValueError(f"id can be none: {native_id!r:.40}")
    return native_id


def _destroyed(written: str) -> str:
    return f"a spreadsheet has destroyed the id: {written:.40} has lost its last digits; export again with ids as text"


def _id_of_x(written: str | None, told: str | None, *, is_rounded: bool) -> str:
    """Return the id; that of the post's address where a spreadsheet has destroyed the id's own column."""
    if written is None:
        if told is None:
            raise ValueError("id is missing")
        return told
    written = written.removeprefix("'").removeprefix("x")  # as spreadsheets and rtweet keep ids from being numbers
    is_destroyed = is_rounded or _SCIENTIFIC.fullmatch(written)
    if is_destroyed and told is None:
        raise ValueError(_destroyed(written))
    whole = _WHOLE_FLOAT.fullmatch(written)
    native_id = as_id(whole[1] if whole else written)
    if told is not None and (is_destroyed or (native_id or "")[:_KEPT_DIGITS] == told[:_KEPT_DIGITS]):
        return told
    if native_id is None:
        raise ValueError(f"id is no number of X: {written!r:.40}")
    return native_id


def _id_of_bluesky(written: str | None, url: str | None, author_id: str | None) -> str:
    if written and written.startswith("at://did:"):
        return written
    if found := _BSKY.search(url or ""):
        return f"at://{found[1]}/app.bsky.feed.post/{found[2]}"
    if author_id and author_id.startswith("did:"):
        key = (written or url or "").rstrip("/").rpartition("/")[2]
        if key:
            return f"at://{author_id}/app.bsky.feed.post/{key}"
    raise ValueError("id does not hold the author's DID: on Bluesky the post's at:// address is needed")


def _author(row: Row) -> Author | None:
    handle = _cell(row, "author_handle")
    handle = handle and handle.removeprefix("@")
    name = _cell(row, "author_name")
    native_id = _cell(row, "author_id") or handle or name
    if native_id and (found := _WHOLE_FLOAT.fullmatch(native_id)):
        native_id = found[1]
    if native_id is None or _SCIENTIFIC.fullmatch(native_id):
        native_id = handle or name
    return None if native_id is None else Author(native_id=native_id[:_LONGEST_ID], handle=handle, name=name)


def _reference(row: Row, field: str, network: str) -> str | None:
    written = _cell(row, field)
    if written is None or len(written) > _LONGEST_ID or _SCIENTIFIC.fullmatch(written):
        return None
    return as_id(written.removeprefix("x")) if network == "x" else written


def _status_in(url: str | None) -> str | None:
    found = _STATUS.search(url or "")
    return as_id(found[1]) if found else None


def _address_of_x(url: str | None, native_id: str, author: Author | None) -> str:
    """Return the post's address: the column may hold another page that the post is about."""
    if url and _status_in(url) == native_id:
        return url
    handle = author.handle if author is not None else None
    return f"https://x.com/{handle if handle and _HANDLE.fullmatch(handle) else 'i/web'}/status/{native_id}"


def _address(written: str | None) -> str | None:
    return written if written and written.startswith(("https://", "http://")) else None


def _count(row: Row, field: str) -> int | None:
    written = (_cell(row, field) or "").removesuffix(".0")
    return as_count(int(written)) if written.isdecimal() and len(written) < 20 else None  # noqa: PLR2004  # 64 bits


def _several(written: str | None, separator: re.Pattern[str]) -> list[str]:
    """Return the words of a cell: JSON of words or objects, or words with something between them."""
    if written is None:
        return []
    if written[:1] == "[":
        try:
            listed = msgspec.json.decode(written)
        except msgspec.DecodeError:
            listed = [part.strip("'\" ") for part in written.strip("[]").split(",")]  # Python's own way to write lists
        return [word for one in listed if (word := _word(one))] if isinstance(listed, list) else []
    return [word for word in separator.split(written) if word]


def _word(listed: object) -> str | None:
    if isinstance(listed, dict):
        named = (listed.get(name) for name in ("tag", "text", "name", "expanded_url", "url"))
        listed = next((one for one in named if isinstance(one, str)), None)
    return clean(listed) if isinstance(listed, str) else None


def open_format(programme: Programme, now: datetime) -> CsvArchive:
    """Return the reader."""
    return CsvArchive(programme, now)
