"""Finland's outlines, drawn once and kept in a file beside this one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlines:
    """The areas of one kind, as paths of an SVG."""

    width: int
    height: int
    paths: Mapping[str, str]
    """By code of the area."""


@lru_cache(maxsize=3)
def outlines(kind: str) -> Outlines:
    """Return the outlines of ``municipality``, ``region`` or ``county``; see ``borders.SOURCE.md``."""
    drawn = json.loads(Path(__file__).with_name("borders.json").read_text("utf-8"))
    return Outlines(width=drawn["width"], height=drawn["height"], paths=drawn["areas"][kind])
