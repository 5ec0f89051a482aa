"""Near-identical texts of a span are marked as copies of one, so that a text counts once however often it is posted."""

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runtime.wiring import Program


def mark_copies(program: "Program", start_at: datetime, end_at: datetime) -> int:
    """Group near-identical texts of posts created in [start_at, end_at) and return how many groups there are.

    Reposts need no mark: they name their original.
    """
    from language.duplicates import clusters

    posts = [
        stored
        for stored in program.corpus.posts.between(start_at, end_at)
        if stored.post.text and stored.post.repost_of is None
    ]
    groups: dict[int, list[int]] = {}
    for position, group in enumerate(clusters([stored.post.text or "" for stored in posts])):
        groups.setdefault(group, []).append(position)
    marks = {
        posts[position].post_id: posts[members[0]].post.native_id
        for members in groups.values()
        if len(members) > 1
        for position in members
    }
    known = {stored.post_id: stored.cluster for stored in posts}
    program.corpus.posts.set_clusters({post: mark for post, mark in marks.items() if known[post] != mark})
    return sum(len(members) > 1 for members in groups.values())
