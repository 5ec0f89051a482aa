"""Near-identical texts of a span are marked as copies of one, so that a text counts once however often it is posted."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runtime.wiring import Program

_FACT = "index copies"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_POSTS = 20_000
"""Among which copies are looked for at once when a whole corpus is marked: they fit into 100 MB of memory."""


def mark_copies(program: "Program", start_at: datetime, end_at: datetime) -> int:
    """Group near-identical texts of posts created in [start_at, end_at) and return how many groups there are.

    Reposts need no mark: they name their original. A group keeps the mark that one of its posts had before.
    """
    from language.duplicates import clusters

    posts = program.corpus.posts.originals(start_at, end_at)
    groups: dict[int, list[int]] = {}
    for position, group in enumerate(clusters([text for _, _, text, _ in posts])):
        groups.setdefault(group, []).append(position)
    marks: dict[int, str] = {}
    copied = [[posts[position] for position in members] for members in groups.values() if len(members) > 1]
    for members in copied:
        mark = next((cluster for _, _, _, cluster in members if cluster is not None), members[0][1])
        marks |= {post_id: mark for post_id, _, _, cluster in members if cluster != mark}
    program.corpus.posts.set_clusters(marks)
    return len(copied)


def mark_new_copies(program: "Program", progress: Callable[[int, int], None]) -> int:
    """Mark copies in every span of days that got posts since the last time, and return how many groups are in them.

    The spans that are left are remembered, so that a kill loses the work on one at most.
    """
    facts = program.corpus.facts
    known = facts.get(_FACT) or {"mark": 0, "left": []}
    days = program.corpus.posts.days()
    mark = max((last for _, _, last in days), default=0)
    left = [tuple(span) for span in known["left"]]
    left += [span for span in spans(days, behind=known["mark"]) if span not in left]
    facts.put(_FACT, {"mark": mark, "left": left}, now=program.clock())
    found = 0
    for done, (first, end) in enumerate(left):
        progress(done, len(left))
        found += mark_copies(program, _EPOCH + timedelta(days=first), _EPOCH + timedelta(days=end))
        facts.put(_FACT, {"mark": mark, "left": left[done + 1 :]}, now=program.clock())
    progress(len(left), len(left))
    return found


def spans(days: Sequence[tuple[int, int, int]], *, behind: int) -> list[tuple[int, int]]:
    """Return spans of days that got posts behind an id, each as its first day and the day after its last.

    All days are laid into as few spans as hold ``_MOST_POSTS`` posts each; a day is never cut.

    Args:
        days: each with its number of posts and the id of its post that came in last, oldest first.
        behind: our id of a post.
    """
    packed: list[tuple[int, int, int, int]] = []
    for day, posts, last in days:
        if packed and packed[-1][2] + posts <= _MOST_POSTS:
            first, _, before, newest = packed[-1]
            packed[-1] = (first, day + 1, before + posts, max(newest, last))
        else:
            packed.append((day, day + 1, posts, last))
    return [(first, end) for first, end, _, newest in packed if newest > behind]
