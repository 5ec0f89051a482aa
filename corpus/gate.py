"""What may not come in: posts of people who were erased, and what others' posts carry of them."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from corpus.changes import Change, Insert, Update, marked
from corpus.custody import Custody
from corpus.database import Database
from corpus.marks import MARKED, Key
from corpus.post import Post

MASK = "…"
"""Stands where a handle or an address of an erased person stood in somebody else's text."""
_MENTION = re.compile(r"@([\w.-]+(?:@[\w.-]+)?)")
_ADDRESS = re.compile(r"(?:https?|at)://[^\s\"'<>]+")
_END = re.compile(r"[?#,;)\]]")
_PROFILES = frozenset({"x.com", "twitter.com", "bsky.app"})
"""Hosts whose addresses name accounts without a server; elsewhere a part like ``kunta`` is only a word."""
_TELLING = re.compile(r"did:|(?=.*\d)[\w.-]{10,}$")
"""An id is told from a word by its look."""
_LONGEST = 300
"""Characters of an identifier."""


class Marks:
    """The marks of what was erased, as they stand in a transaction."""

    def __init__(self, keys: Sequence[Key], marks: frozenset[str]) -> None:
        self._keys = keys
        self._marks = marks
        self._known: dict[tuple[str, str], str | None] = {}
        self._innocent: set[tuple[str, str]] = set()
        """Texts of payloads that were looked at: most stand in many of them."""

    def __bool__(self) -> bool:
        return bool(self._marks)

    def find(self, network: str, identifier: str) -> str | None:
        """Return the mark of an erased account, handle or post; None for all others."""
        known = self._known.get((network, identifier), "")
        if known == "":
            found = (key.mark(network, identifier) for key in self._keys)
            known = self._known[network, identifier] = next((mark for mark in found if mark in self._marks), None)
        return known

    def speaks(self, network: str, text: str) -> bool:
        """Return whether a text names somebody erased, or a post of theirs, by an identifier or an address."""
        return any(self.find(network, identifier) for identifier in identifiers(text))

    def owner(self, post: Post) -> str | None:
        """Return the mark for which a post may not be stored: its author's, its own, or that of what it repeats."""
        named = [post.native_id, post.repost_of, post.discussion if post.repost_of else None]
        if post.author is not None:
            named += [post.author.native_id, post.author.handle]
        return next((mark for one in named if one and (mark := self.find(post.network, one))), None)

    def cleaned(self, post: Post) -> Post:
        """Return somebody else's post without what it carries of erased people."""
        network = post.network
        text = None if post.text is None else self.masked(network, post.text)
        links = tuple(link for link in post.links if not self.speaks(network, link)) if post.links else ()
        pointers = (post.reply_to, post.quote_of, post.repost_of, post.discussion)
        reply_to, quote_of, repost_of, discussion = pointed = tuple(self.pointer(network, one) for one in pointers)
        raw = None if post.raw and self.payload_speaks(network, post.raw) else post.raw
        if text == post.text and links == post.links and pointed == pointers and raw == post.raw:
            return post
        return replace(
            post,
            text=text,
            links=links,
            # A text that was changed is not whole, and X's may only be shown whole.
            cut_from=len(post.text or "") if text != post.text and post.cut_from is None else post.cut_from,
            reply_to=reply_to,
            quote_of=quote_of,
            repost_of=repost_of,
            discussion=discussion,
            raw=raw,
        )

    def masked(self, network: str, text: str) -> str:
        """Return a text in which no handle and no address of an erased person stands."""
        if "@" not in text and "://" not in text:
            return text

        def address(found: re.Match[str]) -> str:
            return MASK if self.speaks(network, found[0]) else found[0]

        def mention(found: re.Match[str]) -> str:
            name = found[1].rstrip(".-")
            return f"@{MASK}{found[1][len(name) :]}" if self.find(network, name) else found[0]

        return _MENTION.sub(mention, _ADDRESS.sub(address, text))

    def pointer(self, network: str, native_id: str | None) -> str | None:
        """Return to what a post points: an erased post by its mark."""
        if native_id is None or native_id.startswith(MARKED):
            return native_id
        if mark := self.find(network, native_id):
            return MARKED + mark
        if "://" in native_id and self.speaks(network, native_id):
            return MARKED + self._keys[0].mark(network, native_id)
        return native_id

    def payload_speaks(self, network: str, payload: bytes) -> bool:
        """Return whether a payload carries anything of an erased person, as one that quotes them does."""
        try:
            found = _leaves(msgspec.json.decode(payload), [])
        except msgspec.DecodeError:
            found = [payload.decode(errors="replace")]
        for leaf in found:
            if (network, leaf) in self._innocent:
                continue
            if self.speaks(network, leaf):
                return True
            self._innocent.add((network, leaf))
        return False


class Gate:
    """Lets changes of posts in, less what may not be stored."""

    def __init__(self, database: Database, custody: Custody) -> None:
        self._database = database
        self._custody = custody

    def marks(self, connection: Connection) -> Marks:
        """Return the marks as they stand.

        Raises:
            ErasureKeyError: the key that made them is not at hand.
        """
        rows = self._database.rows(connection, "SELECT mark, key_id FROM erasures")
        if not rows:
            return Marks((), frozenset())
        return Marks(self._custody.keys.for_marks(row[1] for row in rows), frozenset(row[0] for row in rows))

    def admit(self, connection: Connection, changes: Sequence[Change]) -> Sequence[Change]:
        """Return the changes that may be made, others' posts cleaned of what they carry of erased people.

        Raises:
            ErasureKeyError: nobody can tell whose posts may not be stored.
        """
        marks = self.marks(connection)
        if not marks:
            return changes
        refused: Counter[str] = Counter()
        admitted: list[Change] = []
        for change in changes:
            if not isinstance(change, Insert | Update):
                admitted.append(change)
            elif mark := marks.owner(change.post):
                refused[mark] += 1
            else:
                admitted.append(_cleaned(change, marks))
        self._database.run_many(
            connection,
            "UPDATE erasures SET refused = refused + ? WHERE mark = ?",
            [(count, mark) for mark, count in sorted(refused.items())],
        )
        return admitted


def _cleaned(change: Insert | Update, marks: Marks) -> Insert | Update:
    earlier = tuple(marks.cleaned(post) for post in change.earlier)
    post = marks.cleaned(change.post)
    if post is change.post and earlier == change.earlier:
        return change
    if isinstance(change, Update):
        return Update(change.known, post, earlier)
    return Insert(*marked(post), earlier)


def identifiers(text: str) -> Iterator[str]:
    """Yield what in a text may name an account or a post: itself, its mentions, its addresses and their parts."""
    if len(text) <= _LONGEST and " " not in text:
        yield text.strip().removeprefix("@")
    if "@" in text:
        yield from (found[1].rstrip(".-") for found in _MENTION.finditer(text))
    if "://" not in text:
        return
    for found in _ADDRESS.finditer(text):
        yield found[0]
        _, _, host, *path = found[0].split("/")
        yield host
        for part in path:
            name = _END.split(part, maxsplit=1)[0]
            if name:
                name = name.removeprefix("@")
                yield f"{name}@{host}"
                if host.removeprefix("www.").removeprefix("mobile.") in _PROFILES or _TELLING.match(name):
                    yield name


def months_before(now: datetime, months: int) -> datetime:
    """Return the same day and time some months ago, or that month's last day."""
    years, month = divmod(now.month - 1 - months, 12)
    for day in range(now.day, 27, -1):
        try:
            return now.replace(year=now.year + years, month=month + 1, day=day)
        except ValueError:
            continue
    return now.replace(year=now.year + years, month=month + 1, day=min(now.day, 28))


def _leaves(value: object, found: list[str]) -> list[str]:
    if isinstance(value, str):
        found.append(value)
    elif isinstance(value, dict):
        for one in value.values():
            _leaves(one, found)
    elif isinstance(value, list):
        for one in value:
            _leaves(one, found)
    elif isinstance(value, int):
        found.append(str(value))
    return found
