"""Entries of feeds as posts: which of them speak of the programme, and what they say.

A feed holds everything that its site writes. An entry is ours where it carries a watched hashtag, in its words or as a
category, or where the programme's or a project's name or words stand in it, inflected or not. All others are left out
without a trace.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from urllib.parse import urlsplit

import msgspec

from collector.feed_document import Entry, Feed
from collector.instants import read_instant
from corpus.post import Author, Counts, Post, Via
from language.text import hashtags_in, html_to_text, normalise, words
from programme.types import Programme

NETWORK = "feed"
_SHORT = 4
"""Letters up to which a word is only known in this very form."""
_ENDING = 6
"""Letters of an inflection at most."""
_WEAK = (
    ("kk", "k"), ("pp", "p"), ("tt", "t"), ("nk", "ng"), ("nt", "nn"), ("mp", "mm"), ("lt", "ll"), ("rt", "rr"),
    ("t", "d"), ("p", "v"), ("k", ""),
)  # fmt: skip
"""Finnish consonants that change before an ending: kunta, kunnan."""
_VOWELS = frozenset("aeiouyäö")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.ASCII | re.IGNORECASE)
_POINTS = ".,;:!?()[]\"'-–—«»”“’"


@dataclass(frozen=True)
class Watched:
    """What makes an entry ours."""

    hashtags: tuple[str, ...]
    phrases: tuple[tuple[str, ...], ...]
    """Names and words, casefolded, word by word."""

    @classmethod
    def of(cls, programme: Programme) -> "Watched":
        """Return what a programme watches in feeds."""
        named = [*programme.name.by_language.values(), *programme.page.by_language.values()]
        for project in programme.projects:
            named += [*project.name.by_language.values(), *project.words]
        phrases = (tuple(_tokens(name)) for name in named)
        return cls(programme.hashtags, tuple(dict.fromkeys(phrase for phrase in phrases if phrase)))

    @cached_property
    def fingerprint(self) -> str:
        """A short text that changes with what is watched: a feed that has not changed is then read again."""
        return fingerprint("\n".join((*self.hashtags, *map(" ".join, self.phrases))))

    def found_in(self, said: "Said") -> Via | None:
        """Return how an entry came to be ours; None where it is not."""
        if not said.filed.union(said.hashtags).isdisjoint(self.hashtags):
            return "hashtag"
        tokens = list(_tokens(said.all))
        return "word" if any(_stands_in(phrase, tokens) for phrase in self._forms) else None

    @cached_property
    def _forms(self) -> tuple[tuple[tuple[str, ...], ...], ...]:
        return tuple(tuple(_stems(word) for word in phrase) for phrase in self.phrases)


@dataclass(frozen=True)
class Said:
    """What an entry says, as plain text."""

    title: str
    body: str
    more: str
    categories: tuple[str, ...]

    @classmethod
    def by(cls, entry: Entry) -> "Said":
        """Return what a reader of an entry sees."""
        return cls(
            " ".join(_plain(entry.title, is_html=entry.title_is_html).split()),
            _plain(entry.body, is_html=entry.body_is_html),
            _plain(entry.more, is_html=True),
            entry.categories,
        )

    @property
    def text(self) -> str:
        """Title and summary, which are what is kept."""
        return f"{self.title}\n{self.body}".strip()

    @property
    def all(self) -> str:
        """Title, summary and content, in which we look."""
        return f"{self.title}\n{self.body}\n{self.more}"

    @cached_property
    def hashtags(self) -> tuple[str, ...]:
        """Hashtags of all that it says."""
        return hashtags_in(self.all)

    @cached_property
    def filed(self) -> frozenset[str]:
        """Its categories in the form of hashtags: "Tulevaisuuden kunta" is one word."""
        return frozenset("".join(one.casefold().split()).lstrip("#\uff03") for one in self.categories)


def as_post(entry: Entry, feed: Feed, watched: Watched, *, address: str, now: datetime, text_limit: int) -> Post | None:
    """Return the post that an entry is, None where it is not ours; its author is the site, not who wrote for it.

    Args:
        entry: the entry.
        feed: which it stands in.
        watched: what makes it ours.
        address: of the feed, which names the site where the feed does not.
        now: the present instant, against dates from the future.
        text_limit: characters of the text that are kept.

    Raises:
        ValueError: it is ours, and the reason says what is missing or wrong.
    """
    said = Said.by(entry)
    via = watched.found_in(said)
    if via is None:
        return None
    host = site_of(feed, address)
    native_id = identity(entry, host)
    if native_id is None:
        raise ValueError("neither id nor link is there")
    link = web_address(entry.link)
    created_at = _created_at(entry, now)
    edited_at = entry.updated_at
    return Post(
        network=NETWORK,
        native_id=native_id,
        author=Author(native_id=host, handle=host, name=_line(feed.title)),
        text=said.text[:text_limit],
        created_at=created_at,
        via=via,
        url=link,
        lang=feed.language or entry.language,
        edited_at=edited_at if edited_at is not None and created_at < edited_at <= now else None,
        hashtags=tuple(dict.fromkeys((*said.hashtags, *(tag for tag in watched.hashtags if tag in said.filed)))),
        links=(link,) if link else (),
        counts=Counts(replies=entry.comments),
        cut_from=len(said.text) if len(said.text) > text_limit else None,
        raw=_payload(entry),
    )


def identity(entry: Entry, host: str) -> str | None:
    """Return what names an entry everywhere: its id, else its link.

    An id without a scheme, such as a number, is known to its own feed only and is told apart by the site.
    """
    if entry.native_id:
        return entry.native_id if _SCHEME.match(entry.native_id) else f"{host}/{entry.native_id}"
    return web_address(entry.link)


def site_of(feed: Feed, address: str) -> str:
    """Return the host of a feed's site, without ``www.``."""
    for named in (feed.link, address):
        try:
            host = urlsplit(named or "").hostname
        except ValueError:
            continue
        if host:
            return host.casefold().removeprefix("www.")
    return address


def fingerprint(text: str) -> str:
    """Return a short text that stands for a long one."""
    return blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def web_address(written: str | None) -> str | None:
    """Return an address of the web; None for anything else."""
    return written if written and written.startswith(("https://", "http://")) else None


def _created_at(entry: Entry, now: datetime) -> datetime:
    instant = entry.published_at or entry.updated_at
    return read_instant(instant.isoformat() if instant else entry.dated, now)


def _payload(entry: Entry) -> bytes:
    fields = {name: getattr(entry, name) for name in ("native_id", "link", "title", "body", "categories", "dated")}
    return msgspec.json.encode({name: value for name, value in fields.items() if value})


def _plain(written: str, *, is_html: bool) -> str:
    return (html_to_text(written) if is_html else written.strip()) if written else ""


def _line(written: str | None) -> str | None:
    return " ".join(html_to_text(written).split()) or None if written else None


def _tokens(text: str) -> Iterator[str]:
    """Yield the words, casefolded; numbers too, since a name may end in a year."""
    for piece in normalise(text).split():
        yield from words(piece) or filter(str.isalnum, [piece.strip(_POINTS)])


def _stems(word: str) -> tuple[str, ...]:
    """Return what a word's inflected forms begin with."""
    length = len(word)
    if length < _SHORT or not word.isalpha():
        return (word,)
    cut = 0 if length == _SHORT else 1 if length <= _SHORT + 2 else 2 if length <= 2 * _SHORT else 3
    for strong, weak in _WEAK:
        if word[-1] in _VOWELS and word[:-1].endswith(strong):
            return word[: length - cut], word[: -1 - len(strong)] + weak + word[-1]
    return (word[: length - cut],)


def _stands_in(phrase: tuple[tuple[str, ...], ...], tokens: list[str]) -> bool:
    first, *others = phrase
    return any(
        _is_form(tokens[start], first)
        and all(_is_form(token, stems) for token, stems in zip(tokens[start + 1 :], others, strict=False))
        and len(tokens) - start > len(others)
        for start in range(len(tokens))
    )


def _is_form(token: str, stems: Iterable[str]) -> bool:
    for stem in stems:
        if len(stem) < _SHORT or not stem.isalpha():
            if token == stem or token.startswith((f"{stem}:", f"{stem}-")):
                return True
        elif token.startswith(stem) and len(token) <= len(stem) + _ENDING:
            return True
    return False
