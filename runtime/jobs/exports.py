"""What was exported, and who must be told of what."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corpus.exports import Export, Recall

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


def recall_json(recall: "Recall") -> dict[str, object]:
    """Return what must be removed from one export as JSON."""
    return {
        "export": recall.export.export_id,
        "person": recall.export.person or None,
        "plan": recall.export.plan or None,
        "posts": [{"network": one.network, "native_id": one.native_id, "why": one.why} for one in recall.posts],
    }


def recall_lines(recall: "Recall") -> list[str]:
    """Return the same as lines."""
    lines = [summary(recall), *(f"  {one.network}:{one.native_id} {one.why}" for one in recall.posts[:_SHOWN])]
    more = len(recall.posts) - _SHOWN
    return [*lines, f"  and {more} more: --json lists all"] if more > 0 else lines


def summary(recall: "Recall") -> str:
    """Return in one line who must be told of how much."""
    whose = recall.export.person or "own copy"
    plan = f", {recall.export.plan}" if recall.export.plan else ""
    posts = "1 post" if len(recall.posts) == 1 else f"{len(recall.posts)} posts"
    return f"export {recall.export.export_id} ({whose}{plan}): {posts} to remove"
