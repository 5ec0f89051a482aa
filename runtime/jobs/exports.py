"""What was exported, and who must be told of what."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corpus.exports import Available, Export, Recall, Recalled

_SHOWN = 20
"""Posts of an export that a terminal lists; JSON has all."""


def as_json(export: "Export") -> dict[str, object]:
    """Return an export as JSON."""
    return {
        "export": export.export_id,
        "at": export.made_at.isoformat(),
        "by": export.made_by,
        "person": export.person or None,
        "plan": export.plan or None,
        "projection": export.projection,
        "format": export.format,
        "query": dict(export.query),
        "posts": export.posts,
        "sha256": export.sha256,
        "corpus": dict(export.corpus_state),
        "told_at": export.told_at and export.told_at.isoformat(),
    }


def still_json(available: "Available") -> dict[str, object]:
    """Return how much of an export is still as it was, as JSON."""
    return {"held": available.posts, "available": available.still, "networks": dict(available.export.networks)}


def recall_json(recall: "Recall", key: str | None) -> dict[str, object]:
    """Return what must be removed from one export as JSON, by the ids that the export has."""
    return {
        "export": recall.export.export_id,
        "person": recall.export.person or None,
        "plan": recall.export.plan or None,
        "posts": [{"network": one.network, "native_id": shown, "why": one.why} for one, shown in _as_held(recall, key)],
    }


def _as_held(recall: "Recall", key: str | None) -> Iterator[tuple["Recalled", str]]:
    """Yield the posts with their ids as the export has them: pseudonyms of its plan, where the key is at hand."""
    from corpus.export.projection import Research

    research = Research(key.encode(), recall.export.plan) if key and recall.export.projection == "research" else None
    for one in recall.posts:
        ids_only = recall.export.format == "ids"
        held = one.native_id if research is None or ids_only else research.post(one.network, one.native_id)
        yield one, held or one.native_id


def recall_lines(recall: "Recall", key: str | None) -> list[str]:
    """Return the same as lines."""
    listed = list(_as_held(recall, key))[:_SHOWN]
    lines = [summary(recall), *(f"  {one.network}:{shown} {one.why}" for one, shown in listed)]
    more = len(recall.posts) - _SHOWN
    return [*lines, f"  and {more} more: --json lists all"] if more > 0 else lines


def summary(recall: "Recall") -> str:
    """Return in one line who must be told of how much."""
    whose = recall.export.person or "own copy"
    plan = f", {recall.export.plan}" if recall.export.plan else ""
    posts = "1 post" if len(recall.posts) == 1 else f"{len(recall.posts)} posts"
    return f"export {recall.export.export_id} ({whose}{plan}): {posts} to remove"
