"""How a week differs from what its issue printed, by cause, pure: no change of the past goes unexplained."""

from collections import Counter
from collections.abc import Iterable, Sequence

from corpus.post import ClassifiedPost
from digest.issue import Corrections, Counted, Issue, Recount
from digest.tally import discussion_of, discussions, key_of, standing
from programme.types import NONE, UNSURE


def counted(posts: Sequence[ClassifiedPost], slugs: Sequence[str]) -> tuple[Counted, ...]:
    """Return what the numbers rest on: each counted post with its line of the table and its discussion, by key."""
    exchanges = {key_of(p.stored.post) for thread in discussions(posts) for p in thread}
    rows = [
        Counted(
            post=(key := key_of(p.stored.post)),
            standing=standing(p, slugs),
            by=p.theme_by,
            discussion=discussion_of(p) if key in exchanges else None,
        )
        for p in posts
    ]
    return tuple(sorted(rows, key=lambda row: row.post))


def corrections(printed: Issue, posts: Sequence[ClassifiedPost], slugs: Sequence[str]) -> Corrections:
    """Return how a week's posts, counted now, differ from those that its issue printed.

    A post that moved was moved by a label where a person's label decides now and did not decide the same way before,
    else by the classifier. One that was not printed is late; one that no longer counts was deleted.
    """
    then = {row.post: row for row in printed.counted}
    now = {row.post: row for row in counted(posts, slugs)}
    causes: dict[str, Counter[str]] = {cause: Counter() for cause in ("labels", "model", "late", "deletions")}
    moved: Counter[str] = Counter()
    for key in then.keys() | now.keys():
        old, new = then.get(key), now.get(key)
        cause = _cause(old, new)
        if cause is None:
            continue
        moved[cause] += 1
        if old:
            causes[cause][old.standing] -= 1
        if new:
            causes[cause][new.standing] += 1
    lines = (*slugs, *sorted({row.standing for row in printed.counted} - {*slugs, NONE, UNSURE}), NONE, UNSURE)
    rows = [_recount(slug, then.values(), now.values(), causes) for slug in lines]
    return Corrections(
        week=printed.week,
        labels=moved["labels"],
        model=moved["model"],
        late=moved["late"],
        deletions=moved["deletions"],
        rows=tuple(row for row in rows if row.printed != row.now),
    )


def _cause(old: Counted | None, new: Counted | None) -> str | None:
    if old is None:
        return "late"
    if new is None:
        return "deletions"
    if old.standing == new.standing:
        return None
    # A label taken back leaves the classifier's word, but a person moved the post.
    return "labels" if "label" in (new.by, old.by) else "model"


def _recount(slug: str, then: Iterable[Counted], now: Iterable[Counted], causes: dict[str, Counter[str]]) -> Recount:
    return Recount(
        slug=slug,
        printed=sum(row.standing == slug for row in then),
        now=sum(row.standing == slug for row in now),
        by_labels=causes["labels"][slug],
        by_model=causes["model"][slug],
        by_late=causes["late"][slug],
        by_deletions=causes["deletions"][slug],
    )
