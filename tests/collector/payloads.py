"""Invented payloads and the posts that they mean, as JSON that a person can read."""

import dataclasses
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from corpus.post import Author, Counts, Post

PAYLOADS = Path(__file__).parent.parent / "payloads"


def payload(name: str) -> bytes:
    """Return a payload as its network would send it."""
    return (PAYLOADS / name).read_bytes()


def expected(network: str) -> list[dict[str, Any]]:
    """Return the posts that a network's payloads mean."""
    posts: list[dict[str, Any]] = json.loads((PAYLOADS / network / "expected.json").read_text("utf-8"))
    return posts


def readable(post: Post) -> dict[str, Any]:
    """Return what a post says, without what it does not say, how it came in , its payload and quotes."""
    fields = {name.name: getattr(post, name.name) for name in dataclasses.fields(post)}
    del fields["raw"], fields["via"], fields["network"], fields["quotes"]
    return {name: _plain(value) for name, value in fields.items() if value not in (None, ())}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Author | Counts):
        return {name: inner for name, inner in msgspec.structs.asdict(value).items() if inner is not None}
    return value
