"""What one answer of a server of Mastodon holds, be it a timeline, a discussion, or statuses asked for by their ids."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from msgspec import Raw

from collector.mastodon_notes import Local
from collector.mastodon_post import NOT_PUBLIC, Status, Viewpoint, as_post, read_status
from collector.source import Rejected, Sighting
from collector.unreadable import UNREADABLE, reason_of, rejection
from corpus.post import Gone, Post


@dataclass(slots=True, kw_only=True)
class Answer:
    """One answer, converted."""

    posts: list[Post] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    local: list[Local] = field(default_factory=list)
    """Under which ids the server shows the posts."""
    ids: list[str] = field(default_factory=list)
    """The server's own ids, newest first."""
    places: dict[int, str] = field(default_factory=dict)
    """The same by their place in the answer."""
    has_next: bool | None = None
    """What the Link header says; None where the server sends none."""


def converted(raws: Sequence[Raw], view: Viewpoint, *, has_next: bool | None = None) -> Answer:
    """Return statuses as posts; what the ids among them mean is added to the view."""
    found = Answer(has_next=has_next)
    statuses: list[tuple[int, Raw, Status]] = []
    for position, raw in enumerate(raws, start=1):
        try:
            statuses.append((position, raw, read_status(raw)))
        except UNREADABLE as error:
            found.rejected.append(rejection(position, reason_of(error), bytes(raw)))
    view.uris.update({str(status.id): status.uri for _, _, status in statuses if status.uri})
    for position, raw, status in statuses:
        if status.id is not None:
            found.places[position] = str(status.id)
        payload = bytes(raw)
        try:
            post = as_post(status, payload, view)
        except ValueError as error:
            reason = str(error)
            found.rejected.append(rejection(position, reason, b"" if reason == NOT_PUBLIC else payload))
            continue
        found.posts.append(post)
        if status.id is not None:
            found.local.append(Local(uri=post.native_id, local_id=str(status.id), created_at=post.created_at))
    found.ids = list(found.places.values())
    return found


def left_out(found: Answer, asked: Mapping[str, str]) -> frozenset[str]:
    """Return the addresses whose statuses an answer does not hold, readable or not, among those asked for by id."""
    shown = {post.native_id for post in found.posts}
    return frozenset(uri for uri, local_id in asked.items() if uri not in shown and local_id not in found.ids)


def seen(found: Answer, asked: AbstractSet[str], unasked: AbstractSet[str] = frozenset()) -> Sighting:
    """Return what an answer says of the statuses that it holds; one that is no longer public is not judged by that."""
    posts = [post for post in found.posts if post.native_id in asked]
    gone: dict[str, Gone] = {post.native_id: post.gone for post in posts if post.gone is not None}
    return Sighting(
        posts=tuple(post for post in posts if post.gone is None),
        gone=gone,
        unasked=frozenset(unasked),
        rejected=tuple(found.rejected),
    )
