"""Discussions: found by words, theme, network, place and time; read as people read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, Response

from console.address import discussion_path, named_post, with_query
from console.paper import Face, page, refusal
from console.thread import Branch, grown
from console.views.asked import Asked, asked, place_name, place_names
from console.views.shown import Entry, Seen, entry, language_of, seen, title
from corpus.question import QuestionError

if TYPE_CHECKING:
    from corpus.post import ClassifiedPost

ENTRIES = 12
"""Posts that are looked for on a page of the list; a discussion of which several answer stands there once."""
POSTS = 40
"""Of a discussion on one page."""
_PLACES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was found."""

    entries: tuple[Entry, ...] = ()
    said: str = ""
    next_key: str | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A discussion as its page shows it."""

    title: str
    language: str
    path: str
    posts: str
    writers: str
    days: str
    places: str
    tops: tuple[Branch[Seen], ...]
    span: str
    """Which of its posts these are; empty where they are all."""
    earlier: str
    later: str
    """Addresses of its neighbouring pages."""


def show_list(face: Face) -> Response:
    """Return the list, with its first discussion beside it."""
    wanted = asked(face)
    answer = _answer(face, wanted)
    first = named_post(answer.entries[0].name) if answer.entries else None
    thread = _thread(face, *first, wanted=wanted, is_asked=False) if first else None
    return _page(face, wanted, answer, thread, face.t("discussions.title"))


def show_one(face: Face) -> Response:
    """Return a discussion by the address of any of its posts; beside it the list that led here."""
    post = named_post(face.request.path_params["name"])
    wanted = asked(face)
    thread = _thread(face, *post, wanted=wanted, is_asked=True) if post else None
    if thread is None:
        return refusal(face, "discussions", "error.discussion.title", 404)
    with_list = wanted.is_anything or "list" in face.request.query_params
    return _page(face, wanted, _answer(face, wanted) if with_list else None, thread, thread.title)


def _page(face: Face, wanted: Asked, answer: Answer | None, thread: Thread | None, heading: str) -> Response:
    html = page(
        face,
        "discussions.html.j2",
        current="discussions",
        title=heading,
        wanted=wanted,
        answer=answer,
        thread=thread,
        places=place_names(face) if answer else [],
        address=lambda path, key=None: with_query(path, {**wanted.fields, "after": key, "list": "1"}),
        key=face.request.query_params.get("after"),
    )
    return HTMLResponse(html)


def _answer(face: Face, wanted: Asked) -> Answer:
    key = face.request.query_params.get("after") or None
    try:
        return _found(face, wanted, key) if wanted.fields["q"] else _recent(face, wanted, key)
    except QuestionError as error:
        return Answer(fault=face.t(f"search.fault.{error.reason}"))


def _found(face: Face, wanted: Asked, key: str | None) -> Answer:
    found = face.house.find(wanted.fields["q"], wanted.filters, limit=ENTRIES, key=key)
    spans = {hit.post.stored.post_id: hit.spans for hit in found.hits}
    listed = face.house.corpus.recent.listed(tuple(spans))
    return Answer(
        entries=tuple(entry(face, one, spans[one.shown.stored.post_id]) for one in listed),
        said=face.n("search.found" if found.is_total_exact else "search.more_than", found.total),
        next_key=found.next_key,
    )


def _recent(face: Face, wanted: Asked, key: str | None) -> Answer:
    recent = face.house.corpus.recent
    newest = recent.page(wanted.filters, limit=ENTRIES, key=key)
    entries = tuple(entry(face, one, ()) for one in recent.listed(newest.post_ids))
    said = face.t("search.newest") if entries else face.t("search.look_on" if newest.next_key else "search.nothing")
    return Answer(entries=entries, said=said, next_key=newest.next_key)


def _thread(face: Face, network: str, native_id: str, *, wanted: Asked, is_asked: bool) -> Thread | None:
    """Return the discussion of a post; None where nobody knows the post."""
    corpus = face.house.corpus
    posts = corpus.discussions.tree(network, native_id)
    if not posts:
        alone = corpus.posts.by_native_id(network, native_id)
        if alone is None:
            return None
        posts = [(0, alone)]
    place = next(n for n, (_, one) in enumerate(posts) if _key(one) == (network, native_id))
    start = _start(face, place if is_asked else 0, len(posts))
    first = min((one for _, one in posts), key=lambda one: (one.stored.post.created_at, *_key(one)))
    path = discussion_path(*_key(first))
    figures = corpus.discussions.whole([first.stored.post_id]).get(first.stored.post_id)
    last = max(one.stored.post.created_at for _, one in posts)
    shown = posts[start : start + POSTS]

    def neighbour(at: int) -> str:
        if not 0 <= at < len(posts):
            return ""
        return with_query(path, {**wanted.fields, "start": str(at), "list": "1"}) + "#thread"

    return Thread(
        title=title(face, first),
        language=language_of(face, first),
        path=path,
        posts=face.n("discussions.posts", figures.posts if figures else len(posts)),
        writers=face.n("discussions.writers", figures.writers) if figures else "",
        days=face.when(first.stored.post.created_at, figures.last_at if figures else last),
        places=_places(face, [one for _, one in posts]),
        tops=tuple(grown(_seen(face, shown, start, (network, native_id) if is_asked else None))),
        span=""
        if len(shown) == len(posts)
        else face.t("thread.span", first=start + 1, last=start + len(shown), all=face.speak.number(len(posts))),
        earlier=neighbour(start - POSTS),
        later=neighbour(start + POSTS),
    )


def _start(face: Face, place: int, posts: int) -> int:
    """Return the first post of the page that is asked for, else of that on which a post stands."""
    said = face.request.query_params.get("start", "")
    at = int(said) if said.isascii() and said.isdecimal() and len(said) < 8 else place  # noqa: PLR2004 - more are no discussion
    return at // POSTS * POSTS if at < posts else place // POSTS * POSTS


def _seen(
    face: Face, posts: Sequence[tuple[int, "ClassifiedPost"]], start: int, asked_for: tuple[str, str] | None
) -> list[tuple[int, Seen]]:
    found = []
    before = ""
    for number, (depth, post) in enumerate(posts, start=start + 1):
        network = post.stored.post.network
        crossing = depth == 0 and before not in ("", network)
        if depth == 0:
            before = network
        one = seen(face, post, anchor=f"p{number}", crossing=crossing, is_asked=_key(post) == asked_for)
        found.append((depth, one))
    return found


def _places(face: Face, posts: Sequence["ClassifiedPost"]) -> str:
    spoken = face.house.corpus.posts.municipalities([one.stored.post_id for one in posts])
    codes = dict.fromkeys(code for places in spoken.values() for code, _ in places)
    names = [place_name(face, code) for code in list(codes)[:_PLACES]]
    return face.t("thread.places", names=face.speak.listed(names)) if names else ""


def _key(post: "ClassifiedPost") -> tuple[str, str]:
    return post.stored.post.network, post.stored.post.native_id
