"""Posts and discussions in words: what staff see of what strangers wrote."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.address import discussion_path
from console.paper import Face, Shelf
from console.tongue import language_tag
from digest.inert import inert, one_line, shorten, web_address
from digest.week import as_shown

if TYPE_CHECKING:
    from corpus.discussion import Discussion
    from corpus.post import ClassifiedPost, Prediction
    from corpus.recent import Listed

TITLE = 90
"""Characters of a discussion's name."""
EXCERPT = 140
_BEFORE = 40
"""Of them before the first word that was found."""
_SURE, _FAIRLY = 0.8, 0.6
_TAKEN_BACK = frozenset({"deleted", "erased"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A post's theme, and who says so."""

    theme: Shelf
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A post on a page."""

    anchor: str
    network: str
    name: str
    """Display name; empty where there is none to show."""
    handle: str
    url: str | None
    """On its network."""
    at: str
    text: str
    """Empty where ``gone`` says why."""
    gone: str
    language: str
    edited: str
    judged: Judged | None
    came: str
    """How it came in."""
    crossing: str
    """That the discussion goes on elsewhere, before a post that answers nothing on its own network."""
    is_asked: bool
    """Whether the address names this very post."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A discussion in the list."""

    name: str
    """Network and native id of its earliest post, with a colon between."""
    path: str
    title: str
    language: str
    excerpt: tuple[tuple[str, bool], ...]
    """Pieces of the post that answers, and whether they are what was looked for."""
    excerpt_language: str
    theme: Shelf
    posts: str
    days: str
    networks: str


def entry(face: Face, listed: "Listed", spans: Sequence[tuple[int, int]]) -> Entry:
    """Return a discussion as the list shows it."""
    first, shown, found = listed.first.stored, listed.shown.stored, listed.discussion
    post = first.post
    return Entry(
        name=f"{post.network}:{post.native_id}",
        path=discussion_path(post.network, post.native_id),
        title=title(face, listed.first),
        language=language_of(face, listed.first),
        excerpt=_excerpt(shown.post.text or "", spans, is_first=shown.post_id == first.post_id),
        excerpt_language=language_of(face, listed.shown),
        theme=face.theme(_theme(found) if found else listed.shown.standing),
        posts=face.n("discussions.posts", found.posts if found else 1),
        days=face.when(found.first_at, found.last_at) if found else face.when(post.created_at, post.created_at),
        networks=", ".join(face.speak.network(network) for network in (found.networks if found else (post.network,))),
    )


def title(face: Face, first: "ClassifiedPost") -> str:
    """Return what a discussion is called: the beginning of its earliest post."""
    text = one_line(text_of(first))
    return shorten(text, TITLE) if text else _gone(face, first)


def seen(face: Face, post: "ClassifiedPost", *, anchor: str, crossing: bool, is_asked: bool) -> Seen:
    """Return a post as the page of its discussion shows it."""
    told = post.stored.post
    text = text_of(post)
    author = told.author if text else None
    return Seen(
        anchor=anchor,
        network=face.speak.network(told.network),
        name=one_line((author and author.name) or "")[:120],
        handle=one_line((author and author.handle) or "")[:120].removeprefix("@"),
        url=web_address(told.url) if text else None,
        at=face.moment(told.created_at),
        text=text,
        gone="" if text else _gone(face, post),
        language=language_of(face, post),
        edited=face.t("thread.edited", when=face.moment(told.edited_at)) if told.edited_at and text else "",
        judged=_judged(face, post) if text else None,
        came=face.t(f"thread.via.{told.via}"),
        crossing=face.t("thread.crossing", network=face.speak.network(told.network)) if crossing else "",
        is_asked=is_asked,
    )


def text_of(post: "ClassifiedPost") -> str:
    """Return a post's text as pages may show it; empty where it was taken back."""
    told = post.stored.post
    if told.gone is not None or told.text is None:
        return ""
    return inert(as_shown(told.text) if told.network == "x" else told.text).strip()


def _gone(face: Face, post: "ClassifiedPost") -> str:
    """Return the line of a post without text; who took it away is nobody's business."""
    told = post.stored.post
    if told.gone in _TAKEN_BACK:
        return face.t("thread.gone")
    return face.t("thread.not_shown" if told.gone else "thread.without_text")


def _judged(face: Face, post: "ClassifiedPost") -> Judged:
    if post.labels:
        by = face.t("thread.by.label", who=one_line(post.labels[-1].by)[:40])
    elif post.prediction is None:
        by = ""
    else:
        by = sureness(face, post.prediction)
    return Judged(theme=face.theme(post.standing), by=by)


def sureness(face: Face, prediction: "Prediction") -> str:
    """Return in words how sure the classifier is."""
    sure = prediction.confidence
    return face.t("thread.by." + ("sure" if sure >= _SURE else "fairly" if sure >= _FAIRLY else "unsure"))


def language_of(face: Face, post: "ClassifiedPost") -> str:
    """Return in which language a post's text stands on a page, or the line in its place."""
    return language_tag(post.stored.lang or post.stored.post.lang) if text_of(post) else face.language


def _theme(found: "Discussion") -> str:
    """Return the theme of most posts; a theme of the programme before none and unclear ones."""
    last = ("none", "unsure", "unclassified")
    counts = {theme: sum(ways.values()) for theme, ways in found.themes.items()}
    return min(counts, key=lambda theme: (theme in last, -counts[theme], theme), default="unclassified")


def _excerpt(text: str, spans: Sequence[tuple[int, int]], *, is_first: bool) -> tuple[tuple[str, bool], ...]:
    """Return the part of a text around what was found, on one line; nothing where the title says it already."""
    if not spans and is_first:
        return ()
    start = max(0, (spans[0][0] if spans else 0) - _BEFORE)
    if start:
        blank = text.find(" ", start, spans[0][0])
        start = blank + 1 if blank >= 0 else start
    end = start + EXCERPT
    pieces: list[tuple[str, bool]] = [("…", False)] if start else []
    place = start
    for first, last in spans:
        if first >= end:
            break
        pieces += [(text[place:first], False), (text[first:last], True)]
        place = last
    pieces += [(text[place : max(end, place)], False), ("…" if end < len(text) else "", False)]
    return tuple((_flat(piece), found) for piece, found in pieces if piece)


def _flat(text: str) -> str:
    """Return a piece of a text on one line; the blanks at its ends stay."""
    flat = one_line(text)
    before = " " if text[:1].isspace() else ""
    after = " " if flat and text[-1:].isspace() else ""
    return f"{before}{flat}{after}"
